"""The certificate of a shredded batch: what, how many, how, by whom, and where the images are."""

from dataclasses import dataclass

from pdf.html import document


@dataclass(frozen=True)
class ShreddedSheet:
    serial: str
    form: str
    pages: int
    backup: str


@dataclass(frozen=True)
class ShredCertificate:
    """Plain values; no client's name. After the fields of NIST SP 800-88 and DIN 66399-3."""

    practice: str
    batch: str
    sheets: tuple[ShreddedSheet, ...]
    pages: int
    counted: int
    method: str
    level: str
    machine: str
    by: str
    witness: str
    at: str
    cooling_days: int
    shred_level: str


def certificate(shredded: ShredCertificate) -> bytes:
    """PDF/A-3b, not sealed yet."""
    laid_out = document("pdf.certificate", "certificate.html", c=shredded)
    made: bytes = laid_out.write_pdf(pdf_variant="pdf/a-3b")
    return made
