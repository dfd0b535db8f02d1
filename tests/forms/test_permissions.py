"""What signed records permit: nothing that no current record allows, and the same words for all others."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from forms.decisions import (
    ALLOWED,
    EVENT,
    LEFT_OPEN,
    REFUSED,
    TAKEN_BACK,
    TELL,
    Decision,
    Ending,
    Endings,
    Signing,
    by_record,
    decisions_of,
)
from forms.definition import About
from forms.loading import read_form
from forms.permissions import NEVER_SAY, may_tell
from tests.forms.making import both, plain_form
from tests.forms.signing import DAY, EMERGENCY_YES, GIVER, JOAN, KIRSTEN, NOW, ORTIZ, RELEASE, signed

JOAN_MAY_BE_THANKED = signed(
    "referral_thanks", {"referred_by": {"name": JOAN}, "may_thank": "allow", "how_to_thank": ["card"]}
)


def ended(record: str, at: datetime, question: str = "", how: str = TAKEN_BACK) -> Endings:
    return by_record([Ending(record, at, question, how)])


def test_yes_says_what_it_rests_on_and_nothing_beyond():
    told = may_tell(signed("emergency_contact", EMERGENCY_YES), {}, KIRSTEN, "whereabouts", NOW)
    assert told.yes
    assert told.basis is not None
    assert told.basis.clause == "May we call Kirsten Nyberg in a medical emergency?"
    assert told.words == (
        "Yes: in an emergency: what happened and where. "
        "Signed 23 November 2026, until 23 November 2028. Nothing beyond that."
    )


def test_the_words_are_english_whatever_language_the_machine_speaks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("babel.dates.LC_TIME", "es")
    told = may_tell(signed("emergency_contact", EMERGENCY_YES), {}, KIRSTEN, "whereabouts", NOW)
    assert "Signed 23 November 2026" in told.words


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
    taken_back = ended(allowed[0].record, NOW)
    stranger = may_tell((), {}, GIVER, "gift_used", NOW)
    assert may_tell(refused, {}, GIVER, "gift_used", NOW) == stranger
    assert may_tell(allowed, taken_back, GIVER, "gift_used", NOW) == stranger
    assert may_tell(allowed, {}, GIVER, "gift_used", NOW).yes


def test_withdrawing_takes_effect_at_once_and_not_before():
    decisions = signed("emergency_contact", EMERGENCY_YES)
    taken_back = ended(decisions[0].record, NOW + DAY)
    assert may_tell(decisions, taken_back, KIRSTEN, "whereabouts", NOW).yes
    assert not may_tell(decisions, taken_back, KIRSTEN, "whereabouts", NOW + DAY).yes


def test_the_last_day_still_counts_and_the_next_does_not():
    decisions = signed("emergency_contact", EMERGENCY_YES | {"ends_on": "2026-12-31"})
    last = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    assert {one.until for one in decisions if one.state == ALLOWED} == {date(2026, 12, 31)}
    assert may_tell(decisions, {}, KIRSTEN, "whereabouts", last).yes
    assert not may_tell(decisions, {}, KIRSTEN, "whereabouts", last + timedelta(minutes=1)).yes


def test_the_earlier_of_the_form_s_period_and_the_client_s_own_date_ends_it():
    far = signed("emergency_contact", EMERGENCY_YES | {"ends_on": "2035-01-01"})
    assert far[0].until == date(2028, 11, 23)
    assert signed("clinician_release", RELEASE | {"ends_on": "2035-01-01"})[0].until == date(2035, 1, 1)


def test_only_the_ticked_things_may_be_told():
    decisions = signed("clinician_release", RELEASE)
    assert may_tell(decisions, {}, "dr. ortiz", "progress", NOW).yes
    assert not may_tell(decisions, {}, "dr. ortiz", "treatment", NOW).yes
    assert (
        decisions[0].says
        == "that the client came to us; when the client has been here; how treatment goes. For: my back"
    )
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


def test_a_refusal_by_name_stands_above_an_allowance_by_another_form():
    contact = signed("emergency_contact", {**EMERGENCY_YES, "never_tell": "joan keller"})
    assert may_tell(JOAN_MAY_BE_THANKED, {}, JOAN, "has_visited", NOW).yes
    assert not may_tell(contact + JOAN_MAY_BE_THANKED, {}, JOAN, "has_visited", NOW).yes


def test_a_refusal_by_name_is_written_down_whole_and_only_where_its_condition_holds():
    options = [
        {"id": one, "label": {"es": f"{one} (es)", "en": f"{one} (en)"}} for one in ("nothing", "visits")
    ]
    asks = [
        {"id": "what", "kind": "choice", "ask": both("What?"), "options": options},
        {"id": "never", "kind": "person", "ask": both("Not {what}: who?"), "paper": both("Who not?")},
    ]
    refusal = {
        "party": "never",
        "when": {"what": "nothing", "client": {"age_from": 18}},
        "topics": ["wellbeing"],
        "says": {"es": "{what} a {never}", "en": "{what} to {never}"},
    }
    pages = [{"id": "p", "question": asks}]
    form = read_form("made.toml", plain_form(pages, refusal=[refusal], covers="party", version=3))
    joan = {"name": JOAN, "relation": "sister"}
    adult = About(NOW.date(), date(1980, 5, 1))

    def made(what: str, about: About) -> Decision:
        (one,) = decisions_of(
            form, {"what": what, "never": joan}, Signing("r", NOW, "es", "paper", about=about)
        )
        return one

    refused = Decision(
        record="r",
        form="made",
        version=3,
        signed=NOW,
        purpose="",
        party=JOAN,
        party_role="sister",
        topics=("wellbeing",),
        until=None,
        until_event="",
        state=REFUSED,
        question="",
        clause="Who not?",
        says=f"nothing (en) to {JOAN}",
        channel="paper",
        covers="party",
        direction=TELL,
    )
    assert made("nothing", adult) == refused
    open_ = replace(refused, party="", state=LEFT_OPEN, says="")
    assert made("visits", adult) == open_
    assert made("nothing", replace(adult, born=date(2012, 5, 1))) == open_


def test_not_to_be_called_when_worried_is_no_refusal_to_be_thanked():
    contact = signed("emergency_contact", {**EMERGENCY_YES, "may_speak_worried": "refuse"})
    thanks = {"referred_by": {"name": KIRSTEN}, "may_thank": "allow", "how_to_thank": ["card"]}
    assert may_tell(contact + signed("referral_thanks", thanks), {}, KIRSTEN, "has_visited", NOW).yes


def test_one_way_to_write_refused_does_not_silence_another():
    answers = {
        "email": "rose@example.com",
        "may_email": "allow",
        "email_for": ["appointments"],
        "phone": "512 555 0101",
        "may_text": "refuse",
        "may_voicemail": "allow",
    }
    told = may_tell(signed("email_logistics", answers), {}, "client", "appointments", NOW)
    assert "Email to rose@example.com" in told.words
    assert "Voicemail" in told.words
    assert "Texts" not in told.words


def test_two_permissions_for_one_topic_are_both_said_the_newer_first():
    thanks = {"referred_by": {"name": ORTIZ}, "may_thank": "allow", "how_to_thank": ["card"]}
    decisions = signed("clinician_release", RELEASE) + signed("referral_thanks", thanks, NOW + DAY)
    words = may_tell(decisions, {}, ORTIZ, "has_visited", NOW + DAY).words
    assert words.startswith("Yes: a thank-you")
    assert " Also: that the client came to us" in words


def test_what_the_client_wrote_is_said_and_not_the_box_beside_it():
    own = {**RELEASE, "what_to_tell": ["progress", "own_words"], "in_own_words": "that I sleep badly"}
    told = may_tell(signed("clinician_release", own), {}, ORTIZ, "own_words", NOW)
    assert told.words.startswith("Yes: in the client’s own words: that I sleep badly. For: my back. Signed")


def test_a_release_that_names_nobody_any_more_ends_those_that_did():
    first = signed("clinician_release", RELEASE)
    nobody = signed("clinician_release", {"has_clinician": "no"}, NOW + DAY)
    assert may_tell(first, {}, ORTIZ, "progress", NOW + DAY).yes
    assert not may_tell(first + nobody, {}, ORTIZ, "progress", NOW + DAY).yes
    again = signed("clinician_release", RELEASE, NOW + 2 * DAY)
    assert may_tell(first + nobody + again, {}, ORTIZ, "progress", NOW + 2 * DAY).yes


def test_a_hidden_decision_grants_nothing():
    answers = EMERGENCY_YES | {"may_call_emergency": "refuse", "may_tell_health": "allow"}
    assert not may_tell(signed("emergency_contact", answers), {}, KIRSTEN, "health_given", NOW).yes


def test_a_decision_about_nobody_allows_nothing():
    decisions = signed("emergency_contact", EMERGENCY_YES | {"contact": {}})
    assert ALLOWED not in {decision.state for decision in decisions}


def test_one_question_taken_back_leaves_the_others():
    decisions = signed("emergency_contact", EMERGENCY_YES)
    only = ended(decisions[0].record, NOW, "may_tell_health")
    assert may_tell(decisions, only, KIRSTEN, "whereabouts", NOW).yes
    assert not may_tell(decisions, only, KIRSTEN, "health_given", NOW).yes


def test_what_has_happened_ends_a_permission_like_a_day_does():
    decisions = signed("clinician_release", RELEASE)
    event = ended(decisions[0].record, NOW + DAY, "may_speak", EVENT)
    assert may_tell(decisions, event, ORTIZ, "progress", NOW).yes
    assert not may_tell(decisions, event, ORTIZ, "progress", NOW + DAY).yes


def test_a_release_to_one_clinician_takes_nothing_from_another():
    first = signed("clinician_release", RELEASE)
    other = signed("clinician_release", {**RELEASE, "clinician": {"name": "Dr. Bloom"}}, NOW + DAY)
    assert may_tell(first + other, {}, ORTIZ, "progress", NOW + DAY).yes
    assert may_tell(first + other, {}, "Dr Bloom", "progress", NOW + DAY).yes


def test_a_newer_release_takes_the_place_of_what_stood_about_the_same_clinician():
    first = signed("clinician_release", RELEASE)
    less = signed("clinician_release", {**RELEASE, "what_to_tell": ["visit_dates"]}, NOW + DAY)
    assert not may_tell(first + less, {}, ORTIZ, "progress", NOW + DAY).yes
    assert may_tell(first + less, {}, ORTIZ, "visit_dates", NOW + DAY).yes


def test_a_refusal_stands_even_when_the_record_that_holds_it_is_taken_back():
    """What was refused by name is not opened by ending the refusal: only a newer record can."""
    contact = signed("emergency_contact", {**EMERGENCY_YES, "never_tell": JOAN}, record="contact")
    taken_back = ended("contact", NOW)
    assert not may_tell(contact + JOAN_MAY_BE_THANKED, taken_back, JOAN, "has_visited", NOW).yes
    newer = signed("emergency_contact", EMERGENCY_YES, NOW + DAY)
    at = NOW + DAY
    assert may_tell(contact + newer + JOAN_MAY_BE_THANKED, taken_back, JOAN, "has_visited", at).yes


def test_what_a_parent_allowed_ends_on_the_day_the_client_comes_of_age():
    about = About(today=NOW.date(), born=date(2009, 1, 10))
    decisions = signed("emergency_contact", EMERGENCY_YES, signer="parent", about=about)
    assert {decision.until for decision in decisions if decision.state == ALLOWED} == {date(2027, 1, 9)}
    last = datetime(2027, 1, 9, 23, 0, tzinfo=UTC)
    assert may_tell(decisions, {}, KIRSTEN, "whereabouts", last).yes
    assert not may_tell(decisions, {}, KIRSTEN, "whereabouts", last + DAY).yes


def test_what_a_guardian_of_an_adult_allowed_does_not_end_by_age():
    about = About(today=NOW.date(), born=date(1948, 4, 27))
    decisions = signed("emergency_contact", EMERGENCY_YES, signer="guardian", about=about)
    assert decisions[0].until == date(2028, 11, 23)


def test_a_decision_survives_being_written_down():
    for decision in signed("clinician_release", RELEASE) + signed("emergency_contact", EMERGENCY_YES):
        assert Decision.from_plain(decision.to_plain()) == decision
