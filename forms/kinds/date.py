"""A day, in three boxes; kept as ISO 8601."""

from datetime import date

from babel.dates import format_date

from forms.definition import UNKNOWN, About, Question
from forms.kinds.kind import Kind, Part, Problem, Raw, clean, text

YEAR_DIGITS = 4
EARLIEST_YEAR = 1900

UNREADABLE = text(
    "Enter the date as three numbers, like 4, 27, 2027", "Escriba la fecha con tres números, como 4, 27, 2027"
)
FOUR_DIGITS = text(
    "Enter the year with four digits, like 2027", "Escriba el año con cuatro cifras, como 2027"
)
NO_SUCH_DAY = text("There is no such day: check it", "Ese día no existe: revíselo")
NOT_PAST = text("Check the year: this day lies in the past", "Revise el año: este día está en el pasado")
NOT_FUTURE = text("Check the date: it has passed already", "Revise la fecha: ya ha pasado")


# On a keyboard with letters people write them, in either language and shortened; no two begin alike.
MONTHS = (
    *(("january", "enero"), ("february", "febrero"), ("march", "marzo"), ("april", "abril")),
    *(("may", "mayo"), ("june", "junio"), ("july", "julio"), ("august", "agosto")),
    *(("september", "septiembre", "setiembre"), ("october", "octubre")),
    *(("november", "noviembre"), ("december", "diciembre")),
)
LEAST_LETTERS = 3


def month_in_digits(said: str) -> str:
    """`March`, `mar.` and `marzo` are 3; whatever is no name of a month stays as it is."""
    begins = said.strip().rstrip(".").casefold()
    if len(begins) < LEAST_LETTERS:
        return said
    found = (n for n, names in enumerate(MONTHS, 1) if any(name.startswith(begins) for name in names))
    return str(next(found, said))


def _coerce(question: Question, raw: Raw, lang: str) -> str | None:
    given = {part.id: clean(raw.get(part.id)) for part in PARTS}
    given["month"] = month_in_digits(given["month"])
    if not any(given.values()):
        return None
    for part, value in given.items():
        if not value.isdigit():
            raise Problem(part, UNREADABLE.say(lang))
    if len(given["year"]) != YEAR_DIGITS:
        raise Problem("year", FOUR_DIGITS.say(lang))
    try:
        return date(int(given["year"]), int(given["month"]), int(given["day"])).isoformat()
    except ValueError:
        raise Problem("month", NO_SUCH_DAY.say(lang)) from None


def _check(question: Question, value: str, lang: str, about: About = UNKNOWN) -> None:
    """A day that must lie in the past, or must not: today counts to both, and earlier than 1900 is a slip."""
    day, today = date.fromisoformat(value), about.today
    if question.day == "past" and (day.year < EARLIEST_YEAR or (today is not None and day > today)):
        raise Problem("year", NOT_PAST.say(lang))
    if question.day == "future" and today is not None and day < today:
        raise Problem("year", NOT_FUTURE.say(lang))


def _say(question: Question, value: str, lang: str) -> str:
    return format_date(date.fromisoformat(value), "long", locale=lang)


PARTS = (
    Part("month", text("Month", "Mes"), "comb", "numeric", 2),
    Part("day", text("Day", "Día"), "comb", "numeric", 2),
    Part("year", text("Year", "Año"), "comb", "numeric", 4),
)

KIND = Kind("date", PARTS, _coerce, _say, check=_check)
