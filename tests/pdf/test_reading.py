"""Reading filled sheets: never wrong where it is sure, and not sure where a person should look."""

import random
from typing import Any

import pytest
from PIL import Image, ImageDraw

from pdf.reading import PageProblem, PageRead, read_file
from pdf.reading.blank import blank_maps
from pdf.twin import twin
from tests import pen
from tests.pdf.making import CATALOG, PRACTICE, SERIAL, known, printed


def a_sheet(
    form: str = "emergency_contact", lang: str = "en", size: str = "letter", **more: Any
) -> pen.Sheet:
    made = printed(form, lang, size)
    return pen.Sheet.printed(made.pdf, made.field_map, **more)


def read(
    data: bytes, form: str = "emergency_contact", lang: str = "en", size: str = "letter"
) -> list[PageRead]:
    pages = read_file(data, known(printed(form, lang, size)))
    assert all(isinstance(page, PageRead) for page in pages), pages
    return list(pages)  # type: ignore[arg-type]


def first_page(sheet: pen.Sheet, **scan: Any) -> dict[tuple[str, str | None], Any]:
    """Question and option -> what was read of the first page."""
    (page,) = read(pen.as_png(pen.scanned(sheet.pages[0], **scan)))
    return {(one.field.question, one.field.option): one for one in page.fields}


SCANS = [  # as machines and people make them, from the best to the barely usable
    {"dpi": 200},
    {"dpi": 300, "skew": 1.0, "noise": 3},
    {"dpi": 150, "skew": -0.8, "blur": 0.5},
    {"dpi": 200, "skew": 2.5, "blur": 0.8, "noise": 6, "shade": 15},
    {"dpi": 200, "skew": -2.0, "noise": 8, "upside_down": True},
    {"dpi": 240, "blur": 1.0, "perspective": 0.01, "shade": 25},
    {"dpi": 150, "noise": 6, "shade": 20, "upside_down": True},
    {"dpi": 200, "skew": 0.7, "blur": 1.1, "noise": 5, "perspective": 0.008},
]


