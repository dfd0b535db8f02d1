"""Opening what somebody uploaded: hostile or broken, it is an ordinary outcome, and the child is confined."""

import io
import socket
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from pdf.confined.confine import MEMORY_BYTES, can_leave_network
from pdf.opening import (
    CHILD_ENVIRONMENT,
    MOST_FILE_BYTES,
    PACKAGES,
    NotOpened,
    Opened,
    open_upload,
    unconfined,
)
from tests import pen

PAGE = Image.new("L", (600, 800), 250)


def written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def a_pdf(*pages: tuple[float, float], script: str = "", password: str = "") -> bytes:
    writer = PdfWriter()
    for width, height in pages or ((612, 792),):
        writer.add_blank_page(width, height)
    if script:
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
            {
                NameObject("/S"): NameObject("/JavaScript"),
                NameObject("/JS"): TextStringObject(script),
            }
        )
    if password:
        writer.encrypt(password, algorithm="AES-256")
    return written(writer)


def a_bomb(side: int = 12_000) -> bytes:
    """A PNG of a few kilobytes that says it is 144 million pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(b"\0" * ((side // 8 + 1) * side), 9)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


HOSTILE = {
    # what comes in: (bytes, kind, a word of what is said)
    "nothing": (b"", "empty", "empty"),
    "a text that is called .pdf": (b"Dear practice,\n", "not_a_scan", "not a scan"),
    "a spreadsheet": (b"PK\x03\x04" + b"\0" * 200, "not_a_scan", "not a scan"),
    "a GIF": (b"GIF89a\x01\0\x01\0\0\0\0;", "not_a_scan", "not a scan"),
    "a PDF with a password": (a_pdf(password="secret"), "encrypted", "password"),
    "a PDF with a script": (a_pdf(script="app.alert(1)"), "active", "more than pages"),
    "a broken PDF": (b"%PDF-1.7\n" + b"garbage " * 200, "broken", "damaged"),
    "a PDF cut short": (a_pdf()[:60], "broken", "damaged"),
    "a picture cut short": (pen.as_png(PAGE)[:200], "broken", "damaged"),
    "a bomb": (a_bomb(), "too_large", "too large"),
    "a giant page": (a_pdf((14_000, 14_000)), "too_large", "too large"),
    "41 pages": (a_pdf(*[(612, 792)] * 41), "too_many", "40 pages"),
    "more than 25 MB": (b"%PDF" + b"\0" * MOST_FILE_BYTES, "too_large", "25 MB"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_good_scan_is_an_outcome_that_says_what_to_do(what: str):
    data, kind, said = HOSTILE[what]
    (found,) = open_upload(data)
    assert isinstance(found, NotOpened)
    assert (found.kind, said in found.problem) == (kind, True)
    assert found.problem.count(".") >= 2, "what it is, and what to do"


def test_a_bomb_is_small_outside():
    assert len(a_bomb()) < 60_000


def test_a_good_page_beside_a_giant_one_is_still_opened():
    good, giant = open_upload(a_pdf((612, 792), (14_000, 14_000)))
    assert isinstance(good, Opened)
    assert isinstance(giant, NotOpened)
    assert (good.number, giant.number, giant.kind) == (0, 1, "too_large")


def test_each_format_of_a_scanner_opens():
    for data in (pen.as_pdf([PAGE]), pen.as_tiff([PAGE]), pen.jpeg(PAGE), pen.as_png(PAGE.convert("1"))):
        (found,) = open_upload(data)
        assert isinstance(found, Opened)
        assert found.pixels.ndim == 2


def test_a_picture_that_holds_a_dangerous_word_by_chance_is_a_scan_all_the_same():
    jpeg = pen.jpeg(PAGE)
    said = jpeg[:2] + b"\xff\xfe\x00\x14" + b"/JS /Launch /XFA.." + jpeg[2:]
    pdf = pen.as_pdf([PAGE])
    start = pdf.index(b"stream\n") + 7
    end = pdf.index(b"endstream", start)
    length = pdf[:start].rindex(b"/Length")
    number = pdf[length:start].split()[1]
    body = said + b"\n"
    changed = pdf[:length] + pdf[length:start].replace(number, str(len(said)).encode(), 1) + body + pdf[end:]
    assert b"/JS" in changed
    (found,) = open_upload(changed)
    assert isinstance(found, Opened)


CONFINED = """
import signal, socket, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
sys.path.insert(0, ROOT)
from pdf.confined.confine import confine
confine()
for attempt in sys.argv[1:]:
    try:
        if attempt == "network":
            socket.create_connection(("127.0.0.1", int(PORT)), timeout=2)
        elif attempt == "memory":
            bytearray(MEMORY)
        elif attempt == "file":
            with open(PATH, "wb") as out:
                out.write(b"x")
                out.flush()
        elif attempt == "files":
            held = [socket.socket() for _ in range(64)]
        print(attempt, "done")
    except (OSError, MemoryError) as error:
        print(attempt, "refused")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux confines")
def test_the_child_has_no_network_and_limits_on_memory_and_files(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as here:
        script = (
            CONFINED.replace("PORT", str(here.getsockname()[1]))
            .replace("MEMORY", str(MEMORY_BYTES))
            .replace("ROOT", repr(str(PACKAGES)))
            .replace("PATH", repr(str(tmp_path / "written")))
        )
        attempts = ["memory", "files", *(["network"] if can_leave_network() else [])]
        ran = subprocess.run(
            [sys.executable, "-I", "-c", script, *attempts, "file"],
            env=CHILD_ENVIRONMENT,
            capture_output=True,
            text=True,
            check=True,
        )
    assert ran.stdout.splitlines() == [f"{attempt} refused" for attempt in [*attempts, "file"]]
    assert not (tmp_path / "written").exists() or not (tmp_path / "written").read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux confines")
def test_what_this_system_cannot_take_away_is_said() -> None:
    assert unconfined() == (() if can_leave_network() else ("network",))
