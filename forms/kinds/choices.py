"""Any of several options; kept in the order of the definition, whatever the order of ticking."""

from collections.abc import Sequence

from forms.definition import Question
from forms.kinds.kind import FORGED, NO_LABEL, Kind, Part, Problem, Raw, label_of


def _options(question: Question, lang: str, *, paper: bool = False) -> Sequence[tuple[str, str]]:
    return tuple((option.id, option.label.say(lang)) for option in question.options)


def _coerce(question: Question, raw: Raw, lang: str) -> list[str] | None:
    given = raw.get("") or []
    chosen = [given] if isinstance(given, str) else list(given)
    offered = [option.id for option in question.options]
    if not set(chosen) <= set(offered):
        raise Problem("", FORGED.say(lang))
    return [option for option in offered if option in chosen] or None


def _say(question: Question, value: Sequence[str], lang: str) -> str:
    return "; ".join(label_of(_options(question, lang), option) for option in value)


KIND = Kind("choices", (Part("", NO_LABEL, "tick"),), _coerce, _say, _options)
