"""Opening a client who is not one's own: only with a reason, for an hour, and the owner sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import words
from kiosk.actions.clients import name_on_file
from kiosk.actions.reach import EMERGENCY, NAMESAKE, OTHER_CLIENT
from kiosk.errors import Damaged, Invalid, NotFound, NotTheirs
from kiosk.vault import Field, new_id
from kiosk.vault.did import Did
from kiosk.vault.names import Found
from kiosk.vault.tables import Client, DeclaredAccess, Staff

OPEN_FOR = timedelta(minutes=60)
PAGE = 50
LONGEST_REASON = 500
OTHER = "other"
REASONS = (
    ("covering", "I am covering for a colleague"),
    ("by_phone", "The client asks by phone"),
    ("first_visit", "I prepare a first visit"),
    (OTHER, "Another reason"),
)
UNREADABLE = "(damaged: it cannot be read)"
KINDS = {
    OTHER_CLIENT: "another therapist’s client",
    EMERGENCY: "emergency contact",
    NAMESAKE: "emergency: several of this name, none opened",
}
DIDS = {
    OTHER_CLIENT: Did.DECLARED_ACCESS,
    EMERGENCY: Did.DECLARED_EMERGENCY,
    NAMESAKE: Did.TOLD_OF_NAMESAKES,
}


@dataclass(frozen=True)
class Reason:
    """`id` may stand in the trail; `words` may not, and are kept under the client's key."""

    id: str
    words: str


@dataclass(frozen=True)
class FoundRow:
    id: str
    name: str
    born: str


@dataclass(frozen=True)
class OpenRow:
    id: str
    name: str
    until: str


@dataclass(frozen=True)
class DeclaredRow:
    """What the owner sees: who opened whom, why, and whether somebody has looked at it."""

    id: str
    at: str
    by: str
    client: str
    kind: str
    emergency: bool
    reason: str
    seen: str | None


@dataclass(frozen=True)
class Declared:
    rows: tuple[DeclaredRow, ...]
    unseen: int
    older: str | None


def read_reason(chosen: str, typed: str) -> Reason:
    """Raises Invalid where none was given."""
    said = " ".join(typed.split())[:LONGEST_REASON]
    offered = dict(REASONS)
    if chosen not in offered:
        raise Invalid({"reason": "Choose why you need this."})
    if chosen == OTHER and not said:
        raise Invalid({"said": "Write the reason in a few words."})
    if chosen == OTHER:
        return Reason(chosen, said)
    return Reason(chosen, f"{offered[chosen]}: {said}" if said else offered[chosen])


def find(by: Actor, reason: Reason, name: str) -> tuple[FoundRow, ...]:
    """Who has exactly this whole name. Nobody is listed by a part of it, and each look is in the trail.

    Raises Invalid for an empty name, TooManyTries for who tries one name after another.
    """
    with access.transaction(by, Purpose.DECLARE) as desk:
        access.throttle.check(desk, "declare", by.id)
        found = _namesakes(desk, name)
        if not found:
            access.throttle.miss(desk, "declare", by.id)
        desk.audit(
            Did.LOOKED_FOR_CLIENT, "search", "", outcome="found" if found else "nobody", reason=reason.id
        )
        zone = desk.practice.settings.time_zone
        return tuple(
            FoundRow(one.client_id, one.name, words.day(one.born, zone) if one.born else "") for one in found
        )


def _namesakes(desk: Desk, name: str) -> tuple[Found, ...]:
    if not name.strip():
        raise Invalid({"name": "Enter the client’s whole name."})
    return desk.practice.vault.names.called(desk, name)


def open_other(by: Actor, reason: Reason, name: str, client_id: str) -> str:
    """Open a client for an hour; returns the access's id, which opens the card for this person alone.

    Raises NotFound for a client whose whole name was not given.
    """
    with access.transaction(by, Purpose.DECLARE) as desk:
        if client_id not in {one.client_id for one in _namesakes(desk, name)}:
            raise NotFound()
        access.throttle.forget(desk, "declare", by.id)
        return declare(desk, client_id, OTHER_CLIENT, reason)


def declare(desk: Desk, client_id: str, kind: str, reason: Reason) -> str:
    row_id = new_id()
    desk.session.add(
        DeclaredAccess(
            id=row_id,
            staff_id=desk.by.id,
            client_id=client_id,
            kind=kind,
            reason_sealed=desk.seal_json(client_id, Field.DECLARED_REASON, row_id, reason.words),
            at=desk.now,
            until=desk.now + OPEN_FOR,
        )
    )
    desk.session.flush()
    desk.audit(DIDS[kind], "client", client_id, reason=reason.id)
    return row_id


