"""A large sealed file on its way into its row and back, a piece at a time.

As one value SQLite holds it twice more than whoever gives it, once for the statement and once for the record:
four times 25 MB, beside the desk's own work. A piece of it is held once. PostgreSQL takes it whole.
"""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from sqlalchemy import ColumnElement, Integer, func, literal_column, select, update
from sqlalchemy.orm import Session

from kiosk.vault.tables import Document


def room(session: Session, size: int) -> ColumnElement[bytes] | bytes:
    """What the column holds until `write` fills it."""
    return func.zeroblob(size) if _in_place(session) else b""


def write(session: Session, document_id: str, pieces: Iterable[bytes]) -> None:
    """Fill the room that was made; just as much, or ValueError."""
    if _in_place(session):
        with _blob(session, document_id, readonly=False) as blob:
            for piece in pieces:
                blob.write(piece)
    else:
        whole = update(Document).where(Document.id == document_id).values(body_sealed=b"".join(pieces))
        session.execute(whole, execution_options={"synchronize_session": False})


@contextmanager
def reading(session: Session, document_id: str) -> Iterator[BinaryIO]:
    """What the row holds, from the database and not from memory."""
    if _in_place(session):
        with _blob(session, document_id, readonly=True) as blob:
            yield blob
    else:
        wanted = select(Document.body_sealed).where(Document.id == document_id)
        yield io.BytesIO(session.execute(wanted).scalar_one())


def _in_place(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


@contextmanager
def _blob(session: Session, document_id: str, *, readonly: bool) -> Iterator[Any]:
    connection = session.connection()
    place = select(literal_column("rowid", Integer)).where(Document.id == document_id)
    row = connection.execute(place).scalar_one()
    driver: Any = connection.connection.driver_connection
    begin = getattr(driver, "blobopen", None) or driver.open_blob  # pysqlite3 has the older name
    blob = begin(Document.__tablename__, Document.body_sealed.key, row, readonly=readonly)
    try:
        yield blob
    finally:
        blob.close()
