"""The consent card: what a client allows, looked at in ten seconds before a session."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select

from forms import permissions
from forms import standing as standings
from forms.vocabulary import TOPICS
from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import words
from kiosk.actions.clients import profile_of
from kiosk.actions.day_book import day_book, visits_of_day
from kiosk.actions.declaring import still_open
from kiosk.actions.dues import due_of
from kiosk.actions.endings import endings_on_file
from kiosk.actions.reach import OTHER_CLIENT
from kiosk.actions.records import decisions_on_file
from kiosk.actions.visits import own_visit
from kiosk.errors import Damaged
from kiosk.vault import new_id, tables
from kiosk.vault.did import Did
from kiosk.vault.states import VisitState

SOON_DAYS = 30


@dataclass(frozen=True)
class CardRow:
    visit_id: str
    at: str
    who: str
    where: str
    changed: bool
    reviewed: bool
    is_next: bool
    help: bool


@dataclass(frozen=True)
class Day:
    date_words: str
    rows: tuple[CardRow, ...]


@dataclass(frozen=True)
class ChangeRow:
    party: str
    says: str
    on: str


@dataclass(frozen=True)
class RowView:
    """`events` are what would end it: the client's words, the record and the question."""

    state: str
    party: str
    role: str
    says: str
    ends: str | None
    until: str | None
    channel: str | None
    events: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class SignedRow:
    """A record that this therapist may open: its PDF, as it was signed."""

    id: str
    title: str
    on: str


@dataclass(frozen=True)
class Card:
    """`lead` says which visit this is for, or until when a declared access opens it."""

    lead: str
    last_here: str | None
    name: str
    changes: tuple[ChangeRow, ...]
    rows: tuple[RowView, ...]
    logistics: tuple[RowView, ...]
    reviewed: str | None
    unsigned: tuple[str, ...]
    signed: tuple[SignedRow, ...]
    help: bool


@dataclass(frozen=True)
class Told:
    yes: bool
    words: str
    basis: str | None


def day(by: Actor) -> Day:
    """Today's visits of this therapist, each with whether its card holds something new."""
    with access.transaction(by, Purpose.SEE_CARD) as desk:
        zone = desk.practice.settings.time_zone
        mine = [
            visit
            for visit in visits_of_day(desk, words.local(desk.now, zone).date())
            if visit.therapist_id == by.id
        ]
        book = day_book(desk, mine, names=True)
        return Day(
            words.weekday(desk.now, zone),
            tuple(
                CardRow(
                    visit_id=visit.id,
                    at=row.at,
                    who=row.who,
                    where=row.where,
                    changed=not row.damaged and _has_changed(desk, visit),
                    reviewed=_reviewed_at(desk, visit) is not None,
                    is_next=row.is_next,
                    help=row.help,
                )
                for visit, row in zip(mine, book.rows(), strict=True)
            ),
        )


def _has_changed(desk: Desk, visit: tables.Visit) -> bool:
    """A card that cannot be read says so when it is opened, and hides no other card of the day."""
    try:
        return bool(_changes(desk, visit.client_id, visit.id))
    except Damaged as found:
        access.note_damage(desk, found.row)
        return False


def _last_review(desk: Desk, client_id: str, visit_id: str = "") -> datetime | None:
    """When this client's card was last read, at a visit other than this one."""
    return desk.session.scalar(
        select(func.max(tables.Review.at)).where(
            tables.Review.client_id == client_id, tables.Review.visit_id != visit_id
        )
    )


def _reviewed_at(desk: Desk, visit: tables.Visit) -> datetime | None:
    return desk.session.scalar(select(func.max(tables.Review.at)).where(tables.Review.visit_id == visit.id))


def _changes(desk: Desk, client_id: str, visit_id: str = "") -> tuple[ChangeRow, ...]:
    since = _last_review(desk, client_id, visit_id)
    if since is None:
        return ()
    zone = desk.practice.settings.time_zone
    found = standings.changes(
        decisions_on_file(desk, client_id), endings_on_file(desk, client_id), since, desk.local_now
    )
    return tuple(ChangeRow(change.party, change.says, words.short_day(change.on, zone)) for change in found)


def card(by: Actor, visit_id: str) -> Card:
    """The consent card of a visit. Raises NotFound."""
    with access.transaction(by, Purpose.SEE_CARD) as desk:
        visit = own_visit(desk, visit_id)
        zone = desk.practice.settings.time_zone
        reviewed_at = _reviewed_at(desk, visit)
        desk.audit(Did.OPENED_CARD, "visit", visit.id)
        return replace(
            _card_of(desk, visit.client_id, visit),
            lead=f"{words.clock(visit.at, zone)} · {words.count(visit.minutes, 'minute', 'minutes')}",
            reviewed=words.moment(reviewed_at, zone) if reviewed_at else None,
        )


