"""Times, names and counts in the words that staff and clients read."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from markupsafe import Markup, escape

NUMBER = re.compile(r"\+?\(?\d[\d ().-]{4,}\d")  # a phone number, as people write it


def local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """The first moment of a practice's day and of the next, in UTC; a day may have 23 or 25 hours."""
    begin = datetime.combine(day, time(), ZoneInfo(zone))
    end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return begin.astimezone(UTC), end.astimezone(UTC)


def clock(at: datetime, zone: str) -> str:
    """`9:05 AM`: on each page for staff the same."""
    return format_time(local(at, zone), "h:mm a", locale="en_US")


def exact_time(at: datetime, zone: str) -> str:
    """`1:30:05 PM`."""
    return format_time(local(at, zone), "h:mm:ss a", locale="en_US")


def day(at: datetime | date, zone: str, lang: str | None = None) -> str:
    """For staff `23 November 2026`; for a client as their language says it, like `November 23, 2026`."""
    when = local(at, zone).date() if isinstance(at, datetime) else at
    return format_date(when, "long", locale=lang) if lang else format_date(when, "d MMMM yyyy", locale="en")


def short_day(at: datetime | date, zone: str) -> str:
    """`9 October`."""
    when = local(at, zone).date() if isinstance(at, datetime) else at
    return format_date(when, "d MMMM", locale="en")


def weekday(at: datetime, zone: str) -> str:
    """`Monday, 23 November`."""
    return format_date(local(at, zone).date(), "EEEE, d MMMM", locale="en")


def moment(at: datetime, zone: str) -> str:
    """`23 November 2026, 9:05 AM`."""
    return f"{day(at, zone)}, {clock(at, zone)}"


def initials(name: str) -> str:
    """`R. N.` for the counter, where others can see the screen."""
    return " ".join(f"{word[0].upper()}." for word in name.split() if word[0].isalnum()) or "?"


def unbroken(said: str | None) -> Markup:
    """Words for a screen, in which a phone number stays on one line."""
    return Markup(NUMBER.sub(r'<span class="number">\g<0></span>', str(escape(said or ""))))  # noqa: S704


def count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
