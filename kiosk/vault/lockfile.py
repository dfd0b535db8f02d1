"""One server a practice: a lock on a file, held as long as the process lives, whatever ends it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from kiosk.errors import InUse, StoreReadOnly

FILE = "serving.lock"
BACKING_UP = "backing-up.lock"
MAKING = ".making.lock"  # after the name of the folder

TAKEN = {
    FILE: ("This practice is being served already.", "Stop the other server, or use the one that runs."),
    BACKING_UP: ("A backup of this practice is being made already.", "Wait until it is done."),
    MAKING: ("A practice is being made in this folder already.", "Wait until it is done."),
}


def hold(instance: Path, name: str = FILE) -> IO[bytes]:
    """Take the lock; keep what is returned. Raises InUse where another process has it.

    Raises StoreReadOnly where nothing can be written.

    `fcntl` on Linux and macOS, `msvcrt` on Windows.
    """
    try:
        file = (instance / name).open("a+b")
    except OSError:
        raise StoreReadOnly from None
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise InUse(*_taken(name)) from None
    os.set_inheritable(file.fileno(), False)
    return file


def _taken(name: str) -> tuple[str, str]:
    return next(words for ending, words in TAKEN.items() if name.endswith(ending))


@contextmanager
def making(scratch: Path) -> Iterator[None]:
    """The right to make a practice in this folder, by a file beside it that is there meanwhile.

    Raises InUse where another process has it, StoreReadOnly.
    """
    path = scratch.with_name(f"{scratch.name.removesuffix('.making')}{MAKING}")
    with hold(path.parent, path.name) as file:
        if not path.exists() or not os.path.samestat(os.fstat(file.fileno()), path.stat()):
            raise InUse(*TAKEN[MAKING])  # who had it has taken it away just now, and another may have one
        try:
            yield
        finally:
            with suppress(OSError):  # Windows keeps it, which is in nobody's way
                path.unlink()


def refuse_served(instance: Path) -> None:
    """Raises InUse where a server has the lock. Makes nothing in a folder that was never served."""
    if (instance / FILE).exists():
        hold(instance).close()
