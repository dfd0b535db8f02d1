"""The screens of staff: locked, opened again by a PIN, handed from one person to another."""

from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import select, update

from kiosk.access import throttle
from kiosk.access.actors import Actor, Desk, Practice, transaction
from kiosk.access.sessions import actor_for, end, nobody, proved, stage_now, token_hash
from kiosk.errors import Invalid, SignInNeeded
from kiosk.vault.did import Did
from kiosk.vault.states import SessionStage
from kiosk.vault.tables import Staff, StaffSession

LEAST_PIN, MOST_PIN = 4, 8
PIN_TRIES = 5

WRONG_PIN = "This PIN is not right."


@dataclass(frozen=True)
class Here:
    """Somebody who signed in at this machine today; `session_id` may stand in a page."""

    session_id: str
    name: str


def check_pin(pin: str) -> None:
    """Raises Invalid."""
    if not (pin.isascii() and pin.isdigit() and LEAST_PIN <= len(pin) <= MOST_PIN):
        raise Invalid({"pin": f"A PIN has {LEAST_PIN} to {MOST_PIN} digits."})
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    if len(steps) == 1 and steps <= {-1, 0, 1}:
        raise Invalid({"pin": "Choose a PIN that is not so easily guessed, not like 1234 or 0000."})


def pin_mac(desk: Desk, staff_id: str, pin: str) -> str:
    """Keyed: a PIN is too short for any hash that could be tried without the practice's key."""
    return desk.mac("pin", f"{staff_id}\x1f{pin}")


def lock(by: Actor, token: str) -> None:
    """Leave the screen: the session stays, and waits for its PIN; who has none is signed out."""
    with transaction(by) as desk:
        staff = desk.session.get_one(Staff, by.id)
        if staff.pin_mac is None:
            end(desk.session, token)
            desk.audit(Did.SIGNED_OUT, "staff", by.id)
            return
        desk.session.execute(
            update(StaffSession)
            .where(StaffSession.token_hash == token_hash(token), StaffSession.stage == SessionStage.OPEN)
            .values(stage=SessionStage.LOCKED)
        )
        desk.audit(Did.LOCKED_SCREEN, "staff", by.id)


def people_here(practice: Practice, machine: str | None, device: str) -> tuple[Here, ...]:
    """Who may go on at this machine with a PIN, the one who was there last at the end: another is wanted."""
    with transaction(nobody(practice, device)) as desk:
        rows = [row for row, _ in _waiting(desk, machine)]
        names = {row.id: desk.session.get_one(Staff, row.staff_id).name for row in rows}
        return tuple(Here(row.id, names[row.id]) for row in sorted(rows, key=lambda row: row.seen_at))


def _waiting(desk: Desk, machine: str | None) -> list[tuple[StaffSession, Staff]]:
    if not machine:
        return []
    rows = desk.session.execute(
        select(StaffSession, Staff)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(StaffSession.machine_hash == token_hash(machine))
        .where(Staff.left_at.is_(None), Staff.pin_mac.is_not(None))
    )
    usable = (SessionStage.OPEN, SessionStage.LOCKED)
    return [(row, staff) for row, staff in rows if stage_now(desk, row, staff) in usable]


def go_on(practice: Practice, machine: str | None, session_id: str, pin: str, device: str) -> str:
    """Open a waiting session by its PIN; returns a new token. Whoever else has this screen open is locked.

    Five misses, however far apart, end the session, and only a passphrase begins another.
    Raises Invalid, SignInNeeded.
    """
    with transaction(nobody(practice, device)) as desk:
        waiting = _waiting(desk, machine)
        chosen = next(((row, staff) for row, staff in waiting if row.id == session_id), None)
        if chosen is None:
            raise SignInNeeded()
        row, staff = chosen
        given = give_pin(desk, row, staff, pin)
        if isinstance(given, str):
            for other, _ in waiting:
                if other is not row:
                    other.stage = SessionStage.LOCKED
    if isinstance(given, str):
        return given
    raise given


def give_pin(desk: Desk, row: StaffSession, staff: Staff, pin: str) -> str | Invalid | SignInNeeded:
    """A new token for the session; for a wrong PIN what is to be raised once the miss is written down.

    Five misses, however far apart, end the session.
    """
    if staff.pin_mac == pin_mac(desk, staff.id, pin):
        Desk(desk, actor_for(desk.practice, staff, desk.by.device)).audit(Did.GAVE_PIN, "staff", staff.id)
        return proved(desk, row)
    ended = throttle.miss(desk, "pin", row.id, fades=False) >= PIN_TRIES
    if ended:
        throttle.forget(desk, "pin", row.id)
        desk.session.delete(row)
    desk.audit(Did.MISSED_PIN, "staff", staff.id, outcome="refused")
    return SignInNeeded() if ended else Invalid({"pin": WRONG_PIN})
