"""Archives: all sealed records in one encrypted file under a printed code, listed until it is destroyed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import documents, words
from kiosk.actions.archived import (
    FORMS,
    INDEX,
    SETTINGS,
    ArchivedClient,
    ArchivedEnding,
    ArchivedRecord,
    Index,
    file_of,
)
from kiosk.actions.keeping import last_visit
from kiosk.errors import CannotRestore, KioskError, NotFound
from kiosk.settings import FILE
from kiosk.vault import Field, archive, new_id, recovery, tables
from kiosk.vault.did import Did
from kiosk.vault.files import flush_folder
from kiosk.vault.sealed_stream import ANOTHER
from pdf.recovery_sheet import ArchiveSheet, archive_sheet
from pdf.verify import NotVerified, verify

Step = Callable[[str, int, int], None]  # what is done, how many of how many

NOTHING = ("Nothing has been signed yet.", "There is nothing to archive.")
ERASED_MEANWHILE = ("A client was erased while the archive was made.", "Nothing was kept. Make it again.")
NOT_READ_BACK = "The archive could not be read back as it was written."


@dataclass(frozen=True)
class Made:
    """`sheet` is the page to print, with the code that opens the archive; nothing else holds it."""

    id: str
    documents: int
    clients: int
    code: str
    sheet: bytes


@dataclass(frozen=True)
class Contents:
    """What is to be written, as it was at one moment. `documents` are by number, with whose each is."""

    index: Index
    documents: tuple[tuple[int, str, str], ...]


def _silent(_done: str, _number: int, _of: int) -> None:
    """Nobody watches."""


def make(by: Actor, target: Path, on_step: Step = _silent) -> Made:
    """Write an archive of all signed records to a new file, and read it back before it counts.

    It is listed before it has its name: a power cut may leave one too many in the list, never one too few.
    Raises KioskError where there is nothing to write or the file is there already, CannotRestore where it
    does not read back, OSError.
    """
    if target.exists():
        raise KioskError(f"{target} is there already.", "Name another file, or delete it.")
    with access.transaction(by, Purpose.ARCHIVE) as desk:
        contents = _contents(desk)
    if not contents.documents:
        raise KioskError(*NOTHING)
    archive_id, code = new_id(), recovery.new_code()
    beside = target.with_name(f".{target.name}.part")
    try:
        digest = archive.write(beside, archive_id, code, _entries(by, contents, on_step))
        _read_back(beside, recovery.written(code), digest, len(contents.documents), on_step)
        with access.transaction(by, Purpose.ARCHIVE) as desk:
            _list(desk, archive_id, target.name, contents)
        beside.replace(target)
        flush_folder(target.parent)
    except OSError as error:  # its own words name a file that nobody asked for
        raise OSError(error.errno, error.strerror, str(target)) from None
    finally:
        beside.unlink(missing_ok=True)
    written = recovery.written(code)
    return Made(
        archive_id,
        len(contents.documents),
        len(contents.index.clients),
        written,
        _sheet(by, archive_id, written, len(contents.documents)),
    )


def _contents(desk: Desk) -> Contents:
    rows = desk.session.execute(
        select(tables.Record.id, tables.Record.client_id, tables.Record.document_id)
        .join(tables.Client, tables.Client.id == tables.Record.client_id)
        .where(tables.Client.erased_at.is_(None))
        .order_by(tables.Record.signed_at, tables.Record.id)
    ).all()
    numbered = [(number, *row) for number, row in enumerate(rows, 1)]
    owners = {client for _, _, client, _ in numbered}
    records = tuple(ArchivedRecord(number, record, client) for number, record, client, _ in numbered)
    index = Index(
        desk.practice_id(), desk.erased_key().hex(), _clients(desk, owners), records, _endings(desk, owners)
    )
    return Contents(index, tuple((number, client, document) for number, _, client, document in numbered))


def _clients(desk: Desk, owners: set[str]) -> tuple[ArchivedClient, ...]:
    keys: dict[str, list[str]] = {}
    for table in (tables.ClientKey, tables.SupersededKey):
        for owner, key in desk.session.execute(select(table.owner, table.id)):
            keys.setdefault(owner, []).append(key)
    made = []
    for row in desk.session.scalars(select(tables.Client).order_by(tables.Client.id)):
        if row.id in owners:
            profile = desk.open_json(row.id, Field.PROFILE, row.id, row.profile_sealed)
            visited = last_visit(desk, row)
            made.append(
                ArchivedClient(
                    id=row.id,
                    keys=tuple(keys.get(row.id, ())),
                    profile=profile,
                    made_at=row.made_at.isoformat(),
                    last_visit=visited.isoformat() if visited else None,
                    held_at=row.held_at.isoformat() if row.held_at else None,
                )
            )
    return tuple(made)


def _endings(desk: Desk, owners: set[str]) -> tuple[ArchivedEnding, ...]:
    rows = desk.session.execute(
        select(tables.Ending, tables.Record.client_id)
        .join(tables.Record, tables.Record.id == tables.Ending.record_id)
        .order_by(tables.Ending.at, tables.Ending.id)
    )
    return tuple(
        ArchivedEnding(row.record_id, row.question, row.how, row.said, row.at.isoformat())
        for row, client in rows
        if client in owners
    )


def _entries(by: Actor, contents: Contents, on_step: Step) -> Iterator[archive.Entry]:
    """One document at a time, each in a transaction of its own: the practice works meanwhile."""
    instance = by.practice.settings.instance
    yield archive.Entry(SETTINGS, (instance / FILE).read_bytes())
    for path in sorted((instance / FORMS).glob("*.toml")):
        yield archive.Entry(f"{FORMS}/{path.name}", path.read_bytes())
    yield archive.Entry(INDEX, contents.index.to_json())
    for number, client, document in contents.documents:
        with access.transaction(by) as desk:
            _refuse_erased(desk, {client})
            body = documents.read(desk, document)
        on_step("Writing", number, len(contents.documents))
        yield archive.Entry(file_of(number), body)


def _refuse_erased(desk: Desk, clients: set[str]) -> None:
    """Raises KioskError where somebody was erased since the index was written."""
    there = select(tables.Client.id).where(tables.Client.erased_at.is_not(None))
    if clients & set(desk.session.scalars(there)):
        raise KioskError(*ERASED_MEANWHILE)


def _read_back(file: Path, code: str, digest: str, records: int, on_step: Step) -> None:
    """From the disk, by the code as it is printed: every byte, and the seal of every record."""
    if archive.digest(file, code) != digest:
        raise CannotRestore(NOT_READ_BACK, ANOTHER)
    number = 0
    for entry in archive.read(file, code):
        if entry.name.endswith(".pdf"):
            number += 1
            on_step("Reading back", number, records)
            match verify(entry.body):
                case NotVerified(problem):
                    raise CannotRestore(
                        f"Record {number} of the archive: {problem}", "Restore it from a backup."
                    )
    if number != records:
        raise CannotRestore(NOT_READ_BACK, ANOTHER)


def _list(desk: Desk, archive_id: str, file_name: str, contents: Contents) -> None:
    """From now on an erasure says that this archive holds these clients. Raises KioskError."""
    clients = {client.id for client in contents.index.clients}
    _refuse_erased(desk, clients)
    desk.session.add(
        tables.Archive(
            id=archive_id, made_at=desk.now, file_name=file_name, documents=len(contents.documents)
        )
    )
    desk.session.flush()
    desk.session.add_all(tables.ArchivedClient(archive_id=archive_id, client_id=one) for one in clients)
    desk.audit(Did.MADE_ARCHIVE, "archive", archive_id)


def _sheet(by: Actor, archive_id: str, code: str, records: int) -> bytes:
    settings = by.practice.settings
    made = words.day(by.practice.vault.clock(), settings.time_zone)
    said = words.count(records, "signed record", "signed records")
    sheet = ArchiveSheet(settings.practice_name, code, made, archive.mark_of(archive_id), said)
    return archive_sheet(sheet, settings.paper_size)


@dataclass(frozen=True)
class ArchiveRow:
    id: str
    mark: str
    made: str
    file_name: str
    documents: int
    destroyed: str | None


def listed(by: Actor) -> tuple[ArchiveRow, ...]:
    """Every archive that was made, the newest first."""
    with access.transaction(by, Purpose.ARCHIVE) as desk:
        rows = desk.session.scalars(select(tables.Archive).order_by(tables.Archive.made_at.desc()))
        return tuple(archive_row(desk, row) for row in rows)


def archive_row(desk: Desk, row: tables.Archive) -> ArchiveRow:
    zone = desk.practice.settings.time_zone
    destroyed = words.day(row.destroyed_at, zone) if row.destroyed_at else None
    return ArchiveRow(
        row.id, archive.mark_of(row.id), words.day(row.made_at, zone), row.file_name, row.documents, destroyed
    )


def destroyed(by: Actor, archive_id: str) -> None:
    """The owner says that an archive, or every copy of its sheet, is destroyed. Raises NotFound."""
    with access.transaction(by, Purpose.ARCHIVE) as desk:
        row = desk.session.get(tables.Archive, archive_id)
        if row is None or row.destroyed_at is not None:
            raise NotFound()
        row.destroyed_at = desk.now
        desk.audit(Did.DESTROYED_ARCHIVE, "archive", row.id)
