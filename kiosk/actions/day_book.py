"""The lines of a day: who comes, where each person is, and what stands between them and the session."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from forms.definition import Form
from forms.due import Signed
from kiosk import access
from kiosk.access import Desk
from kiosk.actions import drafts, words
from kiosk.actions.clients import DAMAGED, Profile, about, profile_of
from kiosk.actions.dues import DueForm, owed, signed_forms
from kiosk.errors import Damaged
from kiosk.vault import tables
from kiosk.vault.states import SheetState, VisitState


@dataclass(frozen=True)
class VisitRow:
    """One line of the day. `before` counts the forms due before the session, `due` all of them.

    `stopped` says where an unfinished form was left; `later`, that something was left for when the client
    is alone; `marked`, that a mark waits for who saw it. Of a `damaged` one nothing that is kept could be
    read: the others stand, and the owner is to be asked.
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
    damaged: bool = False


@dataclass(frozen=True)
class DayBook:
    """What the lines of a day are made from, fetched once for all of them."""

    desk: Desk
    visits: Sequence[tables.Visit]
    signed: Mapping[str, Sequence[Signed]]
    staff: Mapping[str, str]
    tablets: Mapping[str, str]
    to_confirm: Mapping[str, int]
    known: frozenset[str]
    seated: Mapping[str, str]
    unfinished: Mapping[str, Sequence[tables.Draft]]
    names: bool

    def row(self, visit: tables.Visit, next_id: str | None) -> VisitRow:
        profile, due = self._opened(visit.client_id)
        owed = {one.form.id: one.form for one in due}
        left = [draft for draft in self.unfinished.get(visit.client_id, ()) if draft.form in owed]
        on_paper = [draft for draft in left if drafts.goes_to_paper(self.desk, draft)]
        sits = visit.id in self.seated.values()
        before = sum(one.form.before_session for one in due)
        therapist = self.staff.get(visit.therapist_id, "")
        return VisitRow(
            id=visit.id,
            at=words.clock(visit.at, self.zone),
            who=self._who(profile),
            with_whom=therapist if self.names else words.initials(therapist),
            state=VisitState(visit.state),
            where=self.where(visit, therapist),
            due=len(due),
            before=before,
            blocks=before > 0 and visit.state == VisitState.ARRIVED,
            new=visit.client_id not in self.known,
            is_next=visit.id == next_id,
            help=visit.help_asked_at is not None,
            wants_paper=any(drafts.is_unprinted(self.desk, draft) for draft in on_paper),
            to_confirm=self.to_confirm.get(visit.client_id, 0),
            tablet=self.tablets.get(visit.tablet_id or ""),
            stopped=None if sits else self.stopped(visit, left, owed),
            later=any(draft.skipped and draft not in on_paper for draft in left),
            marked=sits and any(draft.marked_at is not None for draft in left),
            damaged=profile is None,
        )

    def stopped(
        self, visit: tables.Visit, left: Sequence[tables.Draft], owed: Mapping[str, Form]
    ) -> str | None:
        """Where the last of what is unfinished was left, but for what was left for later."""
        draft = next((one for one in left if not one.skipped), None)
        if draft is None:
            return None
        here = about(self.desk, profile_of(self.desk, visit.client_id))
        found = drafts.stopped(self.desk, draft, owed[draft.form], here)
        return found.says if found else None

    def _who(self, profile: Profile | None) -> str:
        if profile is None:
            return DAMAGED
        return profile.name if self.names else profile.initials

    def _opened(self, client_id: str) -> tuple[Profile | None, tuple[DueForm, ...]]:
        """A client's profile and what they owe; none where what is kept does not open any more."""
        try:
            profile = profile_of(self.desk, client_id)
            return profile, owed(self.desk, profile, self.signed[client_id])
        except Damaged as found:
            access.note_damage(self.desk, found.row)
            return None, ()

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
                return f"Arrived {self._came(visit.at, visit.arrived_at)}"
            case VisitState.WITH_THERAPIST:
                return f"With {therapist}"
            case state:
                return str(state).replace("_", " ").capitalize()

    def _came(self, due: datetime, came: datetime) -> str:
        """The time, and the day instead where it was another than the visit's."""
        day, that_day = (words.local(at, self.zone).date() for at in (came, due))
        return words.clock(came, self.zone) if day == that_day else words.short_day(day, self.zone)

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
        signed=signed_forms(desk, clients),
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
