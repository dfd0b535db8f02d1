"""Keys of what passes: each scan has one of its own, and so has each day, for what is said at its door.

Whose it is shows later or never, so that it is under no client's key; and were it under the office's, which
always opens, an older backup would show for ever what was erased since.
"""

from datetime import UTC, date, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from kiosk.vault.tables import Client, ClientKey, Document

DAY, SCAN = "day-", "scan-"


def of_day(at: datetime) -> str:
    """Who owns what is said on a day; by UTC, which no clock change touches."""
    return f"{DAY}{at.astimezone(UTC).date().isoformat()}"


def day_of(owner: str) -> date:
    return date.fromisoformat(owner.removeprefix(DAY))


def of_scan(scan_id: str) -> str:
    return f"{SCAN}{scan_id}"


def destroy(session: Session, owner: str, at: datetime) -> str | None:
    """Destroy a key that passes, and empty the files under it; returns the key's id.

    None for whoever is a client, or has no key.
    """
    key = session.get(ClientKey, owner)
    if key is None or not owner.startswith((DAY, SCAN)) or session.get(Client, owner) is not None:
        return None
    key.wrapped, key.destroyed_at = b"", key.destroyed_at or at
    session.flush()
    session.execute(
        update(Document).where(Document.owner == owner).values(body_sealed=b"", mac=""),
        execution_options={"synchronize_session": "fetch"},
    )
    return key.id
