"""ISO 8601 periods of years, months and days: what `renew_after` is written in."""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta

from forms.definition import Period

PERIOD = re.compile(r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?")


def parse_period(text: str) -> Period:
    """Raises ValueError for anything but a period longer than nothing."""
    found = PERIOD.fullmatch(text)
    period = (
        Period(**{name: int(number or 0) for name, number in found.groupdict().items()}) if found else None
    )
    if period is None or period == Period():
        raise ValueError(f"{text!r} is no period like P2Y or P6M")
    return period


def after(start: datetime, period: Period) -> datetime:
    """The moment a period after another; 29 February becomes the 28th where there is no 29th."""
    months = start.month - 1 + period.months + 12 * period.years
    year, month = start.year + months // 12, months % 12 + 1
    day = min(start.day, monthrange(year, month)[1])
    return start.replace(year=year, month=month, day=day) + timedelta(days=period.days)


def years_after(day: date, years: int) -> date:
    """The birthday: somebody born on 29 February has it on 1 March where there is no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
