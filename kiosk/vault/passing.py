"""Keys of what passes: each scan has one of its own, and so has each day, for what is said at its door,
and each sitting, for what is not signed yet.

Whose it is shows later or never, so that it is under no client's key; and were it under the office's, which
always opens, an older backup would show for ever what was erased since.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from kiosk.vault.tables import Arrival, ClientKey, Document, Draft, Sitting

DAY, SCAN, DRAFT = "day-", "scan-", "draft-"
FETCH = {"synchronize_session": "fetch"}


def of_day(at: datetime) -> str:
    """Who owns what is said on a day; by UTC, which no clock change touches."""
    return f"{DAY}{at.astimezone(UTC).date().isoformat()}"


def day_of(owner: str) -> date:
    return date.fromisoformat(owner.removeprefix(DAY))


def of_scan(scan_id: str) -> str:
    return f"{SCAN}{scan_id}"


def of_drafts(sitting_id: str) -> str:
    """Who owns what was answered at a sitting and not signed."""
    return f"{DRAFT}{sitting_id}"


def of_days() -> ColumnElement[bool]:
    """In a query for keys: those that end by themselves with the days, those of drafts too.

    Nobody needs them on the list of the erased: what comes back with a backup ends again by its age.
    """
    return or_(*(ClientKey.owner.startswith(kind, autoescape=True) for kind in (DAY, DRAFT)))


def living(session: Session, *kinds: str) -> Iterator[ClientKey]:
    of_kind = (ClientKey.owner.startswith(kind, autoescape=True) for kind in kinds)
    wanted = select(ClientKey).where(ClientKey.destroyed_at.is_(None), or_(*of_kind))
    yield from session.scalars(wanted).all()


def destroy(session: Session, owner: str, at: datetime) -> str | None:
    """Destroy a key that passes, and empty what lies under it; returns its id, None where there is none.

    Whoever waits at a door of then is not there any more.
    """
    key = session.get(ClientKey, owner)
    if key is None or not owner.startswith((DAY, SCAN, DRAFT)):
        return None
    key.wrapped, key.destroyed_at = b"", key.destroyed_at or at
    session.flush()
    files = update(Document).where(Document.owner == owner)
    session.execute(files.values(body_sealed=b"", mac=""), execution_options=FETCH)
    session.execute(delete(Draft).where(Draft.owner == owner), execution_options=FETCH)
    if owner.startswith(DAY):
        _empty_day(session, owner, at)
    return key.id


def _empty_day(session: Session, owner: str, at: datetime) -> None:
    for arrival in session.scalars(select(Arrival).where(Arrival.said_sealed != b"")):
        if of_day(arrival.at) == owner:
            arrival.said_sealed, arrival.done_at = b"", arrival.done_at or at
    for sitting in session.scalars(select(Sitting).where(Sitting.carried_sealed.is_not(None))):
        if of_day(sitting.began_at) == owner:
            sitting.carried_sealed = None


def apply(session: Session, gone: Collection[str], at: datetime) -> None:
    """In what came back from a backup: destroy the keys that are on a list, or that no key file had."""
    for key in living(session, DAY, SCAN, DRAFT):
        if not key.wrapped or {key.owner, key.id} & set(gone):
            destroy(session, key.owner, at)
