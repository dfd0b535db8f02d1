"""Whatever a client signs, takes back and lets run out: nothing is told that no current record allows."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.decisions import ALLOWED, TAKEN_BACK, Ending, by_record
from forms.permissions import NEVER_SAY, may_tell
from forms.standing import by_party, standing
from tests.forms.histories import (
    DAY,
    NOW,
    PEOPLE,
    STRANGER,
    TOPICS,
    History,
    allowed_by_model,
    histories,
    on_file,
)

QUICK, LONG = 500, 20_000
asked_day = st.integers(0, 80)
anybody = st.sampled_from([*PEOPLE, STRANGER])


def agrees_with_the_model(history: History, person: str, day: int) -> None:
    decisions, endings = on_file(history)
    for topic in TOPICS:
        told = may_tell(decisions, endings, person, topic, NOW + day * DAY)
        assert told.yes is allowed_by_model(history, person, topic, day), topic
        if told.yes:
            assert told.basis is not None
            assert topic in told.basis.topics
            assert told.basis.state == ALLOWED
        else:
            assert (told.basis, told.words) == (None, NEVER_SAY)


@settings(max_examples=QUICK)
@given(history=histories(), person=anybody, day=asked_day)
def test_may_tell_says_what_a_simple_model_says(history: History, person: str, day: int):
    agrees_with_the_model(history, person, day)


@pytest.mark.long
@settings(max_examples=LONG)
@given(history=histories(), person=anybody, day=asked_day)
def test_may_tell_says_what_a_simple_model_says_in_many_histories(history: History, person: str, day: int):
    agrees_with_the_model(history, person, day)


@given(history=histories(), person=anybody, day=asked_day)
def test_once_all_is_taken_back_the_answer_is_always_no(history: History, person: str, day: int):
    decisions, _ = on_file(history)
    ended = by_record(Ending(decision.record, NOW, "", TAKEN_BACK) for decision in decisions)
    for topic in TOPICS:
        assert may_tell(decisions, ended, person, topic, NOW + day * DAY).words == NEVER_SAY


@given(history=histories(), person=anybody, day=asked_day, seed=st.integers(0, 1000))
def test_the_order_in_which_records_arrive_changes_nothing(
    history: History, person: str, day: int, seed: int
):
    decisions, endings = on_file(history)
    shuffled = list(decisions)
    random.Random(seed).shuffle(shuffled)
    for topic in TOPICS:
        at = NOW + day * DAY
        first = may_tell(decisions, endings, person, topic, at)
        again = may_tell(shuffled, endings, person, topic, at)
        assert (first.yes, first.words) == (again.yes, again.words)


@given(history=histories(), day=asked_day)
def test_the_card_allows_nobody_whom_may_tell_refuses_everything(history: History, day: int):
    decisions, endings = on_file(history)
    at = NOW + day * DAY
    for row in by_party(standing((), decisions, endings, at)):
        told = [may_tell(decisions, endings, row.party, topic, at).yes for topic in TOPICS]
        if any(told):
            assert row.state == ALLOWED
        if row.state != ALLOWED:
            assert not any(told)


@pytest.mark.long
def test_the_model_and_the_code_are_asked_about_what_matters():
    """Of many histories a good part allows something, and a good part what was allowed once no more."""
    found = {"yes": 0, "no longer": 0}

    @settings(max_examples=300, database=None, derandomize=True)
    @given(history=histories(), day=asked_day)
    def look(history: History, day: int) -> None:
        decisions, endings = on_file(history)
        for person in PEOPLE:
            for topic in TOPICS:
                now = may_tell(decisions, endings, person, topic, NOW + day * DAY).yes
                ever = any(
                    decision.state == ALLOWED and decision.party == person and topic in decision.topics
                    for decision in decisions
                )
                found["yes"] += now
                found["no longer"] += ever and not now

    look()
    assert found["yes"] > 200
    assert found["no longer"] > 200
