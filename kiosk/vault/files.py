"""Writing a file whole or not at all, and destroying one, as far as a disk lets one."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

AT_ONCE = 1 << 20


def open_private(path: Path) -> BinaryIO:
    """To write it anew, whatever the umask: nobody else on this machine reads it."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def write_whole(path: Path, data: bytes) -> None:
    """To a file beside, flushed to the disk, then renamed: there is the whole new one or what was there."""
    beside = path.with_name(f".{path.name}.part")
    with open_private(beside) as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(path)
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """What was renamed or deleted in a folder stays so after a power cut."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def overwrite_and_delete(path: Path) -> None:
    """Zeros first: a disk that writes elsewhere, as flash does, may still keep what was there."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        for at in range(0, size, AT_ONCE):
            file.write(bytes(min(AT_ONCE, size - at)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    flush_folder(path.parent)


def clear_folder(folder: Path) -> None:
    """Delete a folder with zeros over all that lay in it, as far as they can be written. Raises OSError."""
    if not folder.exists():
        return
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with suppress(OSError):  # then it is deleted all the same
                overwrite_and_delete(path)
    shutil.rmtree(folder)
