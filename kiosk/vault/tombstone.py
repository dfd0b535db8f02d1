"""What stays of a client who is erased: rows, ids, states, times and counts; no word, and no key.

The audit chain, the counts and the certificates of shredding hold afterwards as before. The transaction
that calls this must also write down what happened; the key ids that it gets back go on the list of
destroyed keys (`erased`).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kiosk.errors import NotFound
from kiosk.vault.sealed_columns import OFFICE, SEALED_COLUMNS
from kiosk.vault.tables import Client, ClientKey, Document, Draft, Sitting, SupersededKey, Visit


def erase(session: Session, owner: str, at: datetime, *, now: datetime | None = None) -> tuple[str, ...]:
    """Destroy a client's keys and empty whatever was sealed about them; returns the ids of those keys.

    Whoever was erased before stays as they are, with the time of then. `now` is the present moment where
    `at` is an earlier one. Raises NotFound.
    """
    client, key = session.get(Client, owner), session.get(ClientKey, owner)
    if owner == OFFICE or client is None or key is None:
        raise NotFound()
    drafts = _keys_of_drafts(session, owner)
    ids = (key.id, *_superseded(session, owner), *(one.id for one in drafts))
    for one in drafts:
        one.wrapped, one.destroyed_at = b"", one.destroyed_at or at
    key.wrapped = b""
    key.destroyed_at = key.destroyed_at or at
    client.erased_at = client.erased_at or at
    client.changed_at = max(client.changed_at, now or at)  # every process looks again, and drops the name
    session.flush()
    session.execute(update(SupersededKey).where(SupersededKey.owner == owner).values(wrapped=b""))
    for sealed in SEALED_COLUMNS:
        of_theirs = update(sealed.column.class_).where(sealed.about == owner)
        session.execute(of_theirs.values({sealed.column.key: sealed.emptied}), execution_options=FETCH)
    # A keyed hash would still prove, to whoever holds the file, that it was theirs.
    session.execute(update(Document).where(Document.owner == owner).values(mac=""), execution_options=FETCH)
    visits = select(Visit.id).where(Visit.client_id == owner)
    session.execute(
        update(Visit).where(Visit.client_id == owner).values(code_mac=None), execution_options=FETCH
    )
    session.execute(
        update(Sitting).where(Sitting.visit_id.in_(visits), Sitting.ended_at.is_(None)).values(ended_at=at),
        execution_options=FETCH,
    )
    return ids


def _keys_of_drafts(session: Session, client: str) -> Sequence[ClientKey]:
    """The keys of what this client had not signed yet."""
    theirs = select(Draft.owner).where(Draft.client_id == client, Draft.owner != client)
    return session.scalars(
        select(ClientKey).where(ClientKey.owner.in_(theirs)).order_by(ClientKey.made_at)
    ).all()


FETCH = {"synchronize_session": "fetch"}  # rows that the session holds already change with them


def _superseded(session: Session, owner: str) -> tuple[str, ...]:
    return tuple(
        session.scalars(
            select(SupersededKey.id).where(SupersededKey.owner == owner).order_by(SupersededKey.ended_at)
        )
    )
