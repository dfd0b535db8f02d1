"""A practice's folder: where a practice may be made, restored or emptied, so that none is overwritten."""

import os
import shutil
import sys
import tomllib
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.errors import CannotRestore, KioskError
from kiosk.settings import FILE
from kiosk.vault import lockfile
from kiosk.vault.engine import DATABASE_FILE
from kiosk.vault.files import flush_folder

INBOX, BACKUPS = "inbox", "backups"
BEGUN, MADE = ".founding", ".founded"  # a practice that is being made, and one that is made and not in place
FORMS = "forms"  # the practice's own definitions, which say what its records mean
SCRATCH = ".making"  # the end of its name, where a practice is restored or rebuilt
README = "README.md"  # stands in the folder of a practice that is not made yet

MARKER = "made-by-demo.txt"
MARKED = "`kiosk demo` made this folder, and may empty it.\n"
ELSEWHERE = "Name another folder with --instance."


MY_DRIVE = (  # what Google calls "My Drive" in the languages of its program
    "my drive", "meine ablage", "mi unidad", "mon drive", "meu drive", "o meu disco", "il mio drive",
    "mijn drive", "mój dysk", "min enhet", "mit drev", "min disk", "oma drive", "můj disk", "môj disk",
    "saját meghajtó", "drive saya", "drive của tôi", "drive’ım", "drive'ım", "мой диск", "мій диск",
    "マイドライブ", "내 드라이브", "我的云端硬盘", "我的雲端硬碟",
)  # fmt: skip
SHARED_DRIVES = (
    "shared drives", "geteilte ablagen", "unidades compartidas", "drive partagés", "drives partagés",
    "drives compartilhados", "drive condivisi", "gedeelde drives",
)  # fmt: skip
SYNCHRONISED = (  # how the folders of programs that copy them elsewhere begin
    ("OneDrive", ("onedrive",)),
    ("Dropbox", ("dropbox",)),
    ("Google Drive", ("google drive", "googledrive", *MY_DRIVE, *SHARED_DRIVES)),
    ("iCloud", ("icloud", "mobile documents")),
    ("a cloud drive", ("cloudstorage",)),
)
DROPBOX_MARKER = ".dropbox.cache"
MARKERS = (  # such a folder may have any name; these lie in its root
    (DROPBOX_MARKER, "Dropbox"),
    (".tmp.driveupload", "Google Drive"),
    (".tmp.drivedownload", "Google Drive"),
    (".shortcut-targets-by-id", "Google Drive"),
)
# Where a Mac's "Desktop & Documents Folders" are in iCloud, they stand there too, so named in any language.
ICLOUD, ICLOUD_ALSO = Path("Library/Mobile Documents/com~apple~CloudDocs"), ("Desktop", "Documents")


def refuse_synchronised(path: Path) -> None:
    """Raises KioskError inside a folder that another program copies to somebody else's machines.

    It would also copy the database while it is written, and bring back what was erased.
    """
    whole = path.expanduser().resolve()
    for place in (whole, *whole.parents):
        if program := _synchronises(place):
            raise KioskError(
                f"{path} lies in {place}, which {program} copies to other machines.",
                f"Use a folder on this machine alone, outside of it, like {example()}.",
            )


def is_synchronised(path: Path) -> bool:
    whole = path.expanduser().resolve()
    return any(_synchronises(place) for place in (whole, *whole.parents))


def _synchronises(place: Path) -> str | None:
    name = unicodedata.normalize("NFC", place.name).casefold()  # a Mac may take letters and accents apart
    for program, beginnings in SYNCHRONISED:
        if name.startswith(beginnings):
            return program
    if place.name in ICLOUD_ALSO and os.path.lexists(place.parent / ICLOUD / place.name):
        return "iCloud"
    return next((program for marker, program in MARKERS if os.path.lexists(place / marker)), None)


def example() -> Path:
    """A folder of one's own that such programs leave alone, as this system names it."""
    by_system = {"win32": "AppData/Local/kiosk", "darwin": "Library/Application Support/kiosk"}
    return Path.home() / by_system.get(sys.platform, "kiosk")


