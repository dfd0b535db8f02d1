"""Whether this machine's clock was set while the worker ran: then no paper goes before a person has looked.

A clock that jumps a week ahead would end every cooling time at once. What passes while the machine is off
cannot be told from a holiday.
"""

import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from kiosk import access
from kiosk.access import Actor, Purpose
from kiosk.actions import clearing
from kiosk.actions.practice import now
from kiosk.vault import tables
from kiosk.vault.did import Did
from kiosk.vault.states import SheetState

TOLERATED = timedelta(minutes=5)  # a clock that is kept right moves by seconds

WAS_SET = "The clock of this machine was set while this paper waited. See that it is right, then release it."


def passed() -> float:
    """Seconds that have passed, the machine's sleep among them, whatever its clock was set to."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC_RAW)
    return time.monotonic()


class ClockWatch:
    """Compares what the clock says has passed with what has."""

    def __init__(self, wall: Callable[[], datetime] = now, seconds: Callable[[], float] = passed) -> None:
        self._wall, self._seconds = wall, seconds
        self.begin()

    def begin(self) -> None:
        self._wall_then, self._seconds_then = self._wall(), self._seconds()

    def set_by(self) -> timedelta:
        """How far the clock was set, forwards or back; nothing for a few minutes."""
        real = timedelta(seconds=self._seconds() - self._seconds_then)
        moved = self._wall() - self._wall_then - real
        return moved if abs(moved) > TOLERATED else timedelta()


def hold_where_set(by: Actor, watch: ClockWatch) -> bool:
    """Put on hold whatever cools or is cleared, once for each time the clock was set."""
    moved = watch.set_by()
    if not moved:
        return False
    with access.transaction(by, Purpose.LOOK_AFTER) as desk:
        desk.audit(Did.SAW_CLOCK_SET, "clock", "server", reason="forward" if moved > timedelta() else "back")
        waiting = (SheetState.CONFIRMED, SheetState.CLEARED, SheetState.BATCHED)
        for sheet in desk.session.scalars(select(tables.Sheet).where(tables.Sheet.state.in_(waiting))):
            clearing.hold(desk, sheet, WAS_SET)
    watch.begin()
    return True
