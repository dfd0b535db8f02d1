"""Signed records: kept once, opened, printed and taken back."""

from dataclasses import dataclass

from sqlalchemy import select

from forms.permissions import Decision
from forms.signed import SignedRecord
from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import documents, words
from kiosk.actions.clients import profile_of
from kiosk.actions.dues import WHY, due_of
from kiosk.actions.visits import VisitRow, day_book, the_visit
from kiosk.errors import NotFound
from kiosk.vault import Field, tables
from kiosk.vault.did import Did
from pdf import printing

SHEET_WORDS = {
    "printed": "printed, not back yet",
    "incomplete": "came back, a page is missing",
    "awaiting_confirmation": "came back, to be confirmed",
    "confirmed": "confirmed, kept until it is cleared",
    "cleared": "cleared for shredding",
    "in_shred_batch": "in a shred batch",
    "shredded": "shredded",
    "returned": "given back",
    "held": "on hold",
}


@dataclass(frozen=True)
class DueRow:
    form: str
    title: str
    why: str


@dataclass(frozen=True)
class RecordRow:
    id: str
    title: str
    signed: str
    channel: str
    ended: str | None


@dataclass(frozen=True)
class SheetRow:
    id: str
    serial: str
    title: str
    state_words: str


@dataclass(frozen=True)
class VisitView:
    row: VisitRow
    name: str
    born: str
    due: tuple[DueRow, ...]
    records: tuple[RecordRow, ...]
    sheets: tuple[SheetRow, ...]
    printable: tuple[tuple[str, str], ...]


def keep_record(desk: Desk, client_id: str, record: SignedRecord, pdf: bytes, *, row: tables.Record) -> None:
    """Write a signed record, its PDF and its line of audit; the caller's transaction holds all or none."""
    row.document_id = documents.keep(desk, client_id, "record", "application/pdf", pdf)
    row.body_sealed = desk.seal(client_id, Field.RECORD, row.id, record.to_json().encode())
    desk.session.add(row)
    desk.session.flush()
    desk.audit(Did.SIGNED, "record", row.id, reason=record.channel)


def open_record(desk: Desk, row: tables.Record) -> SignedRecord:
    body = desk.open(row.client_id, Field.RECORD, row.id, row.body_sealed)
    return SignedRecord.from_json(body.decode())


def decisions_on_file(desk: Desk, client_id: str) -> tuple[Decision, ...]:
    """Every decision that this client ever signed, the ended ones too."""
    rows = desk.session.scalars(
        select(tables.Record).where(tables.Record.client_id == client_id).order_by(tables.Record.signed_at)
    )
    return tuple(decision for row in rows for decision in open_record(desk, row).decisions)


def visit_view(by: Actor, visit_id: str) -> VisitView:
    """One visit with what its client owes, has signed and has on paper. Raises NotFound."""
    with access.transaction(by, Purpose.SEE_TODAY) as desk:
        visit = the_visit(desk, visit_id)
        zone = desk.practice.settings.time_zone
        profile = profile_of(desk, visit.client_id)
        catalog = desk.practice.catalog
        desk.audit(Did.SHOWED_NAMES, "visit", visit.id)
        return VisitView(
            row=day_book(desk, [visit], names=False).rows()[0],
            name=profile.name,
            born=words.day(profile.born, zone) if profile.born else "",
            due=tuple(
                DueRow(owed.form.id, owed.form.title.say("en"), WHY[owed.why])
                for owed in due_of(desk, visit.client_id)
            ),
            records=_record_rows(desk, visit.client_id),
            sheets=_sheet_rows(desk, visit.client_id),
            printable=tuple((form.id, form.title.say("en")) for form in catalog.current()),
        )


def _record_rows(desk: Desk, client_id: str) -> tuple[RecordRow, ...]:
    zone = desk.practice.settings.time_zone
    rows = desk.session.execute(
        select(tables.Record, tables.Withdrawal.at)
        .outerjoin(tables.Withdrawal, tables.Withdrawal.record_id == tables.Record.id)
        .where(tables.Record.client_id == client_id)
        .order_by(tables.Record.signed_at.desc())
    )
    return tuple(
        RecordRow(
            id=row.id,
            title=desk.practice.catalog.form(row.form, row.version).title.say("en"),
            signed=words.day(row.signed_at, zone),
            channel=row.channel,
            ended=f"taken back {words.day(ended, zone)}" if ended else None,
        )
        for row, ended in rows
    )


def _sheet_rows(desk: Desk, client_id: str) -> tuple[SheetRow, ...]:
    rows = desk.session.scalars(
        select(tables.Sheet)
        .where(tables.Sheet.client_id == client_id)
        .order_by(tables.Sheet.printed_at.desc())
    )
    return tuple(
        SheetRow(
            row.id,
            row.serial,
            desk.practice.catalog.form(row.form, row.version).title.say("en"),
            SHEET_WORDS[row.state],
        )
        for row in rows
    )


def pdf(by: Actor, record_id: str) -> bytes:
    """The sealed PDF as it was stored. Raises NotFound."""
    with access.transaction(by, Purpose.OPEN_RECORD) as desk:
        row = desk.session.get(tables.Record, record_id)
        if row is None:
            raise NotFound()
        desk.audit(Did.OPENED_RECORD, "record", row.id)
        return documents.read(desk, row.document_id)


def print_all(by: Actor, visit_id: str) -> bytes:
    """All signed records of a visit's client that still stand, as one PDF to print. Raises NotFound."""
    with access.transaction(by, Purpose.PRINT_RECORD) as desk:
        visit = the_visit(desk, visit_id)
        rows = desk.session.scalars(
            select(tables.Record)
            .where(tables.Record.client_id == visit.client_id)
            .where(~select(tables.Withdrawal).where(tables.Withdrawal.record_id == tables.Record.id).exists())
            .order_by(tables.Record.signed_at)
        ).all()
        if not rows:
            raise NotFound("Nothing has been signed yet.", "Hand the tablet over, or print the forms.")
        for row in rows:
            desk.audit(Did.PRINTED_RECORD, "record", row.id)
        return printing.merge([documents.read(desk, row.document_id) for row in rows])


def withdraw(by: Actor, record_id: str) -> None:
    """End what a record allows, from this moment on, on every screen. Raises NotFound."""
    with access.transaction(by, Purpose.WITHDRAW) as desk:
        row = desk.session.get(tables.Record, record_id)
        if row is None:
            raise NotFound()
        if desk.session.get(tables.Withdrawal, row.id) is None:
            desk.session.add(tables.Withdrawal(record_id=row.id, at=desk.now, by=by.id))
            desk.audit(Did.WITHDREW, "record", row.id)
