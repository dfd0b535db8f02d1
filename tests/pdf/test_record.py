"""The signed record: PDF/A-3, readable by people and machines, and silent where others look."""

import io
from dataclasses import replace

import pytest
from pypdf import PdfReader

from forms.answers import Shown
from forms.loading import read_form
from forms.signed import SignedRecord
from pdf.record import page_count, page_images, render
from tests.forms.making import both, plain_form
from tests.pdf.making import CATALOG, CLIENT, record, record_of


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
    assert len(reader.pages) <= 4


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
        preview = render(record(form.id, way=None), signs=form.needs_signature())
        assert page_count(preview) == page_count(render(record(form.id)))


@pytest.mark.parametrize(("signs", "said"), [(True, "Not signed yet"), (False, "Not given yet")])
def test_a_preview_says_what_is_still_to_do(signs: bool, said: str):
    assert said in words_on(render(record(way=None), signs=signs))


def words_on(pdf: bytes) -> str:
    """What the last page says, on one line."""
    return " ".join(PdfReader(io.BytesIO(pdf)).pages[-1].extract_text().split())


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("drawn", "Signed by Rose Nyberg, as the client. November 23, 2026, 15:04 (UTC+00:00)"),
        ("typed", "Signed by Rose Nyberg, as the client; typed by the client as signature."),
        ("paper", "Signed on paper. The page was scanned, and each value was confirmed by a person."),
    ],
)
def test_each_way_of_signing_is_said(way: str, said: str):
    assert said in words_on(render(record(way=way)))


def given(**more: str) -> SignedRecord:
    """A record of a form that asks for no signature."""
    made = record_of(UNSIGNED, {"seen": "yes"}, "en", "given")
    assert made.signature is not None
    return replace(made, signature=replace(made.signature, **more))


UNSIGNED = read_form(
    "made.toml",
    plain_form([{"id": "p", "question": [{"id": "seen", "kind": "yes_no", "ask": both("Read?")}]}]),
)


def test_what_needs_no_signature_is_given_and_says_neither_signed_nor_the_attestation():
    said = words_on(render(given()))
    assert "Given by Rose Nyberg, November 23, 2026, 15:04 (UTC+00:00)" in said
    assert "igned" not in said
    assert UNSIGNED.attest.say("en") not in said


@pytest.mark.parametrize("way", ["drawn", "given"])
def test_who_signs_for_another_says_as_what_and_by_what_right(way: str):
    made = given(way=way, signer="guardian", authority="order of the court of 3 May 2020")
    assert "Rose Nyberg, as guardian (order of the court of 3 May 2020)" in words_on(render(made))


def test_of_paper_only_the_day_is_known():
    assert "as the client. November 23, 2026 Record" in words_on(render(record(way="paper")))


def test_a_date_that_nobody_wrote_is_not_made_up():
    undated = replace(record(way="paper"), evidence={"date_on_paper": "left empty"})
    said = words_on(render(undated))
    assert "The date was left empty; the sheet was printed on November 23, 2026" in said


def test_a_signature_put_here_by_a_button_says_where_it_was_drawn():
    drawn = record()
    assert drawn.signature is not None
    applied = replace(drawn.signature, way="applied", drawn_at="2026-11-23T15:01:00+00:00")
    said = words_on(render(replace(drawn, signature=applied)))
    assert "drawn at 15:01 for another form of this visit, and put here by a button of its own" in said


def test_a_drawn_signature_is_ink_on_the_page():
    with_ink, without = (
        len(PdfReader(io.BytesIO(render(record(way=way)))).pages[-1].get_contents().get_data())
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
