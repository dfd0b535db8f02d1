"""Hebrew and Arabic: what is read from right to left lies so on the tablet, on paper and in the record."""

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

import kiosk
from forms.definition import Form, Question
from forms.fields import input_name
from forms.kinds import KINDS
from forms.loading import read_form
from kiosk.actions.words import unbroken
from pdf.field_map import POINTS, Field
from pdf.html import direction_of
from pdf.reading import PageRead, read_file
from pdf.reading.crops import region
from pdf.record import digits_kept, render
from pdf.twin import Twin, twin
from tests import pen
from tests.forms.making import plain_form
from tests.pdf.making import PRACTICE, SERIAL, known, record_of
from tests.pdf.paper import HALF_MM_PX, how_far_off, missing_glyphs, rasterised, words_boxes, words_outside
from tests.pdf.scripts import LANGUAGES, PAGES, answers_in, right_to_left

KIOSK = Path(kiosk.__path__[0])
ALMOST = 0.5  # points
IN_A_SCRIPT = pytest.mark.parametrize("lang", LANGUAGES)
SHEETS = pytest.mark.parametrize(
    ("lang", "size"),
    [
        pytest.param("he", "letter", marks=pytest.mark.long),
        ("ar", "a4"),
        pytest.param("he", "a4", marks=pytest.mark.long),
        pytest.param("ar", "letter", marks=pytest.mark.long),
    ],
)


@cache
def printed(lang: str, size: str) -> Twin:
    return twin(right_to_left(), lang, size, practice=PRACTICE, serial=SERIAL)


@pytest.fixture(autouse=True)
def nothing_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """WeasyPrint says in its log what it cannot do, a missing glyph among it."""
    yield
    said = [
        line
        for line in caplog.records
        if line.name.startswith("weasyprint") and line.levelno >= logging.WARNING
    ]
    assert said == []


def in_latin_letters(plain: Any, lang: str) -> Any:
    """A definition with each of its words replaced by the same Latin letters, in this one language."""
    if isinstance(plain, dict) and set(plain) == set(LANGUAGES):
        return {lang: re.sub(r"[^\W\d_]", "x", plain["he"])}
    if isinstance(plain, dict):
        return {key: in_latin_letters(value, lang) for key, value in plain.items()}
    return [in_latin_letters(one, lang) for one in plain] if isinstance(plain, list) else plain


def the_same_letters(lang: str) -> Form:
    words = {key: {lang: "Some words"} for key in ("title", "purpose", "attest", "take_back")}
    group = {"contact": {"when": {"anybody": "yes"}, "most": 2, "more": {lang: "More"}, "again": {}}}
    plain = plain_form(in_latin_letters(PAGES, lang), languages=[lang], group=group, signature=True, **words)
    return read_form("made.toml", plain)


def block(fields: list[Field]) -> tuple[float, float, float, float]:
    """The box around these, as left, top, right and bottom."""
    return (
        min(one.box[0] for one in fields),
        min(one.box[1] for one in fields),
        max(one.box[0] + one.box[2] for one in fields),
        max(one.box[1] + one.box[3] for one in fields),
    )


def is_date(field: Field) -> bool:
    return field.part in ("month", "day", "year")


@pytest.mark.long
@pytest.mark.parametrize("size", ["letter", pytest.param("a4", marks=pytest.mark.long)])
def test_a_sheet_is_the_mirror_of_one_from_left_to_right(size: str):
    there, here = (twin(the_same_letters(lang), lang, size, practice=PRACTICE) for lang in ("he", "en"))
    width = POINTS[size][0]
    blocks: dict[tuple[str, ...], list[tuple[Field, Field]]] = {}
    for one, other in zip(there.field_map.fields, here.field_map.fields, strict=True):
        assert replace(one, box=other.box) == other
        name = (one.question,) if is_date(one) else (one.question, str(one.part), str(one.option))
        blocks.setdefault(name, []).append((one, other))
    for pairs in blocks.values():
        left, top, right, bottom = block([one for one, _ in pairs])
        other = block([other for _, other in pairs])
        assert (width - right, top, width - left, bottom) == pytest.approx(other, abs=ALMOST), pairs


