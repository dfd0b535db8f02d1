"""The signed record: PDF/A-3, readable by people and machines, and silent where others look."""

import io
from dataclasses import replace

import pytest
from pypdf import PdfReader

from forms.answers import Shown
from forms.signed import SignedRecord
from pdf.record import page_count, page_images, render
from tests.pdf.making import CATALOG, CLIENT, record


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("form", [form.id for form in CATALOG.forms])
def test_a_record_carries_itself_and_says_what_it_says_to_people_too(form: str, lang: str):
    signed = record(form, lang)
    reader = PdfReader(io.BytesIO(render(signed)))
    assert reader.attachments["record.json"] == [signed.to_json().encode()]
    assert SignedRecord.from_json(reader.attachments["record.json"][0].decode()) == signed
    said = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert CLIENT in said
    for shown in signed.shown:
        assert " ".join(shown.ask.split()) in said
    assert "{" not in said
    assert len(reader.pages) <= 2


def test_a_record_is_marked_as_pdf_a_3b():
    reader = PdfReader(io.BytesIO(render(record())))
    root = reader.trailer["/Root"]
    xmp = root["/Metadata"].get_data().decode()
    assert 'pdfaid:part="3"' in xmp or "<pdfaid:part>3</pdfaid:part>" in xmp
    assert 'pdfaid:conformance="B"' in xmp or "<pdfaid:conformance>B</pdfaid:conformance>" in xmp
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert {attached.get_object()["/UF"] for attached in root["/AF"]} == {"record.json"}
    assert {attached.get_object()["/AFRelationship"] for attached in root["/AF"]} == {"/Data"}
    assert all("/FontFile2" in str(font) for font in _descriptors(reader)), "every font is inside"


def _descriptors(reader: PdfReader) -> list[str]:
    found = []
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            whole = font.get_object()["/DescendantFonts"][0].get_object()
            found.append(str(list(whole["/FontDescriptor"].keys())))
    return found


def test_nothing_about_the_client_stands_where_others_look():
    signed = record("clinician_release")
    pdf = render(signed)
    reader = PdfReader(io.BytesIO(pdf))
    around = " ".join(
        [
            str(dict(reader.metadata or {})),
            reader.trailer["/Root"]["/Metadata"].get_data().decode(),
            str(reader.named_destinations),
            str(reader.outline),
        ]
    )
    for word in (CLIENT, "Rose", "Nyberg", "1948", "Ortiz", signed.form_title, "clinician"):
        assert word not in around
        assert word.encode() not in pdf, "nothing stands in clear in the file's bytes either"


def test_the_preview_has_as_many_pages_as_what_is_signed():
    for form in CATALOG.forms:
        signed, preview = record(form.id), record(form.id, way=None)
        assert page_count(render(preview)) == page_count(render(signed))
        assert "signed_by" not in preview.to_json()
    assert "Not signed yet" in PdfReader(io.BytesIO(render(preview))).pages[-1].extract_text()


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("drawn", "Signed by Rose Nyberg, as the client. 23 November 2026, 15:04 (UTC+00:00)"),
        ("typed", "Signed by Rose Nyberg, as the client; typed by the client as signature."),
        ("paper", "Signed on paper. The page was scanned, and each value was confirmed by a person."),
    ],
)
def test_each_way_of_signing_is_said(way: str, said: str):
    page = PdfReader(io.BytesIO(render(record(way=way)))).pages[-1]
    assert said in " ".join(page.extract_text().split())


def test_a_drawn_signature_is_ink_on_the_page():
    with_ink, without = (
        len(PdfReader(io.BytesIO(render(record(way=way)))).pages[0].get_contents().get_data())
        for way in ("drawn", None)
    )
    assert with_ink > without + 2000


def test_the_pages_as_pictures_are_as_wide_as_asked():
    images = page_images(render(record()), width_px=720)
    assert images
    assert all(int.from_bytes(image[16:20]) in (720, 721) for image in images)


@pytest.mark.parametrize("size", ["letter", "a4"])
def test_words_from_right_to_left_and_hostile_ones_are_only_words(size: str):
    hostile = '<script>x</script><img src="http://example.com/x.png">&amp; \u202e\u0001'
    shown = Shown("p", "q", "short_text", "هل نتصل بهذا الشخص؟", hostile, hostile, hostile * 12)
    signed = replace(record(), lang="ar", client_name="روز " + hostile, client_born="", shown=(shown,) * 4)
    reader = PdfReader(io.BytesIO(render(signed, size)))
    assert reader.attachments["record.json"] == [signed.to_json().encode()]
