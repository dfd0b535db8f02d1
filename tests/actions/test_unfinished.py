"""What a client leaves unfinished: shown at the desk, taken up again in time, else gone with its key."""

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from kiosk import access
from kiosk.access import Sitting
from kiosk.actions import card, check_in, drafts, handing, sittings, visit_page, visits
from kiosk.actions.at_tablet import Step
from kiosk.actions.visits import VisitRow
from kiosk.errors import NotFound
from kiosk.vault import Field, passing, tables
from kiosk.vault.tombstone import erase
from tests.practices import ALLOWS_HER_DAUGHTER, People

FORM = "emergency_contact"


def begins(people: People, visit: str) -> Sitting:
    """The first page of three, and then away."""
    sitting = people.sits_down(visit)
    sittings.answer(sitting, FORM, "who", MultiDict(ALLOWS_HER_DAUGHTER))
    return sitting


def row(people: People, visit: str) -> VisitRow:
    return next(row for row in visits.today(people.desk).visits if row.id == visit)


def client_of(people: People, visit: str) -> str:
    with access.transaction(people.system) as desk:
        return desk.session.get_one(tables.Visit, visit).client_id


def draft(people: People) -> tables.Draft:
    with access.transaction(people.system) as desk:
        return desk.session.scalars(select(tables.Draft)).one()


def test_who_walks_away_is_shown_at_the_desk_and_comes_back_to_the_same_page(people: People) -> None:
    visit = people.visit()
    sitting = begins(people, visit)
    assert row(people, visit).stopped is None, "somebody is still at it"
    sittings.end(sitting, "idle")
    assert row(people, visit).stopped == "Stopped at 2 of 3"
    (left,) = [due.left for due in visit_page.visit_view(people.desk, visit).due if due.form == FORM]
    assert left == "Stopped at 2 of 3. It can be taken up again until 30 November 2026"
    people.clock.forward(days=3)
    again = people.sits_down(visit)
    assert sittings.welcome(again).first == Step("page", FORM, "emergency")


def test_another_visit_takes_up_what_was_left_at_one_before(people: People) -> None:
    first = people.visit()
    sittings.end(begins(people, first), "idle")
    people.clock.forward(days=2)
    second = people.visit(client_id=client_of(people, first), date="2026-11-25")
    assert row(people, second).stopped
    sitting = people.sits_down(second)
    assert sittings.welcome(sitting).first == Step("page", FORM, "emergency")
    assert draft(people).visit_id == second


def test_after_seven_days_the_draft_is_gone_and_its_key_destroyed(people: People) -> None:
    visit = people.visit()
    sittings.end(begins(people, visit), "idle")
    kept = draft(people)
    assert kept.owner.startswith(passing.DRAFT)
    people.clock.forward(days=6, hours=23)
    assert not drafts.let_go(people.system)
    people.clock.forward(hours=1)
    assert row_is_plain(people, visit), "nobody takes it up any more, whenever the worker comes by"
    assert drafts.let_go(people.system)
    assert not drafts.let_go(people.system)
    assert people.count(tables.Draft) == 0
    with access.transaction(people.system) as desk:
        key = desk.session.get_one(tables.ClientKey, kept.owner)
        assert (key.wrapped, key.destroyed_at) == (b"", desk.now)
        with pytest.raises(NotFound):
            desk.open_json(kept.owner, Field.DRAFT, kept.id, kept.answers_sealed)
    assert people.practice.vault.verify_audit().ok


def row_is_plain(people: People, visit: str) -> bool:
    return all(due.left is None for due in visit_page.visit_view(people.desk, visit).due)


def test_a_key_ends_with_its_sitting_once_all_is_signed_and_lives_while_somebody_sits_there(
    people: People,
) -> None:
    visit = people.visit()
    sitting = begins(people, visit)
    people.clock.forward(days=8)
    assert not drafts.let_go(people.system), "a sitting is open"
    people.clock.forward(days=-8)
    people.signs(sitting, FORM, ALLOWS_HER_DAUGHTER)
    assert not drafts.let_go(people.system), "the next form is sealed under it too"
    sittings.end(sitting, "finished")
    assert drafts.let_go(people.system)
    with access.transaction(people.system) as desk:
        assert desk.session.get_one(tables.ClientKey, passing.of_drafts(sitting.id)).wrapped == b""


def test_who_is_erased_leaves_no_key_of_a_draft(people: People) -> None:
    visit = people.visit()
    begins(people, visit)
    owner, client = draft(people).owner, client_of(people, visit)
    with people.practice.vault.transaction() as store:
        ids = erase(store.session, client, store.now)
        key = store.session.get_one(tables.ClientKey, owner)
        assert key.id in ids
        assert key.wrapped == b""


