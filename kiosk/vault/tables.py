"""What is kept: one schema for SQLite and PostgreSQL.

A column named `*_sealed` holds what a person could read, encrypted before it gets here (`cipher`).
Everything else is ids, times, states and keyed hashes.
"""

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import DateTime, Dialect, ForeignKey, Index, LargeBinary, MetaData, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, validates
from sqlalchemy.types import TypeDecorator

from kiosk.vault.states import (
    SHEET_EDGES,
    BatchState,
    PageState,
    ScanState,
    SessionStage,
    SheetState,
    VisitState,
)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept as UTC; a naive one is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone cannot be kept")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcTime, bytes: LargeBinary, str: String}


class KeyWrap(Base):
    """The master key, wrapped once for each way to open the practice."""

    __tablename__ = "key_wrap"
    id: Mapped[str] = mapped_column(primary_key=True)
    way: Mapped[str]  # "passphrase", "recovery" or "staff"
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))  # whose own passphrase it is
    parameters: Mapped[str]  # JSON: the derivation's name, salt and costs
    wrapped: Mapped[bytes]
    made_at: Mapped[datetime]


class ClientKey(Base):
    """A client's own key, wrapped by the master key; `office` has one too.

    A destroyed one leaves its row, with nothing in `wrapped`.
    """

    __tablename__ = "client_key"
    owner: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    wrapped: Mapped[bytes]
    made_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]


class SupersededKey(Base):
    """A client's key before its rotation: only backups from before need it."""

    __tablename__ = "superseded_key"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(ForeignKey("client_key.owner"), index=True)
    wrapped: Mapped[bytes]
    ended_at: Mapped[datetime]


class OfficeItem(Base):
    """What the practice itself owns by name: the seal's key and its certificate."""

    __tablename__ = "office_item"
    name: Mapped[str] = mapped_column(primary_key=True)
    value_sealed: Mapped[bytes]


class Staff(Base):
    __tablename__ = "staff"
    id: Mapped[str] = mapped_column(primary_key=True)
    sign_in: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    roles: Mapped[str]  # names of roles, separated by spaces
    passphrase_hash: Mapped[str]
    pin_mac: Mapped[str | None]
    totp_sealed: Mapped[bytes | None]  # the authenticator's secret
    totp_counter: Mapped[
        int | None
    ]  # the last one used, so that none is taken twice; None: not confirmed yet
    may_open: Mapped[bool] = mapped_column(default=False)  # their own passphrase opens the practice
    left_at: Mapped[datetime | None]


class StaffCode(Base):
    """A printed code that stands in for a lost authenticator, once."""

    __tablename__ = "staff_code"
    code_mac: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    used_at: Mapped[datetime | None]


class Machine(Base):
    """A browser at which somebody gave their second factor, and when."""

    __tablename__ = "machine"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    proved_at: Mapped[datetime]


class StaffSession(Base):
    __tablename__ = "staff_session"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)  # what may stand in an address, unlike the token
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    device: Mapped[str]
    machine_hash: Mapped[str | None] = mapped_column(index=True)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]  # when its person last said who they are; empty: not since 0005
    stage: Mapped[SessionStage] = mapped_column(String)


class Pairing(Base):
    """A code that the desk shows for a few minutes; used once."""

    __tablename__ = "pairing"
    code_mac: Mapped[str] = mapped_column(primary_key=True)
    made_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    tablet_name: Mapped[str]
    ends_at: Mapped[datetime]


class Tablet(Base):
    __tablename__ = "tablet"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    paired_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Client(Base):
    """Somebody who may or may not be known here; whatever says who is in `profile_sealed`."""

    __tablename__ = "client"
    id: Mapped[str] = mapped_column(primary_key=True)
    profile_sealed: Mapped[bytes]  # JSON: name, born, lang, and the places that forms fill
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    held_at: Mapped[datetime | None]  # a legal hold: nothing is erased
    held_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    erased_at: Mapped[datetime | None]  # from then on this row is a tombstone
    visited_at: Mapped[
        datetime | None
    ]  # the last visit before the practice was rebuilt, which knows no visits


class Erasure(Base):
    """Somebody is to be erased, by one person or two; and since when no key file holds the key any more."""

    __tablename__ = "erasure"
    id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.id"), index=True)
    asked_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime]
    agreed_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    called_off_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class DeclaredAccess(Base):
    """Somebody opened what is not theirs to open, with a reason that the owner sees."""

    __tablename__ = "declared_access"
    id: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.id"), index=True)
    kind: Mapped[str]  # "other_client" or "emergency"
    reason_sealed: Mapped[bytes]
    at: Mapped[datetime]
    until: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))


class Visit(Base):
    __tablename__ = "visit"
    __table_args__ = (Index("ix_visit_at", "at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.id"), index=True)
    therapist_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    at: Mapped[datetime]
    minutes: Mapped[int]
    state: Mapped[VisitState] = mapped_column(String)
    arrived_at: Mapped[datetime | None]
    handed_at: Mapped[datetime | None]  # since when it waits for its tablet; empty where it waits for none
    code_mac: Mapped[str | None] = mapped_column(unique=True)
    code_from: Mapped[datetime | None]
    code_until: Mapped[datetime | None]
    tablet_id: Mapped[str | None] = mapped_column(ForeignKey("tablet.id"))
    help_asked_at: Mapped[datetime | None]


