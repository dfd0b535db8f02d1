"""A screen that locks, and two people at one computer."""

import pytest
from sqlalchemy import select

from kiosk import access
from kiosk.access import screens, sessions
from kiosk.actions import own_access, staffing
from kiosk.errors import Invalid, NotFound, ScreenLocked, SignInNeeded, TooManyTries
from kiosk.vault import tables
from kiosk.vault.did import Did
from tests.practices import PASSPHRASE, People

MACHINE = "a computer at the desk"
PINS = {"dorothy": "2580", "ruth": "7391"}


def comes(people: People, name: str, machine: str = MACHINE) -> str:
    token = access.sign_in(people.practice, name, PASSPHRASE, "desk", None, machine)
    own_access.set_pin(sessions.actor_of(people.practice, token, "desk"), PASSPHRASE, PINS[name])
    return token


def who(people: People, token: str) -> str:
    return sessions.actor_of(people.practice, token, "desk").name


def here(people: People, machine: str = MACHINE) -> dict[str, str]:
    rows = access.people_here(people.practice, machine, "desk")
    return {row.name.split()[0].casefold(): row.session_id for row in rows}


def gives_pin(people: People, name: str, pin: str, machine: str = MACHINE) -> str:
    return access.go_on(people.practice, machine, here(people, machine)[name], pin, "desk")


def test_an_idle_screen_locks_and_its_pin_opens_it_where_it_was(people: People) -> None:
    token = comes(people, "dorothy")
    people.clock.forward(minutes=11)
    with pytest.raises(ScreenLocked):
        who(people, token)
    again = gives_pin(people, "dorothy", PINS["dorothy"])
    assert who(people, again) == "Dorothy Hale"
    with pytest.raises(SignInNeeded):
        who(people, token)


@pytest.mark.parametrize("hours", [-24, -1, 11])
def test_a_clock_that_is_set_makes_no_session_last_longer(people: People, hours: int) -> None:
    token = comes(people, "dorothy")
    people.clock.forward(hours=hours)
    with pytest.raises(SignInNeeded):
        who(people, token)


@pytest.mark.parametrize("locks", [False, True])
def test_a_session_ends_after_ten_hours_although_it_was_used_all_day(people: People, locks: bool) -> None:
    token = comes(people, "dorothy")
    for _ in range(60):
        people.clock.forward(minutes=10)
        assert who(people, token) == "Dorothy Hale"
    people.clock.forward(minutes=11 if locks else 1)
    with pytest.raises(SignInNeeded) as over:
        who(people, token)
    assert type(over.value) is SignInNeeded, "it is over, and no PIN opens it"
    assert here(people) == {}


def test_without_a_pin_an_idle_session_is_over(people: People) -> None:
    token = access.sign_in(people.practice, "sophia", PASSPHRASE, "desk", None, MACHINE)
    people.clock.forward(minutes=11)
    with pytest.raises(SignInNeeded) as over:
        who(people, token)
    assert over.value.address == "/sign-in"
    assert here(people) == {}


def test_two_people_change_places_by_pin_and_only_one_screen_is_open(people: People) -> None:
    dorothy, ruth = comes(people, "dorothy"), comes(people, "ruth")
    dorothy = gives_pin(people, "dorothy", PINS["dorothy"])
    assert who(people, dorothy) == "Dorothy Hale"
    with pytest.raises(ScreenLocked):
        who(people, ruth)
    ruth = gives_pin(people, "ruth", PINS["ruth"])
    assert who(people, ruth) == "Ruth Hale"
    with pytest.raises(ScreenLocked):
        who(people, dorothy)


def test_who_was_there_last_is_offered_last(people: People) -> None:
    comes(people, "dorothy")
    people.clock.forward(minutes=1)
    comes(people, "ruth")
    assert list(here(people)) == ["dorothy", "ruth"]


def test_another_computer_knows_nobody_and_a_foreign_session_does_not_open_there(people: People) -> None:
    comes(people, "dorothy")
    assert here(people, "another computer") == {}
    with pytest.raises(SignInNeeded):
        access.go_on(people.practice, "another computer", here(people)["dorothy"], PINS["dorothy"], "desk")
    with pytest.raises(SignInNeeded):
        access.go_on(people.practice, None, here(people)["dorothy"], PINS["dorothy"], "desk")


