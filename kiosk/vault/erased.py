"""The list of destroyed keys, outside of every backup: what a restored practice must not bring back.

`erased.list` lies in the instance folder and beside the backups, wherever they go. It holds ids and times
alone, and a keyed hash over the whole of it, so that nobody adds or removes a line unnoticed. Two lists of
one practice are united; none ever gets shorter. Where another practice's list lies already, as on a disk that
two of them use, a list has a longer name.
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from kiosk.errors import CannotRestore, ErasedListChanged
from kiosk.vault import tombstone
from kiosk.vault.files import write_whole
from kiosk.vault.passing import of_days
from kiosk.vault.store import Store, Vault
from kiosk.vault.tables import Client, ClientKey, SupersededKey

FILE = "erased.list"
NAMES = "erased*.list"
MAGIC = "INTAKE-KIOSK-ERASED-1"

Erased = Mapping[str, datetime]  # the id of a key, or of who owned it: backups of the first kind know that


def note(vault: Vault, key_ids: Iterable[str], at: datetime) -> None:
    """Put destroyed keys on the practice's own list. Raises ErasedListChanged, Locked, OSError."""
    with vault.transaction() as store:
        keep(vault.settings.instance, store, dict.fromkeys(key_ids, at))


def read(file: Path, store: Store) -> Erased:
    """What is on one list; nothing where there is none, or another practice's.

    Raises ErasedListChanged where it is not as this practice wrote it.
    """
    return read_with(file, store.practice_id(), store.erased_key())


def read_with(file: Path, practice: str, key: bytes) -> Erased:
    """As `read`, before there is a store."""
    if not file.exists():
        return {}
    try:
        text, _, mac = file.read_text(encoding="utf-8").rpartition("mac ")
        magic, whose, *lines = text.splitlines()
        if (magic, whose.partition(" ")[0]) != (MAGIC, "practice"):
            raise ErasedListChanged(file)
        if whose != f"practice {practice}":
            return {}
        if not hmac.compare_digest(mac.strip(), _mac(key, text)):
            raise ErasedListChanged(file)
        pairs = (line.split(" ", 1) for line in lines)
        return {key_id: datetime.fromisoformat(at) for key_id, at in pairs}
    except (ValueError, UnicodeDecodeError):
        raise ErasedListChanged(file) from None


def read_in(folder: Path, store: Store) -> Erased:
    """What is on a practice's lists in a folder. Raises ErasedListChanged."""
    found: dict[str, datetime] = {}
    for file in _names_in(folder, store.practice_id()):
        found |= read(file, store)
    return found


def lists_of(folder: Path, practice: str) -> tuple[Path, ...]:
    """A practice's lists that lie in a folder; also what may be one, and cannot be read."""
    files = (file for file in _names_in(folder, practice) if file.is_file())
    return tuple(file for file in files if whose(file) in (practice, None))


def _names_in(folder: Path, practice: str) -> tuple[Path, Path]:
    return folder / FILE, folder / f"erased-{practice[:8]}.list"


def whose(file: Path) -> str | None:
    """The practice that a list names; None where it names none."""
    try:
        magic, named, *_ = file.read_text(encoding="utf-8").splitlines()
    except (ValueError, UnicodeDecodeError):
        return None
    return named.removeprefix("practice ") if magic == MAGIC and named.startswith("practice ") else None


def refuse_another_s(file: Path, practice: str) -> None:
    """Raises CannotRestore for a list that somebody named and that is another practice's."""
    if whose(file) not in (practice, None):
        raise CannotRestore(f"{file} is another practice's list of the erased.", "Name the right one.")


def _mac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), sha256).hexdigest()


def known(store: Store) -> dict[str, datetime]:
    """What the database itself says was destroyed: the keys, and whose they were."""
    erased: dict[str, datetime] = {}
    for row in store.session.scalars(
        select(ClientKey).where(ClientKey.destroyed_at.is_not(None), ~of_days())
    ):
        before = select(SupersededKey.id).where(SupersededKey.owner == row.owner)
        for key_id in (row.owner, row.id, *store.session.scalars(before)):
            erased[key_id] = row.destroyed_at or store.now
    return erased


def keep(folder: Path, store: Store, more: Erased) -> None:
    """Put on a folder's list what the database knows, and more; one that names nobody is a list too.

    Raises ErasedListChanged, OSError.
    """
    there, wanted = read_in(folder, store), {**more, **known(store)}
    if not set(wanted) <= set(there) or not lists_of(folder, store.practice_id()):
        _overwrite(folder, store, {**wanted, **there})


def _overwrite(folder: Path, store: Store, erased: Erased) -> None:
    lines = [f"{key_id} {at.isoformat()}" for key_id, at in sorted(erased.items())]
    text = "\n".join((MAGIC, f"practice {store.practice_id()}", *lines, ""))
    plain, longer = _names_in(folder, store.practice_id())
    new = longer if plain.exists() else plain  # never over another practice's
    for file in lists_of(folder, store.practice_id()) or (new,):
        write_whole(file, f"{text}mac {_mac(store.erased_key(), text)}\n".encode())


@dataclass(frozen=True)
class United:
    """Lists that somebody had changed, and who came back by an older backup and is erased again."""

    changed: tuple[Path, ...]
    again: tuple[str, ...]
    unwritten: tuple[Path, ...] = ()  # where a disk does not let us: the others hold it


def unite(store: Store, folders: Iterable[Path]) -> United:
    """Bring the lists in these folders to one state, and the database to it.

    A changed list is written anew from what the others and the database say.
    """
    erased, changed, unwritten, all_of_them = known(store), set(), [], list(folders)
    for folder in all_of_them:
        try:
            erased |= read_in(folder, store)
        except ErasedListChanged:
            changed.add(folder)
        except OSError:
            unwritten.append(folder)
    again = apply(store, erased)
    for folder in all_of_them:
        try:
            if folder in changed:
                _overwrite(folder, store, {**erased, **known(store)})
            elif folder not in unwritten:
                keep(folder, store, erased)
        except OSError:
            unwritten.append(folder)
    return United(tuple(folder / FILE for folder in sorted(changed)), again, tuple(unwritten))


def apply(store: Store, erased: Erased) -> tuple[str, ...]:
    """Make tombstones of those who are on a list and live; returns who they are."""
    if not erased:
        return ()
    living = (
        select(ClientKey.owner, ClientKey.id)
        .join(Client, Client.id == ClientKey.owner)
        .where(ClientKey.destroyed_at.is_(None))
    )
    before = store.session.execute(select(SupersededKey.owner, SupersededKey.id))
    destroyed: dict[str, datetime] = {}
    for owner, key_id in (*store.session.execute(living), *before):
        if at := erased.get(owner) or erased.get(key_id):
            destroyed[owner] = min(at, destroyed.get(owner, at))
    for owner, at in destroyed.items():
        tombstone.erase(store.session, owner, at, now=store.now)
    return tuple(destroyed)
