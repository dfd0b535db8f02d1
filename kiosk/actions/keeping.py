"""How long what a client gave is kept: until when nobody may erase it, and why in words.

The practice's years run from the last time that anything happened with this client; of somebody who was a
minor then, from the day on which they came of age (45 CFR 164.316(b)(2): from when it was last in effect).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from forms.periods import years_after
from kiosk.access import Desk
from kiosk.actions import words
from kiosk.actions.clients import profile_of
from kiosk.vault import tables
from kiosk.vault.states import VisitState

VISIT, SIGNED, ENDED, RAN_OUT, KNOWN = "visit", "signed", "ended", "ran_out", "known"
OF_AGE, NO_BIRTH_DATE = "of_age", "no_birth_date"

WHY = {
    VISIT: "the last visit was on {day}",
    SIGNED: "the last form was signed on {day}",
    ENDED: "the last permission was taken back on {day}",
    RAN_OUT: "the last permission runs until {day}",
    KNOWN: "the client was entered on {day}",
    OF_AGE: "the client comes of age on {day}",
    NO_BIRTH_DATE: "the birth date is not known, and a child entered then would come of age on {day}",
}


@dataclass(frozen=True)
class Happened:
    """One thing that happened with a client, by its day in the practice's own zone."""

    day: date
    what: str


@dataclass(frozen=True)
class Kept:
    """Nobody may erase the client before `until`; `counted_from` says why."""

    until: date
    counted_from: Happened


def kept(last: Happened, first: date, born: date | None, keep_years: int, majority: int) -> Kept:
    """Until when a client is kept, of whom `last` was the last thing that happened and `first` the first day.

    Whose birth date nobody knows may have been born on the first day.
    """
    of_age = years_after(born or first, majority)
    begins = last
    if of_age > last.day:
        begins = Happened(of_age, OF_AGE if born else NO_BIRTH_DATE)
    return Kept(years_after(begins.day, keep_years), begins)


def kept_until(desk: Desk, client: tables.Client) -> Kept:
    """By what the store knows of this client, and the practice's settings."""
    settings, zone = desk.practice.settings, desk.practice.settings.time_zone
    last = max(_happened(desk, client), key=lambda one: one.day)
    first = words.local(client.made_at, zone).date()
    born = profile_of(desk, client.id).born
    return kept(last, first, born, settings.keep_years, settings.age_of_majority)


def _happened(desk: Desk, client: tables.Client) -> Iterator[Happened]:
    zone = desk.practice.settings.time_zone

    def on(at: datetime | None, what: str) -> Iterator[Happened]:
        if at is not None:
            yield Happened(words.local(at, zone).date(), what)

    yield from on(client.made_at, KNOWN)
    yield from on(last_visit(desk, client), VISIT)
    for record, ended in desk.session.execute(_records(client.id)):
        yield from on(record.signed_at, SIGNED)
        yield from on(ended, ENDED)
        if record.until is not None and ended is None:
            yield Happened(record.until, RAN_OUT)


def _records(client_id: str):  # type: ignore[no-untyped-def]  # a query
    return (
        select(tables.Record, func.max(tables.Ending.at))
        .outerjoin(tables.Ending, tables.Ending.record_id == tables.Record.id)
        .where(tables.Record.client_id == client_id)
        .group_by(tables.Record.id)
    )


def last_visit(desk: Desk, client: tables.Client) -> datetime | None:
    """The last time that this client was here, or may have been: who did not come was not."""
    was = desk.session.scalar(
        select(func.max(tables.Visit.at)).where(
            tables.Visit.client_id == client.id,
            tables.Visit.at <= desk.now,
            tables.Visit.state != VisitState.NOT_COME,
        )
    )
    return max((at for at in (was, client.visited_at) if at is not None), default=None)


def said(found: Kept, zone: str) -> str:
    """`kept until 3 May 2033: the last visit was on 3 May 2026`."""
    why = WHY[found.counted_from.what].format(day=words.day(found.counted_from.day, zone))
    return f"Kept until {words.day(found.until, zone)}: {why}."
