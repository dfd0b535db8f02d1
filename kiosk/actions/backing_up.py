"""Backups that count: made, restored to check them, written down, and thinned out; and where keys may be.

A backup's row is written before the first byte of it, so that no key file is ever out of sight; what is not
certain is told as if it were the case.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Select, func, select

from kiosk import access
from kiosk.access import Actor, Desk, Practice, Purpose
from kiosk.actions import backup_places, key_care
from kiosk.actions.backup_places import Place
from kiosk.actions.key_care import KeysOutThere, keys_out_there, renew_keys
from kiosk.errors import InUse, KioskError, StoreTrouble
from kiosk.vault import backup_file, key_files, lockfile, new_id, tables
from kiosk.vault.backup import BackupReport, backup, clear_scratch, scratch_of
from kiosk.vault.backup_file import Progress, silent
from kiosk.vault.did import Did

__all__ = [
    "KeysOutThere",
    "Made",
    "keys_out_there",
    "last",
    "look_after",
    "make",
    "possible",
    "renew_keys",
    "too_old",
    "tried_in_vain",
]

AGAIN_AFTER = timedelta(hours=1)  # a try that failed
JUST_MADE = timedelta(hours=1)  # a disk that is plugged in once more needs no other one
TELL_SECONDS = 1.0
ENDING = ".kiosk-backup"

CUT_OFF = "It was cut off before its end."
NOT_THERE = "The backup disk is not plugged in."
NOT_WRITTEN = "It could not be written there. Is the disk full, or was it taken out?"


@dataclass(frozen=True)
class Made:
    id: str
    begun_at: datetime
    report: BackupReport


def make(
    by: Actor,
    place: Place,
    *,
    file: Path | None = None,
    documents: Collection[str] = (),
    asked: str | None = None,
    purpose: Purpose = Purpose.LOOK_AFTER,
    tell: Progress = silent,
) -> Made:
    """A backup with its row; a named `file` is one made by hand, and stays until a hand deletes it.

    `documents` must be in it. A report with a problem is an outcome. Raises InUse while another one is
    made, OSError where it cannot be written; then no file is left. Raises KioskError for PostgreSQL.
    """
    if not possible(by.practice):
        raise KioskError("This store is PostgreSQL.", "Back it up with pg_dump; what it holds is encrypted.")
    with access.transaction(by, purpose) as desk:
        row = _begun(desk, place, file, asked)
        target = place.folder / row.file_name
    try:
        report = backup(by.practice.vault, target, documents, _watched(by, row.id, tell))
    except InUse:
        _unmade(by, row.id, asked)
        raise
    except Exception:  # whatever it was: the row says that there is none, and the caller what it was
        _failed(by, row.id, NOT_WRITTEN)
        raise
    _done(by, row.id, report)
    key_care.look_after_place(by, place, verified=report.verified)
    return Made(row.id, row.made_at, report)


def possible(practice: Practice) -> bool:
    return practice.vault.engine.dialect.name == "sqlite"


def _begun(desk: Desk, place: Place, file: Path | None, asked: str | None) -> tables.Backup:
    backup_id = asked or new_id()
    name = file.name if file else f"{desk.now:%Y%m%d-%H%M%S}-{backup_id[:6]}{ENDING}"
    row = desk.session.get(tables.Backup, backup_id) or tables.Backup(id=backup_id)
    row.made_at = row.keys_made_at = desk.now
    row.place, row.file_name, row.by_hand, row.percent = place.name, name, file is not None, 0
    desk.session.add(row)
    desk.session.flush()
    return row


def _done(by: Actor, backup_id: str, report: BackupReport) -> None:
    """One that holds has taken the place of an earlier one of its name; any other has left that as it was."""
    with access.transaction(by) as desk:
        row = desk.session.get_one(tables.Backup, backup_id)
        row.percent, row.problem = None, report.problem
        desk.audit(Did.BACKED_UP, "backup", row.id)
        if not report.verified:
            _note_nothing_left(desk, row)
            return
        row.verified_at = desk.now
        for before in desk.session.scalars(_others_of_its_name(row)):
            before.deleted_at, before.keys_destroyed_at = desk.now, before.keys_destroyed_at or desk.now
        desk.audit(Did.VERIFIED_BACKUP, "backup", row.id)


def _unmade(by: Actor, backup_id: str, asked: str | None) -> None:
    """Another process makes one just now: as if this had not been begun."""
    with access.transaction(by) as desk:
        row = desk.session.get_one(tables.Backup, backup_id)
        if asked:
            row.file_name = ""
        else:
            desk.session.delete(row)


def _failed(by: Actor, backup_id: str, problem: str) -> None:
    """Nothing of it is left, and the owner sees why."""
    with access.transaction(by) as desk:
        row = desk.session.get_one(tables.Backup, backup_id)
        row.problem, row.percent = problem, None
        if row.file_name:
            _note_nothing_left(desk, row)
        else:  # it was not even begun
            row.deleted_at = row.keys_destroyed_at = desk.now
        desk.audit(Did.BACKED_UP, "backup", backup_id, outcome="failed")


def _note_nothing_left(desk: Desk, row: tables.Backup) -> None:
    """A backup that did not come to its end, and left no file: what is there is an earlier one's."""
    others = desk.session.scalars(_others_of_its_name(row)).all()
    if others or not (key_care.folder_of(desk, row) / row.file_name).exists():
        row.deleted_at = desk.now
        if not key_care.holds_keys(desk, row) or any(other.keys_destroyed_at is None for other in others):
            row.keys_destroyed_at = desk.now


