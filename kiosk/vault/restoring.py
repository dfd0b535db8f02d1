"""A practice from its backup and a key file, into an empty folder: whole, looked through, or not at all.

Whoever was erased since the backup was made is not brought back: their keys are in no newer key file, and
on the lists of the erased that lie beside.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy import text as sql

from kiosk.errors import CannotRestore, Damaged, ErasedListChanged, KioskError, NoKeys
from kiosk.settings import Settings
from kiosk.vault import backup_file, erased, key_files, keys, migrations, passing
from kiosk.vault.backup_file import BackupHead, Progress, silent
from kiosk.vault.cipher import Field
from kiosk.vault.did import Did
from kiosk.vault.engine import DATABASE_FILE
from kiosk.vault.folder import making
from kiosk.vault.key_files import KeyFile
from kiosk.vault.states import SheetState
from kiosk.vault.store import Store, Vault
from kiosk.vault.tables import Backup, ClientKey, Document, KeyWrap, Sheet, Staff, SupersededKey

SAMPLE = 3  # documents that a trial looks at, besides those that it must
STAYED_BEHIND = "the computer before"  # the place of backups that a restored practice left there
OLDER_KEYS = "The key file is older than this backup, and lacks keys of it."


@dataclass(frozen=True)
class RestoreReport:
    """What was looked through, and how many were erased since and stayed so.

    `without_list` says that no list of the erased was there: who was erased since may be back.
    """

    documents_checked: int
    audit_entries: int
    head: str
    still_erased: int
    without_list: bool


def restore(
    file: Path,
    instance: Path,
    secret: str,
    now: datetime,
    *,
    keys_file: Path | None = None,
    erased_files: Iterable[Path] = (),
    tell: Progress = silent,
) -> RestoreReport:
    """Bring a practice back into an empty folder, by its passphrase or recovery code alone.

    Raises CannotRestore for a changed or cut file, a folder that is not empty and a named list of another
    practice, NoKeys where no key file will do, WrongPassphrase, ErasedListChanged.
    """
    if "DATABASE_URL" in os.environ:  # the copy must not be opened in its place
        raise KioskError("A backup is restored into SQLite.", "Take DATABASE_URL out of the environment.")
    with making(instance) as folder:
        head = backup_file.read_head(file)
        opened = _opened_keys(file, head, keys_file, secret)
        vault = _unpacked(file, head, opened, folder, now, tell, secret)
        try:
            return _finished(vault, head, opened, file.absolute().parent, tuple(erased_files))
        finally:
            vault.close()


def _opened_keys(file: Path, head: BackupHead, named: Path | None, secret: str) -> list[KeyFile]:
    """The key files that may do, the likeliest first; none for a backup that holds its keys itself."""
    if head.wraps:
        return []
    if named is not None:
        one = key_files.read_head(named)
        if one is None or one.practice != head.practice:
            raise NoKeys(f"{named.name} is not a key file of this practice.")
        return key_files.all_that_open([one], secret)
    heads = key_files.in_folder(file.absolute().parent, head.practice)
    if not heads:
        raise NoKeys(f"The keys of this backup are missing: there is no {key_files.beside(file).name}.")
    return key_files.all_that_open(heads, secret)


def _unpacked(  # nosec B107  # nothing: no secret is needed where the keys are open
    file: Path,
    head: BackupHead,
    opened: list[KeyFile],
    folder: Path,
    now: datetime,
    tell: Progress,
    secret: str = "",
    *,
    is_present: bool = False,  # made by this very version
) -> Vault:
    """The practice in a folder, unlocked; its keys are put in next."""
    if head.wraps:
        try:
            master = keys.unwrap_any(head.wraps, secret)
        except Damaged:
            raise CannotRestore(backup_file.CHANGED_HEAD) from None
        key = keys.subkey(master, "backup")
    else:
        able = [one for one in opened if _backup_key(one, head) is not None]
        if not able:
            raise NoKeys("No key file here opens this backup: they are older, or another practice's.")
        master, key = able[0].master, _backup_key(able[0], head) or b""
        opened[:] = able
    backup_file.unpack(file, head, key, folder, tell)
    if not is_present:
        migrations.upgrade(f"sqlite:///{folder / DATABASE_FILE}")
    vault = Vault(Settings.load(folder), lambda: now)
    vault.keyring.set(master)
    return vault


def _backup_key(opened: KeyFile, head: BackupHead) -> bytes | None:
    return next((key for key in opened.backup_keys if key_files.key_name(key) == head.key_name), None)


def _put_keys(vault: Vault, opened: list[KeyFile]) -> None:
    """Give every row its wrapped key again, and the practice what opens it. Raises NoKeys."""
    with vault.transaction() as store:
        chosen = _covering(store, opened)
        vault.keyring.set(chosen.master)
        _fill(store, chosen)


def _fill(store: Store, chosen: KeyFile) -> None:
    session = store.session
    for row in (*session.scalars(select(ClientKey)), *session.scalars(select(SupersededKey))):
        row.wrapped = chosen.wrapped.get(row.id, b"")
    people = set(session.scalars(select(Staff.id).where(Staff.may_open, Staff.left_at.is_(None))))
    session.execute(delete(KeyWrap))
    for way in chosen.ways:
        if way["staff_id"] is None or way["staff_id"] in people:
            wrapped, made_at = bytes.fromhex(way["wrapped"]), datetime.fromisoformat(way["made_at"])
            session.add(KeyWrap(**{**way, "wrapped": wrapped, "made_at": made_at}))
    session.flush()
    store.set_earlier_backup_keys(chosen.backup_keys[1:])


def _covering(store: Store, opened: list[KeyFile]) -> KeyFile:
    """The newest that has each key which is neither destroyed by then nor emptied in the backup."""
    rows = store.session.execute(
        select(ClientKey.owner, ClientKey.id).where(ClientKey.destroyed_at.is_(None))
    )
    wanted = [(owner, key_id) for owner, key_id in rows]
    for one in opened:
        if all({owner, key_id} & one.destroyed or key_id in one.wrapped for owner, key_id in wanted):
            return one
    raise NoKeys(OLDER_KEYS)


def _finished(
    vault: Vault, head: BackupHead, opened: list[KeyFile], beside: Path, named: tuple[Path, ...]
) -> RestoreReport:
    """Keys in, the erased out, everything looked through, and a line in the trail."""
    if opened:
        _put_keys(vault, opened)
    with vault.transaction() as store:
        gone = dict.fromkeys((key_id for one in opened for key_id in one.destroyed), store.now)
        gone |= _listed(store, beside, named)
        without_list = not (named or erased.lists_of(beside, store.practice_id()))
        still = erased.apply(store, gone)
        passing.apply(store.session, gone, store.now)
        erased.keep(vault.settings.instance, store, gone)
    checked = [check_document(vault, document_id) for document_id in _document_ids(vault)]
    entries, trail = sound(vault)
    with vault.transaction() as store:
        for owner in still:
            store.audit("system", "system", "server", Did.KEPT_ERASED, "client", owner)
        store.audit("system", "system", "server", Did.RESTORED, "backup", head.id)
        _note_that_it_holds(store, head)
        _note_what_stayed_behind(store)
    return RestoreReport(sum(checked), entries, trail, len(still), without_list)


def _note_that_it_holds(store: Store, head: BackupHead) -> None:
    """In this very backup's row, which says in it that it is being made: else nobody gave it fresh keys."""
    if head.made_at is None:
        return
    being_made = (Backup.percent.is_not(None), Backup.file_name != "", Backup.made_at <= head.made_at)
    row = store.session.scalars(select(Backup).where(*being_made).order_by(Backup.made_at.desc())).first()
    if row is not None:
        row.verified_at, row.percent = store.now, None


