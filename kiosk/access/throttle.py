"""Slowing down whoever tries too often: a growing wait after a few misses, by what and from where.

A clock that is set back locks nobody out for as long: how far apart two moments are is what counts.
A try whose answer takes its time is counted before it is looked at (`attempt`), and taken back where it was
right (`forget`): of many tries at once only as many are looked at as one after another would be.
"""

from datetime import timedelta

from kiosk.access.actors import Desk
from kiosk.errors import TooManyTries
from kiosk.vault.tables import Miss

FREE_MISSES = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)


def _key(desk: Desk, what: str, where: str) -> str:
    return desk.mac("miss", f"{what}\x1f{where}")


def wait_after(count: int) -> timedelta:
    if count < FREE_MISSES:
        return timedelta()
    doubled: timedelta = FIRST_WAIT * 2 ** min(count - FREE_MISSES, 10)
    return min(LONGEST_WAIT, doubled)


def check(desk: Desk, what: str, where: str) -> None:
    """Raises TooManyTries while the wait has not passed."""
    row = desk.session.get(Miss, _key(desk, what, where))
    if row is not None and abs(desk.now - row.last_at) < wait_after(row.count):
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