def tell_of_namesake(desk: Desk, client_id: str, reason: Reason) -> None:
    """The owner sees that somebody was told of this name: once an hour, unless they have seen it since."""
    lately = select(DeclaredAccess.id).where(
        DeclaredAccess.staff_id == desk.by.id,
        DeclaredAccess.client_id == client_id,
        DeclaredAccess.kind == NAMESAKE,
        DeclaredAccess.seen_at.is_(None),
        DeclaredAccess.until > desk.now,
    )
    if desk.session.scalar(lately.limit(1)) is None:
        declare(desk, client_id, NAMESAKE, reason)


def still_open(desk: Desk, access_id: str, kind: str) -> DeclaredAccess:
    """One's own declared access while it lasts. Raises NotTheirs for anybody else's, NotFound afterwards."""
    row = desk.session.get(DeclaredAccess, access_id)
    if row is not None and row.staff_id != desk.by.id:
        raise NotTheirs("declared", row.id)
    if row is None or row.kind != kind or row.until <= desk.now:
        raise NotFound()
    return row


def open_now(by: Actor) -> tuple[OpenRow, ...]:
    """Whom this person may open for now."""
    with access.transaction(by, Purpose.DECLARE) as desk:
        rows = desk.session.scalars(
            select(DeclaredAccess)
            .where(DeclaredAccess.staff_id == by.id, DeclaredAccess.kind == OTHER_CLIENT)
            .where(DeclaredAccess.until > desk.now)
            .order_by(DeclaredAccess.at)
        )
        zone = desk.practice.settings.time_zone
        return tuple(
            OpenRow(row.id, name_on_file(desk, row.client_id), words.clock(row.until, zone)) for row in rows
        )


def all_declared(by: Actor, before: str = "") -> Declared:
    """For the owner: every declared access, the latest first, from the one after `before` on."""
    with access.transaction(by, Purpose.SEE_TRAIL) as desk:
        order = (DeclaredAccess.at.desc(), DeclaredAccess.id.desc())
        wanted = select(DeclaredAccess).order_by(*order).limit(PAGE + 1)
        last = desk.session.get(DeclaredAccess, before) if before else None
        if last is not None:
            same_time = (DeclaredAccess.at == last.at) & (DeclaredAccess.id < last.id)
            wanted = wanted.where((DeclaredAccess.at < last.at) | same_time)
        rows = desk.session.scalars(wanted).all()
        desk.audit(Did.LOOKED_AT_DECLARED, "declared", "")
        older = rows[PAGE - 1].id if len(rows) > PAGE else None
        return Declared(_declared_rows(desk, rows[:PAGE]), unseen_in(desk), older)


def _declared_rows(desk: Desk, rows: Sequence[DeclaredAccess]) -> tuple[DeclaredRow, ...]:
    zone = desk.practice.settings.time_zone
    staff = {row.id: row.name for row in desk.session.scalars(select(Staff))}
    return tuple(
        DeclaredRow(
            id=row.id,
            at=words.moment(row.at, zone),
            by=staff.get(row.staff_id, ""),
            client=name_on_file(desk, row.client_id),
            kind=KINDS[row.kind],
            emergency=row.kind != OTHER_CLIENT,
            reason=_reason(desk, row),
            seen=_seen(row, staff, zone),
        )
        for row in rows
    )


def _seen(row: DeclaredAccess, staff: dict[str, str], zone: str) -> str | None:
    if row.seen_at is None:
        return None
    return f"{staff.get(row.seen_by or '', '')}, {words.short_day(row.seen_at, zone)}"


def _reason(desk: Desk, row: DeclaredAccess) -> str:
    """In the words that were given; they went with the client who was erased."""
    client = desk.session.get(Client, row.client_id)
    if client is None or client.erased_at is not None:
        return "(erased with the client)"
    try:
        return str(desk.open_json(row.client_id, Field.DECLARED_REASON, row.id, row.reason_sealed))
    except Damaged as found:
        access.note_damage(desk, found.row)
        return UNREADABLE


def unseen_in(desk: Desk) -> int:
    return desk.session.scalar(select(func.count()).where(DeclaredAccess.seen_at.is_(None))) or 0


def mark_seen(by: Actor, access_id: str) -> None:
    """Raises NotFound."""
    with access.transaction(by, Purpose.SEE_TRAIL) as desk:
        row = desk.session.get(DeclaredAccess, access_id)
        if row is None:
            raise NotFound()
        if row.seen_at is None:
            row.seen_at, row.seen_by = desk.now, by.id
            desk.audit(Did.SAW_DECLARED, "declared", row.id)
