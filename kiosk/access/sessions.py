"""Staff's sessions: kept on the server, known to the browser by a random token only.

A passphrase begins one; it opens something only once its stage is `open` (`coming_in`, `screens`).
"""

import secrets
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from kiosk.access import second_factor, throttle
from kiosk.access.actors import Actor, Desk, Practice, transaction
from kiosk.access.passwords import verify_passphrase
from kiosk.access.policy import Role
from kiosk.errors import Invalid, ScreenLocked, SecondFactorNeeded, SignInNeeded
from kiosk.vault import new_id
from kiosk.vault.did import Did
from kiosk.vault.states import SessionStage
from kiosk.vault.tables import Staff, StaffSession

LONGEST = timedelta(hours=10)
HALF_WAY_LONGEST = timedelta(minutes=10)  # between the passphrase and the second factor
SAVE_SEEN_EVERY = timedelta(seconds=20)

WRONG = "The name or the passphrase is not right."


def token_hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def nobody(practice: Practice, device: str) -> Actor:
    """Who is not signed in yet."""
    return Actor(practice, id="nobody", name="", roles=frozenset(), device=device, kind="nobody")


def actor_for(practice: Practice, staff: Staff, device: str) -> Actor:
    roles = frozenset(Role(role) for role in staff.roles.split())
    return Actor(practice, id=staff.id, name=staff.name, roles=roles, device=device, kind="staff")


def sign_in(
    practice: Practice,
    name: str,
    passphrase: str,
    device: str,
    old_token: str | None = None,
    machine: str | None = None,
) -> str:
    """Begin a session, and leave the one that was open at this screen; returns its token.

    The same words, and as long a wait, for an unknown name as for a wrong passphrase. Misses at a machine
    that somebody knows are counted by themselves, so that nobody elsewhere can keep them out.
    Raises Invalid, TooManyTries, Locked.
    """
    with transaction(nobody(practice, device)) as desk:
        row = desk.session.scalar(select(Staff).where(Staff.sign_in == name, Staff.left_at.is_(None)))
        staff_id, kept = (row.id, row.passphrase_hash) if row else (None, None)
        known = second_factor.knows(desk, machine, staff_id)
        tried = f"{name.casefold()}\x1f{machine}" if known else name.casefold()
        throttle.attempt(desk, "sign_in", tried)
    right = verify_passphrase(kept, passphrase, practice.vault.key_costs)
    with transaction(nobody(practice, device)) as desk:
        staff = desk.session.get(Staff, staff_id) if right and staff_id else None
        if staff is None or staff.passphrase_hash != kept:  # it was reset meanwhile
            desk.audit(Did.FAILED_SIGN_IN, "staff", staff_id or "unknown", outcome="refused")
            token = None
        else:
            throttle.forget(desk, "sign_in", tried)
            token = _begin(desk, staff, old_token, machine)
    if token is None:
        raise Invalid({"name": WRONG})
    return token


def _begin(desk: Desk, staff: Staff, old_token: str | None, machine: str | None) -> str:
    stage = second_factor.stage_after_passphrase(desk, staff, machine)
    desk.session.execute(delete(StaffSession).where(StaffSession.began_at < desk.now - LONGEST))
    if old_token:
        _leave(desk, old_token)
    if machine:  # one session of each person at a machine
        at_machine = StaffSession.machine_hash == token_hash(machine)
        desk.session.execute(delete(StaffSession).where(StaffSession.staff_id == staff.id, at_machine))
    token = secrets.token_urlsafe(32)
    desk.session.add(
        StaffSession(
            token_hash=token_hash(token),
            id=new_id(),
            staff_id=staff.id,
            device=desk.by.device,
            machine_hash=token_hash(machine) if machine else None,
            began_at=desk.now,
            seen_at=desk.now,
            proved_at=desk.now,
            stage=stage,
        )
    )
    signing_in = Desk(desk, actor_for(desk.practice, staff, desk.by.device))
    signing_in.audit(Did.SIGNED_IN, "staff", staff.id, reason="" if stage == SessionStage.OPEN else stage)
    return token


def _leave(desk: Desk, token: str) -> None:
    """Somebody else signs in at this screen: who was there goes on with a PIN later, or is signed out."""
    row = desk.session.get(StaffSession, token_hash(token))
    if row is None:
        return
    if desk.session.get_one(Staff, row.staff_id).pin_mac and row.stage == SessionStage.OPEN:
        row.stage = SessionStage.LOCKED
    else:
        desk.session.delete(row)
    desk.session.flush()


def renewed(desk: Desk, row: StaffSession) -> str:
    """Another token for the same session, now open: whoever held the one before holds nothing."""
    token = secrets.token_urlsafe(32)
    row.token_hash, row.stage, row.seen_at = token_hash(token), SessionStage.OPEN, desk.now
    return token


