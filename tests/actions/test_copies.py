"""A copy to be sent: only where the client allows it, and opened only by the word agreed with them."""

import io

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from kiosk import access
from kiosk.actions import copies, endings, records, visit_page
from kiosk.errors import Invalid, NotFound
from kiosk.vault import tables
from kiosk.vault.did import Did
from pdf.verify import Verified, verify
from tests.practices import ALLOWS_HER_DAUGHTER, People

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


def also_signed_a_release(people: People, visit: str) -> str:
    """What she signed beside her email is, for these tests, a release; returns the record."""
    sitting = people.sits_down(visit)
    people.signs(sitting, "email_logistics", EMAIL)
    people.signs(sitting, "emergency_contact", ALLOWS_HER_DAUGHTER)
    with access.transaction(people.system) as desk:
        signed = select(tables.Record).where(tables.Record.form == "emergency_contact")
        record = desk.session.scalars(signed).one()
        release = desk.practice.catalog.form("clinician_release")
        record.form, record.version = release.id, release.version
        return record.id


def copied(people: People) -> dict[str, str]:
    """Each record of which a copy was made, with the reason in the trail."""
    told = select(tables.AuditEntry).where(tables.AuditEntry.did == Did.MADE_COPY)
    with access.transaction(people.system) as desk:
        return {entry.object: entry.reason for entry in desk.session.scalars(told)}


def documents_in(made: bytes) -> int:
    locked = PdfReader(io.BytesIO(made))
    locked.decrypt(WORD)
    return len(locked.attachments)


def test_a_release_goes_into_a_copy_of_the_front_desk_only_where_the_client_asks(people: People) -> None:
    visit = people.visit()
    release = also_signed_a_release(people, visit)
    assert documents_in(copies.encrypted(people.desk, visit, WORD)) == 1
    assert set(copied(people).values()) == {copies.ALLOWED}
    assert release not in copied(people)
    assert documents_in(copies.encrypted(people.desk, visit, WORD, client_asks=True)) == 2
    assert copied(people)[release] == f"{copies.ALLOWED}: {records.ASKED}"


def test_where_nothing_is_open_to_the_front_desk_it_hears_who_reads_it_and_not_that_nothing_is_signed(
    people: People,
) -> None:
    visit = people.visit()
    release = also_signed_a_release(people, visit)
    for row in visit_page.visit_view(people.desk, visit).records:
        if row.id != release:
            endings.withdraw(people.desk, row.id)
    shown = visit_page.visit_view(people.desk, visit)
    assert (shown.hands_out, shown.hands_out_where_asked) == (False, True)
    with pytest.raises(NotFound) as told:
        records.print_all(people.desk, visit)
    assert (told.value.message, told.value.next_step) == records.FOR_A_THERAPIST
    assert records.print_all(people.desk, visit, client_asks=True).startswith(b"%PDF")
    endings.withdraw(people.desk, release)
    shown = visit_page.visit_view(people.desk, visit)
    assert (shown.hands_out, shown.hands_out_where_asked) == (False, False)
    with pytest.raises(NotFound) as told:
        records.print_all(people.desk, visit)
    assert (told.value.message, told.value.next_step) == records.NOTHING_STANDS


def test_the_owner_may_read_a_release_and_so_send_it(people: People) -> None:
    visit = people.visit()
    also_signed_a_release(people, visit)
    assert documents_in(copies.encrypted(people._staff("ruth"), visit, WORD)) == 2
