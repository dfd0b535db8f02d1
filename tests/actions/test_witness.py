"""Signing by a mark: whoever saw it says so at the desk, under their own sign-in."""

import json

import pytest

from kiosk import access
from kiosk.actions import records, signing, sittings, visit_page, visits, witnessing
from kiosk.actions.at_tablet import Elsewhere, Step
from kiosk.errors import Invalid, NotAllowed, NotFound
from kiosk.vault import tables
from pdf.verify import Verified, verify
from tests.practices import ALLOWS_HER_DAUGHTER, People

FORM = "emergency_contact"
TOUCH = json.dumps({"width": 600, "height": 150, "strokes": [[[100, 40, 0, 0.5]]]})


def makes_mark(people: People, visit: str) -> access.Sitting:
    sitting = people.sits_down(visit)
    assert people.signs(sitting, FORM, ALLOWS_HER_DAUGHTER, way="marked", strokes=TOUCH) == Step(
        "witness", FORM
    )
    return sitting


def test_who_leaves_it_for_now_instead_of_waiting_has_signed_nothing(people: People) -> None:
    visit = people.visit()
    sitting = makes_mark(people, visit)
    assert sittings.skip(sitting, FORM).form != FORM
    assert visit_page.visit_view(people.desk, visit).marks == ()
    with pytest.raises(NotFound):
        witnessing.saw(people.desk, visit, FORM)
    assert people.count(tables.Record) == 0


def test_a_mark_is_a_signature_once_somebody_of_the_practice_saw_it(people: People) -> None:
    visit = people.visit()
    sitting = makes_mark(people, visit)
    assert signing.waits_for_witness(sitting, FORM).form == FORM
    assert people.count(tables.Record) == 0
    assert visits.today(people.desk).visits[0].marked
    (mark,) = visit_page.visit_view(people.desk, visit).marks
    assert (mark.form, mark.by, len(mark.paths)) == (FORM, "Rose Nyberg", 1)
    witnessing.saw(people.desk, visit, FORM)
    with pytest.raises(NotFound):
        witnessing.saw(people.desk, visit, FORM)
    (row,) = visit_page.visit_view(people.desk, visit).records
    found = verify(records.pdf(people.desk, row.id))
    assert isinstance(found, Verified)
    record = json.loads(found.record_json)
    signature = record["signature"]
    assert (signature["way"], signature["witness"], signature["name"]) == (
        "marked", "Dorothy Hale", "Rose Nyberg",
    )  # fmt: skip
    assert record["evidence"]["witness"] == people.desk.id
    assert "counts as signing on paper" in record["evidence"]["electronic"]
    with pytest.raises(Elsewhere) as gone:
        signing.waits_for_witness(sitting, FORM)
    assert gone.value.step.form != FORM, "the tablet goes on by itself"


def test_a_mark_that_nobody_saw_signs_nothing(people: People) -> None:
    visit = people.visit()
    sitting = makes_mark(people, visit)
    with pytest.raises(NotAllowed):
        witnessing.saw(people.therapist, visit, FORM)
    witnessing.did_not_see(people.desk, visit, FORM)
    with pytest.raises(Elsewhere) as there:
        signing.waits_for_witness(sitting, FORM)
    assert there.value.step == Step("sign", FORM)
    makes_mark_again = {"way": "marked", "strokes": TOUCH, "submission": "s"}
    signing.sign(sitting, FORM, makes_mark_again)
    sittings.end(sitting, "idle")
    with pytest.raises(NotFound):
        witnessing.saw(people.desk, visit, FORM)
    people.sits_down(visit)
    assert visit_page.visit_view(people.desk, visit).marks == (), "who sits there now made no mark"
    with pytest.raises(NotFound):
        witnessing.saw(people.desk, visit, FORM)
    assert people.count(tables.Record) == 0


def test_an_empty_box_is_no_mark_and_a_change_takes_the_mark_away(people: People) -> None:
    visit = people.visit()
    sitting = people.sits_down(visit)
    with pytest.raises(Invalid) as wrong:
        people.signs(sitting, FORM, ALLOWS_HER_DAUGHTER, way="marked", strokes="")
    assert wrong.value.problems == {"strokes": signing.MARK}
    signing.sign(sitting, FORM, {"way": "marked", "strokes": TOUCH, "submission": "s"})
    people.answers(sitting, FORM, ALLOWS_HER_DAUGHTER)
    assert visit_page.visit_view(people.desk, visit).marks == ()