def declared_card(by: Actor, access_id: str) -> Card:
    """The card of somebody else's client, to look at while a declared access lasts. Raises NotFound."""
    with access.transaction(by, Purpose.DECLARE) as desk:
        row = still_open(desk, access_id, OTHER_CLIENT)
        zone = desk.practice.settings.time_zone
        desk.audit(Did.OPENED_CARD, "client", row.client_id, reason=OTHER_CLIENT)
        return replace(
            _card_of(desk, row.client_id),
            lead=f"Opened with a reason, until {words.clock(row.until, zone)}",
        )


def _card_of(desk: Desk, client_id: str, visit: tables.Visit | None = None) -> Card:
    zone = desk.practice.settings.time_zone
    rows_now = standings.standing(
        desk.practice.catalog.current(),
        decisions_on_file(desk, client_id),
        endings_on_file(desk, client_id),
        desk.local_now,
    )
    rows = [(row, _row_view(row, zone)) for row in standings.by_party(rows_now)]
    last_here = _last_here(desk, client_id, visit.at if visit else desk.now)
    return Card(
        lead="",
        last_here=words.short_day(last_here, zone) if last_here else None,
        name=profile_of(desk, client_id).name,
        changes=_changes(desk, client_id, visit.id if visit else ""),
        rows=tuple(shown for row, shown in rows if not row.logistics),
        logistics=tuple(shown for row, shown in rows if row.logistics),
        reviewed=None,
        unsigned=tuple(owed.form.title.say("en") for owed in due_of(desk, client_id)),
        signed=_signed_rows(desk, client_id),
        help=visit is not None and visit.help_asked_at is not None,
    )


def _signed_rows(desk: Desk, client_id: str) -> tuple[SignedRow, ...]:
    """What this client signed, the newest of each form."""
    rows = desk.session.scalars(
        select(tables.Record)
        .where(tables.Record.client_id == client_id)
        .order_by(tables.Record.signed_at.desc())
    )
    newest: dict[str, tables.Record] = {}
    for row in rows:
        newest.setdefault(row.form, row)
    catalog, zone = desk.practice.catalog, desk.practice.settings.time_zone
    return tuple(
        SignedRow(
            row.id,
            catalog.form(row.form, row.version).title.say("en"),
            words.short_day(row.signed_at, zone),
        )
        for row in newest.values()
    )


def _row_view(row: standings.PartyRow, zone: str) -> RowView:
    ends = None
    if row.ends_in_days is not None and row.ends_in_days <= SOON_DAYS:
        ends = (
            "Ends today"
            if row.ends_in_days == 0
            else f"Ends in {words.count(row.ends_in_days, 'day', 'days')}"
        )
    return RowView(
        state=row.state,
        party=row.party,
        role=row.party_role,
        says=row.says,
        ends=ends,
        until=words.day(row.until, zone) if row.until else None,
        channel=row.channel,
        events=row.events,
    )


def _last_here(desk: Desk, client_id: str, before: datetime) -> datetime | None:
    return desk.session.scalar(
        select(func.max(tables.Visit.at)).where(
            tables.Visit.client_id == client_id,
            tables.Visit.at < before,
            tables.Visit.state.in_((VisitState.WITH_THERAPIST, VisitState.LEFT)),
        )
    )


def reviewed(by: Actor, visit_id: str) -> None:
    """The therapist has read the card; what changes from now on is new next time."""
    with access.transaction(by, Purpose.REVIEW) as desk:
        visit = own_visit(desk, visit_id)
        desk.session.add(
            tables.Review(
                id=new_id(), client_id=visit.client_id, visit_id=visit.id, staff_id=by.id, at=desk.now
            )
        )
        if visit.state in (VisitState.ARRIVED, VisitState.EXPECTED):
            visit.state = VisitState.WITH_THERAPIST
        desk.audit(Did.REVIEWED_CARD, "visit", visit.id)


def topics() -> tuple[tuple[str, str], ...]:
    """What somebody may ask about, in words."""
    return tuple((name, topic.words) for name, topic in TOPICS.items())


def may_tell(by: Actor, visit_id: str, party: str, topic: str) -> Told:
    """Whether this person may be told this, with the words to say. Raises NotFound."""
    with access.transaction(by, Purpose.SEE_CARD) as desk:
        visit = own_visit(desk, visit_id)
        told = _told(desk, visit.client_id, party, topic)
        desk.audit(Did.ASKED_MAY_TELL, "visit", visit.id, outcome="yes" if told.yes else "no")
        return told


def declared_may_tell(by: Actor, access_id: str, party: str, topic: str) -> Told:
    """The same of somebody else's client, while a declared access lasts. Raises NotFound."""
    with access.transaction(by, Purpose.DECLARE) as desk:
        row = still_open(desk, access_id, OTHER_CLIENT)
        told = _told(desk, row.client_id, party, topic)
        outcome = "yes" if told.yes else "no"
        desk.audit(Did.ASKED_MAY_TELL, "client", row.client_id, outcome=outcome, reason=OTHER_CLIENT)
        return told


def _told(desk: Desk, client_id: str, party: str, topic: str) -> Told:
    told = permissions.may_tell(
        decisions_on_file(desk, client_id), endings_on_file(desk, client_id), party, topic, desk.local_now
    )
    return Told(told.yes, told.words, told.basis.clause if told.basis else None)
