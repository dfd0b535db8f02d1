"""People come and leave: who works here may sign in, and who left may not, from that moment on."""

import pytest
from sqlalchemy import select

from kiosk import access
from kiosk.access import Role, sessions
from kiosk.actions import staffing
from kiosk.actions.practice import NewStaff
from kiosk.errors import Invalid, NotAllowed, NotFound, SignInNeeded
from kiosk.vault import tables
from kiosk.vault.did import Did
from tests.practices import PASSPHRASE, People

JEAN = NewStaff("jean2", "Jean Abara", (Role.THERAPIST, Role.FRONT_DESK), "a passphrase of her own")


def owner(people: People) -> access.Actor:
    token = access.sign_in(people.practice, "ruth", PASSPHRASE, "desk")
    return sessions.actor_of(people.practice, token, "desk")


def sign_in(people: People) -> str:
    return access.sign_in(people.practice, JEAN.sign_in, JEAN.passphrase, "desk")


def test_who_is_added_signs_in_with_their_own_passphrase_and_roles(people: People) -> None:
    staffing.add(owner(people), JEAN)
    actor = sessions.actor_of(people.practice, sign_in(people), "desk")
    assert (actor.name, actor.roles) == (JEAN.name, frozenset(JEAN.roles))
    assert JEAN.sign_in in [row.sign_in for row in staffing.everybody(owner(people))]


def test_who_leaves_is_signed_out_at_once_and_their_name_is_nobody_else_s(people: People) -> None:
    staffing.add(owner(people), JEAN)
    token = sign_in(people)
    staffing.remove(owner(people), JEAN.sign_in)
    with pytest.raises(SignInNeeded):
        sessions.actor_of(people.practice, token, "desk")
    with pytest.raises(Invalid):
        sign_in(people)
    with pytest.raises(Invalid, match="is taken"):
        staffing.add(owner(people), JEAN)
    with people.practice.vault.transaction() as store:
        did = store.session.scalars(select(tables.AuditEntry.did)).all()
    assert {Did.ADDED_STAFF, Did.REMOVED_STAFF} <= set(did)


def test_the_last_owner_stays(people: People) -> None:
    with pytest.raises(Invalid, match="last owner"):
        staffing.remove(owner(people), "ruth")
    other = NewStaff("ida", "Ida Lind", (Role.OWNER,), "a passphrase of her own")
    staffing.add(owner(people), other)
    staffing.remove(owner(people), "ruth")
    with pytest.raises(Invalid, match="last owner"):
        staffing.remove(people.system, "ida")


@pytest.mark.parametrize(
    "person",
    [
        NewStaff(" ", "Jean", (Role.THERAPIST,), "a passphrase of her own"),
        NewStaff("jean2", " ", (Role.THERAPIST,), "a passphrase of her own"),
        NewStaff("jean2", "Jean", (), "a passphrase of her own"),
        NewStaff("jean2", "Jean", (Role.THERAPIST,), "short"),
        NewStaff("ruth", "Jean", (Role.THERAPIST,), "a passphrase of her own"),
    ],
)
def test_what_cannot_be_a_member_of_staff_is_refused(people: People, person: NewStaff) -> None:
    before = staffing.everybody(people.system)
    with pytest.raises(Invalid):
        staffing.add(people.system, person)
    assert staffing.everybody(people.system) == before


def test_only_the_owner_says_who_works_here(people: People) -> None:
    for by in (people.desk, people.therapist, people.tablet):
        with pytest.raises(NotAllowed):
            staffing.add(by, JEAN)
        with pytest.raises(NotAllowed):
            staffing.remove(by, "ruth")
        with pytest.raises(NotAllowed):
            staffing.everybody(by)


def test_nobody_of_a_name_is_said_with_where_to_look(people: People) -> None:
    with pytest.raises(NotFound, match="kiosk staff list"):
        staffing.remove(people.system, "nobody")
