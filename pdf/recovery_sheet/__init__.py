"""Sheets to print and lock away: one with the code that opens the practice, one for each archive."""

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


@dataclass(frozen=True)
class ArchiveSheet:
    """As a recovery sheet; `mark` is what the list of archives calls it, `holds` how much is in it."""

    practice: str
    code: str
    made: str
    mark: str
    holds: str


def recovery_sheet(sheet: RecoverySheet, size: str = "letter") -> bytes:
    """A plain PDF: it is printed once and not kept, and its metadata says nothing of the code."""
    return _printed("recovery.html", sheet, size)


def archive_sheet(sheet: ArchiveSheet, size: str = "letter") -> bytes:
    """The page with the code of one archive; as plain as a recovery sheet."""
    return _printed("archive.html", sheet, size)


def _printed(template: str, sheet: RecoverySheet | ArchiveSheet, size: str) -> bytes:
    qr = segno.make(sheet.code, error="h", micro=False).svg_inline(border=0, omitsize=True)
    laid_out = document(
        "pdf.recovery_sheet",
        template,
        sheet=sheet,
        size=size,
        groups=sheet.code.split("-"),
        qr=Markup(qr),  # noqa: S704  # drawn here, from letters and digits
    )
    made: bytes = laid_out.write_pdf()
    return made
