"""Checking in: a code and a birth date open what is known; nothing else tells anything."""

import pytest

from kiosk import access
from kiosk.actions import check_in, handing, sittings
from kiosk.errors import Invalid, NotPaired, SittingEnded, TooManyTries
from kiosk.vault import tables
from tests.practices import ALLOWS_HER_DAUGHTER, BORN, People


def refusal(people: People, code: str) -> str:
    with pytest.raises(Invalid) as refused:
        check_in.by_code(people.tablet, code, "en")
    return refused.value.problems["code"]


def test_a_wrong_a_used_up_and_an_early_code_are_refused_in_the_same_words(people: People) -> None:
    used_up = handing.make_code(people.desk, people.visit())
    handing.make_code(people.desk, people.visit("Theo Okafor"))
    sitting = people.sits_down(people.visit("Paula Lind"))
    sittings.end(sitting, "finished")
    later = people.visit("Delia Ruiz", "23:00")
    early = handing.make_code(people.desk, later)
    with access.transaction(people.system) as desk:
        desk.session.get_one(tables.Visit, later).code_from = desk.now.replace(hour=23)
    assert refusal(people, early) == check_in.WRONG_CODE
    people.clock.forward(hours=5)
    assert refusal(people, "MMMMMMM") == refusal(people, used_up) == check_in.WRONG_CODE


def test_tries_are_slowed_down_and_the_right_code_waits_too(people: People) -> None:
    code = handing.make_code(people.desk, people.visit())
    for _ in range(5):
        refusal(people, "MMMMMMM")
    with pytest.raises(TooManyTries):
        check_in.by_code(people.tablet, code, "en")
    people.clock.forward(minutes=1)
    assert check_in.by_code(people.tablet, code, "en")


def test_a_code_is_read_as_people_write_it(people: People) -> None:
    code = handing.make_code(people.desk, people.visit())
    assert check_in.by_code(people.tablet, f" {code.lower().replace('-', ' ')} ", "en")


def test_nothing_is_known_before_the_birth_date(people: People) -> None:
    token = check_in.by_code(people.tablet, handing.make_code(people.desk, people.visit()), "en")
    sitting = access.sitting_of(people.tablet, token)
    assert not sitting.known
    with pytest.raises(SittingEnded):
        sittings.welcome(sitting)


def test_two_wrong_birth_dates_send_to_the_desk_and_end_the_code(people: People) -> None:
    code = handing.make_code(people.desk, people.visit())
    sitting = access.sitting_of(people.tablet, check_in.by_code(people.tablet, code, "en"))
    with pytest.raises(Invalid):
        check_in.birth_date(sitting, {**BORN, "day": "1"})
    with pytest.raises(SittingEnded) as sent:
        check_in.birth_date(sitting, {**BORN, "day": "2"})
    assert sent.value.message == "Please come to the desk."
    assert refusal(people, code) == check_in.WRONG_CODE


@pytest.mark.parametrize("raw", [{}, {**BORN, "month": "13"}, {**BORN, "year": "56"}, {**BORN, "day": "x"}])
def test_an_unreadable_birth_date_is_no_miss(people: People, raw: dict[str, str]) -> None:
    token = check_in.by_code(people.tablet, handing.make_code(people.desk, people.visit()), "en")
    sitting = access.sitting_of(people.tablet, token)
    for _ in range(3):
        with pytest.raises(Invalid):
            check_in.birth_date(sitting, raw)
    check_in.birth_date(sitting, BORN)


def test_a_tablet_holds_one_client_and_a_visit_is_on_one_tablet(people: People) -> None:
    rose, theo = people.visit(), people.visit("Theo Okafor")
    first = people.sits_down(rose)
    people.sits_down(theo)
    with pytest.raises(SittingEnded):
        sittings.welcome(first)
    other = people.pair()
    on_other = people.sits_down(rose, other)
    people.sits_down(rose)
    with pytest.raises(SittingEnded):
        sittings.welcome(on_other)


def test_a_revoked_tablet_opens_nothing(people: People) -> None:
    code = access.make_pairing(people.desk, "Tablet 2")
    token = access.pair(people.practice, code, "test")
    tablet = access.tablet_of(people.practice, token)
    sitting = people.sits_down(people.visit(), tablet)
    access.revoke(people.desk, tablet.id)
    with pytest.raises(NotPaired):
        access.tablet_of(people.practice, token)
    with pytest.raises(SittingEnded):
        sittings.welcome(sitting)


def test_after_a_walk_away_the_same_code_leads_back_to_the_same_answers(people: People) -> None:
    visit = people.visit()
    code = handing.make_code(people.desk, visit)
    token = check_in.by_code(people.tablet, code, "en")
    check_in.birth_date(access.sitting_of(people.tablet, token), BORN)
    sitting = access.sitting_of(people.tablet, token)
    people.answers(sitting, "emergency_contact", ALLOWS_HER_DAUGHTER)
    people.clock.forward(minutes=6)
    with pytest.raises(SittingEnded):
        access.sitting_of(people.tablet, token)
    assert sittings.clear_idle(people.system)
    assert not sittings.clear_idle(people.system)
    token = check_in.by_code(people.tablet, code, "en")
    check_in.birth_date(access.sitting_of(people.tablet, token), BORN)
    again = access.sitting_of(people.tablet, token)
    page = sittings.open_page(again, "emergency_contact", "who")
    assert page.questions[0].parts[0].value == "Kirsten Nyberg"


def test_a_hand_over_asks_for_the_birth_date_too(people: People) -> None:
    visit = people.visit()
    assert not check_in.is_handed(people.tablet)
    handing.hand(people.desk, visit, people.tablet.id)
    assert check_in.is_handed(people.tablet)
    sitting = access.sitting_of(people.tablet, check_in.by_hand_over(people.tablet, "en"))
    assert not sitting.known
    check_in.birth_date(sitting, BORN)
    assert not check_in.is_handed(people.tablet)
    handing.take_back(people.desk, visit)
    with pytest.raises(SittingEnded):
        sittings.welcome(sitting)