def test_five_wrong_pins_end_the_session(people: People) -> None:
    token = comes(people, "dorothy")
    session_id = here(people)["dorothy"]
    for _ in range(screens.PIN_TRIES - 1):
        with pytest.raises(Invalid):
            access.go_on(people.practice, MACHINE, session_id, "0000", "desk")
    with pytest.raises(SignInNeeded):
        access.go_on(people.practice, MACHINE, session_id, "0000", "desk")
    with pytest.raises(SignInNeeded):
        who(people, token)
    with pytest.raises(SignInNeeded):
        access.go_on(people.practice, MACHINE, session_id, PINS["dorothy"], "desk")


def test_misses_add_up_while_the_session_lives_however_far_apart(people: People) -> None:
    token = comes(people, "dorothy")
    session_id = here(people)["dorothy"]
    for _ in range(screens.PIN_TRIES - 1):
        with pytest.raises(Invalid):
            access.go_on(people.practice, MACHINE, session_id, "0000", "desk")
        people.clock.forward(minutes=65)
        token = gives_pin(people, "dorothy", PINS["dorothy"])
    with pytest.raises(SignInNeeded):
        access.go_on(people.practice, MACHINE, session_id, "0000", "desk")
    with pytest.raises(SignInNeeded):
        who(people, token)


@pytest.mark.parametrize("locks", [True, False])
def test_signing_out_ends_a_session_whether_or_not_its_screen_has_locked(people: People, locks: bool) -> None:
    token = comes(people, "dorothy")
    people.clock.forward(minutes=11 if locks else 1)
    access.sign_out(people.practice, token, "desk")
    assert here(people) == {}
    assert people.count(tables.StaffSession) == 0
    with access.transaction(people.system) as desk:
        last = desk.session.scalars(select(tables.AuditEntry).order_by(tables.AuditEntry.seq)).all()[-1]
    assert (last.did, last.object) == (Did.SIGNED_OUT, people.desk.id)
    assert last.actor == ("nobody" if locks else people.desk.id)


def test_locking_by_hand_keeps_the_session_of_who_has_a_pin_and_ends_any_other(people: People) -> None:
    token = comes(people, "dorothy")
    access.lock_screen(people.desk, token)
    with pytest.raises(ScreenLocked):
        who(people, token)
    other = access.sign_in(people.practice, "sophia", PASSPHRASE, "desk", None, "hers")
    access.lock_screen(people.therapist, other)
    with pytest.raises(SignInNeeded) as over:
        who(people, other)
    assert type(over.value) is SignInNeeded


@pytest.mark.parametrize("pin", ["", "12", "123456789", "12a4", "1234", "9876", "0000", "١٢٣٥"])
def test_a_pin_that_is_none_or_easily_guessed_is_refused(people: People, pin: str) -> None:
    with pytest.raises(Invalid):
        own_access.set_pin(people.desk, PASSPHRASE, pin)


def test_an_open_screen_is_no_place_to_guess_a_passphrase(people: People) -> None:
    for _ in range(5):
        with pytest.raises(Invalid):
            own_access.set_pin(people.desk, "a guess at it", "2580")
    with pytest.raises(TooManyTries):
        own_access.set_pin(people.desk, PASSPHRASE, "2580")


def test_a_new_passphrase_signs_one_out_everywhere_else(people: People) -> None:
    here_now, there = comes(people, "dorothy"), comes(people, "dorothy", "another computer")
    own_access.change_passphrase(people.desk, PASSPHRASE, "quite another one", "quite another one", here_now)
    assert who(people, here_now) == "Dorothy Hale"
    with pytest.raises(SignInNeeded):
        who(people, there)
    with pytest.raises(Invalid):
        access.sign_in(people.practice, "dorothy", PASSPHRASE, "desk")
    assert access.sign_in(people.practice, "dorothy", "quite another one", "desk")


def test_the_owner_sees_who_is_signed_in_and_ends_it_at_once(people: People) -> None:
    token, own = comes(people, "dorothy"), comes(people, "ruth")
    owner = sessions.actor_of(people.practice, own, "desk")
    rows = {row.who: row for row in staffing.signed_in(owner, own)}
    assert rows["Ruth Hale"].own
    assert not rows["Dorothy Hale"].own
    staffing.end_session(owner, rows["Dorothy Hale"].id)
    with pytest.raises(SignInNeeded):
        who(people, token)
    with pytest.raises(NotFound):
        staffing.end_session(owner, rows["Dorothy Hale"].id)
