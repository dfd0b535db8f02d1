"""The desk makes an encrypted copy to send: a neutral file, and a word that no page shows again."""

from collections.abc import Mapping

from tests.desk.conftest import Staff
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
