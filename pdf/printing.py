"""Several PDFs as one, to print."""

import io
import secrets
from collections.abc import Sequence

from pypdf import PdfReader, PdfWriter


def merge(pdfs: Sequence[bytes]) -> bytes:
    """One file with all pages in order; each document begins on a front page when printed on both sides."""
    return _written(_merged(pdfs, "To print"))


def locked(pdfs: Sequence[bytes], word: str) -> bytes:
    """One file that only the word opens (AES-256): all pages to read, and each document itself within it.

    The documents keep their seals and their data; what stands around them names nothing.
    """
    writer = _merged(pdfs, "Document")
    for number, pdf in enumerate(pdfs, 1):
        writer.add_attachment(f"document-{number}.pdf", pdf)
    writer.encrypt(word, owner_password=secrets.token_urlsafe(32), algorithm="AES-256")
    return _written(writer)


def _merged(pdfs: Sequence[bytes], title: str) -> PdfWriter:
    writer = PdfWriter()
    for number, pdf in enumerate(pdfs):
        reader = PdfReader(io.BytesIO(pdf))
        if number and len(writer.pages) % 2:
            box = reader.pages[0].mediabox
            writer.add_blank_page(float(box.width), float(box.height))
        for page in reader.pages:
            writer.add_page(page)
    writer.metadata = {"/Title": title, "/Producer": ""}
    return writer


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
