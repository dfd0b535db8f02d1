"""A few letters by which somebody acknowledges one point, as on paper."""

from forms.definition import Question
from forms.kinds.kind import NO_LABEL, Kind, Part, Problem, Raw, clean, say_plain, text

MOST_LETTERS = 6

UNREADABLE = text("Enter your initials, like R. N.", "Escriba sus iniciales, como R. N.")


def _coerce(question: Question, raw: Raw, lang: str) -> str | None:
    given = clean(raw.get(""))
    letters = [sign for sign in given if sign.isalpha()]
    if given and not (0 < len(letters) <= MOST_LETTERS and all(s.isalpha() or s in ".- " for s in given)):
        raise Problem("", UNREADABLE.say(lang))
    return given or None


KIND = Kind("initials", (Part("", NO_LABEL, "line"),), _coerce, say_plain)
