"""What the shipped forms promise: whom they let us tell what, what they never ask, and how short they are."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from forms import answers as walk
from forms.advice import MOST_GRADE, advice
from forms.catalog import load_catalog
from forms.decisions import (
    ALLOWED,
    ASK,
    LEFT_OPEN,
    REFUSED,
    TELL,
    Decision,
    Signing,
    decisions_of,
)
from forms.definition import About, Form, Question
from forms.fields import page_form, read_page
from forms.kinds import KINDS
from forms.linting import texts_of
from forms.permissions import may_tell
from forms.profile import fills
from forms.reading_grade import reading
from forms.signers import needs_authority, who_may_sign
from forms.vocabulary import PURPOSES, TOPICS

CATALOG = load_catalog()
ADULT = About(today=date(2026, 11, 23), born=date(1956, 4, 27))
CHILD = About(today=date(2026, 11, 23), born=date(2015, 4, 27))
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
KIRSTEN, OSCAR, GIVER, ORTIZ, LEE = "Kirsten Nyberg", "Oscar Nyberg", "B. Givens", "Dr. Ortiz", "Sam Lee"
NEW_CLIENT = (  # what every new client is asked, in the order of a visit
    "contact_details",
    "confidentiality",
    "emergency_contact",
    "referral_thanks",
    "clinician_release",
    "email_logistics",
    "story_permission",
)
EXAMPLES = ("health_history", "treatment_consent", "cancellation_policy")
PROTECTED = sorted(topic for topic in TOPICS if TOPICS[topic].protected)

RELEASE: Mapping[str, Any] = {
    "has_clinician": "yes",
    "clinician": {"name": ORTIZ, "role": "physician"},
    "may_speak": "allow",
    "which_way": "both",
    "what_to_tell": ["progress", "own_words"],
    "in_own_words": "what you saw on my left knee",
    "for_what": "to treat my back",
    "ends_how": "on_day",
    "ends_on": "2027-04-30",
    "clinicians_more": "no",
}
CONTACTS: Mapping[str, Any] = {
    "contact": {"name": KIRSTEN, "relation": "daughter"},
    "may_call_emergency": "allow",
    "may_speak_worried": "allow",
    "may_tell_health": "refuse",
    "contacts_more": "yes",
    "contact_2": {"name": OSCAR, "relation": "brother"},
    "may_call_emergency_2": "allow",
    "may_speak_worried_2": "refuse",
    "may_tell_health_2": "refuse",
    "contacts_more_2": "no",
}


def asked(form: Form, answers: Mapping[str, Any], about: About = ADULT) -> list[str]:
    return [question.id for question in walk.shown_questions(form, answers, about)]


def lacks(form: Form, answers: Mapping[str, Any], about: About = ADULT) -> list[str]:
    return [question.id for question in walk.missing(form, answers, about)]


def signed(form: str, answers: Mapping[str, Any], about: About = ADULT) -> tuple[Decision, ...]:
    signing = Signing(record=form, at=NOW, lang="en", channel="tablet", signer="client", about=about)
    return decisions_of(CATALOG.form(form), answers, signing)


def tells(decisions: tuple[Decision, ...], party: str, topic: str) -> bool:
    return may_tell(decisions, {}, party, topic, NOW).yes


def without(answers: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in answers.items() if name not in names}


# The release: 45 CFR 164.508(c)(1) and (2).


def test_a_whole_release_can_be_completed():
    form = CATALOG.form("clinician_release")
    assert lacks(form, RELEASE) == []
    assert lacks(form, without(RELEASE, "ends_on") | {"ends_how": "event", "ends_when": "it is healed"}) == []


@pytest.mark.parametrize(
    ("element", "question"),
    [
        ("(i) what is told", "what_to_tell"),
        ("(i) what is told, where it is described", "in_own_words"),
        ("(ii) and (iii) who tells whom", "which_way"),
        ("(ii) and (iii) the other side", "clinician"),
        ("(iv) what for", "for_what"),
        ("(v) how it ends", "ends_how"),
        ("(v) the day on which it ends", "ends_on"),
        ("that it is allowed at all", "may_speak"),
    ],
)
def test_a_release_that_lacks_one_element_cannot_be_completed(element: str, question: str):
    assert question in lacks(CATALOG.form("clinician_release"), without(RELEASE, question)), element


def test_a_release_that_ends_by_an_event_says_which():
    answers = without(RELEASE, "ends_on") | {"ends_how": "event"}
    assert lacks(CATALOG.form("clinician_release"), answers) == ["ends_when"]


def test_a_release_is_signed_and_somebody_who_signs_for_the_client_says_by_what_right():
    form = CATALOG.form("clinician_release")
    assert form.needs_signature()
    assert who_may_sign(form, CHILD) == ("parent", "guardian")
    assert all(needs_authority(signer) for signer in form.signer if signer != "client")
    assert form.confirmed_by == "therapist", "its categories are not for the front desk"


@pytest.mark.parametrize(
    ("statement", "en", "es"),
    [
        ("it is revoked in writing, and how", "in writing: by letter", "por escrito: por carta"),
        ("what was told before stays told", "does not undo", "No deshace"),
        ("treatment does not depend on it", "the same whether you sign or not", "igual, firme o no"),
        ("it may be disclosed again", "may tell others", "puede contarla a otros"),
        ("a copy is given", "You get a copy", "recibe una copia"),
    ],
)
def test_a_release_holds_every_statement(statement: str, en: str, es: str):
    said = CATALOG.form("clinician_release").take_back
    assert en in said.say("en"), statement
    assert es in said.say("es"), statement


def test_a_day_that_has_passed_cannot_end_a_release():
    form = CATALOG.form("clinician_release")
    page = next(page for page in form.pages if page.id == "until")
    sent = page_form(page, "en")(
        data={"ends_on-month": "11", "ends_on-day": "22", "ends_on-year": "2026"},
    )
    answers, problems = read_page(page, sent, "en", ADULT)
    assert answers == {}
    assert list(problems) == ["ends_on-year"]


@pytest.mark.parametrize("topic", PROTECTED)
def test_what_the_law_protects_is_told_only_where_it_was_ticked_by_itself(topic: str):
    everything = [option.id for option in CATALOG.form("clinician_release").question("what_to_tell").options]
    all_but = RELEASE | {"what_to_tell": everything}
    others = [other for other in PROTECTED if other != topic]
    assert not tells(signed("clinician_release", all_but), ORTIZ, topic)
    assert not tells(signed("clinician_release", all_but | {"protected": others}), ORTIZ, topic)
    ticked = signed("clinician_release", all_but | {"protected": [topic]})
    assert tells(ticked, ORTIZ, topic)
    assert not any(tells(ticked, ORTIZ, other) for other in others)
    assert "ticked by itself" in may_tell(ticked, {}, ORTIZ, topic, NOW).words


def test_nobody_has_to_tick_what_the_law_protects():
    assert "protected" not in lacks(CATALOG.form("clinician_release"), RELEASE)


def test_no_other_form_asks_for_what_the_law_protects():
    granting = {
        form.id
        for form in CATALOG.forms
        for question in form.questions()
        for option in question.options
        if option.id in PROTECTED
    }
    assert granting == {"clinician_release"}


def test_nothing_of_psychotherapy_notes_or_substance_use_records_can_be_granted():
    words = " ".join([*TOPICS, *PURPOSES, *(topic.words for topic in TOPICS.values())]).lower()
    for never in ("psycho", "note", "substance", "alcohol", "drug", "part_2", "sud"):
        assert never not in words


@pytest.mark.parametrize(("lang", "words"), [("en", "alcohol or drug use"), ("es", "alcohol o drogas")])
def test_the_release_says_in_a_sentence_what_it_never_covers(lang: str, words: str):
    hint = CATALOG.form("clinician_release").question("about_release").hint
    assert hint is not None
    assert words in hint.say(lang)


def test_somebody_without_a_physician_is_asked_nothing_more_and_can_sign():
    form = CATALOG.form("clinician_release")
    answers = {"has_clinician": "no"}
    assert asked(form, answers) == ["has_clinician"]
    assert lacks(form, answers) == []
    assert {decision.state for decision in signed(form.id, answers)} == {LEFT_OPEN}


@pytest.mark.parametrize(
    ("way", "directions"), [("we_tell", {TELL}), ("they_tell", {ASK}), ("both", {TELL, ASK})]
)
def test_a_release_allows_only_the_directions_that_were_chosen(way: str, directions: set[str]):
    decisions = signed("clinician_release", RELEASE | {"which_way": way})
    assert {decision.direction for decision in decisions if decision.state == ALLOWED} == directions
    for topic in ("progress", "own_words"):
        assert tells(decisions, ORTIZ, topic) is (TELL in directions)


def test_two_clinicians_have_releases_of_their_own():
    second = {
        "clinicians_more": "yes",
        "clinician_2": {"name": LEE, "role": "counselor"},
        "may_speak_2": "allow",
        "which_way_2": "we_tell",
        "what_to_tell_2": ["visit_dates"],
        "protected_2": ["hiv"],
        "for_what_2": "at my request",
        "ends_how_2": "event",
        "ends_when_2": "when I no longer see Sam Lee",
    }
    form = CATALOG.form("clinician_release")
    assert lacks(form, RELEASE | second) == []
    decisions = signed(form.id, RELEASE | second)
    assert tells(decisions, LEE, "visit_dates")
    assert tells(decisions, LEE, "hiv")
    assert not tells(decisions, LEE, "progress")
    assert not tells(decisions, ORTIZ, "visit_dates")
    assert not tells(decisions, ORTIZ, "hiv")
    ends = {decision.party: (decision.until, decision.until_event) for decision in decisions}
    assert ends == {ORTIZ: (date(2027, 4, 30), ""), LEE: (None, "when I no longer see Sam Lee")}


def test_what_was_answered_about_an_end_that_no_longer_shows_ends_nothing():
    answers = RELEASE | {"ends_how": "event", "ends_when": "when it is healed"}
    assert {decision.until for decision in signed("clinician_release", answers)} == {None}


# Emergency contacts, and who must not be told.


def test_a_second_contact_has_decisions_and_a_place_of_their_own():
    form = CATALOG.form("emergency_contact")
    assert lacks(form, CONTACTS) == []
    decisions = signed(form.id, CONTACTS)
    assert tells(decisions, KIRSTEN, "wellbeing")
    assert not tells(decisions, OSCAR, "wellbeing")
    assert tells(decisions, OSCAR, "whereabouts")
    filled = fills(form, CONTACTS, ADULT)
    assert filled["client.emergency_contact"]["name"] == KIRSTEN
    assert filled["client.emergency_contact_2"]["name"] == OSCAR


def test_no_contact_after_the_one_that_is_the_last():
    assert "contact_2" not in asked(CATALOG.form("emergency_contact"), CONTACTS | {"contacts_more": "no"})


def test_an_emergency_and_a_worry_are_two_permissions():
    only_urgent = signed("emergency_contact", CONTACTS | {"may_speak_worried": "refuse"})
    assert tells(only_urgent, KIRSTEN, "emergency_happened")
    assert not tells(only_urgent, KIRSTEN, "wellbeing")


@pytest.mark.parametrize("place", ["never_tell", "never_tell_2"])
def test_who_must_not_be_told_is_told_nothing_even_where_another_form_allows_it(place: str):
    never = signed("emergency_contact", CONTACTS | {place: GIVER.upper()})
    others = (
        signed(
            "referral_thanks",
            {
                "referred_by": {"name": GIVER},
                "may_thank": "allow",
                "how_to_thank": ["card"],
                "gift_from": {"name": GIVER},
                "may_tell_giver": "allow",
            },
        )
        + signed("clinician_release", RELEASE | {"clinician": {"name": GIVER}, "protected": PROTECTED})
        + signed(
            "contact_details",
            {"phone": "512 555 0134", "picks_up": {"name": GIVER}, "may_tell_who_picks_up": "allow"},
        )
    )
    allowed = {topic for topic in TOPICS if tells(others, GIVER, topic)}
    assert {"has_visited", "gift_used", "progress", "hiv", "called", "appointments"} <= allowed
    assert not any(tells(never + others, GIVER, topic) for topic in TOPICS)
    assert tells(never + others, KIRSTEN, "whereabouts"), "nobody else loses anything"


def test_a_contact_who_must_not_be_told_is_not_called():
    both = signed("emergency_contact", CONTACTS | {"never_tell": KIRSTEN})
    assert not any(tells(both, KIRSTEN, topic) for topic in TOPICS)


# Thanks, messages, guardians, stories.


def test_where_nobody_is_named_nothing_of_thanks_is_asked():
    form = CATALOG.form("referral_thanks")
    assert asked(form, {}) == ["referred_by", "gift_from"]
    assert lacks(form, {}) == []
    assert {decision.state for decision in signed(form.id, {})} == {LEFT_OPEN}


def test_thanks_tell_that_somebody_came_and_a_certificate_that_it_was_used():
    decisions = signed(
        "referral_thanks",
        {
            "referred_by": {"name": KIRSTEN},
            "may_thank": "allow",
            "how_to_thank": ["card"],
            "gift_from": {"name": GIVER},
            "may_tell_giver": "allow",
        },
    )
    told = {
        (party, topic) for party in (KIRSTEN, GIVER) for topic in TOPICS if tells(decisions, party, topic)
    }
    assert told == {(KIRSTEN, "has_visited"), (GIVER, "gift_used")}


def test_who_picks_up_the_phone_hears_of_the_call_and_the_appointment_and_nothing_else():
    answers = {
        "phone": "512 555 0134",
        "may_leave_message": "allow",
        "message_where": ["voicemail"],
        "picks_up": {"name": OSCAR},
        "may_tell_who_picks_up": "allow",
    }
    decisions = signed("contact_details", answers)
    assert [topic for topic in TOPICS if tells(decisions, OSCAR, topic)] == ["appointments", "called"]
    assert [topic for topic in TOPICS if tells(decisions, "client", topic)] == ["called"]


def test_without_a_number_nothing_is_asked_about_calls():
    without_phone = asked(CATALOG.form("contact_details"), {})
    assert not {"may_leave_message", "picks_up", "may_tell_who_picks_up"} & set(without_phone)


def test_a_minor_names_who_signs_and_an_adult_only_where_somebody_does():
    form = CATALOG.form("contact_details")
    assert {"guardian", "authority"} <= set(asked(form, {}, CHILD))
    assert "somebody_signs" not in asked(form, {}, CHILD)
    assert "guardian" not in asked(form, {"somebody_signs": "no"})
    assert {"guardian", "authority"} <= set(lacks(form, {"somebody_signs": "yes"}))
    given = {"guardian": {"name": KIRSTEN}, "authority": "mother"}
    assert fills(form, given, CHILD) == {
        "guardian.person": {"name": KIRSTEN},
        "guardian.authority": "mother",
    }


def test_a_story_is_for_readers_and_allows_no_telling_of_anything_else():
    decisions = signed("story_permission", {"may_write_story": "allow"})
    assert [(one.party, one.topics, one.purpose) for one in decisions] == [
        ("readers", ("story",), "write_story")
    ]
    assert [topic for topic in TOPICS if tells(decisions, "readers", topic)] == ["story"]
    refused = signed("story_permission", {"may_write_story": "refuse"})
    assert [one.state for one in refused] == [REFUSED]


@pytest.mark.parametrize("form_id", ["confidentiality", "privacy_notice", *EXAMPLES])
def test_what_only_tells_or_asks_grants_nothing(form_id: str):
    form = CATALOG.form(form_id)
    assert not form.grants_anything()
    assert form.needs_signature() is (form_id not in ("health_history", "cancellation_policy"))


def test_only_a_practice_that_wants_the_examples_asks_them():
    asked_by = {
        covered: {form.id for form in CATALOG.offering(covered=covered).current()}
        for covered in (True, False)
    }
    assert asked_by[False] == set(NEW_CLIENT)
    assert asked_by[True] == {*NEW_CLIENT, "privacy_notice"}
    asked_too = CATALOG.offering(covered=False, also=EXAMPLES).current()
    assert {form.id for form in asked_too} == {*NEW_CLIENT, *EXAMPLES}


def test_a_health_history_says_who_sees_it_before_it_asks_anything():
    form = CATALOG.form("health_history")
    assert form.pages[0].questions[0].kind == "notice"
    assert form.confirmed_by == "therapist", "its paper is not read at the front desk"


@pytest.mark.parametrize("answer", ["fine", "not_sure"])
def test_who_has_not_understood_is_told_again(answer: str):
    form = CATALOG.form("confidentiality")
    assert "the_answer" in asked(form, {"friend_asks": answer})
    assert "the_answer" not in asked(form, {"friend_asks": "nothing"})


# Words.


@pytest.mark.parametrize("form", CATALOG.forms, ids=lambda form: form.id)
def test_a_decision_says_in_each_language_what_would_then_be_known(form: Form):
    for question in form.questions():
        if question.kind == "decision":
            assert question.then is not None
            assert all(question.then.say(lang).strip() for lang in ("en", "es"))


@pytest.mark.parametrize("form", CATALOG.forms, ids=lambda form: form.id)
def test_a_shipped_form_is_easy_to_read_and_nothing_is_better_changed(form: Form):
    found = reading(text.by_lang["en"] for _, text in texts_of(form))
    assert found.grade <= MOST_GRADE, found.hardest
    assert list(advice(form, CATALOG.places())) == []


@pytest.mark.parametrize("form", CATALOG.forms, ids=lambda form: form.id)
def test_nobody_is_shouted_at_and_no_law_is_claimed_that_may_not_bind(form: Form):
    for key, text in texts_of(form):
        for said in text.by_lang.values():
            assert "!" not in said, key
            assert "HIPAA" not in said, key
        if key.endswith(".missing"):
            assert "please" not in text.by_lang["en"].lower(), key


@pytest.mark.parametrize("form", CATALOG.forms, ids=lambda form: form.id)
def test_no_text_guesses_whether_the_client_is_a_woman_or_a_man(form: Form):
    for key, text in texts_of(form):
        words = set(text.by_lang["en"].lower().replace(",", " ").replace(".", " ").split())
        assert not words & {"he", "she", "his", "her", "hers", "him"}, key


# How long it takes.

TEXTS: Mapping[str, Any] = {
    "short_text": "at my request",
    "long_text": "my knee",
    "name": "Rose Nyberg",
    "person": {"name": KIRSTEN},
    "clinician": {"name": ORTIZ},
    "phone": "512 555 0134",
    "email": "rose@example.com",
    "date": "2026-11-23",
    "address": {"street": "1 Meadow Lane"},
    "initials": "R. N.",
}
KNOWN_AT_THE_DOOR = ("client.name", "client.born")
SIGNING_TAPS = 3  # check, read, sign


def options(question: Question) -> tuple[Any, ...]:
    offered = tuple(option for option, _ in KINDS[question.kind].options(question, "en"))
    return tuple([one] for one in offered) if question.kind == "choices" else offered


def walks(form: Form, given: dict[str, Any], after: str | None = None) -> Iterator[dict[str, Any]]:
    """Every walk that answers only what must be answered."""
    page = walk.next_page(form, given, after, ADULT)
    if page is None:
        yield given
        return
    ways = [given]
    for question in page.questions:
        if question.required and KINDS[question.kind].answered:
            tried = options(question) or (TEXTS[question.kind],)
            ways = [way | {question.id: value} for way in ways for value in tried]
    for way in ways:
        yield from walks(form, way, page.id)


def taps(form: Form, given: Mapping[str, Any], known: tuple[str, ...] = KNOWN_AT_THE_DOOR) -> int:
    """One for each page's button, one for each answer (typing aside), and three to sign."""
    total = SIGNING_TAPS
    for page in walk.showing(form, given, ADULT):
        total += 1
        for question in page.questions:
            value = given.get(question.id)
            if value is not None and question.fills not in known:
                total += len(value) if isinstance(value, list) else 1
    return total


