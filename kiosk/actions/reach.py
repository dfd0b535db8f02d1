"""Whether somebody reaches what is one client's: the policy's table, asked of a row."""

from sqlalchemy import select

from kiosk import access
from kiosk.access import Desk, Purpose, Reach, Role
from kiosk.vault import tables

OTHER_CLIENT, EMERGENCY = "other_client", "emergency"  # kinds of a declared access
NAMESAKE = "namesake"  # a kind that opens nothing: it was said that this name is a client's
DELICATE = "therapist"  # `confirmed_by` of a form whose answers are not the front desk's business


def is_delicate(desk: Desk, form: str, version: int) -> bool:
    return desk.practice.catalog.form(form, version).confirmed_by == DELICATE


def reached(desk: Desk, purpose: Purpose, client_id: str, *, delicate: bool = False) -> bool:
    """Whether this person may, with this purpose, what is this client's. Any one of their roles is enough."""
    return any(_within(desk, reach, client_id, delicate) for reach in access.reaches(desk.by.roles, purpose))


def _within(desk: Desk, reach: Reach, client_id: str, delicate: bool) -> bool:
    match reach:
        case Reach.ALL:
            return True
        case Reach.ORDINARY:
            return not delicate
        case Reach.OWN:
            return is_own(desk, client_id)
        case Reach.OWN_DELICATE:
            return delicate and (is_own(desk, client_id) or _is_nobodys(desk, client_id))
        case Reach.DECLARED:
            return is_own(desk, client_id) or _is_declared(desk, client_id)


def is_own(desk: Desk, client_id: str) -> bool:
    """Whether this client has, or had, a visit with this person."""
    visit = select(tables.Visit.id).where(
        tables.Visit.client_id == client_id, tables.Visit.therapist_id == desk.by.id
    )
    return desk.session.scalar(visit.limit(1)) is not None


def _is_nobodys(desk: Desk, client_id: str) -> bool:
    """No therapist who still works here has seen this client: else the paper would wait for ever."""
    roles = desk.session.scalars(
        select(tables.Staff.roles)
        .join(tables.Visit, tables.Visit.therapist_id == tables.Staff.id)
        .where(tables.Visit.client_id == client_id, tables.Staff.left_at.is_(None))
    )
    return not any(Role.THERAPIST in held.split() for held in roles)


def _is_declared(desk: Desk, client_id: str) -> bool:
    still_open = select(tables.DeclaredAccess.id).where(
        tables.DeclaredAccess.staff_id == desk.by.id,
        tables.DeclaredAccess.client_id == client_id,
        tables.DeclaredAccess.kind == OTHER_CLIENT,
        tables.DeclaredAccess.until > desk.now,
    )
    return desk.session.scalar(still_open.limit(1)) is not None