class Arrival(Base):
    """Somebody who checked in by name; the matching is done at the desk."""

    __tablename__ = "arrival"
    id: Mapped[str] = mapped_column(primary_key=True)
    said_sealed: Mapped[bytes]  # JSON: name, born
    at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Sitting(Base):
    """One client at one tablet; `known_at` is empty until the birth date was given."""

    __tablename__ = "sitting"
    id: Mapped[str] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    tablet_id: Mapped[str] = mapped_column(ForeignKey("tablet.id"))
    visit_id: Mapped[str | None] = mapped_column(ForeignKey("visit.id"))
    lang: Mapped[str]
    misses: Mapped[int]
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    known_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    signature_sealed: Mapped[bytes | None]
    carried_sealed: Mapped[bytes | None]  # JSON: the guardian's own, from the file signed before


class Draft(Base):
    """What is not signed yet. `owner` has a key for this alone, which is destroyed when its time is over."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("visit_id", "form"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    visit_id: Mapped[str] = mapped_column(ForeignKey("visit.id"))
    client_id: Mapped[str] = mapped_column(ForeignKey("client.id"), index=True)
    owner: Mapped[str] = mapped_column(ForeignKey("client_key.owner"), index=True)
    form: Mapped[str]
    version: Mapped[int]
    answers_sealed: Mapped[bytes]  # JSON: answers, pages that were answered, a mark that waits, paper
    read_at: Mapped[datetime | None]  # the page to sign was shown to its end
    skipped: Mapped[bool]
    marked_at: Mapped[datetime | None]  # a mark was made, and waits for who saw it
    changed_at: Mapped[datetime]


class Document(Base):
    """A file as it was received or made: PDFs, page images, crops."""

    __tablename__ = "document"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(ForeignKey("client_key.owner"), index=True)
    kind: Mapped[str]  # "record", "scan", "page", "crop", "certificate", "sheet", "closing"
    media_type: Mapped[str]
    mac: Mapped[str]  # keyed hash of the clear bytes
    body_sealed: Mapped[bytes]
    made_at: Mapped[datetime]


class Record(Base):
    """What was signed. Immutable."""

    __tablename__ = "record"
    id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.id"), index=True)
    visit_id: Mapped[str | None] = mapped_column(ForeignKey("visit.id"))
    sheet_id: Mapped[str | None] = mapped_column(ForeignKey("sheet.id"), unique=True)
    form: Mapped[str]
    version: Mapped[int]
    channel: Mapped[str]
    signer: Mapped[str]  # forms.signers: in which capacity
    signed_at: Mapped[datetime]
    until: Mapped[date | None]  # the last day on which anything that it allows counts
    body_sealed: Mapped[bytes]  # SignedRecord as JSON
    document_id: Mapped[str] = mapped_column(ForeignKey("document.id"))
    submission: Mapped[str] = mapped_column(unique=True)  # one use: a second submission is the same record


class Ending(Base):
    """What a record, or one question of it, allows ends here: taken back, or its event has happened."""

    __tablename__ = "ending"
    __table_args__ = (UniqueConstraint("record_id", "question"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("record.id"), index=True)
    question: Mapped[str]  # empty: the whole record
    how: Mapped[str]  # forms.decisions: "taken_back" or "event"
    said: Mapped[str]  # "tablet", "in_person" or "in_writing"
    at: Mapped[datetime]
    by: Mapped[str]


class Review(Base):
    """A therapist's "I have read this"."""

    __tablename__ = "review"
    id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.id"), index=True)
    visit_id: Mapped[str] = mapped_column(ForeignKey("visit.id"))
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]


class Sheet(Base):
    """One printed twin; its serial is known to this table alone."""

    __tablename__ = "sheet"
    id: Mapped[str] = mapped_column(primary_key=True)
    serial: Mapped[str] = mapped_column(unique=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.id"), index=True)
    visit_id: Mapped[str | None] = mapped_column(ForeignKey("visit.id"))
    form: Mapped[str]
    version: Mapped[int]
    lang: Mapped[str]
    pages: Mapped[int]
    field_map: Mapped[str]  # JSON of pdf.field_map.FieldMap: geometry, no answers
    state: Mapped[SheetState] = mapped_column(String, index=True)
    printed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    cleared_at: Mapped[datetime | None]
    backup_id: Mapped[str | None] = mapped_column(ForeignKey("backup.id"))
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("shred_batch.id"))
    hold_reason: Mapped[str | None]
    cleared_cooling_days: Mapped[int | None]
    shredded_at: Mapped[datetime | None]

    @validates("state")
    def _by_its_edges(self, _name: str, state: SheetState) -> SheetState:
        """No code, whatever it forgot to ask, takes paper another way than `states.SHEET_EDGES`."""
        before = self.state
        if before is not None and state != before and state not in SHEET_EDGES[SheetState(before)]:
            raise ValueError(f"a sheet does not go from {before} to {state}")
        return state


