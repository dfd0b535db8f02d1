"""A group that is asked several times: written out, so that every room sees a flat form."""

from typing import Any

import pytest

from forms import answers as walk
from forms.decisions import ALLOWED, LEFT_OPEN, REFUSED, Signing, decisions_of
from forms.definition import DefinitionError, Form
from forms.linting import faults
from forms.loading import read_form
from tests.forms.making import both, plain_form
from tests.forms.signing import NOW


def plain(**more: Any) -> dict[str, Any]:
    contact = {
        "id": "contact",
        "kind": "person",
        "ask": both("Who?"),
        "fills": "client.contact",
        "required": False,
    }
    may_call = {
        "id": "may_call",
        "kind": "decision",
        "ask": both("May we call {contact}?"),
        "paper": both("May we call this person?"),
        "then": both("They would know."),
        "required": False,
    }
    return plain_form(
        [
            {"id": "start", "question": [{"id": "wants", "kind": "yes_no", "ask": both("Any?")}]},
            {"id": "who", "group": "people", "question": [contact]},
            {"id": "may", "group": "people", "question": [may_call], "when": {"contact": "answered"}},
            {"id": "end", "question": [{"id": "note", "kind": "short_text", "ask": both("More?")}]},
        ],
        group={
            "people": {
                "when": {"wants": "yes"},
                "most": 3,
                "more": both("Another?"),
                "again": {"contact": both("Who else?")},
            }
        },
        grant=[
            {
                "decision": "may_call",
                "purpose": "emergency",
                "party": "contact",
                "topics": ["whereabouts"],
                "says": {"en": "call {contact}"},
                "refused": {"en": "call"},
            }
        ],
        **more,
    )


FORM: Form = read_form("made.toml", plain())
KIRSTEN, JOAN = {"name": "Kirsten Nyberg"}, {"name": "Joan Keller"}
TWO = {
    "wants": "yes",
    "contact": KIRSTEN,
    "may_call": "allow",
    "people_more": "yes",
    "contact_2": JOAN,
    "may_call_2": "refuse",
}


def pages(answers: dict[str, Any]) -> list[str]:
    return [page.id for page in walk.showing(FORM, answers)]


def test_a_turn_shows_once_the_one_before_says_that_there_is_another():
    assert pages({}) == ["start", "end"]
    assert pages({"wants": "yes"}) == ["start", "who", "people_more", "end"]
    assert pages(TWO)[4:] == ["who_2", "may_2", "people_more_2", "end"]
    assert "who_3" in pages({**TWO, "people_more_2": "yes"})


def test_an_unanswered_more_is_a_no_and_the_last_turn_asks_for_no_other():
    assert [question.id for question in walk.missing(FORM, {"wants": "yes", "contact": KIRSTEN})] == ["note"]
    assert "people_more_3" not in {page.id for page in FORM.pages}


def test_taking_back_that_there_is_another_drops_all_that_was_said_of_them():
    kept = walk.kept(FORM, {**TWO, "people_more": "no", "people_more_2": "yes", "contact_3": JOAN})
    assert kept.keys() == {"wants", "contact", "may_call", "people_more"}


def test_a_further_turn_is_asked_in_its_own_words_and_inserts_its_own_person():
    assert FORM.question("contact_2").ask.say("en") == "Who else?"
    said = walk.inserts(FORM, TWO, "en")
    assert FORM.question("may_call_2").ask.say("en", said) == "May we call Joan Keller?"
    assert FORM.question("may_call_2").ask.on_paper("en") == "May we call this person?"


def test_each_turn_fills_a_place_of_its_own():
    assert [FORM.question(name).fills for name in ("contact", "contact_2", "contact_3")] == [
        "client.contact",
        "client.contact_2",
        "client.contact_3",
    ]


def test_each_turn_grants_by_itself():
    made = decisions_of(FORM, TWO, Signing("r", NOW, "en", "tablet"))
    assert [(one.question, one.party, one.state, one.says) for one in made] == [
        ("may_call", "Kirsten Nyberg", ALLOWED, "call Kirsten Nyberg"),
        ("may_call_2", "Joan Keller", REFUSED, "call"),
        ("may_call_3", "", LEFT_OPEN, ""),
    ]


def test_what_is_written_out_holds_every_rule_of_the_language():
    assert list(faults(FORM)) == []


def test_a_group_without_most_is_asked_once():
    once = plain()
    once["group"] = {"people": {"when": {"wants": "yes"}}}
    form = read_form("made.toml", once)
    assert [page.id for page in form.pages] == ["start", "who", "may", "end"]
    assert [page.id for page in walk.showing(form, {"wants": "no"})] == ["start", "end"]


@pytest.mark.parametrize(
    ("change", "key", "reason"),
    [
        ({"group": {}}, "who.group", "there is no"),
        ({"group": {"people": {"most": 2}}}, "group.people.more", "stands beside"),
        ({"group": {"people": {"more": both("Another?")}}}, "group.people.more", "stands beside"),
        ({"group": {**plain()["group"], "others": {}}}, "group.others", "has no page"),
        (
            {"group": {"people": {"again": {"note": both("?")}}}},
            "group.people.again.note",
            "is not a question of this group",
        ),
        ({"page": [*plain()["page"], plain()["page"][1]]}, "group.people", "do not stand together"),
    ],
)
def test_a_group_that_cannot_work_is_refused(change: dict[str, Any], key: str, reason: str):
    with pytest.raises(DefinitionError) as refused:
        read_form("made.toml", {**plain(), **change})
    assert refused.value.key == key
    assert reason in refused.value.reason
