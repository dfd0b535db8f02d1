"""The consent card: what a client allows, looked at in ten seconds before a session."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from forms import permissions
from forms import standing as standings
from forms.vocabulary import TOPICS
from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import words
from kiosk.actions.clients import profile_of
from kiosk.actions.dues import due_of
from kiosk.actions.endings import endings_on_file
from kiosk.actions.records import decisions_on_file
from kiosk.actions.visits import day_book, own_visit, visits_of_day
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
class Card:
    visit_id: str
    at: str
    minutes: int
    last_here: str | None
    name: str
    changes: tuple[ChangeRow, ...]
    rows: tuple[RowView, ...]
    logistics: tuple[RowView, ...]
    reviewed: str | None
    unsigned: tuple[str, ...]


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
                    changed=bool(_changes(desk, visit)),
                    reviewed=_reviewed_at(desk, visit) is not None,
                    is_next=row.is_next,
                )
                for visit, row in zip(mine, book.rows(), strict=True)
            ),
        )


def _last_review(desk: Desk, visit: tables.Visit) -> datetime | None:
    """When this client's card was last read, at an earlier visit."""
    return desk.session.scalar(
        select(func.max(tables.Review.at)).where(
            tables.Review.client_id == visit.client_id, tables.Review.visit_id != visit.id
        )
    )


def _reviewed_at(desk: Desk, visit: tables.Visit) -> datetime | None:
    return desk.session.scalar(select(func.max(tables.Review.at)).where(tables.Review.visit_id == visit.id))


def _changes(desk: Desk, visit: tables.Visit) -> tuple[ChangeRow, ...]:
    since = _last_review(desk, visit)
    if since is None:
        return ()
    zone = desk.practice.settings.time_zone
    found = standings.changes(
        decisions_on_file(desk, visit.client_id),
        endings_on_file(desk, visit.client_id),
        since,
        desk.judged_at,
    )
    return tuple(ChangeRow(change.party, change.says, words.short_day(change.on, zone)) for change in found)


def card(by: Actor, visit_id: str) -> Card:
    """The consent card of a visit. Raises NotFound."""
    with access.transaction(by, Purpose.SEE_CARD) as desk:
        visit = own_visit(desk, visit_id)
        zone = desk.practice.settings.time_zone
        profile = profile_of(desk, visit.client_id)
        rows_now = standings.standing(
            desk.practice.catalog.current(),
            decisions_on_file(desk, visit.client_id),
            endings_on_file(desk, visit.client_id),
            desk.judged_at,
        )
        rows = [(row, _row_view(row, zone)) for row in standings.by_party(rows_now)]
        reviewed_at = _reviewed_at(desk, visit)
        last_here = _last_here(desk, visit)
        desk.audit(Did.OPENED_CARD, "visit", visit.id)
        return Card(
            visit_id=visit.id,
            at=words.clock(visit.at, zone),
            minutes=visit.minutes,
            last_here=words.short_day(last_here, zone) if last_here else None,
            name=profile.name,
            changes=_changes(desk, visit),
            rows=tuple(shown for row, shown in rows if not row.logistics),
            logistics=tuple(shown for row, shown in rows if row.logistics),
            reviewed=words.moment(reviewed_at, zone) if reviewed_at else None,
            unsigned=tuple(owed.form.title.say("en") for owed in due_of(desk, visit.client_id)),
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


def _last_here(desk: Desk, visit: tables.Visit) -> datetime | None:
    return desk.session.scalar(
        select(func.max(tables.Visit.at)).where(
            tables.Visit.client_id == visit.client_id,
            tables.Visit.at < visit.at,
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
        told = permissions.may_tell(
            decisions_on_file(desk, visit.client_id),
            endings_on_file(desk, visit.client_id),
            party,
            topic,
            desk.judged_at,
        )
        desk.audit(Did.ASKED_MAY_TELL, "visit", visit.id, outcome="yes" if told.yes else "no")
        return Told(told.yes, told.words, told.basis.clause if told.basis else None)
