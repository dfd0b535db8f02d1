"""Files that somebody made to hurt: bombs, loops, lies, what hides in a PDF, and two files in one."""

import io
import struct
import zlib
from collections.abc import Callable, Mapping

from pypdf import PdfReader, PdfWriter

from tests.fuzz.seeds import exif, one_page, picture, png, png_chunk, saved, seed, stream, with_objects

MEGABYTE = 1_000_000
CATALOGUE = "<< /Type /Catalog /Pages 2 0 R >>"
PAGES = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"


def zeros(size: int) -> bytes:
    """Deflated; made piece by piece, for the maker should not burst either."""
    packer, out = zlib.compressobj(9), bytearray()
    for _ in range(size // MEGABYTE):
        out += packer.compress(bytes(MEGABYTE))
    return bytes(out + packer.compress(bytes(size % MEGABYTE)) + packer.flush())


def big_png(side: int, *, bits: int = 1) -> bytes:
    head = struct.pack(">IIBBBBB", side, side, bits, 0, 0, 0, 0)
    return png((b"IHDR", head), (b"IDAT", zeros((side * bits // 8 + 1) * side)), (b"IEND", b""))


def png_that_says(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return png((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 50)), (b"IEND", b""))


def png_with(kind: bytes, body: bytes) -> bytes:
    good = seed("png")
    return good[:33] + png_chunk(kind, body) + good[33:]


def frames_without_end() -> bytes:
    return png_with(b"acTL", struct.pack(">II", 2**31 - 1, 0))


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


def tiff(
    *entries: tuple[int, int, int, int], following: int = 0, tail: bytes = b"", big: bool = False
) -> bytes:
    if big:
        head = struct.pack("<2sHHHQQ", b"II", 43, 8, 0, 16, len(entries))
        body = b"".join(struct.pack("<HHQQ", *entry) for entry in entries)
        return head + body + struct.pack("<Q", following) + tail
    head = struct.pack("<2sHIH", b"II", 42, 8, len(entries))
    return (
        head
        + b"".join(struct.pack("<HHII", *entry) for entry in entries)
        + struct.pack("<I", following)
        + tail
    )


def grey(width: int, height: int, *more: tuple[int, int, int, int]) -> tuple[tuple[int, int, int, int], ...]:
    plain = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (262, 3, 1, 1), (277, 3, 1, 1)]
    return tuple(sorted({tag: (tag, *rest) for tag, *rest in (*plain, *more)}.values()))  # type: ignore[misc]


def strip(at: int, size: int, rows: int, packing: int = 1) -> tuple[tuple[int, int, int, int], ...]:
    return ((259, 3, 1, packing), (273, 4, 1, at), (278, 4, 1, rows), (279, 4, 1, size))


def packed_tiff(side: int) -> bytes:
    body = zeros(side * side)
    return tiff(*grey(side, side, *strip(8 + 2 + 12 * 9 + 4, len(body), side, 8)), tail=body)


def pages_in_a_circle(length: int) -> bytes:
    """Each says where the next begins, and the last that it is the first."""
    entries, out = grey(8, 8, *strip(8, 64, 8)), bytearray(b"II*\0\x08\0\0\0")
    size = 2 + 12 * len(entries) + 4
    for n in range(length):
        following = 8 + size * ((n + 1) % length)
        out += tiff(*entries, following=following)[8:]
    return bytes(out + bytes(64))


def a_million_pages() -> bytes:
    return tiff(*grey(1, 1, *strip(8, 1, 1)), following=200) + b"".join(
        struct.pack("<HI", 0, 206 + 6 * n) for n in range(500_000)
    )


def jpeg_that_says(width: int, height: int) -> bytes:
    good = bytearray(seed("jpeg"))
    at = good.index(b"\xff\xc0")
    struct.pack_into(">HH", good, at + 5, height, width)
    return bytes(good)


def scan_after_scan(count: int = 3_000) -> bytes:
    """A progressive JPEG that repaints the same large picture, again and again."""
    good = saved(picture("L", (3000, 3000)), "JPEG", progressive=True, quality=1)
    last = good.rindex(b"\xff\xda")
    return good[:-2] + good[last:-2] * count + b"\xff\xd9"


def strange_exif(body: bytes) -> bytes:
    good = seed("jpeg")
    said = b"Exif\0\0" + body
    return good[:2] + b"\xff\xe1" + struct.pack(">H", len(said) + 2) + said + good[2:]


PDFS: Mapping[str, Callable[[], bytes]] = {
    "500 MB of content": heavy_content,
    "packed twice": packed_twice,
    "a picture of 30,000 by 30,000": lambda: image_of(30_000, 30_000, size=900 * MEGABYTE),
    "a picture that is not there": lambda: image_of(2**31 - 1, 2**31 - 1, b"x"),
    "jbig2 of nothing": lambda: image_of(
        60_000, 60_000, bytes.fromhex("00000000300001000000130000ea600000ea60") + b"\0" * 40,
        "/Filter /JBIG2Decode /BitsPerComponent 1 /ColorSpace /DeviceGray",
    ),
    "jpx of nothing": lambda: image_of(9, 9, b"\0\0\0\x0cjP  \r\n\x87\n" + b"\xff" * 99, "/Filter /JPXDecode"),
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
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [1 0 0 1 0 0] /FirstChar 97 /LastChar 97 "
        "/Widths [9] /Encoding << /Differences [97 /a] >> /CharProcs << /a 6 0 R >> "
        "/Resources << /Font << /F 5 0 R >> >> >>",
        stream(b"BT /F 12 Tf (aaaa) Tj ET"),
    ),
    "a page without size": lambda: with_objects(CATALOGUE, PAGES, PAGE.replace("0 0 200 200", "0 0 0 0")),
    "a page like a thread": lambda: with_objects(CATALOGUE, PAGES, PAGE.replace("0 0 200 200", "0 0 1200 .01")),
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

PICTURES: Mapping[str, Callable[[], bytes]] = {
    "144 million pixels of PNG": lambda: big_png(12_000),
    "39 million pixels of PNG": lambda: big_png(6_200),
    "39 million pixels of PNG with colours": lambda: saved(
        picture("RGBA", (6_200, 6_200)), "PNG", compress_level=9
    ),
    "a PNG that says it has no end": lambda: png_that_says(2**31 - 1, 2**31 - 1),
    "a PNG of nothing": lambda: png_that_says(0, 0),
    "a PNG like a thread": lambda: png_that_says(10_000_000, 1),
    "a PNG with 200 MB of words": lambda: png_with(b"zTXt", b"a\0\0" + zeros(200 * MEGABYTE)),
    "a PNG with 200 MB of profile": lambda: png_with(b"iCCP", b"a\0\0" + zeros(200 * MEGABYTE)),
    "a PNG of two thousand million frames": frames_without_end,
    "a TIFF that goes in a circle": lambda: pages_in_a_circle(1),
    "a TIFF that goes in a wide circle": lambda: pages_in_a_circle(30),
    "a TIFF of half a million pages": a_million_pages,
    "a TIFF of 144 million pixels": lambda: packed_tiff(12_000),
    "a TIFF of 36 million pixels": lambda: packed_tiff(6_000),
    "a TIFF that says it has no end": lambda: tiff(*grey(2**32 - 1, 2**32 - 1, *strip(8, 9, 1))),
    "a TIFF of nothing": lambda: tiff(*grey(0, 0, *strip(8, 9, 1))),
    "a TIFF of a million strips": lambda: tiff(*grey(99, 99, (259, 3, 1, 1), (273, 4, 1_000_000, 8))),
    "a TIFF whose strip lies beyond": lambda: tiff(*grey(99, 99, *strip(2**32 - 9, 2**32 - 1, 99))),
    "a TIFF with tiles of nothing": lambda: tiff(
        *grey(99, 99, (322, 4, 1, 0), (323, 4, 1, 0), (324, 4, 1, 8))
    ),
    "a large TIFF with a large count": lambda: tiff((256, 4, 2**62, 1), (257, 4, 1, 1), big=True),
    "a TIFF of 65,535 tags": lambda: struct.pack("<2sHIH", b"II", 42, 8, 65_535) + bytes(12 * 65_535),
    "a TIFF with its own page as EXIF": lambda: tiff(
        *grey(8, 8, *strip(8, 64, 8), (34665, 4, 1, 8)), tail=bytes(64)
    ),
    "a JPEG of 65,500 by 65,500": lambda: jpeg_that_says(65_500, 65_500),
    "a JPEG of 6,300 by 6,300": lambda: jpeg_that_says(6_300, 6_300),
    "a JPEG of nothing": lambda: jpeg_that_says(0, 0),
    "a JPEG scan after scan": scan_after_scan,
    "EXIF of a strange side": lambda: strange_exif(exif(99)[6:]),
    "EXIF that goes in a circle": lambda: strange_exif(tiff((34665, 4, 1, 8), (274, 3, 1, 6), following=8)),
    "EXIF with a large count": lambda: strange_exif(tiff((274, 5, 2**32 - 1, 8))),
    "EXIF of text": lambda: strange_exif(tiff((274, 2, 4, 0x41414141))),
    "EXIF of nothing": lambda: strange_exif(b""),
}

TWO_IN_ONE: Mapping[str, Callable[[], bytes]] = {
    "a PNG with a PDF after it": lambda: seed("png") + seed("pdf of a scanner"),
    "a JPEG with a PDF inside": lambda: seed("jpeg")[:2] + b"\xff\xfe\x00\x0a%PDF-1.7" + seed("jpeg")[2:],
    "a PDF after a page of nothing": lambda: b"\n" * 900 + seed("pdf of a scanner"),
    "a PDF after a TIFF's head": lambda: seed("tiff")[:8] + seed("pdf of a scanner"),
    "a page of the web": lambda: b"<html><script>alert(1)</script></html>" + seed("pdf of a scanner"),
    "an archive": lambda: b"PK\x03\x04" + bytes(60) + seed("pdf of a scanner"),
    "a GIF": lambda: saved(picture("P"), "GIF"),
    "a BMP": lambda: saved(picture(), "BMP"),
    "a WEBP": lambda: b"RIFF\x24\0\0\0WEBPVP8L" + bytes(40),
    "PostScript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n{} loop\n",
    "Photoshop": lambda: b"8BPS\0\x01" + bytes(40),
    "FITS": lambda: b"SIMPLE  =                    T" + b" " * 3000,
    "one byte": lambda: b"%",
    "only the beginning of a PDF": lambda: b"%PDF-1.7",
    "only the beginning of a TIFF": lambda: b"II*\0",
    "zeros": lambda: bytes(5_000),
    "words": lambda: b"Dear practice, here is my form.\n",
}

CUTS = 12


def cut_files() -> dict[str, Callable[[], bytes]]:
    """Whole files that end too early, at many places."""
    made: dict[str, Callable[[], bytes]] = {}
    for name in ("pdf of two pages", "tiff of two pages", "tiff", "png", "jpeg progressive"):
        for number in range(1, CUTS):
            made[f"{name}, {number} of {CUTS} parts"] = (
                lambda name=name, number=number: (  # type: ignore[misc]
                    seed(name)[: len(seed(name)) * number // CUTS]
                )
            )
    return made


HOSTILE: Mapping[str, Callable[[], bytes]] = {**PDFS, **ACTIVE, **LOCKED, **PICTURES, **TWO_IN_ONE}
