"""The short life of key files: when they are destroyed, and which may still be somewhere.

Every backup is older than the next erasure. What it says about whoever is erased then is readable as long as
one key file from before is left; so they are few, known, renewed after each erasure, and told of truthfully.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from kiosk import access
from kiosk.access import Actor, Desk
from kiosk.actions import backup_places, generations, words
from kiosk.actions.backup_places import Place
from kiosk.errors import InUse
from kiosk.vault import backup_file, erased, key_files, lockfile, new_id, passing, tables
from kiosk.vault.backup import clear_scratch
from kiosk.vault.did import Did
from kiosk.vault.files import overwrite_and_delete
from kiosk.vault.key_files import KeyFileHead
from kiosk.vault.restoring import STAYED_BEHIND
from kiosk.vault.store import STAFF

Row = tables.Backup
AuditEntry = tables.AuditEntry
DISK_WORDS = "the backup disk"
OVERLAP = timedelta(minutes=1)
AGAIN_AFTER_SECONDS = 600.0
SPARED = (
    "Its key file holds keys that this practice does not know, or is damaged: it is newer than the backup "
    "from which this practice was restored. Restore it instead, or destroy the key file and say so here."
)  # a backup's problem

_failed_at: dict[Path, float] = {}  # a disk that could not be written to, in this process


@dataclass(frozen=True)
class KeysOutThere:
    """A key file that may still be somewhere: `until` when at the latest, where that is known."""

    backup_id: str
    where: str
    made_at: datetime
    until: datetime | None


def keys_out_there(desk: Desk, before: datetime) -> tuple[KeysOutThere, ...]:
    """Key files written before a moment that nobody has seen destroyed, the oldest first."""
    rows = desk.session.scalars(
        select(Row)
        .where(Row.keys_destroyed_at.is_(None), Row.keys_made_at < before, Row.file_name != "")
        .order_by(Row.keys_made_at)
    )
    return tuple(_told(desk, row) for row in rows)


def keys_gone_since(desk: Desk, before: datetime) -> datetime | None:
    """Since when there is no key file from before a moment, where `keys_out_there` finds none; None: always.

    One was destroyed, or another took its place, and maybe others since: the trail says when the first did.
    """
    destroyed = select(func.max(Row.keys_destroyed_at)).where(Row.keys_made_at < before)
    first = select(func.min(AuditEntry.at)).where(
        AuditEntry.did == Did.RENEWED_KEY_FILES, AuditEntry.object == Row.id, AuditEntry.at >= before
    )
    renewed = select(func.max(func.coalesce(first.scalar_subquery(), Row.keys_made_at))).where(
        Row.made_at < before, Row.keys_made_at >= before, Row.file_name != ""
    )
    found = (desk.session.scalar(destroyed), desk.session.scalar(renewed))
    return max((at for at in found if at is not None), default=None)


def _told(desk: Desk, row: Row) -> KeysOutThere:
    settings, disk = desk.practice.settings, backup_places.disk(desk)
    ends = row.keys_made_at + timedelta(days=settings.key_backup_days)
    if row.problem == SPARED:
        file = key_files.beside(folder_of(desk, row) / row.file_name)
        where, until = f"a key file that was spared, {file}", None
    elif row.place == STAYED_BEHIND:
        where, until = STAYED_BEHIND, None
    elif row.by_hand:
        where, until = f"a file made by hand on {words.short_day(row.made_at, settings.time_zone)}", None
    elif row.place == "":
        where, until = "this computer", ends
    elif disk is not None and disk.name == row.place:
        where, until = DISK_WORDS, ends if disk.is_there() else None
    else:
        where, until = "an earlier backup disk", None
    return KeysOutThere(row.id, where, row.keys_made_at, until)


def keys_changed_at(desk: Desk, overlap: timedelta = timedelta()) -> datetime | None:
    """When a key was last destroyed, or what opens the practice last changed."""
    destroyed = desk.session.scalar(select(func.max(tables.ClientKey.destroyed_at)).where(~passing.of_days()))
    ways = select(func.max(tables.KeyWrap.made_at)).where(tables.KeyWrap.way != STAFF)
    opens = desk.session.scalar(ways)
    if destroyed is not None and desk.now > destroyed + overlap:
        destroyed += overlap
    return max((at for at in (destroyed, opens) if at is not None), default=None)


def folder_of(desk: Desk, row: Row) -> Path:
    return Path(row.place) if row.place else backup_places.here(desk.practice.settings).folder


def _reachable(desk: Desk) -> tuple[Place, ...]:
    """The scheduled places that are there, and the folders of what was made by hand, where they are."""
    scheduled = [place for place in backup_places.scheduled(desk) if place.is_there()]
    names = {STAYED_BEHIND, *(place.name for place in backup_places.scheduled(desk))}
    others = desk.session.scalars(
        select(Row.place).where(Row.keys_destroyed_at.is_(None), Row.place.not_in(names)).distinct()
    )
    folders = [Place(name, Path(name)) for name in sorted(others) if Path(name).is_dir()]
    return (*scheduled, *folders)


def _older(desk: Desk, place: Place, moment: datetime | None) -> list[Row]:
    """The backups of a place whose key files are from before a moment."""
    if moment is None:
        return []
    rows = select(Row).where(
        Row.place == place.name,
        Row.keys_destroyed_at.is_(None),
        Row.keys_made_at < moment,
        Row.percent.is_(None),
    )
    return [row for row in desk.session.scalars(rows) if row.problem != SPARED and holds_keys(desk, row)]


def holds_keys(desk: Desk, row: Row) -> bool:
    """Whether something that we know of holds its keys: its key file, or a backup of the first kind."""
    file = folder_of(desk, row) / row.file_name
    return key_files.beside(file).exists() or _is_self_contained(file)


def _is_self_contained(file: Path) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as source:
        return source.read(len(backup_file.SELF_CONTAINED)) == backup_file.SELF_CONTAINED


def any_stale(desk: Desk) -> bool:
    """Whether a key file within reach says too much.

    A moment is taken before a transaction has its turn, so that a key file may be written after the moment
    of an erasure and yet before it: a minute later everything from that minute is renewed once more.
    """
    moment = keys_changed_at(desk, OVERLAP)
    return any(_older(desk, place, moment) for place in _reachable(desk) if not _failed_lately(place))


def renew_keys(by: Actor) -> bool:
    """After an erasure, or when what opens the practice changed: fresh key files, and none from before.

    Call it once that is committed. It is done in every place that is there; for another the worker does it
    when the disk is plugged in, and while a backup is made, afterwards. What could not be done stands in
    `keys_out_there`. Returns whether something was renewed.
    """
    by.practice.vault.scrub()
    with access.transaction(by) as desk:
        note_lists(desk)
        places = [place for place in _reachable(desk) if _older(desk, place, desk.now)]
    done = False
    try:
        with lockfile.hold(by.practice.settings.instance, lockfile.BACKING_UP):
            clear_scratch(by.practice.settings.instance)
            for place in places:
                done |= _renewed_in(by, place)
    except InUse:
        return False
    return done


def _renewed_in(by: Actor, place: Place) -> bool:
    """A fresh key file beside the newest backup there, and no other; False where the disk does not let us."""
    with access.transaction(by) as desk:
        newest = _newest(desk, place)
    but, fresh_at = None, by.practice.vault.clock()
    try:
        key_files.sweep(place.folder)
        if newest is not None:
            but = key_files.beside(place.folder / newest.file_name)
            key_files.renew(by.practice.vault, but)
        with access.transaction(by) as desk:
            known = key_files.known(by.practice.vault, desk)
        key_files.destroy_older(place.folder, known, None, but)
        spared = key_files.beyond(place.folder, known)
    except OSError:
        _failed_at[place.folder] = time.monotonic()
        return False
    with access.transaction(by) as desk:
        if newest is not None:
            _has_fresh_keys(desk.session.get_one(Row, newest.id), fresh_at)
        _tell_of(desk, place, spared)
        _destroy_self_contained(desk, place, fresh_at)
        for row in desk.session.scalars(select(Row).where(Row.place == place.name)):
            note_where_gone(desk, row)
        desk.audit(Did.RENEWED_KEY_FILES, "backup", newest.id if newest else "")
    return True


def _failed_lately(place: Place) -> bool:
    failed = _failed_at.get(place.folder)
    return failed is not None and time.monotonic() - failed < AGAIN_AFTER_SECONDS


def _newest(desk: Desk, place: Place) -> Row | None:
    """The newest good backup whose file lies there, and that needs a key file."""
    rows = desk.session.scalars(
        select(Row)
        .where(Row.place == place.name, Row.verified_at.is_not(None), Row.deleted_at.is_(None))
        .order_by(Row.made_at.desc())
    )
    files = ((row, place.folder / row.file_name) for row in rows)
    return next((row for row, file in files if file.is_file() and not _is_self_contained(file)), None)


def _has_fresh_keys(row: Row, at: datetime) -> None:
    row.keys_made_at = at
    if row.problem == SPARED:
        row.problem = None  # that key file lies beside this one now, under another name


def _tell_of(desk: Desk, place: Place, spared: tuple[KeyFileHead, ...]) -> None:
    """Key files that may be the only ones for newer backups: the owner decides, no erasure is complete."""
    for head in spared:
        name = head.path.name.removesuffix(key_files.ENDING)
        row = desk.session.scalars(
            select(Row).where(Row.place == place.name, Row.file_name == name).order_by(Row.made_at.desc())
        ).first()
        if row is None:
            row = Row(id=new_id(), made_at=head.made_at, keys_made_at=head.made_at, place=place.name)
            row.file_name, row.by_hand = name, True  # it was not made by itself here: nothing thins it out
            desk.session.add(row)
        row.problem, row.keys_destroyed_at = SPARED, None
    desk.session.flush()


def _destroy_self_contained(desk: Desk, place: Place, before: datetime) -> None:
    """A backup of the first kind is its own key file: it goes as one, where a newer backup is there."""
    if _newest(desk, place) is None:
        return
    rows = select(Row).where(Row.place == place.name, Row.deleted_at.is_(None), Row.keys_made_at < before)
    for row in desk.session.scalars(rows):
        file = place.folder / row.file_name
        if not row.by_hand and _is_self_contained(file):
            overwrite_and_delete(file)
            row.deleted_at = desk.now


def note_where_gone(desk: Desk, row: Row) -> None:
    """What is not there any more was destroyed: by us, whatever ended us after it.

    Not so of a file made by hand that is gone altogether: it may have been carried elsewhere.
    """
    if row.keys_destroyed_at is not None or row.percent is not None or holds_keys(desk, row):
        return
    if not row.by_hand or (folder_of(desk, row) / row.file_name).is_file():
        row.keys_destroyed_at = desk.now
        if row.problem == SPARED:
            row.problem = None


def look_after_place(by: Actor, place: Place, *, verified: bool) -> None:
    """After each backup: one list of the erased, old key files destroyed, old backups thinned out."""
    with access.transaction(by) as desk:
        note_lists(desk)
        erased_meanwhile = bool(_older(desk, place, keys_changed_at(desk)))
    if erased_meanwhile:
        renew_keys(by)
    if not verified:
        return
    with access.transaction(by) as desk:
        known = key_files.known(by.practice.vault, desk)
        newest = _newest(desk, place)
        limit = desk.now - timedelta(days=desk.practice.settings.key_backup_days)
        but = key_files.beside(place.folder / newest.file_name) if newest else None
        key_files.destroy_older(place.folder, known, limit, but)
        _tell_of(desk, place, key_files.beyond(place.folder, known))
        _destroy_self_contained(desk, place, limit)
        _thin_out(desk, place)
        for row in desk.session.scalars(select(Row).where(Row.place == place.name)):
            note_where_gone(desk, row)


def note_lists(desk: Desk) -> None:
    """One list of the erased in every place that is there; what somebody changed in one is noted."""
    folders = [desk.practice.settings.instance, *(place.folder for place in _reachable(desk))]
    united = erased.unite(desk, folders)
    for _ in united.changed:
        desk.audit(Did.FOUND_DAMAGE, "erased_list", erased.FILE, outcome="damaged")
    for owner in united.again:
        desk.audit(Did.KEPT_ERASED, "client", owner)


def _thin_out(desk: Desk, place: Place) -> None:
    """Never what was made by hand. The row stays: sheets name the backup that held them."""
    rows = desk.session.scalars(
        select(Row).where(
            Row.place == place.name, Row.by_hand.is_(False), Row.deleted_at.is_(None), Row.percent.is_(None)
        )
    ).all()
    keep = generations.kept((row.made_at for row in rows if row.verified_at), desk.now)
    for row in rows:
        good = row.verified_at is not None and row.made_at in keep
        if good or row.problem == SPARED or desk.now - row.made_at <= generations.ALL_FOR:
            continue
        file = place.folder / row.file_name
        file.unlink(missing_ok=True)
        if key_files.beside(file).exists():
            overwrite_and_delete(key_files.beside(file))
        row.deleted_at = desk.now
