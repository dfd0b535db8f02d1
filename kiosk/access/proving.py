"""Once more: who asks for a grave act proves who they are, if they did so more than a few minutes ago."""

from datetime import timedelta

from kiosk.access import throttle
from kiosk.access.actors import Actor, Desk, transaction
from kiosk.access.passwords import verify_passphrase
from kiosk.access.screens import give_pin
from kiosk.access.sessions import in_session, nobody, proved
from kiosk.errors import Invalid, SignInNeeded
from kiosk.vault.did import Did
from kiosk.vault.states import SessionStage
from kiosk.vault.tables import Staff, StaffSession

PROOF_MINUTES = 5

WRONG_PASSPHRASE = "This is not your passphrase."  # noqa: S105  # words


def has_proved(by: Actor, token: str | None) -> bool:
    """Whether somebody proved who they are a moment ago, in this session. Raises SignInNeeded."""
    with transaction(by) as desk:
        row, _ = _open_session(desk, token)
        # By either sign: a clock that is set back makes no proof last longer.
        return row.proved_at is not None and abs(desk.now - row.proved_at) <= timedelta(minutes=PROOF_MINUTES)


def _open_session(desk: Desk, token: str | None) -> tuple[StaffSession, Staff]:
    row, staff, stage = in_session(desk, token)
    if stage != SessionStage.OPEN:
        raise SignInNeeded()
    return row, staff


def has_pin(by: Actor) -> bool:
    with transaction(by) as desk:
        return desk.session.get_one(Staff, by.id).pin_mac is not None


def prove(by: Actor, token: str | None, pin: str, passphrase: str) -> str:
    """By the PIN, or the passphrase of who has none; returns a new token for the session.

    Raises Invalid, TooManyTries, and SignInNeeded where five missed PINs have ended the session.
    """
    if has_pin(by):
        return _by_pin(by, token, pin)
    check_own_passphrase(by, passphrase)
    with transaction(by) as desk:
        row, _ = _open_session(desk, token)
        desk.audit(Did.GAVE_PASSPHRASE, "staff", by.id)
        return proved(desk, row)


def _by_pin(by: Actor, token: str | None, pin: str) -> str:
    """Nobody is said to have missed a PIN but nobody: it is not known who tries."""
    with transaction(nobody(by.practice, by.device)) as desk:
        given = give_pin(desk, *_open_session(desk, token), pin)
    if isinstance(given, str):
        return given
    raise given


def check_own_passphrase(by: Actor, passphrase: str) -> None:
    """Raises Invalid, and TooManyTries after five misses: an open screen must not be a place to guess."""
    with transaction(by) as desk:
        throttle.attempt(desk, "own_passphrase", by.id)
        kept = desk.session.get_one(Staff, by.id).passphrase_hash
    right = verify_passphrase(kept, passphrase, by.practice.vault.key_costs)
    with transaction(by) as desk:
        if right:
            throttle.forget(desk, "own_passphrase", by.id)
        else:
            desk.audit(Did.FAILED_SIGN_IN, "staff", by.id, outcome="refused")
    if not right:
        raise Invalid({"passphrase": WRONG_PASSPHRASE})
