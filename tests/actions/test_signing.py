"""Signing: once, whole, by whoever sits there, and only what was asked and read."""

import json
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops
from werkzeug.datastructures import MultiDict

from kiosk import access
from kiosk.actions import endings, records, signing, sittings, visit_page, visits
from kiosk.actions import strokes as ink
from kiosk.actions.at_tablet import Elsewhere, Step
from kiosk.errors import Invalid, SittingEnded
from kiosk.vault import tables
from kiosk.vault.did import Did
from pdf.record import page_images
from pdf.verify import Verified, verify
from tests.practices import ALLOWS_HER_DAUGHTER, People, make_people

FORM = "emergency_contact"
STROKES = json.dumps(
    {"width": 600, "height": 150, "strokes": [[[n * 5.0, 60.0, n * 9, 0.5] for n in range(40)]]}
)


def test_a_signed_form_is_a_sealed_pdf_that_carries_its_own_data(people: People) -> None:
    visit = people.visit()
    people.signs(people.sits_down(visit), FORM, ALLOWS_HER_DAUGHTER)
    (row,) = visit_page.visit_view(people.desk, visit).records
    found = verify(records.pdf(people.desk, row.id))
    assert isinstance(found, Verified)
    record = json.loads(found.record_json)
    assert record["answers"]["contact"]["name"] == "Kirsten Nyberg"
    assert record["client_name"] == "Rose Nyberg"
    assert found.sealed_by == "Meadow Lane"


LONG = """
id = "one_more"
version = 1
minutes = 1
order = 90
signature = true
title = {{ en = "Long" }}
purpose = {{ en = "To be read." }}
attest = {{ en = "I have read all of it." }}
take_back = {{ en = "At any time." }}

[[page]]
id = "long"
  [[page.question]]
  id = "long"
  kind = "notice"
  ask = {{ en = "What there is to read" }}
  hint = {{ en = "{words}" }}
"""


def test_the_pages_that_are_read_are_those_that_are_stored(tmp_path: Path) -> None:
    words = "\\n\\n".join(f"This is line {number}." for number in range(60))
    for people in make_people(tmp_path / "practice", form=LONG.format(words=words)):
        visit = people.visit()
        sitting = people.sits_down(visit)
        people.answers(sitting, "one_more", {})
        pages = range(1, signing.to_read(sitting, "one_more").pages + 1)
        read = [signing.page_image(sitting, "one_more", number) for number in pages]
        people.signs(sitting, "one_more", {})
        (row,) = visit_page.visit_view(people.desk, visit).records
        stored = page_images(records.pdf(people.desk, row.id), width_px=1440)
        assert len(read) == len(stored) > 1
        assert read[:-1] == stored[:-1]
        before, after = (Image.open(BytesIO(pages[-1])) for pages in (read, stored))
        changed = ImageChops.difference(before, after).getbbox()
        assert changed is not None
        last_words = end_of("Signing on this screen counts", records.pdf(people.desk, row.id), before.width)
        assert changed[1] > last_words, "only the signature has come, below all words that were read"


def end_of(words: str, pdf: bytes, width_px: int) -> float:
    """How far down the last page these words end."""
    with pypdfium2.PdfDocument(pdf) as opened:
        page = opened[len(opened) - 1]
        found = page.get_textpage()
        begins, _ = found.search(words).get_next()
        _, bottom, _, _ = found.get_charbox(begins)
        return float((page.get_height() - bottom) * width_px / page.get_width())


def test_a_double_tap_signs_once(people: People) -> None:
    sitting = people.sits_down(people.visit())
    people.answers(sitting, FORM, ALLOWS_HER_DAUGHTER)
    signing.certify(sitting, FORM)
    view = signing.to_sign(sitting, FORM)
    data = {"way": "drawn", "strokes": STROKES, "submission": view.submission}
    first, second = (signing.sign(sitting, FORM, data) for _ in range(2))
    assert first == second
    assert people.count(tables.Record) == 1


def test_a_signature_once_drawn_signs_the_next_form_by_its_own_button(people: People) -> None:
    sitting = people.sits_down(people.visit())
    people.signs(sitting, FORM, ALLOWS_HER_DAUGHTER, way="drawn", strokes=STROKES)
    people.signs(sitting, "confidentiality", {"friend_asks": "nothing"}, way="again")
    assert people.count(tables.Record) == 2


@pytest.mark.parametrize(
    "strokes",
    ["", "{}", "[]", '{"width": 1, "height": 1, "strokes": [[[0, 0, 0, 0]]]}', "[" * 5000,
     '{"width": 600, "height": 150, "strokes": [[[1, 1, 0, 0.5], [2, 2, 1, 0.5]]]}',
     '{"width": 600, "height": 150, "strokes": [[[NaN, 1, 0, 0.5], [900, 2, 1, 0.5]]]}',
     '{"width": 600, "height": 150, "strokes": [[["a", 1, 0, 0.5]]]}'],
)  # fmt: skip
def test_a_tap_or_nonsense_is_no_signature(people: People, strokes: str) -> None:
    sitting = people.sits_down(people.visit())
    with pytest.raises(Invalid) as wrong:
        people.signs(sitting, FORM, ALLOWS_HER_DAUGHTER, way="drawn", strokes=strokes)
    assert wrong.value.problems == {"strokes": ink.DRAW}
    assert people.count(tables.Record) == 0