@contextmanager
def founding(instance: Path) -> Iterator[Path]:
    """A folder beside, in which a practice is made; it becomes the practice whole, or it is not there.

    The moment is one renaming. What follows it, `finish_founding` ends, at the next start if need be.
    """
    refuse_synchronised(instance)
    finish_founding(instance)
    refuse_practice(instance)
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = instance / BEGUN
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(mode=0o700)
    try:
        yield beside
    except BaseException:
        shutil.rmtree(beside)
        raise
    _flush_all(beside)
    beside.replace(instance / MADE)
    _flush(instance)
    finish_founding(instance)


def finish_founding(instance: Path) -> None:
    """Bring what was made to its place; the settings last, for they say that there is a practice."""
    made = instance / MADE
    if not made.is_dir():
        return
    for path in sorted(made.iterdir(), key=lambda path: path.name == FILE):
        path.replace(instance / path.name)
    _flush(instance)
    made.rmdir()
    (instance / INBOX).mkdir(exist_ok=True)


def _flush_all(folder: Path) -> None:
    """Each file and folder in it, and it; whoever wrote them may have left that to the system."""
    for path in (*folder.rglob("*"), folder):
        _flush(path)


def _flush(path: Path) -> None:
    """To the disk itself. A folder can be flushed on POSIX only."""
    if path.is_dir() and os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def has_practice(instance: Path) -> bool:
    return (instance / FILE).exists()


@contextmanager
def made_for_a_while(instance: Path) -> Iterator[None]:
    """The folder, for a practice that may not come to be: then nothing of it is left."""
    there_before = instance.exists()
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield
    finally:
        if not has_practice(instance):
            (instance / lockfile.FILE).unlink(missing_ok=True)
            if not there_before and not any(instance.iterdir()):
                instance.rmdir()


def refuse_practice(instance: Path) -> None:
    """Raises KioskError where a practice lies, or a database whose settings are lost."""
    for name in (FILE, DATABASE_FILE):
        if (instance / name).exists():
            raise KioskError(f"There is a practice in {instance} already ({name}).", ELSEWHERE)


NOT_COUNTED = (README, lockfile.FILE, SCRATCH, lockfile.MAKING)


def refuse_full(instance: Path) -> None:
    """Raises CannotRestore for a folder that is not empty."""
    if instance.exists() and any(path.name not in NOT_COUNTED for path in instance.iterdir()):
        raise CannotRestore(f"{instance} is not empty.", "Name an empty folder.")


@contextmanager
def making(instance: Path) -> Iterator[Path]:
    """A folder for a practice that takes the instance's place once all in it is made: whole, or not at all.

    Raises CannotRestore for an instance that is not empty, InUse where its first start is being served or
    another process makes one there.
    """
    instance = instance.resolve()
    refuse_full(instance)
    lockfile.refuse_served(instance)
    instance.parent.mkdir(parents=True, exist_ok=True)
    # On the same disk, so that it becomes the instance by one renaming.
    beside = instance.with_name(f".{instance.name}{SCRATCH}")
    if os.path.ismount(instance):
        beside = instance / SCRATCH
    with lockfile.making(beside):
        refuse_full(instance)  # another process may just have been done
        shutil.rmtree(beside, ignore_errors=True)
        try:
            yield beside
            _put_in_place(beside, instance)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def _put_in_place(beside: Path, instance: Path) -> None:
    """By one renaming, so that the instance is whole or empty whatever ends this; a mount takes several."""
    _flush_all(beside)
    if beside.parent == instance:
        for path in sorted(beside.iterdir(), key=lambda path: path.name == FILE):  # the settings last
            path.replace(instance / path.name)
        flush_folder(instance)
        return
    if (readme := instance / README).exists():
        shutil.copyfile(readme, beside / README)
        readme.unlink()
    (instance / lockfile.FILE).unlink(missing_ok=True)
    if instance.exists():
        instance.rmdir()
    beside.rename(instance)
    flush_folder(instance.parent)


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
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
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
