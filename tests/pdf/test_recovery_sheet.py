"""The recovery sheet: one page that can be typed and scanned, and says what to do with it."""

import io

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from kiosk.vault import recovery
from pdf.recovery_sheet import RecoverySheet, recovery_sheet

CODE = recovery.written(bytes(range(20)))
NAMES = (
    "Meadow Lane",
    "The Practice for Occupational, Physical and Speech Therapy at Meadow Lane, Austin, Texas",
)
TOLD = (
    "opens the practice when its passphrase is lost",
    "Print this page on a printer that only you use. Delete the file.",
    "lock it away, not beside the computer",
    "type this code where the passphrase is asked",
    "kiosk passphrase",
    "kiosk restore",
    "kiosk rotate",
    "The last four letters are a check",
)

both = pytest.mark.parametrize("size", ["letter", "a4"])


def sheet(size: str, name: str = NAMES[0]) -> bytes:
    return recovery_sheet(RecoverySheet(name, CODE, "30 November 2026"), size)


@both
@pytest.mark.parametrize("name", NAMES, ids=["short", "long"])
def test_it_is_one_page_with_the_code_in_groups_and_what_to_do(size: str, name: str) -> None:
    (page,) = PdfReader(io.BytesIO(sheet(size, name))).pages
    text = " ".join(page.extract_text().split())
    where = [text.index(group) for group in CODE.split("-")]
    assert where == sorted(where), "nine groups of four, in their order"
    assert recovery.read(" ".join(text[at : at + 4] for at in where)) == bytes(range(20))
    for words in (*TOLD, " ".join(name.split())):
        assert words in text


@both
def test_its_square_is_read_by_any_phone_as_the_code(size: str) -> None:
    with pypdfium2.PdfDocument(sheet(size)) as pdf:
        image = pdf[0].render(scale=100 / 72).to_pil()
    (found,) = zxingcpp.read_barcodes(image)
    assert found.text == CODE
