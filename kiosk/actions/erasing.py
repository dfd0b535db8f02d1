"""Erasing a client: after its time, with no hold, visit or paper; asked for by one, agreed to by another.

The key ids go on the list of the erased before the transaction that destroys the keys ends: a power cut
between the two leaves a name too many on the list, which `finish` completes, and never one too few.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from forms.names import folded
from kiosk import access
from kiosk.access import Actor, Desk, Purpose, Role
from kiosk.actions import keeping, key_care, words
from kiosk.actions.clients import not_erased, profile_of
from kiosk.errors import Erased, Invalid, NotFound
from kiosk.vault import Field, erased, new_id, passing, tables
from kiosk.vault.did import Did
from kiosk.vault.states import PageState, ScanState, SheetState, VisitState
from kiosk.vault.tombstone import erase as make_tombstone

A_DAY = timedelta(days=1)
MOST_LISTED = 50
COMING = (VisitState.EXPECTED, VisitState.ARRIVED, VisitState.ON_TABLET, VisitState.WITH_THERAPIST)

HELD = "A legal hold from {day} keeps this client. Lift it first."
COMES = "There is a visit on {day}. Erase after it, or once it is in the book no more."
PAPER = {
    SheetState.INCOMPLETE: "Of a sheet some pages are not back. Scan them, or give the sheet back.",
    SheetState.AWAITING: "A sheet waits to be confirmed. Confirm it, or give it back.",
    SheetState.CONFIRMED: "Confirmed paper is kept until it may be shredded. Shred it first.",
    SheetState.CLEARED: "Paper is cleared for shredding. Shred it first.",
    SheetState.BATCHED: "Paper lies in a shred batch. Shred it first.",
    SheetState.HELD: "Paper is on hold. Look at it under “To shred”, and shred it first.",
}
SHARED = "One scan also holds pages of somebody whose paper is not shredded yet. Shred that paper first."
NOT_READ = "There are scans that wait to be read: one may hold this client's paper. Wait for it."

NOT_TWICE = "Another owner has to agree: whoever asked cannot."
A_DAY_LATER = "You are the only owner, so that you agree yourself, a day after asking: from {moment} on."


@dataclass(frozen=True)
class Asked:
    """An erasure that somebody asked for. `waits` says why this person may not agree now."""

    id: str
    by: str
    on: str
    waits: str | None


@dataclass(frozen=True)
class ClientState:
    """What an owner sees of one client: whether they may be erased, and why not."""

    id: str
    name: str
    born: str
    kept: str
    obstacles: tuple[str, ...]
    held: str | None
    asked: Asked | None
    asks_two: bool

    @property
    def may_be_erased(self) -> bool:
        return not self.obstacles


def state(by: Actor, client_id: str) -> ClientState:
    """Raises NotFound, Erased."""
    with access.transaction(by, Purpose.ERASE) as desk:
        client = _client(desk, client_id)
        desk.audit(Did.SHOWED_NAMES, "client", client.id)
        return _state(desk, client)


def _client(desk: Desk, client_id: str) -> tables.Client:
    client = desk.session.get(tables.Client, client_id)
    if client is None:
        raise NotFound()
    if client.erased_at is not None:
        raise Erased()
    return client


def _state(desk: Desk, client: tables.Client) -> ClientState:
    zone = desk.practice.settings.time_zone
    profile, asked = profile_of(desk, client.id), _asked(desk, client.id)
    return ClientState(
        id=client.id,
        name=profile.name,
        born=words.day(profile.born, zone) if profile.born else "",
        kept=keeping.said(keeping.kept_until(desk, client), zone),
        obstacles=tuple(obstacles(desk, client)),
        held=words.day(client.held_at, zone) if client.held_at else None,
        asked=_asked_view(desk, asked) if asked else None,
        asks_two=desk.practice.settings.erasure_four_eyes,
    )


def obstacles(desk: Desk, client: tables.Client) -> Iterator[str]:
    """What stands in the way of an erasure today, each in a sentence that says what to do."""
    zone = desk.practice.settings.time_zone
    today = desk.local_now.date()
    kept = keeping.kept_until(desk, client)
    if today < kept.until:
        yield keeping.said(kept, zone)
    if client.held_at is not None:
        yield HELD.format(day=words.day(client.held_at, zone))
    begin, _ = words.day_bounds(today, zone)
    visit = desk.session.scalar(
        select(func.min(tables.Visit.at)).where(
            tables.Visit.client_id == client.id, tables.Visit.at >= begin, tables.Visit.state.in_(COMING)
        )
    )
    if visit is not None:
        yield COMES.format(day=words.day(visit, zone))
    yield from _paper(desk, client.id)


def _paper(desk: Desk, client_id: str) -> Iterator[str]:
    """Paper that is not at its end; its image may not go before it."""
    states = set(
        desk.session.scalars(select(tables.Sheet.state).where(tables.Sheet.client_id == client_id).distinct())
    )
    yield from (said for sheet_state, said in PAPER.items() if sheet_state in states)
    unread = (ScanState.STORED, ScanState.READING)
    if desk.session.scalar(select(tables.Scan.id).where(tables.Scan.state.in_(unread)).limit(1)):
        yield NOT_READ
    unshredded = (
        select(tables.ScanPage.id)
        .join(tables.Sheet, tables.Sheet.id == tables.ScanPage.sheet_id)
        .where(
            tables.ScanPage.scan_id.in_(_scans_of(client_id)),
            tables.ScanPage.state == PageState.ON_SHEET,
            tables.Sheet.client_id != client_id,
            not_erased(tables.Sheet.client_id),
            tables.Sheet.state.in_(tuple(PAPER)),
        )
    )
    if desk.session.scalar(unshredded.limit(1)):
        yield SHARED


def _scans_of(client_id: str):  # type: ignore[no-untyped-def]  # a query
    """The files in which a page of this client came, alone or among others' pages."""
    return select(tables.ScanPage.scan_id).where(tables.ScanPage.id.in_(_pages_of(client_id))).distinct()


