"""Several PDFs as one, to print."""

import io
from collections.abc import Sequence

from pypdf import PdfReader, PdfWriter


def merge(pdfs: Sequence[bytes]) -> bytes:
    """One file with all pages in order; each document begins on a front page when printed on both sides."""
    writer = PdfWriter()
    for number, pdf in enumerate(pdfs):
        reader = PdfReader(io.BytesIO(pdf))
        if number and len(writer.pages) % 2:
            box = reader.pages[0].mediabox
            writer.add_blank_page(float(box.width), float(box.height))
        for page in reader.pages:
            writer.add_page(page)
    writer.metadata = {"/Title": "To print", "/Producer": ""}
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
