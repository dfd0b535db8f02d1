"""One encrypted file that holds all of a practice; restored somewhere else before it counts.

The file: a line of JSON (how the master key is wrapped, the settings, the practice's own forms sealed),
then the database in chunks, each sealed under a key that only backups use and bound to its place; the last
one says that it is the last, so that a cut file shows. The line is bound to every chunk.
"""

import hashlib
import hmac
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import select
from sqlalchemy import text as sql

from kiosk.errors import CannotRestore, Damaged, KioskError
from kiosk.settings import FILE, Settings
from kiosk.vault import keys
from kiosk.vault.cipher import Field, open_sealed, seal
from kiosk.vault.engine import DATABASE_FILE
from kiosk.vault.folder import FORMS, INBOX, refuse_full
from kiosk.vault.keys import Wrap
from kiosk.vault.store import Vault
from kiosk.vault.tables import Document

MAGIC = b"INTAKE-KIOSK-BACKUP-1\n"
CHUNK_BYTES = 1 << 20
SAMPLE = 3


@dataclass(frozen=True)
class BackupReport:
    """`verified` says that the file was restored into a scratch place and found equal."""

    path: Path
    verified: bool
    documents_checked: int
    audit_entries: int
    problem: str | None = None


def backup(vault: Vault, target: Path, documents: Collection[str] = ()) -> BackupReport:
    """Write and verify a backup while the practice works.

    `documents` are ids that must be in it, each opened from the restored copy and compared with the
    hash made when it arrived. A report with a problem is an outcome, not an error. Raises Locked, OSError.
    """
    if vault.engine.dialect.name != "sqlite":
        raise KioskError("This store is PostgreSQL.", "Back it up with pg_dump; what it holds is encrypted.")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as scratch:
            copy = Path(scratch) / DATABASE_FILE
            _copy_database(vault, copy)
            _write(vault, copy, target)
    except OSError as error:  # its own words name a file that nobody asked for
        raise OSError(error.errno, error.strerror, str(target)) from None
    return _verified(vault, target, documents)


def _copy_database(vault: Vault, copy: Path) -> None:
    with vault.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))
        connection.exec_driver_sql("BEGIN")


def _write(vault: Vault, copy: Path, target: Path) -> None:
    """To a file beside, flushed to the disk, then renamed: there is a whole backup or none."""
    backup_id, instance, key = secrets.token_hex(16), vault.settings.instance, vault.keyring.key("backup")
    forms = json.dumps(_own_forms(instance), ensure_ascii=False).encode()
    head = json.dumps(
        {
            "wraps": [
                {"parameters": kept.parameters, "wrapped": kept.wrapped.hex()} for kept in vault.wraps()
            ],
            "settings": (instance / FILE).read_text(encoding="utf-8"),
            "forms": seal(key, backup_id, Field.BACKUP, FORMS, forms).hex(),
            "id": backup_id,
        }
    ).encode()
    beside = target.with_name(f".{target.name}.part")
    with beside.open("wb") as out, copy.open("rb") as source:
        out.write(MAGIC + len(head).to_bytes(4, "big") + head)
        bound = hashlib.sha256(head).hexdigest()
        for number, chunk, last in _chunks(source):
            sealed = seal(key, bound, Field.BACKUP, _place(number, last), chunk)
            out.write(len(sealed).to_bytes(4, "big") + sealed)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(target)
    _flush_folder(target.parent)


def _own_forms(instance: Path) -> dict[str, str]:
    """The practice's own definitions by their file names: without them its records say less."""
    return {path.name: path.read_text(encoding="utf-8") for path in (instance / FORMS).glob("*.toml")}


