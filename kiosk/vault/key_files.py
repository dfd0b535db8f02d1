"""`FILE.keys` beside a backup: the wrapped keys of all clients, in a small file that lives a short time.

A backup holds no keys itself, so that it may be kept for years: when a client's key is destroyed, the key
files that held it are destroyed too, and with them goes what every older backup says about that client.
A newer key file opens an older backup: it also holds the keys before, of clients and of backups.

The file: a line of JSON (whose it is, when it was made, how the master key is wrapped by the practice's
passphrase and recovery code), then everything else sealed under the key that only backups use, and bound to
that line. What staff open the practice with is inside: their passphrases open no backup.
"""

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from kiosk.errors import CannotRestore, Damaged, ErasedListChanged, WrongPassphrase
from kiosk.vault import erased, keys
from kiosk.vault.cipher import Field, open_sealed, seal
from kiosk.vault.files import overwrite_and_delete, write_whole
from kiosk.vault.keys import Wrap
from kiosk.vault.store import STAFF, Store, Vault
from kiosk.vault.tables import ClientKey, KeyWrap, SupersededKey

MAGIC = b"INTAKE-KIOSK-KEYS-1\n"
ENDING = ".keys"
UNFINISHED = (".part", ".fresh")
OURS = b"INTAKE-KIOSK-"
OURS_BYTES = len(OURS)
MOST_HEAD_BYTES = 1 << 20
BODY = "keys"


@dataclass(frozen=True)
class KeyFileHead:
    """What stands in clear: enough to know whose it is, and to ask for what opens it."""

    path: Path
    practice: str
    made_at: datetime
    ways: tuple[Mapping[str, Any], ...]

    @property
    def wraps(self) -> tuple[Wrap, ...]:
        return tuple(Wrap(way["parameters"], bytes.fromhex(way["wrapped"])) for way in self.ways)


@dataclass(frozen=True)
class KeyFile:
    """A key file that is open. `backup_keys` begins with the present one; the others are from before."""

    head: KeyFileHead
    master: bytes
    wrapped: Mapping[str, bytes]
    destroyed: frozenset[str]
    backup_keys: tuple[bytes, ...]
    ways: tuple[Mapping[str, Any], ...]  # all of them, those of staff too


def beside(file: Path) -> Path:
    return file.with_name(file.name + ENDING)


def write(vault: Vault, path: Path) -> None:
    """The keys as they are at this moment, whole under its name or not at all. Raises Locked, OSError."""
    with vault.transaction() as store:
        head, body = _gathered(store)
        key = vault.keyring.key("backup")
    bound = hashlib.sha256(head).hexdigest()
    sealed = seal(key, bound, Field.BACKUP_KEYS, BODY, body)
    write_whole(path, MAGIC + len(head).to_bytes(4, "big") + head + sealed)


def _gathered(store: Store) -> tuple[bytes, bytes]:
    session = store.session
    kept = [*session.scalars(select(ClientKey)), *session.scalars(select(SupersededKey))]
    gone = select(ClientKey.owner).where(ClientKey.destroyed_at.is_not(None))
    ways = session.scalars(select(KeyWrap).order_by(KeyWrap.made_at)).all()
    head = {
        "practice": store.practice_id(),
        "made_at": store.now.isoformat(),
        "ways": [_way(row) for row in ways if row.way != STAFF],
    }
    body = {
        "keys": {row.id: row.wrapped.hex() for row in kept if row.wrapped},
        "destroyed": sorted({row.id for row in kept if not row.wrapped} | set(session.scalars(gone))),
        "backup_keys": [key.hex() for key in store.earlier_backup_keys()],
        "ways": [_way(row) for row in ways if row.way == STAFF],
    }
    return json.dumps(head).encode(), json.dumps(body).encode()


def _way(row: KeyWrap) -> dict[str, Any]:
    return {
        "id": row.id,
        "way": row.way,
        "staff_id": row.staff_id,
        "parameters": row.parameters,
        "wrapped": row.wrapped.hex(),
        "made_at": row.made_at.isoformat(),
    }


def read_head(path: Path) -> KeyFileHead | None:
    """None for what is no key file, or is damaged at its beginning."""
    with path.open("rb") as source:
        if source.read(len(MAGIC)) != MAGIC:
            return None
        plain = source.read(min(int.from_bytes(source.read(4), "big"), MOST_HEAD_BYTES))
    try:
        head = json.loads(plain)
        made_at = datetime.fromisoformat(head["made_at"])
        made = KeyFileHead(path, str(head["practice"]), made_at, tuple(head["ways"]))
        return made if made.wraps and made_at.tzinfo else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def in_folder(folder: Path, practice: str) -> list[KeyFileHead]:
    """Every key file of a practice that lies in a folder, the newest first."""
    heads = [head for path in _files(folder) if (head := read_head(path)) and head.practice == practice]
    return sorted(heads, key=lambda head: head.made_at, reverse=True)


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in sorted(folder.glob(f"*{ENDING}")) if path.is_file())


