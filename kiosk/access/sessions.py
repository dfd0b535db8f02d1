"""Staff's sessions: kept on the server, known to the browser by a random token only."""

import secrets
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import delete, select, update

from kiosk.access import throttle
from kiosk.access.actors import Actor, Practice, transaction
from kiosk.access.passwords import verify_passphrase
from kiosk.access.policy import Role
from kiosk.errors import Invalid, SignInNeeded
from kiosk.vault import new_id
from kiosk.vault.did import Did
from kiosk.vault.tables import Staff, StaffSession

LONGEST = timedelta(hours=12)
SAVE_SEEN_EVERY = timedelta(seconds=20)

WRONG = "The name or the passphrase is not right."


def token_hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def nobody(practice: Practice, device: str) -> Actor:
    """Who is not signed in yet."""
    return Actor(practice, id="nobody", name="", roles=frozenset(), device=device, kind="nobody")


def sign_in(practice: Practice, name: str, passphrase: str, device: str, old_token: str | None = None) -> str:
    """Begin a session and end the one before it; returns its token.

    The same words, and as long a wait, for an unknown name as for a wrong passphrase.
    Raises Invalid, TooManyTries, Locked.
    """
    with transaction(nobody(practice, device)) as desk:
        throttle.check(desk, "sign_in", name.casefold())
        row = desk.session.scalar(select(Staff).where(Staff.sign_in == name, Staff.left_at.is_(None)))
        staff_id, kept = (row.id, row.passphrase_hash) if row else (None, None)
    right = verify_passphrase(kept, passphrase, practice.vault.key_costs)
    with transaction(nobody(practice, device)) as desk:
        if not right or staff_id is None:
            throttle.miss(desk, "sign_in", name.casefold())
            desk.audit(Did.FAILED_SIGN_IN, "staff", staff_id or "unknown", outcome="refused")
            token = None
        else:
            throttle.forget(desk, "sign_in", name.casefold())
            token = secrets.token_urlsafe(32)
            if old_token:
                _end(desk.session, old_token)
            desk.session.add(
                StaffSession(
                    token_hash=token_hash(token),
                    id=new_id(),
                    staff_id=staff_id,
                    device=device,
                    began_at=desk.now,
                    seen_at=desk.now,
                )
            )
            desk.audit(Did.SIGNED_IN, "staff", staff_id)
    if token is None:
        raise Invalid({"name": WRONG})
    return token


def _end(session, token: str) -> None:  # type: ignore[no-untyped-def]
    session.execute(delete(StaffSession).where(StaffSession.token_hash == token_hash(token)))


def actor_of(practice: Practice, token: str | None, device: str) -> Actor:
    """Who holds this token. Raises SignInNeeded for an unknown, ended, idle or old session."""
    if not token:
        raise SignInNeeded()
    idle = timedelta(minutes=practice.settings.staff_idle_minutes)
    with transaction(nobody(practice, device)) as desk:
        row = desk.session.get(StaffSession, token_hash(token))
        if row is None or desk.now - row.seen_at > idle or desk.now - row.began_at > LONGEST:
            raise SignInNeeded()
        staff = desk.session.get_one(Staff, row.staff_id)
        if staff.left_at is not None:
            raise SignInNeeded()
        if desk.now - row.seen_at > SAVE_SEEN_EVERY:
            # `where` and not the object: a session ended meanwhile is not brought back to life.
            desk.session.execute(
                update(StaffSession).where(StaffSession.token_hash == row.token_hash).values(seen_at=desk.now)
            )
        roles = frozenset(Role(role) for role in staff.roles.split())
        return Actor(practice, id=staff.id, name=staff.name, roles=roles, device=device, kind="staff")


def sign_out(by: Actor, token: str) -> None:
    with transaction(by) as desk:
        _end(desk.session, token)
        desk.audit(Did.SIGNED_OUT, "staff", by.id)
