"""The whole works without script: every page is a plain form that posts and is answered with a page."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.actions import visit_page, visits
from tests.practices import People

ANSWERS = {
    "friend_asks": "nothing", "contact-name": "Kirsten Nyberg", "contact-phone": "512 555 0142",
    "may_call_emergency": "allow", "may_speak_worried": "refuse", "may_tell_health": "refuse",
    "referred_by-name": "Blanca Duarte", "may_thank": "refuse", "has_clinician": "no",
    "email": "paula@example.com", "may_email": "allow", "email_for": "forms",
    "phone": "512 555 0101", "may_text": "refuse", "may_voicemail": "refuse",
}  # fmt: skip


class Form(HTMLParser):
    """A page's own form as a browser without script sends it: where to, and what stands in its fields."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.action, self.inside, self.fields, self.links = "", False, {}, {}
        self.buttons: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        name, test = found.get("name", ""), found.get("data-test", "")
        if tag == "form" and found.get("id") == "page-form":
            assert found["method"] == "post"
            self.action = found["action"]
        elif tag in ("input", "textarea") and name:
            if found.get("type") in ("radio", "checkbox"):
                self.fields.setdefault(name, "")
                if "checked" in found:
                    self.fields[name] = found["value"]
            else:
                self.fields[name] = found.get("value", "")
        elif tag == "a" and test:
            self.links[test] = found["href"]
        elif tag == "button" and test:
            self.buttons[test] = found.get("formaction", self.action)


class Plain:
    """A browser without script at a paired tablet."""

    def __init__(self, http: FlaskClient) -> None:
        self.http, self.path = http, ""

    def open(self, path: str) -> None:
        answer = self.http.get(path, follow_redirects=True)
        assert answer.status_code == 200
        self.path, self.html = answer.request.path, answer.text
        self.form = Form(answer.text)

    def press(self, test: str, **given: str) -> None:
        """What stands in the fields goes along, and only from the form's own fields."""
        if test in self.form.links:
            self.open(self.form.links[test])
            return
        fields = {name: value for name, value in self.form.fields.items() if value}
        data = fields | {name: said for name, said in given.items() if name in self.form.fields}
        answer = self.http.post(self.form.buttons[test], data=data)
        assert answer.status_code == 303, re.sub(r"<[^>]+>", " ", answer.text)
        self.open(answer.headers["Location"])


@pytest.mark.long
def test_every_form_is_answered_read_signed_and_ended_by_plain_forms(
    app: Flask, people: People, browsers: Mapping[str, FlaskClient]
) -> None:
    tablet = Plain(browsers["client"])
    tablet.open("/tablet/welcome")
    tablet.press("begin")
    signed = 0
    while tablet.path != "/tablet/done":
        if "/page/" in tablet.path:
            tablet.press("continue", **ANSWERS)
        elif tablet.path.endswith("/check"):
            tablet.press("see-page" if "see-page" in tablet.form.links else "hand-in")
        elif tablet.path.endswith("/read"):
            for image in re.findall(r'<img src="([^"]+)"', tablet.html):
                assert browsers["client"].get(image.replace("&amp;", "&")).mimetype == "image/png"
            tablet.press("certify")
        else:
            tablet.press("sign", way="typed", typed_name="Paula Lindqvist")
            signed += 1
    visit = next(row for row in visits_of(people) if row.due == ())
    assert signed == len(visit.records) == len(people.practice.catalog.current())


def visits_of(people: People) -> list[visit_page.VisitView]:
    return [visit_page.visit_view(people.desk, row.id) for row in visits.today(people.desk).visits]
