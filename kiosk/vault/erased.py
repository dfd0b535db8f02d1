"""(temporary) the list of the erased."""

import os
from collections.abc import Iterable
from pathlib import Path

FILE = "erased.txt"


def note(instance: Path, ids: Iterable[str]) -> None:
    with (instance / FILE).open("a", encoding="utf-8") as out:
        out.writelines(f"{one}\n" for one in ids)
        out.flush()
        os.fsync(out.fileno())


def listed(instance: Path) -> frozenset[str]:
    path = instance / FILE
    return frozenset(path.read_text(encoding="utf-8").split()) if path.exists() else frozenset()


def state(instance: Path) -> tuple[int, int]:
    path = instance / FILE
    if not path.exists():
        return 0, 0
    found = path.stat()
    return found.st_size, found.st_mtime_ns
