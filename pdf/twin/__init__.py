"""The paper twin: a form as a sheet to fill in by hand, and the map of its fields from the same layout."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, cast

import cv2
import segno
from babel import Locale, UnknownLocaleError
from markupsafe import Markup
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, PdfObject, StreamObject
from weasyprint import Document

from forms.definition import Condition, Form, Page, Question
from forms.kinds import KINDS
from pdf.code import SheetCode, readable
from pdf.field_map import POINTS, Box, Field, FieldMap
from pdf.html import PX_PER_POINT, direction, document
from pdf.twin.conditions import Numbers, only_if
from pdf.twin.words import lang_of, words_of

MARKS = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
MARK_CELLS = 6  # four of pattern within a black border of one
SIGNERS = ("self", "parent", "guardian", "agent")


@dataclass(frozen=True)
class Twin:
    pdf: bytes
    field_map: FieldMap


@dataclass
class Marks:
    """Hands out ids, which say nothing, to what can be marked, in the order of the page."""

    fields: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, question: str, kind: str, **more: Any) -> str:
        self.fields.append({"question": question, "kind": kind, **more})
        return f"f{len(self.fields) - 1}"


def twin(form: Form, lang: str, size: str = "letter", *, practice: str, serial: str | None = None) -> Twin:
    """One form on paper. No client's name is on it; a serial, where there is one, is the store's to know.

    Raises KeyError for a language that the form lacks.
    """
    if lang not in form.languages:
        raise KeyError(lang)
    marks = Marks()
    body = _body(form, lang, size, marks)
    around = _around(form, lang, size, practice, serial, pages=len(body.pages))
    field_map = FieldMap(
        form=form.id,
        version=form.version,
        lang=lang,
        size=size,
        pages=(POINTS[size],) * len(body.pages),
        fields=_placed(body, marks.fields),
        marks=tuple(
            _boxes(around, page, [f"m{page}-{corner}" for corner in range(4)])
            for page in range(len(body.pages))
        ),
    )
    return Twin(_laid_over(body.write_pdf(), around.write_pdf()), field_map)


def _body(form: Form, lang: str, size: str, marks: Marks) -> Document:
    """What the form asks, laid out page by page."""
    numbers, words = _numbers(form), words_of(lang)
    return document(
        "pdf.twin",
        "twin.html",
        form=form,
        lang=lang,
        size=size,
        words=words,
        mark=marks,
        numbers=numbers,
        kinds=KINDS,
        signers=SIGNERS,
        turns=list(_turns(form, numbers, lang)),
        only_if=lambda *conditions: _conditions(form, conditions, numbers, lang),
        options=lambda question: KINDS[question.kind].options(question, lang, paper=True),
        parts_of=lambda question: _parts(question, lang),
        signed_on=[(part.id, words[part.id], part.cells) for part in KINDS["date"].parts],
        explains=lambda question: _explains(question, lang),
    )


def _around(form: Form, lang: str, size: str, practice: str, serial: str | None, *, pages: int) -> Document:
    """What stands around it on every page: whose it is, its code twice, how to mark, and the corners."""
    return document(
        "pdf.twin",
        "around.html",
        form=form,
        lang=lang,
        size=size,
        words=words_of(lang),
        own_way=direction(lang_of(lang)),
        language=_name_of(lang),
        practice=practice,
        codes=[SheetCode(form.id, form.version, lang, size, n, pages, serial) for n in range(1, pages + 1)],
        serial=readable(serial) if serial else "",
        qr=lambda code: Markup(_qr(code.text())),  # noqa: S704  # drawn here, from letters and digits
        corner=lambda number: Markup(_corner(number)),  # noqa: S704  # drawn here
    )


def _name_of(lang: str) -> str:
    """A language as it calls itself."""
    try:
        return Locale.parse(lang).get_language_name(lang) or lang
    except (UnknownLocaleError, ValueError):
        return lang


def _numbers(form: Form) -> dict[str, int]:
    asked = [question for question in form.questions() if KINDS[question.kind].answered]
    return {question.id: number for number, question in enumerate(asked, 1)}


def _turns(form: Form, numbers: Numbers, lang: str) -> Iterator[tuple[str, list[Page]]]:
    """Pages that stand together, under the condition that they share; most share none."""
    for _, run in groupby(form.pages, key=lambda page: (page.group, page.turn)):
        pages = list(run)
        yield only_if(form, pages[0].group_when, numbers, lang), pages


def _conditions(form: Form, conditions: Iterable[Condition], numbers: Numbers, lang: str) -> str:
    said = (only_if(form, when, numbers, lang) for when in conditions)
    return " ".join(f"{one}." for one in said if one)


def _parts(question: Question, lang: str) -> list[tuple[str, str, int | None]]:
    return [(part.id, part.label.say(lang), part.cells) for part in KINDS[question.kind].parts]


def _explains(question: Question, lang: str) -> str:
    return " ".join(text.on_paper(lang) for text in (question.hint, question.then) if text is not None)


def _qr(text: str) -> str:
    return str(segno.make(text, error="m", micro=False).svg_inline(border=0, omitsize=True))


def _corner(number: int) -> str:
    """One corner mark as SVG: the four differ, so that a page knows which way up it is."""
    bits = cv2.aruco.generateImageMarker(MARKS, number, MARK_CELLS)
    cells = "".join(
        f"M{x} {y}h1v1h-1z" for y in range(MARK_CELLS) for x in range(MARK_CELLS) if bits[y][x] == 0
    )
    return (
        f'<svg viewBox="0 0 {MARK_CELLS} {MARK_CELLS}" shape-rendering="crispEdges"><path d="{cells}"/></svg>'
    )


def _placed(body: Document, asked: list[dict[str, Any]]) -> tuple[Field, ...]:
    """Each field with its page and its box in points, as the layout has it."""
    where = {
        name: (number, rectangle)
        for number, page in enumerate(body.pages)
        for name, rectangle in page.anchors.items()
    }
    placed = []
    for number, one in enumerate(asked):
        page, rectangle = where[f"f{number}"]
        placed.append(Field(page=page, box=_points(rectangle), **one))
    return tuple(placed)


def _boxes(laid_out: Document, page: int, names: list[str]) -> tuple[Box, ...]:
    return tuple(_points(laid_out.pages[page].anchors[name]) for name in names)


def _points(rectangle: tuple[float, float, float, float]) -> Box:
    x1, y1, x2, y2 = (pixels / PX_PER_POINT for pixels in rectangle)
    return (round(x1, 3), round(y1, 3), round(x2 - x1, 3), round(y2 - y1, 3))


def _laid_over(body: bytes, around: bytes) -> bytes:
    """Body and surroundings as one file, with neither names of places nor words in its metadata.

    What stands around a page becomes a form XObject of it (ISO 32000-1, 8.10): neither of the two is parsed,
    which would take as long as to lay them out.
    """
    writer = PdfWriter()
    pages = zip(PdfReader(io.BytesIO(body)).pages, PdfReader(io.BytesIO(around)).pages, strict=True)
    for number, (below, above) in enumerate(pages):
        page, name = writer.add_page(below), f"/Around{number}"  # pages share their resources
        resources = cast(DictionaryObject, page["/Resources"].get_object())
        drawn = cast(DictionaryObject, resources.setdefault(NameObject("/XObject"), DictionaryObject()))
        drawn[NameObject(name)] = _as_drawing(writer, above)
        page[NameObject("/Contents")] = ArrayObject(
            [_stream(writer, "q"), page.raw_get("/Contents"), _stream(writer, f"Q q {name} Do Q")]
        )
    writer.metadata = {"/Title": "Form", "/Producer": ""}
    writer.compress_identical_objects()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _stream(writer: PdfWriter, operators: str) -> PdfObject:
    made = StreamObject()
    made.set_data(operators.encode("ascii"))
    return writer._add_object(made)


def _as_drawing(writer: PdfWriter, page: PageObject) -> PdfObject:
    """A page's contents as something that another page can draw."""
    drawing = cast(StreamObject, cast(PdfObject, page["/Contents"].get_object()).clone(writer))
    drawing[NameObject("/Type")] = NameObject("/XObject")
    drawing[NameObject("/Subtype")] = NameObject("/Form")
    drawing[NameObject("/BBox")] = page.mediabox
    drawing[NameObject("/Resources")] = page["/Resources"].clone(writer)
    return cast(PdfObject, drawing.indirect_reference)