class Scan(Base):
    """One received file; its row is the worker's queue."""

    __tablename__ = "scan"
    id: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("document.id"))
    source: Mapped[str]  # "browser", "inbox" or "command"
    state: Mapped[ScanState] = mapped_column(String, index=True)
    received_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    tries: Mapped[int]
    duplicate_of: Mapped[str | None] = mapped_column(ForeignKey("scan.id"))


class ScanPage(Base):
    __tablename__ = "scan_page"
    __table_args__ = (UniqueConstraint("scan_id", "number"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    scan_id: Mapped[str] = mapped_column(ForeignKey("scan.id"))
    number: Mapped[int]  # in the file, from 1
    state: Mapped[PageState] = mapped_column(String, index=True)
    problem: Mapped[str | None]  # our own words, never the page's
    problem_kind: Mapped[str | None]
    image_id: Mapped[str | None] = mapped_column(ForeignKey("document.id"))
    sheet_id: Mapped[str | None] = mapped_column(ForeignKey("sheet.id"), index=True)
    sheet_page: Mapped[int | None]  # from 1
    viewed_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))


class Reading(Base):
    """One value that was read from a sheet, with its crop; then what a person says it is."""

    __tablename__ = "reading"
    __table_args__ = (UniqueConstraint("sheet_id", "question", "part"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    sheet_id: Mapped[str] = mapped_column(ForeignKey("sheet.id"), index=True)
    page_id: Mapped[str] = mapped_column(ForeignKey("scan_page.id"))
    position: Mapped[int]
    question: Mapped[str]
    part: Mapped[str]
    read_sealed: Mapped[bytes]  # JSON: value, confidence, sure, why
    crop_id: Mapped[str] = mapped_column(ForeignKey("document.id"))
    seen_sealed: Mapped[bytes | None]  # JSON: what the person said before the proposal showed
    confirmed_sealed: Mapped[bytes | None]  # JSON: the value a person confirmed
    confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    confirmed_at: Mapped[datetime | None]


class Backup(Base):
    __tablename__ = "backup"
    id: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]  # restored into a scratch place, and found equal
    place: Mapped[str]  # the folder; empty: the practice's own
    file_name: Mapped[str]  # empty: it was asked for, and is not begun
    by_hand: Mapped[bool]  # a file that somebody named, and whose copies nobody knows
    percent: Mapped[int | None]  # of the work, while it is made
    problem: Mapped[str | None]
    keys_made_at: Mapped[datetime]  # when its file of wrapped keys was written last
    keys_destroyed_at: Mapped[datetime | None]  # its file of wrapped keys is gone
    deleted_at: Mapped[datetime | None]


class Archive(Base):
    """The sealed PDFs of a practice in one file, under a printed key of its own."""

    __tablename__ = "archive"
    id: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    file_name: Mapped[str]
    documents: Mapped[int]
    destroyed_at: Mapped[datetime | None]


class ArchivedClient(Base):
    __tablename__ = "archived_client"
    archive_id: Mapped[str] = mapped_column(ForeignKey("archive.id"), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.id"), primary_key=True)


class ShredBatch(Base):
    __tablename__ = "shred_batch"
    id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[BatchState] = mapped_column(String)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    pages: Mapped[int]
    counted: Mapped[int | None]
    method: Mapped[str | None]
    level: Mapped[str | None]
    shredded_at: Mapped[datetime | None]
    shredded_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    witness: Mapped[str | None]
    certificate_id: Mapped[str | None] = mapped_column(ForeignKey("document.id"))


class Miss(Base):
    """Failed tries by keyed hash of what was tried from where, for slowing down."""

    __tablename__ = "miss"
    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]


class AuditEntry(Base):
    """One link of the chain: who did what to which id. No names, no content."""

    __tablename__ = "audit"
    __table_args__ = (  # the owner's questions, each answered in the order of the chain
        Index("ix_audit_at", "at", "seq"),
        Index("ix_audit_actor", "actor", "seq"),
        Index("ix_audit_actor_did", "actor", "did", "seq"),
        Index("ix_audit_did", "did", "seq"),
        Index("ix_audit_object", "object", "seq"),
        Index("ix_audit_outcome", "outcome", "seq"),
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    role: Mapped[str]
    device: Mapped[str]
    did: Mapped[str]
    kind: Mapped[str]
    object: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str]
    previous: Mapped[str]
    mac: Mapped[str]


class DayHead(Base):
    """How the trail stood when a day was closed, sealed with the practice's certificate."""

    __tablename__ = "day_head"
    day: Mapped[date] = mapped_column(primary_key=True)
    seq: Mapped[int]
    head: Mapped[str]
    seal: Mapped[bytes]
    made_at: Mapped[datetime]
    document_id: Mapped[str | None] = mapped_column(ForeignKey("document.id"))  # the sheet, once it is made
