"""The owner's page of backups, and the line about them on the first page, as a browser sees them."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kiosk import access
from kiosk.actions import backing_up, backup_places
from kiosk.app import create_app
from tests.practices import PASSPHRASE, People

HOW = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def browser(people: People) -> FlaskClient:
    app = create_app(people.practice)
    app.config["WTF_CSRF_ENABLED"] = False
    made = app.test_client()
    made.set_cookie("kiosk-staff", access.sign_in(people.practice, "ruth", PASSPHRASE, "127.0.0.1"))
    return made


def test_the_first_page_says_how_old_the_last_good_backup_is(
    people: People, browser: FlaskClient, tmp_path: Path
) -> None:
    assert "Needs a look" in browser.get("/office/").text
    backing_up.look_after(people.system)
    page = browser.get("/office/").text
    assert "All is well" not in page
    assert "It is only on this computer." in page
    assert "Choose a disk<" in page
    (tmp_path / "disk").mkdir()
    browser.post("/office/backups/disk", data={"folder": str(tmp_path / "disk")})
    page = browser.get("/office/").text
    assert "All is well" in page
    assert "only on this computer" not in page
    assert "The last good backup is from today, 12:00 PM." in page


def test_one_is_asked_for_and_the_page_looks_again_until_it_is_there(
    people: People, browser: FlaskClient
) -> None:
    assert browser.post("/office/backups", headers=HOW).status_code == 303
    waiting = browser.get("/office/backups", headers=HOW).text
    assert waiting.lstrip().startswith("<main")
    assert 'hx-trigger="every 2s"' in waiting
    assert "<progress" in waiting
    backing_up.look_after(people.system)
    done = browser.get("/office/backups/standing", headers=HOW).text
    assert done.lstrip().startswith('<div id="standing"')
    assert "every 2s" not in done
    assert "from today, 12:00 PM." in done
    assert '<section id="made" aria-labelledby="made-title" hx-swap-oob="true">' in done
    assert "Restored once to check it" in done, "the table comes along"
    assert "Restored once to check it" in browser.get("/office/backups").text


def test_a_disk_is_chosen_and_a_folder_that_is_none_is_named_beside_the_field(
    people: People, browser: FlaskClient, tmp_path: Path
) -> None:
    wrong = browser.post("/office/backups/disk", data={"folder": "<b>here</b>"}, headers=HOW)
    assert wrong.status_code == 422
    assert 'id="folder-problem"' in wrong.text
    assert "&lt;b&gt;here" in wrong.text
    assert backup_places.example() in wrong.text
    (tmp_path / "disk").mkdir()
    assert browser.post("/office/backups/disk", data={"folder": str(tmp_path / "disk")}).status_code == 303
    chosen = browser.get("/office/backups").text
    assert "A backup is being made on it now." in chosen
    assert "every 2s" in chosen
    assert "on the computer’s own disk: it is lost with it." in chosen
    while backing_up.look_after(people.system):
        pass
    polled = browser.get("/office/backups/standing", headers=HOW).text
    assert '<div id="disk-stands" hx-swap-oob="true">' in polled
    assert "Its last good backup is from today" in polled
    assert "every 2s" not in polled
    assert browser.post("/office/backups/disk/forget").status_code == 303
    assert "No disk is chosen." in browser.get("/office/backups").text
    assert browser.post("/office/backups/nothing/keys-destroyed").status_code == 404
