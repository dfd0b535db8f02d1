"""Signed records: kept once, opened and printed."""

from collections.abc import Sequence

from sqlalchemy import Select, select

from forms.decisions import ALLOWED, Decision
from forms.definition import CLIENT
from forms.signed import SignedRecord
from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import documents
from kiosk.actions.clients import not_erased, refuse_erased
from kiosk.actions.reach import is_delicate, reached
from kiosk.actions.visits import the_visit
from kiosk.errors import NotFound, NotTheirs
from kiosk.vault import Field, tables
from kiosk.vault.did import Did
from pdf import printing

ASKED = "the client asks for a copy"
NOTHING_STANDS = ("There is nothing signed to hand out.", "Hand the tablet over, or print the forms.")
FOR_A_THERAPIST = (
    "What this client signed is read by a therapist.",
    "Hand it out where the client asks for a copy.",
)


def keep_record(
    desk: Desk, client_id: str, record: SignedRecord, pdf: bytes, *, row: tables.Record, did: Did = Did.SIGNED
) -> None:
    """Write a signed record, its PDF and its line of audit; the caller's transaction holds all or none."""
    signature, allowed = record.signature, [one for one in record.decisions if one.state == ALLOWED]
    row.signer = signature.signer if signature else CLIENT
    ends = [one.until for one in allowed if one.until]
    row.until = max(ends) if ends and len(ends) == len(allowed) else None
    row.document_id = documents.keep(desk, client_id, "record", "application/pdf", pdf)
    row.body_sealed = desk.seal(client_id, Field.RECORD, row.id, record.to_json().encode())
    desk.session.add(row)
    desk.session.flush()
    desk.audit(did, "record", row.id, reason=record.channel)


def open_record(desk: Desk, row: tables.Record) -> SignedRecord:
    body = desk.open(row.client_id, Field.RECORD, row.id, row.body_sealed)
    return SignedRecord.from_json(body.decode())


def decisions_on_file(desk: Desk, client_id: str, record_id: str | None = None) -> tuple[Decision, ...]:
    """Every decision that this client ever signed, the ended ones too; or those of one record."""
    wanted = select(tables.Record).where(
        tables.Record.client_id == client_id, not_erased(tables.Record.client_id)
    )
    if record_id is not None:
        wanted = wanted.where(tables.Record.id == record_id)
    rows = desk.session.scalars(wanted.order_by(tables.Record.signed_at))
    return tuple(decision for row in rows for decision in open_record(desk, row).decisions)


def pdf(by: Actor, record_id: str) -> bytes:
    """The sealed PDF as it was stored. Raises NotFound, also for whoever the record is not open to."""
    with access.transaction(by, Purpose.OPEN_RECORD) as desk:
        row = desk.session.get(tables.Record, record_id)
        if row is None:
            raise NotFound()
        if not may_open(desk, row):
            raise NotTheirs("record", row.id)
        refuse_erased(desk, row.client_id)
        desk.audit(Did.OPENED_RECORD, "record", row.id)
        return documents.read(desk, row.document_id)


def may_open(desk: Desk, row: tables.Record) -> bool:
    """What a therapist confirms, the front desk does not read on its screen."""
    delicate = is_delicate(desk, row.form, row.version)
    return reached(desk, Purpose.OPEN_RECORD, row.client_id, delicate=delicate)


def print_all(by: Actor, visit_id: str, *, client_asks: bool = False) -> bytes:
    """What a visit's client signed and may be handed out, as one PDF to print. Raises NotFound."""
    with access.transaction(by, Purpose.PRINT_RECORD) as desk:
        visit = the_visit(desk, visit_id)
        given = to_hand_out(desk, visit.client_id, client_asks=client_asks)
        for row in given:
            desk.audit(Did.PRINTED_RECORD, "record", row.id, reason=ASKED if client_asks else "")
        return printing.merge([documents.read(desk, row.document_id) for row in given])


def to_hand_out(desk: Desk, client_id: str, *, client_asks: bool) -> Sequence[tables.Record]:
    """The records that were not taken back as a whole, to print or to send. Raises NotFound for none.

    What this person may not read is among them only where the client asks for a copy; whoever hands it out
    writes that down.
    """
    rows = desk.session.scalars(
        select(tables.Record)
        .where(tables.Record.client_id == client_id)
        .where(~_ended_whole().exists())
        .order_by(tables.Record.signed_at)
    ).all()
    given = [row for row in rows if client_asks or may_open(desk, row)]
    if not given:
        raise NotFound(*(FOR_A_THERAPIST if rows else NOTHING_STANDS))
    return given


def _ended_whole() -> Select[str]:
    """What says that all of a record has ended, beside the record in a query."""
    return select(tables.Ending.id).where(
        tables.Ending.record_id == tables.Record.id, tables.Ending.question == ""
    )
