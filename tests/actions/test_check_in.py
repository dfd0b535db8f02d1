"""Checking in: a code and a birth date open what is known; nothing else tells anything."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from kiosk import access
from kiosk.access import Actor, Sitting
from kiosk.actions import check_in, handing, sittings
from kiosk.errors import Invalid, NotFound, NotPaired, SittingEnded, TooManyTries
from kiosk.settings import Settings
from kiosk.vault import tables
from kiosk.vault.did import Did
from kiosk.vault.states import VisitState
from tests.practices import ALLOWS_HER_DAUGHTER, BORN, NOON, People


def refusal(people: People, code: str) -> str:
    with pytest.raises(Invalid) as refused:
        check_in.by_code(people.tablet, code, "en")
    return refused.value.problems["code"]


def begins(people: People, code: str, tablet: Actor | None = None) -> Sitting:
    chosen = tablet or people.tablet
    return access.sitting_of(chosen, check_in.by_code(chosen, code, "en"))


def is_handed_on(people: People, _visit: str) -> Sitting:
    return access.sitting_of(people.tablet, check_in.by_hand_over(people.tablet, "en"))


def the_visit(people: People, visit: str) -> tables.Visit:
    with access.transaction(people.system) as desk:
        return desk.session.get_one(tables.Visit, visit)


def ended(people: People) -> list[str]:
    """Why sittings ended, as the trail says it."""
    with access.transaction(people.system) as desk:
        said = select(tables.AuditEntry.reason).where(tables.AuditEntry.did == Did.ENDED_SITTING)
        return [reason or "" for reason in desk.session.scalars(said.order_by(tables.AuditEntry.seq))]


def test_a_wrong_a_used_up_and_an_early_code_are_refused_in_the_same_words(people: People) -> None:
    used_up = handing.make_code(people.desk, people.visit())
    handing.make_code(people.desk, people.visit("Theo Okafor"))
    sitting = people.sits_down(people.visit("Paula Lind"))
    sittings.end(sitting, "finished")
    early = handing.make_code(people.desk, people.visit("Delia Ruiz", date="2026-12-21"))
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


def test_a_code_of_ones_own_forgets_no_wrong_codes_before_the_birth_date_is_right(people: People) -> None:
    code = handing.make_code(people.desk, people.visit())
    for _ in range(4):
        refusal(people, "MMMMMMM")
    sitting = begins(people, code)
    refusal(people, "MMMMMMM")
    with pytest.raises(TooManyTries):
        check_in.by_code(people.tablet, code, "en")
    check_in.birth_date(sitting, BORN)
    assert check_in.by_code(people.tablet, code, "en")


@pytest.mark.parametrize(("day", "at"), [("2026-12-21", "12:30"), ("2026-11-24", "00:30")])
def test_a_code_that_is_made_ahead_works_around_its_visit_only(people: People, day: str, at: str) -> None:
    visit = people.visit(date=day, at=at)
    code = handing.make_code(people.desk, visit)
    with access.transaction(people.system) as desk:
        due = desk.session.get_one(tables.Visit, visit).at
    for hours, opens in ((-3, False), (-1, True), (3, True), (5, False)):
        people.clock.now = due + timedelta(hours=hours)
        if opens:
            assert check_in.by_code(people.tablet, code, "en")
        else:
            assert refusal(people, code) == check_in.WRONG_CODE


def test_who_stands_at_the_counter_gets_a_code_that_works_at_once(people: People) -> None:
    late_today, another_day = people.visit(at="23:00"), people.visit("Theo Okafor", date="2026-12-21")
    handing.arrived(people.desk, another_day)
    for visit in (late_today, another_day):
        assert check_in.by_code(people.tablet, handing.make_code(people.desk, visit), "en")


def is_marked(people: People, visit: str) -> None:
    handing.arrived(people.desk, visit)


def is_matched(people: People, visit: str) -> None:
    check_in.by_name(people.tablet, {"name": "Rose Nyberg", **BORN})
    with access.transaction(people.system) as desk:
        arrival = desk.session.scalars(select(tables.Arrival)).one().id
    handing.match_arrival(people.desk, arrival, visit)


def is_handed_and_taken_back(people: People, visit: str) -> None:
    handing.hand(people.desk, visit, people.tablet.id)
    handing.take_back(people.desk, visit)


@pytest.mark.parametrize("comes", [is_marked, is_matched, is_handed_and_taken_back])
def test_a_code_made_ahead_opens_once_its_client_is_here(
    people: People, comes: Callable[[People, str], None]
) -> None:
    visit = people.visit(date="2026-11-24", at="16:00")
    code = handing.make_code(people.desk, visit)
    people.clock.forward(hours=25)
    assert refusal(people, code) == check_in.WRONG_CODE
    comes(people, visit)
    assert begins(people, code)


def test_a_code_is_read_as_people_write_it(people: People) -> None:
    code = handing.make_code(people.desk, people.visit())
    assert check_in.by_code(people.tablet, f" {code.lower().replace('-', ' ')} ", "en")


def test_nothing_is_known_before_the_birth_date(people: People) -> None:
    token = check_in.by_code(people.tablet, handing.make_code(people.desk, people.visit()), "en")
    sitting = access.sitting_of(people.tablet, token)
    assert not sitting.known
    with pytest.raises(SittingEnded):
        sittings.welcome(sitting)


@pytest.mark.parametrize("month", ["April", "abr", " APR. "])
def test_the_month_of_a_birth_date_may_be_written_as_people_write_it(people: People, month: str) -> None:
    token = check_in.by_code(people.tablet, handing.make_code(people.desk, people.visit()), "en")
    check_in.birth_date(access.sitting_of(people.tablet, token), {**BORN, "month": month})
    assert access.sitting_of(people.tablet, token).known


def test_two_wrong_birth_dates_send_to_the_desk_and_end_the_code(people: People) -> None:
    code = handing.make_code(people.desk, people.visit())
    sitting = access.sitting_of(people.tablet, check_in.by_code(people.tablet, code, "en"))
    with pytest.raises(Invalid):
        check_in.birth_date(sitting, {**BORN, "day": "1"})
    with pytest.raises(SittingEnded) as sent:
        check_in.birth_date(sitting, {**BORN, "day": "2"})
    assert sent.value.message == "Please come to the desk."
    assert refusal(people, code) == check_in.WRONG_CODE


Door = Callable[[People, str], Sitting]
WRONG = {**BORN, "day": "1"}


def by_its_code(people: People, visit: str) -> Door:
    code = handing.make_code(people.desk, visit)
    return lambda people, _visit: begins(people, code)


def by_hand_over(people: People, visit: str) -> Door:
    handing.hand(people.desk, visit, people.tablet.id)
    return is_handed_on


@pytest.mark.parametrize("way", [by_its_code, by_hand_over])
def test_beginning_anew_gives_no_more_tries_at_the_birth_date(
    people: People, way: Callable[[People, str], Door]
) -> None:
    visit = people.visit()
    door = way(people, visit)
    first = door(people, visit)
    with pytest.raises(Invalid):
        check_in.birth_date(first, WRONG)
    sittings.end(first, "stopped")
    again = door(people, visit)
    with pytest.raises(SittingEnded) as sent:
        check_in.birth_date(again, WRONG)
    assert (sent.value.message, sent.value.next_step) == check_in.SEE_DESK
    with pytest.raises((Invalid, SittingEnded)):
        door(people, visit)
    assert not check_in.is_handed(people.tablet)
    assert the_visit(people, visit).help_asked_at, "the desk knows"


@pytest.mark.parametrize("way", [by_its_code, by_hand_over])
def test_after_two_misses_the_desk_opens_the_visit_again_with_two_tries(
    people: People, way: Callable[[People, str], Door]
) -> None:
    visit = people.visit()
    for _ in range(2):
        sitting = way(people, visit)(people, visit)
        with pytest.raises(Invalid):
            check_in.birth_date(sitting, WRONG)
        with pytest.raises(SittingEnded):
            check_in.birth_date(sitting, WRONG)
    sitting = way(people, visit)(people, visit)
    with pytest.raises(Invalid):
        check_in.birth_date(sitting, WRONG)
    check_in.birth_date(sitting, BORN)


def test_a_birth_date_that_was_right_makes_up_for_a_miss_before(people: People) -> None:
    code = handing.make_code(people.desk, people.visit())
    for _ in range(3):
        sitting = begins(people, code)
        with pytest.raises(Invalid):
            check_in.birth_date(sitting, {**WRONG, "try": str(check_in.page_number(sitting))})
        sitting = begins(people, code)
        check_in.birth_date(sitting, {**BORN, "try": str(check_in.page_number(sitting))})
        sittings.end(sitting, "idle")


def test_a_page_from_before_the_desk_helped_is_still_looked_at(people: People) -> None:
    visit = people.visit()
    sitting = begins(people, handing.make_code(people.desk, visit))
    with pytest.raises(Invalid):
        check_in.birth_date(sitting, {**WRONG, "try": "0"})
    handing.hand(people.desk, visit, people.tablet.id)
    check_in.birth_date(sitting, {**BORN, "try": "1"})


def test_a_double_tap_is_one_miss_also_on_a_page_from_before_the_desk_helped(people: People) -> None:
    visit = people.visit()
    sitting = begins(people, handing.make_code(people.desk, visit))
    with pytest.raises(Invalid):
        check_in.birth_date(sitting, {**WRONG, "try": "0"})
    handing.hand(people.desk, visit, people.tablet.id)
    for _ in range(2):
        with pytest.raises(Invalid):
            check_in.birth_date(sitting, {**WRONG, "try": "1"})
    check_in.birth_date(sitting, {**BORN, "try": str(check_in.page_number(sitting))})


def misses_twice(people: People, sitting: Sitting) -> None:
    with pytest.raises(Invalid):
        check_in.birth_date(sitting, WRONG)
    with pytest.raises(SittingEnded):
        check_in.birth_date(sitting, WRONG)


def test_a_code_made_ahead_gives_no_more_tries_at_the_birth_date(people: People) -> None:
    people.clock.forward(hours=11)  # an hour before midnight, and the code of the next day's visit is open
    visit = people.visit(date="2026-11-24", at="00:30")
    misses_twice(people, begins(people, handing.make_code(people.desk, visit)))
    assert refusal(people, handing.make_code(people.desk, visit)) == check_in.WRONG_CODE, "nobody was seen"
    handing.arrived(people.desk, visit)
    sitting = begins(people, handing.make_code(people.desk, visit))
    with pytest.raises(Invalid):
        check_in.birth_date(sitting, WRONG)
    check_in.birth_date(sitting, BORN)


def test_one_miss_counts_on_with_another_code_made_ahead(people: People) -> None:
    people.clock.forward(hours=11)
    visit = people.visit(date="2026-11-24", at="00:30")
    with pytest.raises(Invalid):
        check_in.birth_date(begins(people, handing.make_code(people.desk, visit)), WRONG)
    with pytest.raises(SittingEnded):
        check_in.birth_date(begins(people, handing.make_code(people.desk, visit)), WRONG)


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
    handing.revoke(people.desk, tablet.id)
    with pytest.raises(NotPaired):
        access.tablet_of(people.practice, token)
    with pytest.raises(SittingEnded):
        sittings.welcome(sitting)


@pytest.mark.parametrize(("seconds", "pairs"), [(119, True), (121, False)])
def test_a_pairing_code_works_for_two_minutes(people: People, seconds: int, pairs: bool) -> None:
    """As long as a practice says that says nothing; those of the tests say an hour."""
    settings = replace(people.practice.settings, pairing_seconds=Settings.pairing_seconds)
    practice = replace(people.practice, settings=settings)
    code = access.make_pairing(replace(people.desk, practice=practice), "Tablet 2")
    people.clock.forward(seconds=seconds)
    if pairs:
        assert access.tablet_of(practice, access.pair(practice, code, "test")).name == "Tablet 2"
    else:
        with pytest.raises(Invalid, match="Ask the desk for a new one"):
            access.pair(practice, code, "test")
        assert "Tablet 2" not in {row.name for row in access.paired_tablets(people.desk)}


def test_who_sat_at_a_tablet_or_was_handed_to_it_is_only_here_once_it_is_unpaired(people: People) -> None:
    tablet, rose, theo = people.pair(), people.visit(), people.visit("Theo Okafor")
    people.sits_down(rose, tablet)
    handing.hand(people.desk, theo, tablet.id)
    handing.revoke(people.desk, tablet.id)
    for visit in (the_visit(people, rose), the_visit(people, theo)):
        assert (visit.state, visit.tablet_id) == (VisitState.ARRIVED, None)
    assert ended(people) == ["unpaired"]
    with pytest.raises(NotFound):
        handing.revoke(people.desk, tablet.id)


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


def test_a_sitting_ends_after_three_hours_however_often_it_is_touched_and_the_same_code_leads_back(
    people: People,
) -> None:
    visit = people.visit()
    code = handing.make_code(people.desk, visit)
    token = check_in.by_code(people.tablet, code, "en")
    check_in.birth_date(access.sitting_of(people.tablet, token), BORN)
    for _ in range(45):
        sitting = access.sitting_of(people.tablet, token)
        assert not sittings.clear_idle(people.system)
        people.clock.forward(minutes=4)
    people.answers(sitting, "emergency_contact", ALLOWS_HER_DAUGHTER)
    access.sitting_of(people.tablet, token)
    people.clock.forward(minutes=1)
    with pytest.raises(SittingEnded):
        access.sitting_of(people.tablet, token)
    assert sittings.clear_idle(people.system)
    assert not sittings.clear_idle(people.system)
    assert ended(people) == ["too long"]
    token = check_in.by_code(people.tablet, code, "en")
    check_in.birth_date(access.sitting_of(people.tablet, token), BORN)
    page = sittings.open_page(access.sitting_of(people.tablet, token), "emergency_contact", "who")
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


@pytest.mark.parametrize("day", ["2026-11-23", "2026-12-02", "2026-12-21"])
def test_a_hand_over_that_nobody_begins_is_over_with_its_day(people: People, day: str) -> None:
    handing.hand(people.desk, people.visit(date=day), people.tablet.id)
    people.clock.forward(hours=11)
    assert check_in.is_handed(people.tablet)
    people.clock.forward(hours=2)
    assert not check_in.is_handed(people.tablet)
    people.clock.forward(days=8)
    with pytest.raises(SittingEnded):
        check_in.by_hand_over(people.tablet, "en")


def test_a_hand_over_shortly_before_midnight_lasts_past_it(people: People) -> None:
    people.clock.forward(hours=11, minutes=50)
    handing.hand(people.desk, people.visit(date="2026-11-24", at="00:15"), people.tablet.id)
    people.clock.forward(minutes=20)
    assert check_in.is_handed(people.tablet)


def test_a_hand_over_lasts_from_itself_and_not_from_when_its_client_came(people: People) -> None:
    people.clock.forward(hours=6)
    visit = people.visit(at="23:30")
    handing.arrived(people.desk, visit)
    people.clock.forward(hours=5, minutes=45)
    handing.hand(people.desk, visit, people.tablet.id)
    people.clock.forward(minutes=20)
    assert check_in.is_handed(people.tablet)
    assert not handing.take_back_lapsed(people.system)
    people.clock.forward(hours=4)
    assert not check_in.is_handed(people.tablet)


def test_who_comes_again_another_day_is_handed_the_same_visit_and_came_when_they_came(
    people: People,
) -> None:
    visit = people.visit()
    handing.hand(people.desk, visit, people.tablet.id)
    people.clock.forward(days=2)
    handing.hand(people.desk, visit, people.tablet.id)
    assert check_in.is_handed(people.tablet)
    assert the_visit(people, visit).arrived_at == NOON


def test_a_hand_over_from_before_its_moment_was_kept_counts_from_the_arrival(people: People) -> None:
    visit = people.visit()
    handing.hand(people.desk, visit, people.tablet.id)
    with access.transaction(people.system) as desk:
        desk.session.get_one(tables.Visit, visit).handed_at = None
    assert check_in.is_handed(people.tablet)
    assert not handing.take_back_lapsed(people.system)
    people.clock.forward(days=1)
    assert not check_in.is_handed(people.tablet)
    assert handing.take_back_lapsed(people.system)


def test_a_hand_over_that_lapsed_is_over_at_the_desk_too(people: People) -> None:
    visit = people.visit()
    handing.hand(people.desk, visit, people.tablet.id)
    people.clock.forward(hours=13)
    assert handing.take_back_lapsed(people.system)
    assert not handing.take_back_lapsed(people.system)
    kept = the_visit(people, visit)
    assert (kept.state, kept.tablet_id, kept.arrived_at) == (VisitState.ARRIVED, None, NOON)
    with access.transaction(people.system) as desk:
        line = desk.session.scalars(
            select(tables.AuditEntry).where(tables.AuditEntry.did == Did.TOOK_TABLET_BACK)
        ).one()
        assert (line.object, line.actor, line.reason) == (visit, people.system.id, "lapsed")


@pytest.mark.parametrize("known", [True, False])
def test_who_sits_at_the_tablet_when_the_day_ends_goes_on(people: People, known: bool) -> None:
    visit = people.visit()
    handing.hand(people.desk, visit, people.tablet.id)
    people.clock.forward(hours=11, minutes=58)
    sitting = is_handed_on(people, visit)
    if known:
        check_in.birth_date(sitting, BORN)
    people.clock.forward(minutes=4)
    assert not handing.take_back_lapsed(people.system)
    assert the_visit(people, visit).state == VisitState.ON_TABLET


def test_a_hand_over_takes_the_visit_off_other_tablets_and_keeps_what_was_answered(people: People) -> None:
    visit, other = people.visit(), people.pair()
    sitting = people.sits_down(visit, other)
    sittings.answer(sitting, "emergency_contact", "who", MultiDict(ALLOWS_HER_DAUGHTER))
    handing.hand(people.desk, visit, people.tablet.id)
    with pytest.raises(SittingEnded):
        sittings.welcome(sitting)
    assert ended(people) == ["elsewhere"]
    there = is_handed_on(people, visit)
    check_in.birth_date(there, BORN)
    assert sittings.welcome(there).first.page == "emergency"


def test_a_code_alone_ends_nobody_s_sitting_and_the_birth_date_moves_it(people: People) -> None:
    visit, other = people.visit(), people.pair()
    code = handing.make_code(people.desk, visit)
    sitting = begins(people, code, other)
    check_in.birth_date(sitting, BORN)
    sittings.answer(sitting, "emergency_contact", "who", MultiDict(ALLOWS_HER_DAUGHTER))
    there = begins(people, code)
    assert sittings.welcome(sitting).first.page == "emergency", "who was let in goes on"
    assert ended(people) == []
    check_in.birth_date(there, BORN)
    with pytest.raises(SittingEnded):
        sittings.welcome(sitting)
    assert ended(people) == ["elsewhere"]
    kept = the_visit(people, visit)
    assert (kept.state, kept.tablet_id) == (VisitState.ON_TABLET, people.tablet.id)
    assert sittings.welcome(there).first.page == "emergency"


def test_two_misses_elsewhere_send_nobody_away_who_was_let_in(people: People) -> None:
    visit, other = people.visit(), people.pair()
    code = handing.make_code(people.desk, visit)
    sitting = begins(people, code, other)
    check_in.birth_date(sitting, BORN)
    stranger = begins(people, code)
    with pytest.raises(Invalid):
        check_in.birth_date(stranger, WRONG)
    with pytest.raises(SittingEnded):
        check_in.birth_date(stranger, WRONG)
    kept = the_visit(people, visit)
    assert (kept.state, kept.tablet_id) == (VisitState.ON_TABLET, other.id)
    assert sittings.welcome(sitting).forms
    assert refusal(people, code) == check_in.WRONG_CODE


def test_whoever_begins_at_a_tablet_ends_there_with_a_line_in_the_trail_who_sat_before(
    people: People,
) -> None:
    rose = people.visit()
    people.sits_down(rose)
    begins(people, handing.make_code(people.desk, people.visit("Theo Okafor")))
    assert ended(people) == ["replaced"]
    assert the_visit(people, rose).state == VisitState.ARRIVED
    assert not check_in.is_handed(people.tablet), "nobody after her is offered her visit"
