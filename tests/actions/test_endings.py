"""Taking back: all of a form or one question of it, at the tablet, at the desk, or by what was to end it."""

import pytest

from kiosk import access
from kiosk.access import Role
from kiosk.actions import card, endings, visit_page
from kiosk.errors import Invalid, NotAllowed, NotFound
from kiosk.vault import tables
from tests.practices import ALLOWS_HER_DAUGHTER, People

FORM = "emergency_contact"
ALLOWS_MORE = {**ALLOWS_HER_DAUGHTER, "may_tell_health": "allow"}
RELEASE = {
    "has_clinician": "yes",
    "clinician-name": "Dr. Ortiz",
    "may_speak": "allow",
    "which_way": "we_tell",
    "what_to_tell": ["progress"],
    "for_what": "my back",
    "ends_how": "event",
    "ends_when": "my back is well",
}


def may_tell(people: People, visit: str, topic: str, party: str = "Kirsten Nyberg") -> bool:
    return card.may_tell(people.therapist, visit, party, topic).yes


def the_record(people: People, visit: str) -> visit_page.RecordRow:
    return visit_page.visit_view(people.desk, visit).records[0]


def test_the_client_takes_back_one_permission_at_the_tablet_and_keeps_the_other(people: People) -> None:
    visit = people.visit()
    sitting = people.sits_down(visit)
    people.signs(sitting, FORM, ALLOWS_MORE)
    rows = {row.question: row for row in endings.allowed(sitting)}
    assert set(rows) == {"may_call_emergency", "may_tell_health"}
    endings.take_back(sitting, rows["may_tell_health"].record_id, "may_tell_health")
    assert may_tell(people, visit, "whereabouts")
    assert not may_tell(people, visit, "health_given")
    assert [row.question for row in endings.allowed(sitting)] == ["may_call_emergency"]


def test_taking_back_twice_is_taking_back_once(people: People) -> None:
    visit = people.visit()
    sitting = people.sits_down(visit)
    people.signs(sitting, FORM, ALLOWS_MORE)
    record = the_record(people, visit).id
    for _ in range(2):
        endings.take_back(sitting, record, "may_tell_health")
        endings.withdraw(people.desk, record, "may_tell_health")
    assert people.count(tables.Ending) == 1
    endings.withdraw(people.desk, record)
    assert people.count(tables.Ending) == 2, "all of it ends apart"


def test_what_was_taken_back_in_part_is_not_due_again_and_as_a_whole_it_is(people: People) -> None:
    visit = people.visit()
    people.signs(people.sits_down(visit), FORM, ALLOWS_MORE)
    record = the_record(people, visit).id
    endings.withdraw(people.desk, record, "may_tell_health", "in_writing")
    due = {row.form for row in visit_page.visit_view(people.desk, visit).due}
    assert FORM not in due
    endings.withdraw(people.desk, record)
    due = {row.form: row.why for row in visit_page.visit_view(people.desk, visit).due}
    assert due[FORM] == "taken back"


def test_the_desk_sees_which_permissions_of_a_form_still_stand(people: People) -> None:
    visit = people.visit()
    people.signs(people.sits_down(visit), FORM, ALLOWS_MORE)
    row = the_record(people, visit)
    assert [question for question, _ in row.allows] == ["may_call_emergency", "may_tell_health"]
    endings.withdraw(people.desk, row.id, "may_call_emergency")
    assert [question for question, _ in the_record(people, visit).allows] == ["may_tell_health"]


@pytest.mark.parametrize("question", ["nothing", "contact"])
def test_what_gave_no_permission_cannot_be_taken_back(people: People, question: str) -> None:
    visit = people.visit()
    people.signs(people.sits_down(visit), FORM, ALLOWS_MORE)
    with pytest.raises(NotFound):
        endings.withdraw(people.desk, the_record(people, visit).id, question)
    with pytest.raises(Invalid):
        endings.withdraw(people.desk, the_record(people, visit).id, "", "in a dream")


def test_nobody_takes_back_what_somebody_else_allowed(people: People) -> None:
    visit = people.visit()
    people.signs(people.sits_down(visit), FORM, ALLOWS_MORE)
    record = the_record(people, visit).id
    stranger = people.sits_down(people.visit("Theo Okafor"), people.pair())
    for question in ("", "may_tell_health"):
        with pytest.raises(NotFound):
            endings.take_back(stranger, record, question)
    assert endings.allowed(stranger) == ()
    assert may_tell(people, visit, "health_given")


def test_a_therapist_says_that_what_ends_a_release_has_happened(people: People) -> None:
    visit = people.visit()
    people.signs(people.sits_down(visit), "clinician_release", RELEASE)
    (row,) = [row for row in card.card(people.therapist, visit).rows if row.party == "Dr. Ortiz"]
    ((event, record, question),) = row.events
    assert event == "my back is well"
    assert may_tell(people, visit, "progress", "Dr. Ortiz")
    endings.event_happened(people.therapist, visit, record, question)
    assert not may_tell(people, visit, "progress", "Dr. Ortiz")
    (after,) = [row for row in card.card(people.therapist, visit).rows if row.party == "Dr. Ortiz"]
    assert (after.state, after.events) == ("ended", ())


def test_only_the_therapist_of_the_visit_says_so(people: People) -> None:
    visit = people.visit()
    people.signs(people.sits_down(visit), "clinician_release", RELEASE)
    record = the_record(people, visit).id
    with pytest.raises(NotAllowed):
        endings.event_happened(people.desk, visit, record, "may_speak")
    with access.transaction(people.system) as desk:
        row = desk.session.query(tables.Staff).filter_by(sign_in="jean").one()
        jean = access.Actor(people.practice, row.id, row.name, frozenset({Role.THERAPIST}), "test", "staff")
    with pytest.raises(NotFound):
        endings.event_happened(jean, visit, record, "may_speak")
    assert may_tell(people, visit, "progress", "Dr. Ortiz")
