"""Somebody signs for somebody else: who may, by what right, and for several people in one sitting."""

from typing import Any

import pytest

from kiosk import access
from kiosk.access import Sitting
from kiosk.actions import card, check_in, clients, handing, signing, visit_page, visits
from kiosk.errors import Invalid, SittingEnded
from kiosk.vault import passing, tables
from tests.practices import ALLOWS_HER_DAUGHTER, BORN, People

FORM = "emergency_contact"
CHILD = {"month": "5", "day": "2", "year": "2014"}
AS_MOTHER = {"signer": "parent", "signer_name": "Ana Zamora", "authority": "I am the mother"}


def child(people: People, name: str = "Luz Zamora", at: str = "12:40") -> str:
    return people.visit(name, at, **CHILD)


def at_tablet(people: People, visit: str, born: dict[str, str]) -> Sitting:
    token = check_in.by_code(people.tablet, handing.make_code(people.desk, visit), "en")
    check_in.birth_date(access.sitting_of(people.tablet, token), born)
    return access.sitting_of(people.tablet, token)


def signs(people: People, sitting: Sitting, **data: str) -> Any:
    people.answers(sitting, FORM, ALLOWS_HER_DAUGHTER)
    signing.certify(sitting, FORM)
    view = signing.to_sign(sitting, FORM)
    return signing.sign(
        sitting, FORM, {"way": "typed", "typed_name": "A. Zamora", "submission": view.submission, **data}
    )


def record_row(people: People) -> tables.Record:
    with access.transaction(people.system) as desk:
        return desk.session.query(tables.Record).one()


def test_a_minor_s_form_is_signed_by_a_parent_who_says_by_what_right(people: People) -> None:
    sitting = at_tablet(people, child(people), CHILD)
    signs(people, sitting, **AS_MOTHER)
    row = record_row(people)
    assert row.signer == "parent"
    assert str(row.until) == "2028-11-23", "the form's own two years come before the child's majority"


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({}, {"signer"}),
        ({"signer": "client"}, {"signer"}),
        ({"signer": "agent", "signer_name": "A", "authority": "B"}, {"signer"}),
        ({"signer": "parent"}, {"signer_name", "authority"}),
        ({"signer": "parent", "signer_name": "Ana Zamora"}, {"authority"}),
    ],
)
def test_nobody_else_signs_for_a_minor_and_none_without_saying_why(
    people: People, data: dict[str, str], where: set[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        signs(people, at_tablet(people, child(people), CHILD), **data)
    assert set(refused.value.problems) == where
    assert people.count(tables.Record) == 0


def test_a_parent_does_not_sign_for_somebody_of_age(people: People) -> None:
    sitting = at_tablet(people, people.visit(), BORN)
    with pytest.raises(Invalid):
        signs(people, sitting, **AS_MOTHER)


def test_once_of_age_the_client_signs_and_what_the_parent_allowed_has_ended(people: People) -> None:
    almost = {"month": "12", "day": "24", "year": "2008"}  # of age a month after the tests' day
    visit = people.visit("Luz Zamora", "12:40", **almost)
    signs(people, at_tablet(people, visit, almost), **AS_MOTHER)
    assert str(record_row(people).until) == "2026-12-23"
    assert card.may_tell(people.therapist, visit, "Kirsten Nyberg", "whereabouts").yes
    people.clock.forward(days=31)
    assert not card.may_tell(people.therapist, visit, "Kirsten Nyberg", "whereabouts").yes
    due = {row.form: row.why for row in visit_page.visit_view(people.desk, visit).due}
    assert due[FORM] == "now of age, signs alone"


def test_a_mother_of_two_goes_on_and_only_what_is_her_own_comes_along(people: People) -> None:
    first, second = child(people), child(people, "Sol Zamora", "12:50")
    own = {"guardian.person": {"name": "Ana Zamora", "phone": "512 555 0142"}, "client.phone": "512 555 0199"}
    with access.transaction(people.system) as desk:
        client = desk.session.get_one(tables.Visit, first).client_id
        profile = clients.profile_of(desk, client)
        clients.change_profile(desk, client, clients.replace(profile, places=own))
    sitting = at_tablet(people, first, CHILD)
    assert not check_in.another(sitting), "nobody else was handed to this tablet"
    handing.hand(people.desk, second, people.tablet.id)
    assert not check_in.another(sitting), "and nothing was signed yet"
    signs(people, sitting, **AS_MOTHER)
    assert check_in.another(sitting)
    token = check_in.go_on(sitting)
    with pytest.raises(SittingEnded):
        access.sitting_of(people.tablet, "the first child's")
    again = access.sitting_of(people.tablet, token)
    assert not again.known, "the second birth date is asked first"
    check_in.birth_date(again, CHILD)
    again = access.sitting_of(people.tablet, token)
    people.answers(again, FORM, ALLOWS_HER_DAUGHTER)
    signing.certify(again, FORM)
    view = signing.to_sign(again, FORM)
    assert view.signer_name == "Ana Zamora"
    with access.transaction(people.system) as desk:
        row = desk.session.query(tables.Sitting).filter_by(id=again.id).one()
        carried = desk.open_json(passing.of_day(row.began_at), "sitting.carried", row.id, row.carried_sealed)
    assert carried == {"guardian.person": own["guardian.person"]}, "and nothing of the other child"


def test_somebody_who_signed_for_themselves_goes_on_for_nobody(people: People) -> None:
    visit = people.visit()
    sitting = at_tablet(people, visit, BORN)
    signs(people, sitting)
    handing.hand(people.desk, child(people), people.tablet.id)
    assert not check_in.another(sitting)
    with pytest.raises(SittingEnded):
        check_in.go_on(sitting)


def test_no_screen_of_one_file_tells_of_the_other(people: People) -> None:
    first, second = child(people), child(people, "Sol Zamora", "12:50")
    sitting = at_tablet(people, first, CHILD)
    handing.hand(people.desk, second, people.tablet.id)
    signs(people, sitting, **AS_MOTHER)
    check_in.go_on(sitting)
    for visit, other in ((first, "Sol"), (second, "Luz")):
        assert other not in repr(visit_page.visit_view(people.desk, visit))
        assert other not in repr(card.card(people.therapist, visit))
    assert len(visits.today(people.desk).visits) == 2
