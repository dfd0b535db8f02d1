"""Small files as scanners make them, of every kind that is read: what mutations begin from."""

import io
import random
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from PIL import Image, ImageDraw
from pypdf import PdfWriter

MEGABYTE = 1_000_000


def picture(mode: str = "L", size: tuple[int, int] = (120, 90)) -> Image.Image:
    """A page with something on it."""
    image = Image.new("L", size, 250)
    pen = ImageDraw.Draw(image)
    for n in range(6):
        pen.line([(5, 8 + 12 * n), (size[0] - 9, 10 + 12 * n)], fill=40 * (n % 4), width=1 + n % 3)
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, body) for kind, body in chunks)


def zeros(size: int) -> bytes:
    """Deflated; made piece by piece, for the maker should not burst either."""
    packer, out = zlib.compressobj(9), bytearray()
    for _ in range(size // MEGABYTE):
        out += packer.compress(bytes(MEGABYTE))
    return bytes(out + packer.compress(bytes(size % MEGABYTE)) + packer.flush())


def exif(orientation: int = 6) -> bytes:
    made = Image.Exif()
    made[0x0112], made[0x010E] = orientation, "scanned"
    return made.tobytes()


def with_objects(*objects: str | bytes, trailer: str = "", start: int | None = None) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        text = body.encode("latin-1") if isinstance(body, str) else body
        out += b"%d 0 obj\n" % number + text + b"\nendobj\n"
    at = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\n".encode()
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % (at if start is None else start))


def stream(body: bytes, entries: str = "", *, deflate: bool = True, length: str = "") -> bytes:
    packed = zlib.compress(body, 9) if deflate else body
    kind = "/Filter /FlateDecode " if deflate else ""
    head = f"<< {kind}{entries} /Length {length or len(packed)} >>\nstream\n"
    return head.encode() + packed + b"\nendstream"


def one_page(content: bytes, resources: str = "", *more: str | bytes, page: str = "") -> bytes:
    """A PDF with one page; `more` are objects from number 5 on."""
    return with_objects(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R "
        f"/Resources << {resources} >> {page} >>",
        stream(content),
        *more,
    )


def written_by_pypdf() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _pictures(kind: str, count: int, **how: Any) -> bytes:
    pages = [picture(size=(120 + n, 90)) for n in range(count)]
    return saved(pages[0], kind, save_all=True, append_images=pages[1:], **how)


SEEDS: Mapping[str, Callable[[], bytes]] = {
    "pdf of a scanner": lambda: _pictures("PDF", 1, resolution=72),
    "pdf of two pages": lambda: _pictures("PDF", 2, resolution=72),
    "pdf of black and white": lambda: saved(picture("1"), "PDF", resolution=72),
    "pdf of lines and words": lambda: one_page(
        b"1 0 0 1 10 10 cm 0 0 m 100 100 l S BT /F 12 Tf (Hello) Tj ET /X Do",
        "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> /XObject << /X 5 0 R >>",
        stream(b"0 0 50 50 re f", "/Type /XObject /Subtype /Form /BBox [0 0 60 60]"),
    ),
    "pdf of another writer": written_by_pypdf,
    "tiff": lambda: _pictures("TIFF", 1),
    "tiff of two pages": lambda: _pictures("TIFF", 2, compression="tiff_lzw"),
    "tiff of a fax": lambda: saved(picture("1"), "TIFF", compression="group4"),
    "tiff of jpeg": lambda: saved(picture("RGB"), "TIFF", compression="jpeg"),
    "tiff deflated": lambda: saved(picture("RGB"), "TIFF", compression="tiff_adobe_deflate"),
    "png": lambda: saved(picture(), "PNG"),
    "png of colours": lambda: saved(picture("RGBA"), "PNG"),
    "png of a palette": lambda: saved(picture("P"), "PNG"),
    "png of bits": lambda: saved(picture("1"), "PNG"),
    "png of 16 bits": lambda: saved(picture("I;16"), "PNG"),
    "png of frames": lambda: _pictures("PNG", 2),
    "jpeg": lambda: saved(picture(), "JPEG"),
    "jpeg of colours": lambda: saved(picture("RGB"), "JPEG", quality=40),
    "jpeg progressive": lambda: saved(picture("RGB"), "JPEG", progressive=True),
    "jpeg for printing": lambda: saved(picture("CMYK"), "JPEG"),
    "jpeg on its side": lambda: saved(picture("RGB"), "JPEG", exif=exif()),
}


@cache
def seed(name: str) -> bytes:
    return SEEDS[name]()


def any_seed(rng: random.Random) -> tuple[str, bytes]:
    name = rng.choice(list(SEEDS))
    return name, seed(name)
