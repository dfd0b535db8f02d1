"""The folder that a scanner writes to: a file is taken when it is whole, and goes only when it is stored."""

import tempfile
import time
from pathlib import Path

from kiosk.access import Actor
from kiosk.actions import paper
from kiosk.settings import Settings

STILL_SECONDS = 2.0  # a file that has just been written to may still be growing
STALLED_SECONDS = 60.0  # after this a file without its end is taken as it is, and its problem shown
UNFINISHED_NAMES = (".part", ".tmp", ".crdownload", ".filepart")
MEGABYTE = 1_000_000

TOO_LARGE = "A file in the inbox folder is larger than {limit} MB. Scan fewer pages at once, then delete it."
NOT_OURS = (
    "This program may not change the inbox folder, so its files stay there. Let it write to the folder."
)
CLOSED = "A file in the inbox folder cannot be read. Let this program read it, or scan that paper again."
EMPTY = "A file in the inbox folder is empty. Scan that paper again, then delete the file."


def inbox_folder(settings: Settings) -> Path:
    return settings.instance / "inbox"


def waiting_files(settings: Settings) -> list[Path]:
    folder = inbox_folder(settings)
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file()
        and not path.is_symlink()
        and not path.name.startswith(".")
        and path.suffix.lower() not in UNFINISHED_NAMES
    )


def left_lying(settings: Settings) -> tuple[str, ...]:
    """What to say of files that stay in the folder, because they are empty or over the limit; no names."""
    limit = settings.max_upload_mb
    said, waiting = [], waiting_files(settings)
    if waiting and not may_change(inbox_folder(settings)):
        said.append(NOT_OURS)
    for path in waiting:
        size = path.stat().st_size
        if size > limit * MEGABYTE:
            said.append(TOO_LARGE.format(limit=limit))
        elif not may_read(path):
            said.append(CLOSED)
        elif size == 0 and time.time() - path.stat().st_mtime > STALLED_SECONDS:
            said.append(EMPTY)
    return tuple(said)


def watch_inbox(by: Actor, clock: float | None = None) -> bool:
    """Take the first file that is whole into the store; returns whether one was taken.

    The file goes only after its bytes are stored: a power cut between leaves a file whose
    second coming is noted as a duplicate.
    """
    settings = by.practice.settings
    now = time.time() if clock is None else clock
    waiting = waiting_files(settings)
    if waiting and not may_change(inbox_folder(settings)):
        return False  # what cannot go would be taken again and again
    for path in waiting:
        still = now - path.stat().st_mtime
        size = path.stat().st_size
        if still < STILL_SECONDS or not 0 < size <= settings.max_upload_mb * MEGABYTE:
            continue
        if not may_read(path):
            continue
        data = path.read_bytes()
        if not is_whole(data) and still < STALLED_SECONDS:
            continue
        paper.receive(by, data, source="inbox")
        path.unlink()
        return True
    return False


def may_change(folder: Path) -> bool:
    """Whether files can be taken out of a folder: asked of the system, for who may is not all that counts."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def may_read(path: Path) -> bool:
    try:
        with path.open("rb"):
            return True
    except OSError:
        return False


def is_whole(data: bytes) -> bool:
    """Whether a file has its end, as far as its kind has one: PDF, PNG and JPEG do."""
    if data.startswith(b"%PDF"):
        return b"%%EOF" in data[-2048:]
    if data.startswith(b"\x89PNG"):
        return data.rstrip(b"\0").endswith(b"IEND\xaeB`\x82")
    if data.startswith(b"\xff\xd8"):
        return data.rstrip(b"\0").endswith(b"\xff\xd9")
    return bool(data)