def proved(desk: Desk, row: StaffSession) -> str:
    """Its person has just proved who they are: as `renewed`."""
    row.proved_at = desk.now
    return renewed(desk, row)


def back_to_enrol(desk: Desk, token: str) -> None:
    """An open session is half way again, to set up another authenticator. Raises SignInNeeded.

    Its id is another, and with it the secret that waits (`second_factor.enrolment`).
    """
    row, _, _ = in_session(desk, token)
    row.id, row.stage, row.began_at = new_id(), SessionStage.ENROL, desk.now


def end(session: Session, token: str) -> None:
    session.execute(delete(StaffSession).where(StaffSession.token_hash == token_hash(token)))


def end_other_enrolments(desk: Desk, row: StaffSession) -> None:
    """Somebody has an authenticator now: nobody else who came half way to one goes on."""
    half_way = delete(StaffSession).where(StaffSession.stage == SessionStage.ENROL)
    desk.session.execute(half_way.where(StaffSession.staff_id == row.staff_id, StaffSession.id != row.id))


def end_all_of(desk: Desk, staff_id: str, but: str | None = None) -> None:
    """Sign somebody out everywhere, but at the session of the token `but`."""
    theirs = delete(StaffSession).where(StaffSession.staff_id == staff_id)
    desk.session.execute(theirs.where(StaffSession.token_hash != token_hash(but)) if but else theirs)


def in_session(desk: Desk, token: str | None) -> tuple[StaffSession, Staff, SessionStage]:
    """The session of a token, whose it is, and its stage at this moment.

    Raises SignInNeeded for an unknown or ended one, one that is too old, and an idle one without a PIN.
    """
    row = desk.session.get(StaffSession, token_hash(token)) if token else None
    staff = desk.session.get_one(Staff, row.staff_id) if row else None
    if row is None or staff is None or staff.left_at is not None:
        raise SignInNeeded()
    stage = stage_now(desk, row, staff)
    if stage is None:
        raise SignInNeeded()
    return row, staff, stage


def stage_now(desk: Desk, row: StaffSession, staff: Staff) -> SessionStage | None:
    """None for a session that is over."""
    stage = SessionStage(row.stage)
    half_way = stage in (SessionStage.SECOND_FACTOR, SessionStage.ENROL)
    # By either sign: a clock that is set back makes no session last longer.
    if abs(desk.now - row.began_at) > (HALF_WAY_LONGEST if half_way else LONGEST):
        return None
    idle = timedelta(minutes=desk.practice.settings.staff_idle_minutes)
    if stage == SessionStage.OPEN and abs(desk.now - row.seen_at) > idle:
        return SessionStage.LOCKED if staff.pin_mac else None
    return stage


def actor_of(practice: Practice, token: str | None, device: str, *, by_itself: bool = False) -> Actor:
    """Who holds this token; what a page asks `by_itself` keeps no session awake.

    Raises SignInNeeded, and its kinds: ScreenLocked, SecondFactorNeeded.
    """
    if not token:
        raise SignInNeeded()
    with transaction(nobody(practice, device)) as desk:
        row, staff, stage = in_session(desk, token)
        if stage == SessionStage.LOCKED:
            raise ScreenLocked()
        if stage != SessionStage.OPEN:
            raise SecondFactorNeeded()
        if not by_itself and desk.now - row.seen_at > SAVE_SEEN_EVERY:
            # `where` and not the object: a session ended meanwhile is not brought back to life.
            desk.session.execute(
                update(StaffSession).where(StaffSession.token_hash == row.token_hash).values(seen_at=desk.now)
            )
        return actor_for(practice, staff, device)


def sign_out(practice: Practice, token: str, device: str) -> None:
    """End the session of a token, however far it came in: one that is locked or half way too."""
    with transaction(nobody(practice, device)) as desk:
        row = desk.session.get(StaffSession, token_hash(token))
        if row is None:
            return
        staff = desk.session.get_one(Staff, row.staff_id)
        is_theirs = stage_now(desk, row, staff) == SessionStage.OPEN
        _end_noted(Desk(desk, actor_for(practice, staff, device)) if is_theirs else desk, row)


def leave_browser(desk: Desk, token: str | None, machine: str | None) -> None:
    """Nobody is signed in any more at a browser that is known by these, nor goes on there with a PIN."""
    at_browser = or_(
        StaffSession.token_hash == token_hash(token or ""),
        StaffSession.machine_hash == token_hash(machine or ""),
    )
    for row in desk.session.scalars(select(StaffSession).where(at_browser)).all():
        _end_noted(desk, row)


def _end_noted(desk: Desk, row: StaffSession) -> None:
    desk.session.delete(row)
    desk.audit(Did.SIGNED_OUT, "staff", row.staff_id)
