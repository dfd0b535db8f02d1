"""PDFs that somebody made to hurt: bombs, loops, lies, and what hides beside the pages."""

import io
import zlib
from collections.abc import Callable, Mapping

from pypdf import PdfReader, PdfWriter

from tests.fuzz.seeds import MEGABYTE, one_page, seed, stream, with_objects, zeros

CATALOGUE = "<< /Type /Catalog /Pages 2 0 R >>"
PAGES = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"


def packed_stream(size: int, entries: str = "") -> bytes:
    body = zeros(size)
    return (
        f"<< /Filter /FlateDecode {entries} /Length {len(body)} >>\nstream\n".encode() + body + b"\nendstream"
    )


def heavy_content() -> bytes:
    return with_objects(
        CATALOGUE, PAGES, PAGE.replace(">>", "/Contents 4 0 R >>"), packed_stream(500 * MEGABYTE)
    )


def packed_twice() -> bytes:
    inner = zlib.compress(zeros(400 * MEGABYTE), 9)
    body = f"<< /Filter [/FlateDecode /FlateDecode] /Length {len(inner)} >>\nstream\n".encode()
    return with_objects(
        CATALOGUE, PAGES, PAGE.replace(">>", "/Contents 4 0 R >>"), body + inner + b"\nendstream"
    )


def image_of(width: int, height: int, body: bytes = b"", entries: str = "", size: int = 0) -> bytes:
    said = f"/Type /XObject /Subtype /Image /Width {width} /Height {height} "
    rest = entries or "/BitsPerComponent 8 /ColorSpace /DeviceRGB"
    packed = packed_stream(size, said + rest) if size else stream(body, said + rest, deflate=False)
    return one_page(b"200 0 0 200 0 0 cm /X Do", "/XObject << /X 5 0 R >>", packed)


def deep_tree(depth: int = 20_000) -> bytes:
    kids = [f"<< /Type /Pages /Kids [{n + 3} 0 R] /Count 1 /Parent {n + 1} 0 R >>" for n in range(depth)]
    return with_objects(CATALOGUE, *kids, PAGE)


def nested(opening: bytes, closing: bytes, depth: int = 200_000) -> bytes:
    return with_objects(
        CATALOGUE, PAGES, b"<< /Type /Page /Annots " + opening * depth + closing * depth + b" >>"
    )


def many_objects(count: int = 1_000_000) -> bytes:
    """Without a table that says where they are, so that all of them are looked through."""
    return b"%PDF-1.7\n" + b"".join(b"%d 0 obj 0 endobj\n" % n for n in range(1, count)) + b"%%EOF"


def many_pages(count: int = 100_000) -> bytes:
    kids = "3 0 R " * count
    return with_objects(CATALOGUE, f"<< /Type /Pages /Kids [{kids}] /Count {count} >>", PAGE)


def forty_large_pages() -> bytes:
    kids = "3 0 R " * 40
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 1220 1220] >>"
    return with_objects(CATALOGUE, f"<< /Type /Pages /Kids [{kids}] /Count 40 >>", page)


def catalogue_with(more: str, *objects: str | bytes) -> bytes:
    return with_objects(CATALOGUE.replace(">>", f"{more} >>"), PAGES, PAGE, *objects)


def hidden_in_a_packed_object(word: str) -> bytes:
    """An object stream is compressed: whoever searches the file's bytes for a word finds none."""
    inner = f"<< /S {word} {word} (x) >>"
    packed = stream(f"5 0 {inner}".encode(), "/Type /ObjStm /N 1 /First 4")
    return catalogue_with("/OpenAction 5 0 R", packed)