def _pages_of(client_id: str):  # type: ignore[no-untyped-def]  # a query
    """Pages on this client's sheets, and pages that a person filed with them."""
    image = tables.Document
    return (
        select(tables.ScanPage.id)
        .outerjoin(tables.Sheet, tables.Sheet.id == tables.ScanPage.sheet_id)
        .outerjoin(image, image.id == tables.ScanPage.image_id)
        .where((tables.Sheet.client_id == client_id) | (image.owner == client_id))
    )


def _asked(desk: Desk, client_id: str) -> tables.Erasure | None:
    return desk.session.scalar(
        select(tables.Erasure).where(
            tables.Erasure.client_id == client_id,
            tables.Erasure.called_off_at.is_(None),
            tables.Erasure.done_at.is_(None),
        )
    )


def _asked_view(desk: Desk, row: tables.Erasure) -> Asked:
    zone = desk.practice.settings.time_zone
    who = desk.session.get_one(tables.Staff, row.asked_by).name
    return Asked(row.id, who, words.moment(row.asked_at, zone), _waits(desk, row))


def _waits(desk: Desk, row: tables.Erasure) -> str | None:
    """Why whoever looks may not agree: four eyes, or where there are only two, a night between."""
    if not desk.practice.settings.erasure_four_eyes or desk.by.id != row.asked_by:
        return None
    staff = desk.session.scalars(select(tables.Staff).where(tables.Staff.left_at.is_(None)))
    if any(Role.OWNER in one.roles.split() for one in staff if one.id != row.asked_by):
        return NOT_TWICE
    from_then = row.asked_at + A_DAY
    if desk.now < from_then:
        return A_DAY_LATER.format(moment=words.moment(from_then, desk.practice.settings.time_zone))
    return None


def place_hold(by: Actor, client_id: str) -> None:
    """From now on nobody may erase this client, whatever was asked for. Raises NotFound, Erased."""
    with access.transaction(by, Purpose.ERASE) as desk:
        client = _client(desk, client_id)
        if client.held_at is None:
            client.held_at, client.held_by = desk.now, by.id
            desk.audit(Did.PLACED_HOLD, "client", client.id)


def lift_hold(by: Actor, client_id: str) -> None:
    with access.transaction(by, Purpose.ERASE) as desk:
        client = _client(desk, client_id)
        if client.held_at is not None:
            client.held_at = client.held_by = None
            desk.audit(Did.LIFTED_HOLD, "client", client.id)


def ask(by: Actor, client_id: str) -> None:
    """Ask for an erasure; once for each client. Raises Invalid with what stands in its way."""
    with access.transaction(by, Purpose.ERASE) as desk:
        client = _client(desk, client_id)
        _refuse_obstacles(desk, client)
        if _asked(desk, client.id) is None:
            row = tables.Erasure(id=new_id(), client_id=client.id, asked_by=by.id, asked_at=desk.now)
            desk.session.add(row)
            desk.audit(Did.ASKED_FOR_ERASURE, "client", client.id)


