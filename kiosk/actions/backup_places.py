"""Where backups go: a folder on this computer, and a disk that the owner chose, known by a file on it."""

import os
import string
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.access import Desk
from kiosk.errors import Invalid, KioskError
from kiosk.settings import Settings
from kiosk.vault import OFFICE, Field, new_id, tables
from kiosk.vault.files import write_whole
from kiosk.vault.folder import BACKUPS, is_synchronised, refuse_synchronised

DISK = "backup_disk"  # an office item
MARKER = "backups-of-this-practice.txt"
MARKED = (
    "Backups of a practice go into this folder. Leave this file here: it says that the disk is plugged in.\n"
)
MOUNTS = ("media/*", "media/*/*", "run/media/*/*", "mnt/*", "Volumes/*")


@dataclass(frozen=True)
class Place:
    """`name` is what a backup's row says: a folder, or nothing for the practice's own."""

    name: str
    folder: Path
    marker: str | None = None

    def is_there(self) -> bool:
        """An empty mount point holds no marker, and so is not taken for the disk.

        Nor is a folder that a program began to copy elsewhere after it was chosen.
        """
        if self.marker is None:
            return True
        if is_synchronised(self.folder):
            return False
        try:
            return (self.folder / MARKER).read_text(encoding="utf-8").split()[-1:] == [self.marker]
        except (OSError, UnicodeDecodeError):
            return False


def here(settings: Settings) -> Place:
    folder = settings.instance / BACKUPS
    folder.mkdir(mode=0o700, exist_ok=True)
    return Place("", folder)


def disk(desk: Desk) -> Place | None:
    kept = _kept(desk)
    folder = kept.get("folder")
    return Place(folder, Path(folder), kept["marker"]) if folder else None


def scheduled(desk: Desk) -> tuple[Place, ...]:
    """Where backups go by themselves."""
    chosen = disk(desk)
    return (here(desk.practice.settings), *([chosen] if chosen else []))


def former(desk: Desk) -> frozenset[str]:
    """Folders that were chosen once, and are not any more."""
    return frozenset(_kept(desk).get("former", ())) - {_kept(desk).get("folder")}


def by_hand(desk: Desk, file: Path) -> Place:
    """The place of a file that somebody named, which may be one of the scheduled ones."""
    folder = file.absolute().parent
    for place in scheduled(desk):
        if place.folder.exists() and folder.samefile(place.folder):
            return place
    return Place(str(folder), folder)


def choose(desk: Desk, typed: str) -> None:
    """From now on backups also go to this folder. Raises Invalid, with words beside the field."""
    folder = Path(typed.strip())
    if reason := _unfit(folder, desk.practice.settings):
        raise Invalid({"folder": reason})
    marker = new_id()
    try:
        write_whole(folder / MARKER, f"{MARKED}{marker}\n".encode())
    except OSError:
        raise Invalid({"folder": "Nothing can be written there. Choose another folder."}) from None
    _keep(desk, folder=str(folder), marker=marker)


def forget(desk: Desk) -> None:
    """From now on backups stay on this computer; what lies on the disk stays there."""
    _keep(desk)


def _unfit(folder: Path, settings: Settings) -> str | None:
    if not folder.is_absolute():
        return f"Give the whole path of the folder, as {example()}."
    if not folder.is_dir():
        return "This folder is not there. Plug the disk in, or make the folder first."
    if folder.resolve().is_relative_to(settings.instance.resolve()):
        return "This folder is the practice's own. Choose one on another disk."
    try:
        refuse_synchronised(folder)
    except KioskError as refused:
        return f"{refused.message} Choose one on a disk of your own, like {example()}."
    return None


def is_own_disk(place: Place, settings: Settings) -> bool:
    """Whether a folder lies on the disk that holds the practice, as far as the system tells."""
    try:
        return place.folder.stat().st_dev == settings.instance.stat().st_dev
    except OSError:
        return False


def example() -> str:
    """A folder on a disk, as this system writes it."""
    by_system = {"win32": "E:\\backups", "darwin": "/Volumes/DISK/backups"}
    return by_system.get(sys.platform, "/media/disk/backups")


def _kept(desk: Desk) -> dict[str, Any]:
    row = desk.session.get(tables.OfficeItem, DISK)
    if row is None:
        return {}
    kept: dict[str, Any] = desk.open_json(OFFICE, Field.OFFICE_ITEM, DISK, row.value_sealed)
    return kept


def _keep(desk: Desk, **chosen: str) -> None:
    before = _kept(desk)
    past = {*before.get("former", ()), *([before["folder"]] if before.get("folder") else [])}
    sealed = desk.seal_json(OFFICE, Field.OFFICE_ITEM, DISK, {**chosen, "former": sorted(past)})
    desk.session.merge(tables.OfficeItem(name=DISK, value_sealed=sealed))
    desk.session.flush()


def plugged_in() -> tuple[str, ...]:
    """Disks that can be written to, as this system shows them: to choose from without typing."""
    if sys.platform == "win32":
        found = [Path(f"{letter}:\\") for letter in string.ascii_uppercase[3:]]
    else:
        found = [path for pattern in MOUNTS for path in sorted(Path("/").glob(pattern))]
    return tuple(str(path) for path in found if os.path.ismount(path) and os.access(path, os.W_OK))
