"""A day, in three boxes; kept as ISO 8601."""

from datetime import date

from babel.dates import format_date

from forms.definition import Question
from forms.kinds.kind import Kind, Part, Problem, Raw, clean, text

YEAR_DIGITS = 4

UNREADABLE = text(
    "Enter the date as three numbers, like 4, 27, 2027", "Escriba la fecha con tres números, como 4, 27, 2027"
)


def _coerce(question: Question, raw: Raw, lang: str) -> str | None:
    given = {part.id: clean(raw.get(part.id)) for part in PARTS}
    if not any(given.values()):
        return None
    try:
        if not given["year"].isdigit() or len(given["year"]) != YEAR_DIGITS:
            raise ValueError("27 is not 2027")
        return date(int(given["year"]), int(given["month"]), int(given["day"])).isoformat()
    except ValueError:
        wrong = (part.id for part in PARTS if not given[part.id].isdigit())
        first = next(wrong, "month" if len(given["year"]) == YEAR_DIGITS else "year")
        raise Problem(first, UNREADABLE.say(lang)) from None


def _say(question: Question, value: str, lang: str) -> str:
    return format_date(date.fromisoformat(value), "long", locale=lang)


PARTS = (
    Part("month", text("Month", "Mes"), "comb", "numeric", 2),
    Part("day", text("Day", "Día"), "comb", "numeric", 2),
    Part("year", text("Year", "Año"), "comb", "numeric", 4),
)

KIND = Kind("date", PARTS, _coerce, _say)
