"""Opening the practice in the morning, and locking it."""

import time

from kiosk import access
from kiosk.access import Actor, Practice, Purpose
from kiosk.errors import TooManyTries, WrongPassphrase
from kiosk.vault.did import Did

FREE_TRIES = 5
_misses: dict[str, list[float]] = {}
WINDOW_SECONDS = 60.0


def unlock(practice: Practice, passphrase: str, device: str) -> None:
    """Raises WrongPassphrase, and TooManyTries after five misses in a minute from one place.

    Nothing can be written while the practice is locked, so the tries are counted in memory.
    """
    now = time.monotonic()
    recent = [at for at in _misses.get(device, []) if now - at < WINDOW_SECONDS]
    if len(recent) >= FREE_TRIES:
        raise TooManyTries()
    try:
        practice.vault.unlock(passphrase)
    except WrongPassphrase:
        _misses[device] = [*recent, now]
        raise
    _misses.pop(device, None)
    with practice.vault.transaction() as store:
        store.audit("somebody with the passphrase", "", device, Did.UNLOCKED, "practice", "practice")


def lock(by: Actor) -> None:
    """Forget the key in every process; nothing opens until the passphrase is given again."""
    with access.transaction(by, Purpose.LOCK) as desk:
        desk.audit(Did.LOCKED, "practice", "practice")
    by.practice.vault.lock()
