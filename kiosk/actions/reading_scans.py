"""What the worker does with a stored scan: read it, and put each page with its sheet.

stored → read → awaiting confirmation; a page that cannot go that way waits for a person's decision.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, or_, select

from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import documents, readings
from kiosk.actions.clients import profile_of
from kiosk.vault import new_id, passing, tables
from kiosk.vault.did import Did
from kiosk.vault.states import PageState, ScanState, SheetState
from pdf.code import SheetCode, readable
from pdf.field_map import FieldMap
from pdf.reading import PageProblem, PageRead, read_file

LEASE = timedelta(minutes=2)
MOST_TRIES = 3

GAVE_UP = "This file could not be read. Scan the paper again, or file it by hand."
DUPLICATE_PAGE = "This page of sheet {serial} is here already. Return the paper, or file it by hand."
OF_NOBODY = "This sheet was printed for a client who has been erased. Nothing of it is kept: shred it."
ANOTHER_FORM = "The code on this page does not agree with the sheet that was printed. File it by hand."


def read_next(by: Actor) -> bool:
    """Read the oldest scan that waits; returns whether there was one.

    A lease keeps two workers from the same scan and gives it back when a worker dies.
    """
    with access.transaction(by, Purpose.SCAN) as desk:
        scan = desk.session.scalar(
            select(tables.Scan)
            .where(
                or_(
                    tables.Scan.state == ScanState.STORED,
                    (tables.Scan.state == ScanState.READING) & (tables.Scan.leased_until < desk.now),
                )
            )
            .order_by(tables.Scan.received_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if scan is None:
            return False
        scan_id = scan.id
        if scan.tries >= MOST_TRIES:
            _keep_problem(desk, scan, PageProblem(None, GAVE_UP, "unreadable", None))
            scan.state = ScanState.READ
            return True
        scan.state, scan.leased_until, scan.tries = ScanState.READING, desk.now + LEASE, scan.tries + 1
        data = documents.read(desk, scan.document_id)
    pages = read_file(data, lambda code: _map_for(by, code))
    with access.transaction(by, Purpose.SCAN) as desk:
        _store_pages(desk, scan_id, pages)
    return True


def _map_for(by: Actor, code: SheetCode) -> FieldMap | None:
    """The map that was kept with the printed sheet, whatever a later layout would give."""
    with access.transaction(by, Purpose.SCAN) as desk:
        sheet = _sheet_of(desk, code)
        return FieldMap.from_json(sheet.field_map) if sheet else None


def _sheet_of(desk: Desk, code: SheetCode) -> tables.Sheet | None:
    if code.serial is None:
        return None
    return desk.session.scalar(select(tables.Sheet).where(tables.Sheet.serial == code.serial))


def _store_pages(desk: Desk, scan_id: str, pages: Sequence[PageRead | PageProblem]) -> None:
    scan = desk.session.get_one(tables.Scan, scan_id)
    if scan.state != ScanState.READING:
        return
    kept = False
    for page in pages:
        match page:
            case PageRead():
                kept |= _keep_page(desk, scan, page)
            case PageProblem():
                _keep_problem(desk, scan, page)
                kept = True
    if not kept:
        passing.destroy(desk.session, passing.of_scan(scan.id), desk.now)
    scan.state, scan.leased_until = ScanState.READ, None
    desk.audit(Did.READ_SCAN, "scan", scan.id)


def _keep_page(desk: Desk, scan: tables.Scan, page: PageRead) -> bool:
    """Put a page that was read with its sheet; returns whether it is kept: no erased client's is."""
    sheet = _sheet_of(desk, page.code)
    if sheet is None or not 1 <= page.code.page <= sheet.pages:
        _keep_problem(desk, scan, _as_problem(page, ANOTHER_FORM, "unknown_sheet"))
        return True
    if profile_of(desk, sheet.client_id).erased:
        _keep_problem(desk, scan, PageProblem(page.page_in_file, OF_NOBODY, "unknown_sheet", None))
        return False
    there = select(tables.ScanPage.id).where(
        tables.ScanPage.sheet_id == sheet.id,
        tables.ScanPage.sheet_page == page.code.page,
        tables.ScanPage.state == PageState.ON_SHEET,
    )
    open_states = (SheetState.PRINTED, SheetState.INCOMPLETE)
    if sheet.state not in open_states or desk.session.scalar(there) is not None:
        problem = _as_problem(page, DUPLICATE_PAGE.format(serial=readable(sheet.serial)), "duplicate_page")
        _keep_problem(desk, scan, problem, owner=sheet.client_id)
        return True
    row = tables.ScanPage(
        id=new_id(),
        scan_id=scan.id,
        number=page.page_in_file + 1,
        state=PageState.ON_SHEET,
        image_id=documents.keep(desk, sheet.client_id, "page", "image/png", page.image_png),
        sheet_id=sheet.id,
        sheet_page=page.code.page,
    )
    desk.session.add(row)
    desk.session.flush()
    readings.keep_page(desk, sheet, row, page)
    _move_on(desk, sheet)
    return True


def _as_problem(page: PageRead, problem: str, kind: str) -> PageProblem:
    return PageProblem(page.page_in_file, problem, kind, page.image_png)


def _move_on(desk: Desk, sheet: tables.Sheet) -> None:
    """A sheet waits for confirmation once each of its pages is here."""
    here = desk.session.scalar(
        select(func.count(func.distinct(tables.ScanPage.sheet_page))).where(
            tables.ScanPage.sheet_id == sheet.id, tables.ScanPage.state == PageState.ON_SHEET
        )
    )
    sheet.state = SheetState.AWAITING if here == sheet.pages else SheetState.INCOMPLETE


def _keep_problem(desk: Desk, scan: tables.Scan, problem: PageProblem, owner: str = "") -> tables.ScanPage:
    image, owner = problem.image_png, owner or passing.of_scan(scan.id)
    row = tables.ScanPage(
        id=new_id(),
        scan_id=scan.id,
        number=(problem.page_in_file if problem.page_in_file is not None else 0) + 1,
        state=PageState.PROBLEM,
        problem=problem.problem,
        problem_kind=problem.kind,
        image_id=documents.keep(desk, owner, "page", "image/png", image) if image else None,
    )
    desk.session.add(row)
    desk.session.flush()
    return row
