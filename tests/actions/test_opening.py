"""Who opens the practice in the morning: the owner, and those whom the owner lets."""

import pytest
from sqlalchemy import select

from kiosk import access
from kiosk.actions import entering, opening, own_access, staffing
from kiosk.errors import WrongPassphrase
from kiosk.vault import tables
from kiosk.vault.did import Did
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
    opening._misses.clear()
    try:
        opening.unlock(people.practice, passphrase, "desk", name)
    except WrongPassphrase:
        people.practice.vault.unlock(PASSPHRASE)
        return False
    return True


def test_her_own_passphrase_opens_it_from_her_next_sign_in_on(people: People) -> None:
    staffing.reset(people.system, "dorothy", HERS)
    staffing.let_open(people.system, "dorothy", may=True)
    assert not open_by(people, HERS)
    comes(people, HERS)
    assert open_by(people, HERS)
    with access.transaction(people.system) as desk:
        last = desk.session.scalars(
            select(tables.AuditEntry).where(tables.AuditEntry.did == Did.UNLOCKED)
        ).all()[-1]
    assert last.actor == people.desk.id


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
