"""Coming in: signing in, and the own passphrase that may open the practice in the morning."""

from sqlalchemy import select

from kiosk import access
from kiosk.access import Practice
from kiosk.vault import tables


def sign_in(
    practice: Practice, name: str, passphrase: str, device: str, old_token: str | None, machine: str
) -> str:
    """Begin a session; returns its token. Whoever may open the practice can, from now on, by this passphrase.

    Raises Invalid, TooManyTries, Locked.
    """
    token = access.sign_in(practice, name, passphrase, device, old_token, machine)
    if (staff_id := _waits_for_wrap(practice, name)) is not None:
        practice.vault.wrap_for_staff(staff_id, passphrase)
    return token


def _waits_for_wrap(practice: Practice, name: str) -> str | None:
    """Somebody who may open the practice, and for whose passphrase the key is not wrapped yet."""
    with practice.vault.transaction() as store:
        wrapped = select(tables.KeyWrap.id).where(tables.KeyWrap.staff_id == tables.Staff.id)
        return store.session.scalar(
            select(tables.Staff.id)
            .where(tables.Staff.sign_in == name, tables.Staff.left_at.is_(None))
            .where(tables.Staff.may_open, ~wrapped.exists())
        )
