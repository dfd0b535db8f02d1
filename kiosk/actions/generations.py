"""Which backups are kept: all of a week, then one a week, then one a month."""

from collections.abc import Iterable
from datetime import datetime, timedelta

ALL_FOR = timedelta(days=7)
WEEKLY_FOR = timedelta(weeks=8)
MONTHLY_FOR = timedelta(days=731)  # 24 months


def kept(made: Iterable[datetime], now: datetime) -> set[datetime]:
    """The last of each week and of each month, as far back as they go; the latest of all in any case."""
    times = sorted(made, reverse=True)
    keep, spans = set(times[:1]), set()
    for at in times:
        age = now - at
        if age <= ALL_FOR:
            keep.add(at)
            continue
        week, month = (at.isocalendar()[:2], "week"), ((at.year, at.month), "month")
        span = week if age <= WEEKLY_FOR else month if age <= MONTHLY_FOR else None
        if span is not None and span not in spans:
            spans.add(span)
            keep.add(at)
    return keep
