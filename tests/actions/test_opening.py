"""Who opens the practice in the morning: the owner, and those whom the owner lets."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from kiosk import access
from kiosk.actions import entering, opening, own_access, staffing
from kiosk.errors import TooManyTries, WrongPassphrase
from kiosk.vault import KeyCosts, tables
from kiosk.vault.did import Did
from tests.access.test_races import outcomes
from tests.practices import PASSPHRASE, People

HERS = "dorothy's own passphrase"
LATER = "another one of hers"


@pytest.fixture
def opens(people: People) -> People:
    """Dorothy may open the practice, and has signed in since."""
    staffing.reset(people.system, "dorothy", HERS)
    staffing.let_open(people.system, "dorothy", may=True)
    comes(people, HERS)
    return people


def comes(people: People, passphrase: str) -> str:
    return entering.sign_in(people.practice, "dorothy", passphrase, "desk", None, "a computer")


def open_by(people: People, passphrase: str, name: str = "dorothy") -> bool:
    people.practice.vault.lock()
    try:
        opening.unlock(people.practice, passphrase, "desk", name)
    except WrongPassphrase:
        people.practice.vault.unlock(PASSPHRASE)
        return False
    return True


def unlockings(people: People) -> Sequence[tables.AuditEntry]:
    """What the trail says about each, in its order."""
    of_these = select(tables.AuditEntry).where(tables.AuditEntry.did == Did.UNLOCKED)
    with access.transaction(people.system) as desk:
        return desk.session.scalars(of_these.order_by(tables.AuditEntry.seq)).all()


def test_her_own_passphrase_opens_it_from_her_next_sign_in_on(people: People) -> None:
    staffing.reset(people.system, "dorothy", HERS)
    staffing.let_open(people.system, "dorothy", may=True)
    assert not open_by(people, HERS)
    comes(people, HERS)
    assert open_by(people, HERS)
    assert unlockings(people)[-1].actor == people.desk.id


def test_it_opens_under_her_name_only(opens: People) -> None:
    assert not open_by(opens, HERS, "")
    assert not open_by(opens, HERS, "sophia")
    assert not open_by(opens, HERS, "nobody")
    assert not open_by(opens, PASSPHRASE)


def test_a_passphrase_that_she_changes_opens_in_place_of_the_old_one(opens: People) -> None:
    own_access.change_passphrase(opens.desk, HERS, LATER, LATER, "")
    assert open_by(opens, LATER)
    assert not open_by(opens, HERS)


@pytest.mark.parametrize("end", ["taken back", "left", "reset"])
def test_it_opens_no_more_once_it_is_taken_back_or_she_left(opens: People, end: str) -> None:
    if end == "taken back":
        staffing.let_open(opens.system, "dorothy", may=False)
    elif end == "left":
        staffing.remove(opens.system, "dorothy")
    else:
        staffing.reset(opens.system, "dorothy", LATER)
    assert not open_by(opens, HERS)
    with access.transaction(opens.system) as desk:
        ways = desk.session.scalars(select(tables.KeyWrap.way)).all()
    assert ways == ["passphrase"]


def test_a_new_master_key_ends_it_until_she_signs_in_again(opens: People) -> None:
    opening.rotate_master_key(opens.system, PASSPHRASE)
    assert not open_by(opens, HERS)
    comes(opens, HERS)
    assert open_by(opens, HERS)


def test_what_the_owner_took_back_while_she_signed_in_does_not_come_back(opens: People) -> None:
    staffing.let_open(opens.system, "dorothy", may=False)
    opens.practice.vault.wrap_for_staff(opens.desk.id, HERS)
    assert not open_by(opens, HERS)
    assert opens.count(tables.KeyWrap) == 1, "the practice's own"


def test_a_wrap_that_is_left_of_somebody_who_may_not_opens_nothing(opens: People) -> None:
    with access.transaction(opens.system) as desk:
        desk.session.get_one(tables.Staff, opens.desk.id).may_open = False
    assert not open_by(opens, HERS)


def misses(people: People, device: str = "desk", times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(WrongPassphrase):
            opening.unlock(people.practice, "a guess at it", device)


def test_the_wait_at_a_locked_practice_grows_with_each_miss_from_one_place(people: People) -> None:
    people.practice.vault.lock()
    misses(people, times=5)
    for seconds in (30, 60, 120):
        people.clock.forward(seconds=seconds - 1)
        with pytest.raises(TooManyTries):
            opening.unlock(people.practice, PASSPHRASE, "desk")
        people.clock.forward(seconds=1)
        misses(people)
    opening.unlock(people.practice, PASSPHRASE, "another computer")
    assert people.practice.vault.is_unlocked


def test_the_trail_says_how_many_missed_before_it_was_opened(people: People) -> None:
    people.practice.vault.lock()
    misses(people, times=2)
    misses(people, "the Wi-Fi")
    opening.unlock(people.practice, PASSPHRASE, "desk")
    people.practice.vault.lock()
    opening.unlock(people.practice, PASSPHRASE, "desk")
    assert [one.reason for one in unlockings(people)[-2:]] == ["3 missed before", ""]


def test_of_many_tries_at_once_only_as_many_are_looked_at_as_are_due(people: People) -> None:
    vault = people.practice.vault
    vault.lock()
    misses(people, times=5)
    people.clock.forward(seconds=30)
    vault.key_costs = KeyCosts()  # takes its time, as in a real practice
    said = outcomes(lambda: opening.unlock(people.practice, "a guess at it", "desk", "nobody"), 8)
    assert sorted(said) == ["TooManyTries"] * 7 + ["WrongPassphrase"]
