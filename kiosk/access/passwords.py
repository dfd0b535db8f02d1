"""Passphrases of staff: argon2id hashes; an unknown sign-in costs as much as a known one."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from kiosk.vault import KeyCosts


@cache
def _hasher(costs: KeyCosts) -> PasswordHasher:
    return PasswordHasher(costs.passes, costs.memory_kib, costs.lanes)


@cache
def _nobody(costs: KeyCosts) -> str:
    return _hasher(costs).hash("nobody has this passphrase")


def hash_passphrase(passphrase: str, costs: KeyCosts) -> str:
    return _hasher(costs).hash(passphrase)


def verify_passphrase(kept: str | None, passphrase: str, costs: KeyCosts) -> bool:
    """Whether a passphrase is the one kept; `None` is nobody's, and takes as long."""
    try:
        return _hasher(costs).verify(kept or _nobody(costs), passphrase) and kept is not None
    except (VerifyMismatchError, InvalidHashError):
        return False
