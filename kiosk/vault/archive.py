"""The file of an archive: many files in one, encrypted under a code that is printed and kept nowhere else.

A line of JSON (how the key is derived from the code), then a tar in pieces (`sealed_stream`), all bound to
that line. It is written and read piece by piece, however large it is.
"""

import hashlib
import io
import json
import os
import secrets
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.errors import CannotRestore, Damaged, WrongArchiveCode, WrongRecoveryCode
from kiosk.vault import recovery
from kiosk.vault.cipher import KEY_BYTES, Field, open_sealed, seal
from kiosk.vault.sealed_stream import ANOTHER, CHANGED, SealedReader, SealedWriter

MAGIC = b"INTAKE-KIOSK-ARCHIVE-1\n"
HEAD_SIZE_BYTES = 4
MOST_HEAD_BYTES = 4096
SALT_BYTES = 16
CHECK = "code"  # what is sealed by it opens with the right code, and tells a wrong one from a changed file


@dataclass(frozen=True)
class Entry:
    name: str
    body: bytes


def _key(code: bytes, salt: bytes) -> bytes:
    """The code is as random as a key, so that no slow derivation is needed."""
    return HKDF(SHA256(), KEY_BYTES, salt=salt, info=b"intake-kiosk archive").derive(code)


def write(target: Path, archive_id: str, code: bytes, entries: Iterable[Entry]) -> str:
    """Write a whole archive and flush it to the disk; returns the hash of what it holds."""
    salt = secrets.token_bytes(SALT_BYTES)
    key = _key(code, salt)
    check = seal(key, archive_id, Field.ARCHIVE, CHECK, b"").hex()
    head = json.dumps({"id": archive_id, "salt": salt.hex(), "check": check}).encode()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(MAGIC + len(head).to_bytes(HEAD_SIZE_BYTES, "big") + head)
        sealed = SealedWriter(out, key, hashlib.sha256(head).hexdigest(), Field.ARCHIVE)
        with tarfile.open(fileobj=sealed, mode="w|", format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload]
            for entry in entries:
                about = tarfile.TarInfo(entry.name)
                about.size = len(entry.body)
                tar.addfile(about, io.BytesIO(entry.body))
        digest = sealed.finish()
        out.flush()
        os.fsync(out.fileno())
    return digest


def is_archive(file: Path) -> bool:
    with file.open("rb") as source:
        return source.read(len(MAGIC)) == MAGIC


def mark_of(archive_id: str) -> str:
    """What the sheet and the list call an archive: enough to tell them apart, and easily read off."""
    return hashlib.sha256(archive_id.encode()).hexdigest()[:6].upper()


def read(file: Path, code: str) -> Iterator[Entry]:
    """What an archive holds, in its order; the whole file has been checked once the last is given.

    Raises WrongArchiveCode, CannotRestore for what is no archive, or is not as it was written.
    """
    with _opened(file, code) as sealed:
        yield from _entries(sealed)
        sealed.finish()


def digest(file: Path, code: str) -> str:
    """The hash of all that an archive holds, read from the disk. Raises as `read` does."""
    with _opened(file, code) as sealed:
        return sealed.finish()


@contextmanager
def _opened(file: Path, code: str) -> Iterator[SealedReader]:
    with file.open("rb") as source:
        if source.read(len(MAGIC)) != MAGIC:
            raise CannotRestore("This file is not an archive of signed records.")
        size = int.from_bytes(source.read(HEAD_SIZE_BYTES), "big")
        head = source.read(size) if size <= MOST_HEAD_BYTES else b""
        try:
            plain = json.loads(head)
            salt, check, archive_id = bytes.fromhex(plain["salt"]), bytes.fromhex(plain["check"]), plain["id"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise CannotRestore(CHANGED, ANOTHER) from None
        key = _key(_code(code), salt)
        try:
            open_sealed(key, str(archive_id), Field.ARCHIVE, CHECK, check)
        except Damaged:
            raise WrongArchiveCode() from None
        yield SealedReader(source, key, hashlib.sha256(head).hexdigest(), Field.ARCHIVE)


def _code(typed: str) -> bytes:
    try:
        return recovery.read(typed)
    except WrongRecoveryCode:
        raise WrongArchiveCode(
            "This is not the code of an archive.", "Check it letter by letter against the archive's sheet."
        ) from None


def _entries(sealed: Any) -> Iterator[Entry]:
    try:
        with tarfile.open(fileobj=sealed, mode="r|") as tar:
            for about in tar:
                body = tar.extractfile(about)
                if body is None:
                    raise CannotRestore(CHANGED, ANOTHER)
                yield Entry(about.name, body.read())
    except tarfile.TarError:
        raise CannotRestore(CHANGED, ANOTHER) from None