def locked(user: str, owner: str, algorithm: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(seed("pdf of another writer"))))
    writer.encrypt(user, owner, algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def table_that_loops() -> bytes:
    good = with_objects(CATALOGUE, PAGES, PAGE)
    at = good.rindex(b"xref\n0")
    return with_objects(CATALOGUE, PAGES, PAGE, trailer=f"/Prev {at}")


PDFS: Mapping[str, Callable[[], bytes]] = {
    "500 MB of content": heavy_content,
    "packed twice": packed_twice,
    "a picture of 30,000 by 30,000": lambda: image_of(30_000, 30_000, size=900 * MEGABYTE),
    "a picture that is not there": lambda: image_of(2**31 - 1, 2**31 - 1, b"x"),
    "jbig2 of nothing": lambda: image_of(
        60_000, 60_000, bytes.fromhex("00000000300001000000130000ea600000ea60") + b"\0" * 40,
        "/Filter /JBIG2Decode /BitsPerComponent 1 /ColorSpace /DeviceGray",
    ),
    "jpx of nothing": lambda: image_of(
        9, 9, b"\0\0\0\x0cjP  \r\n\x87\n" + b"\xff" * 99, "/Filter /JPXDecode"
    ),
    "a tree 20,000 deep": deep_tree,
    "a tree that is its own branch": lambda: with_objects(
        CATALOGUE, "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 99 /Parent 2 0 R >>"
    ),
    "a table that comes before itself": table_that_loops,
    "a table that begins nowhere": lambda: with_objects(CATALOGUE, PAGES, PAGE, start=99_999_999),
    "a length that is a lie": lambda: one_page(b"0 0 m").replace(b"/Length ", b"/Length 9999999"),
    "a length that is itself": lambda: with_objects(
        CATALOGUE, PAGES, PAGE.replace(">>", "/Contents 4 0 R >>"), stream(b"q Q", length="4 0 R")
    ),
    "a length below nothing": lambda: one_page(b"q Q").replace(b"/Length ", b"/Length -"),
    "arrays in arrays": lambda: nested(b"[", b"]"),
    "dictionaries in dictionaries": lambda: nested(b"<</A ", b">>"),
    "a million objects": many_objects,
    "a hundred thousand pages": many_pages,
    "forty pages as large as may be": forty_large_pages,
    "a form that draws itself": lambda: one_page(
        b"/X Do", "/XObject << /X 5 0 R >>",
        stream(b"/X Do /X Do", "/Type /XObject /Subtype /Form /BBox [0 0 9 9] "
                               "/Resources << /XObject << /X 5 0 R >> >>"),
    ),
    "a pattern of itself": lambda: one_page(
        b"/Pattern cs /P scn 0 0 200 200 re f", "/Pattern << /P 5 0 R >>",
        stream(b"/Pattern cs /P scn 0 0 9 9 re f", "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 "
               "/BBox [0 0 1 1] /XStep .001 /YStep .001 /Resources << /Pattern << /P 5 0 R >> >>"),
    ),
    "a million saves": lambda: one_page(b"q " * 5_000_000),
    "a path of a million points": lambda: one_page(b"0 0 m " + b"99 1 l 3 150 l " * 500_000 + b"S"),
    "a font of itself": lambda: one_page(
        b"BT /F 12 Tf (aaaa) Tj ET", "/Font << /F 5 0 R >>",
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [1 0 0 1 0 0] /FirstChar 97 "
        "/LastChar 97 /Widths [9] /Encoding << /Differences [97 /a] >> /CharProcs << /a 6 0 R >> "
        "/Resources << /Font << /F 5 0 R >> >> >>",
        stream(b"BT /F 12 Tf (aaaa) Tj ET"),
    ),
    "a page without size": lambda: with_objects(CATALOGUE, PAGES, PAGE.replace("0 0 200 200", "0 0 0 0")),
    "a page like a thread": lambda: with_objects(CATALOGUE, PAGES, PAGE.replace("200 200", "1200 .01")),
    "a page beyond numbers": lambda: with_objects(CATALOGUE, PAGES, PAGE.replace("200 200", "1e38 -1e38")),
    "no page": lambda: with_objects(CATALOGUE, "<< /Type /Pages /Kids [] /Count 0 >>"),
    "a rotation of 45": lambda: with_objects(CATALOGUE, PAGES, PAGE.replace(">>", "/Rotate 45 >>")),
}  # fmt: skip

ACTIVE: Mapping[str, Callable[[], bytes]] = {
    "a script": lambda: catalogue_with("/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"),
    "a script in other letters": lambda: catalogue_with(
        "/OpenAction << /S /J#61vaScript /#4aS (app.alert(1)) >>"
    ),
    "a script in a packed object": lambda: hidden_in_a_packed_object("/JavaScript"),
    "a program to start": lambda: catalogue_with("/OpenAction << /S /Launch /F (calc.exe) >>"),
    "a program in a packed object": lambda: hidden_in_a_packed_object("/Launch"),
    "a file in the file": lambda: catalogue_with(
        "/Names << /EmbeddedFiles << /Names [(a) << /Type /Filespec /EF << /F 4 0 R >> >>] >> >>",
        stream(b"MZ", "/Type /EmbeddedFile"),
    ),
    "a form of XFA": lambda: catalogue_with("/AcroForm << /XFA 4 0 R >>", stream(b"<xdp/>")),
    "a film": lambda: catalogue_with("/Extra << /Subtype /RichMedia >>"),
}

LOCKED: Mapping[str, Callable[[], bytes]] = {
    "locked with AES-256": lambda: locked("secret", "owner", "AES-256"),
    "locked with AES-128": lambda: locked("secret", "owner", "AES-128"),
    "locked with RC4": lambda: locked("secret", "owner", "RC4-40"),
}
