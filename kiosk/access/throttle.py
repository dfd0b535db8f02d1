"""Slowing down whoever tries too often: a growing wait after a few misses, by what and from where.

A clock that is set back locks nobody out for as long: how far apart two moments are is what counts.
"""

from dataclasses import dataclass
from datetime import timedelta

from kiosk.access.actors import Desk
from kiosk.errors import TooManyTries
from kiosk.vault.tables import Miss

FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Patience:
    """How many misses are free, and how the wait grows after them."""

    free_misses: int
    first_wait: timedelta
    longest_wait: timedelta


USUAL = Patience(5, timedelta(seconds=30), timedelta(minutes=15))
# Nobody in an emergency is kept out for long, and nobody gets through a list of names either.
EMERGENCY = Patience(10, timedelta(seconds=10), timedelta(minutes=1))


def _key(desk: Desk, what: str, where: str) -> str:
    return desk.mac("miss", f"{what}\x1f{where}")


def _wait(count: int, patience: Patience) -> timedelta:
    if count < patience.free_misses:
        return timedelta()
    doubled: timedelta = patience.first_wait * 2 ** min(count - patience.free_misses, 10)
    return min(patience.longest_wait, doubled)


def check(desk: Desk, what: str, where: str, patience: Patience = USUAL) -> None:
    """Raises TooManyTries while the wait has not passed."""
    row = desk.session.get(Miss, _key(desk, what, where))
    if row is not None and abs(desk.now - row.last_at) < _wait(row.count, patience):
        raise TooManyTries()


def miss(desk: Desk, what: str, where: str) -> int:
    """Count one more; returns how many in a row."""
    key = _key(desk, what, where)
    row = desk.session.get(Miss, key)
    if row is None:
        row = Miss(key=key, count=0, last_at=desk.now)
        desk.session.add(row)
    elif abs(desk.now - row.last_at) > FORGOTTEN_AFTER:
        row.count = 0
    row.count += 1
    row.last_at = desk.now
    return row.count


def forget(desk: Desk, what: str, where: str) -> None:
    row = desk.session.get(Miss, _key(desk, what, where))
    if row is not None:
        desk.session.delete(row)
