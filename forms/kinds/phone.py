"""A phone number as people write it; kept as it was typed, refused where it cannot be one."""

import phonenumbers

from forms.definition import Question
from forms.kinds.kind import NO_LABEL, Kind, Part, Problem, Raw, clean, say_plain, text

REGION = "US"  # for numbers written without their country
CELLS = 15  # the longest number that E.164 allows
LEAST_DIGITS = 7  # a local number without its area code is short, and still what somebody wrote

UNREADABLE = text(
    "Enter a phone number, like 512 555 0134", "Escriba un número de teléfono, como 512 555 0134"
)


def read_phone(given: str, part: str, lang: str) -> str:
    """Raises Problem."""
    digits = sum(letter.isdigit() for letter in given)
    try:
        phonenumbers.parse(given, REGION)
    except phonenumbers.NumberParseException:
        raise Problem(part, UNREADABLE.say(lang)) from None
    if not LEAST_DIGITS <= digits <= CELLS:
        raise Problem(part, UNREADABLE.say(lang))
    return given


def _coerce(question: Question, raw: Raw, lang: str) -> str | None:
    given = clean(raw.get(""))
    return read_phone(given, "", lang) if given else None


KIND = Kind("phone", (Part("", NO_LABEL, "comb", "tel", CELLS),), _coerce, say_plain)
