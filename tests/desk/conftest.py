"""A real practice with its desk: every page that a test opens is also checked for what holds for all."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from kiosk import access
from kiosk.access import Actor, Practice, Role
from kiosk.access.sessions import actor_of
from kiosk.actions import confirming, paper, reading_scans, visits
from kiosk.actions import practice as founding
from kiosk.app import create_app
from kiosk.settings import Settings
from kiosk.vault import KeyCosts, Vault
from tests.desk.on_paper import came_back, print_sheet
from tests.practices import write_settings

PASSPHRASE = "a long enough passphrase"
NOON = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)  # a Monday, noon in Chicago
HOSTILE = 'Mallory "><script>alert(1)</script>'
CLIENTS = (("Rose Nyberg", "11:30"), ("Theo Okafor", "13:00"), (HOSTILE, "15:00"))


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Staff:
    """Somebody of the practice at a browser, who presses what stands on the page."""

    http: FlaskClient
    actor: Actor
    html: str = ""

    def opens(self, address: str, status: int = 200, **more: Any) -> TestResponse:
        return self._see(self.http.get(address, **more), status)

    def presses(self, address: str, status: int = 303, **values: Any) -> TestResponse:
        """Posts a form with the token that its page carried, and follows to where the answer leads."""
        data = {"csrf_token": self.token(), **values}
        if "files" in data:  # encoded here: the client would spool large ones to a file that nobody closes
            boundary, body = encode_multipart(MultiDict(as_files(data)))
            sent = self.http.post(
                address, data=body, content_type=f'multipart/form-data; boundary="{boundary}"'
            )
        else:
            sent = self.http.post(address, data=data)
        response = self._see(sent, status)
        if response.status_code == 303:
            return self.opens(response.headers["Location"])
        return response

    def token(self) -> str:
        if not self.html:
            self.opens("/desk/" if Role.FRONT_DESK in self.actor.roles else "/therapist/")
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.html)
        assert found
        return found[1]

    def _see(self, response: TestResponse, status: int) -> TestResponse:
        assert response.status_code == status, response.get_data(as_text=True)[-2000:]
        if response.mimetype == "text/html" and status != 303:
            self.html = response.get_data(as_text=True)
            if "<main" in self.html:
                check_page(self.html)
        return response


def as_files(data: Mapping[str, Any]) -> dict[str, Any]:
    given = data["files"] if isinstance(data["files"], list) else [data["files"]]
    return {**data, "files": [FileStorage(stream, name, "files") for stream, name in given]}


def check_page(html: str) -> None:
    """What holds for every page of the desk and the therapist."""
    assert html.count("<main") == html.count("</main>") == 1
    assert '<main id="main"' in html
    assert len(re.findall(r"\sautofocus[\s>]", html)) == 1, "one thing takes the focus"
    assert not re.search(r"<[^>]*\sstyle=", html), "the policy blocks styles in attributes"
    assert not re.search(r"<script(?![^>]*\ssrc=)", html), "the policy blocks scripts in the page"
    assert "<script>alert" not in html
    for form in re.findall(r"<form\b.*?</form>", html, re.DOTALL):
        assert 'method="post"' in form
        assert 'name="csrf_token"' in form
    for title in re.findall(r"<title>(.*?)</title>", html):
        assert title in TITLES
    for address in re.findall(r'(?:href|action|src|hx-get|hx-post)="([^"]*)"', html):
        assert not any(part in address for name, _ in CLIENTS for part in name.split())


TITLES = (
    *("Today", "Visit", "New visit", "Scan inbox", "File a page", "To confirm", "To shred", "Shred batch"),
    *("Tablets", "My day", "Consent card", "May I tell", "Check-in", "Close the day", "Another client"),
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def practice(tmp_path: Path, clock: Clock) -> Iterator[Practice]:
    write_settings(tmp_path, "cooling_days = 0\n")
    settings = Settings.load(tmp_path)
    made = Practice(settings, Vault(settings, clock, KeyCosts(8, 1, 1)), founding.offered_forms(settings))
    people = (("dorothy", Role.FRONT_DESK), ("sophia", Role.THERAPIST), ("jean", Role.THERAPIST))
    founding.found(
        made,
        PASSPHRASE,
        [founding.NewStaff(name, f"{name.title()} Hale", (role,), PASSPHRASE) for name, role in people],
    )
    yield made
    made.vault.close()


@pytest.fixture
def signs_in(practice: Practice) -> Any:
    """Opens a browser for somebody of the practice."""
    app = create_app(practice)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = True

    def open_browser(name: str) -> Staff:
        token = access.sign_in(practice, name, PASSPHRASE, "127.0.0.1")
        http = app.test_client()
        http.set_cookie("kiosk-staff", token)
        return Staff(http, actor_of(practice, token, "127.0.0.1"))

    return open_browser


@pytest.fixture
def dorothy(signs_in: Any) -> Staff:
    """Who sits at the front desk."""
    return signs_in("dorothy")


@pytest.fixture
def booked(practice: Practice, dorothy: Staff) -> Mapping[str, str]:
    """Today's visits by the client's name."""
    return book(practice, dorothy.actor)


def book(practice: Practice, desk: Actor) -> Mapping[str, str]:
    therapist = visits.options(desk).therapists[-1][0]
    made = {}
    for name, at in CLIENTS:
        data = {"name": name, "month": "4", "day": "27", "year": "1956", "therapist": therapist}
        made[name] = visits.add(desk, MultiDict({**data, "date": "2026-11-23", "time": at}))
    return made


@pytest.fixture
def confirm_page(practice: Practice, dorothy: Staff) -> Callable[[str], str]:
    """Prints, fills in, scans and reads a sheet of a visit; returns the sheet that waits."""

    def wait_for_a_person(visit: str) -> str:
        system = founding.system(practice)
        paper.receive(dorothy.actor, came_back(practice, print_sheet(dorothy, visit)))
        assert reading_scans.read_next(system)
        return confirming.waiting(dorothy.actor).sheets[0].id

    return wait_for_a_person
