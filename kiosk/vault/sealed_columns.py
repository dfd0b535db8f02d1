"""Every encrypted column: which field it is, whom it is about, and whose key it is sealed under.

The one table that erasing, rekeying and their tests go by; a test fails where a `*_sealed` column is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import SQLColumnExpression, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from kiosk.vault.cipher import Field
from kiosk.vault.tables import (
    Arrival,
    Client,
    DeclaredAccess,
    Document,
    Draft,
    OfficeItem,
    Reading,
    Record,
    Sheet,
    Sitting,
    Staff,
    Visit,
)

OFFICE = "office"  # owns what belongs to no client

Whose = SQLColumnExpression[Any]

_of_visit = select(Visit.client_id).where(Visit.id == Sitting.visit_id).correlate(Sitting).scalar_subquery()
_of_sheet = select(Sheet.client_id).where(Sheet.id == Reading.sheet_id).correlate(Reading).scalar_subquery()
_office = literal(OFFICE)
_of_its_day = literal("day")  # a key that passes by itself (`passing`), and is nobody's to change


@dataclass(frozen=True)
class SealedColumn:
    """`about` is whose erasure empties it; `key` whose key it is under, where that is another's."""

    field: Field
    column: InstrumentedAttribute[Any]
    row: InstrumentedAttribute[str]  # the id that is bound into the ciphertext
    about: Whose
    key: Whose | None = None

    @property
    def under(self) -> Whose:
        return self.about if self.key is None else self.key

    @property
    def emptied(self) -> bytes | None:
        """What stands in it once it is empty."""
        return None if self.column.property.columns[0].nullable else b""

    def kept(self, session: Session, owner: str) -> Iterator[tuple[str, bytes]]:
        """Row and ciphertext of what is sealed under somebody's key, not of what is emptied."""
        there = select(self.row).where(self.under == owner, self.column.is_not(None)).order_by(self.row)
        for row in session.scalars(there).all():
            sealed = session.scalar(select(self.column).where(self.row == row))
            if sealed:
                yield row, sealed


SEALED_COLUMNS = (
    SealedColumn(Field.PROFILE, Client.profile_sealed, Client.id, Client.id),
    SealedColumn(Field.ARRIVAL, Arrival.said_sealed, Arrival.id, _of_its_day),
    SealedColumn(Field.DRAFT, Draft.answers_sealed, Draft.id, Draft.client_id, key=Draft.owner),
    SealedColumn(Field.SIGNATURE, Sitting.signature_sealed, Sitting.id, _of_visit),
    SealedColumn(Field.CARRIED, Sitting.carried_sealed, Sitting.id, _of_visit, key=_of_its_day),
    SealedColumn(Field.DOCUMENT, Document.body_sealed, Document.id, Document.owner),
    SealedColumn(Field.RECORD, Record.body_sealed, Record.id, Record.client_id),
    SealedColumn(Field.READING_READ, Reading.read_sealed, Reading.id, _of_sheet),
    SealedColumn(Field.READING_SEEN, Reading.seen_sealed, Reading.id, _of_sheet),
    SealedColumn(Field.READING_CONFIRMED, Reading.confirmed_sealed, Reading.id, _of_sheet),
    SealedColumn(Field.OFFICE_ITEM, OfficeItem.value_sealed, OfficeItem.name, _office),
    SealedColumn(Field.STAFF_TOTP, Staff.totp_sealed, Staff.id, _office),
    SealedColumn(
        Field.DECLARED_REASON, DeclaredAccess.reason_sealed, DeclaredAccess.id, DeclaredAccess.client_id
    ),
)
