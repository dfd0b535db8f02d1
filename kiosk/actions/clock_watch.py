"""Whether this machine's clock was set: then paper waits for a person, and no permission lasts longer.

A clock that jumps a week ahead would end every cooling time at once; one that goes back would bring to life
what has run out. A clock that is set ahead while the machine is off cannot be told from a holiday.
"""

import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy import select

from kiosk import access
from kiosk.access import CLOCK_WAS_AT, Actor, Desk, Purpose
from kiosk.actions import clearing, words
from kiosk.actions.practice import now
from kiosk.vault import OFFICE, Field, tables
from kiosk.vault.did import Did
from kiosk.vault.states import SheetState

TOLERATED = timedelta(minutes=5)  # a clock that is kept right moves by seconds
LAST_LINES = 50

WAS_SET = "The clock of this machine was set while this paper waited. See that it is right, then release it."


def passed() -> float:
    """Seconds that have passed, the machine's sleep among them, whatever its clock was set to."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC_RAW)
    return time.monotonic()


class ClockWatch:
    """Compares what the clock says has passed with what has; at first, what it says with the trail."""

    def __init__(self, wall: Callable[[], datetime] = now, seconds: Callable[[], float] = passed) -> None:
        self._wall, self._seconds = wall, seconds
        self.begin()
        self._has_looked = False

    def begin(self) -> None:
        self._wall_then, self._seconds_then = self._wall(), self._seconds()
        self._has_looked = True

    def set_by(self, written_last: Callable[[], datetime | None]) -> timedelta:
        """How far the clock was set, forwards or back; nothing for a few minutes."""
        moved = self._wall() - self._wall_then - timedelta(seconds=self._seconds() - self._seconds_then)
        if not self._has_looked:
            self._has_looked = True
            moved = min(moved, self._wall() - (written_last() or self._wall()))
        return moved if abs(moved) > TOLERATED else timedelta()


def hold_where_set(by: Actor, watch: ClockWatch) -> bool:
    """Put on hold whatever cools or is cleared, once for each time the clock was set.

    Where it was set back, permissions are judged by the later moment until that has come once more.
    """
    moved = watch.set_by(lambda: _written_last(by))
    if not moved:
        return False
    with access.transaction(by, Purpose.LOOK_AFTER) as desk:
        desk.audit(Did.SAW_CLOCK_SET, "clock", "server", reason="forward" if moved > timedelta() else "back")
        if moved < timedelta():
            _judge_by(desk, max(desk.now - moved, desk.judged_at))
        waiting = (SheetState.CONFIRMED, SheetState.CLEARED, SheetState.BATCHED)
        for sheet in desk.session.scalars(select(tables.Sheet).where(tables.Sheet.state.in_(waiting))):
            clearing.hold(desk, sheet, WAS_SET)
    watch.begin()
    return True


def _written_last(by: Actor) -> datetime | None:
    """The latest moment among the last lines of the trail, since the clock was last spoken of there."""
    with access.transaction(by, Purpose.LOOK_AFTER) as desk:
        lines = desk.session.execute(
            select(tables.AuditEntry.at, tables.AuditEntry.did)
            .order_by(tables.AuditEntry.seq.desc())
            .limit(LAST_LINES)
        )
        since = takewhile(lambda line: line.did not in (Did.SAW_CLOCK_SET, Did.SAID_CLOCK_IS_RIGHT), lines)
        return max((line.at for line in since), default=None)


def _judge_by(desk: Desk, moment: datetime) -> None:
    sealed = desk.seal(OFFICE, Field.OFFICE_ITEM, CLOCK_WAS_AT, moment.isoformat().encode())
    item = desk.session.get(tables.OfficeItem, CLOCK_WAS_AT)
    if item is None:
        desk.session.add(tables.OfficeItem(name=CLOCK_WAS_AT, value_sealed=sealed))
    else:
        item.value_sealed = sealed


def judged_at(by: Actor) -> datetime:
    """The moment by which permissions are judged now, in the practice's own zone."""
    with access.transaction(by, Purpose.LOOK_AFTER) as desk:
        return desk.judged_at


def standing(desk: Desk) -> str | None:
    """What an owner is told while a clock that was set back and the moment of permissions differ."""
    judged, shown = desk.judged_at, desk.local_now
    if judged <= shown:
        return None
    zone = desk.practice.settings.time_zone
    return (
        f"This computer’s clock was set back. Until {words.moment(judged, zone)} permissions and forms are "
        "judged as of that moment, so that nothing that ran out comes back. "
        f"It says {words.moment(shown, zone)}. Set it where that is wrong, else say that it is right."
    )


def is_right(by: Actor) -> None:
    """A person says so: permissions are judged by the clock alone again."""
    with access.transaction(by, Purpose.SAY_CLOCK_IS_RIGHT) as desk:
        item = desk.session.get(tables.OfficeItem, CLOCK_WAS_AT)
        if item is not None:
            desk.session.delete(item)
        desk.audit(Did.SAID_CLOCK_IS_RIGHT, "clock", "server")
