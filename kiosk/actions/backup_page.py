"""What the owner sees of backups, and says about them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import backing_up, backup_places, words
from kiosk.actions.backup_places import Place
from kiosk.actions.key_care import DISK_WORDS, KeysOutThere, keys_out_there
from kiosk.errors import NotFound
from kiosk.vault import new_id, tables
from kiosk.vault.did import Did
from kiosk.vault.restoring import STAYED_BEHIND

LATEST = 30  # backups in the list
WAITS = "waits"
OWN_DISK = "This folder is on the computer’s own disk: it is lost with it."


@dataclass(frozen=True)
class BackupRow:
    """`state` is good, problem, making, waits or gone."""

    id: str
    made: str
    where: str
    file_name: str
    state: str
    said: str
    percent: int


@dataclass(frozen=True)
class KeyRow:
    """Key files in one place. `until` when at the latest they are gone; without it, what has to happen."""

    where: str
    said: str
    until: str | None
    tick_off: str | None  # a backup of them, where nobody but the owner can destroy them


@dataclass(frozen=True)
class BackupPage:
    good: bool
    said: str
    here: str
    disk: str | None
    disk_said: str
    disk_is_well: bool
    example: str
    plugged_in: tuple[str, ...]
    rows: tuple[BackupRow, ...]
    keys: tuple[KeyRow, ...]
    making: bool
    possible: bool
    hours: int
    key_days: int


def view(by: Actor) -> BackupPage:
    with access.transaction(by, Purpose.BACK_UP) as desk:
        settings, disk = desk.practice.settings, backup_places.disk(desk)
        latest = select(tables.Backup).order_by(tables.Backup.made_at.desc(), tables.Backup.id)
        rows = tuple(_row(desk, row, disk) for row in desk.session.scalars(latest.limit(LATEST)))
        good, said = standing(desk)
        coming = disk is not None and _begins_on(desk, disk)
        return BackupPage(
            good=good,
            said=said,
            here=str(backup_places.here(settings).folder),
            disk=disk.name if disk else None,
            disk_said=_disk_said(desk, disk),
            disk_is_well=disk is not None and disk.is_there() and _last_on(desk, disk) is not None,
            example=backup_places.example(),
            plugged_in=tuple(path for path in backup_places.plugged_in() if not disk or path != disk.name),
            rows=rows,
            keys=_key_rows(desk),
            making=coming or any(row.state in ("making", WAITS) for row in rows),
            possible=backing_up.possible(by.practice),
            hours=settings.backup_hours,
            key_days=settings.key_backup_days,
        )


def standing(desk: Desk) -> tuple[bool, str]:
    """Whether backups are as they should be, and how old the last good one is, in one sentence."""
    if not backing_up.possible(desk.practice):
        return True, "This store is PostgreSQL: back it up with pg_dump."
    at = backing_up.last(desk)
    if at is None:
        return False, "There is no good backup yet."
    said = f"The last good backup is from {ago(desk, at)}."
    if backing_up.too_old(desk):
        days = words.count(desk.practice.settings.backup_at_most_days, "day", "days")
        return False, f"{said} Until there is one from the last {days}, no paper is cleared for shredding."
    on_time = desk.now - at <= 2 * timedelta(hours=desk.practice.settings.backup_hours)
    return on_time, said


def stays_here(desk: Desk) -> bool:
    """Whether no backup leaves this computer by itself."""
    return backing_up.possible(desk.practice) and backup_places.disk(desk) is None


def ago(desk: Desk, at: datetime) -> str:
    """`today, 9:05 AM`, `yesterday, 9:05 AM`, `3 days ago, on 20 November`."""
    zone = desk.practice.settings.time_zone
    days = (words.local(desk.now, zone).date() - words.local(at, zone).date()).days
    if days < 1:
        return f"today, {words.clock(at, zone)}"
    if days == 1:
        return f"yesterday, {words.clock(at, zone)}"
    return f"{days} days ago, on {words.short_day(at, zone)}"


def _disk_said(desk: Desk, disk: Place | None) -> str:
    if disk is None:
        return "No disk is chosen. What lies on this computer alone is lost with it."
    at = _last_on(desk, disk)
    latest = f"Its last good backup is from {ago(desk, at)}." if at else "It holds no good backup yet."
    if not disk.is_there():
        return f"It is not plugged in. {latest}"
    said = "A backup is being made on it now." if _begins_on(desk, disk) else latest
    return f"{said} {OWN_DISK}" if backup_places.is_own_disk(disk, desk.practice.settings) else said


def _last_on(desk: Desk, disk: Place) -> datetime | None:
    return backing_up.last(desk, disk.name)


def _begins_on(desk: Desk, disk: Place) -> bool:
    """The first one on a disk: the worker makes it at its next look."""
    begins = disk.is_there() and not backing_up.tried_in_vain(desk, disk)
    return begins and _last_on(desk, disk) is None


def _row(desk: Desk, row: tables.Backup, disk: Place | None) -> BackupRow:
    zone = desk.practice.settings.time_zone
    if not row.place:
        where = "this computer"
    elif disk is not None and row.place == disk.name:
        where = "the disk"
    else:
        where = row.place
    state, said = _state(row)
    return BackupRow(
        id=row.id,
        made=words.moment(row.made_at, zone),
        where=where,
        file_name=row.file_name,
        state=state,
        said=said,
        percent=row.percent or 0,
    )


def _state(row: tables.Backup) -> tuple[str, str]:
    if row.problem:
        return "problem", row.problem
    if not row.file_name:
        return WAITS, "Begins in a moment"
    if row.percent is not None:
        return "making", "Being made and tried"
    if row.place == STAYED_BEHIND:
        return "gone", "It stayed there when the practice was restored here"
    if row.deleted_at:
        return "gone", "Deleted: newer ones hold the same"
    if row.verified_at:
        return "good", "Restored once to check it"
    return "problem", "It was not checked."


def _key_rows(desk: Desk) -> tuple[KeyRow, ...]:
    """One row a place, however many lie there."""
    zone, places = desk.practice.settings.time_zone, dict[str, list[KeysOutThere]]()
    for one in keys_out_there(desk, desk.now + timedelta(seconds=1)):
        places.setdefault(one.where, []).append(one)
    found = []
    for where, there in places.items():
        untils = [one.until for one in there if one.until is not None]
        known = len(untils) == len(there)
        found.append(
            KeyRow(
                where=where[0].upper() + where[1:],
                said=f"{words.count(len(there), 'key file', 'key files, the oldest')} from "
                f"{words.day(there[0].made_at, zone)}",
                until=words.day(max(untils), zone) if known else None,
                tick_off=there[0].backup_id if not known and where != DISK_WORDS else None,
            )
        )
    return tuple(found)


def ask(by: Actor) -> None:
    """A backup now, in each place that is there; the worker makes it. One that waits already is enough."""
    with access.transaction(by, Purpose.BACK_UP) as desk:
        waiting = {row.place for row in desk.session.scalars(backing_up.asked_for())}
        for place in backup_places.scheduled(desk):
            if place.is_there() and place.name not in waiting:
                row = tables.Backup(id=new_id(), made_at=desk.now, keys_made_at=desk.now, place=place.name)
                row.file_name, row.by_hand, row.percent = "", False, 0
                desk.session.add(row)
        desk.session.flush()


def choose_disk(by: Actor, folder: str) -> None:
    """Raises Invalid."""
    with access.transaction(by, Purpose.PLACE_BACKUPS) as desk:
        backup_places.choose(desk, folder)
        desk.audit(Did.CHOSE_BACKUP_DISK, "practice", "practice")


def forget_disk(by: Actor) -> None:
    with access.transaction(by, Purpose.PLACE_BACKUPS) as desk:
        backup_places.forget(desk)
        desk.audit(Did.FORGOT_BACKUP_DISK, "practice", "practice")


def say_keys_destroyed(by: Actor, backup_id: str) -> None:
    """The owner has destroyed what the program does not reach: this key file, and all in the same place.

    Raises NotFound.
    """
    with access.transaction(by, Purpose.PLACE_BACKUPS) as desk:
        out = [one for one in keys_out_there(desk, desk.now + timedelta(seconds=1)) if not one.until]
        where = {one.where for one in out if one.backup_id == backup_id}
        if not where:
            raise NotFound()
        for one in out:
            if one.where in where:
                desk.session.get_one(tables.Backup, one.backup_id).keys_destroyed_at = desk.now
                desk.audit(Did.SAID_KEYS_DESTROYED, "backup", one.backup_id)
