"""PNGs, TIFFs and JPEGs that somebody made to hurt: bombs, circles, and sizes that are lies."""

import struct
import zlib
from collections.abc import Callable, Mapping

from tests.fuzz.seeds import MEGABYTE, exif, picture, png, png_chunk, saved, seed, zeros


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


def second_page_beyond() -> bytes:
    """A good page, and one whose picture is said to lie where the file has ended."""
    good = grey(8, 8, *strip(8, 64, 8))
    first = tiff(*good, following=8 + 2 + 12 * len(good) + 4)
    return first + tiff(*grey(8, 8, *strip(2**31, 64, 8)))[8:] + bytes(64)


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
    "a TIFF whose second page lies beyond": second_page_beyond,
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
