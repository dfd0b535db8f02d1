"""What every question kind has: its inputs, its marks on paper, and how raw input becomes a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from forms.definition import UNKNOWN, About, Question, Text

Raw = Mapping[str, Any]


class Problem(Exception):
    """What is wrong with an input, in the words of its language; `part` names the input."""

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message)
        self.part, self.message = part, message


@dataclass(frozen=True)
class Part:
    """One input. `id` is empty where the question has only one; `mark` is what it is on paper."""

    id: str
    label: Text
    mark: str | None
    inputmode: str = "text"
    cells: int | None = None


class Coerce(Protocol):
    def __call__(self, question: Question, raw: Raw, lang: str) -> Any: ...


class Say(Protocol):
    def __call__(self, question: Question, value: Any, lang: str) -> str: ...


class Options(Protocol):
    def __call__(
        self, question: Question, lang: str, *, paper: bool = False
    ) -> Sequence[tuple[str, str]]: ...


class Check(Protocol):
    def __call__(self, question: Question, value: Any, lang: str, about: About = UNKNOWN) -> None: ...


def no_check(question: Question, value: Any, lang: str, about: About = UNKNOWN) -> None:
    """Any value that could be coerced will do."""


def no_options(question: Question, lang: str, *, paper: bool = False) -> Sequence[tuple[str, str]]:
    return ()


@dataclass(frozen=True)
class Kind:
    """One question kind. `coerce` gives None for what was left empty; it and `check` raise Problem."""

    name: str
    parts: tuple[Part, ...]
    coerce: Coerce
    say: Say
    options: Options = field(default=no_options)
    answered: bool = True
    check: Check = field(default=no_check)

    @property
    def marks(self) -> frozenset[str]:
        return frozenset(part.mark for part in self.parts if part.mark)


class Words(dict[str, str]):
    """What the kinds say themselves; in a language they do not know yet, they say it in English."""

    def __missing__(self, lang: str) -> str:
        return self["en"]


def text(en: str, es: str) -> Text:
    return Text(Words(en=en, es=es), {})


NO_LABEL = text("", "")

MISSING = text(
    "Answer this question, or skip the form for now.",
    "Responda a esta pregunta, o deje el formulario para después.",
)
FORGED = text("Choose one of the answers shown.", "Elija una de las respuestas que se muestran.")


MOST_LETTERS = {"line": 200, "lines": 4_000}

TOO_LONG = text("Make this shorter: {most} letters at most", "Escriba menos: {most} letras como máximo")


def bounded(given: str, part: str, lang: str, length: str = "line") -> str:
    """What was typed, as it is. Raises Problem where it is longer than anybody writes there."""
    most = MOST_LETTERS[length]
    if len(given) > most:
        raise Problem(part, TOO_LONG.say(lang, {"most": str(most)}))
    return given


def clean(value: Any) -> str:
    """One line of what somebody typed, without stray space."""
    return " ".join(str(value or "").split())


def say_plain(question: Question, value: Any, lang: str) -> str:
    return str(value)


def coerce_line(question: Question, raw: Raw, lang: str) -> str | None:
    return bounded(clean(raw.get("")), "", lang) or None


def label_of(options: Sequence[tuple[str, str]], value: str) -> str:
    return next((label for option, label in options if option == value), value)


def one_of(options: Sequence[tuple[str, str]], raw: Raw, lang: str) -> str | None:
    """The id of the chosen option. Raises Problem for one that was not offered."""
    chosen = str(raw.get("") or "")
    if not chosen:
        return None
    if chosen not in {option for option, _ in options}:
        raise Problem("", FORGED.say(lang))
    return chosen
