"""What is really printed on a sheet: its ink, its words and its glyphs, from the PDF alone."""

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pypdfium2
from fontTools.ttLib import TTFont
from pypdf import PdfReader
from pypdf.generic import ContentStream

from pdf.field_map import Box, Field

DPI = 300
HALF_MM_PX = 0.5 / 25.4 * DPI
NEAR_PX = 12


def rasterised(pdf: bytes, dpi: int = DPI) -> list[Any]:
    with pypdfium2.PdfDocument(pdf) as opened:
        return [np.asarray(page.render(scale=dpi / 72, grayscale=True).to_pil(), np.uint8) for page in opened]


def frame_edges(page: Any, box: Box) -> tuple[float, float, float, float]:
    """How far the ink's outer edges lie from a box's, in pixels: left, top, right, bottom."""
    x, y, w, h = (value * DPI / 72 for value in box)
    near = (
        page[round(y) - NEAR_PX : round(y + h) + NEAR_PX, round(x) - NEAR_PX : round(x + w) + NEAR_PX] < 215
    )
    across = np.nonzero(near[NEAR_PX * 2 : -NEAR_PX * 2].mean(axis=0) > 0.8)[0] + round(x) - NEAR_PX
    down = np.nonzero(near[:, NEAR_PX * 2 : -NEAR_PX * 2].mean(axis=1) > 0.8)[0] + round(y) - NEAR_PX
    return across[0] - x, down[0] - y, across[-1] + 1 - (x + w), down[-1] + 1 - (y + h)


def lower_edge(page: Any, box: Box) -> float:
    """How far the ink of a line to write on lies from the lower edge of its box, in pixels."""
    x, y, w, h = (value * DPI / 72 for value in box)
    strip = page[round(y + h) - NEAR_PX : round(y + h) + NEAR_PX, round(x) : round(x + w)] < 128
    rows = np.nonzero(strip.mean(axis=1) > 0.9)[0] + round(y + h) - NEAR_PX
    return float(rows[-1] + 1 - (y + h))


def how_far_off(page: Any, field: Field) -> float:
    """How far what is printed lies from where the map says, in pixels."""
    if field.kind == "line":
        return abs(lower_edge(page, field.box))
    return max(map(abs, frame_edges(page, field.box)))


def words_boxes(pdf: bytes) -> list[list[Box]]:
    """For each page, the boxes of its words, in points from the top left."""
    with pypdfium2.PdfDocument(pdf) as opened:
        pages = []
        for page in opened:
            text, height = page.get_textpage(), page.get_height()
            edges = (text.get_rect(n) for n in range(text.count_rects()))
            pages.append(
                [(left, height - top, right - left, top - bottom) for left, bottom, right, top in edges]
            )
        return pages


def words_outside(pdf: bytes) -> list[Box]:
    """The boxes of words that lie partly beyond the edge of their page."""
    with pypdfium2.PdfDocument(pdf) as opened:
        sizes = [(page.get_width(), page.get_height()) for page in opened]
    return [
        (x, y, w, h)
        for (width, height), boxes in zip(sizes, words_boxes(pdf), strict=True)
        for x, y, w, h in boxes
        if min(x, y) < 0 or x + w > width or y + h > height
    ]


def missing_glyphs(pdf: bytes) -> list[tuple[int, int]]:
    """What is printed as an empty box, since no font had it: page and number of the glyph."""
    reader = PdfReader(io.BytesIO(pdf))
    return [
        (number, glyph)
        for number, page in enumerate(reader.pages)
        for glyph in _missing_in(reader, page.get_contents(), page["/Resources"])
    ]


def _missing_in(reader: PdfReader, contents: Any, resources: Any) -> Iterator[int]:
    """In a page, and in what it draws."""
    counts = {name: _glyph_count(font) for name, font in resources.get("/Font", {}).items()}
    font = ""
    for operands, operator in ContentStream(contents, reader).operations:
        if operator == b"Tf":
            font = operands[0]
        elif operator in (b"Tj", b"TJ"):
            yield from (glyph for glyph in _glyphs(operands[0]) if not 0 < glyph < counts[font])
        elif operator == b"Do":
            drawn = resources["/XObject"][operands[0]].get_object()
            if drawn["/Subtype"] == "/Form":
                yield from _missing_in(reader, drawn, drawn["/Resources"])


def _glyph_count(font: Any) -> int:
    inside = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
    file = inside.get("/FontFile2") or inside["/FontFile3"]
    return int(TTFont(io.BytesIO(file.get_data()))["maxp"].numGlyphs)


def _glyphs(shown: Any) -> list[int]:
    pieces = (
        [shown]
        if isinstance(shown, (str, bytes))
        else [one for one in shown if isinstance(one, (str, bytes))]
    )
    codes = b"".join(one if isinstance(one, bytes) else one.original_bytes for one in pieces)
    return [int.from_bytes(codes[n : n + 2], "big") for n in range(0, len(codes), 2)]
