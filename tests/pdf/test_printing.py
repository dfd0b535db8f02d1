"""Papers to print: the certificate of a shredded batch, and several PDFs as one."""

import io

from pypdf import PdfReader, PdfWriter

from pdf.certificate import ShredCertificate, ShreddedSheet, certificate
from pdf.printing import merge
from tests.pdf.making import PRACTICE, printed

SIZES = {"letter": (612, 792), "a4": (595.276, 841.89)}


def a_document(*sizes: str) -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    for size in sizes:
        writer.add_blank_page(*SIZES[size])
    writer.write(out)
    return out.getvalue()


def sizes_of(pdf: bytes) -> list[tuple[int, int]]:
    return [
        (round(page.mediabox.width), round(page.mediabox.height)) for page in PdfReader(io.BytesIO(pdf)).pages
    ]


LETTER, A4 = (612, 792), (595, 842)


def test_pages_keep_their_sizes_and_each_document_begins_on_a_front_page():
    merged = merge(
        [a_document("letter"), a_document("a4", "a4"), a_document("a4"), a_document("letter", "letter")]
    )
    assert sizes_of(merged) == [LETTER, A4, A4, A4, A4, LETTER, LETTER, LETTER]


def test_one_document_stays_as_it_is():
    assert sizes_of(merge([a_document("a4", "letter")])) == [A4, LETTER]


def test_a_visit_s_twins_are_printed_with_their_words_and_no_word_about_whom():
    twins = [printed("confidentiality").pdf, printed("emergency_contact").pdf]
    reader = PdfReader(io.BytesIO(merge(twins)))
    starts = [number for number, page in enumerate(reader.pages) if "1 of" in page.extract_text()]
    assert starts == [0, 2]
    assert dict(reader.metadata or {}) == {"/Title": "To print", "/Producer": ""}


def test_a_certificate_says_what_how_many_how_and_by_whom_and_names_no_client():
    shredded = ShredCertificate(
        practice=PRACTICE,
        batch="b7c1d2",
        sheets=tuple(
            ShreddedSheet(f"4K7M9Q{n:02}", "Emergency contact", 2, "20261123-0411") for n in range(60)
        ),
        pages=120,
        counted=120,
        method="Cross-cut shredder",
        level="P-4",
        machine="HSM B34",
        by="Dorothy Keane",
        witness="",
        at="23 November 2026, 15:04",
        cooling_days=7,
        shred_level="simple",
    )
    reader = PdfReader(io.BytesIO(certificate(shredded)))
    said = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for words in (
        PRACTICE,
        "Certificate of destruction",
        "120 of 120 pages",
        "Cross-cut shredder, level P-4, HSM B34",
        "Dorothy Keane",
        "none; the level “simple” does not ask for one",
        "7 days",
        "4K7M9Q00",
        "4K7M9Q59",
    ):
        assert words in said
    assert len(reader.pages) > 1
