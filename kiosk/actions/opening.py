"""Opening the practice in the morning, locking it, and what opens it: a passphrase and a recovery sheet."""

from datetime import datetime
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import select

from kiosk import access
from kiosk.access import Actor, Practice, Purpose, throttle
from kiosk.actions import words
from kiosk.actions.key_care import renew_keys
from kiosk.actions.practice import check_passphrase
from kiosk.errors import TooManyTries, WrongPassphrase
from kiosk.vault import Store, Vault, lockfile, tables
from kiosk.vault.did import Did
from pdf.opening import unconfined
from pdf.recovery_sheet import RecoverySheet
from pdf.recovery_sheet import recovery_sheet as pdf_of


class Tries:
    """Who tried to open the locked practice: for the wait, and for the trail once it is open.

    In memory, for a locked practice has no key for its table of misses nor for its trail. What forgets them
    is to start it anew, by which somebody at its computer gains nothing: they hold the wrapped keys.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._counted: dict[str, tuple[int, datetime]] = {}
        self._missed = 0

    def begin(self, device: str, now: datetime) -> None:
        """Count a try before anybody knows whether it is right. Raises TooManyTries."""
        with self._lock:
            lately = {
                where: (count, at)
                for where, (count, at) in self._counted.items()
                if abs(now - at) <= throttle.FORGOTTEN_AFTER
            }
            count, at = lately.get(device, (0, now))
            if abs(now - at) < throttle.wait_after(count):
                raise TooManyTries()
            self._counted = {**lately, device: (count + 1, now)}

    def missed(self) -> None:
        with self._lock:
            self._missed += 1

    def opened(self, device: str) -> int:
        """Take back what was counted from there; returns how many missed since the last time."""
        with self._lock:
            self._counted.pop(device, None)
            missed, self._missed = self._missed, 0
            return missed


_tries: WeakKeyDictionary[Vault, Tries] = WeakKeyDictionary()


def unlock(practice: Practice, passphrase: str, device: str, sign_in: str = "") -> None:
    """By the practice's passphrase or recovery code; with `sign_in`, by that person's own passphrase.

    Raises WrongPassphrase, and TooManyTries while the wait has not passed, which grows with the misses from
    one place.
    """
    tries = _tries.setdefault(practice.vault, Tries())
    tries.begin(device, practice.vault.clock())
    try:
        if sign_in:
            practice.vault.unlock_as(sign_in, passphrase)
        else:
            practice.vault.unlock(passphrase)
    except WrongPassphrase:
        tries.missed()
        raise
    missed = tries.opened(device)
    reason = f"{missed} missed before" if missed else ""
    with practice.vault.transaction() as store:
        who = _id_of(store, sign_in) if sign_in else "somebody with the passphrase"
        store.audit(who, "", device, Did.UNLOCKED, "practice", "practice", reason=reason)


def _id_of(store: Store, sign_in: str) -> str:
    return store.session.scalars(select(tables.Staff.id).where(tables.Staff.sign_in == sign_in)).one()


def lock(by: Actor) -> None:
    """Forget the key in every process; nothing opens until the passphrase is given again."""
    with access.transaction(by, Purpose.LOCK) as desk:
        desk.audit(Did.LOCKED, "practice", "practice")
    by.practice.vault.lock()


def change_passphrase(by: Actor, passphrase: str) -> None:
    """Raises Invalid for one that is too short; the old one opens the practice no more."""
    check_passphrase(passphrase)
    with access.transaction(by, Purpose.CHANGE_KEYS) as desk:
        desk.audit(Did.CHANGED_PASSPHRASE, "practice", "practice")
    by.practice.vault.change_passphrase(passphrase)
    renew_keys(by)


def recovery_sheet(by: Actor) -> tuple[str, bytes]:
    """A new code and its sheet as a PDF to print; the sheet before opens nothing any more.

    Nothing keeps the code but the paper.
    """
    with access.transaction(by, Purpose.CHANGE_KEYS) as desk:
        desk.audit(Did.MADE_RECOVERY_SHEET, "practice", "practice")
    code = by.practice.vault.new_recovery_code()
    renew_keys(by)
    return _on_a_sheet(by, code)


def rotate_master_key(by: Actor, passphrase: str) -> tuple[str, bytes]:
    """A new master key under a new passphrase, and the code and the sheet that open it from now on.

    Raises Invalid for a passphrase that is too short, and KioskError while the practice is served: the
    processes that serve it hold the key before.
    """
    check_passphrase(passphrase)
    with lockfile.hold(by.practice.settings.instance):
        with access.transaction(by, Purpose.CHANGE_KEYS) as desk:
            desk.audit(Did.ROTATED_MASTER_KEY, "practice", "practice")
        code = by.practice.vault.rotate_master_key(passphrase)
        renew_keys(by)  # the key files from before open by what opened the practice then
    return _on_a_sheet(by, code)


def what_uploads_keep() -> tuple[str, ...]:
    """What this system could not take away from the process that opens uploads: nothing, at best."""
    return unconfined()


def _on_a_sheet(by: Actor, code: str) -> tuple[str, bytes]:
    settings = by.practice.settings
    made = words.day(by.practice.vault.clock(), settings.time_zone)
    return code, pdf_of(RecoverySheet(settings.practice_name, code, made), settings.paper_size)
