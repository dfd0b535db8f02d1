"""From a passphrase or the recovery code to the master key, and from the master key to every other."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.errors import Damaged, WrongPassphrase, WrongRecoveryCode
from kiosk.vault import recovery
from kiosk.vault.cipher import KEY_BYTES, Field, open_sealed, seal

SALT_BYTES = 16
MASTER = "master"
RECOVERY = "hkdf-sha256"
MOST_COSTS = 1 << 26  # memory in KiB, times passes and lanes: 85 times our own


@dataclass(frozen=True)
class KeyCosts:
    """What argon2id costs: the default takes about 130 ms on a small computer."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4


@dataclass(frozen=True)
class Wrap:
    """The master key, wrapped; with what it takes to derive the wrapping key again."""

    parameters: str
    wrapped: bytes


def new_master_key() -> bytes:
    return os.urandom(KEY_BYTES)


def _derive(passphrase: str, salt: bytes, costs: KeyCosts) -> bytes:
    return hash_secret_raw(
        passphrase.encode(), salt, costs.passes, costs.memory_kib, costs.lanes, KEY_BYTES, Type.ID
    )


def wrap(master: bytes, passphrase: str, costs: KeyCosts) -> Wrap:
    salt = os.urandom(SALT_BYTES)
    parameters = json.dumps({"name": "argon2id", "salt": salt.hex(), **asdict(costs)})
    key = _derive(passphrase, salt, costs)
    return Wrap(parameters, seal(key, MASTER, Field.MASTER_KEY, parameters, master))


def wrap_of_nothing(costs: KeyCosts) -> Wrap:
    """Opens by no passphrase, and takes as long to say so."""
    return wrap(new_master_key(), os.urandom(KEY_BYTES).hex(), costs)


def wrap_for_recovery(master: bytes, code: bytes) -> Wrap:
    """The code is as random as a key, so that no slow derivation is needed."""
    parameters = json.dumps({"name": RECOVERY, "salt": os.urandom(SALT_BYTES).hex()})
    key = _derive_from_code(code, parameters)
    return Wrap(parameters, seal(key, MASTER, Field.MASTER_KEY, parameters, master))


def _derive_from_code(code: bytes, parameters: str) -> bytes:
    salt = bytes.fromhex(json.loads(parameters)["salt"])
    return HKDF(SHA256(), KEY_BYTES, salt=salt, info=b"intake-kiosk recovery").derive(code)


def unwrap_any(wraps: Iterable[Wrap], secret: str) -> bytes:
    """The master key, by whatever opens one of its wraps: a passphrase, or the recovery code as typed.

    Raises WrongPassphrase, and Damaged where a wrap that may have opened is not as it was written.
    """
    try:
        code = recovery.read(secret)
    except WrongRecoveryCode:
        code = None
    damaged = False
    for kept in wraps:
        try:
            if (json.loads(kept.parameters)["name"] == RECOVERY) == (code is not None):
                return unwrap(kept, secret)
        except WrongPassphrase:
            continue
        except (KeyError, TypeError, ValueError, HashingError):
            damaged = True
    raise Damaged(MASTER) if damaged else WrongPassphrase()


def unwrap(kept: Wrap, secret: str) -> bytes:
    """Raises WrongPassphrase."""
    parameters = json.loads(kept.parameters)
    if parameters["name"] == RECOVERY:
        key = _derive_from_code(recovery.read(secret), kept.parameters)
    else:
        costs = KeyCosts(parameters["memory_kib"], parameters["passes"], parameters["lanes"])
        if costs.memory_kib * costs.passes * costs.lanes > MOST_COSTS:  # a hostile file, not one of ours
            raise ValueError("this would take for ever")
        key = _derive(secret, bytes.fromhex(parameters["salt"]), costs)
    try:
        return open_sealed(key, MASTER, Field.MASTER_KEY, kept.parameters, kept.wrapped)
    except Damaged:
        raise WrongPassphrase() from None


def subkey(master: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose; its name is never changed (`tests/vault/test_yesterday.py`)."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"intake-kiosk {purpose}".encode()).derive(master)
