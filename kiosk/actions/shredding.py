"""The last step of paper: a counted batch, a witness where one is named, and a certificate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import clearing, documents, words
from kiosk.actions.clients import not_erased
from kiosk.actions.sealing import seal_key
from kiosk.errors import Invalid, NotFound
from kiosk.vault import OFFICE, new_id, tables
from kiosk.vault.did import Did
from kiosk.vault.states import BatchState, SheetState
from pdf.certificate import ShredCertificate, ShreddedSheet
from pdf.certificate import certificate as certificate_pdf
from pdf.seal import seal

MOST_SHEETS = 50
LEVELS = (
    ("P-4", "P-4, particles up to 160 mm²"),
    ("P-5", "P-5, particles up to 30 mm² (recommended)"),
    ("P-6", "P-6, particles up to 10 mm²"),
    ("P-7", "P-7, 1 × 5 mm particles (NIST)"),
)
COUNT_AGAIN = "The list says {pages}, you counted {counted}. Count again."
METHODS = (("on_site", "Shredded here"), ("vendor", "Shredded by a service, watched"))


@dataclass(frozen=True)
class PileRow:
    sheet_id: str
    serial: str
    title: str
    pages: int
    why: str = ""


@dataclass(frozen=True)
class BatchRow:
    id: str
    made: str
    pages: int
    state: BatchState
    counted: int | None


@dataclass(frozen=True)
class Piles:
    cleared: tuple[PileRow, ...]
    waiting: tuple[PileRow, ...]
    batches: tuple[BatchRow, ...]
    working: bool


@dataclass(frozen=True)
class BatchView:
    id: str
    made: str
    rows: tuple[PileRow, ...]
    sheets: int
    pages: int
    state: BatchState
    hold_reason: str | None
    certificate: bool
    levels: tuple[tuple[str, str], ...]
    methods: tuple[tuple[str, str], ...]


def _pile_row(desk: Desk, sheet: tables.Sheet, why: str = "") -> PileRow:
    title = desk.practice.catalog.form(sheet.form, sheet.version).title.say("en")
    return PileRow(sheet.id, sheet.serial, title, sheet.pages, why)


def _sheets(desk: Desk, *states: SheetState) -> list[tables.Sheet]:
    return list(
        desk.session.scalars(
            select(tables.Sheet)
            .where(tables.Sheet.state.in_(states), not_erased(tables.Sheet.client_id))
            .order_by(tables.Sheet.serial)
        )
    )


def piles(by: Actor) -> Piles:
    """What may be shredded, what waits and why, and the batches so far."""
    with access.transaction(by, Purpose.SHRED) as desk:
        waiting = [
            _pile_row(desk, sheet, _why(desk, sheet))
            for sheet in _sheets(desk, SheetState.CONFIRMED, SheetState.HELD)
        ]
        batches = desk.session.scalars(
            select(tables.ShredBatch).order_by(tables.ShredBatch.made_at.desc()).limit(20)
        )
        zone = desk.practice.settings.time_zone
        return Piles(
            cleared=tuple(_pile_row(desk, sheet) for sheet in _sheets(desk, SheetState.CLEARED)),
            waiting=tuple(waiting),
            batches=tuple(
                BatchRow(
                    row.id, words.moment(row.made_at, zone), row.pages, BatchState(row.state), row.counted
                )
                for row in batches
            ),
            working=any(sheet.backup_id is None for sheet in _sheets(desk, SheetState.CONFIRMED)),
        )


def _why(desk: Desk, sheet: tables.Sheet) -> str:
    if sheet.state == SheetState.HELD:
        return f"On hold: {sheet.hold_reason}"
    obstacle = clearing.obstacle(desk, sheet)
    if obstacle == "Cooling time":
        zone = desk.practice.settings.time_zone
        return f"Cooling time, until {words.moment(clearing.cooling_ends(desk, sheet), zone)}"
    return obstacle or "Is being cleared"


def make_batch(by: Actor) -> str:
    """Put the cleared pile, up to fifty sheets, into one batch to shred. Raises Invalid where it is empty."""
    with access.transaction(by, Purpose.SHRED) as desk:
        sheets = _sheets(desk, SheetState.CLEARED)[:MOST_SHEETS]
        if not sheets:
            raise Invalid({"batch": "Nothing is cleared for shredding yet."})
        batch_id = new_id()
        desk.session.add(
            tables.ShredBatch(
                id=batch_id,
                state=BatchState.OPEN,
                made_at=desk.now,
                made_by=by.id,
                pages=sum(sheet.pages for sheet in sheets),
            )
        )
        desk.session.flush()
        for sheet in sheets:
            sheet.state, sheet.batch_id = SheetState.BATCHED, batch_id
        desk.audit(Did.MADE_BATCH, "batch", batch_id)
        return batch_id


def _batch(desk: Desk, batch_id: str) -> tuple[tables.ShredBatch, list[tables.Sheet]]:
    row = desk.session.get(tables.ShredBatch, batch_id)
    if row is None:
        raise NotFound()
    sheets = desk.session.scalars(
        select(tables.Sheet).where(tables.Sheet.batch_id == row.id).order_by(tables.Sheet.serial)
    )
    return row, list(sheets)


def batch(by: Actor, batch_id: str) -> BatchView:
    """A batch with its pick list. Raises NotFound."""
    with access.transaction(by, Purpose.SHRED) as desk:
        row, sheets = _batch(desk, batch_id)
        return BatchView(
            id=row.id,
            made=words.moment(row.made_at, desk.practice.settings.time_zone),
            rows=tuple(_pile_row(desk, sheet) for sheet in sheets),
            sheets=len(sheets),
            pages=row.pages,
            state=BatchState(row.state),
            hold_reason=sheets[0].hold_reason if row.state == BatchState.HELD and sheets else None,
            certificate=row.certificate_id is not None,
            levels=LEVELS,
            methods=METHODS,
        )


def record(by: Actor, batch_id: str, data: Mapping[str, str]) -> None:
    """Record that a batch was shredded, and make its certificate.

    A wrong count shreds nothing: it is asked for once more, and a second wrong one puts the whole batch on
    hold. Every condition of clearing is asked again first. Raises NotFound, Invalid.
    """
    counted = _read_count(data)
    chosen = _read_choices(data)
    with access.transaction(by, Purpose.SHRED) as desk:
        row, sheets = _batch(desk, batch_id)
        if row.state != BatchState.OPEN:
            raise NotFound()
        first_count, row.counted = row.counted is None, counted
        reason: str | None
        if first_count and counted != row.pages:
            reason = COUNT_AGAIN.format(pages=row.pages, counted=counted)
        elif reason := _reason_to_hold(desk, row, sheets, counted):
            _hold(desk, row, sheets, reason)
        else:
            row.method, row.level, row.witness = chosen["method"], chosen["level"], chosen["witness"]
            row.state, row.shredded_at, row.shredded_by = BatchState.SHREDDED, desk.now, by.id
            for sheet in sheets:
                sheet.state, sheet.shredded_at = SheetState.SHREDDED, desk.now
            row.certificate_id = documents.keep(
                desk,
                OFFICE,
                "certificate",
                "application/pdf",
                _certificate(desk, by, row, sheets, chosen["machine"]),
            )
            desk.audit(Did.SHREDDED_BATCH, "batch", row.id)
    if reason:
        raise Invalid({"counted": reason})


def _read_count(data: Mapping[str, str]) -> int:
    given = data.get("counted", "").strip()
    if not given.isdigit():
        raise Invalid({"counted": "Count the pages in your hand, and enter the number."})
    return int(given)


def _read_choices(data: Mapping[str, str]) -> dict[str, str]:
    chosen = {
        name: " ".join(data.get(name, "").split()) for name in ("method", "level", "machine", "witness")
    }
    if chosen["method"] not in dict(METHODS):
        raise Invalid({"method": "Choose how the paper was shredded."})
    if chosen["level"] not in dict(LEVELS):
        raise Invalid({"level": "Choose the level that is printed on the shredder."})
    return chosen


def _reason_to_hold(
    desk: Desk, row: tables.ShredBatch, sheets: list[tables.Sheet], counted: int
) -> str | None:
    if counted != row.pages:
        return (
            f"The list says {row.pages}, you counted {counted}. The batch is on hold and nothing may be "
            "shredded: look for the missing or extra page, then count again in a new batch."
        )
    if sum(sheet.pages for sheet in sheets) != row.pages:
        return "A sheet was taken out of this batch. Make a new batch of what is left."
    for sheet in sheets:
        if sheet.state != SheetState.BATCHED:
            return "A sheet of this batch was put on hold."
        if problem := clearing.damage(desk, sheet) or clearing.obstacle(desk, sheet):
            return problem
    return None


def _hold(desk: Desk, row: tables.ShredBatch, sheets: list[tables.Sheet], reason: str) -> None:
    row.state = BatchState.HELD
    for sheet in sheets:
        clearing.hold(desk, sheet, reason)
    desk.audit(Did.HELD_SHEET, "batch", row.id)


def release(by: Actor, sheet_id: str) -> None:
    """End a hold: the sheet goes back to where it was confirmed, and through every condition again."""
    with access.transaction(by, Purpose.SHRED) as desk:
        sheet = desk.session.get(tables.Sheet, sheet_id)
        if sheet is None or sheet.state != SheetState.HELD:
            raise NotFound()
        sheet.state, sheet.hold_reason = SheetState.CONFIRMED, None
        sheet.backup_id = sheet.batch_id = sheet.cleared_at = None
        desk.audit(Did.RELEASED_SHEET, "sheet", sheet.id)


def _certificate(
    desk: Desk, by: Actor, row: tables.ShredBatch, sheets: list[tables.Sheet], machine: str
) -> bytes:
    settings = desk.practice.settings
    at: datetime = desk.now
    made = certificate_pdf(
        ShredCertificate(
            practice=settings.practice_name,
            batch=row.id,
            sheets=tuple(
                ShreddedSheet(
                    serial=sheet.serial,
                    form=desk.practice.catalog.form(sheet.form, sheet.version).title.say("en"),
                    pages=sheet.pages,
                    backup=sheet.backup_id or "",
                )
                for sheet in sheets
            ),
            pages=row.pages,
            counted=row.counted or 0,
            method=dict(METHODS)[row.method or ""],
            level=row.level or "",
            machine=machine,
            by=by.name,
            witness=row.witness or "",
            at=words.moment(at, settings.time_zone),
            cooling_days=max(sheet.cleared_cooling_days or 0 for sheet in sheets),
            shred_level=settings.shred_level,
        )
    )
    return seal(made, seal_key(desk), at)


def certificate(by: Actor, batch_id: str) -> bytes:
    """The sealed certificate of a shredded batch. Raises NotFound."""
    with access.transaction(by, Purpose.SHRED) as desk:
        row, _ = _batch(desk, batch_id)
        if row.certificate_id is None:
            raise NotFound()
        desk.audit(Did.OPENED_CERTIFICATE, "batch", row.id)
        return documents.read(desk, row.certificate_id)
