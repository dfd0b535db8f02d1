"""A sheet on its way through people's hands: printed at the desk, filled in with a pen, scanned."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from kiosk import access
from kiosk.access import Practice
from kiosk.actions import practice as founding
from kiosk.vault import tables
from pdf.field_map import FieldMap
from tests.pen import Sheet, as_pdf

FORM = "emergency_contact"
TYPED = {"contact-name": "Kirsten Nyberg", "contact-relation": "daughter", "contact-phone": "555 0142"}
MARKED = {
    "may_call_emergency": "allow",
    "may_speak_worried": "refuse",
    "may_tell_health": "refuse",
    "_signer": "self",
}
SIGNED_ON = {"_date-month": "11", "_date-day": "23", "_date-year": "2026"}


def print_sheet(dorothy: Any, visit: str) -> bytes:
    dorothy.opens(f"/desk/visits/{visit}")
    answer = dorothy.presses(f"/desk/visits/{visit}/print-sheets", status=200, forms=FORM)
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == "inline; filename=sheets.pdf"
    return answer.data


def came_back(practice: Practice, pdf: bytes) -> bytes:
    """The printed sheet, filled in and scanned."""
    with access.transaction(founding.system(practice)) as desk:
        field_map = FieldMap.from_json(desk.session.scalars(select(tables.Sheet.field_map)).one())
    sheet = Sheet.printed(pdf, field_map)
    for question, option in MARKED.items():
        sheet.tick(question, option)
    for field in TYPED:
        question, _, part = field.partition("-")
        sheet.write(question, TYPED[field], part)
    for part in ("month", "day", "year"):
        sheet.write("_date", SIGNED_ON[f"_date-{part}"], part)
    sheet.sign(next(f.question for f in field_map.fields if f.kind == "signature"))
    return as_pdf(sheet.pages)


def labels(practice: Practice, sheet_id: str) -> Mapping[str, tuple[str, str]]:
    """What each reading on a sheet is about: the question and its part."""
    with access.transaction(founding.system(practice)) as desk:
        rows = desk.session.scalars(select(tables.Reading).where(tables.Reading.sheet_id == sheet_id))
        return {row.id: (row.question, row.part) for row in rows}