@SHEETS
def test_the_first_answer_stands_first_in_reading_direction(lang: str, size: str):
    fields = printed(lang, size).field_map.fields
    for name, first, second in (
        ("may_call", "allow", "refuse"),
        ("anybody", "yes", "no"),
        ("contact_more", "yes", "no"),
        ("way", "call", "letter"),
        ("subjects", "dates", "progress"),
    ):
        one, other = (next(f for f in fields if (f.question, f.option) == (name, o)) for o in (first, second))
        assert one.box[0] > other.box[0] + other.box[2]
        assert one.box[1] == pytest.approx(other.box[1], abs=ALMOST)


@SHEETS
def test_the_digits_of_a_date_run_from_left_to_right(lang: str, size: str):
    fields = printed(lang, size).field_map.fields
    for name in ("until", "_date"):
        lefts = [field.box[0] for field in fields if field.question == name]
        assert [field.part for field in fields if field.question == name] == ["month", "day", "year"]
        assert lefts == sorted(lefts)


@SHEETS
def test_the_map_says_where_the_ink_is(lang: str, size: str):
    made = printed(lang, size)
    pages = rasterised(made.pdf)
    for field in made.field_map.fields:
        assert how_far_off(pages[field.page], field) <= HALF_MM_PX, field


@SHEETS
def test_every_word_lies_on_the_sheet_and_no_glyph_is_missing(lang: str, size: str):
    made = printed(lang, size)
    assert missing_glyphs(made.pdf) == []
    assert words_outside(made.pdf) == []


@pytest.mark.long
def test_a_missing_glyph_would_be_seen(caplog: pytest.LogCaptureFixture):
    form = the_same_letters("he")
    nobody_has = twin(
        replace(form, title=replace(form.title, by_lang={"he": "\ue123"})), "he", practice=PRACTICE
    )
    assert missing_glyphs(nobody_has.pdf)
    assert "notdef" in caplog.text
    caplog.clear()


@SHEETS
def test_a_group_says_its_condition_once_at_the_head_of_each_turn(lang: str, size: str):
    said = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(printed(lang, size).pdf)).pages)
    assert said.count("Only if 5 is “Yes”:") == 1
    assert said.count("Only if 9 is “Yes”:") == 1


SCANS: dict[str, dict[str, Any]] = {
    "he": {"skew": 1.2, "noise": 5, "blur": 0.6},
    "ar": {"skew": -0.9, "shade": 15},
}


@SHEETS
def test_a_filled_sheet_is_read_back_right(lang: str, size: str):
    made = printed(lang, size)
    sheet = pen.Sheet.printed(made.pdf, made.field_map, seed=5)
    options: dict[str, list[str]] = {}
    for field in made.field_map.fields:
        if field.kind == "tick":
            options.setdefault(field.question, []).append(field.option or "")
        elif field.kind != "signature":
            sheet.write(field.question, "WORDS", field.part)
    chosen = {name: offered[number % len(offered)] for number, (name, offered) in enumerate(options.items())}
    for name, option in chosen.items():
        sheet.tick(name, option, "cross")
    sheet.sign()
    scans = [pen.jpeg(pen.scanned(page, **SCANS[lang])) for page in sheet.pages]
    pages = [page for scan in scans for page in read_file(scan, known(made))]
    assert all(isinstance(page, PageRead) for page in pages)
    read = [one for page in pages if isinstance(page, PageRead) for one in page.fields]
    assert [one.field for one in read] == list(made.field_map.fields)
    for one in read:
        if one.field.kind == "tick":
            assert (one.value, one.sure) == (chosen[one.field.question] == one.field.option, True), one
        elif one.field.kind == "signature":
            assert (one.value, one.sure) == (True, True)


def test_the_crop_of_a_box_shows_the_label_beside_it():
    made = printed("he", "a4")
    image, size = pen.Sheet.printed(made.pdf, made.field_map).pages[0], POINTS["a4"]
    box = next(field.box for field in made.field_map.fields if field.option == "yes")
    assert region(image, size, [box], "tick", "he") != region(image, size, [box], "tick")


@IN_A_SCRIPT
def test_the_record_has_all_its_glyphs_and_every_word_on_the_page(lang: str):
    signed = record_of(right_to_left(), answers_in(lang), lang)
    made = render(replace(signed, client_name=answers_in(lang)["whole_name"]), "a4")
    assert missing_glyphs(made) == []
    assert words_outside(made) == []
    for words in words_boxes(made):
        assert max(x + w for x, _, w, _ in words) > POINTS["a4"][0] - 60, "it begins at the right"


