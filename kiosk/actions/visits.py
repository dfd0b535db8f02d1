"""The desk's day: who comes, where each person is, and what stands between them and the session."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from forms.definition import Form
from kiosk import access
from kiosk.access import Actor, Desk, Purpose, Role
from kiosk.actions import drafts, words
from kiosk.actions.clients import Profile, about, add_client, profile_of, read_birth_date
from kiosk.actions.dues import DueForm, due_forms
from kiosk.errors import Invalid, NotFound
from kiosk.vault import OFFICE, Field, new_id, tables
from kiosk.vault.did import Did
from kiosk.vault.states import PageState, ScanState, SheetState, VisitState


@dataclass(frozen=True)
class VisitRow:
    """One line of the day. `before` counts the forms due before the session, `due` all of them.

    `stopped` says where an unfinished form was left; `later`, that something was left for when the client
    is alone; `marked`, that a mark waits for who saw it.
    """

    id: str
    at: str
    who: str
    with_whom: str
    state: VisitState
    where: str
    due: int
    before: int
    blocks: bool
    new: bool
    is_next: bool
    help: bool
    wants_paper: bool
    to_confirm: int
    tablet: str | None
    stopped: str | None
    later: bool
    marked: bool


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


@dataclass(frozen=True)
class DayBook:
    """What the lines of a day are made from, fetched once for all of them."""

    desk: Desk
    visits: Sequence[tables.Visit]
    due: Mapping[str, tuple[DueForm, ...]]
    staff: Mapping[str, str]
    tablets: Mapping[str, str]
    to_confirm: Mapping[str, int]
    known: frozenset[str]
    seated: Mapping[str, str]
    unfinished: Mapping[str, Sequence[tables.Draft]]
    names: bool

    def row(self, visit: tables.Visit, next_id: str | None) -> VisitRow:
        due = self.due[visit.client_id]
        owed = {one.form.id: one.form for one in due}
        left = [draft for draft in self.unfinished.get(visit.client_id, ()) if draft.form in owed]
        sits = visit.id in self.seated.values()
        before = sum(owed.form.before_session for owed in due)
        name = profile_of(self.desk, visit.client_id).name
        therapist = self.staff.get(visit.therapist_id, "")
        return VisitRow(
            id=visit.id,
            at=words.clock(visit.at, self.zone),
            who=name if self.names else words.initials(name),
            with_whom=therapist if self.names else words.initials(therapist),
            state=VisitState(visit.state),
            where=self.where(visit, therapist),
            due=len(due),
            before=before,
            blocks=before > 0 and visit.state == VisitState.ARRIVED,
            new=visit.client_id not in self.known,
            is_next=visit.id == next_id,
            help=visit.help_asked_at is not None,
            wants_paper=visit.paper_wanted_at is not None,
            to_confirm=self.to_confirm.get(visit.client_id, 0),
            tablet=self.tablets.get(visit.tablet_id or ""),
            stopped=None if sits else self.stopped(visit, left, owed),
            later=any(draft.skipped for draft in left),
            marked=sits and any(draft.marked_at is not None for draft in left),
        )

    def stopped(
        self, visit: tables.Visit, left: Sequence[tables.Draft], owed: Mapping[str, Form]
    ) -> str | None:
        """Where the last of what is unfinished was left, but for what was left for later."""
        here = about(self.desk, profile_of(self.desk, visit.client_id))
        for draft in left:
            if not draft.skipped:
                found = drafts.stopped(self.desk, draft, owed[draft.form], here)
                return found.says if found else None
        return None

    @property
    def zone(self) -> str:
        return self.desk.practice.settings.time_zone

    def where(self, visit: tables.Visit, therapist: str) -> str:
        match VisitState(visit.state):
            case VisitState.ON_TABLET:
                busy = self.seated.get(visit.tablet_id or "", visit.id) != visit.id
                return (
                    f"{'Waits for' if busy else 'On'} {self.tablets.get(visit.tablet_id or '', 'a tablet')}"
                )
            case VisitState.ARRIVED if visit.arrived_at is not None:
                return f"Arrived {words.clock(visit.arrived_at, self.zone)}"
            case VisitState.WITH_THERAPIST:
                return f"With {therapist}"
            case state:
                return str(state).replace("_", " ").capitalize()

    def next_id(self) -> str | None:
        """Who is next: the earliest who has arrived, else the earliest who is expected."""
        for wanted in (VisitState.ARRIVED, VisitState.EXPECTED):
            for visit in self.visits:
                if visit.state == wanted:
                    return visit.id
        return None

    def rows(self) -> tuple[VisitRow, ...]:
        next_id = self.next_id()
        return tuple(self.row(visit, next_id) for visit in self.visits)


def day_book(desk: Desk, visits: Sequence[tables.Visit], *, names: bool) -> DayBook:
    clients = {visit.client_id for visit in visits}
    waiting = desk.session.scalars(
        select(tables.Sheet.client_id).where(
            tables.Sheet.client_id.in_(clients), tables.Sheet.state == SheetState.AWAITING
        )
    )
    known = desk.session.scalars(
        select(tables.Record.client_id).where(tables.Record.client_id.in_(clients)).distinct()
    )
    return DayBook(
        desk=desk,
        visits=visits,
        due=due_forms(desk, clients),
        staff={row.id: row.name for row in desk.session.scalars(select(tables.Staff))},
        tablets={row.id: row.name for row in desk.session.scalars(select(tables.Tablet))},
        to_confirm=Counter(waiting),
        known=frozenset(known),
        seated=_seated(desk),
        unfinished=_unfinished(desk, clients),
        names=names,
    )


def _seated(desk: Desk) -> dict[str, str]:
    """Whose visit each tablet holds now."""
    sat = tables.Sitting
    rows = select(sat.tablet_id, sat.visit_id).where(sat.ended_at.is_(None), sat.known_at.is_not(None))
    return {tablet: visit for tablet, visit in desk.session.execute(rows) if visit}


def _unfinished(desk: Desk, clients: Collection[str]) -> dict[str, list[tables.Draft]]:
    found: dict[str, list[tables.Draft]] = {}
    for draft in drafts.of_client(desk, clients):
        found.setdefault(draft.client_id, []).append(draft)
    return found


def visits_of_day(desk: Desk, day: date) -> Sequence[tables.Visit]:
    begin, end = words.day_bounds(day, desk.practice.settings.time_zone)
    return desk.session.scalars(
        select(tables.Visit).where(tables.Visit.at >= begin, tables.Visit.at < end).order_by(tables.Visit.at)
    ).all()


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
        said = desk.open_json(OFFICE, Field.ARRIVAL, row.id, row.said_sealed)
        name = said["name"] if names else words.initials(said["name"])
        born = words.day(date.fromisoformat(said["born"]), zone) if names else ""
        found.append(ArrivalRow(row.id, name, born, words.clock(row.at, zone)))
    return tuple(found)


def options(by: Actor) -> AddOptions:
    """What the page for a new visit offers."""
    with access.transaction(by, Purpose.ADD_VISIT) as desk:
        rows = desk.session.scalars(
            select(tables.Staff).where(tables.Staff.left_at.is_(None)).order_by(tables.Staff.name)
        )
        today_there = words.local(desk.now, desk.practice.settings.time_zone).date()
        therapists = tuple((row.id, row.name) for row in rows if Role.THERAPIST in row.roles.split())
        return AddOptions(therapists, today_there.isoformat())


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
    """A visit of this therapist; somebody else's is not there. Raises NotFound."""
    visit = desk.session.get(tables.Visit, visit_id)
    if visit is None or visit.therapist_id != desk.by.id:
        raise NotFound()
    return visit


def the_visit(desk: Desk, visit_id: str) -> tables.Visit:
    """A visit by its id. Raises NotFound."""
    visit = desk.session.get(tables.Visit, visit_id)
    if visit is None:
        raise NotFound()
    return visit


@dataclass(frozen=True)
class Counts:
    """What waits in each room, for the side bar."""

    inbox: int
    confirm: int
    shred: int


def counts(by: Actor) -> Counts:
    with access.transaction(by, Purpose.SEE_TODAY) as desk:

        def number(column: Any, *values: str) -> int:
            return desk.session.scalar(select(func.count()).where(column.in_(values))) or 0

        return Counts(
            inbox=number(tables.ScanPage.state, PageState.PROBLEM)
            + number(tables.Scan.state, ScanState.STORED, ScanState.READING),
            confirm=number(tables.Sheet.state, SheetState.AWAITING),
            shred=number(tables.Sheet.state, SheetState.CLEARED),
        )
