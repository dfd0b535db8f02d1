"""A tablet's browser without script: presses what stands on the page, by its name; the taps are counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import MappingProxyType

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk import access
from kiosk.access import Actor, Practice
from kiosk.actions import handing
from tests.practices import BORN

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass
class Form:
    """A form of a page, the names of its fields, and what it would send as it stands."""

    attributes: dict[str, str]
    fields: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """The links and buttons of a page that carry a name, each with the form that it sends."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: dict[str, tuple[dict[str, str], Form | None]] = {}
        self._forms: list[Form] = []
        self.feed(html)

    def named(self, name: str) -> tuple[dict[str, str], Form]:
        given, around = self.names[name]
        own = next((one for one in self._forms if one.attributes.get("id") == given.get("form", "")), around)
        assert own is not None, f"{name} is in no form"
        return given, own

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            assert given.get("method") in ("post", "dialog")
            self._forms.append(Form(given))
        form = self._forms[-1] if self._forms else None
        if form and tag in ("input", "textarea") and "name" in given:
            form.fields.add(given["name"])
            if given.get("type") not in ("radio", "checkbox") or "checked" in given:
                form.values[given["name"]] = given.get("value", "")
        if "data-test" in given:
            self.names[given["data-test"]] = (given, form)


class Finger:
    """Follows where each answer leads; `status`, `path` and `html` are what came last."""

    def __init__(self, http: FlaskClient, address: str = "/tablet/") -> None:
        self.http, self.taps = http, 0
        self.opens(address)

    def opens(self, address: str) -> str:
        return self._sees(self.http.get(address, follow_redirects=True))

    def can_press(self, name: str) -> bool:
        return name in Page(self.html).names

    def press(self, name: str, typed: Mapping[str, str] = NOTHING) -> str:
        """A tap on what carries this name. Of what is typed goes along what the form has fields for."""
        self.taps += 1
        given, form = Page(self.html).named(name)
        if "href" in given:
            return self.opens(given["href"])
        own = {one: said for one, said in typed.items() if one in form.fields}
        pressed = {given["name"]: given["value"]} if "name" in given else {}
        address = given.get("formaction") or form.attributes["action"]
        return self._sees(
            self.http.post(address, data={**form.values, **own, **pressed}, follow_redirects=True)
        )

    def checks_in(self, desk: Actor, visit: str) -> str:
        self.press("have-code")
        self.press("continue", {"code": handing.make_code(desk, visit)})
        return self.press("continue", BORN)

    def signs(self, given: Mapping[str, str], name: str) -> str:
        """What is left of the form that lies here, by typing a name."""
        while "/page/" in self.path:
            self.press("continue", given)
        self.press("see-page")
        self.press("certify")
        return self.press("sign", {"way": "typed", "typed_name": name})

    def _sees(self, response: TestResponse) -> str:
        self.status, self.path = response.status_code, response.request.path
        self.html = response.get_data(as_text=True)
        return self.html


def paired(app: Flask, practice: Practice, desk: Actor) -> Finger:
    """At a tablet that was just paired."""
    http = app.test_client()
    token = access.pair(practice, access.make_pairing(desk, "Tablet 1"), "127.0.0.1")
    http.set_cookie("kiosk-tablet", token)
    return Finger(http)
