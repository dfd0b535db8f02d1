"""How long what a client gave is kept: until when nobody may erase it, and why in words.

The practice's years run from the last time that anything happened with this client; of somebody who was a
minor then, from the day on which they came of age. Whom HIPAA binds keeps a consent for six years after it
was last in effect (45 CFR 164.530(j)).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from forms.periods import years_after
from kiosk.access import Desk
from kiosk.actions import words
from kiosk.actions.clients import profile_of
from kiosk.vault import tables
from kiosk.vault.states import VisitState

COVERED = ("covered", "business_associate", "unknown")  # not to know counts as covered
CONSENT_YEARS = 6
A_WEEK = timedelta(days=7)  # what days and zones may differ in
VISIT, SIGNED, ENDED, RAN_OUT, KNOWN = "visit", "signed", "ended", "ran_out", "known"
RANKS = (KNOWN, SIGNED, ENDED, VISIT)  # of what happened on one day the last says why
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
    last = max(_happened(desk, client), key=lambda one: (one.day, RANKS.index(one.what)))
    first = words.local(client.made_at, zone).date()
    born = profile_of(desk, client.id).born
    found = kept(last, first, born, settings.keep_years, settings.age_of_majority)
    until = _last_in_effect(desk, client) if settings.hipaa_status in COVERED else None
    if until is None:
        return found
    consent = Kept(years_after(until, CONSENT_YEARS), Happened(until, RAN_OUT))
    return max(found, consent, key=lambda one: one.until)


def _happened(desk: Desk, client: tables.Client) -> Iterator[Happened]:
    zone = desk.practice.settings.time_zone

    def on(at: datetime | None, what: str) -> Iterator[Happened]:
        if at is not None:
            yield Happened(words.local(at, zone).date(), what)

    yield from on(client.made_at, KNOWN)
    yield from on(last_visit(desk, client), VISIT)
    theirs = tables.Record.client_id == client.id
    yield from on(desk.session.scalar(select(func.max(tables.Record.signed_at)).where(theirs)), SIGNED)
    ended = select(func.max(tables.Ending.at)).join(
        tables.Record, tables.Record.id == tables.Ending.record_id
    )
    yield from on(desk.session.scalar(ended.where(theirs)), ENDED)


def _last_in_effect(desk: Desk, client: tables.Client) -> date | None:
    """The last day of whatever runs until a day, and was not taken back whole before it."""
    ended = select(tables.Ending.id).where(
        tables.Ending.record_id == tables.Record.id, tables.Ending.question == ""
    )
    return desk.session.scalar(
        select(func.max(tables.Record.until)).where(tables.Record.client_id == client.id, ~ended.exists())
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