def _note_what_stayed_behind(store: Store) -> None:
    """A new computer holds no backup yet: one falls due at once, and no paper goes by those from before.

    Their key files may still lie there: the owner is told of them until they are destroyed.
    """
    behind = store.session.scalars(select(Backup).where(Backup.place == "", Backup.file_name != "")).all()
    for row in behind:
        row.place, row.deleted_at = STAYED_BEHIND, row.deleted_at or store.now
    waiting = select(Sheet).where(Sheet.state == SheetState.CONFIRMED)
    for sheet in store.session.scalars(waiting.where(Sheet.backup_id.in_([row.id for row in behind]))):
        sheet.backup_id = None


def _listed(store: Store, beside: Path, named: tuple[Path, ...]) -> Mapping[str, datetime]:
    """All lists together. One beside the backup that was changed stops it, unless another one was named."""
    found: dict[str, datetime] = {}
    for file in named:
        erased.refuse_another_s(file, store.practice_id())
        found |= erased.read(file, store)
    try:
        found |= erased.read_in(beside, store)
    except ErasedListChanged:
        if not named:
            raise
    return found


def sound(vault: Vault) -> tuple[int, str]:
    """How many entries the trail has, and its head. Raises CannotRestore for what does not hold."""
    with vault.engine.connect() as connection:
        said = connection.execute(sql("PRAGMA integrity_check")).scalar()
    if said != "ok":
        raise CannotRestore("The database in the backup is damaged.")
    report = vault.verify_audit()
    if not report.ok:
        raise CannotRestore(f"The audit trail in the backup breaks at entry {report.broken_at}.")
    return report.entries, report.head


def _document_ids(vault: Vault) -> list[str]:
    with vault.transaction() as store:
        return list(store.session.scalars(select(Document.id).order_by(Document.id)))


def check_document(vault: Vault, document_id: str) -> bool:
    """Compare one with the hash made when it arrived; False for one that was emptied since.

    Raises CannotRestore, Damaged.
    """
    with vault.transaction() as store:
        row = store.session.get(Document, document_id)
        if row is None:
            raise CannotRestore("A document is missing from the backup.")
        owner = store.session.get_one(ClientKey, row.owner)
        if not row.body_sealed and owner.destroyed_at is not None:
            return False
        body = store.open(row.owner, Field.DOCUMENT, row.id, row.body_sealed)
        if not hmac.compare_digest(row.mac, store.mac("document", hashlib.sha256(body).hexdigest())):
            raise Damaged(row.id)
    return True


def try_out(
    file: Path, key_file: Path, folder: Path, vault: Vault, documents: Collection[str], tell: Progress
) -> tuple[int, int]:
    """Restore into a scratch folder with this key file, and look at it there: these documents and some more.

    Returns how many entries and documents hold. Raises KioskError for what does not.
    """
    head, keys_head = backup_file.read_head(file), key_files.read_head(key_file)
    if keys_head is None:
        raise CannotRestore("The key file was changed.")
    opened = [key_files.opened_with(keys_head, vault.keyring.master())]
    other = _unpacked(file, head, opened, folder, vault.clock(), tell, is_present=True)
    try:
        _put_keys(other, opened)
        entries, _ = sound(other)
        all_ids = _document_ids(other)
        ids = {*documents, *secrets.SystemRandom().sample(all_ids, min(SAMPLE, len(all_ids)))}
        return entries, sum(check_document(other, document_id) for document_id in ids)
    finally:
        other.close()
