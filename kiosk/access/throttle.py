"""Slowing down whoever tries too often: a growing wait after a few misses, by what and from where.

A clock that is set back locks nobody out for as long: how far apart two moments are is what counts.
A try whose answer takes its time is counted before it is looked at (`attempt`), and taken back where it was
right (`forget`): of many tries at once only as many are looked at as one after another would be.
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


def wait_after(count: int, patience: Patience = USUAL) -> timedelta:
    if count < patience.free_misses:
        return timedelta()
    doubled: timedelta = patience.first_wait * 2 ** min(count - patience.free_misses, 10)
    return min(patience.longest_wait, doubled)


def check(desk: Desk, what: str, where: str, patience: Patience = USUAL) -> None:
    """Raises TooManyTries while the wait has not passed."""
    row = desk.session.get(Miss, _key(desk, what, where))
    if row is not None and abs(desk.now - row.last_at) < wait_after(row.count, patience):
        raise TooManyTries()


def attempt(desk: Desk, what: str, where: str) -> None:
    """Count a try before anybody knows whether it is right. Raises TooManyTries."""
    check(desk, what, where)
    miss(desk, what, where)


def miss(desk: Desk, what: str, where: str, *, fades: bool = True) -> int:
    """Count one more; returns how many in a row, and without `fades` however long ago they were."""
    key = _key(desk, what, where)
    row = desk.session.get(Miss, key)
    if row is None:
        row = Miss(key=key, count=0, last_at=desk.now)
        desk.session.add(row)
    elif fades and abs(desk.now - row.last_at) > FORGOTTEN_AFTER:
        row.count = 0
    row.count += 1
    row.last_at = desk.now
    return row.count


def forget(desk: Desk, what: str, where: str) -> None:
    row = desk.session.get(Miss, _key(desk, what, where))
    if row is not None:
        desk.session.delete(row)