def _chunks(source: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    number, chunk = 0, source.read(CHUNK_BYTES)
    while True:
        following = source.read(CHUNK_BYTES)
        yield number, chunk, not following
        if not following:
            return
        number, chunk = number + 1, following


def _place(number: int, last: bool) -> str:
    return f"{number}{' last' if last else ''}"


def _flush_folder(folder: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _verified(vault: Vault, file: Path, documents: Collection[str]) -> BackupReport:
    """Restore into a scratch folder and look at it there."""
    with tempfile.TemporaryDirectory(prefix="kiosk-check-") as scratch:
        try:
            master = vault.keyring.master()
            entries, checked = _restored_well(file, Path(scratch) / "instance", master, vault, documents)
        except (KioskError, OSError) as error:
            return BackupReport(file, False, 0, 0, str(error))
    return BackupReport(file, True, checked, entries)


def _restored_well(
    file: Path, instance: Path, master: bytes, vault: Vault, documents: Collection[str]
) -> tuple[int, int]:
    """How many audit entries and documents were checked. Raises KioskError for what does not hold."""
    _unpack(file, instance, lambda _wraps: master)
    other = Vault(Settings.load(instance), vault.clock)
    try:
        other.keyring.set(master)
        entries = _sound(other)
        ids = {*documents, *_some_documents(other)}
        for document_id in ids:
            _check_document(other, document_id)
        return entries, len(ids)
    finally:
        other.close()


def _sound(vault: Vault) -> int:
    with vault.engine.connect() as connection:
        said = connection.execute(sql("PRAGMA integrity_check")).scalar()
    if said != "ok":
        raise CannotRestore("The database in the backup is damaged.")
    report = vault.verify_audit()
    if not report.ok:
        raise CannotRestore(f"The audit trail in the backup breaks at entry {report.broken_at}.")
    return report.entries


def _some_documents(vault: Vault) -> list[str]:
    with vault.transaction() as store:
        ids = list(store.session.scalars(select(Document.id)))
    return secrets.SystemRandom().sample(ids, min(SAMPLE, len(ids)))


def _check_document(vault: Vault, document_id: str) -> None:
    with vault.transaction() as store:
        row = store.session.get(Document, document_id)
        if row is None:
            raise CannotRestore("A document is missing from the backup.")
        body = store.open(row.owner, Field.DOCUMENT, row.id, row.body_sealed)
        if not hmac.compare_digest(row.mac, store.mac("document", hashlib.sha256(body).hexdigest())):
            raise Damaged(row.id)


def restore(file: Path, instance: Path, secret: str, now: datetime) -> BackupReport:
    """Bring a practice back from a backup into an empty folder, by its passphrase or recovery code alone.

    Raises CannotRestore for a changed or cut file and a folder that is not empty, WrongPassphrase.
    """
    refuse_full(instance)
    there_before = instance.exists()
    beside = instance.with_name(f".{instance.name}.restoring")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        master = _unpack(file, beside, lambda wraps: keys.unwrap_any(wraps, secret))
        vault = Vault(Settings.load(beside), lambda: now)
        try:
            vault.keyring.set(master)
            entries = _sound(vault)
            with vault.transaction() as store:
                ids = list(store.session.scalars(select(Document.id)))
            for document_id in ids:
                _check_document(vault, document_id)
        finally:
            vault.close()
        instance.mkdir(parents=True, exist_ok=True)
        for path in beside.iterdir():
            path.replace(instance / path.name)
        _flush_folder(instance)
    except BaseException:
        if not there_before and instance.exists() and not any(instance.iterdir()):
            instance.rmdir()
        raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return BackupReport(file, True, len(ids), entries)


def _unpack(file: Path, instance: Path, master_of) -> bytes:  # type: ignore[no-untyped-def]
    """Write what a backup holds into a new folder; returns the master key."""
    instance.mkdir(parents=True)
    with file.open("rb") as source:
        if source.read(len(MAGIC)) != MAGIC:
            raise CannotRestore("This file is not a backup of a practice.")
        head = source.read(int.from_bytes(source.read(4), "big"))
        try:
            plain = json.loads(head)
            wraps = [Wrap(kept["parameters"], bytes.fromhex(kept["wrapped"])) for kept in plain["wraps"]]
            settings = str(plain["settings"])
        except (ValueError, KeyError, TypeError):
            raise CannotRestore("The beginning of this backup was changed.") from None
        master: bytes = master_of(wraps)
        key, bound = keys.subkey(master, "backup"), hashlib.sha256(head).hexdigest()
        (instance / FILE).write_text(settings, encoding="utf-8")
        (instance / INBOX).mkdir()
        _write_forms(instance, plain, key)
        with (instance / DATABASE_FILE).open("wb") as out:
            for chunk in _opened_chunks(source, key, bound):
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
    return master


def _write_forms(instance: Path, head: Mapping[str, Any], key: bytes) -> None:
    if "forms" not in head:  # a backup from before it held any
        return
    try:
        sealed = bytes.fromhex(head["forms"])
        forms = json.loads(open_sealed(key, str(head["id"]), Field.BACKUP, FORMS, sealed))
    except (Damaged, KeyError, TypeError, ValueError):
        raise CannotRestore("The beginning of this backup was changed.") from None
    for name, text in forms.items():
        (instance / FORMS).mkdir(exist_ok=True)
        (instance / FORMS / Path(name).name).write_text(text, encoding="utf-8")


def _opened_chunks(source: BinaryIO, key: bytes, bound: str) -> Iterator[bytes]:
    number, last = 0, False
    while not last:
        size = int.from_bytes(source.read(4), "big")
        sealed = source.read(size) if size <= CHUNK_BYTES + 64 else b""
        if not size or len(sealed) != size:
            raise CannotRestore("This backup was cut off.", "Use another one.")
        last = source.peek(1) == b"" if hasattr(source, "peek") else False
        try:
            yield open_sealed(key, bound, Field.BACKUP, _place(number, last), sealed)
        except Damaged:
            raise CannotRestore("This backup was changed or cut off.", "Use another one.") from None
        number += 1
