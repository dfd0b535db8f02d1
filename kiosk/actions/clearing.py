"""When a confirmed sheet may be shredded: never while its image could be lost.

A backup is made after the confirmation and restored elsewhere; then the cooling time runs; then every
condition is asked again, whole, in the transaction that clears the sheet (the design, section 7).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import backing_up, backup_places, documents, words
from kiosk.actions.clients import not_erased
from kiosk.errors import Damaged, InUse, NotFound, StoreTrouble
from kiosk.vault import tables
from kiosk.vault.did import Did
from kiosk.vault.states import SHEET_EDGES, PageState, SheetState


@dataclass(frozen=True)
class Standing:
    """What still keeps a sheet's paper: one sentence, or nothing."""

    obstacle: str | None


def look_after(by: Actor) -> bool:
    """Back up what was confirmed, and clear what may be cleared; returns whether something was done."""
    return _back_up(by) or _clear_next(by)


def _back_up(by: Actor) -> bool:
    """One backup for all sheets that wait for one, restored to prove that their documents are in it."""
    with access.transaction(by, Purpose.LOOK_AFTER) as desk:
        sheets = desk.session.scalars(
            select(tables.Sheet).where(
                tables.Sheet.state == SheetState.CONFIRMED,
                tables.Sheet.backup_id.is_(None),
                not_erased(tables.Sheet.client_id),
            )
        ).all()
        here = backup_places.here(by.practice.settings)
        if not sheets or backing_up.tried_in_vain(desk, here):
            return False
        sheet_ids = [sheet.id for sheet in sheets]
        wanted = [document for sheet in sheets for document in documents_of(desk, sheet)]
    try:
        made = backing_up.make(by, here, documents=wanted)
    except (InUse, OSError, StoreTrouble):
        return False  # its turn comes when that one is done; what failed stands on the owner's page
    with access.transaction(by, Purpose.LOOK_AFTER) as desk:
        for sheet in desk.session.scalars(select(tables.Sheet).where(tables.Sheet.id.in_(sheet_ids))):
            if not made.report.verified:
                hold(desk, sheet, "The backup could not be restored.")
            elif (
                sheet.state == SheetState.CONFIRMED
                and sheet.confirmed_at
                and sheet.confirmed_at <= made.begun_at
            ):
                sheet.backup_id = made.id
    return True


def hold(desk: Desk, sheet: tables.Sheet, reason: str) -> None:
    """Keep a sheet's paper until a person has looked into it; what is on hold or gone stays what it is."""
    if SheetState.HELD not in SHEET_EDGES[SheetState(sheet.state)]:
        return
    sheet.state, sheet.hold_reason = SheetState.HELD, reason
    desk.audit(Did.HELD_SHEET, "sheet", sheet.id)


def documents_of(desk: Desk, sheet: tables.Sheet) -> list[str]:
    """Everything that takes the place of a sheet's paper: the scans, the page images, the record."""
    pages = pages_of(desk, sheet)
    scans = desk.session.scalars(
        select(tables.Scan.document_id).where(tables.Scan.id.in_({page.scan_id for page in pages}))
    )
    record = desk.session.scalar(select(tables.Record.document_id).where(tables.Record.sheet_id == sheet.id))
    images = [page.image_id for page in pages if page.image_id]
    return [*scans, *images, *([record] if record else [])]


def pages_of(desk: Desk, sheet: tables.Sheet) -> Sequence[tables.ScanPage]:
    return desk.session.scalars(
        select(tables.ScanPage).where(
            tables.ScanPage.sheet_id == sheet.id, tables.ScanPage.state == PageState.ON_SHEET
        )
    ).all()


def _clear_next(by: Actor) -> bool:
    """Clear the first sheet that has no obstacle left, all of it checked and written in one transaction."""
    with access.transaction(by, Purpose.LOOK_AFTER) as desk:
        sheets = desk.session.scalars(
            select(tables.Sheet)
            .where(tables.Sheet.state == SheetState.CONFIRMED, tables.Sheet.backup_id.is_not(None))
            .where(not_erased(tables.Sheet.client_id))
            .order_by(tables.Sheet.confirmed_at)
        )
        for sheet in sheets:
            if cooling_ends(desk, sheet) > desk.now:
                continue
            if reason := damage(desk, sheet):
                hold(desk, sheet, reason)
            elif obstacle(desk, sheet) is None:
                sheet.state, sheet.cleared_at = SheetState.CLEARED, desk.now
                sheet.cleared_cooling_days = desk.practice.settings.cooling_days
                desk.audit(Did.CLEARED_SHEET, "sheet", sheet.id)
            else:
                continue
            return True
    return False


def cooling_ends(desk: Desk, sheet: tables.Sheet):  # type: ignore[no-untyped-def]
    if sheet.confirmed_at is None:
        raise ValueError("only a confirmed sheet cools")
    return sheet.confirmed_at + timedelta(days=desk.practice.settings.cooling_days)


def obstacle(desk: Desk, sheet: tables.Sheet) -> str | None:
    """What keeps a confirmed sheet's paper, in one sentence; None where nothing does."""
    pages = pages_of(desk, sheet)
    if sorted(page.sheet_page or 0 for page in pages) != list(range(1, sheet.pages + 1)):
        return "Not every page is here."
    if any(page.viewed_at is None for page in pages):
        return "Not every page was looked at."
    if _unconfirmed(desk, sheet):
        return "Not every value was confirmed by a person."
    if desk.session.scalar(select(tables.Record.id).where(tables.Record.sheet_id == sheet.id)) is None:
        return "There is no record of this sheet."
    backup_row = desk.session.get(tables.Backup, sheet.backup_id) if sheet.backup_id else None
    if backup_row is None or backup_row.verified_at is None:
        return "Waits for a backup that was restored to check it."
    if sheet.confirmed_at is None or backup_row.made_at < sheet.confirmed_at:
        return "Waits for a backup made after the confirmation."
    if cooling_ends(desk, sheet) > desk.now:
        return "Cooling time"
    if backing_up.too_old(desk):
        days = words.count(desk.practice.settings.backup_at_most_days, "day", "days")
        return f"The last good backup is older than {days}: the owner sees why under Office, Backups."
    return None


def _unconfirmed(desk: Desk, sheet: tables.Sheet) -> bool:
    return (
        desk.session.scalar(
            select(tables.Reading.id).where(
                tables.Reading.sheet_id == sheet.id, tables.Reading.confirmed_by.is_(None)
            )
        )
        is not None
    )


def damage(desk: Desk, sheet: tables.Sheet) -> str | None:
    """Read everything again that takes the paper's place; None where each byte is as it arrived."""
    for document_id in documents_of(desk, sheet):
        try:
            documents.read(desk, document_id)
        except (Damaged, NotFound):
            return "A stored page could not be read back. Scan this sheet again."
    return None
