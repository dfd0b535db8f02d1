"""What a reading gives: pages that were read, and pages that a person must see to."""

from dataclasses import dataclass, field

from pdf.code import SheetCode
from pdf.field_map import Field

DPI = 200  # of the straightened page, on which everything is measured
PX_PER_POINT = DPI / 72


@dataclass(frozen=True)
class FieldRead:
    """A value with how certain it is; `sure` False means that a person must look, and `why`."""

    field: Field
    value: bool | str | None
    confidence: float
    sure: bool
    why: str | None = None


@dataclass(frozen=True)
class PageRead:
    """`page_in_file` counts from 0; the image is straightened and upright."""

    page_in_file: int
    code: SheetCode
    page_size: tuple[float, float]
    fields: tuple[FieldRead, ...]
    image_png: bytes = field(repr=False)


@dataclass(frozen=True)
class PageProblem:
    """`problem` is in plain words with the next step; `page_in_file` None means the whole file."""

    page_in_file: int | None
    problem: str
    kind: str
    image_png: bytes | None = field(default=None, repr=False)
