"""The first start in a browser: for who sits at this machine and knows its word, page by page."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk.actions import founding
from kiosk.actions.founding import FirstStart
from kiosk.actions.practice import open_practice
from kiosk.app import create_app, create_first_start
from kiosk.vault import KeyCosts, recovery
from tests.practices import NOON, PASSPHRASE
from tests.web.test_headers import PAGE, promised

WORD = "K7QM-34HW"
PAGES = (
    "/first/practice",
    "/first/owner",
    "/first/sheet",
    "/first/sheet.pdf",
    "/first/ready",
    "/first/",
    "/",
)


@pytest.fixture
def start(tmp_path: Path) -> FirstStart:
    return FirstStart(tmp_path / "practice", WORD, lambda: NOON, lambda _key: None, KeyCosts(8, 1, 1))


@pytest.fixture
def app(start: FirstStart) -> Flask:
    made = create_first_start(start, "")
    made.testing = True
    return made


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


def send(browser: FlaskClient, address: str, **data: str | list[str]) -> TestResponse:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(address).text)
    assert found, address
    return browser.post(address, data={"csrf_token": found[1], **data})


def enters(browser: FlaskClient) -> None:
    assert send(browser, "/first/word", word="k7qm34hw").headers["Location"] == "/first/"


def test_without_the_word_every_page_leads_to_it_and_nothing_is_taken(
    browser: FlaskClient, app: Flask
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    for address in PAGES:
        assert browser.get(address).headers["Location"] == "/first/word", address
    for address in ("/first/practice", "/first/owner", "/first/sheet"):
        assert browser.post(address, data={"name": "x"}).headers["Location"] == "/first/word"
    wrong = browser.post("/first/word", data={"word": "AAAA-AAAA"})
    assert (wrong.status_code, "kiosk-first" in str(wrong.headers)) == (422, False)
    browser.set_cookie("kiosk-first", "guessed")
    assert browser.get("/first/practice").status_code == 303


def test_another_machine_another_site_and_another_host_are_refused(browser: FlaskClient, app: Flask) -> None:
    other = browser.get("/first/word", environ_base={"REMOTE_ADDR": "192.168.1.20"})
    assert other.status_code == 403
    assert browser.get("/first/word", headers={"Host": "rebound.example"}).status_code == 400
    assert browser.post("/first/word", data={"word": WORD}).status_code == 400, "without its token"
    app.config["WTF_CSRF_ENABLED"] = False
    sent = browser.post("/first/word", data={"word": WORD}, headers={"Sec-Fetch-Site": "cross-site"})
    assert sent.status_code == 403


def test_a_practice_is_made_page_by_page_without_any_script(
    browser: FlaskClient, start: FirstStart, tmp_path: Path
) -> None:
    enters(browser)
    assert browser.get("/").headers["Location"] == "/first/practice"
    assert browser.get("/first/owner").headers["Location"] == "/first/practice", "no step is left out"
    assert browser.get("/first/sheet.pdf").headers["Location"] == "/first/"
    page = browser.get("/first/practice")
    assert promised(page) == PAGE
    assert len(re.findall("<option", page.text)) > 300
    named = {"name": "Meadow Lane", "zone": "America/Chicago", "languages": ["en", "es"], "paper": "letter"}
    wrong = send(browser, "/first/practice", **{**named, "zone": "Mars"})
    assert wrong.status_code == 422
    assert 'value="Meadow Lane"' in wrong.text
    assert send(browser, "/first/practice", **named).headers["Location"] == "/first/owner"
    person = {"owner": "Ruth Meadows", "sign_in": "ruth", "passphrase": PASSPHRASE, "again": "another one"}
    wrong = send(browser, "/first/owner", **person)
    assert wrong.status_code == 422
    assert PASSPHRASE not in wrong.text
    assert (
        send(browser, "/first/owner", **{**person, "again": PASSPHRASE}).headers["Location"] == "/first/sheet"
    )
    assert PASSPHRASE not in browser.get("/first/owner").text
    code = recovery.written(start._code)
    assert code not in browser.get("/first/sheet").text, "it stands on the paper only"
    assert send(browser, "/first/sheet", code="7K3M").status_code == 422
    assert not (tmp_path / "practice").exists()
    assert send(browser, "/first/sheet", code=code).headers["Location"] == "/first/ready"
    ready = browser.get("/first/ready").text
    assert 'href="/sign-in"' in ready
    for address in PAGES[:4]:
        assert browser.get(address).headers["Location"] == "/first/ready", address
    signs_in_and_is_led_to_the_first_steps(tmp_path / "practice")


def signs_in_and_is_led_to_the_first_steps(instance: Path) -> None:
    practice = open_practice(instance, lambda: NOON)
    practice.vault.unlock(PASSPHRASE)
    browser = create_app(practice).test_client()
    assert send(browser, "/sign-in", name="ruth", passphrase=PASSPHRASE).headers["Location"] == "/enter"
    assert browser.get("/enter").headers["Location"] in ("/office/first-steps", "/second-factor")
    practice.vault.close()


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[FlaskClient]:
    """Who has just made a practice, and signed in to it for the first time."""
    made, new = tmp_path / "practice", founding.NewPractice("Meadow Lane", "America/Chicago")
    ruth = founding.NewStaff("ruth", "Ruth Meadows", founding.OWNERS_ROLES, PASSPHRASE)
    founding.found_in(made, new, ruth, lambda: NOON, costs=KeyCosts(8, 1, 1))
    with (made / "practice.toml").open("a", encoding="utf-8") as settings:
        settings.write('second_factor = "optional"\n')
    practice = open_practice(made, lambda: NOON)
    practice.vault.unlock(PASSPHRASE)
    browser = create_app(practice).test_client()
    send(browser, "/sign-in", name="ruth", passphrase=PASSPHRASE)
    yield browser
    practice.vault.close()


def first_steps(browser: FlaskClient) -> dict[str, tuple[str, bool, bool]]:
    """Of each step where its button leads, whether it is done, and whether it is the one to take now."""
    _, *steps = browser.get("/office/first-steps").text.split('<li class="card first-step">')
    found = {}
    for step in steps:
        button = re.search(r'class="button( primary)? push" href="([^"]+)" data-test="step-([a-z]+)"', step)
        assert button
        found[button[3]] = (button[2], "<span>done</span>" in step, bool(button[1]))
    return found


def test_each_first_step_leads_to_its_page_and_is_done_once_it_was_taken(
    owner: FlaskClient, tmp_path: Path
) -> None:
    (tmp_path / "disk").mkdir()
    assert owner.get("/enter").headers["Location"] == "/office/first-steps"

    def stands(*done: str, now: str) -> dict[str, str]:
        """Where each leads; what is done is done, what is to be done next is filled."""
        steps = first_steps(owner)
        assert {name for name, (_, is_done, _) in steps.items() if is_done} == set(done)
        assert [name for name, (_, _, filled) in steps.items() if filled] == ([now] if now else [])
        return {name: address for name, (address, _, _) in steps.items()}

    leads = stands(now="people")
    assert list(leads) == ["people", "tablet", "backup"]
    person = {"name": "Dorothy Hale", "sign_in": "dorothy", "roles": "front_desk"}
    added = send(owner, leads["people"], **person, passphrase=PASSPHRASE, again=PASSPHRASE)
    assert added.status_code == 303
    stands("people", now="tablet")
    code = re.search(
        r'data-test="pairing-code">([^<]+)<', send(owner, leads["tablet"], tablet_name="One").text
    )
    assert code
    stands("people", now="tablet")
    tablet = owner.application.test_client()
    assert send(tablet, "/pair", code=code[1]).headers["Location"] == "/tablet/"
    stands("people", "tablet", now="backup")
    token = re.search(r'name="csrf_token" value="([^"]+)"', owner.get(leads["backup"]).text)
    assert token
    disk = {"csrf_token": token[1], "folder": str(tmp_path / "disk")}
    assert owner.post("/office/backups/disk", data=disk).status_code == 303
    stands("people", "tablet", "backup", now="")
    assert owner.get("/enter").headers["Location"] == "/office/first-steps", "until they say that it is all"
    send(owner, "/office/first-steps")
    assert owner.get("/enter").headers["Location"] != "/office/first-steps"


def test_where_it_is_served_with_tls_one_goes_on_at_that_address(start: FirstStart) -> None:
    start.made = True
    browser = create_first_start(start, "https://kiosk.local:8765/").test_client()
    enters(browser)
    said = browser.get("/first/ready").text
    assert 'href="https://kiosk.local:8765/"' in said
    assert "refresh" not in said