@pytest.mark.parametrize(
    "numbers", [range(1, 8, 3), pytest.param(range(8), marks=pytest.mark.long)], ids=["some", "all"]
)
def test_penned_and_badly_scanned_sheets_are_never_read_wrong_and_seldom_unsure(numbers: range):
    wrong, unsure, read_boxes = [], [], 0
    for number in numbers:
        scan = SCANS[number]
        rng = random.Random(number)
        form = CATALOG.forms[number % len(CATALOG.forms)].id
        lang, size = ("en", "es")[number % 2], ("letter", "a4")[number // 2 % 2]
        how = dict(scan)
        sheet = a_sheet(form, lang, size, seed=number, dpi=how.pop("dpi"))
        ticks = [field for field in sheet.field_map.fields if field.kind == "tick"]
        truth: dict[tuple[str, str | None], bool] = {(one.question, one.option): False for one in ticks}
        for question in {one.question: one for one in ticks}.values():
            options = [one.option or "" for one in ticks if one.question == question.question]
            chosen = rng.choice(options)
            truth[question.question, chosen] = True
            sheet.tick(question.question, chosen, rng.choice(["check", "cross"]))
            if rng.random() < 0.25:  # changed their mind
                other = next(option for option in options if option != chosen)
                sheet.tick(question.question, other, "fill")
        if CATALOG.form(form).needs_signature():
            sheet.sign()
        for page in sheet.pages:
            image = pen.jpeg(pen.scanned(page, seed=number, **how), quality=rng.choice([45, 60, 80]))
            for one in read(image, form, lang, size)[0].fields:
                meant = {"tick": truth.get((one.field.question, one.field.option)), "signature": True}
                if one.field.kind in meant:
                    read_boxes += 1
                    unsure += [] if one.sure else [(scan, one)]
                    wrong += [(scan, one)] if one.sure and one.value is not meant[one.field.kind] else []
    print(f"{read_boxes} marks, {len(wrong)} wrong, {len(unsure)} not sure")
    assert read_boxes > 10 * len(numbers)
    assert wrong == []
    assert len(unsure) <= 0.03 * read_boxes, unsure


def test_a_correction_is_the_filled_box_and_the_other_one_marked():
    sheet = a_sheet()
    sheet.tick("may_call_emergency", "allow", "check")
    sheet.tick("may_call_emergency", "allow", "fill")
    sheet.tick("may_call_emergency", "refuse", "cross")
    fields = first_page(sheet, skew=0.6, noise=4)
    allow, refuse = fields["may_call_emergency", "allow"], fields["may_call_emergency", "refuse"]
    assert (allow.value, allow.sure) == (False, True)
    assert (refuse.value, refuse.sure) == (True, True)


def test_two_marked_boxes_are_for_a_person():
    sheet = a_sheet()
    for option in ("allow", "refuse"):
        sheet.tick("may_call_emergency", option)
    fields = first_page(sheet)
    for option in ("allow", "refuse"):
        one = fields["may_call_emergency", option]
        assert (one.value, one.sure, one.why) == (True, False, "more than one box is marked")
        assert one.confidence <= 0.5


def test_a_question_that_was_left_out_is_for_a_person():
    one = first_page(a_sheet())["may_call_emergency", "allow"]
    assert (one.value, one.sure, one.why) == (False, False, "no box is marked")


def test_a_faint_mark_is_for_a_person():
    sheet = a_sheet()
    box = sheet.find("may_call_emergency", option="allow")
    x, y, w, h = (value * sheet.dpi / 72 for value in box.box)
    ImageDraw.Draw(sheet.pages[box.page]).line(
        [(x + w * 0.5, y + h * 0.5), (x + w * 0.65, y + h * 0.5)], fill=(90, 90, 110), width=3
    )
    fields = first_page(sheet)
    one = fields["may_call_emergency", "allow"]
    assert (one.value, one.sure, one.why) == (None, False, "the mark is faint")
    assert not fields["may_call_emergency", "refuse"].sure, "nor is anything else of that question"


def test_of_a_list_any_number_may_be_marked():
    sheet = a_sheet("referral_thanks")
    sheet.tick("how_to_thank", "card")
    sheet.tick("how_to_thank", "call")
    (page,) = read(pen.as_png(sheet.pages[0]), "referral_thanks")
    ways = [one for one in page.fields if one.field.question == "how_to_thank"]
    assert [(one.value, one.sure) for one in ways] == [(True, True), (True, True), (False, True)]


def test_handwriting_is_left_to_a_person():
    sheet = a_sheet()
    sheet.write("contact", "KIRSTEN", "name")
    one = next(one for (question, _), one in first_page(sheet).items() if question == "contact")
    assert (one.value, one.sure, one.why) == (None, False, "handwriting is read by a person")


@pytest.mark.parametrize(
    ("marks", "value", "sure"),
    [
        ("nothing", False, True),
        ("a name", True, True),
        ("a speck", False, True),
        ("a short dash", None, False),
    ],
)
def test_a_signature_is_there_or_not_or_for_a_person(marks: str, value: bool | None, sure: bool):
    sheet = a_sheet()
    field = sheet.find("_signature")
    x, y, w, h = (value * sheet.dpi / 72 for value in field.box)
    draw = ImageDraw.Draw(sheet.pages[field.page])
    if marks == "a name":
        sheet.sign()
    elif marks == "a speck":
        draw.ellipse([x + w / 2, y + h / 2, x + w / 2 + 5, y + h / 2 + 5], fill=(0, 0, 0))
    elif marks == "a short dash":
        draw.line([(x + w / 2, y + h / 2), (x + w / 2 + 30, y + h / 2 + 4)], fill=(0, 0, 0), width=4)
    (page,) = read(pen.as_png(pen.scanned(sheet.pages[field.page], noise=5)))
    one = next(one for one in page.fields if one.field.kind == "signature")
    assert (one.value, one.sure) == (value, sure)


def test_pages_of_a_tiff_or_a_pdf_in_any_order_say_themselves_which_they_are():
    sheet = a_sheet()
    turned = [sheet.pages[1], sheet.pages[0].rotate(180)]
    for data in (pen.as_tiff(turned), pen.as_pdf(turned)):
        assert [(page.page_in_file, page.code.page, page.code.serial) for page in read(data)] == [
            (0, 2, SERIAL),
            (1, 1, SERIAL),
        ]


def test_a_blank_twin_is_read_from_the_catalog_alone():
    made = twin(CATALOG.form("confidentiality"), "es", "a4", practice=PRACTICE)
    sheet = pen.Sheet.printed(made.pdf, made.field_map)
    sheet.tick("friend_asks", "nothing")
    (page,) = read_file(pen.jpeg(sheet.pages[0]), blank_maps(CATALOG))
    assert isinstance(page, PageRead)
    assert page.code.serial is None
    ticks = {one.field.option: one.value for one in page.fields if one.field.question == "friend_asks"}
    assert ticks == {"nothing": True, "fine": False, "not_sure": False}


def problem_of(image: Image.Image) -> PageProblem:
    (page,) = read_file(pen.as_png(image), known(printed("emergency_contact")))
    assert isinstance(page, PageProblem), page
    assert page.problem.endswith(".")
    return page


def test_a_blank_page_is_called_blank():
    page = problem_of(pen.scanned(Image.new("L", (1700, 2200), 255), noise=3))
    assert page.kind == "blank"
    assert page.image_png


def test_a_page_without_a_code_is_for_a_person_to_file():
    sheet = a_sheet()
    for corner in ((0, 0, 1700, 460), (1200, 1900, 1700, 2200)):
        ImageDraw.Draw(sheet.pages[0]).rectangle(corner, fill=(255, 255, 255))
    assert problem_of(sheet.pages[0]).kind == "unreadable"


def test_a_sheet_of_another_practice_is_unknown():
    (page,) = read_file(pen.as_png(a_sheet("confidentiality").pages[0]), known(printed("emergency_contact")))
    assert isinstance(page, PageProblem)
    assert page.kind == "unknown_sheet"


def test_one_corner_may_be_cut_off_and_two_may_not():
    sheet = a_sheet()
    page = sheet.pages[0]
    ImageDraw.Draw(page).rectangle((0, 0, 200, 200), fill=(255, 255, 255))
    assert read(pen.as_png(page))
    ImageDraw.Draw(page).rectangle((0, 2000, 200, 2200), fill=(255, 255, 255))
    cropped = problem_of(page)
    assert cropped.kind == "unreadable"
    assert "corner marks" in cropped.problem