def test_a_draft_from_before_drafts_had_keys_goes_on(people: People) -> None:
    visit = people.visit()
    sitting = begins(people, visit)
    client = client_of(people, visit)
    with access.transaction(people.system) as desk:
        kept = desk.session.scalars(select(tables.Draft)).one()
        answers = dict(drafts.opened(desk, kept).answers)
        kept.owner = client
        kept.answers_sealed = desk.seal_json(client, Field.DRAFT, kept.id, answers)
    page = sittings.open_page(sitting, FORM, "who")
    assert page.questions[0].parts[0].value == "Kirsten Nyberg"
    sittings.answer(sitting, FORM, "who", MultiDict(ALLOWS_HER_DAUGHTER))
    assert draft(people).owner == passing.of_drafts(sitting.id)


def test_a_key_that_comes_back_from_a_backup_empty_takes_its_draft_along(people: People) -> None:
    visit = people.visit()
    begins(people, visit)
    with access.transaction(people.system) as desk:
        owner = desk.session.scalars(select(tables.Draft.owner)).one()
        desk.session.get_one(tables.ClientKey, owner).wrapped = b""
    with access.transaction(people.system) as desk:
        passing.apply(desk.session, (), desk.now)
    assert people.count(tables.Draft) == 0
    assert sittings.welcome(people.sits_down(visit)).forms


def test_what_was_skipped_leaves_a_neutral_mark_and_is_asked_again_when_handed_over(people: People) -> None:
    visit = people.visit()
    sitting = begins(people, visit)
    assert sittings.skip(sitting, FORM).form != FORM
    sittings.end(sitting, "finished")
    shown = row(people, visit)
    assert (shown.later, shown.stopped) == (True, None)
    handing.hand(people.desk, visit, people.tablet.id)
    assert not row(people, visit).later
    token = check_in.by_hand_over(people.tablet, "en")
    check_in.birth_date(access.sitting_of(people.tablet, token), {"month": "4", "day": "27", "year": "1956"})
    first = sittings.welcome(access.sitting_of(people.tablet, token)).first
    assert first == Step("page", FORM, "emergency")


def test_who_wants_a_form_on_paper_is_told_to_the_desk_with_that_form_until_it_is_printed(
    people: People,
) -> None:
    visit = people.visit()
    sitting = begins(people, visit)
    assert sittings.want_paper(sitting, FORM).form != FORM
    shown = row(people, visit)
    assert (shown.wants_paper, shown.later, shown.stopped) == (True, False, None)
    seen = visit_page.visit_view(people.desk, visit)
    assert seen.to_print == {FORM}
    assert {due.form: due.left for due in seen.due if due.left} == {FORM: "Wants to fill this in on paper"}
    people.prints(visit, "referral_thanks")
    assert row(people, visit).wants_paper, "another form was printed"
    people.prints(visit)
    assert not row(people, visit).wants_paper
    assert not row(people, visit).later, "it is on paper, and not to be offered again"
    seen = visit_page.visit_view(people.desk, visit)
    assert seen.to_print == {due.form for due in seen.due}
    assert not [due.left for due in seen.due if due.left]


def test_who_fills_it_in_at_the_tablet_after_all_wants_no_paper(people: People) -> None:
    visit = people.visit()
    sitting = begins(people, visit)
    sittings.want_paper(sitting, FORM)
    sittings.answer(sitting, FORM, "who", MultiDict(ALLOWS_HER_DAUGHTER))
    assert not row(people, visit).wants_paper


def test_a_visit_handed_to_a_busy_tablet_waits_and_only_the_desk_sees_it(people: People) -> None:
    rose, theo = people.visit(), people.visit("Theo Okafor", "12:40")
    sitting = people.sits_down(rose)
    handing.hand(people.desk, theo, people.tablet.id)
    assert row(people, rose).where == "On Tablet"
    assert row(people, theo).where == "Waits for Tablet"
    assert sittings.welcome(sitting).name == "Rose Nyberg"
    sittings.end(sitting, "finished")
    token = check_in.by_hand_over(people.tablet, "en")
    assert not access.sitting_of(people.tablet, token).known, "a birth date stands between the two"


def test_changing_one_answer_leads_back_to_checking_and_to_nothing_else(people: People) -> None:
    sitting = people.sits_down(people.visit())
    assert people.answers(sitting, FORM, ALLOWS_HER_DAUGHTER) == Step("check", FORM)
    changed = MultiDict({**ALLOWS_HER_DAUGHTER, "contact-relation": "niece"})
    assert sittings.answer(sitting, FORM, "who", changed) == Step("check", FORM)


def test_help_shows_to_the_desk_and_the_therapist_and_either_takes_the_mark_away(people: People) -> None:
    visit = people.visit()
    sitting = people.sits_down(visit)
    for by in (people.desk, people.therapist):
        sittings.ask_help(sitting)
        assert row(people, visit).help
        assert card.day(people.therapist).rows[0].help
        assert card.card(people.therapist, visit).help
        handing.helped(by, visit)
        assert not row(people, visit).help
    other = people._staff("jean")
    with pytest.raises(NotFound):
        handing.helped(other, visit)
