"""The child that opens one upload: confined first, then bytes in, grey pixels out."""

import io
import json
import re
import sys
import warnings
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from pdf.confined.confine import confine

DPI = 200
POINTS_PER_INCH = 72
MOST_PAGES = 40
MOST_PIXELS = 40_000_000
LONGEST_SIDE_POINTS = 432 / 25.4 * POINTS_PER_INCH
LONGEST_SIDE_PX = 3600
ACTIVE = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/XFA", b"/RichMedia")
STREAM = re.compile(rb">>\s*stream\r?\n(.*?)\bendstream\b", re.DOTALL)
ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")  # PDF: /J#53 is /JS
MOST_PACKED = 50_000_000
FORMATS = ("PNG", "JPEG", "TIFF")


def say(out: BinaryIO, **said: object) -> None:
    out.write(json.dumps(said).encode() + b"\n")


def write_page(out: BinaryIO, number: int, image) -> None:  # type: ignore[no-untyped-def]
    """One grey picture, made smaller where it is larger than a scan needs to be."""
    grey = image.convert("L")
    longest = max(grey.size)
    if longest > LONGEST_SIDE_PX:
        scale = LONGEST_SIDE_PX / longest
        grey = grey.resize((round(grey.width * scale), round(grey.height * scale)))
    say(out, page=number, width=grey.width, height=grey.height)
    out.write(grey.tobytes())


def plain(data: bytes) -> bytes:
    """With its names as they read, however they were written."""
    return ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data)


def is_active(data: bytes) -> bool:
    """Whether a PDF holds more than pages: scripts, programs, files, forms, films.

    The pixels of a picture hold "/JS" by chance, so streams are left out, but for those that pack objects.
    """
    texts = [plain(STREAM.sub(b"", data))]
    for found in STREAM.finditer(data):
        head = plain(data[data.rfind(b" obj", 0, found.start()) : found.start()])
        if b"/ObjStm" in head:
            if b"/DecodeParms" in head or b"/FlateDecode" not in head:
                return True  # no scanner packs objects in another way
            texts.append(plain(unpacked(found[1])))
    return any(word in text for text in texts for word in ACTIVE)


def unpacked(body: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(body, MOST_PACKED)
    except zlib.error:
        return b""


def open_pdf(data: bytes, out: BinaryIO) -> None:
    import pypdfium2

    if is_active(data):
        return say(out, page=None, kind="active")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        kind = "encrypted" if "password" in str(error).lower() else "broken"
        return say(out, page=None, kind=kind)
    if len(document) > MOST_PAGES:
        return say(out, page=None, kind="too_many")
    for number in range(len(document)):
        try:
            page = document[number]
            if max(page.get_size()) > LONGEST_SIDE_POINTS:
                say(out, page=number, kind="too_large")
                continue
            write_page(out, number, page.render(scale=DPI / POINTS_PER_INCH, grayscale=True).to_pil())
        except pypdfium2.PdfiumError:
            say(out, page=number, kind="broken")
    return None


def open_picture(data: bytes, out: BinaryIO) -> None:
    from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    number = None  # of the page that is being opened; none while it is the file
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        if getattr(image, "n_frames", 1) > MOST_PAGES:
            return say(out, page=None, kind="too_many")
        frames: Iterator[Image.Image] = iter(ImageSequence.Iterator(image))
        for number, frame in enumerate(frames):
            write_page(out, number, ImageOps.exif_transpose(frame))
    except UnidentifiedImageError:
        return say(out, page=None, kind="not_a_scan")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return say(out, page=number, kind="too_large")
    except (OSError, ValueError, SyntaxError, EOFError, OverflowError):
        return say(out, page=number, kind="broken")
    return None


def main() -> None:
    confine()
    data, out = sys.stdin.buffer.read(), sys.stdout.buffer
    if data[:1024].lstrip().startswith(b"%PDF"):
        open_pdf(data, out)
    else:
        open_picture(data, out)
    out.flush()
