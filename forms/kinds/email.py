"""An email address; its form is checked, nobody is asked over the network."""

from email_validator import EmailNotValidError, validate_email

from forms.definition import Question
from forms.kinds.kind import NO_LABEL, Kind, Part, Problem, Raw, clean, say_plain, text

UNREADABLE = text(
    "Enter an email address, like name@example.com", "Escriba un correo, como nombre@ejemplo.com"
)


def read_email(given: str, part: str, lang: str) -> str:
    """Raises Problem."""
    try:
        validate_email(given, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise Problem(part, UNREADABLE.say(lang)) from None
    return given


def _coerce(question: Question, raw: Raw, lang: str) -> str | None:
    given = clean(raw.get(""))
    return read_email(given, "", lang) if given else None


KIND = Kind("email", (Part("", NO_LABEL, "line", "email"),), _coerce, say_plain)
