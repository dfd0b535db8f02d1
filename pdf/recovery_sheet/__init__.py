"""The recovery sheet: one page to print and lock away, with the code that opens the practice."""

from dataclasses import dataclass

import segno
from markupsafe import Markup

from pdf.html import document


@dataclass(frozen=True)
class RecoverySheet:
    """`code` as it is typed, in groups; `made` is a day in words."""

    practice: str
    code: str
    made: str


def recovery_sheet(sheet: RecoverySheet, size: str = "letter") -> bytes:
    """A plain PDF: it is printed once and not kept, and its metadata says nothing of the code."""
    qr = segno.make(sheet.code, error="h", micro=False).svg_inline(border=0, omitsize=True)
    laid_out = document(
        "pdf.recovery_sheet",
        "sheet.html",
        sheet=sheet,
        size=size,
        groups=sheet.code.split("-"),
        qr=Markup(qr),  # noqa: S704  # drawn here, from letters and digits
    )
    made: bytes = laid_out.write_pdf()
    return made
