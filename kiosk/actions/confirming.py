"""A person's yes to what was read from a sheet, value by value, and the record that comes of it.

For a box or a signature the person says first what they see; only then does the proposal show, and
only where it differs. Nothing read from paper is a fact before that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from forms import profile as known
from kiosk import access
from kiosk.access import Actor, Desk, Purpose, may
from kiosk.actions import documents, paper_records, readings
from kiosk.actions.clients import DAMAGED, not_erased, profile_of, refuse_erased
from kiosk.actions.paper_questions import Asked, asked
from kiosk.actions.reach import is_delicate, reached
from kiosk.errors import Damaged, Invalid, NotFound, NotTheirs
from kiosk.vault import Field, tables
from kiosk.vault.did import Did
from kiosk.vault.states import PageState, SheetState
from pdf.field_map import FieldMap

UNCLEAR = "unclear"
ONE_LOOK = timedelta(hours=1)

SOMETHING_THERE = "A box there was read as marked. Look at each value by itself."
LOOK_AGAIN = "Choose what you see on the paper."
STILL_OPEN = "Some values are not confirmed yet. The list shows which."


@dataclass(frozen=True)
class WaitingSheet:
    id: str
    serial: str
    title: str
    who: str
    pages: int
    left: int
    problem: str | None


@dataclass(frozen=True)
class Waiting:
    """`others` counts, for who takes in scans, the sheets that wait for another role, and tells no more."""

    sheets: tuple[WaitingSheet, ...]
    others: int


@dataclass(frozen=True)
class ValueView:
    """One value to confirm. `proposal` is empty until the person has said what they see.

    `further` counts the values of a further turn of a group that this one begins, where nothing of it was
    looked at yet: a second contact whom nobody filled in is seen to be empty in one look.
    """

    reading_id: str
    label: str
    kind: str
    options: tuple[tuple[str, str, str], ...]
    box: tuple[float, float, float, float]
    stage: str
    proposal: str | None
    seen: str | None
    why: str | None
    inputmode: str
    typed: str
    further: int


@dataclass(frozen=True)
class ValueRow:
    reading_id: str
    label: str
    state: str
    note: str


@dataclass(frozen=True)
class ConfirmView:
    sheet_id: str
    serial: str
    title: str
    who: str
    page: int
    pages: int
    page_id: str
    number: int
    count: int
    value: ValueView | None
    rows: tuple[ValueRow, ...]
    finished: bool
    changes: tuple[known.Change, ...] = ()
    problem: str | None = None


@dataclass(frozen=True)
class Value:
    """A reading inside a transaction, with what was proposed, seen and confirmed."""

    row: tables.Reading
    asked: Asked
    proposal: readings.Proposal
    seen: str | None
    confirmed: str | None


def waiting(by: Actor) -> Waiting:
    """The sheets that wait for this person, the longest waiting first; of others' only how many."""
    with access.transaction(by, Purpose.CONFIRM) as desk:
        sheets = desk.session.scalars(
            select(tables.Sheet)
            .where(tables.Sheet.state == SheetState.AWAITING, not_erased(tables.Sheet.client_id))
            .order_by(tables.Sheet.printed_at)
        ).all()
        own = [sheet for sheet in sheets if may_confirm(desk, sheet)]
        others = len(sheets) - len(own) if may(by.roles, by.kind, Purpose.SCAN) else 0
        return Waiting(tuple(_waiting_sheet(desk, sheet) for sheet in own), others)


def may_confirm(desk: Desk, sheet: tables.Sheet) -> bool:
    """Whether the form wants its paper confirmed by this person's role, and the client is theirs."""
    delicate = is_delicate(desk, sheet.form, sheet.version)
    return reached(desk, Purpose.CONFIRM, sheet.client_id, delicate=delicate)


def _waiting_sheet(desk: Desk, sheet: tables.Sheet) -> WaitingSheet:
    """One that cannot be read any more says so, and hides no other."""
    who, left, problem = "", 0, None
    try:
        who = profile_of(desk, sheet.client_id).initials
        left = sum(value.confirmed is None for value in values_of(desk, sheet))
    except Damaged as found:
        access.note_damage(desk, found.row)
        problem = DAMAGED
    return WaitingSheet(
        id=sheet.id,
        serial=sheet.serial,
        title=desk.practice.catalog.form(sheet.form, sheet.version).title.say("en"),
        who=who,
        pages=sheet.pages,
        left=left,
        problem=problem,
    )


