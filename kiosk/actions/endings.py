"""What a client allowed ends: taken back in whole or in part, or because what was to end it has happened."""

from dataclasses import dataclass

from sqlalchemy import select

from forms.decisions import (
    ALLOWED,
    EVENT,
    TAKEN_BACK,
    Decision,
    Ending,
    Endings,
    by_record,
    current,
    is_over,
)
from kiosk import access
from kiosk.access import Actor, Desk, Purpose, Sitting
from kiosk.actions import words
from kiosk.actions.at_tablet import opened
from kiosk.actions.clients import refuse_erased
from kiosk.actions.reach import is_delicate, reached
from kiosk.actions.records import decisions_on_file
from kiosk.actions.visits import own_visit
from kiosk.errors import Invalid, NotFound, NotTheirs
from kiosk.vault import new_id, tables
from kiosk.vault.did import Did

TABLET, IN_PERSON, IN_WRITING = "tablet", "in_person", "in_writing"
SAID = (IN_PERSON, IN_WRITING)


@dataclass(frozen=True)
class AllowedRow:
    """One permission that stands: of a record, the question that gave it in the words of that day."""

    record_id: str
    question: str
    clause: str
    signed: str
    until: str | None


def endings_on_file(desk: Desk, client_id: str) -> Endings:
    """Everything of this client's that has ended, by record."""
    rows = desk.session.scalars(
        select(tables.Ending)
        .join(tables.Record, tables.Record.id == tables.Ending.record_id)
        .where(tables.Record.client_id == client_id)
    )
    return by_record(Ending(row.record_id, row.at, row.question, row.how) for row in rows)


def standing_permissions(desk: Desk, client_id: str) -> tuple[Decision, ...]:
    """What this client allows at this moment."""
    endings = endings_on_file(desk, client_id)
    return tuple(
        decision
        for decision in current(decisions_on_file(desk, client_id), desk.judged_at)
        if decision.state == ALLOWED and not is_over(decision, endings, desk.judged_at)
    )


def allowed_rows(desk: Desk, client_id: str, lang: str = "en") -> tuple[AllowedRow, ...]:
    """One row a question, whatever number of permissions it gave."""
    zone = desk.practice.settings.time_zone
    rows = (
        AllowedRow(
            decision.record,
            decision.question,
            decision.clause,
            words.day(decision.signed, zone, lang),
            words.day(decision.until, zone, lang) if decision.until else None,
        )
        for decision in standing_permissions(desk, client_id)
    )
    return tuple(dict.fromkeys(rows))


def withdraw(by: Actor, record_id: str, question: str = "", said: str = IN_PERSON) -> None:
    """A client told the desk, or wrote, that they take back a record or one question of it.

    It ends from this moment on, on every screen. Raises NotFound, Invalid.
    """
    if said not in SAID:
        raise Invalid({"said": "Choose how the client told you."})
    with access.transaction(by, Purpose.WITHDRAW) as desk:
        row = desk.session.get(tables.Record, record_id)
        if row is None:
            raise NotFound()
        if question and not may_take_back_in_part(desk, row):
            raise NotTheirs("record", row.id)
        refuse_erased(desk, row.client_id)
        _end(desk, row, question, TAKEN_BACK, said)


def may_take_back_in_part(desk: Desk, row: tables.Record) -> bool:
    """To choose among what a record allows one must read it: else only all of it is taken back."""
    delicate = is_delicate(desk, row.form, row.version)
    return reached(desk, Purpose.WITHDRAW, row.client_id, delicate=delicate)


def allowed(sitting: Sitting) -> tuple[AllowedRow, ...]:
    """What the client at the tablet allows, to be taken back with one tap each."""
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        return allowed_rows(desk, here.visit.client_id, here.lang)


def take_back(sitting: Sitting, record_id: str, question: str) -> None:
    """The client takes back at the tablet what they allowed. Raises NotFound for anybody else's record."""
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        row = desk.session.get(tables.Record, record_id)
        if row is None or row.client_id != here.visit.client_id:
            raise NotFound()
        _end(desk, row, question, TAKEN_BACK, TABLET)


def event_happened(by: Actor, visit_id: str, record_id: str, question: str) -> None:
    """A therapist says that what was to end a permission has happened. Raises NotFound."""
    with access.transaction(by, Purpose.END_BY_EVENT) as desk:
        visit = own_visit(desk, visit_id)
        row = desk.session.get(tables.Record, record_id)
        if row is None or row.client_id != visit.client_id:
            raise NotFound()
        _end(desk, row, question, EVENT, IN_PERSON)


def _end(desk: Desk, row: tables.Record, question: str, how: str, said: str) -> None:
    """Once: what has ended already ends no second time."""
    if question:
        asked = {decision.question for decision in decisions_on_file(desk, row.client_id, row.id)}
        if question not in asked:
            raise NotFound()
    ended = select(tables.Ending.id).where(
        tables.Ending.record_id == row.id, tables.Ending.question.in_(("", question))
    )
    if desk.session.scalar(ended.limit(1)) is None:
        desk.session.add(
            tables.Ending(
                id=new_id(),
                record_id=row.id,
                question=question,
                how=how,
                said=said,
                at=desk.now,
                by=desk.by.id,
            )
        )
        did = Did.ENDED_BY_EVENT if how == EVENT else Did.WITHDREW
        desk.audit(did, "record", row.id, reason=said)
