"""One of several options, in the order of the definition."""

from collections.abc import Sequence

from forms.definition import Question
from forms.kinds.kind import NO_LABEL, Kind, Part, Raw, label_of, one_of


def _options(question: Question, lang: str, *, paper: bool = False) -> Sequence[tuple[str, str]]:
    return tuple((option.id, option.label.say(lang)) for option in question.options)


def _coerce(question: Question, raw: Raw, lang: str) -> str | None:
    return one_of(_options(question, lang), raw, lang)


def _say(question: Question, value: str, lang: str) -> str:
    return label_of(_options(question, lang), value)


KIND = Kind("choice", (Part("", NO_LABEL, "tick"),), _coerce, _say, _options)
