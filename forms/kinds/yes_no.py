"""A question of fact with two answers."""

from collections.abc import Sequence

from forms.definition import Question
from forms.kinds.kind import NO_LABEL, Kind, Part, Raw, label_of, one_of, text

WORDS = {"yes": text("Yes", "Sí"), "no": text("No", "No")}


def _options(question: Question, lang: str, *, paper: bool = False) -> Sequence[tuple[str, str]]:
    return tuple((option, label.say(lang)) for option, label in WORDS.items())


def _coerce(question: Question, raw: Raw, lang: str) -> str | None:
    return one_of(_options(question, lang), raw, lang)


def _say(question: Question, value: str, lang: str) -> str:
    return label_of(_options(question, lang), value)


KIND = Kind("yes_no", (Part("", NO_LABEL, "tick"),), _coerce, _say, _options)
