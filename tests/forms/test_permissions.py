"""What signed records permit: nothing that no current record allows, and the same words for all others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.catalog import load_catalog
from forms.permissions import (
    ALLOWED,
    LEFT_OPEN,
    NEVER_SAY,
    NOT_ASKED,
    REFUSED,
    Decision,
    by_party,
    changes,
    decisions_of,
    may_tell,
    same_party,
    standing,
)

FORMS = load_catalog().current()
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)
KIRSTEN, JOAN, GIVER = "Kirsten Nyberg", "Joan Keller", "Bernard Givens"

EMERGENCY_YES = {
    "contact": {"name": KIRSTEN, "relation": "daughter"},
    "may_call_emergency": "allow",
    "may_speak_worried": "refuse",
    "may_tell_health": "allow",
}


def signed(
    form: str, answers: Mapping[str, Any], at: datetime = NOW, record: str = ""
) -> tuple[Decision, ...]:
    return decisions_of(
        load_catalog().form(form),
        answers,
        record=record or f"{form} {at}",
        signed=at,
        lang="en",
        channel="tablet",
    )


def test_yes_says_what_it_rests_on_and_nothing_beyond():
    told = may_tell(signed("emergency_contact", EMERGENCY_YES), {}, KIRSTEN, "whereabouts", NOW)
    assert told.yes
    assert told.basis is not None
    assert told.basis.clause == "May we call Kirsten Nyberg in a medical emergency?"
    assert told.words == (
        "Yes: in an emergency: what happened and where. "
        "Signed 23 November 2026, until 23 November 2028. Nothing beyond that."
    )


@pytest.mark.parametrize(
    ("party", "topic"),
    [
        (KIRSTEN, "wellbeing"),
        (KIRSTEN, "treatment"),
        (KIRSTEN, "no such topic"),
        ("Somebody Else", "whereabouts"),
        ("", "whereabouts"),
    ],
)
def test_no_is_said_in_the_same_words_whatever_the_reason(party: str, topic: str):
    told = may_tell(signed("emergency_contact", EMERGENCY_YES), {}, party, topic, NOW)
    assert (told.yes, told.basis, told.words) == (False, None, NEVER_SAY)


def test_a_giver_hears_the_same_whether_the_certificate_was_used_or_nobody_is_a_client():
    refused = signed("referral_thanks", {"gift_from": {"name": GIVER}, "may_tell_giver": "refuse"})
    allowed = signed("referral_thanks", {"gift_from": {"name": GIVER}, "may_tell_giver": "allow"})
    ended = {allowed[0].record: NOW}
    stranger = may_tell((), {}, GIVER, "gift_used", NOW)
    assert may_tell(refused, {}, GIVER, "gift_used", NOW) == stranger
    assert may_tell(allowed, ended, GIVER, "gift_used", NOW) == stranger
    assert may_tell(allowed, {}, GIVER, "gift_used", NOW).yes


def test_names_are_the_same_as_people_write_them():
    assert same_party("José  NÚÑEZ", "jose nunez")
    assert not same_party("José", "Josefa")
    assert not same_party("", "")
    assert not same_party(" ", " ")


def test_withdrawing_takes_effect_at_once_and_not_before():
    decisions = signed("emergency_contact", EMERGENCY_YES)
    ended = {decisions[0].record: NOW + DAY}
    assert may_tell(decisions, ended, KIRSTEN, "whereabouts", NOW).yes
    assert not may_tell(decisions, ended, KIRSTEN, "whereabouts", NOW + DAY).yes


def test_the_last_day_still_counts_and_the_next_does_not():
    decisions = signed("emergency_contact", EMERGENCY_YES | {"ends_on": "2026-12-31"})
    last = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    assert {decision.until for decision in decisions} == {date(2026, 12, 31)}
    assert may_tell(decisions, {}, KIRSTEN, "whereabouts", last).yes
    assert not may_tell(decisions, {}, KIRSTEN, "whereabouts", last + timedelta(minutes=1)).yes


def test_the_earlier_of_the_form_s_period_and_the_client_s_own_date_ends_it():
    far = signed("emergency_contact", EMERGENCY_YES | {"ends_on": "2035-01-01"})
    assert far[0].until == date(2028, 11, 23)
    assert signed("clinician_release", RELEASE | {"ends_on": "2035-01-01"})[0].until == date(2035, 1, 1)


RELEASE = {
    "clinician": {"name": "Dr. Ortiz", "role": "physician"},
    "may_speak": "allow",
    "what_to_tell": ["visit_dates", "progress"],
    "which_way": "both",
    "for_what": "my back",
    "ends_on": "2027-04-30",
}


def test_only_the_ticked_things_may_be_told():
    decisions = signed("clinician_release", RELEASE)
    assert may_tell(decisions, {}, "dr. ortiz", "progress", NOW).yes
    assert not may_tell(decisions, {}, "dr. ortiz", "treatment", NOW).yes
    assert decisions[0].says == "may be told: The days you were here; How it goes. For: my back"
    assert decisions[0].party_role == "physician"


def test_a_newer_record_supersedes_the_older_one_even_where_it_allows_less():
    first = signed("emergency_contact", EMERGENCY_YES, NOW)
    second = signed("emergency_contact", EMERGENCY_YES | {"may_call_emergency": "refuse"}, NOW + DAY)
    assert may_tell(first + second, {}, KIRSTEN, "whereabouts", NOW).yes, "it is not signed yet"
    assert not may_tell(first + second, {}, KIRSTEN, "whereabouts", NOW + DAY).yes


def test_a_newer_record_that_names_nobody_leaves_nothing_of_the_older_one():
    first = signed(
        "referral_thanks", {"referred_by": {"name": JOAN}, "may_thank": "allow", "how_to_thank": ["card"]}
    )
    nobody = signed("referral_thanks", {}, NOW + DAY)
    assert may_tell(first, {}, JOAN, "has_visited", NOW + DAY).yes
    assert not may_tell(first + nobody, {}, JOAN, "has_visited", NOW + DAY).yes
    assert {decision.state for decision in nobody} == {LEFT_OPEN}
    assert [row.state for row in standing(FORMS, nobody, {}, NOW + DAY).rows] == [NOT_ASKED] * 4


def test_a_refusal_by_name_stands_above_an_allowance_by_another_form():
    contact = signed("emergency_contact", EMERGENCY_YES | {"may_speak_worried": "refuse"})
    thanks = signed(
        "referral_thanks", {"referred_by": {"name": KIRSTEN}, "may_thank": "allow", "how_to_thank": ["card"]}
    )
    assert may_tell(thanks, {}, KIRSTEN, "has_visited", NOW).yes
    assert not may_tell(contact + thanks, {}, KIRSTEN, "has_visited", NOW).yes


def test_a_hidden_decision_grants_nothing():
    answers = EMERGENCY_YES | {"may_call_emergency": "refuse", "may_tell_health": "allow"}
    assert not may_tell(signed("emergency_contact", answers), {}, KIRSTEN, "health_given", NOW).yes


def test_a_decision_about_nobody_allows_nothing():
    decisions = signed("emergency_contact", EMERGENCY_YES | {"contact": {}})
    assert ALLOWED not in {decision.state for decision in decisions}


# A small model: what somebody signed and took back, told apart from the code that is tested.

TOPIC_OF = {"may_call_emergency": "whereabouts", "may_speak_worried": "wellbeing"}


@dataclass(frozen=True)
class Signing:
    day: int
    party: str
    choices: tuple[tuple[str, str], ...]
    ends_in: int | None
    taken_back_after: int | None


signings = st.builds(
    Signing,
    day=st.integers(0, 40),
    party=st.sampled_from([KIRSTEN, JOAN]),
    choices=st.fixed_dictionaries({name: st.sampled_from(["allow", "refuse"]) for name in TOPIC_OF}).map(
        lambda chosen: tuple(chosen.items())
    ),
    ends_in=st.none() | st.integers(0, 30),
    taken_back_after=st.none() | st.integers(0, 30),
)


def on_file(history: list[Signing]) -> tuple[tuple[Decision, ...], dict[str, datetime]]:
    decisions: tuple[Decision, ...] = ()
    ended = {}
    for number, one in enumerate(history):
        at = NOW + one.day * DAY
        answers = {"contact": {"name": one.party}, "may_tell_health": "refuse", **dict(one.choices)}
        if one.ends_in is not None:
            answers["ends_on"] = (at + one.ends_in * DAY).date().isoformat()
        decisions += signed("emergency_contact", answers, at, f"record {number:03}")
        if one.taken_back_after is not None:
            ended[f"record {number:03}"] = at + one.taken_back_after * DAY
    return decisions, ended


def allowed_by_model(history: list[Signing], party: str, question: str, day: int) -> bool:
    """The newest signing alone counts, while it is neither taken back nor past its last day."""
    so_far = [(one.day, number, one) for number, one in enumerate(history) if one.day <= day]
    if not so_far:
        return False
    newest = max(so_far, key=lambda one: one[:2])[2]
    return (
        newest.party == party
        and dict(newest.choices)[question] == "allow"
        and (newest.taken_back_after is None or newest.day + newest.taken_back_after > day)
        and (newest.ends_in is None or newest.day + newest.ends_in >= day)
    )


@given(
    history=st.lists(signings, max_size=5),
    party=st.sampled_from([KIRSTEN, JOAN, GIVER]),
    question=st.sampled_from(sorted(TOPIC_OF)),
    day=st.integers(0, 80),
)
def test_may_tell_says_what_a_simple_model_says(history: list[Signing], party: str, question: str, day: int):
    decisions, ended = on_file(history)
    told = may_tell(decisions, ended, party, TOPIC_OF[question], NOW + day * DAY)
    assert told.yes is allowed_by_model(history, party, question, day)
    assert told.yes or (told.basis is None and told.words == NEVER_SAY)


@given(
    history=st.lists(signings, min_size=1, max_size=5),
    day=st.integers(0, 80),
    topic=st.sampled_from(sorted(TOPIC_OF.values())),
)
def test_once_all_is_taken_back_the_answer_is_always_no(history: list[Signing], day: int, topic: str):
    decisions, _ = on_file(history)
    ended = {decision.record: NOW for decision in decisions}
    for party in (KIRSTEN, JOAN):
        assert may_tell(decisions, ended, party, topic, NOW + day * DAY).words == NEVER_SAY


@given(history=st.lists(signings, max_size=5), day=st.integers(0, 80))
def test_the_card_and_the_answer_agree(history: list[Signing], day: int):
    decisions, ended = on_file(history)
    at = NOW + day * DAY
    for row in standing(FORMS, decisions, ended, at).rows:
        if row.decision is not None:
            asked = may_tell(decisions, ended, row.party, row.decision.topics[0], at)
            assert asked.yes is (row.state == ALLOWED)


def test_the_card_shows_allowed_first_then_refused_then_what_nobody_asked():
    decisions = signed("emergency_contact", EMERGENCY_YES) + signed(
        "referral_thanks", {"gift_from": {"name": GIVER}, "may_tell_giver": "refuse"}
    )
    rows = by_party(standing(FORMS, decisions, {}, NOW))
    assert [(row.state, row.party) for row in rows] == [
        (ALLOWED, KIRSTEN),
        (REFUSED, GIVER),
        (NOT_ASKED, "Speaking with your physician or counselor"),
        (NOT_ASKED, "Email for appointments only"),
    ]
    assert rows[0].says == (
        "in an emergency: what happened and where; then also what was said about health, as far as needed"
        ". Not when you are only worried"
    )
    assert (rows[0].until, rows[0].ends_in_days) == (date(2028, 11, 23), 731)
    assert rows[1].says == "nothing"


def test_how_to_reach_the_client_stands_apart():
    answers = {"email": "rose@example.com", "may_email": "allow", "email_for": ["receipts"]}
    rows = by_party(standing((), signed("email_logistics", answers), {}, NOW))
    assert [(row.logistics, row.says) for row in rows] == [(True, "Email to rose@example.com: Receipts")]


def test_what_ran_out_is_shown_as_ended_and_says_nothing_any_more():
    decisions = signed("clinician_release", RELEASE)
    rows = by_party(standing((), decisions, {}, NOW + 365 * DAY))
    assert [(row.state, row.says) for row in rows] == [("ended", "nothing")]


def test_changes_since_the_last_session_come_latest_first():
    contact = signed("emergency_contact", EMERGENCY_YES, NOW, "contact")
    release = signed("clinician_release", RELEASE, NOW + 2 * DAY, "release")
    thanks = signed(
        "referral_thanks", {"gift_from": {"name": GIVER}, "may_tell_giver": "refuse"}, NOW + 3 * DAY
    )
    at = NOW + 10 * DAY
    found = changes(contact + release + thanks, {"contact": NOW + 5 * DAY}, NOW + DAY, at)
    assert [(change.kind, change.party) for change in found] == [
        ("taken_back", KIRSTEN),
        ("refused", GIVER),
        ("allowed", "Dr. Ortiz"),
    ]
    assert changes(contact + release + thanks, {"contact": NOW + 5 * DAY}, at, at) == ()


def test_what_ran_out_since_then_is_a_change():
    release = signed("clinician_release", RELEASE)
    found = changes(release, {}, datetime(2027, 4, 1, tzinfo=UTC), datetime(2027, 5, 3, tzinfo=UTC))
    assert [(change.kind, change.on.date()) for change in found] == [("ended", date(2027, 4, 30))]


def test_a_decision_survives_being_written_down():
    for decision in signed("clinician_release", RELEASE) + signed("emergency_contact", EMERGENCY_YES):
        assert Decision.from_plain(decision.to_plain()) == decision
