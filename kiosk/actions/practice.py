"""Founding a practice: its settings, its keys, its seal, its first people."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from forms.catalog import Catalog, load_catalog
from forms.definition import UnknownForm
from kiosk import access
from kiosk.access import Actor, Desk, Practice, Role
from kiosk.access.passwords import hash_passphrase
from kiosk.actions import brand
from kiosk.actions.sealing import make_seal_key
from kiosk.errors import Invalid, SettingsError
from kiosk.settings import Settings
from kiosk.vault import Vault, folder, new_id, tables
from kiosk.vault.did import Did

LEAST_PASSPHRASE = 12


@dataclass(frozen=True)
class NewStaff:
    sign_in: str
    name: str
    roles: tuple[Role, ...]
    passphrase: str


def found(practice: Practice, passphrase: str, staff: Iterable[NewStaff], code: bytes | None = None) -> None:
    """Make the vault, the seal and the first people of a practice whose settings are written.

    `code` is that of a recovery sheet which is in its owner's hands. Raises Invalid for a passphrase that is
    too short, before anything is made.
    """
    people = list(staff)
    for given in (passphrase, *(person.passphrase for person in people)):
        check_passphrase(given)
    practice.vault.create(passphrase, code)
    with access.transaction(system(practice)) as desk:
        make_seal_key(desk)
        for person in people:
            add_staff(desk, person)
        desk.audit(Did.CREATED_PRACTICE, "practice", "practice")
        if code is not None:
            desk.audit(Did.MADE_RECOVERY_SHEET, "practice", "practice")


def check_passphrase(given: str) -> None:
    """Raises Invalid."""
    if len(given) < LEAST_PASSPHRASE:
        raise Invalid({"passphrase": f"A passphrase has at least {LEAST_PASSPHRASE} characters."})


def add_staff(desk: Desk, person: NewStaff) -> str:
    staff_id = new_id()
    desk.session.add(
        tables.Staff(
            id=staff_id,
            sign_in=person.sign_in,
            name=person.name,
            roles=" ".join(person.roles),
            passphrase_hash=hash_passphrase(person.passphrase, desk.practice.vault.key_costs),
        )
    )
    desk.session.flush()
    desk.audit(Did.ADDED_STAFF, "staff", staff_id)
    return staff_id


def system(practice: Practice) -> Actor:
    """What the practice's own processes act as: the worker and the command line."""
    return Actor(
        practice, id="system", name="the practice", roles=frozenset(), device="server", kind="system"
    )


def now() -> datetime:
    """The clock of a practice that is really served; tests and the sample practice hand in their own."""
    return datetime.now(UTC)


def open_practice(instance: Path, clock: Callable[[], datetime]) -> Practice:
    """The practice that lies in a folder; locked. Raises KioskError, SettingsError, DefinitionError."""
    for place in (instance, instance / folder.INBOX, instance / folder.BACKUPS):  # any may be a link
        folder.refuse_synchronised(place)
    folder.finish_founding(instance)
    settings = Settings.load(instance)
    brand.of(settings)  # a logo that is none is said at the start
    return Practice(settings, Vault(settings, clock), offered_forms(settings))


COVERED = ("covered", "unknown")  # not to know counts as covered


def offered_forms(settings: Settings) -> Catalog:
    """The shipped forms and the practice's own, of which it asks those that its settings say.

    Raises SettingsError, DefinitionError.
    """
    catalog = load_catalog(settings.instance / "forms")
    try:
        return catalog.offering(
            covered=settings.hipaa_status in COVERED,
            also=settings.forms_also,
            without=settings.forms_left_out,
        )
    except UnknownForm as unknown:
        raise SettingsError(
            f"practice.toml names the form {unknown}, which there is not.", "`kiosk forms list` lists them."
        ) from None
