"""The paper twin: what is on it, what must not be, and that its map tells where its marks are."""

import io
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader

from forms.definition import Form
from forms.kinds import KINDS
from forms.loading import read_form
from pdf.field_map import FieldMap
from pdf.reading.align import find_marks
from pdf.reading.find_code import find_code
from pdf.twin import twin
from tests.forms.making import both, plain_form
from tests.pdf.making import CATALOG, PRACTICE, SERIAL, printed
from tests.pdf.paper import DPI, HALF_MM_PX, how_far_off, rasterised

QUICK = (("en", "letter"), ("es", "a4"))
ALL = [
    pytest.param(form.id, lang, size, marks=[] if (lang, size) in QUICK else pytest.mark.long)
    for form in CATALOG.forms
    for lang in form.languages
    for size in ("letter", "a4")
]


@pytest.mark.parametrize(("form", "lang", "size"), ALL)
def test_a_twin_has_few_pages_each_with_its_code_and_no_one_s_name(form: str, lang: str, size: str):
    made = printed(form, lang, size)
    reader = PdfReader(io.BytesIO(made.pdf))
    assert 1 <= len(reader.pages) <= 6
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
    signed = {"_signer", "_signer_by", "_signature"} if CATALOG.form(form).needs_signature() else set()
    assert own == {"_date"} | signed


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
    for field in made.field_map.fields:
        assert how_far_off(pages[field.page], field) <= HALF_MM_PX, field
    assert {field.kind for field in made.field_map.fields} == {"tick", "comb", "line", "signature"}


def test_the_four_corners_differ_and_are_where_the_map_says():
    made = printed("emergency_contact")
    for number, page in enumerate(rasterised(made.pdf)):
        seen = find_marks(np.ascontiguousarray(page))
        assert sorted(seen) == [0, 1, 2, 3]
        for corner, quad in seen.items():
            x, y, w, h = (value * DPI / 72 for value in made.field_map.marks[number][corner])
            meant = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]])
            assert np.abs(quad - meant).max() <= HALF_MM_PX


@pytest.mark.long
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


def three_contacts() -> Form:
    """Whom to call: up to three people, each with decisions of their own."""

    def asked(name: str, kind: str, **more: Any) -> dict[str, Any]:
        return {"id": name, "kind": kind, "ask": both(f"What of {name}, in a few more words?"), **more}

    may = [asked("call", "decision"), asked("worry", "decision"), asked("health", "decision")]
    may[2]["when"] = {"worry": "allow"}
    pages = [
        {"id": "any", "question": [asked("anybody", "yes_no")]},
        {"id": "who", "group": "contact", "question": [asked("person", "person")]},
        {"id": "may", "group": "contact", "title": both("May we…"), "question": may},
        {"id": "rest", "question": [asked("more", "short_text", required=False)]},
    ]
    group = {"contact": {"when": {"anybody": "yes"}, "most": 3, "more": both("Is there somebody else?")}}
    return read_form("made.toml", plain_form(pages, group=group, signature=True))


@pytest.mark.parametrize("size", ["letter", pytest.param("a4", marks=pytest.mark.long)])
def test_three_contacts_fit_on_three_pages_each_with_its_condition_once(size: str):
    made = twin(three_contacts(), "en", size, practice=PRACTICE)
    pages = PdfReader(io.BytesIO(made.pdf)).pages
    said = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert len(pages) <= 3
    for condition, times in (
        ("Only if 1 is “Yes”:", 1),
        ("Only if 6 is “Yes”:", 1),
        ("Only if 11 is “Yes”:", 1),
        ("Only if 9 is “Allow”.", 1),
        ("May we…", 3),
    ):
        assert said.count(condition) == times


def test_a_form_that_needs_no_signature_keeps_only_the_date():
    form = read_form(
        "made.toml",
        plain_form([{"id": "p", "question": [{"id": "seen", "kind": "yes_no", "ask": both("Read?")}]}]),
    )
    made = twin(form, "en", practice=PRACTICE)
    assert {field.question for field in made.field_map.fields} == {"seen", "_date"}
    said = PdfReader(io.BytesIO(made.pdf)).pages[0].extract_text()
    assert "Signature" not in said
    assert form.attest.on_paper("en") not in said
    assert form.take_back.on_paper("en") in said
