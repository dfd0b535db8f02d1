"""What was read from a page, a value at a time: what the machine proposes, beside its crop."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from kiosk.access import Desk
from kiosk.actions import documents
from kiosk.vault import Field, new_id, tables
from pdf.field_map import Field as MapField
from pdf.field_map import FieldMap
from pdf.reading import FieldRead, PageRead
from pdf.reading.crops import page_image, region

ONE_OF = ("decision", "yes_no", "choice", "_signer")  # a person says which one box is marked
SIGNED, NOT_SIGNED = "signed", "not_signed"
MARKED, NOT_MARKED = "marked", "not_marked"


@dataclass(frozen=True)
class Proposal:
    """What the machine read: `value` None where it did not read, or would have to guess."""

    value: str | None
    confidence: float
    sure: bool
    why: str | None

    def to_json(self) -> dict[str, object]:
        return {"value": self.value, "confidence": self.confidence, "sure": self.sure, "why": self.why}


def question_kind(desk: Desk, sheet: tables.Sheet, question: str) -> str:
    """The kind of a question on a sheet; what every twin has of its own begins with an underscore."""
    if question.startswith("_"):
        return question
    return desk.practice.catalog.form(sheet.form, sheet.version).question(question).kind


def keep_page(desk: Desk, sheet: tables.Sheet, row: tables.ScanPage, page: PageRead) -> None:
    """Store each value of a page with its crop, under the client's key."""
    image = page_image(page.image_png)
    for position, group in enumerate(groups(desk, sheet, page.fields)):
        first = group[0]
        reading_id = new_id()
        whole = group[0].field
        one_of = question_kind(desk, sheet, whole.question) in ONE_OF
        part = whole.part or ""
        if whole.kind == "tick" and not one_of:
            part = whole.option or ""
        boxes = [read.field.box for read in group]
        crop = region(image, page.page_size, boxes, whole.kind, sheet.lang)
        crop_id = documents.keep(desk, sheet.client_id, "crop", "image/png", crop)
        proposed = _proposal(group, one_of).to_json()
        desk.session.add(
            tables.Reading(
                id=reading_id,
                sheet_id=sheet.id,
                page_id=row.id,
                position=page.code.page * 1000 + position,
                question=first.field.question,
                part=part,
                read_sealed=desk.seal_json(sheet.client_id, Field.READING_READ, reading_id, proposed),
                crop_id=crop_id,
            )
        )


def groups(desk: Desk, sheet: tables.Sheet, fields: Iterable[FieldRead]) -> Sequence[list[FieldRead]]:
    """The boxes of one decision belong together; each box of a list of choices stands alone."""

    def key(read: FieldRead) -> tuple[str, str, str]:
        field = read.field
        together = field.kind != "tick" or question_kind(desk, sheet, field.question) in ONE_OF
        return field.question, field.part or "", "" if together else field.option or ""

    return [list(group) for _, group in groupby(fields, key)]


def _proposal(group: Sequence[FieldRead], one_of: bool) -> Proposal:
    first = group[0]
    confidence = min(read.confidence for read in group)
    why = next((read.why for read in group if read.why), None)
    sure = all(read.sure for read in group)
    if first.field.kind == "signature":
        value = None if first.value is None else (SIGNED if first.value else NOT_SIGNED)
        return Proposal(value, confidence, sure, why)
    if first.field.kind != "tick":
        return Proposal(first.value if isinstance(first.value, str) else None, confidence, sure, why)
    if not one_of:
        value = None if first.value is None else (MARKED if first.value else NOT_MARKED)
        return Proposal(value, confidence, sure, why)
    marked = [read.field.option for read in group if read.value]
    if len(marked) > 1:
        return Proposal(None, confidence, False, why or "more than one box is marked")
    return Proposal(marked[0] if marked else "", confidence, sure, why)


def fields_of(sheet: tables.Sheet, question: str, part: str) -> list[MapField]:
    """The places of a value on its sheet, from the map that was kept with it."""
    return [
        field
        for field in FieldMap.from_json(sheet.field_map).fields
        if field.question == question and part in ("", field.part or "", field.option or "")
    ]
