"""Who works here: people come, and people leave."""

from dataclasses import dataclass

from sqlalchemy import delete, select

from kiosk import access
from kiosk.access import Actor, Desk, Purpose, Role
from kiosk.actions.practice import NewStaff, add_staff, check_passphrase
from kiosk.errors import Invalid
from kiosk.vault import tables
from kiosk.vault.did import Did


@dataclass(frozen=True)
class StaffRow:
    sign_in: str
    name: str
    roles: tuple[Role, ...]


def everybody(by: Actor) -> tuple[StaffRow, ...]:
    """Who works here now, by name."""
    with access.transaction(by, Purpose.MANAGE_STAFF) as desk:
        return tuple(StaffRow(row.sign_in, row.name, _roles(row)) for row in staff_here(desk))


def add(by: Actor, person: NewStaff) -> None:
    """Raises Invalid for a sign-in name that is taken, an empty name, no role, a short passphrase."""
    check_passphrase(person.passphrase)
    if not (person.name.strip() and person.sign_in.strip() and person.roles):
        raise Invalid({"name": "Somebody has a name, a name for signing in, and a role."})
    with access.transaction(by, Purpose.MANAGE_STAFF) as desk:
        # Also of those who left: in the trail a name stays one person's.
        if desk.session.scalar(select(tables.Staff.id).where(tables.Staff.sign_in == person.sign_in)):
            raise Invalid({"sign_in": f"The name {person.sign_in} is taken. Choose another one."})
        add_staff(desk, person)


def remove(by: Actor, sign_in: str) -> None:
    """Somebody works here no more: they are signed out at once, and what they did stays theirs.

    Raises Invalid for nobody of this name, and for the last owner.
    """
    with access.transaction(by, Purpose.MANAGE_STAFF) as desk:
        here = staff_here(desk)
        leaving = next((row for row in here if row.sign_in == sign_in), None)
        if leaving is None:
            raise Invalid({"sign_in": f"Nobody signs in as {sign_in}. `kiosk staff list` says who does."})
        if not any(Role.OWNER in _roles(row) for row in here if row is not leaving):
            raise Invalid({"sign_in": "This is the last owner. Add another one first."})
        leaving.left_at = desk.now
        desk.session.execute(delete(tables.StaffSession).where(tables.StaffSession.staff_id == leaving.id))
        desk.audit(Did.REMOVED_STAFF, "staff", leaving.id)


def staff_here(desk: Desk) -> list[tables.Staff]:
    """Who works here now, by name."""
    here = select(tables.Staff).where(tables.Staff.left_at.is_(None)).order_by(tables.Staff.name)
    return list(desk.session.scalars(here))


def _roles(row: tables.Staff) -> tuple[Role, ...]:
    return tuple(Role(role) for role in row.roles.split())