def opened_with(head: KeyFileHead, master: bytes) -> KeyFile:
    """Raises CannotRestore."""
    key = keys.subkey(master, "backup")
    try:
        body = _body(head, key)
    except Damaged:
        raise _changed(head) from None
    return KeyFile(
        head=head,
        master=master,
        wrapped={key_id: bytes.fromhex(wrapped) for key_id, wrapped in body["keys"].items()},
        destroyed=frozenset(body["destroyed"]),
        backup_keys=(key, *map(bytes.fromhex, body["backup_keys"])),
        ways=(*head.ways, *body["ways"]),
    )


def _body(head: KeyFileHead, key: bytes) -> Any:
    """Raises Damaged."""
    data = head.path.read_bytes()
    begin = len(MAGIC) + 4
    end = begin + int.from_bytes(data[len(MAGIC) : begin], "big")
    bound = hashlib.sha256(data[begin:end]).hexdigest()
    return json.loads(open_sealed(key, bound, Field.BACKUP_KEYS, BODY, data[end:]))


def all_that_open(heads: list[KeyFileHead], secret: str) -> list[KeyFile]:
    """Those that a secret opens, in their order: the passphrase or recovery code of when they were written.

    Raises WrongPassphrase where it opens none, CannotRestore where none is whole that it may open.
    """
    found: list[KeyFile] = []
    changed: CannotRestore | None = None
    masters: dict[tuple[Wrap, ...], bytes | None] = {}  # an unwrapping is slow on purpose
    for head in heads:
        try:
            if head.wraps not in masters:
                masters[head.wraps] = _master_of(head, secret)
            if (master := masters[head.wraps]) is not None:
                found.append(opened_with(head, master))
        except CannotRestore as broken:
            changed = broken
    if not found:
        raise changed or WrongPassphrase()
    return found


def _master_of(head: KeyFileHead, secret: str) -> bytes | None:
    try:
        return keys.unwrap_any(head.wraps, secret)
    except WrongPassphrase:
        return None
    except Damaged:
        raise _changed(head) from None


def _changed(head: KeyFileHead) -> CannotRestore:
    return CannotRestore(f"{head.path.name} was changed or cut off.", "Use another key file.")


def renew(vault: Vault, path: Path) -> None:
    """Put a fresh key file in an older one's place; a folder is at no moment without one.

    The older one stays beside it, for `destroy_older`.
    """
    if not path.exists():
        write(vault, path)
        return
    fresh = path.with_name(f".{path.name}.fresh")
    write(vault, fresh)
    before = path.replace(_free_name(path))
    fresh.replace(path)
    if read_head(before) is None:  # nobody could say whose it was
        overwrite_and_delete(before)


def _free_name(path: Path) -> Path:
    names = (path.with_name(f"{path.name}.before{number or ''}{ENDING}") for number in itertools.count())
    return next(name for name in names if not name.exists())


@dataclass(frozen=True)
class Known:
    """What a practice knows of keys: the ids of all that it ever had, and what it sealed key files under."""

    practice: str
    ids: frozenset[str]
    backup_keys: tuple[bytes, ...]

    def all_of(self, head: KeyFileHead) -> bool:
        """Whether all that a key file holds is known, or destroyed.

        Else it may be the only one that opens backups newer than the one from which this practice came back.
        """
        for key in self.backup_keys:
            try:
                return frozenset(_body(head, key)["keys"]) <= self.ids
            except Damaged:
                continue  # sealed under another one
        return False


def known(vault: Vault, store: Store) -> Known:
    """As the database says it, and the list of the erased. Raises Locked."""
    own = {*store.session.scalars(select(ClientKey.id)), *store.session.scalars(select(SupersededKey.id))}
    try:
        listed = erased.read_in(vault.settings.instance, store)
    except ErasedListChanged:  # it is mended elsewhere; meanwhile more is spared
        listed = {}
    backup_keys = (vault.keyring.key("backup"), *store.earlier_backup_keys())
    return Known(store.practice_id(), frozenset(own | set(listed)), backup_keys)


def destroy_older(folder: Path, known: Known, than: datetime | None, but: Path | None) -> None:
    """Destroy a practice's key files from before a moment, or all; not those `beyond` it. Raises OSError."""
    for head in in_folder(folder, known.practice):
        if head.path != but and (than is None or head.made_at < than) and known.all_of(head):
            overwrite_and_delete(head.path)


def beyond(folder: Path, known: Known) -> tuple[KeyFileHead, ...]:
    """A practice's key files that hold more than it knows. Raises OSError."""
    return tuple(head for head in in_folder(folder, known.practice) if not known.all_of(head))


def sweep(folder: Path) -> None:
    """Destroy what a process that was killed left half made: no key file is out of sight.

    Only while nothing is being made: hold `lockfile.BACKING_UP`. Raises OSError.
    """
    for path in folder.glob(".*"):
        if path.suffix in UNFINISHED and path.is_file():
            with path.open("rb") as source:
                begin = source.read(OURS_BYTES)
            if not begin or begin.startswith(OURS):
                overwrite_and_delete(path)


def key_name(backup_key: bytes) -> str:
    """Says which key a backup was sealed under, and nothing of the key."""
    return keys.subkey(backup_key, "name").hex()[:16]
