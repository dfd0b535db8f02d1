"""Somebody comes back: only what is due or has changed is asked, and what is still right takes one tap."""

import pytest
from werkzeug.datastructures import MultiDict

from kiosk.actions import endings, sittings, visit_page
from kiosk.actions.at_tablet import Elsewhere, Step
from tests.actions.test_unfinished import client_of
from tests.practices import ALLOWS_HER_DAUGHTER, People

FORM = "emergency_contact"


def comes_back(people: People, after_days: int, *, taking_back: str | None = None) -> sittings.Sitting:
    first = people.visit()
    people.signs(people.sits_down(first), FORM, ALLOWS_HER_DAUGHTER)
    if taking_back is not None:
        (row,) = visit_page.visit_view(people.desk, first).records
        endings.withdraw(people.desk, row.id, taking_back)
    people.clock.forward(days=after_days)
    day = people.clock.now.date().isoformat()
    return people.sits_down(people.visit(client_id=client_of(people, first), date=day))


def test_a_form_that_has_run_out_is_confirmed_with_one_tap_a_page(people: People) -> None:
    sitting = comes_back(people, 5 * 365)
    step, taps = Step("page", FORM, "who"), 0
    while step.to == "page":
        view = sittings.open_page(sitting, FORM, step.page)
        if view.known:
            values = {part.name: part.value for question in view.questions for part in question.parts}
            said = sittings.answer(sitting, FORM, step.page, MultiDict(values))
        elif step.page == "until":
            assert view.before is None, "it was left empty, as it is now"
            said = sittings.answer(sitting, FORM, step.page, MultiDict())
        else:
            assert view.before is not None
            assert [question.value for question in view.questions] == [None], "nothing is chosen beforehand"
            said = sittings.still_right(sitting, FORM, step.page)
        assert isinstance(said, Step)
        step, taps = said, taps + 1
    assert (step, taps) == (Step("check", FORM), 5)
    said_again = {row.question: row.answer for row in sittings.check(sitting, FORM).rows}
    assert said_again["may_speak_worried"] == "refuse"
    assert said_again["may_call_emergency"] == "allow"


def test_what_is_said_again_is_shown_in_words_with_its_day(people: People) -> None:
    sitting = comes_back(people, 5 * 365)
    sittings.answer(sitting, FORM, "who", MultiDict(ALLOWS_HER_DAUGHTER))
    before = sittings.open_page(sitting, FORM, "emergency").before
    assert before is not None
    assert before.on == "November 23, 2026"
    ((asked, said),) = before.rows
    assert "Kirsten Nyberg" in asked
    assert said


def test_what_was_taken_back_or_asks_about_somebody_else_is_asked_anew(people: People) -> None:
    sitting = comes_back(people, 5 * 365, taking_back="may_call_emergency")
    sittings.answer(sitting, FORM, "who", MultiDict(ALLOWS_HER_DAUGHTER))
    assert sittings.open_page(sitting, FORM, "emergency").before is None
    with pytest.raises(Elsewhere):
        sittings.still_right(sitting, FORM, "emergency")
    sittings.answer(sitting, FORM, "emergency", MultiDict(ALLOWS_HER_DAUGHTER))
    assert sittings.open_page(sitting, FORM, "worried").before is not None
    other = MultiDict({**ALLOWS_HER_DAUGHTER, "contact-name": "Blanca Duarte"})
    sittings.answer(sitting, FORM, "who", other)
    assert sittings.open_page(sitting, FORM, "worried").before is None