def shortest(form: Form) -> dict[str, Any]:
    return min(walks(form, {}), key=lambda given: (taps(form, given), len(given)))


@pytest.mark.parametrize(
    ("form_id", "most"),
    [
        ("contact_details", 3),
        ("confidentiality", 3),
        ("emergency_contact", 5),
        ("referral_thanks", 2),
        ("clinician_release", 1),
        ("email_logistics", 2),
        ("story_permission", 1),
        ("health_history", 9),
        ("treatment_consent", 3),
        ("cancellation_policy", 1),
        ("privacy_notice", 1),
    ],
)
def test_the_shortest_walk_through_a_form_is_no_longer_than(form_id: str, most: int):
    form = CATALOG.form(form_id)
    given = shortest(form)
    assert lacks(form, given) == []
    assert len(walk.showing(form, given, ADULT)) <= most


def test_a_new_client_gets_through_all_seven_in_under_60_taps():
    counted = {name: taps(CATALOG.form(name), shortest(CATALOG.form(name))) for name in NEW_CLIENT}
    assert sum(counted.values()) < 60, counted


def test_a_new_client_who_allows_what_most_do_is_not_kept_much_longer():
    """A number and an address, one contact who may be called, one clinician less: nobody is thanked."""
    given: Mapping[str, Mapping[str, Any]] = {
        "contact_details": {
            "name": "Rose Nyberg",
            "born": "1956-04-27",
            "phone": "512 555 0134",
            "email": "rose@example.com",
            "may_leave_message": "allow",
            "message_where": ["voicemail"],
            "somebody_signs": "no",
        },
        "confidentiality": {"friend_asks": "nothing"},
        "emergency_contact": without(CONTACTS, *(name for name in CONTACTS if name.endswith("_2")))
        | {"contacts_more": "no"},
        "referral_thanks": {},
        "clinician_release": {"has_clinician": "no"},
        "email_logistics": {
            "email": "rose@example.com",
            "phone": "512 555 0134",
            "may_email": "allow",
            "email_for": ["appointments"],
            "may_text": "allow",
            "may_voicemail": "allow",
        },
        "story_permission": {"may_write_story": "refuse"},
    }
    known: tuple[str, ...] = KNOWN_AT_THE_DOOR
    total = 0
    for name in NEW_CLIENT:
        form = CATALOG.form(name)
        assert lacks(form, given[name]) == [], name
        total += taps(form, given[name], known)
        known += tuple(fills(form, given[name], ADULT))
    assert total < 70
