"""A practice's folder: where a practice may be made, restored or emptied, so that none is overwritten."""

import shutil
import tomllib
from pathlib import Path

from kiosk.errors import CannotRestore, KioskError
from kiosk.settings import FILE
from kiosk.vault import lockfile
from kiosk.vault.engine import DATABASE_FILE

INBOX = "inbox"
FORMS = "forms"  # the practice's own definitions, which say what its records mean
README = "README.md"  # stands in the folder of a practice that is not made yet

MARKER = "made-by-demo.txt"
MARKED = "`kiosk demo` made this folder, and may empty it.\n"
ELSEWHERE = "Name another folder with --instance."


SYNCHRONISED = (  # how the folders of programs that copy them elsewhere begin
    ("OneDrive", ("onedrive",)),
    ("Dropbox", ("dropbox",)),
    ("Google Drive", ("google drive", "googledrive", "my drive")),
    ("iCloud", ("icloud", "mobile documents")),
    ("a cloud drive", ("cloudstorage",)),
)
DROPBOX_MARKER = ".dropbox.cache"  # a Dropbox may have any name; this lies in its root


def refuse_synchronised(path: Path) -> None:
    """Raises KioskError inside a folder that another program copies to somebody else's machines.

    It would also copy the database while it is written, and bring back what was erased.
    """
    whole = path.expanduser().resolve()
    for place in (whole, *whole.parents):
        if program := _synchronises(place):
            raise KioskError(
                f"{path} lies in {place}, which {program} copies to other machines.",
                "Use a folder on this machine alone, outside of it.",
            )


def _synchronises(place: Path) -> str | None:
    name = place.name.casefold()
    for program, beginnings in SYNCHRONISED:
        if name.startswith(beginnings):
            return program
    return "Dropbox" if (place / DROPBOX_MARKER).exists() else None


def refuse_practice(instance: Path) -> None:
    """Raises KioskError where a practice lies, or a database whose settings are lost."""
    for name in (FILE, DATABASE_FILE):
        if (instance / name).exists():
            raise KioskError(f"There is a practice in {instance} already ({name}).", ELSEWHERE)


def refuse_full(instance: Path) -> None:
    """Raises CannotRestore for a folder that is not empty."""
    if instance.exists() and any(path.name != README for path in instance.iterdir()):
        raise CannotRestore(f"{instance} is not empty.", "Restore into an empty folder.")


def refuse_what_the_demo_did_not_make(instance: Path) -> None:
    """Raises KioskError but for an empty folder, a sample practice, and a half-made one.

    Where there are settings, they decide; where there are none yet, the marker does.
    """
    there = sorted(path.name for path in instance.iterdir()) if instance.exists() else []
    if FILE in there:
        if not _says_demo(instance / FILE):
            raise KioskError(f"{instance} holds a practice that is not the sample practice.", ELSEWHERE)
    elif there and MARKER not in there:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise KioskError(f"{instance} holds what the demo did not make: {there[0]}{more}.", ELSEWHERE)


def _says_demo(settings: Path) -> bool:
    try:
        return tomllib.loads(settings.read_text(encoding="utf-8")).get("demo") is True
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False


def mark_as_demo(instance: Path) -> None:
    """Before anything else is written, so that a making that is cut off is known as the demo's."""
    instance.mkdir(parents=True, exist_ok=True)
    (instance / MARKER).write_text(MARKED, encoding="utf-8")


def empty_demo(instance: Path, first: str) -> None:
    """All but the marker and the lock that the caller holds; `first` is what says that it is complete."""
    (instance / first).unlink(missing_ok=True)
    for path in instance.iterdir():
        if path.name in (MARKER, lockfile.FILE):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