def call_off(by: Actor, client_id: str) -> None:
    with access.transaction(by, Purpose.ERASE) as desk:
        row = _asked(desk, _client(desk, client_id).id)
        if row is None:
            raise NotFound()
        row.called_off_at = desk.now
        desk.audit(Did.CALLED_OFF_ERASURE, "client", client_id)


def agree(by: Actor, client_id: str) -> str:
    """Agree to what somebody asked for: the client is erased here, now. Returns the erasure's id.

    All that stands in the way is asked again. Raises NotFound, Invalid.
    """
    with access.transaction(by, Purpose.ERASE) as desk:
        client = _client(desk, client_id)
        row = _asked(desk, client.id)
        if row is None:
            raise NotFound()
        if waits := _waits(desk, row):
            raise Invalid({"agree": waits})
        _refuse_obstacles(desk, client)
        row.agreed_by = by.id
        desk.audit(Did.AGREED_TO_ERASURE, "client", client.id)
        _erase(desk, client.id, row)
        erasure_id = row.id
    key_care.renew_keys(by)
    return erasure_id


def _refuse_obstacles(desk: Desk, client: tables.Client) -> None:
    if found := tuple(obstacles(desk, client)):
        raise Invalid({"client": " ".join(found)})


def _erase(desk: Desk, client_id: str, row: tables.Erasure | None) -> None:
    """A tombstone, and nothing elsewhere that says who it was; on the list before this transaction ends."""
    _drop_arrivals(desk, client_id)
    gone = {client_id}
    for scan_id in desk.session.scalars(_scans_of(client_id)).all():
        owner = passing.of_scan(scan_id)
        if key := passing.destroy(desk.session, owner, desk.now):
            gone |= {owner, key}
    gone |= set(make_tombstone(desk.session, client_id, desk.now))
    if row is not None:
        row.done_at = desk.now
    desk.audit(Did.ERASED, "client", client_id)
    desk.session.flush()
    erased.keep(desk.practice.settings.instance, desk, dict.fromkeys(gone, desk.now))


def _drop_arrivals(desk: Desk, client_id: str) -> None:
    """Who checked in by this name and birth date these days."""
    profile = profile_of(desk, client_id)
    who = folded(profile.name), profile.born.isoformat() if profile.born else None
    for row in desk.session.scalars(select(tables.Arrival)):
        if row.said_sealed:
            said = desk.open_json(passing.of_day(row.at), Field.ARRIVAL, row.id, row.said_sealed)
            if (folded(said["name"]), said["born"]) == who:
                row.said_sealed, row.done_at = b"", row.done_at or desk.now


_finished: dict[Path, object] = {}  # the list as it was when all on it had been erased


def finish(by: Actor) -> bool:
    """Complete what a power cut left half done: who is on the list of the erased is erased.

    The worker's first job; it costs a look at one file where nothing changed. Returns whether it did
    something. Raises ErasedListChanged.
    """
    instance = by.practice.settings.instance
    before = _state_of_list(instance)
    if _finished.get(instance) == before:
        return False
    with access.transaction(by, Purpose.LOOK_AFTER) as desk:
        listed = erased.read_in(instance, desk)
        half_done = [client for client, key in _living(desk) if client in listed or key in listed]
        for client_id in half_done:
            _erase(desk, client_id, _asked(desk, client_id))
    if half_done:
        key_care.renew_keys(by)
    by.practice.vault.scrub()
    _finished[instance] = _state_of_list(instance)
    return bool(half_done)


def _living(desk: Desk) -> Iterator[tuple[str, str]]:
    """Clients with the ids of their keys."""
    rows = desk.session.execute(
        select(tables.Client.id, tables.ClientKey.id)
        .join(tables.ClientKey, tables.ClientKey.owner == tables.Client.id)
        .where(tables.Client.erased_at.is_(None))
    )
    yield from [(client, key) for client, key in rows]


def _state_of_list(instance: Path) -> object:
    """Another one after each change."""
    states = ((path.name, path.stat()) for path in sorted(instance.glob(erased.NAMES)))
    return tuple((name, state.st_size, state.st_mtime_ns) for name, state in states)
