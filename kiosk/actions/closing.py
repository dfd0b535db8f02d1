"""Closing the day: the trail's head is sealed, and printed on a sheet that no database can change.

A day that nobody closed is closed by the worker after midnight. Its head is then that of its last entry.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update

from kiosk import access
from kiosk.access import Actor, Desk, Practice, Purpose
from kiosk.actions import documents, words
from kiosk.actions.day_facts import Facts, facts_of
from kiosk.actions.practice import system
from kiosk.actions.sealing import certificate_pem, seal_key
from kiosk.errors import KioskError, NotFound
from kiosk.vault import OFFICE, day_heads
from kiosk.vault.audit import AuditReport
from kiosk.vault.day_heads import HeadsReport
from kiosk.vault.did import Did
from kiosk.vault.tables import AuditEntry, DayHead
from pdf.closing_sheet import ClosingSheet, closing_sheet
from pdf.seal import seal

HEAD_LETTERS = 16  # of 64: what is printed, and a person types
SHOWN_DAYS = 14

CLOCK_WENT_BACK = (
    "A later day is closed already, so the clock of this computer is wrong.",
    "Set the clock, then close the day.",
)


@dataclass(frozen=True)
class ClosedRow:
    day: str
    words: str
    closed: str
    seq: int
    sheet: bool


@dataclass(frozen=True)
class Closing:
    """Today so far, whether it is closed already, and the days before."""

    date_words: str
    closed: str | None
    facts: Facts
    rows: tuple[ClosedRow, ...]


def view(by: Actor) -> Closing:
    with access.transaction(by, Purpose.CLOSE_DAY) as desk:
        zone, today = desk.practice.settings.time_zone, desk.local_now.date()
        heads = desk.session.scalars(select(DayHead).order_by(DayHead.day.desc()).limit(SHOWN_DAYS)).all()
        closed = next((head.made_at for head in heads if head.day == today), None)
        return Closing(
            date_words=words.weekday(desk.now, zone),
            closed=words.clock(closed, zone) if closed else None,
            facts=facts_of(desk, today),
            rows=tuple(
                ClosedRow(
                    day=head.day.isoformat(),
                    words=words.day(head.day, zone),
                    closed=words.moment(head.made_at, zone),
                    seq=head.seq,
                    sheet=head.document_id is not None,
                )
                for head in heads
            ),
        )


def close(by: Actor) -> date:
    """Close today; once more on the same day seals what has come since too. The sheet is made and kept.

    Raises KioskError where the clock stands before a day that is closed.
    """
    with access.transaction(by, Purpose.CLOSE_DAY) as desk:
        day = desk.local_now.date()
        if desk.session.scalar(select(DayHead.day).where(DayHead.day > day).limit(1)) is not None:
            raise KioskError(*CLOCK_WENT_BACK)
        desk.audit(Did.CLOSED_DAY, "day", day.isoformat())
        last = desk.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
        _seal_head(desk, day, last)
    make_sheet(by, day)
    return day


def _seal_head(desk: Desk, day: date, entry: AuditEntry) -> None:
    before = _last_head_before(desk, day)
    text = day_heads.canonical(
        day,
        entry.seq,
        entry.mac,
        entry.seq - (before.seq if before else 0),
        day_heads.practice_of(certificate_pem(desk)),
    )
    row = desk.session.get(DayHead, day) or DayHead(day=day)
    row.seq, row.head, row.made_at, row.document_id = entry.seq, entry.mac, desk.now, None
    row.seal = day_heads.seal_head(text, seal_key(desk).private_key_pem)
    desk.session.add(row)
    desk.session.flush()


def _last_head_before(desk: Desk, day: date) -> DayHead | None:
    return desk.session.scalar(select(DayHead).where(DayHead.day < day).order_by(DayHead.day.desc()).limit(1))


def make_sheet(by: Actor, day: date) -> None:
    """Lay out, seal and keep the sheet of a closed day. The store is not held while the page is laid out."""
    with access.transaction(by, Purpose.CLOSE_DAY) as desk:
        row = desk.session.get(DayHead, day)
        if row is None:
            raise NotFound()
        sheet, key, at = _sheet(desk, row), seal_key(desk), desk.now
        size = desk.practice.settings.paper_size
    made = seal(closing_sheet(sheet, size), key, at)
    with access.transaction(by, Purpose.CLOSE_DAY) as desk:
        document_id = documents.keep(desk, OFFICE, "closing", "application/pdf", made)
        # `where`: a day that was closed once more meanwhile gets the sheet of its newer head.
        desk.session.execute(
            update(DayHead)
            .where(DayHead.day == day, DayHead.seq == sheet.seq, DayHead.document_id.is_(None))
            .values(document_id=document_id)
        )


def _sheet(desk: Desk, row: DayHead) -> ClosingSheet:
    zone, before = desk.practice.settings.time_zone, _last_head_before(desk, row.day)
    facts = facts_of(desk, row.day)
    return ClosingSheet(
        practice=desk.practice.settings.practice_name,
        day=words.day(row.day, zone),
        closed=words.moment(row.made_at, zone),
        made=words.moment(desk.now, zone),
        by_itself=words.local(row.made_at, zone).date() != row.day,
        rows=facts.done,
        still_open=facts.still_open,
        entries=row.seq - (before.seq if before else 0),
        seq=row.seq,
        head=row.head[:HEAD_LETTERS],
    )


def sheet(by: Actor, day: str) -> bytes:
    """The sealed sheet of a closed day. Raises NotFound."""
    with access.transaction(by, Purpose.CLOSE_DAY) as desk:
        row = desk.session.get(DayHead, _read_day(day))
        if row is None or row.document_id is None:
            raise NotFound()
        desk.audit(Did.OPENED_CLOSING_SHEET, "day", row.day.isoformat())
        return documents.read(desk, row.document_id)


def _read_day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise NotFound() from None


def close_what_nobody_closed(by: Actor) -> bool:
    """Close the first past day that has entries and no head, and make a sheet that a power cut left out."""
    with access.transaction(by, Purpose.CLOSE_DAY) as desk:
        unmade = desk.session.scalar(select(DayHead.day).where(DayHead.document_id.is_(None)).limit(1))
        open_day = _first_open_day(desk) if unmade is None else None
        if open_day is not None:
            day, last = open_day
            _seal_head(desk, day, last)
            desk.audit(Did.CLOSED_DAY, "day", day.isoformat(), reason="by itself")
            unmade = day
    if unmade is not None:
        make_sheet(by, unmade)
    return unmade is not None


def _first_open_day(desk: Desk) -> tuple[date, AuditEntry] | None:
    """The earliest day before today with entries after the last head, and the last of these entries.

    Where no day was ever closed, the latest such day: its head seals all that came before.
    """
    zone, today = desk.practice.settings.time_zone, desk.local_now.date()
    last = desk.session.scalar(select(DayHead).order_by(DayHead.day.desc()).limit(1))
    sealed_to = last.seq if last else 0
    open_past = select(AuditEntry.at).where(
        AuditEntry.at < words.day_bounds(today, zone)[0], AuditEntry.seq > sealed_to
    )
    if last is None:
        open_past = open_past.order_by(AuditEntry.at.desc())
    else:
        open_past = open_past.where(AuditEntry.at >= words.day_bounds(last.day, zone)[1])
        open_past = open_past.order_by(AuditEntry.at)
    at = desk.session.scalar(open_past.limit(1))
    if at is None:
        return None
    day = words.local(at, zone).date()
    end = words.day_bounds(day, zone)[1]
    entry = desk.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.at < end, AuditEntry.seq > sealed_to)
        .order_by(AuditEntry.seq.desc())
        .limit(1)
    ).one()
    return day, entry


def verify_trail(
    practice: Practice, noted: str = "", noted_seq: int | None = None
) -> tuple[AuditReport, HeadsReport]:
    """Walk the whole chain, and check the head of every closed day against it."""
    with access.transaction(system(practice), Purpose.LOOK_AFTER) as desk:
        return (
            desk.verify_audit(noted, noted_seq),
            day_heads.verify(desk.session, certificate_pem(desk)),
        )
