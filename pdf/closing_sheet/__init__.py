"""The day's closing sheet: what was done, what is still open, and how the trail stood. One page, no names."""

from dataclasses import dataclass

import segno
from markupsafe import Markup

from pdf.html import document

LETTERS_IN_GROUP = 4


@dataclass(frozen=True)
class ClosingSheet:
    """`day`, `closed` and `made` are in words; `rows` are counts in their order, `still_open` only what is.

    `head` is the beginning of the trail's head, `seq` the number of its entry.
    """

    practice: str
    day: str
    closed: str
    made: str
    by_itself: bool
    rows: tuple[tuple[str, int], ...]
    still_open: tuple[tuple[str, int], ...]
    entries: int
    seq: int
    head: str

    @property
    def noted(self) -> str:
        """What `kiosk audit verify --noted` takes, and what the square code holds."""
        return f"{self.seq}:{self.head}"


def groups(head: str) -> list[str]:
    """`9f3a 22b1 …`: as a person reads it out and types it."""
    return [head[at : at + LETTERS_IN_GROUP] for at in range(0, len(head), LETTERS_IN_GROUP)]


def closing_sheet(sheet: ClosingSheet, size: str = "letter") -> bytes:
    """PDF/A-3b, not sealed yet."""
    qr = segno.make(sheet.noted, error="q", micro=False).svg_inline(border=0, omitsize=True)
    laid_out = document(
        "pdf.closing_sheet",
        "closing_sheet.html",
        c=sheet,
        size=size,
        groups=groups(sheet.head),
        qr=Markup(qr),  # noqa: S704  # drawn here, from digits and hex letters
    )
    made: bytes = laid_out.write_pdf(pdf_variant="pdf/a-3b")
    return made
