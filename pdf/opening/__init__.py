"""Opening what somebody uploaded: only ever in a child process, which has limits and no network.

The child writes raw grey pixels to a pipe; here they become pages again, and nothing else of the file does.
Limits and figures: a 510 kB PDF made PDFium use 1 GB, a 17 kB PNG was 144 million pixels.
"""

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pdf.opening import confine

WALL_SECONDS = 30.0
MOST_OUTPUT_BYTES = 400_000_000
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

# Numpy would start threads, and a process of several threads may not leave the network (unshare: EINVAL).
CHILD_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

Pixels = NDArray[np.uint8]


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


def open_upload(data: bytes) -> list[Opened | NotOpened]:
    """The pages of a file that may be hostile. Whatever becomes of the child is an ordinary outcome."""
    if not data:
        return [NotOpened(None, "empty", EMPTY)]
    if len(data) > MOST_FILE_BYTES:
        return [NotOpened(None, "too_large", TOO_LARGE)]
    output = _run_child(data)
    pages = _pages(output) if output is not None else []
    return pages or [NotOpened(None, "broken", BROKEN)]


@cache
def unconfined() -> tuple[str, ...]:
    """What could not be taken away from whoever opens uploads here: the network, say. Asked once.

    Where no child can be asked, none can open an upload either.
    """
    asked = subprocess.run(  # noqa: S603  # our own module
        [sys.executable, "-I", confine.__file__], stdout=subprocess.PIPE, env=CHILD_ENVIRONMENT, check=False
    )
    return tuple(asked.stdout.decode().split()) if asked.returncode == 0 else ("everything",)


def _run_child(data: bytes) -> bytes | None:
    """All that the child wrote; None where it died, hung or wrote too much."""
    child = subprocess.Popen(
        [sys.executable, "-I", "-m", "pdf.opening.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        close_fds=True,
        env=CHILD_ENVIRONMENT,
    )
    assert child.stdin is not None  # noqa: S101  # both are pipes
    assert child.stdout is not None  # noqa: S101
    timer = threading.Timer(WALL_SECONDS, child.kill)
    feeder = threading.Thread(target=_feed, args=(child.stdin, data), daemon=True)
    timer.start()
    feeder.start()
    output = bytearray()
    with child.stdout as pipe:
        while chunk := pipe.read(1 << 20):
            output += chunk
            if len(output) > MOST_OUTPUT_BYTES:
                child.kill()
                break
    code = child.wait()
    timer.cancel()
    feeder.join()
    return bytes(output) if code == 0 else None


def _feed(pipe, data: bytes) -> None:  # type: ignore[no-untyped-def]
    try:
        with pipe:
            pipe.write(data)
    except OSError:
        return  # the child is gone; its exit says the rest


def _pages(output: bytes) -> list[Opened | NotOpened]:
    """A line of JSON before each page says what follows. What does not add up ends the list."""
    found: list[Opened | NotOpened] = []
    at = 0
    while at < len(output):
        end = output.find(b"\n", at, at + 200)
        if end < 0:
            break
        said = json.loads(output[at:end])
        at = end + 1
        if "kind" in said:
            kind = said["kind"] if said["kind"] in WORDS else "broken"
            found.append(NotOpened(said["page"], kind, WORDS[kind]))
            continue
        width, height = int(said["width"]), int(said["height"])
        pixels = np.frombuffer(output, np.uint8, width * height, at).reshape(height, width)
        at += width * height
        found.append(Opened(int(said["page"]), pixels))
    return found
