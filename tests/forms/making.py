"""Definitions for tests: one that is written out, and any that the rules allow."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from forms.definition import Form
from forms.loading import load_form, read_form

EXAMPLE = """
id = "example"
version = 1
languages = ["en", "es"]
minutes = 2
order = 1
renew_after = "P2Y"
title = { en = "Example", es = "Ejemplo" }
purpose = { en = "What it is for.", es = "Para qué es." }
attest = { en = "I have read it.", es = "Lo he leído." }
take_back = { en = "At any time.", es = "Cuando quiera." }

[[page]]
id = "who"
  [[page.question]]
  id = "friend"
  kind = "person"
  fills = "client.referred_by"
  required = false
  ask = { en = "Who sent you?", es = "¿Quién le envió?" }

[[page]]
id = "may"
when = { friend = "answered" }
  [[page.question]]
  id = "may_thank"
  kind = "decision"
  ask = { en = "May we thank {friend}?", es = "¿Podemos agradecer a {friend}?" }
  paper = { en = "May we thank this person?", es = "¿Podemos agradecer a esta persona?" }
  then = { en = "They would then know.", es = "Entonces lo sabría." }

[[page]]
id = "how"
when = { may_thank = "allow" }
  [[page.question]]
  id = "ways"
  kind = "choices"
  ask = { en = "How?", es = "¿Cómo?" }
  options = [
    { id = "card", label = { en = "By a card", es = "Con una tarjeta" } },
    { id = "call", label = { en = "By phone", es = "Por teléfono" } },
  ]
  [[page.question]]
  id = "ends_on"
  kind = "date"
  ask = { en = "Until when?", es = "¿Hasta cuándo?" }

[[grant]]
decision = "may_thank"
when = { may_thank = "allow" }
purpose = "thank_referrer"
party = "friend"
topics = ["has_visited"]
until = "ends_on"
says = { en = "a thank-you" }
refused = { en = "to be thanked" }
"""


def example(folder: Path, text: str = EXAMPLE, name: str = "example.toml") -> Form:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return load_form(path)


def both(words: str) -> dict[str, str]:
    return {"en": words, "es": words}


def plain_form(pages: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """What tomllib would give for a form with these pages."""
    return {
        "id": "made",
        "version": 1,
        "languages": ["en", "es"],
        "minutes": 1,
        "order": 1,
        "title": both("Made"),
        "purpose": both("For a test."),
        "attest": both("I sign."),
        "take_back": both("At any time."),
        "page": pages,
        **more,
    }


VALUES = {  # what conditions may compare an answer with; None where there is no answer
    "decision": ("allow", "refuse"),
    "yes_no": ("yes", "no"),
    "choice": ("a", "b", "c"),
    "choices": ("a", "b", "c"),
    "notice": None,
    "signature": None,
} | dict.fromkeys("short_text long_text name person clinician phone email date address initials".split(), ())
SAID: dict[str, Any] = {
    "short_text": "words",
    "long_text": "one line\nand another",
    "name": "Joan Keller",
    "person": {"name": "Joan Keller", "phone": "512 555 0134"},
    "clinician": {"name": "Dr. Ortiz"},
    "phone": "512 555 0134",
    "email": "joan@example.com",
    "address": {"street": "12 Lake Road", "postcode": "78701"},
    "initials": "J. K.",
}
ONE_INPUT = ("decision", "yes_no", "choice", "choices", "short_text", "notice")
EVERY_KIND = tuple(sorted(VALUES))
DAYS = ("2024-02-29", "2027-04-30")
LENGTHS = (0, 0, 0, 4, 30)  # of a question, in further words

Asked = list[tuple[str, str]]  # the questions so far, by id and kind


@st.composite
def comparisons(draw: st.DrawFn, asked: Asked) -> dict[str, Any]:
    """One comparison with an earlier question or with the client's age, by any operator."""
    name, kind = draw(st.sampled_from([("client", "client"), *asked]))
    if kind == "client":
        operator = draw(st.sampled_from(["age_under", "age_from"]))
        return {name: {operator: draw(st.sampled_from(["majority", 12, 65]))}}
    values = VALUES[kind] or ()
    ways = ["answered", *(["equals", "one_of"] if values else []), *(["day"] if kind == "date" else [])]
    match draw(st.sampled_from(ways)):
        case "equals":
            return {name: draw(st.sampled_from(values))}
        case "one_of":
            return {name: list(draw(st.permutations(values)))[:2]}
        case "day":
            operator = draw(st.sampled_from(["before", "after"]))
            return {name: {operator: draw(st.sampled_from(["today", *DAYS]))}}
    return {name: "answered"}


@st.composite
def conditions(draw: st.DrawFn, asked: Asked) -> dict[str, Any]:
    """`{"when": …}`, or nothing."""
    if not draw(st.booleans()):
        return {}
    how = draw(st.sampled_from(["all", "any", "none"]))
    return {"when": {how: draw(st.lists(comparisons(asked), min_size=1, max_size=2))}}


@st.composite
def questions(draw: st.DrawFn, name: str, asked: Asked, kinds: Sequence[str]) -> dict[str, Any]:
    """A question of one of these kinds."""
    kind = draw(st.sampled_from(kinds))
    options = [{"id": one, "label": both(one)} for one in "abc"] if kind in ("choice", "choices") else []
    return {
        "id": name,
        "kind": kind,
        "ask": both(name + " and more" * draw(st.sampled_from(LENGTHS))),
        "required": draw(st.booleans()),
        "options": options,
        **draw(conditions(asked)),
    }


@st.composite
def groups(draw: st.DrawFn, asked: Asked) -> dict[str, Any]:
    """How often a group is asked, and when."""
    most = draw(st.integers(1, 3))
    more = {"more": both("One more?")} if most > 1 else {}
    return {"most": most, **more, **draw(conditions(asked))}


@st.composite
def forms(draw: st.DrawFn, kinds: Sequence[str] = ONE_INPUT) -> Form:
    """A form of a few pages, some in groups, whose conditions ask earlier questions, as the loader wants."""
    asked: Asked = []
    made: dict[str, Any] = {}
    pages = []
    for page in range(draw(st.integers(1, 5))):
        group = draw(st.sampled_from([None, None, f"g{page}"]))
        if group:
            made[group] = draw(groups(list(asked)))
        when = draw(conditions(list(asked)))
        here = [
            draw(questions(f"q{page}{number}", list(asked), kinds))
            for number in range(draw(st.integers(1, 2)))
        ]
        asked += [(one["id"], one["kind"]) for one in here if VALUES[one["kind"]] is not None]
        pages.append({"id": f"p{page}", "question": here, **when, **({"group": group} if group else {})})
    return read_form("made.toml", plain_form(pages, group=made, signature=draw(st.booleans())))


def answers_to(kind: str) -> st.SearchStrategy[Any]:
    """Any answer of a kind, or none."""
    if kind == "choices":
        return st.none() | st.lists(st.sampled_from("abc"), min_size=1, unique=True).map(sorted)
    if kind == "date":
        return st.none() | st.sampled_from(DAYS)
    if kind in SAID:
        return st.none() | st.just(SAID[kind])
    return st.none() | st.sampled_from(VALUES[kind] or ("",))


@st.composite
def filled(draw: st.DrawFn, form: Form) -> dict[str, Any]:
    """Answers to any of a form's questions, shown or hidden."""
    given = {question.id: draw(answers_to(question.kind)) for question in form.questions()}
    return {name: value for name, value in given.items() if value is not None}
