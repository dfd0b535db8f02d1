"""Paper comes and goes: sheets are printed, scans are received, and a person decides where reading cannot."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from forms.definition import Form
from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import documents
from kiosk.actions.clients import profile_of, refuse_erased
from kiosk.actions.passing import under_key_of_its_own
from kiosk.actions.visits import the_visit
from kiosk.errors import Invalid, NotFound
from kiosk.vault import new_id, tables
from kiosk.vault.did import Did
from kiosk.vault.states import PageState, ScanState, SheetState
from pdf import printing
from pdf.field_map import FieldMap
from pdf.twin import twin

SERIAL_LETTERS = "34679ACDEFGHJKMNPQRTWXY"

EMPTY = "This file is empty. Scan the paper again."


@dataclass(frozen=True)
class Received:
    scan_id: str
    duplicate: bool


@dataclass(frozen=True)
class _Blank:
    """One form that is to be laid out in one language, under a serial that nobody had when it was chosen."""

    form: Form
    lang: str
    serial: str


def print_sheets(by: Actor, visit_id: str, forms: Sequence[str]) -> bytes:
    """Print forms for a visit's client, each sheet with a serial that only the store knows.

    They take seconds to lay out, during which the store is not held; what was laid out is kept only if all
    still stands. Raises NotFound for an unknown visit and one that is gone by then, Erased, and Invalid where
    no form was chosen.
    """
    settings = by.practice.settings
    while True:
        blanks = _blanks(by, visit_id, forms)
        made = [
            twin(one.form, one.lang, settings.paper_size, practice=settings.practice_name, serial=one.serial)
            for one in blanks
        ]
        merged = printing.merge([one.pdf for one in made])
        if _kept(by, visit_id, blanks, [one.field_map for one in made]):
            return merged


def _blanks(by: Actor, visit_id: str, forms: Sequence[str]) -> list[_Blank]:
    with access.transaction(by, Purpose.PRINT_SHEET) as desk:
        visit = the_visit(desk, visit_id)
        chosen = [form for form in desk.practice.catalog.current() if form.id in forms]
        if not chosen:
            raise Invalid({"forms": "Choose at least one form to print."})
        lang = profile_of(desk, visit.client_id).lang
        serials: list[str] = []
        while len(serials) < len(chosen):
            if (serial := _new_serial(desk)) not in serials:
                serials.append(serial)
        return [
            _Blank(form, lang if lang in form.languages else form.languages[0], serial)
            for form, serial in zip(chosen, serials, strict=True)
        ]


def _kept(by: Actor, visit_id: str, blanks: Sequence[_Blank], maps: Sequence[FieldMap]) -> bool:
    """All of them, or none where a serial was taken meanwhile. Raises NotFound, Erased."""
    with access.transaction(by, Purpose.PRINT_SHEET) as desk:
        visit = the_visit(desk, visit_id)
        if any(_is_taken(desk, blank.serial) for blank in blanks):
            return False
        for blank, field_map in zip(blanks, maps, strict=True):
            sheet = tables.Sheet(
                id=new_id(),
                serial=blank.serial,
                client_id=visit.client_id,
                visit_id=visit.id,
                form=blank.form.id,
                version=blank.form.version,
                lang=blank.lang,
                pages=len(field_map.pages),
                field_map=field_map.to_json(),
                state=SheetState.PRINTED,
                printed_at=desk.now,
            )
            desk.session.add(sheet)
            desk.audit(Did.PRINTED_SHEET, "sheet", sheet.id)
        return True


def _new_serial(desk: Desk) -> str:
    """Eight letters that nobody has; 23^8 of them, so that a guess finds nothing."""
    while True:
        serial = "".join(secrets.choice(SERIAL_LETTERS) for _ in range(8))
        if not _is_taken(desk, serial):
            return serial


def _is_taken(desk: Desk, serial: str) -> bool:
    return desk.session.scalar(select(tables.Sheet.id).where(tables.Sheet.serial == serial)) is not None


def receive(by: Actor, data: bytes, source: str = "browser") -> Received:
    """Store a file as it came: encrypted, read back and compared, in one transaction with its row.

    The same bytes a second time are noted and kept once. Raises Invalid for an empty or too large file.
    """
    with access.transaction(by, Purpose.SCAN) as desk:
        limit_mb = desk.practice.settings.max_upload_mb
        if not data:
            raise Invalid({"files": EMPTY})
        if len(data) > limit_mb * 1_000_000:
            raise Invalid({"files": f"This file is larger than {limit_mb} MB. Scan fewer pages at once."})
        first = desk.session.scalar(
            select(tables.Scan)
            .join(tables.Document, tables.Document.id == tables.Scan.document_id)
            .where(tables.Document.mac == documents.content_mac(desk, data))
            .order_by(tables.Scan.received_at)
            .limit(1)
        )
        scan_id = new_id()
        scan = tables.Scan(
            id=scan_id,
            document_id=(
                first.document_id
                if first
                else documents.keep(
                    desk, under_key_of_its_own(desk, scan_id), "scan", "application/octet-stream", data
                )
            ),
            source=source,
            state=ScanState.DUPLICATE if first else ScanState.STORED,
            received_at=desk.now,
            tries=0,
            duplicate_of=first.id if first else None,
        )
        desk.session.add(scan)
        desk.audit(
            Did.RECEIVED_SCAN, "scan", scan.id, outcome="duplicate" if first else "done", reason=source
        )
        return Received(scan.id, first is not None)


def must_wait(by: Actor, page_id: str) -> None:
    """Raises NotFound for a page that waits for nobody's decision."""
    with access.transaction(by, Purpose.SCAN) as desk:
        _waiting(desk, page_id)


def _waiting(desk: Desk, page_id: str) -> tables.ScanPage:
    page = desk.session.get(tables.ScanPage, page_id)
    if page is None or page.state != PageState.PROBLEM:
        raise NotFound()
    return page


def decide(by: Actor, page_id: str, decision: str, client_id: str | None = None) -> None:
    """What a person decided about a page that could not go on by itself.

    `file` keeps the image with a client and needs one; `rescan` and `return` let go of it.
    Raises NotFound, Invalid.
    """
    with access.transaction(by, Purpose.SCAN) as desk:
        page = _waiting(desk, page_id)
        match decision:
            case "file":
                _file_by_hand(desk, page, client_id)
            case "rescan":
                page.state = PageState.RESCAN_ASKED
            case "return":
                page.state = PageState.RETURNED
            case _:
                raise Invalid({"decision": "Choose what happens with this page."})
        page.decided_by = by.id
        desk.audit(Did.DECIDED_PAGE, "page", page.id, reason=decision)


def _file_by_hand(desk: Desk, page: tables.ScanPage, client_id: str | None) -> None:
    if not client_id or desk.session.get(tables.Client, client_id) is None:
        raise Invalid({"client_id": "Choose whose page this is."})
    refuse_erased(desk, client_id)
    if page.image_id is None:
        raise Invalid({"decision": "There is no picture of this page to file. Ask for a new scan."})
    documents.give_to(desk, page.image_id, client_id)
    page.state = PageState.FILED_BY_HAND
