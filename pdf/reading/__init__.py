"""From a scanned file to values, each with how certain it is. Proposes; a person decides.

The steps, in their order: open (in a child), find the code, find the marks and align by them, read the
boxes, the lines and the signature. Paper that is merely bad is an outcome and never an error.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

import numpy as np
from PIL import Image

from pdf.code import SheetCode
from pdf.field_map import Field, FieldMap
from pdf.images import png
from pdf.opening import NotOpened, Opened, Pixels, open_upload
from pdf.reading.align import align
from pdf.reading.boxes import judged, read_box
from pdf.reading.find_code import find_code
from pdf.reading.signature import read_signature
from pdf.reading.values import FieldRead, PageProblem, PageRead

__all__ = ["FieldRead", "PageProblem", "PageRead", "read_file"]

MapFor = Callable[[SheetCode], FieldMap | None]

BLANK_INK = 0.0008

NO_CODE = "No code was found on this page. Scan it again, flat and whole, or file it by hand."
BLANK = "This page is blank. If it is the back of a sheet, return it."
UNKNOWN = "This sheet was not printed here. File it by hand, or return the paper."
NOT_STRAIGHT = (
    "The corner marks of this page cannot be found. Scan it again, flat and whole, at 200 dpi or more."
)
HANDWRITING = "handwriting is read by a person"


def read_file(data: bytes, map_for: MapFor) -> tuple[PageRead | PageProblem, ...]:
    """Every page of a scanned file, read or with its problem."""
    return tuple(_page(opened, map_for) for opened in open_upload(data))


def _page(opened: Opened | NotOpened, map_for: MapFor) -> PageRead | PageProblem:
    if isinstance(opened, NotOpened):
        return PageProblem(opened.number, opened.problem, opened.kind)
    return read_page(opened.number, opened.pixels, map_for)


def read_page(number: int, pixels: Pixels, map_for: MapFor) -> PageRead | PageProblem:
    """One page, by its steps."""

    def problem(words: str, kind: str) -> PageProblem:
        return PageProblem(number, words, kind, png(Image.fromarray(pixels)))

    code = find_code(pixels)
    if code is None:
        if float(np.mean(pixels < np.percentile(pixels, 50) * 0.6)) < BLANK_INK:
            return problem(BLANK, "blank")
        return problem(NO_CODE, "unreadable")
    field_map = map_for(code)
    if field_map is None or not _fits(code, field_map):
        return problem(UNKNOWN, "unknown_sheet")
    page = align(pixels, field_map, code.page - 1)
    if page is None:
        return problem(NOT_STRAIGHT, "unreadable")
    fields = tuple(read_fields(page.pixels, (f for f in field_map.fields if f.page == code.page - 1)))
    return PageRead(number, code, field_map.pages[code.page - 1], fields, png(Image.fromarray(page.pixels)))


def _fits(code: SheetCode, field_map: FieldMap) -> bool:
    return (
        code.form == field_map.form
        and code.version == field_map.version
        and code.lang == field_map.lang
        and code.size == field_map.size
        and code.pages == len(field_map.pages)
    )


def read_fields(page: Pixels, fields: Iterable[Field]) -> Iterator[FieldRead]:
    """Each field of a straightened page; the boxes of one question are judged together."""
    for (_, kind), group in groupby(fields, lambda field: (field.question, field.kind)):
        match kind:
            case "tick":
                yield from judged([read_box(page, field) for field in group])
            case "signature":
                yield from (read_signature(page, field) for field in group)
            case _:
                yield from (FieldRead(field, None, 0.0, False, HANDWRITING) for field in group)
