"""Opening what somebody uploaded: only ever in a child process, which has limits and no network.

The child writes raw grey pixels to a pipe; here they become pages again, and nothing else of the file does.
Limits and figures: a 510 kB PDF made PDFium use 1 GB, a 17 kB PNG was 144 million pixels.
"""

import json
import subprocess  # nosec B404  # each use is judged where it stands
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from pdf.confined import confine

WALL_SECONDS = 25.0  # a file is done with, its problem kept, within thirty
MOST_OUTPUT_BYTES = 400_000_000
# As the child keeps to, unless a file took it over.
MOST_PAGE_BYTES = 3600 * 3600
MOST_PAGES = 40
LONGEST_LINE = 200
MEGABYTE = 1_000_000
MOST_FILE_BYTES = 25 * MEGABYTE

EMPTY = "This file is empty. Scan the paper again."
TOO_LARGE = "This file is larger than 25 MB. Scan fewer pages at once."
BROKEN = "This file is damaged, or too large once opened. Scan the paper again."
WORDS = {
    "not_a_scan": "This is not a scan: PDF, TIFF, JPEG and PNG are read. Scan the paper again.",
    "encrypted": "This file is locked with a password. Save it without one, or scan the paper again.",
    "active": "This file holds more than pages, so it was not opened. Scan the paper again.",
    "too_large": "This page is too large to be a scan of a sheet. Scan it again at 200 to 300 dpi.",
    "too_many": "This file has more than 40 pages. Scan fewer pages at once.",
    "broken": BROKEN,
}

# Isolated (-I), and yet of the very copy of the program that starts it.
CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from pdf.confined.child import main; main()"
PACKAGES = Path(__file__).parents[1]

# Numpy, where a library brings it, starts threads; a process of several may not leave the network (EINVAL).
CHILD_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

Pixels = NDArray[np.uint8]
T = TypeVar("T")


@dataclass(frozen=True)
class Opened:
    """One page as grey pixels; `number` counts from 0."""

    number: int
    pixels: Pixels


@dataclass(frozen=True)
class NotOpened:
    """What could not be opened and what to do; `number` None means the whole file."""

    number: int | None
    kind: str
    problem: str


def open_upload(data: bytes) -> Iterator[Opened | NotOpened]:
    """The pages of a file that may be hostile. Whatever becomes of the child is an ordinary outcome.

    One page at a time is in memory here, however many there are.
    """
    if not data:
        yield NotOpened(None, "empty", EMPTY)
    elif len(data) > MOST_FILE_BYTES:
        yield NotOpened(None, "too_large", TOO_LARGE)
    else:
        yield from _pages_of(data)


def start_child() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  # our own module
        [sys.executable, "-I", "-c", CHILD, str(PACKAGES)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        close_fds=True,
        env=CHILD_ENVIRONMENT,
    )


def _pages_of(data: bytes) -> Iterator[Opened | NotOpened]:
    child = start_child()
    assert child.stdin is not None  # noqa: S101  # both are pipes
    assert child.stdout is not None  # noqa: S101
    feeder = threading.Thread(target=_feed, args=(child.stdin, data), daemon=True)
    feeder.start()
    try:
        with child.stdout as pipe:
            yield from _said(Answers(child, pipe))
    finally:
        child.kill()
        child.wait()
        feeder.join()


def _feed(pipe: IO[bytes], data: bytes) -> None:
    try:
        with pipe:
            pipe.write(data)
    except OSError:
        return  # the child is gone; its exit says the rest


class Answers:
    """What a child writes, as long as it keeps to its time: that in which it was waited for."""

    def __init__(self, child: subprocess.Popen[bytes], pipe: IO[bytes]) -> None:
        self._child, self._pipe = child, pipe
        self._left_seconds, self._left_bytes = WALL_SECONDS, MOST_OUTPUT_BYTES

    def line(self) -> bytes:
        return self._waited_for(lambda: self._pipe.readline(LONGEST_LINE))

    def pixels(self, width: int, height: int) -> Pixels | None:
        """Nothing where there are too many of them, or fewer than were said."""
        size = width * height
        if not 0 < size <= min(MOST_PAGE_BYTES, self._left_bytes):
            return None
        self._left_bytes -= size
        body = self._waited_for(lambda: self._pipe.read(size))
        return np.frombuffer(body, np.uint8).reshape(height, width) if len(body) == size else None

    def ended_well(self) -> bool:
        return self._waited_for(self._child.wait) == 0

    def _waited_for(self, ask: Callable[[], T]) -> T:
        begun = time.monotonic()
        timer = threading.Timer(max(0.0, self._left_seconds), self._child.kill)
        timer.start()
        try:
            return ask()
        finally:
            timer.cancel()
            self._left_seconds -= time.monotonic() - begun


def _said(answers: Answers) -> Iterator[Opened | NotOpened]:
    """A line of JSON before each page says what follows. At what does not add up the file is broken.

    Pages are counted here, for a child whom a file took over may say any number.
    """
    number = 0
    while line := answers.line():
        match _plain(line):
            case {"kind": str(kind), "page": page}:
                known = kind if kind in WORDS else "broken"
                yield NotOpened(None if page is None and not number else number, known, WORDS[known])
            case {"width": int(width), "height": int(height)} if number < MOST_PAGES:
                pixels = answers.pixels(width, height)
                if pixels is None:
                    break
                yield Opened(number, pixels)
            case _:
                break
        number += 1
    else:
        if number and answers.ended_well():
            return
    yield NotOpened(number or None, "broken", BROKEN)


def _plain(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


@cache
def unconfined() -> tuple[str, ...]:
    """What could not be taken away from whoever opens uploads here: the network, say. Asked once.

    Where no child can be asked, none can open an upload either.
    """
    asked = subprocess.run(  # noqa: S603  # our own module
        [sys.executable, "-I", confine.__file__], stdout=subprocess.PIPE, env=CHILD_ENVIRONMENT, check=False
    )
    return tuple(asked.stdout.decode().split()) if asked.returncode == 0 else ("everything",)
