"""What a day came to, in numbers: what was done, and what is still open. Nobody is named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from kiosk.access import Desk
from kiosk.actions import words
from kiosk.vault.did import Did
from kiosk.vault.states import BatchState, PageState, ScanState, SheetState, VisitState
from kiosk.vault.tables import Arrival, AuditEntry, Record, Scan, ScanPage, Sheet, ShredBatch, Visit

Rows = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Facts:
    """`done` counts all in its order, nought too; `still_open` names only what there is."""

    done: Rows
    still_open: Rows


def facts_of(desk: Desk, day: date) -> Facts:
    within = words.day_bounds(day, desk.practice.settings.time_zone)
    return Facts(_done(desk, *within), tuple(row for row in _still_open(desk, *within) if row[1]))


def _count(desk: Desk, *conditions: ColumnElement[bool]) -> int:
    return desk.session.scalar(select(func.count()).where(*conditions)) or 0


def _done(desk: Desk, begin: datetime, end: datetime) -> Rows:
    def that_day(column: Any, *more: ColumnElement[bool]) -> int:
        return _count(desk, column >= begin, column < end, *more)

    seen = (VisitState.ARRIVED, VisitState.ON_TABLET, VisitState.WITH_THERAPIST, VisitState.LEFT)
    return (
        ("Visits in the book", that_day(Visit.at)),
        ("People who came", that_day(Visit.at, Visit.state.in_(seen))),
        ("Forms signed on the tablet", that_day(Record.signed_at, Record.channel != "paper")),
        ("Forms kept from paper", that_day(Sheet.confirmed_at)),
        ("Sheets printed", that_day(Sheet.printed_at)),
        ("Files scanned", that_day(Scan.received_at)),
        ("Sheets shredded", that_day(Sheet.shredded_at)),
        ("Failed sign-ins", that_day(AuditEntry.at, AuditEntry.did == Did.FAILED_SIGN_IN)),
        ("Refused for lack of a right", that_day(AuditEntry.at, AuditEntry.did == Did.WAS_REFUSED)),
        ("Opened with a reason given", that_day(AuditEntry.at, AuditEntry.did.in_(sorted(OPENED)))),
    )


OPENED = frozenset({Did.DECLARED_ACCESS, Did.DECLARED_EMERGENCY})


def _still_open(desk: Desk, begin: datetime, end: datetime) -> Sequence[tuple[str, int]]:
    today = (Visit.at >= begin, Visit.at < end)
    return (
        ("Visits still on a tablet", _count(desk, *today, Visit.state == VisitState.ON_TABLET)),
        ("Visits still expected", _count(desk, *today, Visit.state == VisitState.EXPECTED)),
        ("Checked in by name, not matched", _count(desk, Arrival.done_at.is_(None), Arrival.at < end)),
        ("Scans not read yet", _count(desk, Scan.state.in_((ScanState.STORED, ScanState.READING)))),
        ("Pages that need a decision", _count(desk, ScanPage.state == PageState.PROBLEM)),
        ("Sheets printed, not back", _count(desk, Sheet.state == SheetState.PRINTED)),
        ("Sheets with a page missing", _count(desk, Sheet.state == SheetState.INCOMPLETE)),
        ("Sheets to confirm", _count(desk, Sheet.state == SheetState.AWAITING)),
        ("Sheets on hold", _count(desk, Sheet.state == SheetState.HELD)),
        ("Sheets cleared, to be shredded", _count(desk, Sheet.state == SheetState.CLEARED)),
        ("Batches taken out, not shredded", _count(desk, ShredBatch.state == BatchState.OPEN)),
    )
