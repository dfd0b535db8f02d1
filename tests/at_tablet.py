"""Somebody at a tablet without script: presses what stands on the page, by its name; taps are counted."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk import access
from kiosk.access import Actor, Practice
from kiosk.actions import handing
from tests.practices import BORN


@dataclass
class Form:
    """A form of a page, and what it would send as it stands."""

    attributes: dict[str, str]
    values: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """The forms of a page, and the links and buttons that carry a name, each with the form that it sends."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._named: dict[str, tuple[dict[str, str], Form | None]] = {}
        self._forms: list[Form] = []
        self.feed(html)

    def named(self, name: str) -> tuple[dict[str, str], Form | None]:
        given, around = self._named[name]
        own = next((one for one in self._forms if one.attributes.get("id") == given.get("form", "")), None)
        return given, own or around

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._forms.append(Form(given))
        here = self._forms[-1] if self._forms else None
        chosen = given.get("type") not in ("radio", "checkbox") or "checked" in given
        if here and tag == "input" and chosen and "name" in given:
            here.values.append((given["name"], given.get("value", "")))
        if "data-test" in given:
            self._named[given["data-test"]] = (given, here)


class Finger:
    """Follows where each answer leads."""

    def __init__(self, app: Flask, practice: Practice, desk: Actor) -> None:
        self.desk, self.taps = desk, 0
        self.http: FlaskClient = app.test_client()
        token = access.pair(practice, access.make_pairing(desk, "Tablet 1"), "127.0.0.1")
        self.http.set_cookie("kiosk-tablet", token)
        self.opens("/tablet/")

    def opens(self, address: str) -> str:
        return self._sees(self.http.get(address, follow_redirects=True))

    def press(self, name: str, **typed: Any) -> str:
        """A tap on what carries this name, once what is `typed` stands in its form."""
        self.taps += 1
        given, form = Page(self.html).named(name)
        if "href" in given:
            return self.opens(given["href"])
        assert form is not None
        names = {one.replace("__", "-"): value for one, value in typed.items()}
        data = [one for one in form.values if one[0] not in names]
        data += list(names.items())
        if "name" in given:
            data.append((given["name"], given.get("value", "")))
        address = given.get("formaction") or form.attributes["action"]
        body = {one: [value for name, value in data if name == one] for one, _ in data}
        return self._sees(self.http.post(address, data=body, follow_redirects=True))

    def checks_in(self, visit: str) -> str:
        self.press("have-code")
        self.press("continue", code=handing.make_code(self.desk, visit))
        return self.press("continue", **BORN)

    def _sees(self, response: TestResponse) -> str:
        self.status, self.path = response.status_code, response.request.path
        self.html = response.get_data(as_text=True)
        return self.html
