"""Definitions for tests: one that is written out, and any that the rules allow."""

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


VALUES = {
    "decision": ("allow", "refuse"),
    "yes_no": ("yes", "no"),
    "choice": ("a", "b", "c"),
    "choices": ("a", "b", "c"),
    "short_text": (),
    "notice": None,
}


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """A form of a few pages whose conditions ask earlier questions, as the loader wants them."""
    asked: list[tuple[str, tuple[str, ...]]] = []

    def when() -> dict[str, Any]:
        if not asked or not draw(st.booleans()):
            return {}
        tests = []
        for _ in range(draw(st.integers(1, 2))):
            name, values = draw(st.sampled_from(asked))
            tests.append({name: draw(st.sampled_from([*values, "answered"]))})
        return {"when": {draw(st.sampled_from(["all", "any", "none"])): tests}}

    pages = []
    for page in range(draw(st.integers(1, 5))):
        page_when, questions, here = when(), [], []
        for number in range(draw(st.integers(1, 2))):
            kind = draw(st.sampled_from(sorted(VALUES)))
            name = f"q{page}{number}"
            question = {
                "id": name,
                "kind": kind,
                "ask": both(name),
                "required": draw(st.booleans()),
                **when(),
            }
            if kind in ("choice", "choices"):
                question["options"] = [{"id": one, "label": both(one)} for one in "abc"]
            questions.append(question)
            if VALUES[kind] is not None:
                here.append((name, VALUES[kind]))
        asked += here
        pages.append({"id": f"p{page}", "question": questions, **page_when})
    return read_form("made.toml", plain_form(pages))


def answers_to(kind: str) -> st.SearchStrategy[Any]:
    """Any answer of a kind, or none."""
    if kind == "choices":
        return st.none() | st.lists(st.sampled_from("abc"), min_size=1, unique=True).map(sorted)
    if kind == "short_text":
        return st.none() | st.just("words")
    return st.none() | st.sampled_from(VALUES[kind] or ("",))


@st.composite
def filled(draw: st.DrawFn, form: Form) -> dict[str, Any]:
    """Answers to any of a form's questions, shown or hidden."""
    given = {question.id: draw(answers_to(question.kind)) for question in form.questions()}
    return {name: value for name, value in given.items() if value is not None}
