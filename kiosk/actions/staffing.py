"""Who works here: people come, and people leave; what each signs in with; where each is signed in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select

from kiosk import access
from kiosk.access import Actor, Desk, Purpose, Role, second_factor, sessions
from kiosk.access.passwords import hash_passphrase
from kiosk.actions import words
from kiosk.actions.practice import NewStaff, add_staff, check_passphrase
from kiosk.errors import Invalid, NotFound
from kiosk.vault import tables
from kiosk.vault.did import Did
from kiosk.vault.states import SessionStage

STAGES: Mapping[SessionStage, str] = {
    SessionStage.OPEN: "open",
    SessionStage.LOCKED: "locked",
    SessionStage.SECOND_FACTOR: "at the second factor",
    SessionStage.ENROL: "setting up the second factor",
}


@dataclass(frozen=True)
class StaffRow:
    """`may_open` is what the owner said; `opens`, that their passphrase does by now."""

    id: str
    sign_in: str
    name: str
    roles: tuple[Role, ...]
    has_second_factor: bool
    has_pin: bool
    may_open: bool
    opens: bool


@dataclass(frozen=True)
class SessionRow:
    """One place where somebody is signed in. `own`: the one that looks at this list."""

    id: str
    who: str
    device: str
    since: str
    seen: str
    stage: str
    own: bool


def everybody(by: Actor) -> tuple[StaffRow, ...]:
    """Who works here now, by name."""
    with access.transaction(by, Purpose.MANAGE_STAFF) as desk:
        wrapped = set(desk.session.scalars(select(tables.KeyWrap.staff_id)))
        return tuple(
            StaffRow(
                id=row.id,
                sign_in=row.sign_in,
                name=row.name,
                roles=_roles(row),
                has_second_factor=second_factor.enrolled(row),
                has_pin=row.pin_mac is not None,
                may_open=row.may_open,
                opens=row.may_open and row.id in wrapped,
            )
            for row in here(desk)
        )


def add(by: Actor, person: NewStaff) -> None:
    """Raises Invalid for a sign-in name that is taken, an empty name, no role, a short passphrase."""
    check_passphrase(person.passphrase)
    if not (person.name.strip() and person.sign_in.strip() and person.roles):
        raise Invalid({"name": "Somebody has a name, a name for signing in, and a role."})
    with access.transaction(by, Purpose.MANAGE_STAFF) as desk:
        # Also of those who left: in the trail a name stays one person's.
        if desk.session.scalar(select(tables.Staff.id).where(tables.Staff.sign_in == person.sign_in)):
            raise Invalid({"sign_in": f"The name {person.sign_in} is taken. Choose another one."})
        add_staff(desk, person)


def add_typed(by: Actor, name: str, sign_in: str, roles: Iterable[str], passphrase: str, again: str) -> None:
    """Somebody as the owner typed them in. Raises Invalid."""
    if passphrase != again:
        raise Invalid({"again": "The two are not the same. Type the passphrase once more."})
    known = tuple(Role(role) for role in roles if role in set(Role))
    add(by, NewStaff(" ".join(sign_in.split()), " ".join(name.split()), known, passphrase))


def remove(by: Actor, who: str) -> None:
    """Somebody works here no more: they are signed out at once, and open the practice no more.

    What they did stays theirs. Raises NotFound for nobody of this name, Invalid for the last owner.
    """
    with access.transaction(by, Purpose.MANAGE_STAFF) as desk:
        leaving = _named(desk, who)
        if not any(Role.OWNER in _roles(row) for row in here(desk) if row is not leaving):
            raise Invalid({"sign_in": "This is the last owner. Add another one first."})
        leaving.left_at, leaving.may_open, leaving.pin_mac = desk.now, False, None
        sessions.end_all_of(desk, leaving.id)
        second_factor.reset(desk, leaving)
        _drop_wrap(desk, leaving)
        desk.audit(Did.REMOVED_STAFF, "staff", leaving.id)


def reset(by: Actor, who: str, passphrase: str) -> None:
    """Somebody lost what they sign in with: a new passphrase; no PIN and no authenticator until they set one.

    They are signed out everywhere. Raises Invalid, NotFound.
    """
    check_passphrase(passphrase)
    with access.transaction(by, Purpose.MANAGE_STAFF) as desk:
        row = _named(desk, who)
        row.passphrase_hash = hash_passphrase(passphrase, by.practice.vault.key_costs)
        row.pin_mac = None
        sessions.end_all_of(desk, row.id)
        second_factor.reset(desk, row)
        _drop_wrap(desk, row)
        desk.audit(Did.RESET_SIGN_IN, "staff", row.id)


def let_open(by: Actor, who: str, may: bool) -> None:
    """Whether somebody's own passphrase opens the practice in the morning: from their next sign-in on.

    Taken back, it opens nothing from this moment on. Raises NotFound.
    """
    with access.transaction(by, Purpose.MANAGE_STAFF) as desk:
        row = _named(desk, who)
        row.may_open = may
        if not may:
            _drop_wrap(desk, row)
        desk.audit(Did.CHANGED_WHO_OPENS, "staff", row.id, reason="may" if may else "may not")


def signed_in(by: Actor, token: str | None) -> tuple[SessionRow, ...]:
    """Every place where somebody is signed in, the last seen first."""
    with access.transaction(by, Purpose.END_SESSIONS) as desk:
        own = sessions.token_hash(token) if token else ""
        rows = desk.session.execute(
            select(tables.StaffSession, tables.Staff)
            .join(tables.Staff, tables.Staff.id == tables.StaffSession.staff_id)
            .order_by(tables.StaffSession.seen_at.desc())
        )
        return tuple(
            _session_row(desk, row, staff, stage, row.token_hash == own)
            for row, staff in rows
            if (stage := sessions.stage_now(desk, row, staff)) is not None
        )


def _session_row(
    desk: Desk, row: tables.StaffSession, staff: tables.Staff, stage: SessionStage, own: bool
) -> SessionRow:
    zone = desk.practice.settings.time_zone
    since, seen = words.moment(row.began_at, zone), words.clock(row.seen_at, zone)
    return SessionRow(row.id, staff.name, row.device, since, seen, STAGES[stage], own)


def end_session(by: Actor, session_id: str) -> None:
    """Sign somebody out at one place, at once. Raises NotFound."""
    with access.transaction(by, Purpose.END_SESSIONS) as desk:
        row = desk.session.scalar(select(tables.StaffSession).where(tables.StaffSession.id == session_id))
        if row is None:
            raise NotFound()
        desk.session.delete(row)
        desk.audit(Did.ENDED_SESSION, "staff", row.staff_id)


def here(desk: Desk) -> list[tables.Staff]:
    """Who works here now, by name."""
    found = select(tables.Staff).where(tables.Staff.left_at.is_(None)).order_by(tables.Staff.name)
    return list(desk.session.scalars(found))


def _named(desk: Desk, who: str) -> tables.Staff:
    """By the name for signing in, or by the id."""
    for row in here(desk):
        if who in (row.sign_in, row.id):
            return row
    raise NotFound(f"Nobody signs in as {who}.", "`kiosk staff list` says who does.")


def _drop_wrap(desk: Desk, row: tables.Staff) -> None:
    desk.session.execute(delete(tables.KeyWrap).where(tables.KeyWrap.staff_id == row.id))


def _roles(row: tables.Staff) -> tuple[Role, ...]:
    return tuple(Role(role) for role in row.roles.split())