def test_a_cross_is_a_signature(people: People) -> None:
    cross = {"width": 600, "height": 150, "strokes": [[[100, 40, 0, 0.5], [140, 90, 90, 0.5]]]}
    sitting = people.sits_down(people.visit())
    people.signs(sitting, FORM, ALLOWS_HER_DAUGHTER, way="drawn", strokes=json.dumps(cross))
    assert people.count(tables.Record) == 1


def test_nothing_is_signed_that_was_not_read_or_is_not_complete(people: People) -> None:
    sitting = people.sits_down(people.visit())
    with pytest.raises(Elsewhere):
        signing.to_sign(sitting, FORM)
    sittings.answer(sitting, FORM, "who", MultiDict(ALLOWS_HER_DAUGHTER))
    with pytest.raises(Elsewhere) as there:
        signing.certify(sitting, FORM)
    assert there.value.step == Step("page", FORM, "emergency")
    people.answers(sitting, FORM, ALLOWS_HER_DAUGHTER)
    with pytest.raises(Elsewhere) as there:
        signing.to_sign(sitting, FORM)
    assert there.value.step == Step("read", FORM)


def test_changing_an_answer_after_reading_means_reading_again(people: People) -> None:
    sitting = people.sits_down(people.visit())
    people.answers(sitting, FORM, ALLOWS_HER_DAUGHTER)
    signing.certify(sitting, FORM)
    sittings.answer(sitting, FORM, "worried", MultiDict({"may_speak_worried": "allow"}))
    with pytest.raises(Elsewhere):
        signing.to_sign(sitting, FORM)


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [({}, "may_call_emergency"), ({"may_call_emergency": "everything"}, "may_call_emergency")],
)
def test_missing_and_forged_answers_are_refused_beside_their_field(
    people: People, sent: dict[str, str], wrong: str
) -> None:
    sitting = people.sits_down(people.visit())
    sittings.answer(sitting, FORM, "who", MultiDict(ALLOWS_HER_DAUGHTER))
    page = sittings.answer(sitting, FORM, "emergency", MultiDict(sent))
    assert isinstance(page, sittings.PageView)
    assert dict(page.problems).keys() == {wrong}


def test_a_page_of_another_form_or_of_none_leads_to_where_one_is(people: People) -> None:
    sitting = people.sits_down(people.visit())
    for form, page in (("nothing", "who"), (FORM, "health"), (FORM, "nowhere")):
        with pytest.raises(Elsewhere):
            sittings.open_page(sitting, form, page)


def test_an_ended_sitting_signs_nothing(people: People) -> None:
    sitting = people.sits_down(people.visit())
    people.answers(sitting, FORM, ALLOWS_HER_DAUGHTER)
    signing.certify(sitting, FORM)
    view = signing.to_sign(sitting, FORM)
    sittings.end(sitting, "stopped")
    data = {"way": "typed", "typed_name": "Rose Nyberg", "submission": view.submission}
    with pytest.raises(SittingEnded):
        signing.sign(sitting, FORM, data)
    assert people.count(tables.Record) == 0


def test_a_failing_store_leaves_neither_record_nor_audit(people: People) -> None:
    before = people.count(tables.AuditEntry)
    with pytest.raises(RuntimeError), access.transaction(people.desk) as desk:
        desk.audit(Did.SIGNED, "record", "r1")
        raise RuntimeError
    assert people.count(tables.AuditEntry) == before


def test_a_skipped_form_keeps_what_was_typed_and_stays_due(people: People) -> None:
    visit = people.visit()
    sitting = people.sits_down(visit)
    sittings.answer(sitting, FORM, "who", MultiDict(ALLOWS_HER_DAUGHTER))
    assert sittings.skip(sitting, FORM).form != FORM
    assert FORM in {due.form for due in visit_page.visit_view(people.desk, visit).due}
    page = sittings.open_page(sitting, FORM, "who")
    assert page.questions[0].parts[0].value == "Kirsten Nyberg"


def test_what_was_given_once_stands_wherever_it_is_needed(people: People) -> None:
    visit = people.visit()
    people.signs(people.sits_down(visit), FORM, ALLOWS_HER_DAUGHTER)
    (found,) = visits.find_clients(people.desk, "nyb")
    again = people.visit(client_id=found.id, at="15:00")
    (row,) = visit_page.visit_view(people.desk, again).records
    endings.withdraw(people.desk, row.id)
    page = sittings.open_page(people.sits_down(again), FORM, "who")
    assert page.questions[0].parts[0].value == "Kirsten Nyberg"
