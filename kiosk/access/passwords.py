"""Passphrases of staff: argon2id hashes; an unknown sign-in costs as much as a known one."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)


def hash_passphrase(passphrase: str) -> str:
    return HASHER.hash(passphrase)


@cache
def _nobody() -> str:
    return HASHER.hash("nobody has this passphrase")


def verify_passphrase(kept: str | None, passphrase: str) -> bool:
    """Whether a passphrase is the one kept; `None` is nobody's, and takes as long."""
    try:
        return HASHER.verify(kept or _nobody(), passphrase) and kept is not None
    except (VerifyMismatchError, InvalidHashError):
        return False
