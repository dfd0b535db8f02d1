"""The desk's day, and putting visits in the book."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from kiosk import access
from kiosk.access import Actor, Desk, Purpose, Role
from kiosk.actions import words
from kiosk.actions.clients import (
    DAMAGED,
    Profile,
    add_client,
    not_erased,
    read_birth_date,
    refuse_erased,
)
from kiosk.actions.day_book import VisitRow, day_book, visits_of_day
from kiosk.actions.staffing import here as staff_here
from kiosk.errors import Damaged, Invalid, NotFound, NotTheirs
from kiosk.vault import Field, new_id, passing, tables
from kiosk.vault.did import Did
from kiosk.vault.states import PageState, ScanState, SheetState, VisitState


@dataclass(frozen=True)
class ArrivalRow:
    id: str
    name: str
    born: str
    at: str


@dataclass(frozen=True)
class Today:
    date_words: str
    visits: tuple[VisitRow, ...]
    arrivals: tuple[ArrivalRow, ...]
    tablets: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ClientRow:
    id: str
    name: str
    born: str


@dataclass(frozen=True)
class AddOptions:
    therapists: tuple[tuple[str, str], ...]
    today: str


def today(by: Actor, names: bool = False) -> Today:
    """The day's visits. Whole names are asked for on purpose, and that is in the trail."""
    with access.transaction(by, Purpose.SEE_TODAY) as desk:
        zone = desk.practice.settings.time_zone
        book = day_book(desk, visits_of_day(desk, words.local(desk.now, zone).date()), names=names)
        if names:
            desk.audit(Did.SHOWED_NAMES, "day", words.local(desk.now, zone).date().isoformat())
        paired = desk.session.scalars(select(tables.Tablet).where(tables.Tablet.revoked_at.is_(None)))
        return Today(
            date_words=words.weekday(desk.now, zone),
            visits=book.rows(),
            arrivals=_arrivals(desk, names),
            tablets=tuple((tablet.id, tablet.name) for tablet in paired),
        )


def _arrivals(desk: Desk, names: bool) -> tuple[ArrivalRow, ...]:
    zone = desk.practice.settings.time_zone
    begin, end = words.day_bounds(words.local(desk.now, zone).date(), zone)
    rows = desk.session.scalars(
        select(tables.Arrival)
        .where(tables.Arrival.done_at.is_(None), tables.Arrival.at >= begin, tables.Arrival.at < end)
        .order_by(tables.Arrival.at)
    )
    found = []
    for row in rows:
        try:
            said = desk.open_json(passing.of_day(row.at), Field.ARRIVAL, row.id, row.said_sealed)
        except Damaged as damage:
            access.note_damage(desk, damage.row)
            found.append(ArrivalRow(row.id, DAMAGED, "", words.clock(row.at, zone)))
            continue
        name = said["name"] if names else words.initials(said["name"])
        born = words.day(date.fromisoformat(said["born"]), zone) if names else ""
        found.append(ArrivalRow(row.id, name, born, words.clock(row.at, zone)))
    return tuple(found)


def options(by: Actor) -> AddOptions:
    """What the page for a new visit offers."""
    with access.transaction(by, Purpose.ADD_VISIT) as desk:
        therapists = tuple(
            (row.id, row.name) for row in staff_here(desk) if Role.THERAPIST in row.roles.split()
        )
        return AddOptions(therapists, desk.local_now.date().isoformat())


def find_clients(by: Actor, text: str) -> tuple[ClientRow, ...]:
    """Clients by beginnings of their names, birth date or the last digits of their phone."""
    with access.transaction(by, Purpose.ADD_VISIT) as desk:
        desk.audit(Did.SEARCHED_CLIENTS, "search", "")
        zone = desk.practice.settings.time_zone
        return tuple(
            ClientRow(found.client_id, found.name, words.day(found.born, zone) if found.born else "")
            for found in by.practice.vault.names.find(desk, text, nicknames=by.practice.settings.nicknames)
        )


def add(by: Actor, data: Mapping[str, str]) -> str:
    """Put a visit in the book, for a client on file or a new one. Raises Invalid, NotFound."""
    with access.transaction(by, Purpose.ADD_VISIT) as desk:
        at = _read_time(data, desk.practice.settings.time_zone)
        therapist = desk.session.get(tables.Staff, data.get("therapist", ""))
        if therapist is None or Role.THERAPIST not in therapist.roles.split():
            raise Invalid({"therapist": "Choose who the visit is with."})
        client_id = data.get("client_id") or _new_client(desk, data)
        if desk.session.get(tables.Client, client_id) is None:
            raise NotFound()
        refuse_erased(desk, client_id)
        visit_id = new_id()
        desk.session.add(
            tables.Visit(
                id=visit_id,
                client_id=client_id,
                therapist_id=therapist.id,
                at=at,
                minutes=_read_minutes(data),
                state=VisitState.EXPECTED,
            )
        )
        desk.audit(Did.ADDED_VISIT, "visit", visit_id)
        return visit_id


def _read_time(data: Mapping[str, str], zone: str) -> datetime:
    try:
        at = datetime.fromisoformat(f"{data.get('date', '')}T{data.get('time', '')}")
    except ValueError:
        raise Invalid({"time": "Enter the day and the time of the visit."}) from None
    return at.replace(tzinfo=ZoneInfo(zone))


def _read_minutes(data: Mapping[str, str]) -> int:
    given = data.get("minutes", "60").strip()
    if not given.isdigit() or not 5 <= int(given) <= 480:
        raise Invalid({"minutes": "Enter how many minutes the visit takes, from 5 to 480."})
    return int(given)


def _new_client(desk: Desk, data: Mapping[str, str]) -> str:
    name = " ".join(data.get("name", "").split())
    if not name:
        raise Invalid({"name": "Find the client, or enter the name of a new one."})
    born = read_birth_date(data, words.local(desk.now, desk.practice.settings.time_zone).date())
    client_id = add_client(desk, Profile(name=name, born=born))
    desk.audit(Did.ADDED_CLIENT, "client", client_id)
    return client_id


def own_visit(desk: Desk, visit_id: str) -> tables.Visit:
    """A visit of this therapist; somebody else's is not there. Raises NotFound, NotTheirs, Erased."""
    visit = desk.session.get(tables.Visit, visit_id)
    if visit is None:
        raise NotFound()
    if visit.therapist_id != desk.by.id:
        raise NotTheirs("visit", visit.id)
    refuse_erased(desk, visit.client_id)
    return visit


def the_visit(desk: Desk, visit_id: str) -> tables.Visit:
    """A visit by its id. Raises NotFound, Erased."""
    visit = desk.session.get(tables.Visit, visit_id)
    if visit is None:
        raise NotFound()
    refuse_erased(desk, visit.client_id)
    return visit


@dataclass(frozen=True)
class Counts:
    """What waits in each room, for the side bar."""

    inbox: int
    confirm: int
    shred: int


def counts(by: Actor) -> Counts:
    with access.transaction(by, Purpose.SEE_TODAY) as desk:

        def number(column: Any, *values: str, whose: Any = None) -> int:
            wanted = select(func.count()).where(column.in_(values))
            wanted = wanted if whose is None else wanted.where(not_erased(whose))
            return desk.session.scalar(wanted) or 0

        return Counts(
            inbox=number(tables.ScanPage.state, PageState.PROBLEM)
            + number(tables.Scan.state, ScanState.STORED, ScanState.READING),
            confirm=number(tables.Sheet.state, SheetState.AWAITING, whose=tables.Sheet.client_id),
            shred=number(tables.Sheet.state, SheetState.CLEARED, whose=tables.Sheet.client_id),
        )
