"""Reading a scanned page against only rasterising it."""

import io
from typing import Any

import pypdfium2

from forms.catalog import load_catalog
from pdf.reading import read_file
from pdf.reading.blank import blank_maps
from pdf.twin import twin
from tests import pen
from tests.bench.records import middle


def measure() -> list[dict[str, Any]]:
    catalog = load_catalog()
    made = twin(catalog.form("emergency_contact"), "en", practice="Meadow Lane Massage")
    sheet = pen.Sheet.printed(made.pdf, made.field_map)
    for question in ("may_call_emergency", "may_speak_worried"):
        sheet.tick(question, "allow")
    scan = pen.as_pdf([pen.scanned(sheet.pages[0], skew=1.0, blur=0.6, noise=4)])
    maps = blank_maps(catalog)
    ours = middle(lambda: read_file(scan, maps))
    plain = middle(lambda: _rasterised(scan))
    return [{"what": "reading a page against rasterising it", "ours": ours, "plain": plain, "unit": "ms"}]


def _rasterised(pdf: bytes) -> bytes:
    out = io.BytesIO()
    with pypdfium2.PdfDocument(pdf) as document:
        document[0].render(scale=200 / 72, grayscale=True).to_pil().save(out, "PPM")
    return out.getvalue()
