"""All files that somebody made to hurt, two files in one, and files that end too early."""

from collections.abc import Callable, Mapping

from tests.fuzz.pdfs import ACTIVE, LOCKED, PDFS
from tests.fuzz.pictures import PICTURES
from tests.fuzz.seeds import picture, saved, seed

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
