"""One server a practice: a lock on a file, held as long as the process lives, whatever ends it."""

import os
import sys
from pathlib import Path
from typing import IO

from kiosk.errors import InUse, StoreReadOnly

FILE = "serving.lock"
BACKING_UP = "backing-up.lock"

TAKEN = {
    FILE: ("This practice is being served already.", "Stop the other server, or use the one that runs."),
    BACKING_UP: ("A backup of this practice is being made already.", "Wait until it is done."),
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
        raise InUse(*TAKEN[name]) from None
    os.set_inheritable(file.fileno(), False)
    return file


def refuse_served(instance: Path) -> None:
    """Raises InUse where a server has the lock. Makes nothing in a folder that was never served."""
    if (instance / FILE).exists():
        hold(instance).close()
