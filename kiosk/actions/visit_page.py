"""One visit at the desk: what its client owes, has signed, and has on paper."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, select

from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.access.policy import may
from kiosk.actions import copies, drafts, witnessing, words
from kiosk.actions.clients import about, profile_of
from kiosk.actions.day_book import VisitRow, day_book
from kiosk.actions.dues import WHY, due_of
from kiosk.actions.endings import allowed_rows, may_take_back_in_part
from kiosk.actions.records import may_open
from kiosk.actions.visits import the_visit
from kiosk.actions.witnessing import MarkRow
from kiosk.vault import tables
from kiosk.vault.did import Did

SHEET_WORDS = {
    "printed": "printed, not back yet",
    "incomplete": "came back, a page is missing",
    "awaiting_confirmation": "came back, to be confirmed",
    "confirmed": "confirmed, kept until it is cleared",
    "cleared": "cleared for shredding",
    "in_shred_batch": "in a shred batch",
    "shredded": "shredded",
    "returned": "given back",
    "held": "on hold",
}


ON_PAPER = "Wants to fill this in on paper"


@dataclass(frozen=True)
class DueRow:
    form: str
    title: str
    why: str
    left: str | None
    later: bool  # not needed before the session
    on_paper: bool  # asked for at the tablet, and not printed yet


@dataclass(frozen=True)
class RecordRow:
    """`allows` are the questions that still give a permission, each with its words.

    What this person may not read is not `open`, and its permissions have no words here.
    """

    id: str
    title: str
    signed: str
    channel: str
    ended: str | None
    allows: tuple[tuple[str, str], ...]
    open: bool


@dataclass(frozen=True)
class SheetRow:
    id: str
    serial: str
    title: str
    state_words: str


@dataclass(frozen=True)
class VisitView:
    row: VisitRow
    name: str
    born: str
    due: tuple[DueRow, ...]
    records: tuple[RecordRow, ...]
    sheets: tuple[SheetRow, ...]
    printable: tuple[tuple[str, str], ...]
    to_erase: str | None  # the client, for who may erase
    marks: tuple[MarkRow, ...]
    may_send: bool
    code_opens: str | None  # the moment from which a code made ahead works

    @property
    def to_print(self) -> frozenset[str]:
        """The forms that somebody asked for on paper; where nobody did, all that are due."""
        asked = frozenset(row.form for row in self.due if row.on_paper)
        return asked or frozenset(row.form for row in self.due)

    @property
    def hands_out(self) -> bool:
        """Whether something stands that this person may read, and so print or send."""
        return any(row.open for row in self.records if not row.ended)

    @property
    def hands_out_where_asked(self) -> bool:
        """Whether something stands that they hand out only where the client asks for a copy."""
        return any(not row.open for row in self.records if not row.ended)


def visit_view(by: Actor, visit_id: str) -> VisitView:
    """One visit with what its client owes, has signed and has on paper. Raises NotFound."""
    with access.transaction(by, Purpose.SEE_TODAY) as desk:
        visit = the_visit(desk, visit_id)
        zone = desk.practice.settings.time_zone
        profile = profile_of(desk, visit.client_id)
        catalog = desk.practice.catalog
        sits = witnessing.sitting_of(desk, visit.id) is not None
        left = _left(desk, visit.client_id, sits=sits)
        desk.audit(Did.SHOWED_NAMES, "visit", visit.id)
        return VisitView(
            row=day_book(desk, [visit], names=False).rows()[0],
            name=profile.name,
            born=words.day(profile.born, zone) if profile.born else "",
            due=tuple(
                DueRow(
                    owed.form.id,
                    owed.form.title.say("en"),
                    WHY[owed.why],
                    left.get(owed.form.id),
                    not owed.form.before_session,
                    left.get(owed.form.id) == ON_PAPER,
                )
                for owed in due_of(desk, visit.client_id)
            ),
            records=_record_rows(desk, visit.client_id),
            sheets=_sheet_rows(desk, visit.client_id),
            printable=tuple((form.id, form.title.say("en")) for form in catalog.current()),
            to_erase=visit.client_id if may(by.roles, by.kind, Purpose.ERASE) else None,
            marks=witnessing.waiting(desk, visit.id),
            may_send=copies.may_send(desk, visit.client_id),
            code_opens=(
                words.moment(visit.code_from, zone)
                if visit.code_from and visit.code_from > desk.now
                else None
            ),
        )


def _left(desk: Desk, client_id: str, *, sits: bool) -> dict[str, str]:
    """How far each unfinished form came, and until when it can be taken up again; not while it goes on."""
    here, catalog = about(desk, profile_of(desk, client_id)), desk.practice.catalog
    days = timedelta(days=desk.practice.settings.draft_days)
    found = {}
    for draft in drafts.of_client(desk, [client_id]):
        until = words.day(draft.changed_at + days, desk.practice.settings.time_zone)
        stopped = drafts.stopped(desk, draft, catalog.form(draft.form, draft.version), here)
        if drafts.goes_to_paper(desk, draft):
            if drafts.is_unprinted(desk, draft):
                found[draft.form] = ON_PAPER
        elif draft.skipped:
            found[draft.form] = "Left for later. Offer it again when the client is alone"
        elif stopped is not None and not sits:
            found[draft.form] = f"{stopped.says}. It can be taken up again until {until}"
    return found


def _record_rows(desk: Desk, client_id: str) -> tuple[RecordRow, ...]:
    allowed = allowed_rows(desk, client_id)
    zone = desk.practice.settings.time_zone
    rows = desk.session.execute(
        select(tables.Record, tables.Ending.at)
        .outerjoin(
            tables.Ending,
            and_(tables.Ending.record_id == tables.Record.id, tables.Ending.question == ""),
        )
        .where(tables.Record.client_id == client_id)
        .order_by(tables.Record.signed_at.desc())
    )
    return tuple(
        RecordRow(
            id=row.id,
            title=desk.practice.catalog.form(row.form, row.version).title.say("en"),
            signed=words.day(row.signed_at, zone),
            channel=row.channel,
            ended=f"taken back {words.day(ended, zone)}" if ended else None,
            allows=tuple(
                (one.question, one.clause)
                for one in allowed
                if one.record_id == row.id and may_take_back_in_part(desk, row)
            ),
            open=may_open(desk, row),
        )
        for row, ended in rows
    )


def _sheet_rows(desk: Desk, client_id: str) -> tuple[SheetRow, ...]:
    rows = desk.session.scalars(
        select(tables.Sheet)
        .where(tables.Sheet.client_id == client_id)
        .order_by(tables.Sheet.printed_at.desc())
    )
    return tuple(
        SheetRow(
            row.id,
            row.serial,
            desk.practice.catalog.form(row.form, row.version).title.say("en"),
            SHEET_WORDS[row.state],
        )
        for row in rows
    )
