"""The second factor of staff: six digits from an authenticator (TOTP, RFC 6238), once a day a machine.

Its secret is kept encrypted; a code is taken once; printed codes stand in for a lost authenticator.
A secret that no code has confirmed yet is kept nowhere: it follows from the session that sets it up.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

import pyotp
from sqlalchemy import delete

from kiosk.access import throttle
from kiosk.access.actors import Desk
from kiosk.vault import OFFICE, Field
from kiosk.vault.did import Did
from kiosk.vault.states import SessionStage
from kiosk.vault.tables import Machine, Staff, StaffCode

ONCE_IN = timedelta(hours=24)
STEP_SECONDS = 30
DRIFT_STEPS = 1  # a phone's clock that is half a minute off
CODES = 8
CODE_LETTERS = "34679ACDEFGHJKMNPQRTWXY"
CODE_LENGTH = 10  # 23^10 = 4e13, and tries are slowed down
SECRET_BYTES = 20  # RFC 4226, section 4

WRONG = "This code is not right. Wait for the next one, and try again."


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator is given: the secret to type, and the address that its camera reads.

    `replaces`: there is one already, which counts until this one is confirmed.
    """

    secret: str
    address: str
    replaces: bool


def _hash(machine: str) -> str:
    return sha256(machine.encode()).hexdigest()


def knows(desk: Desk, machine: str | None, staff_id: str | None) -> bool:
    """Whether this person once gave their second factor at this machine."""
    key = (_hash(machine or ""), staff_id or "")
    return desk.session.get(Machine, key) is not None


def enrolled(staff: Staff) -> bool:
    return staff.totp_sealed is not None and staff.totp_counter is not None


def stage_after_passphrase(desk: Desk, staff: Staff, machine: str | None) -> SessionStage:
    """How far a right passphrase brings somebody at this machine today."""
    if not enrolled(staff):
        required = desk.practice.settings.second_factor == "required"
        return SessionStage.ENROL if required else SessionStage.OPEN
    row = desk.session.get(Machine, (_hash(machine or ""), staff.id))
    fresh = row is not None and timedelta() <= desk.now - row.proved_at < ONCE_IN
    return SessionStage.OPEN if fresh else SessionStage.SECOND_FACTOR


def enrolment(desk: Desk, staff: Staff, session_id: str) -> Enrolment:
    """What the authenticator of somebody who enrols in this session is given, and nobody in another one."""
    secret = _waiting_secret(desk, session_id)
    totp = pyotp.TOTP(secret, name=staff.sign_in, issuer=desk.practice.settings.practice_name)
    return Enrolment(secret, totp.provisioning_uri(), enrolled(staff))


def _waiting_secret(desk: Desk, session_id: str) -> str:
    keyed = bytes.fromhex(desk.mac("waiting_totp", session_id))
    return base64.b32encode(keyed[:SECRET_BYTES]).decode()


def confirm(desk: Desk, staff: Staff, session_id: str, code: str) -> tuple[str, ...] | None:
    """Enrol by the first code, in place of what counted before; returns the codes to print.

    None for a wrong one, which changes nothing.
    """
    secret = _waiting_secret(desk, session_id)
    counter = _counter(desk, secret, None, code)
    if counter is None:
        return None
    if enrolled(staff):
        reset(desk, staff)
    staff.totp_sealed = desk.seal(OFFICE, Field.STAFF_TOTP, staff.id, secret.encode())
    staff.totp_counter = counter
    desk.audit(Did.ENROLLED_SECOND_FACTOR, "staff", staff.id)
    return new_codes(desk, staff)


def new_codes(desk: Desk, staff: Staff) -> tuple[str, ...]:
    """Codes to print, each for one use; those before are worth nothing."""
    desk.session.execute(delete(StaffCode).where(StaffCode.staff_id == staff.id))
    codes = tuple("".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH)) for _ in range(CODES))
    desk.session.add_all(
        StaffCode(code_mac=_code_mac(desk, staff, code), staff_id=staff.id) for code in codes
    )
    return tuple(f"{code[:5]}-{code[5:]}" for code in codes)


def _code_mac(desk: Desk, staff: Staff, code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter in CODE_LETTERS)
    return desk.mac("staff_code", f"{staff.id}\x1f{plain}")


def _counter(desk: Desk, secret: str, last: int | None, code: str) -> int | None:
    """Which step of time a code belongs to; the `last` that was used, or an older one, belongs to none."""
    digits = "".join(code.split())
    totp, step = pyotp.TOTP(secret), int(desk.now.timestamp()) // STEP_SECONDS
    for counter in range(step - DRIFT_STEPS, step + DRIFT_STEPS + 1):
        used = last is not None and counter <= last
        if not used and pyotp.utils.strings_equal(digits, totp.generate_otp(counter)):
            return counter
    return None


def _own_counter(desk: Desk, staff: Staff, code: str) -> int | None:
    """As `_counter`, of the authenticator that somebody has; None of nobody's."""
    if staff.totp_sealed is None or staff.totp_counter is None:
        return None
    secret = desk.open(OFFICE, Field.STAFF_TOTP, staff.id, staff.totp_sealed).decode()
    return _counter(desk, secret, staff.totp_counter, code)


def check(desk: Desk, staff: Staff, code: str) -> bool:
    """Whether this is a code of now, or a printed one; either is used up by it. Raises TooManyTries."""
    throttle.check(desk, "second_factor", staff.id)
    counter = _own_counter(desk, staff, code)
    printed = desk.session.get(StaffCode, _code_mac(desk, staff, code))
    if counter is not None:
        staff.totp_counter = counter
        desk.audit(Did.GAVE_SECOND_FACTOR, "staff", staff.id)
    elif printed is not None and printed.used_at is None:
        printed.used_at = desk.now
        desk.audit(Did.USED_STAFF_CODE, "staff", staff.id)
    else:
        throttle.miss(desk, "second_factor", staff.id)
        desk.audit(Did.MISSED_SECOND_FACTOR, "staff", staff.id, outcome="refused")
        return False
    throttle.forget(desk, "second_factor", staff.id)
    return True


def remember(desk: Desk, machine: str | None, staff_id: str) -> None:
    """This person proved themselves at this machine, now."""
    if machine:
        desk.session.merge(Machine(token_hash=_hash(machine), staff_id=staff_id, proved_at=desk.now))


def reset(desk: Desk, staff: Staff) -> None:
    """The authenticator is gone: its secret, the printed codes and the machines that knew it."""
    staff.totp_sealed = staff.totp_counter = None
    desk.session.execute(delete(StaffCode).where(StaffCode.staff_id == staff.id))
    desk.session.execute(delete(Machine).where(Machine.staff_id == staff.id))
    desk.audit(Did.RESET_SECOND_FACTOR, "staff", staff.id)
