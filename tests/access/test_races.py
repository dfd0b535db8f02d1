"""What was ended stays ended, whoever was just saving it: SecureDrop's race between open and save."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from kiosk import access
from kiosk.access import sessions
from kiosk.access.passwords import hash_passphrase, verify_passphrase
from kiosk.access.sessions import actor_of, token_hash
from kiosk.actions import check_in, handing, own_access, sittings, staffing
from kiosk.errors import Invalid, KioskError, SignInNeeded, SittingEnded
from kiosk.vault import KeyCosts, tables
from tests.practices import BORN, PASSPHRASE, People

QUICK, LONG = 50, 1_000


def at_once(*acts: Callable[[], object]) -> list[BaseException]:
    """Begin them at the same moment; what they raised that says something else than that it has ended."""
    ready, wrong = Barrier(len(acts)), []

    def do(act: Callable[[], object]) -> None:
        ready.wait()
        try:
            act()
        except (SignInNeeded, SittingEnded):
            return
        except BaseException as fault:
            wrong.append(fault)

    threads = [Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def outcomes(act: Callable[[], object], times: int) -> list[str]:
    """What each said, of as many at the same moment."""
    said: list[str] = []

    def note() -> None:
        try:
            act()
            said.append("done")
        except KioskError as fault:
            said.append(type(fault).__name__)

    assert at_once(*[note] * times) == []
    return said


def sessions_resurrected(people: People, times: int) -> int:
    found = 0
    for _ in range(times):
        token = access.sign_in(people.practice, "dorothy", PASSPHRASE, "127.0.0.1")
        people.clock.forward(seconds=30)  # long enough that the next look writes when it was

        def look(token: str = token) -> None:
            actor_of(people.practice, token, "127.0.0.1")

        def leave(token: str = token) -> None:
            access.sign_out(people.practice, token, "127.0.0.1")

        assert at_once(look, leave, look) == []
        with access.transaction(people.system) as desk:
            found += desk.session.get(tables.StaffSession, token_hash(token)) is not None
        with pytest.raises(SignInNeeded):
            look()
    return found


def sittings_resurrected(people: People, times: int) -> int:
    """The client answers, the page asks whether the sitting holds, and the desk takes the tablet back."""
    found, visit = 0, people.visit()
    who = MultiDict({"contact-name": "Kirsten Nyberg", "contact-phone": "512 555 0142"})
    for _ in range(times):
        token = check_in.by_code(people.tablet, handing.make_code(people.desk, visit), "en")
        check_in.birth_date(access.sitting_of(people.tablet, token), BORN)
        sitting = access.sitting_of(people.tablet, token)
        people.clock.forward(seconds=10)

        def answer(sitting: access.Sitting = sitting) -> None:
            sittings.answer(sitting, "emergency_contact", "who", who)

        def stay(token: str = token) -> None:
            access.sitting_of(people.tablet, token)

        def take_back() -> None:
            handing.take_back(people.desk, visit)

        assert at_once(answer, stay, take_back) == []
        with access.transaction(people.system) as desk:
            row = desk.session.get_one(tables.Sitting, sitting.id)
            found += row.ended_at is None or row.signature_sealed is not None
        with pytest.raises(KioskError):
            sittings.open_page(sitting, "emergency_contact", "who")
    return found


def test_a_session_that_ends_while_it_is_used_is_not_brought_back(people: People) -> None:
    assert sessions_resurrected(people, QUICK) == 0


def test_a_sitting_that_ends_while_it_is_used_is_not_brought_back(people: People) -> None:
    assert sittings_resurrected(people, QUICK // 4) == 0


@pytest.mark.long
def test_a_thousand_sessions_and_sittings_stay_ended(people: People) -> None:
    assert sessions_resurrected(people, LONG) == 0
    assert sittings_resurrected(people, LONG) == 0


def test_a_session_ended_elsewhere_writes_nothing_any_more(people: People) -> None:
    token = access.sign_in(people.practice, "dorothy", PASSPHRASE, "127.0.0.1")
    people.clock.forward(seconds=30)
    with access.transaction(people.system) as desk:
        kept = desk.session.scalars(
            select(tables.StaffSession).where(tables.StaffSession.token_hash == token_hash(token))
        ).one()
        seen = kept.seen_at
        desk.session.delete(kept)
    with pytest.raises(SignInNeeded):
        actor_of(people.practice, token, "127.0.0.1")
    assert people.count(tables.StaffSession) == 0
    assert seen < people.clock()
    with pytest.raises(Invalid):
        access.sign_in(people.practice, "dorothy", "wrong passphrase", "127.0.0.1", token)
    assert people.count(tables.StaffSession) == 0


@pytest.mark.parametrize("where", ["at the sign-in", "at her own page"])
def test_of_many_guesses_at_once_only_as_many_are_looked_at_as_are_due(people: People, where: str) -> None:
    def guess() -> None:
        if where == "at the sign-in":
            access.sign_in(people.practice, "nobody-here", "a guess at it", "127.0.0.1")
        else:
            own_access.set_pin(people.desk, "a guess at it", "2580")

    for _ in range(5):
        with pytest.raises(Invalid):
            guess()
    people.clock.forward(seconds=30)
    costs = people.practice.vault.key_costs = KeyCosts()  # takes its time, as in a real practice
    with access.transaction(people.system) as desk:
        her = desk.session.get_one(tables.Staff, people.desk.id)
        her.passphrase_hash = hash_passphrase(PASSPHRASE, costs)
    assert sorted(outcomes(guess, 8)) == ["Invalid"] + ["TooManyTries"] * 7


def test_a_passphrase_that_is_reset_while_it_is_looked_at_begins_no_session(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reset_meanwhile(kept: str | None, passphrase: str, costs: KeyCosts) -> bool:
        staffing.reset(people.system, "dorothy", "a passphrase from the owner")
        return verify_passphrase(kept, passphrase, costs)

    monkeypatch.setattr(sessions, "verify_passphrase", reset_meanwhile)
    with pytest.raises(Invalid):
        access.sign_in(people.practice, "dorothy", PASSPHRASE, "127.0.0.1")
    assert people.count(tables.StaffSession) == 0
