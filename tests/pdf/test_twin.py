"""The paper twin: what is on it, what must not be, and that its map tells where its marks are."""

import io
from typing import Any

import numpy as np
import pypdfium2
import pytest
from pypdf import PdfReader

from forms.kinds import KINDS
from forms.loading import read_form
from pdf.field_map import Box, FieldMap
from pdf.reading.align import find_marks
from pdf.reading.find_code import find_code
from pdf.twin import twin
from tests.forms.making import both, plain_form
from tests.pdf.making import CATALOG, PRACTICE, SERIAL, printed

ALL = [
    (form.id, lang, size) for form in CATALOG.forms for lang in form.languages for size in ("letter", "a4")
]
DPI = 300
HALF_MM_PX = 0.5 / 25.4 * DPI
NEAR_PX = 12


def rasterised(pdf: bytes, dpi: int = DPI) -> list[Any]:
    with pypdfium2.PdfDocument(pdf) as opened:
        return [np.asarray(page.render(scale=dpi / 72, grayscale=True).to_pil(), np.uint8) for page in opened]


def frame_edges(page: Any, box: Box) -> tuple[float, float, float, float]:
    """How far the ink's outer edges lie from a box's, in pixels: left, top, right, bottom."""
    x, y, w, h = (value * DPI / 72 for value in box)
    near = (
        page[round(y) - NEAR_PX : round(y + h) + NEAR_PX, round(x) - NEAR_PX : round(x + w) + NEAR_PX] < 215
    )
    across = np.nonzero(near[NEAR_PX * 2 : -NEAR_PX * 2].mean(axis=0) > 0.8)[0] + round(x) - NEAR_PX
    down = np.nonzero(near[:, NEAR_PX * 2 : -NEAR_PX * 2].mean(axis=1) > 0.8)[0] + round(y) - NEAR_PX
    return across[0] - x, down[0] - y, across[-1] + 1 - (x + w), down[-1] + 1 - (y + h)


@pytest.mark.parametrize(("form", "lang", "size"), ALL)
def test_a_twin_has_few_pages_each_with_its_code_and_no_one_s_name(form: str, lang: str, size: str):
    made = printed(form, lang, size)
    reader = PdfReader(io.BytesIO(made.pdf))
    assert 1 <= len(reader.pages) <= 3
    assert len(reader.pages) == len(made.field_map.pages)
    for number, (page, pixels) in enumerate(zip(reader.pages, rasterised(made.pdf, 100), strict=True), 1):
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(
            made.field_map.pages[number - 1], abs=0.01
        )
        code = find_code(pixels)
        assert code is not None
        assert (code.form, code.lang, code.size, code.serial) == (form, lang, size, SERIAL)
        assert (code.page, code.pages) == (number, len(reader.pages))
        words = page.extract_text()
        assert PRACTICE in words
        assert "{" not in words


@pytest.mark.parametrize(("form", "lang", "size"), ALL)
def test_a_twin_names_no_places_and_says_nothing_of_itself(form: str, lang: str, size: str):
    reader = PdfReader(io.BytesIO(printed(form, lang, size).pdf))
    assert reader.named_destinations == {}
    assert "/Dests" not in reader.trailer["/Root"]
    assert "/Names" not in reader.trailer["/Root"]
    assert reader.metadata is not None
    assert dict(reader.metadata) == {"/Title": "Form", "/Producer": ""}
    assert reader.xmp_metadata is None


@pytest.mark.parametrize(("form", "lang", "size"), ALL)
def test_everything_that_a_form_asks_is_a_field_of_its_twin(form: str, lang: str, size: str):
    fields = printed(form, lang, size).field_map.fields
    for question in CATALOG.form(form).questions():
        kind, mine = KINDS[question.kind], [field for field in fields if field.question == question.id]
        assert {field.kind for field in mine} == kind.marks
        offered = [option for option, _ in kind.options(question, lang, paper=True)]
        assert [field.option for field in mine if field.kind == "tick"] == offered
    own = {field.question for field in fields if field.question.startswith("_")}
    assert own == {"_signer", "_signer_by", "_signature", "_date"}


