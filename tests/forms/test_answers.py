"""Which questions show, what is missing, what comes next, and how answers read."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms import answers as walk
from forms import definition, profile
from forms.catalog import load_catalog
from forms.definition import About, Form
from forms.kinds import KINDS
from forms.loading import read_form
from tests.forms.making import both, example, filled, forms, plain_form

EMERGENCY = load_catalog().form("emergency_contact")
RELEASE = load_catalog().form("clinician_release")
REFERRAL = load_catalog().form("referral_thanks")


def ids(form: Form, answers: dict[str, Any]) -> list[str]:
    return [page.id for page in walk.showing(form, answers)]


def test_a_page_shows_once_its_condition_holds():
    assert ids(EMERGENCY, {}) == ["who", "emergency", "worried", "contacts_more", "never"]
    allowing = ids(EMERGENCY, {"may_speak_worried": "allow"})
    assert allowing == ["who", "emergency", "worried", "health", "until", "contacts_more", "never"]


def test_somebody_who_changes_their_mind_leaves_no_answer_behind():
    before = {"may_call_emergency": "allow", "may_speak_worried": "refuse", "may_tell_health": "allow"}
    after = before | {"may_call_emergency": "refuse"}
    assert walk.kept(EMERGENCY, before) == before
    assert "may_tell_health" not in walk.kept(EMERGENCY, after)


def test_a_hidden_answer_brings_up_no_further_question():
    hidden = {"referred_by": {}, "may_thank": "allow", "how_to_thank": ["card"]}
    assert ids(REFERRAL, hidden) == ["who", "gift"]
    assert walk.kept(REFERRAL, hidden).keys() == {"referred_by"}


def test_what_is_required_and_empty_is_missing_only_while_it_shows():
    asked = [
        question.id
        for question in walk.missing(RELEASE, {"has_clinician": "yes", "clinician": {"name": "Dr. Ortiz"}})
    ]
    assert asked == ["may_speak"]
    asked = [
        question.id
        for question in walk.missing(
            RELEASE, {"has_clinician": "yes", "may_speak": "allow", "what_to_tell": []}
        )
    ]
    assert asked == ["clinician", "which_way", "what_to_tell", "for_what", "ends_how"]


def test_back_and_forth_is_the_same_way():
    given = {"may_thank": "allow", "referred_by": {"name": "Joan"}}
    here, way = None, []
    while page := walk.next_page(REFERRAL, given, here):
        way.append(here := page.id)
    assert way == ["who", "gift", "thanks", "how"]
    assert [walk.previous_page(REFERRAL, given, page).id for page in way[1:]] == way[:-1]
    assert walk.previous_page(REFERRAL, given, "who") is None


@given(data=st.data())
def test_hidden_answers_never_survive(data: st.DataObject):
    form = data.draw(forms())
    answers = data.draw(filled(form))
    kept = walk.kept(form, answers)
    shown = {question.id for question in walk.shown_questions(form, answers)}
    assert kept.keys() == answers.keys() & shown
    assert walk.kept(form, kept) == kept, "dropping them brings up nothing else"
    assert walk.showing(form, kept) == walk.showing(form, answers)
    assert {row.question for row in walk.shown(form, answers, "en")} == {
        row.question for row in walk.shown(form, kept, "en")
    }


@given(data=st.data())
def test_walking_page_by_page_skips_no_required_question(data: st.DataObject):
    form = data.draw(forms())
    wishes = data.draw(filled(form))
    answers: dict[str, Any] = {}
    seen, here = set(), None
    while page := walk.next_page(form, answers, here):
        for question in page.questions:
            seen.add(question.id)
            if question.id in wishes:
                answers[question.id] = wishes[question.id]
        here = page.id
        # A question whose condition asks the same page shows once that is answered.
        now = next((one for one in walk.showing(form, answers) if one.id == here), page)
        for question in now.questions:
            seen.add(question.id)
            if question.id in wishes:
                answers[question.id] = wishes[question.id]
    assert {question.id for question in walk.missing(form, answers)} <= seen
    left = {question.id for question in walk.missing(form, answers)}
    assert left == {
        question.id
        for question in walk.shown_questions(form, answers)
        if question.required and KINDS[question.kind].answered and question.id not in answers
    }


@given(data=st.data())
def test_the_next_page_always_lies_further_on(data: st.DataObject):
    form = data.draw(forms())
    order = [page.id for page in form.pages]
    answers, here = data.draw(filled(form)), data.draw(st.sampled_from([None, *order]))
    page = walk.next_page(form, answers, here)
    if page is not None:
        assert here is None or order.index(page.id) > order.index(here)
        assert page in walk.showing(form, answers)


def test_what_the_practice_knows_comes_filled_in_and_goes_back_when_signed():
    known = {"client.emergency_contact": {"name": "Kirsten Nyberg"}, "client.email": "rose@example.com"}
    given = profile.prefill(EMERGENCY, known)
    assert given == {"contact": {"name": "Kirsten Nyberg"}}
    assert profile.fills(EMERGENCY, given) == {"client.emergency_contact": {"name": "Kirsten Nyberg"}}


def test_no_decision_is_ever_filled_in_beforehand():
    known = {question.fills: "allow" for form in load_catalog().forms for question in form.questions()}
    for form in load_catalog().forms:
        decisions = {question.id for question in form.questions() if question.kind == "decision"}
        assert not decisions & profile.prefill(form, known).keys()


def test_an_empty_or_hidden_answer_fills_in_nothing(tmp_path: Path):
    form = example(tmp_path)
    assert profile.fills(form, {"friend": {}}) == {}
    assert profile.fills(form, {}) == {}


@pytest.mark.parametrize(
    "name", ["Ana María de la Cruz Ibáñez", "O’Neill-Nyberg", "{email} {friend}", "<b>Jo</b>"]
)
def test_a_text_inserts_the_whole_name_as_it_was_given(tmp_path: Path, name: str):
    form = example(tmp_path)
    given = {"friend": {"name": name, "relation": "a friend", "phone": "512 555 0134"}}
    rows = {row.question: row for row in walk.shown(form, given, "en")}
    assert rows["may_thank"].ask == f"May we thank {name}?"
    assert rows["friend"].says == f"{name}, a friend, 512 555 0134"


def test_on_paper_the_same_question_names_nobody(tmp_path: Path):
    ask = example(tmp_path).question("may_thank").ask
    assert ask.on_paper("en") == "May we thank this person?"
    assert ask.inserts() == {"friend"}


def test_a_row_on_paper_says_what_stands_beside_its_boxes_and_on_the_tablet_what_was_pressed():
    thanks = {
        "ask": {"en": "May we thank {friend}?", "es": "¿Podemos agradecer a {friend}?"},
        "paper": {"en": "May we thank them?", "es": "¿Podemos agradecerle?"},
        "hint": {"en": "We would write to {friend}.", "es": "Escribiríamos a {friend}."},
        "hint_paper": {"en": "We would write.", "es": "Escribiríamos."},
        "then": {"en": "They would know.", "es": "Lo sabría."},
    }
    ways = [{"id": "a", "label": {"en": "A card", "es": "Una tarjeta"}}]
    asked = [
        {"id": "friend", "kind": "person", "ask": both("Who?")},
        {"id": "sign", "kind": "signature", "ask": both("Sign")},
        {"id": "may", "kind": "decision", **thanks},
        {"id": "way", "kind": "choice", "ask": both("How?"), "options": ways},
        {"id": "why", "kind": "short_text", "ask": {"en": "Why “{may}”?", "es": "¿Por qué «{may}»?"}},
    ]
    form = read_form("made.toml", plain_form([{"id": "p", "question": asked}], signature=True))
    given = {"friend": {"name": "Joan Keller"}, "may": "refuse", "way": "a"}
    friend = walk.Shown("p", "friend", "person", "Who?", "", {"name": "Joan Keller"}, "Joan Keller")
    way = walk.Shown("p", "way", "choice", "How?", "", "a", "Una tarjeta")
    ask, hint = "¿Podemos agradecer a Joan Keller?", "Escribiríamos a Joan Keller. Lo sabría."
    assert walk.shown(form, given, "es") == (
        friend,
        walk.Shown("p", "may", "decision", ask, hint, "refuse", "No, por favor no"),
        way,
        walk.Shown("p", "why", "short_text", "¿Por qué «No, por favor no»?", "", None, ""),
    )
    ask, hint = "¿Podemos agradecerle?", "Escribiríamos. Lo sabría."
    assert walk.shown(form, given, "es", paper=True) == (
        friend,
        walk.Shown("p", "may", "decision", ask, hint, "refuse", "No permito"),
        way,
        walk.Shown("p", "why", "short_text", "¿Por qué «{may}»?", "", None, ""),
    )
    assert walk.explains(form.question("may"), "en", {"friend": "Jo"}).startswith("We would write to Jo.")


def test_what_was_shown_holds_each_question_with_its_words_and_none_that_was_hidden():
    given = {
        "contact": {"name": "Kirsten Nyberg"},
        "may_call_emergency": "refuse",
        "may_speak_worried": "refuse",
    }
    rows = walk.shown(EMERGENCY, given | {"may_tell_health": "allow"}, "es")
    asked = [row.question for row in rows]
    assert asked[:3] == ["contact", "may_call_emergency", "may_speak_worried"]
    assert "may_tell_health" not in asked
    assert rows[1].ask == "¿Podemos llamar a Kirsten Nyberg en una emergencia médica?"
    assert rows[1].says == "No, por favor no"
    assert rows[2].explains.startswith("Por ejemplo, si parece")
    assert rows[2].explains.endswith("qué nos preocupa.")


def test_the_client_s_age_decides_what_is_asked_of_a_minor_alone():
    form = load_catalog().form("contact_details")
    today = date(2026, 11, 23)

    def asked(born: date | None) -> set[str]:
        return {question.id for question in walk.shown_questions(form, {}, About(today, born))}

    assert "guardian" in asked(date(2012, 1, 1))
    assert "somebody_signs" not in asked(date(2012, 1, 1))
    for of_age in (date(1980, 1, 1), None):
        assert "guardian" not in asked(of_age)
        assert "somebody_signs" in asked(of_age)


def test_the_client_s_age_counts_forth_and_back_and_in_what_was_shown():
    guardian = {"id": "guardian", "kind": "person", "ask": both("Who signs for you?")}
    note = {"id": "note", "kind": "short_text", "ask": both("Anything about {guardian}?")}
    pages = [
        {"id": "who", "when": {"client": {"age_under": "majority"}}, "question": [guardian]},
        {"id": "end", "question": [note]},
    ]
    form, child = read_form("made.toml", plain_form(pages)), About(date(2026, 11, 23), date(2012, 1, 1))
    assert [question.id for question in walk.missing(form, {}, child)] == ["guardian", "note"]
    first, before = walk.next_page(form, {}, None, child), walk.previous_page(form, {}, "end", child)
    assert first is not None
    assert before == first
    assert first.id == "who"
    rows = walk.shown(form, {"guardian": {"name": "Ana Ruiz"}}, "en", child)
    assert [row.ask for row in rows] == ["Who signs for you?", "Anything about Ana Ruiz?"]


def test_an_age_may_decide_about_one_question_and_its_answer_falls_with_it():
    school = {"id": "school", "kind": "short_text", "ask": both("Which school?")}
    school["when"] = {"client": {"age_under": 18}}
    asked = [school, {"id": "note", "kind": "short_text", "ask": both("Anything else?")}]
    form = read_form("made.toml", plain_form([{"id": "p", "question": asked}]))
    child, given = About(date(2026, 11, 23), date(2012, 1, 1)), {"school": "Hill Street", "note": "no"}
    assert walk.kept(form, given, child) == given
    assert walk.kept(form, given, replace(child, born=date(1980, 1, 1))) == {"note": "no"}
    assert walk.kept(form, given) == {"note": "no"}, "not to know an age is not to be a minor"


def test_an_address_or_a_word_that_is_inserted_is_said_in_the_language_of_the_page():
    asked = [
        {"id": "home", "kind": "address", "ask": both("Where?")},
        {"id": "sure", "kind": "yes_no", "ask": both("Sure?")},
        {"id": "name", "kind": "short_text", "ask": both("What name?")},
    ]
    form = read_form("made.toml", plain_form([{"id": "p", "question": asked}]))
    given = {"home": {"street": "12 Lake Road", "city": "Austin"}, "sure": "yes", "name": "my name"}
    said = {"home": "12 Lake Road, Austin", "sure": "Sí", "name": "my name"}
    assert walk.inserts(form, given, "es") == said


def test_the_parts_of_a_notice_stand_apart():
    notice = {"id": "read", "kind": "notice", "ask": both("Read"), "hint": both("One."), "then": both("Two.")}
    yes = {"id": "may", "kind": "yes_no", "ask": both("May we?"), "hint": both("One."), "then": both("Two.")}
    form = read_form("made.toml", plain_form([{"id": "p", "question": [notice, yes]}]))
    assert [row.explains for row in walk.shown(form, {}, "en")] == ["One.\n\nTwo.", "One. Two."]


@pytest.mark.parametrize(
    ("test", "day", "holds"),
    [
        (definition.Test("day", "before", ("2026-11-23",)), "2026-11-22", True),
        (definition.Test("day", "before", ("2026-11-23",)), "2026-11-23", False),
        (definition.Test("day", "after", ("2026-11-23",)), "2026-11-23", False),
        (definition.Test("day", "after", ("2026-11-23",)), "2026-11-24", True),
        (definition.Test("day", "after", ("today",)), "2026-11-24", True),
        (definition.Test("day", "after", ("today",)), "2026-11-23", False),
        (definition.Test("day", "before", ("today",)), "2026-11-22", True),
        (definition.Test("day", "before", ("today",)), None, False),
    ],
)
def test_a_day_lies_before_or_after_another(test: definition.Test, day: str | None, holds: bool):
    assert test.holds({"day": day}, About(today=date(2026, 11, 23))) is holds


def test_what_cannot_be_known_does_not_hold():
    assert not definition.Test("day", "after", ("today",)).holds({"day": "2026-11-24"})
    for operator in ("age_under", "age_from"):
        assert not definition.Test("client", operator, ("18",)).holds({}, About(today=date(2026, 11, 23)))
        assert not definition.Test("client", operator, ("18",)).holds({}, About(born=date(2000, 1, 1)))


def test_one_of_several_values_is_enough():
    test = definition.Test("way", "one_of", ("card", "call"))
    assert test.holds({"way": "call"})
    assert test.holds({"way": ["letter", "card"]})
    assert not test.holds({"way": ["letter"]})
    assert not test.holds({})
