"""The desk completes how somebody is reached, with a trace; who they are stays as the client said."""

import pytest
from sqlalchemy import select

from kiosk import access
from kiosk.actions import card, reaching
from kiosk.errors import Invalid, NotAllowed, NotFound
from kiosk.vault import tables
from kiosk.vault.did import Did
from tests.practices import ALLOWS_HER_DAUGHTER, People

CONTACT = "client.emergency_contact"


@pytest.fixture
def visit(people: People) -> str:
    made = people.visit()
    people.signs(people.sits_down(made), "emergency_contact", ALLOWS_HER_DAUGHTER)
    return made


def test_a_number_is_corrected_without_a_new_consent_and_leaves_a_trace(people: People, visit: str) -> None:
    (person,) = reaching.view(people.desk, visit).people
    assert (person.place, person.name) == (CONTACT, "Kirsten Nyberg")
    assert {part.name: part.value for part in person.parts} == {"phone": "512 555 0142", "email": ""}
    reaching.correct(people.desk, visit, CONTACT, {"phone": "512 555 0199", "email": "k@example.com"})
    (after,) = reaching.view(people.desk, visit).people
    assert [part.value for part in after.parts] == ["512 555 0199", "k@example.com"]
    assert card.may_tell(people.therapist, visit, "Kirsten Nyberg", "whereabouts").yes
    with access.transaction(people.system) as desk:
        did = desk.session.scalars(select(tables.AuditEntry.did)).all()
    assert Did.CORRECTED_PROFILE in did


def test_nobody_is_renamed_at_the_desk(people: People, visit: str) -> None:
    reaching.correct(
        people.desk, visit, CONTACT, {"name": "Somebody Else", "relation": "x", "phone": "512 555 0199"}
    )
    (person,) = reaching.view(people.desk, visit).people
    assert person.name == "Kirsten Nyberg"


def test_what_cannot_be_a_number_is_said_beside_it(people: People, visit: str) -> None:
    with pytest.raises(Invalid) as wrong:
        reaching.correct(people.desk, visit, CONTACT, {"phone": "call me"})
    assert set(wrong.value.problems) == {"phone"}


@pytest.mark.parametrize("place", ["client.gift_from", "client.phone", "nothing"])
def test_a_place_that_names_nobody_is_not_there(people: People, visit: str, place: str) -> None:
    with pytest.raises(NotFound):
        reaching.correct(people.desk, visit, place, {"phone": "512 555 0199"})


def test_a_therapist_does_not_correct_profiles(people: People, visit: str) -> None:
    with pytest.raises(NotAllowed):
        reaching.view(people.therapist, visit)
