"""How one signs in oneself: passphrase, PIN, second factor. Each change asks for the passphrase once more."""

import io
from dataclasses import dataclass

import segno
from sqlalchemy import select

from kiosk import access
from kiosk.access import Actor, Desk, Purpose, second_factor, sessions
from kiosk.access.passwords import hash_passphrase
from kiosk.access.proving import check_own_passphrase
from kiosk.access.screens import check_pin, pin_mac
from kiosk.actions.practice import check_passphrase
from kiosk.errors import Invalid
from kiosk.vault.did import Did
from kiosk.vault.tables import AuditEntry, Staff

NOT_ENROLLED = "There is no second factor yet. Set one up first."
QR_PIXELS = 6  # a module
SETS_PASSPHRASE = (Did.ADDED_STAFF, Did.RESET_SIGN_IN, Did.CHANGED_OWN_PASSPHRASE)


@dataclass(frozen=True)
class OwnAccess:
    """What one has. `required`: nobody here signs in without a second factor.

    `known_to_another`: the passphrase is one that somebody else of the staff chose.
    """

    has_pin: bool
    has_second_factor: bool
    required: bool
    idle_minutes: int
    known_to_another: bool


def view(by: Actor) -> OwnAccess:
    settings = by.practice.settings
    with access.transaction(by, Purpose.OWN_ACCESS) as desk:
        me = _me(desk)
        return OwnAccess(
            has_pin=me.pin_mac is not None,
            has_second_factor=second_factor.enrolled(me),
            required=settings.second_factor == "required",
            idle_minutes=settings.staff_idle_minutes,
            known_to_another=_known_to_another(desk),
        )


def passphrase_is_known_to_another(by: Actor) -> bool:
    """Whether somebody else of the staff chose the passphrase that one signs in with."""
    with access.transaction(by, Purpose.OWN_ACCESS) as desk:
        return _known_to_another(desk)


def _known_to_another(desk: Desk) -> bool:
    """By the trail: what the practice itself set, as at its founding, was typed by whoever it is for."""
    about_me = select(AuditEntry.actor).where(AuditEntry.object == desk.by.id, AuditEntry.kind == "staff")
    sets = about_me.where(AuditEntry.did.in_(SETS_PASSPHRASE)).order_by(AuditEntry.seq.desc())
    return desk.session.scalar(sets.limit(1)) not in (None, "system", desk.by.id)


def _me(desk: Desk) -> Staff:
    return desk.session.get_one(Staff, desk.by.id)


def set_pin(by: Actor, passphrase: str, pin: str) -> None:
    """Raises Invalid, TooManyTries."""
    check_pin(pin)
    check_own_passphrase(by, passphrase)
    with access.transaction(by, Purpose.OWN_ACCESS) as desk:
        _me(desk).pin_mac = pin_mac(desk, by.id, pin)
        desk.audit(Did.SET_PIN, "staff", by.id)


def change_passphrase(by: Actor, passphrase: str, new: str, again: str, token: str) -> None:
    """Every other session of this person ends, and so does opening the practice by the old passphrase.

    Raises Invalid, TooManyTries.
    """
    if new != again:
        raise Invalid({"again": "The two are not the same. Type the new passphrase once more."})
    check_passphrase(new)
    check_own_passphrase(by, passphrase)
    with access.transaction(by, Purpose.OWN_ACCESS) as desk:
        me = _me(desk)
        me.passphrase_hash = hash_passphrase(new, by.practice.vault.key_costs)
        may_open = me.may_open
        sessions.end_all_of(desk, by.id, but=token)
        desk.audit(Did.CHANGED_OWN_PASSPHRASE, "staff", by.id)
    if may_open:
        by.practice.vault.wrap_for_staff(by.id, new)


def begin_enrolment(by: Actor, passphrase: str, code: str, token: str) -> None:
    """This session is half way in again, and sets up another authenticator; who has one gives its code too.

    The one before counts until the new one's first code. Raises Invalid, TooManyTries.
    """
    check_own_passphrase(by, passphrase)
    _prove_factor(by, code)
    with access.transaction(by, Purpose.OWN_ACCESS) as desk:
        sessions.back_to_enrol(desk, token)


def _prove_factor(by: Actor, code: str) -> None:
    with access.transaction(by, Purpose.OWN_ACCESS) as desk:
        me = _me(desk)
        right = not second_factor.enrolled(me) or second_factor.check(desk, me, code)
    if not right:
        raise Invalid({"code": second_factor.WRONG})


def new_codes(by: Actor, passphrase: str, code: str) -> tuple[str, ...]:
    """Codes to print in place of those that were lost or used up. Raises Invalid, TooManyTries."""
    check_own_passphrase(by, passphrase)
    _prove_factor(by, code)
    with access.transaction(by, Purpose.OWN_ACCESS) as desk:
        me = _me(desk)
        if not second_factor.enrolled(me):
            raise Invalid({"passphrase": NOT_ENROLLED})
        desk.audit(Did.MADE_STAFF_CODES, "staff", by.id)
        return second_factor.new_codes(desk, me)


def picture(address: str) -> bytes:
    """The QR code (PNG) that an authenticator's camera reads."""
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="png", scale=QR_PIXELS, border=3)
    return out.getvalue()