@pytest.mark.parametrize(("form", "lang", "size"), ALL)
def test_a_question_is_not_torn_apart_by_the_end_of_a_page(form: str, lang: str, size: str):
    pages: dict[str, set[int]] = {}
    for field in printed(form, lang, size).field_map.fields:
        pages.setdefault("_closing" if field.question.startswith("_") else field.question, set()).add(
            field.page
        )
    assert all(len(on) == 1 for on in pages.values())


@pytest.mark.parametrize(
    ("form", "lang", "size"),
    [
        ("clinician_release", "es", "letter"),
        ("emergency_contact", "en", "a4"),
        ("referral_thanks", "en", "letter"),
    ],
)
def test_the_map_says_within_half_a_millimetre_where_the_ink_is(form: str, lang: str, size: str):
    made = printed(form, lang, size)
    pages = rasterised(made.pdf)
    kinds = set()
    for field in made.field_map.fields:
        if field.kind == "line":  # only its lower edge is printed
            x, y, w, h = (value * DPI / 72 for value in field.box)
            strip = (
                pages[field.page][round(y + h) - NEAR_PX : round(y + h) + NEAR_PX, round(x) : round(x + w)]
                < 128
            )
            rows = np.nonzero(strip.mean(axis=1) > 0.9)[0] + round(y + h) - NEAR_PX
            assert abs(rows[-1] + 1 - (y + h)) <= HALF_MM_PX
        else:
            off = frame_edges(pages[field.page], field.box)
            assert max(map(abs, off)) <= HALF_MM_PX, (field, off)
        kinds.add(field.kind)
    assert kinds == {"tick", "comb", "line", "signature"}


def test_the_four_corners_differ_and_are_where_the_map_says():
    made = printed("emergency_contact")
    for number, page in enumerate(rasterised(made.pdf)):
        seen = find_marks(np.ascontiguousarray(page))
        assert sorted(seen) == [0, 1, 2, 3]
        for corner, quad in seen.items():
            x, y, w, h = (value * DPI / 72 for value in made.field_map.marks[number][corner])
            meant = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]])
            assert np.abs(quad - meant).max() <= HALF_MM_PX


def test_a_map_read_again_is_the_same():
    for form in CATALOG.forms:
        field_map = printed(form.id).field_map
        assert FieldMap.from_json(field_map.to_json()) == field_map


def test_a_blank_twin_has_no_serial():
    made = twin(CATALOG.form("confidentiality"), "en", practice=PRACTICE)
    code = find_code(rasterised(made.pdf, 150)[0])
    assert code is not None
    assert code.serial is None


def test_a_language_that_the_form_lacks_is_refused():
    with pytest.raises(KeyError):
        twin(CATALOG.form("confidentiality"), "de", practice=PRACTICE)


def test_hostile_words_and_a_script_from_right_to_left_are_laid_out_too():
    hostile = '<script>alert(1)</script> & "quotes" \u202eright\u202c'
    arabic = {"ar": "هل نتصل بهذا الشخص؟ " + hostile}
    words = dict.fromkeys(("title", "purpose", "attest", "take_back"), arabic)
    question = {"id": "may", "kind": "decision", "ask": arabic, "then": arabic}
    notice = {"id": "read", "kind": "notice", "ask": arabic, "hint": arabic}
    plain = plain_form([{"id": "p", "question": [notice, question]}], languages=["ar"], **words)
    made = twin(read_form("made.toml", plain), "ar", practice=hostile)
    assert [field.option for field in made.field_map.fields if field.question == "may"] == ["allow", "refuse"]
    assert "alert(1)" in PdfReader(io.BytesIO(made.pdf)).pages[0].extract_text()


def test_every_kind_has_its_place_on_paper():
    questions = []
    for kind in KINDS:
        options = [{"id": one, "label": both(one)} for one in ("a", "b")] if kind.startswith("choice") else []
        questions.append({"id": f"q_{kind}", "kind": kind, "ask": both(kind), "options": options})
    made = twin(read_form("made.toml", plain_form([{"id": "p", "question": questions}])), "en", practice="P")
    asked = {field.question.removeprefix("q_") for field in made.field_map.fields}
    assert asked >= {name for name, kind in KINDS.items() if kind.answered}
