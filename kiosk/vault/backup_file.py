"""One encrypted file that holds all of a practice but its keys.

The file: a line of JSON (whose it is, when it was made, under which key; the settings and the practice's own
forms, sealed), then the database in chunks, each sealed under a key that only backups use and bound to its
place; the last one says that it is the last, so that a cut file shows. The line is bound to every chunk.

Backups of the first kind held the wrapped keys, and in their line how the master key is wrapped: whoever had
one could read an erased client for ever. They are still restored, and not written any more.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from kiosk.errors import CannotRestore, Damaged
from kiosk.settings import FILE
from kiosk.vault.cipher import Field, open_sealed, seal
from kiosk.vault.engine import DATABASE_FILE
from kiosk.vault.files import open_private
from kiosk.vault.folder import FORMS, INBOX
from kiosk.vault.key_files import key_name
from kiosk.vault.keys import Wrap

SELF_CONTAINED = b"INTAKE-KIOSK-BACKUP-1\n"
MAGIC = b"INTAKE-KIOSK-BACKUP-2\n"
CHUNK_BYTES = 1 << 20
MOST_HEAD_BYTES = 64 << 20
OWN = "own"  # the row under which the settings and the practice's own forms are sealed

CHANGED_HEAD = "The beginning of this backup was changed."

Progress = Callable[[str, int, int], None]  # what is done now, how far, of how much
WRITING, READING = "Writing", "Reading"


def silent(step: str, done: int, of: int) -> None:
    """Where nobody watches."""


@dataclass(frozen=True)
class BackupHead:
    """What stands before the chunks; `wraps` only in a file of the first kind, `practice` in later ones."""

    plain: Mapping[str, Any]
    bound: str
    practice: str
    key_name: str
    wraps: tuple[Wrap, ...]
    size: int  # of the head, in bytes from the beginning of the file

    @property
    def id(self) -> str:
        return str(self.plain["id"]) if "id" in self.plain else ""

    @property
    def made_at(self) -> datetime | None:
        """None in a file of the first kind."""
        return datetime.fromisoformat(self.plain["made_at"]) if self.practice else None


def write(
    target: Path, database: Path, instance: Path, key: bytes, practice: str, at: datetime, tell: Progress
) -> None:
    """Write and flush; the caller renames it. Raises OSError."""
    backup_id = secrets.token_hex(16)
    own = {"settings": (instance / FILE).read_text(encoding="utf-8"), "forms": _own_forms(instance)}
    sealed_own = seal(key, backup_id, Field.BACKUP, OWN, json.dumps(own, ensure_ascii=False).encode())
    head = json.dumps(
        {
            "id": backup_id,
            "practice": practice,
            "made_at": at.isoformat(),
            "key": key_name(key),
            OWN: sealed_own.hex(),
        }
    ).encode()
    bound, size, done = hashlib.sha256(head).hexdigest(), database.stat().st_size, 0
    with open_private(target) as out, database.open("rb") as source:
        out.write(MAGIC + len(head).to_bytes(4, "big") + head)
        for number, chunk, last in _chunks(source):
            sealed = seal(key, bound, Field.BACKUP, _place(number, last), chunk)
            out.write(len(sealed).to_bytes(4, "big") + sealed)
            done += len(chunk)
            tell(WRITING, done, size)
        out.flush()
        os.fsync(out.fileno())


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


def read_head(file: Path) -> BackupHead:
    """Raises CannotRestore for what is no backup, or is changed at its beginning."""
    with file.open("rb") as source:
        kind = source.read(len(MAGIC))
        if kind not in (MAGIC, SELF_CONTAINED):
            raise CannotRestore("This file is not a backup of a practice.")
        plain = source.read(min(int.from_bytes(source.read(4), "big"), MOST_HEAD_BYTES))
        size = source.tell()
    try:
        head = json.loads(plain)
        wraps = tuple(
            Wrap(kept["parameters"], bytes.fromhex(kept["wrapped"])) for kept in head.get("wraps", ())
        )
        told = ("", "") if kind == SELF_CONTAINED else (str(head["practice"]), str(head["key"]))
        if kind == SELF_CONTAINED and not wraps:
            raise CannotRestore(CHANGED_HEAD)
        return BackupHead(head, hashlib.sha256(plain).hexdigest(), *told, wraps, size)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CannotRestore(CHANGED_HEAD) from None


def unpack(file: Path, head: BackupHead, key: bytes, instance: Path, tell: Progress = silent) -> None:
    """Write what a backup holds into a new folder. Raises CannotRestore, OSError."""
    instance.mkdir(mode=0o700, parents=True)
    settings, forms = _own(head, key)
    _write_flushed(instance / FILE, settings.encode())
    (instance / INBOX).mkdir()
    for name, text in forms.items():
        (instance / FORMS).mkdir(exist_ok=True)
        _write_flushed(instance / FORMS / Path(name).name, str(text).encode())
    size = file.stat().st_size
    with file.open("rb") as source, open_private(instance / DATABASE_FILE) as out:
        source.seek(head.size)
        for chunk in _opened_chunks(source, size, key, head.bound):
            out.write(chunk)
            tell(READING, source.tell(), size)
        out.flush()
        os.fsync(out.fileno())


def _own(head: BackupHead, key: bytes) -> tuple[str, Mapping[str, str]]:
    """The settings and the practice's own forms."""
    try:
        if not head.wraps:
            own = _opened_json(head, key, OWN)
            return str(own["settings"]), own["forms"]
        # The first kind: the settings in clear, and the forms where it holds any.
        return str(head.plain["settings"]), _opened_json(head, key, FORMS) if FORMS in head.plain else {}
    except (Damaged, KeyError, TypeError, ValueError):
        raise CannotRestore(CHANGED_HEAD) from None


def _opened_json(head: BackupHead, key: bytes, name: str) -> Any:
    return json.loads(open_sealed(key, head.id, Field.BACKUP, name, bytes.fromhex(head.plain[name])))


def _write_flushed(path: Path, data: bytes) -> None:
    with path.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def _opened_chunks(source: BinaryIO, file_size: int, key: bytes, bound: str) -> Iterator[bytes]:
    number, last = 0, False
    while not last:
        size = int.from_bytes(source.read(4), "big")
        sealed = source.read(size) if size <= CHUNK_BYTES + 64 else b""
        if not size or len(sealed) != size:
            raise CannotRestore("This backup was cut off.", "Use another one.")
        last = source.tell() == file_size
        try:
            yield open_sealed(key, bound, Field.BACKUP, _place(number, last), sealed)
        except Damaged:
            raise CannotRestore("This backup was changed or cut off.", "Use another one.") from None
        number += 1