def values_of(desk: Desk, sheet: tables.Sheet) -> tuple[Value, ...]:
    rows = desk.session.scalars(
        select(tables.Reading)
        .join(tables.ScanPage, tables.ScanPage.id == tables.Reading.page_id)
        .where(tables.Reading.sheet_id == sheet.id, tables.ScanPage.state == PageState.ON_SHEET)
        .order_by(tables.Reading.position)
    )
    return tuple(_value(desk, sheet, row) for row in rows)


def _value(desk: Desk, sheet: tables.Sheet, row: tables.Reading) -> Value:
    def opened(field: Field, sealed: bytes | None) -> str | None:
        return None if sealed is None else desk.open_json(sheet.client_id, field, row.id, sealed)["value"]

    read = desk.open_json(sheet.client_id, Field.READING_READ, row.id, row.read_sealed)
    return Value(
        row=row,
        asked=asked(desk, sheet, row.question, row.part),
        proposal=readings.Proposal(**read),
        seen=opened(Field.READING_SEEN, row.seen_sealed),
        confirmed=opened(Field.READING_CONFIRMED, row.confirmed_sealed),
    )


def view(by: Actor, sheet_id: str, reading_id: str | None = None) -> ConfirmView:
    """The value to confirm next, or the one asked for. Raises NotFound."""
    with access.transaction(by, Purpose.CONFIRM) as desk:
        sheet = _sheet(desk, sheet_id)
        _note_look(desk, sheet)
        values = values_of(desk, sheet)
        current = _current(values, reading_id)
        shown = current or values[-1]
        page = desk.session.get_one(tables.ScanPage, shown.row.page_id)
        return ConfirmView(
            sheet_id=sheet.id,
            serial=sheet.serial,
            title=desk.practice.catalog.form(sheet.form, sheet.version).title.say("en"),
            who=profile_of(desk, sheet.client_id).initials,
            page=page.sheet_page or 1,
            pages=sheet.pages,
            page_id=page.id,
            number=values.index(shown) + 1,
            count=len(values),
            value=_value_view(sheet, current, _further(desk, sheet, values, current)) if current else None,
            rows=tuple(_value_row(value, current) for value in values),
            finished=all(value.confirmed is not None for value in values),
            changes=_changes(desk, sheet, values),
        )


def _changes(desk: Desk, sheet: tables.Sheet, values: Sequence[Value]) -> tuple[known.Change, ...]:
    """What keeping this sheet would change in the profile; nothing while a value is open or unreadable."""
    if any(value.confirmed is None for value in values):
        return ()
    try:
        return paper_records.changes(desk, sheet, _all_said(desk, sheet))
    except Invalid:
        return ()  # said when the sheet is to be kept


def _sheet(desk: Desk, sheet_id: str) -> tables.Sheet:
    sheet = desk.session.get(tables.Sheet, sheet_id)
    if sheet is None or sheet.state != SheetState.AWAITING:
        raise NotFound()
    if not may_confirm(desk, sheet):
        raise NotTheirs("sheet", sheet.id)
    refuse_erased(desk, sheet.client_id)
    return sheet


def _current(values: Sequence[Value], reading_id: str | None) -> Value | None:
    for value in values:
        if value.row.id == reading_id and value.confirmed is None:
            return value
    unclear = [value for value in values if value.confirmed is None and value.seen == UNCLEAR]
    still_open = [value for value in values if value.confirmed is None and value.seen != UNCLEAR]
    return next(iter(still_open + unclear), None)


def _value_view(sheet: tables.Sheet, value: Value, further: Sequence[Value]) -> ValueView:
    typed = value.asked.kind in ("line", "comb")
    disagrees = not typed and value.seen is not None and value.seen != UNCLEAR
    return ValueView(
        reading_id=value.row.id,
        label=value.asked.label,
        kind=value.asked.kind,
        options=value.asked.options,
        box=_box(sheet, [value, *further]),
        stage="type" if typed else ("disagree" if disagrees else "say"),
        proposal=value.asked.say(value.proposal.value) if disagrees else None,
        seen=value.asked.say(value.seen) if disagrees else None,
        why=value.proposal.why if disagrees or typed else None,
        inputmode=value.asked.inputmode,
        typed=value.proposal.value or "" if typed else "",
        further=len(further),
    )


def _box(sheet: tables.Sheet, values: Sequence[Value]) -> tuple[float, float, float, float]:
    """Where values stand on their page, in hundredths of the page's width and height."""
    fields = [
        field for value in values for field in readings.fields_of(sheet, value.row.question, value.row.part)
    ]
    width, height = FieldMap.from_json(sheet.field_map).pages[fields[0].page]
    left, top = min(f.box[0] for f in fields), min(f.box[1] for f in fields)
    right, bottom = max(f.box[0] + f.box[2] for f in fields), max(f.box[1] + f.box[3] for f in fields)
    return (
        100 * left / width,
        100 * top / height,
        100 * (right - left) / width,
        100 * (bottom - top) / height,
    )


