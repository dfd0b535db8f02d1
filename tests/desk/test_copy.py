"""The desk makes an encrypted copy to send: a neutral file, and a word that no page shows again."""

from collections.abc import Mapping

from sqlalchemy import select

from kiosk import access
from kiosk.access import Practice
from kiosk.actions import practice as founding
from kiosk.vault.tables import Record
from tests.desk.conftest import Staff
from tests.practices import ALLOWS_HER_DAUGHTER
from tests.therapist.conftest import Signs, signs

__all__ = ["signs"]

EMAIL = {"email": "rose@example.com", "may_email": "allow", "email_for": "forms"}


def test_a_copy_is_offered_only_where_allowed_and_its_word_stands_nowhere(
    dorothy: Staff, booked: Mapping[str, str], signs: Signs
) -> None:
    visit = next(iter(booked.values()))
    dorothy.opens(f"/desk/visits/{visit}")
    assert "copy-ask" not in dorothy.html
    signs(visit, {"email_logistics": EMAIL})
    dorothy.opens(f"/desk/visits/{visit}")
    assert "copy-ask" in dorothy.html
    dorothy.presses(f"/desk/visits/{visit}/copy", 422, word="kurz")
    assert "at least 8 letters" in dorothy.html
    assert "kurz" not in dorothy.html
    made = dorothy.presses(f"/desk/visits/{visit}/copy", 200, word="clavel rojo")
    assert made.mimetype == "application/pdf"
    assert made.headers["Content-Disposition"] == "attachment; filename=document.pdf"


def test_what_a_therapist_reads_goes_along_only_by_the_button_that_says_that_the_client_asks(
    practice: Practice, dorothy: Staff, booked: Mapping[str, str], signs: Signs
) -> None:
    visit = next(iter(booked.values()))
    signs(visit, {"email_logistics": EMAIL, "emergency_contact": ALLOWS_HER_DAUGHTER})
    dorothy.opens(f"/desk/visits/{visit}")
    assert "copy-client-asks" not in dorothy.html
    with access.transaction(founding.system(practice)) as desk:
        record = desk.session.scalars(select(Record).where(Record.form == "emergency_contact")).one()
        release = desk.practice.catalog.form("clinician_release")
        record.form, record.version = release.id, release.version
    dorothy.opens(f"/desk/visits/{visit}")
    assert 'name="asked" value="yes" data-test="copy-client-asks"' in dorothy.html
    assert 'data-test="make-copy"' in dorothy.html
    without, whole = (
        dorothy.presses(f"/desk/visits/{visit}/copy", 200, word="clavel rojo", **asked).data
        for asked in ({}, {"asked": "yes"})
    )
    assert len(whole) > 1.5 * len(without)


def test_only_the_client_s_asking_makes_a_file_where_a_therapist_reads_all_that_was_signed(
    practice: Practice, dorothy: Staff, booked: Mapping[str, str], signs: Signs
) -> None:
    visit = next(iter(booked.values()))
    signs(visit, {"email_logistics": EMAIL})
    with access.transaction(founding.system(practice)) as desk:
        record = desk.session.scalars(select(Record)).one()
        release = desk.practice.catalog.form("clinician_release")
        record.form, record.version = release.id, release.version
    dorothy.opens(f"/desk/visits/{visit}")
    for shown in ("copy-ask", "copy-client-asks", "client-asks"):
        assert f'data-test="{shown}"' in dorothy.html
    for hidden in ("make-copy", "print-records"):
        assert f'data-test="{hidden}"' not in dorothy.html
    dorothy.presses(f"/desk/visits/{visit}/copy", 404, word="clavel rojo")
    assert "What this client signed is read by a therapist." in dorothy.html
    dorothy.opens(f"/desk/visits/{visit}")
    dorothy.presses(f"/desk/visits/{visit}/copy", 200, word="clavel rojo", asked="yes")
