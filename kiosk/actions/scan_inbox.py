"""The desk's scan inbox: what came in, what became of it, and what waits for a person."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import words
from kiosk.actions.clients import not_erased
from kiosk.actions.inbox_folder import left_lying
from kiosk.vault import tables
from kiosk.vault.states import PageState, ScanState, SheetState


@dataclass(frozen=True)
class PageProblemRow:
    page_id: str
    number: int
    problem: str
    kind: str
    has_image: bool


@dataclass(frozen=True)
class ScanRow:
    id: str
    received: str
    source: str
    state: ScanState
    words: str
    pages: int
    percent: int
    problems: tuple[PageProblemRow, ...]


@dataclass(frozen=True)
class IncompleteRow:
    sheet_id: str
    serial: str
    title: str
    words: str


@dataclass(frozen=True)
class Inbox:
    scans: tuple[ScanRow, ...]
    incomplete: tuple[IncompleteRow, ...]
    left_lying: tuple[str, ...]
    working: bool


def view(by: Actor) -> Inbox:
    """The latest scans with what became of them, and each problem with its next step."""
    with access.transaction(by, Purpose.SCAN) as desk:
        scans = desk.session.scalars(
            select(tables.Scan).order_by(tables.Scan.received_at.desc()).limit(50)
        ).all()
        pages = desk.session.scalars(
            select(tables.ScanPage)
            .where(tables.ScanPage.scan_id.in_([scan.id for scan in scans]))
            .order_by(tables.ScanPage.number)
        ).all()
        zone = desk.practice.settings.time_zone
        rows = tuple(
            _scan_row(scan, [page for page in pages if page.scan_id == scan.id], zone) for scan in scans
        )
        working = any(row.state in (ScanState.STORED, ScanState.READING) for row in rows)
        return Inbox(rows, _incomplete(desk), left_lying(desk.practice.settings), working)


def _incomplete(desk: Desk) -> tuple[IncompleteRow, ...]:
    """Sheets of which some pages came back and others did not."""
    sheets = desk.session.scalars(
        select(tables.Sheet)
        .where(tables.Sheet.state == SheetState.INCOMPLETE, not_erased(tables.Sheet.client_id))
        .order_by(tables.Sheet.serial)
    )
    rows = []
    for sheet in sheets:
        here = set(
            desk.session.scalars(
                select(tables.ScanPage.sheet_page).where(
                    tables.ScanPage.sheet_id == sheet.id, tables.ScanPage.state == PageState.ON_SHEET
                )
            )
        )
        missing = [str(number) for number in range(1, sheet.pages + 1) if number not in here]
        title = desk.practice.catalog.form(sheet.form, sheet.version).title.say("en")
        said = f"Page {' and '.join(missing)} of {sheet.pages} has not come back. Scan it too."
        rows.append(IncompleteRow(sheet.id, sheet.serial, title, said))
    return tuple(rows)


def _scan_row(scan: tables.Scan, pages: Sequence[tables.ScanPage], zone: str) -> ScanRow:
    problems = tuple(
        PageProblemRow(
            page.id, page.number, page.problem or "", page.problem_kind or "", page.image_id is not None
        )
        for page in pages
        if page.state == PageState.PROBLEM
    )
    state = ScanState(scan.state)
    percent = {ScanState.STORED: 15, ScanState.READING: 55}.get(state, 100)
    return ScanRow(
        id=scan.id,
        received=words.clock(scan.received_at, zone),
        source=scan.source,
        state=state,
        words=_scan_words(state, pages, len(problems)),
        pages=len(pages),
        percent=percent,
        problems=problems,
    )


def _scan_words(state: ScanState, pages: Sequence[tables.ScanPage], problems: int) -> str:
    match state:
        case ScanState.STORED:
            return "Safely stored, waits to be read"
        case ScanState.READING:
            return "Being read"
        case ScanState.DUPLICATE:
            return "Was scanned before: nothing to do"
        case ScanState.READ:
            read = words.count(sum(page.state == PageState.ON_SHEET for page in pages), "page", "pages")
            return f"{read} read" + (f", {problems} to decide" if problems else "")