def _value_row(value: Value, current: Value | None) -> ValueRow:
    if value.confirmed is not None:
        return ValueRow(value.row.id, value.asked.label, "confirmed", value.asked.say(value.confirmed))
    if current is not None and value.row.id == current.row.id:
        return ValueRow(value.row.id, value.asked.label, "now", "")
    if value.seen == UNCLEAR:
        return ValueRow(value.row.id, value.asked.label, "unsure", "unclear")
    return ValueRow(value.row.id, value.asked.label, "open", "")


def _note_look(desk: Desk, sheet: tables.Sheet) -> None:
    """Once an hour for each person: a sheet is confirmed in dozens of looks, which are one opening of it."""
    lately = select(tables.AuditEntry.seq).where(
        tables.AuditEntry.object == sheet.id,
        tables.AuditEntry.did == Did.LOOKED_AT_SHEET,
        tables.AuditEntry.actor == desk.by.id,
        tables.AuditEntry.at > desk.now - ONE_LOOK,
    )
    if desk.session.scalar(lately.limit(1)) is None:
        desk.audit(Did.LOOKED_AT_SHEET, "sheet", sheet.id)


def crop(by: Actor, reading_id: str) -> bytes:
    """What was cut out of the sheet for one value; it belongs to the look at that sheet. Raises NotFound."""
    with access.transaction(by, Purpose.CONFIRM) as desk:
        sheet, value = _reading(desk, reading_id)
        _note_look(desk, sheet)
        return documents.read(desk, value.row.crop_id)


def page_png(by: Actor, page_id: str) -> bytes:
    """A scanned page: of a sheet, for who may confirm it; else for the desk. Raises NotFound."""
    with access.transaction(by, Purpose.CONFIRM) as desk:
        page = desk.session.get(tables.ScanPage, page_id)
        if page is None or page.image_id is None:
            raise NotFound()
        sheet = desk.session.get(tables.Sheet, page.sheet_id) if page.sheet_id else None
        if sheet:
            refuse_erased(desk, sheet.client_id)
        if not (may_confirm(desk, sheet) if sheet else may(by.roles, by.kind, Purpose.SCAN)):
            raise NotTheirs("page", page.id)
        desk.audit(Did.OPENED_SCAN, "page", page.id)
        return documents.read(desk, page.image_id)


def _reading(desk: Desk, reading_id: str) -> tuple[tables.Sheet, Value]:
    row = desk.session.get(tables.Reading, reading_id)
    if row is None:
        raise NotFound()
    sheet = _sheet(desk, row.sheet_id)
    return sheet, _value(desk, sheet, row)


def say(by: Actor, reading_id: str, seen: str) -> str:
    """What a person sees in a box or a signature; returns the sheet's id. Raises NotFound, Invalid.

    Agreeing with a sure reading confirms it. Otherwise the person is shown both and looks again;
    what they say then stands, for a person decides.
    """
    with access.transaction(by, Purpose.CONFIRM) as desk:
        sheet, value = _reading(desk, reading_id)
        if seen not in {option[1] for option in value.asked.options}:
            raise Invalid({"seen": LOOK_AGAIN})
        looked_twice = value.seen is not None and value.seen != UNCLEAR
        value.row.seen_sealed = _sealed(desk, sheet, Field.READING_SEEN, value.row.id, seen)
        desk.audit(Did.SAID_WHAT_IS_SEEN, "reading", value.row.id)
        agrees = value.proposal.sure and value.proposal.value == seen
        if seen != UNCLEAR and (agrees or looked_twice or not value.proposal.sure):
            _confirm(desk, by, sheet, value, seen)
        return sheet.id


def confirm(by: Actor, reading_id: str, typed: str) -> str:
    """What a person reads in handwriting, `""` for a field left empty; returns the sheet's id.

    Raises NotFound, Invalid.
    """
    with access.transaction(by, Purpose.CONFIRM) as desk:
        sheet, value = _reading(desk, reading_id)
        if value.asked.kind not in ("line", "comb"):
            raise Invalid({"seen": LOOK_AGAIN})
        _confirm(desk, by, sheet, value, " ".join(typed.split()))
        return sheet.id


def _confirm(desk: Desk, by: Actor, sheet: tables.Sheet, value: Value, said: str) -> None:
    value.row.confirmed_sealed = _sealed(desk, sheet, Field.READING_CONFIRMED, value.row.id, said)
    value.row.confirmed_by, value.row.confirmed_at = by.id, desk.now
    page = desk.session.get_one(tables.ScanPage, value.row.page_id)
    page.viewed_at = page.viewed_at or desk.now
    desk.audit(Did.CONFIRMED_VALUE, "reading", value.row.id)