def test_a_phone_number_keeps_its_order_among_hebrew_letters():
    assert digits_kept("בת, +1 (512) 555-0142") == "בת, \u2066+1 (512) 555-0142\u2069"
    assert digits_kept("3 times") == "3 times"


@pytest.mark.parametrize(
    ("words", "way"),
    [
        ("שלום", "rtl"),
        ("مرحبا", "rtl"),
        ("Allow", "ltr"),
        ("(may stay empty)", "ltr"),
        ("512 555", "ltr"),
        ("", "ltr"),
    ],
)
def test_words_are_written_the_way_of_their_first_letter(words: str, way: str):
    assert direction_of(words) == way


def view(question: Question, lang: str) -> SimpleNamespace:
    """A question as the tablet's templates take it."""
    kind = KINDS[question.kind]
    return SimpleNamespace(
        id=question.id,
        kind=question.kind,
        ask=question.ask.say(lang),
        why=None,
        hint=question.hint.say(lang) if question.hint else None,
        then=question.then.say(lang) if question.then else None,
        options=kind.options(question, lang),
        parts=[
            SimpleNamespace(
                name=input_name(question, part),
                label=part.label.say(lang),
                inputmode=part.inputmode,
                value="512 555 0142" if part.inputmode == "tel" else "",
                problem=None,
            )
            for part in kind.parts
        ],
        value=None,
        problem=None,
    )


def tablet(lang: str, page_id: str) -> str:
    """The questions of a page in the tablet's own templates and styles."""
    templates = Environment(
        loader=FileSystemLoader([KIOSK / "client/templates", KIOSK / "templates"]),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
    )
    templates.filters["unbroken"] = unbroken
    templates.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    asked = next(page for page in right_to_left().pages if page.id == page_id).questions
    parts = [
        templates.get_template(f"client/kinds/{one.kind}.html").render(
            q=view(one, lang), heading=False, focus=False
        )
        for one in asked
    ]
    style = (KIOSK / "static/kiosk.css").read_text(encoding="utf-8")
    body = f'<main><div class="sheet"><div class="body">{"".join(parts)}</div></div></main>'
    return f'<html lang="{lang}" dir="rtl"><style>{style}</style><body class="tablet">{body}</body></html>'


@pytest.fixture(params=LANGUAGES)
def screen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[Page, str]]:
    page = browser.new_page(viewport={"width": 744, "height": 1033})
    yield page, request.param
    page.close()


def edges(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).first.bounding_box()
    assert box is not None, selector
    return box["x"], box["x"] + box["width"]


@pytest.mark.browser
def test_on_the_tablet_text_and_boxes_begin_at_the_right(screen: tuple[Page, str]):
    page, lang = screen
    for page_id in ("start", "reach", "may", "rest"):
        page.set_content(tablet(lang, page_id))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
        _, sheet_right = edges(page, ".body")
        for heading in page.locator("h2").all():
            assert heading.evaluate("it => getComputedStyle(it).textAlign") == "start"
            assert heading.evaluate("it => getComputedStyle(it).direction") == "rtl"
            box = heading.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] == pytest.approx(sheet_right, abs=1)
    for name in ("way-call", "subjects-dates"):
        button, label = edges(page, f"[data-test={name}]"), edges(page, f"label:has([data-test={name}]) span")
        assert button[0] >= label[1], "the box stands before its label"


@pytest.mark.browser
def test_on_the_tablet_digits_and_addresses_are_typed_from_left_to_right(screen: tuple[Page, str]):
    page, lang = screen
    page.set_content(tablet(lang, "rest"))
    lefts = [edges(page, f"#until-{part}")[0] for part in ("month", "day", "year")]
    assert lefts == sorted(lefts)
    assert edges(page, "#until-year")[1] == pytest.approx(edges(page, ".body")[1], abs=1)
    for field, way in (
        ("doctor-phone", "ltr"),
        ("doctor-name", "auto"),
        ("until-day", "ltr"),
        ("more", "auto"),
    ):
        assert page.locator(f"#{field}").get_attribute("dir") == way
    assert page.locator("#doctor-phone").evaluate("it => getComputedStyle(it).textAlign") == "right"
