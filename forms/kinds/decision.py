"""Allow or do not allow; never preselected, and a refusal is an answer like any other."""

from collections.abc import Sequence

from forms.definition import Question
from forms.kinds.kind import NO_LABEL, Kind, Part, Raw, label_of, one_of, text

ALLOW, REFUSE = "allow", "refuse"

ON_SCREEN = {ALLOW: text("Yes, you may", "Sí, pueden"), REFUSE: text("No, please do not", "No, por favor no")}
ON_PAPER = {ALLOW: text("Allow", "Permito"), REFUSE: text("Do not allow", "No permito")}


def _options(question: Question, lang: str, *, paper: bool = False) -> Sequence[tuple[str, str]]:
    words = ON_PAPER if paper else ON_SCREEN
    return tuple((option, label.say(lang)) for option, label in words.items())


def _coerce(question: Question, raw: Raw, lang: str) -> str | None:
    return one_of(_options(question, lang), raw, lang)


def _say(question: Question, value: str, lang: str) -> str:
    return label_of(_options(question, lang), value)


KIND = Kind("decision", (Part("", NO_LABEL, "tick"),), _coerce, _say, _options)
