"""A backup while the practice works: a copy without keys, its key file, and a trial before it counts."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import KioskError, StoreTrouble
from kiosk.vault import backup_file, key_files, lockfile, restoring
from kiosk.vault.backup_file import Progress, silent
from kiosk.vault.engine import DATABASE_FILE, make_engine
from kiosk.vault.files import clear_folder, flush_folder, overwrite_and_delete
from kiosk.vault.restoring import RestoreReport, restore
from kiosk.vault.store import Vault

__all__ = ["BackupReport", "RestoreReport", "backup", "clear_scratch", "restore", "scratch_of"]

SCRATCH = ".backing-up"
COPYING = "Copying"

# Emptied in the copy. In a file of its own this is one pass, and `secure_delete` writes zeros over what was
# there; no second VACUUM, which would write the whole database once more.
WITHOUT_KEYS = (
    "PRAGMA journal_mode=MEMORY",
    "PRAGMA secure_delete=ON",
    "BEGIN",
    "UPDATE client_key SET wrapped = x''",
    "UPDATE superseded_key SET wrapped = x''",
    "DELETE FROM key_wrap",
    "COMMIT",
)


@dataclass(frozen=True)
class BackupReport:
    """`verified` says that the file was restored into a scratch place and found equal.

    Else there is none: it was destroyed, and what lay there before is as it was.
    """

    path: Path
    verified: bool
    documents_checked: int
    audit_entries: int
    problem: str | None = None


def backup(
    vault: Vault, target: Path, documents: Collection[str] = (), tell: Progress = silent
) -> BackupReport:
    """Write a backup and its key file while the practice works, and restore them once to see that they hold.

    `documents` are ids that must be in it, each opened from the restored copy and compared with the
    hash made when it arrived. A report with a problem is an outcome, not an error; an older backup of the
    same name gives way to one that holds, and to no other. Raises Locked, OSError, KioskError where another
    one is being made.
    """
    instance = vault.settings.instance
    scratch = scratch_of(instance)
    with lockfile.hold(instance, lockfile.BACKING_UP):
        clear_scratch(instance)
        scratch.mkdir(mode=0o700)
        part, keys_part = _part(target), _part(key_files.beside(target))
        try:
            key_files.sweep(target.parent)
            _write(vault, scratch / DATABASE_FILE, part, keys_part, tell)
            report = _verified(vault, target, part, keys_part, scratch, documents, tell)
            if report.verified:
                keys_part.replace(key_files.beside(target))  # first: a backup without its keys would be none
                part.replace(target)
                flush_folder(target.parent)
        except OSError as error:  # its own words name a file that nobody asked for
            raise OSError(error.errno, error.strerror, str(target)) from None
        finally:
            for left in (part, keys_part):
                _destroy(left)
            clear_scratch(instance)
    return report


def scratch_of(instance: Path) -> Path:
    """Beside the store itself: nothing of it lands on another disk."""
    return instance / SCRATCH


def clear_scratch(instance: Path) -> None:
    """Also what a process that was killed left there: a practice with its keys, which no erasure knows.

    Only while nothing is being made: hold `lockfile.BACKING_UP`. Raises OSError.
    """
    clear_folder(scratch_of(instance))


def _destroy(part: Path) -> None:
    """A disk that takes no zeros may still delete."""
    with suppress(OSError):
        overwrite_and_delete(part)
    part.unlink(missing_ok=True)


def _part(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")


def _write(vault: Vault, copy: Path, part: Path, keys_part: Path, tell: Progress) -> None:
    tell(COPYING, 0, 1)
    copy.touch(mode=0o600)
    _copy_database(vault, copy)
    key_files.write(vault, keys_part)  # after the copy, so that it has every key of it
    with vault.transaction() as store:
        key, practice = vault.keyring.key("backup"), store.practice_id()
    backup_file.write(part, copy, vault.settings.instance, key, practice, store.now, tell)
    copy.unlink()  # its keys were overwritten before


def _copy_database(vault: Vault, copy: Path) -> None:
    """All of it as it is at one moment, without any wrapped key."""
    with vault.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))
        connection.exec_driver_sql("BEGIN")
    engine = make_engine(f"sqlite:///{copy}", foreign_keys=False)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            for statement in WITHOUT_KEYS:
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql("BEGIN")
    finally:
        engine.dispose()


def _verified(
    vault: Vault,
    target: Path,
    part: Path,
    keys_part: Path,
    scratch: Path,
    documents: Collection[str],
    tell: Progress,
) -> BackupReport:
    """Restored into the scratch folder, and looked at there."""
    try:
        entries, checked = restoring.try_out(part, keys_part, scratch / "restored", vault, documents, tell)
    except StoreTrouble:
        raise  # a full disk here says nothing about the backup
    except KioskError as error:
        return BackupReport(target, False, 0, 0, str(error))
    return BackupReport(target, True, checked, entries)
