"""What a form fills in elsewhere, who confirms which paper, and forms that need no signature."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.datastructures import MultiDict

from kiosk import access
from kiosk.actions import clients, confirming, records, signing, sittings, visit_page
from kiosk.actions.at_tablet import Elsewhere, Step
from kiosk.errors import Invalid, NotFound
from kiosk.vault import tables
from pdf.verify import Verified, verify
from tests import pen
from tests.practices import ALLOWS_HER_DAUGHTER, People, make_people

FORM = "emergency_contact"
EMAIL = {
    "email": "rose@example.com",
    "phone": "512 555 0101",
    "may_email": "refuse",
    "may_text": "refuse",
    "may_voicemail": "refuse",
}


@pytest.fixture
def with_history(tmp_path: Path) -> Iterator[People]:
    """A practice that asks about health too, and about one contact or several as shipped."""
    yield from make_people(tmp_path / "practice", more='forms_also = ["health_history"]\n', own_forms=False)


def profile(people: People, visit: str) -> clients.Profile:
    with access.transaction(people.system) as desk:
        return clients.profile_of(desk, desk.session.get_one(tables.Visit, visit).client_id)


def test_a_number_given_once_is_there_in_every_form_that_needs_it(people: People) -> None:
    visit = people.visit()
    sitting = people.sits_down(visit)
    people.signs(sitting, FORM, ALLOWS_HER_DAUGHTER)
    sittings.answer(
        sitting,
        "referral_thanks",
        "who",
        MultiDict({"referred_by-name": "Kirsten Nyberg", "may_thank": "refuse"}),
    )
    page = sittings.open_page(sitting, "referral_thanks", "who")
    assert {part.name: part.value for part in page.questions[0].parts} == {
        "referred_by-name": "Kirsten Nyberg",
        "referred_by-relation": "daughter",
        "referred_by-phone": "512 555 0142",
        "referred_by-email": "",
    }


def test_a_changed_value_is_shown_with_what_stood_before_and_only_then_kept(people: People) -> None:
    visit = people.visit()
    sitting = people.sits_down(visit)
    people.signs(sitting, "email_logistics", EMAIL)
    people.clock.forward(days=800)
    again = people.sits_down(
        people.visit("Rose Nyberg", "12:30", client_id=_client(people, visit), date="2029-01-31")
    )
    people.answers(again, "email_logistics", {**EMAIL, "phone": "512 555 0199"})
    rows = {row.question: row for row in sittings.check(again, "email_logistics").rows}
    assert (rows["phone"].says, rows["phone"].before) == ("512 555 0199", "512 555 0101")
    assert rows["email"].before is None
    assert profile(people, visit).places["client.phone"] == "512 555 0101", "nothing is signed yet"
    signing.certify(again, "email_logistics")
    view = signing.to_sign(again, "email_logistics")
    signing.sign(again, "email_logistics", {"way": "typed", "typed_name": "R", "submission": view.submission})
    assert profile(people, visit).places["client.phone"] == "512 555 0199"


def _client(people: People, visit: str) -> str:
    with access.transaction(people.system) as desk:
        return desk.session.get_one(tables.Visit, visit).client_id


def test_what_one_client_gave_is_never_another_s(people: People) -> None:
    people.signs(people.sits_down(people.visit()), FORM, ALLOWS_HER_DAUGHTER)
    other = people.visit("Theo Okafor", "12:50")
    sitting = people.sits_down(other, people.pair())
    sittings.answer(sitting, FORM, "who", MultiDict({"contact-name": "Kirsten Nyberg"}))
    page = sittings.open_page(sitting, FORM, "who")
    assert [part.value for part in page.questions[0].parts] == ["Kirsten Nyberg", "", "", ""]
    assert profile(people, other).places == {}


def test_a_form_about_somebody_is_due_when_another_form_names_somebody_else(with_history: People) -> None:
    people = with_history
    visit = people.visit()
    sitting = people.sits_down(visit)
    release = {
        "has_clinician": "yes",
        "clinician-name": "Dr. Ortiz",
        "may_speak": "refuse",
    }
    people.signs(sitting, "clinician_release", release)
    with access.transaction(people.system) as desk:
        client = desk.session.get_one(tables.Visit, visit).client_id
        form = people.practice.catalog.form("clinician_release")
        people.clock.forward(minutes=5)
    with access.transaction(people.system) as desk:
        clients.fill(
            desk, client, form, {"has_clinician": "yes", "clinician": {"name": "Dr. Bloom"}}, desk.now
        )
    due = {row.form: row.why for row in visit_page.visit_view(people.desk, visit).due}
    assert due["clinician_release"] == "names somebody who has changed"


def test_a_form_that_needs_no_signature_is_handed_in_from_its_check_page(with_history: People) -> None:
    people = with_history
    visit = people.visit()
    sitting = people.sits_down(visit)
    form = people.practice.catalog.form("health_history")
    step = Step("page", form.id, form.pages[0].id)
    while step.to == "page":
        page = sittings.open_page(sitting, form.id, step.page)
        given = {
            question.id: next(iter(question.options))[0] for question in page.questions if question.options
        }
        typed = {part.name: "none" for question in page.questions for part in question.parts}
        said = sittings.answer(sitting, form.id, step.page, MultiDict({**typed, **given}))
        assert isinstance(said, Step), said.problems
        step = said
    view = sittings.check(sitting, form.id)
    assert not view.signed
    with pytest.raises(Elsewhere):
        signing.sign(sitting, form.id, {"way": "typed", "typed_name": "Rose"})
    for _ in range(2):
        signing.hand_in(sitting, form.id, {"submission": view.submission})
    (row,) = visit_page.visit_view(people.desk, visit).records
    assert not row.open, "the front desk does not read a health history on its screen"
    found = verify(records.pdf(people.therapist, row.id))
    assert isinstance(found, Verified)
    assert '"way":"given"' in found.record_json
    assert form.id not in {owed.form for owed in visit_page.visit_view(people.desk, visit).due}


def test_a_form_that_needs_one_is_not_handed_in_without(people: People) -> None:
    sitting = people.sits_down(people.visit())
    people.answers(sitting, FORM, ALLOWS_HER_DAUGHTER)
    with pytest.raises(Elsewhere):
        signing.hand_in(sitting, FORM, {"submission": "x"})
    assert people.count(tables.Record) == 0


def test_a_release_on_paper_is_confirmed_by_a_therapist_and_the_desk_sees_only_a_count(
    people: People,
) -> None:
    visit = people.visit()
    pdf, sheet = people.prints(visit, "clinician_release")
    people.scans(pen.as_pdf([pen.scanned(page) for page in _printed(pdf, sheet).pages]))
    people.brings_paper(visit)
    at_desk, with_therapist = confirming.waiting(people.desk), confirming.waiting(people.therapist)
    assert [row.title for row in at_desk.sheets] == ["Emergency contact"]
    assert at_desk.others == 1
    assert [row.id for row in with_therapist.sheets] == [sheet.id]
    with pytest.raises(NotFound):
        confirming.view(people.desk, sheet.id)
    view = confirming.view(people.therapist, sheet.id)
    with pytest.raises(NotFound):
        confirming.page_png(people.desk, view.page_id)
    assert view.value is not None
    with pytest.raises(NotFound):
        confirming.crop(people.desk, view.value.reading_id)
    assert confirming.crop(people.therapist, view.value.reading_id).startswith(b"\x89PNG")


def _printed(pdf: bytes, sheet: tables.Sheet) -> pen.Sheet:
    return pen.Sheet.printed(pdf, pen.FieldMap.from_json(sheet.field_map))


@pytest.mark.long
def test_a_further_contact_left_empty_is_seen_in_one_look(
    with_history: People,
) -> None:
    people = with_history
    sheet_id = people.brings_paper(people.visit())
    people.confirms(sheet_id)
    confirming.finish(people.desk, sheet_id)
    (row,) = visit_page.visit_view(people.desk, people.sheet(sheet_id).visit_id).records
    found = verify(records.pdf(people.desk, row.id))
    assert isinstance(found, Verified)
    assert "contact_2" not in found.record_json.split('"decisions"')[0]


@pytest.mark.long
def test_a_further_contact_of_whom_a_box_is_marked_is_looked_at_value_by_value(with_history: People) -> None:
    people = with_history
    pdf, sheet = people.prints(people.visit())
    filled = _printed(pdf, sheet)
    filled.tick("may_call_emergency_2", "allow")
    filled.sign()
    people.scans(pen.as_pdf([pen.scanned(page) for page in filled.pages]))
    while (value := confirming.view(people.desk, sheet.id).value) is not None and not value.further:
        people.confirms_one(value)
    assert value is not None
    with pytest.raises(Invalid, match="read as marked"):
        confirming.nothing_further(people.desk, value.reading_id)