def _sealed(desk: Desk, sheet: tables.Sheet, field: Field, row_id: str, said: str) -> bytes:
    return desk.seal_json(sheet.client_id, field, row_id, {"value": said})


def _further(desk: Desk, sheet: tables.Sheet, values: Sequence[Value], current: Value) -> tuple[Value, ...]:
    """All values on this page of the further turn that `current` begins; none once one was looked at."""
    form = desk.practice.catalog.form(sheet.form, sheet.version)
    turns = {
        question.id: (page.group, page.turn)
        for page in form.pages
        if page.group and page.turn > 1
        for question in page.questions
    }
    turn = turns.get(current.row.question)
    whole = tuple(
        value
        for value in values
        if turn and turns.get(value.row.question) == turn and value.row.page_id == current.row.page_id
    )
    untouched = all(value.confirmed is None and value.seen is None for value in whole)
    return whole if untouched and whole[:1] == (current,) else ()


def nothing_further(by: Actor, reading_id: str) -> str:
    """A person sees that a whole further turn was left empty; returns the sheet's id.

    Where a box of it was read as marked, or could not be read, each is to be looked at. Raises NotFound,
    Invalid.
    """
    with access.transaction(by, Purpose.CONFIRM) as desk:
        sheet, value = _reading(desk, reading_id)
        whole = _further(desk, sheet, values_of(desk, sheet), value)
        if not whole:
            raise NotFound()
        for one in whole:
            if one.asked.kind == "ticks" and one.proposal.value != _empty(one):
                raise Invalid({"seen": SOMETHING_THERE})
        for one in whole:
            _confirm(desk, by, sheet, one, _empty(one))
        return sheet.id


def _empty(value: Value) -> str:
    """What a value is called that was left empty."""
    options = {option for _, option, _ in value.asked.options}
    return readings.NOT_MARKED if readings.NOT_MARKED in options else ""


def undo(by: Actor, sheet_id: str) -> None:
    """Take back the value confirmed last."""
    with access.transaction(by, Purpose.CONFIRM) as desk:
        sheet = _sheet(desk, sheet_id)
        row = desk.session.scalar(
            select(tables.Reading)
            .where(tables.Reading.sheet_id == sheet.id, tables.Reading.confirmed_at.is_not(None))
            .order_by(tables.Reading.confirmed_at.desc(), tables.Reading.position.desc())
            .limit(1)
        )
        if row is not None:
            row.confirmed_sealed = row.confirmed_by = row.confirmed_at = row.seen_sealed = None
            desk.audit(Did.UNDID_VALUE, "reading", row.id)


def give_back(by: Actor, sheet_id: str, reason: str = "") -> None:
    """The paper goes back: it does not belong here, or cannot stand as it is. None of it is a fact."""
    with access.transaction(by, Purpose.CONFIRM) as desk:
        sheet = _sheet(desk, sheet_id)
        sheet.state = SheetState.RETURNED
        desk.audit(Did.RETURNED_SHEET, "sheet", sheet.id)


def finish(by: Actor, sheet_id: str) -> None:
    """Make the record that a confirmed sheet stands for. Raises NotFound, Invalid."""
    with access.transaction(by, Purpose.CONFIRM) as desk:
        sheet = _sheet(desk, sheet_id)
        said = _all_said(desk, sheet)
        draft = paper_records.draft(desk, sheet, said)
    sealed_pdf = paper_records.sealed_pdf(draft)
    with access.transaction(by, Purpose.CONFIRM) as desk:
        sheet = _sheet(desk, sheet_id)
        if _all_said(desk, sheet) != said:
            raise Invalid({"sheet": STILL_OPEN})
        for page in desk.session.scalars(
            select(tables.ScanPage).where(
                tables.ScanPage.sheet_id == sheet.id, tables.ScanPage.state == PageState.ON_SHEET
            )
        ):
            page.viewed_at = page.viewed_at or desk.now
        paper_records.keep(desk, sheet, draft, sealed_pdf)
        sheet.state, sheet.confirmed_at, sheet.confirmed_by = SheetState.CONFIRMED, desk.now, by.id
        desk.audit(Did.CONFIRMED_SHEET, "sheet", sheet.id)


def _all_said(desk: Desk, sheet: tables.Sheet) -> dict[tuple[str, str], str]:
    """Each confirmed value by question and part. Raises Invalid where one is not confirmed."""
    values = values_of(desk, sheet)
    if any(value.confirmed is None for value in values):
        raise Invalid({"sheet": STILL_OPEN})
    return {(value.row.question, value.row.part): value.confirmed or "" for value in values}
