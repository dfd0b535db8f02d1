"""The whole works without script: every page is a plain form that posts and is answered with a page."""

import re
from collections.abc import Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.actions import visit_page, visits
from tests.at_tablet import Finger
from tests.practices import People

ANSWERS = {
    "friend_asks": "nothing", "contact-name": "Kirsten Nyberg", "contact-phone": "512 555 0142",
    "may_call_emergency": "allow", "may_speak_worried": "refuse", "may_tell_health": "refuse",
    "referred_by-name": "Blanca Duarte", "may_thank": "refuse", "has_clinician": "no",
    "email": "paula@example.com", "may_email": "allow", "email_for": "forms",
    "phone": "512 555 0101", "may_text": "refuse", "may_voicemail": "refuse",
}  # fmt: skip


@pytest.mark.long
def test_every_form_is_answered_read_signed_and_ended_by_plain_forms(
    app: Flask, people: People, browsers: Mapping[str, FlaskClient]
) -> None:
    tablet = Finger(browsers["client"], "/tablet/welcome")
    tablet.press("begin")
    signed = 0
    while tablet.path != "/tablet/done":
        if "/page/" in tablet.path:
            tablet.press("continue", ANSWERS)
        elif tablet.path.endswith("/check"):
            tablet.press("see-page" if tablet.can_press("see-page") else "hand-in")
        elif tablet.path.endswith("/read"):
            for image in re.findall(r'<img src="([^"]+)"', tablet.html):
                assert browsers["client"].get(image.replace("&amp;", "&")).mimetype == "image/png"
            tablet.press("certify")
        else:
            assert tablet.path.endswith("/sign"), (tablet.path, tablet.status)
            tablet.press("sign", {"way": "typed", "typed_name": "Paula Lindqvist"})
            signed += 1
    visit = next(row for row in visits_of(people) if row.due == ())
    assert signed == len(visit.records) == len(people.practice.catalog.current())


def visits_of(people: People) -> list[visit_page.VisitView]:
    return [visit_page.visit_view(people.desk, row.id) for row in visits.today(people.desk).visits]


def test_enough_for_today_outlives_another_language_help_and_a_mistake(
    people: People, browsers: Mapping[str, FlaskClient]
) -> None:
    tablet = Finger(browsers["client"], "/tablet/welcome")
    tablet.press("begin")
    tablet.signs(ANSWERS, "Paula Lindqvist")
    assert tablet.can_press("enough")
    for ways in (
        ("language-es", "language-en"),
        ("help", "back"),
        ("continue",),
        ("help", "need-help", "back"),
    ):
        for way in ways:
            tablet.press(way)
        assert tablet.can_press("enough"), ways
    while not tablet.path.endswith("/check"):
        tablet.press("continue", ANSWERS)
        assert not tablet.can_press("enough"), "it is said once"