def _others_of_its_name(row: tables.Backup) -> Select[tables.Backup]:
    """Backups that were written under the same name in the same place, and are there."""
    kept = tables.Backup
    same = (kept.place == row.place, kept.file_name == row.file_name, kept.id != row.id)
    return select(kept).where(*same, kept.deleted_at.is_(None), kept.percent.is_(None))


def _watched(by: Actor, backup_id: str, tell: Progress) -> Progress:
    """Writes how far it is, once a second, where the owner's page looks."""
    last = time.monotonic()

    def told(step: str, done: int, of: int) -> None:
        nonlocal last
        tell(step, done, of)
        if time.monotonic() - last < TELL_SECONDS or step not in SHARES:
            return
        last = time.monotonic()
        begin, share = SHARES[step]
        with access.transaction(by) as desk:
            desk.session.get_one(tables.Backup, backup_id).percent = begin + share * done // max(of, 1)

    return told


SHARES = {backup_file.WRITING: (5, 50), backup_file.READING: (55, 40)}  # of the work, in percent

_there_before: dict[tuple[Path, str], bool] = {}  # whether this process saw the disk at its last look


def look_after(by: Actor) -> bool:
    """What is due: one that was asked for, the day's, one for a disk that was just plugged in, fresh keys.

    Returns whether something was done.
    """
    if not possible(by.practice):
        return False
    with access.transaction(by, Purpose.LOOK_AFTER) as desk:
        _end_what_was_cut_off(desk)
        places = backup_places.scheduled(desk)
        asked = desk.session.scalars(asked_for()).first()
        due = next((place for place in places if _is_due(desk, place)), None)
        stale = key_care.any_stale(desk)
    try:
        if asked is not None:
            return _make_asked(by, asked, places)
        if due is not None:
            make(by, due)
            return True
        return stale and renew_keys(by)
    except (InUse, OSError, StoreTrouble):
        return False  # the row says why; after an hour it is tried again


def asked_for() -> Select[tables.Backup]:
    """What somebody waits for, the longest first."""
    waits = (tables.Backup.file_name == "", tables.Backup.percent.is_not(None))
    return select(tables.Backup).where(*waits).order_by(tables.Backup.made_at)


def _make_asked(by: Actor, asked: tables.Backup, places: tuple[Place, ...]) -> bool:
    place = next((place for place in places if place.name == asked.place), None)
    if place is None or not place.is_there():
        _failed(by, asked.id, NOT_THERE)
    else:
        make(by, place, asked=asked.id)
    return True


def _is_due(desk: Desk, place: Place) -> bool:
    there, known = place.is_there(), (desk.practice.settings.instance, place.name)
    plugged_in = there and _there_before.get(known) is False
    _there_before[known] = there
    if not there:
        return False
    if tried_in_vain(desk, place):
        return False
    good = last(desk, place.name)
    every = JUST_MADE if plugged_in else timedelta(hours=desk.practice.settings.backup_hours)
    return good is None or desk.now - good >= every


def tried_in_vain(desk: Desk, place: Place) -> bool:
    """Whether a try failed within the hour, and none was good since: the next one waits."""
    good = last(desk, place.name)
    tried = desk.session.scalar(
        select(func.max(tables.Backup.made_at)).where(
            tables.Backup.place == place.name,
            tables.Backup.by_hand.is_(False),
            tables.Backup.made_at <= desk.now,
            tables.Backup.verified_at.is_(None),
            tables.Backup.file_name != "",
        )
    )
    return tried is not None and (good is None or tried > good) and desk.now - tried < AGAIN_AFTER


def last(desk: Desk, place: str | None = None) -> datetime | None:
    """When the last good backup was made, anywhere or in one place; one from the future is none."""
    good = select(func.max(tables.Backup.made_at)).where(
        tables.Backup.verified_at.is_not(None),
        tables.Backup.made_at <= desk.now,
        tables.Backup.deleted_at.is_(None),
    )
    if place is not None:
        good = good.where(tables.Backup.place == place)
    return desk.session.scalar(good)


def too_old(desk: Desk) -> bool:
    """Whether the last good backup is so old that no paper may go."""
    good, days = last(desk), desk.practice.settings.backup_at_most_days
    return good is None or desk.now - good > timedelta(days=days)


def _end_what_was_cut_off(desk: Desk) -> None:
    """A backup that is not done while nobody makes one was cut off: by a crash, a kill, a power cut."""
    open_rows = desk.session.scalars(
        select(tables.Backup).where(
            tables.Backup.percent.is_not(None),
            tables.Backup.file_name != "",
        )
    ).all()
    instance = desk.practice.settings.instance
    if not open_rows and not scratch_of(instance).exists():
        return
    try:
        with lockfile.hold(instance, lockfile.BACKING_UP):
            clear_scratch(instance)
            for row in open_rows:
                _end_one(desk, row)
    except InUse:
        return  # it is being made


def _end_one(desk: Desk, row: tables.Backup) -> None:
    folder = key_care.folder_of(desk, row)
    row.percent, row.problem = None, CUT_OFF
    if folder.is_dir():
        key_files.sweep(folder)
        _note_nothing_left(desk, row)
