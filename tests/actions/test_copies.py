"""A copy to be sent: only where the client allows it, and opened only by the word agreed with them."""

import io

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from kiosk import access
from kiosk.actions import copies, endings, visit_page
from kiosk.errors import Invalid
from kiosk.vault import tables
from kiosk.vault.did import Did
from pdf.verify import Verified, verify
from tests.practices import People

EMAIL = {
    "email": "rose@example.com",
    "may_email": "allow",
    "email_for": ["forms"],
}
WORD = "señora clavel"


def refused(people: People, visit: str, word: str = WORD) -> str:
    with pytest.raises(Invalid) as wrong:
        copies.encrypted(people.desk, visit, word)
    return wrong.value.problems["word"]


def test_a_copy_is_made_only_where_allowed_and_only_the_word_opens_it(people: People) -> None:
    visit = people.visit()
    assert refused(people, visit) == copies.NOT_ALLOWED
    people.signs(people.sits_down(visit), "email_logistics", EMAIL)
    assert visit_page.visit_view(people.desk, visit).may_send
    assert refused(people, visit, " seven77 ") == copies.NO_WORD
    assert refused(people, visit, "é" * 60) == copies.LONG_WORD
    made = copies.encrypted(people.desk, visit, f" {WORD} ")
    assert b"Rose" not in made
    locked = PdfReader(io.BytesIO(made))
    assert locked.trailer["/Encrypt"]["/V"] == 5, "AES-256"
    assert not locked.decrypt("another word")
    assert locked.decrypt(WORD)
    assert "Rose Nyberg" in locked.pages[0].extract_text()
    ((name, files),) = locked.attachments.items()
    assert name == "document-1.pdf"
    assert isinstance(verify(files[0]), Verified), "the sealed document itself is within"
    told = select(tables.AuditEntry).where(tables.AuditEntry.did == Did.MADE_COPY)
    with access.transaction(people.system) as desk:
        assert [entry.kind for entry in desk.session.scalars(told)] == ["record"]
        assert not [
            entry for entry in desk.session.scalars(select(tables.AuditEntry)) if WORD in entry.reason
        ]
    (row,) = visit_page.visit_view(people.desk, visit).records
    endings.withdraw(people.desk, row.id)
    assert refused(people, visit) == copies.NOT_ALLOWED
    assert not visit_page.visit_view(people.desk, visit).may_send
