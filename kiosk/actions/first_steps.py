"""What a new practice still needs once it is made: its people, a tablet, a place for backups."""

from dataclasses import dataclass

from sqlalchemy import func, select

from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import backup_places
from kiosk.vault import OFFICE, Field
from kiosk.vault.did import Did
from kiosk.vault.tables import OfficeItem, Staff, Tablet

ITEM = "first_steps"


@dataclass(frozen=True)
class FirstSteps:
    """What is done already; each may be left for later."""

    people: bool
    tablet: bool
    backup: bool


def ask_for(desk: Desk) -> None:
    """From its foundation on the owner is led to them, until they say that all is there."""
    desk.session.add(
        OfficeItem(name=ITEM, value_sealed=desk.seal(OFFICE, Field.OFFICE_ITEM, ITEM, b"waiting"))
    )


def are_waiting(by: Actor) -> bool:
    with access.transaction(by, Purpose.SEE_OFFICE) as desk:
        return desk.session.get(OfficeItem, ITEM) is not None


def view(by: Actor) -> FirstSteps:
    with access.transaction(by, Purpose.SEE_OFFICE) as desk:

        def there(what: type[Staff | Tablet], *such: object) -> int:
            found = select(func.count()).select_from(what).where(*such)  # type: ignore[arg-type]
            return desk.session.scalar(found) or 0

        return FirstSteps(
            people=there(Staff, Staff.left_at.is_(None)) > 1,
            tablet=there(Tablet, Tablet.revoked_at.is_(None)) > 0,
            backup=backup_places.disk(desk) is not None,
        )


def done(by: Actor) -> None:
    """The owner has all they need, or comes back to it by themselves."""
    with access.transaction(by, Purpose.SEE_OFFICE) as desk:
        row = desk.session.get(OfficeItem, ITEM)
        if row is not None:
            desk.session.delete(row)
            desk.audit(Did.ENDED_FIRST_STEPS, "practice", "practice")
