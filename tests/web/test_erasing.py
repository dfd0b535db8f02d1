"""The owner's pages for erasing and for archives, as a browser gets them."""

from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from kiosk import access
from kiosk.actions import words
from kiosk.vault import tables
from kiosk.vault.states import VisitState
from tests.actions.archives import Files, archived
from tests.actions.test_rebuilding import FORM, contact
from tests.practices import NOON, PASSPHRASE, People


def test_an_owner_finds_holds_asks_and_erases(
    app: Flask, people: People, browsers: Mapping[str, FlaskClient], tmp_path: Path
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    ruth, visit = browsers["ruth"], people.visit("Rose Nyberg", at="09:00")
    with access.transaction(people.system) as desk:
        row = desk.session.get_one(tables.Visit, visit)
        row.state, client = VisitState.LEFT, row.client_id
    Files(people).signs(client, FORM, contact("Kirsten Nyberg"), NOON)
    page = f"/office/erasing/{client}"
    assert f'href="{page}"' in ruth.get(f"/desk/visits/{visit}").text
    assert 'data-test="erasing"' not in browsers["dorothy"].get(f"/desk/visits/{visit}").text
    assert (
        f'data-test="erase-open-{client}"' in ruth.post("/office/erasing/find", data={"search": "nyb"}).text
    )
    assert "Kept until 23 November 2033" in ruth.get(page).text
    early = ruth.post(f"{page}/ask")
    assert (early.status_code, "This cannot be done now" in early.text) == (422, True)

    made = archived(people, tmp_path / "a.kiosk-archive")
    people.clock.forward(days=366 * 8)
    browsers["ruth"].set_cookie("kiosk-staff", access.sign_in(people.practice, "ruth", PASSPHRASE, "x"))
    assert f'data-test="erase-due-{client}"' in ruth.get("/office/erasing").text
    ruth.post(f"{page}/hold")
    assert "A legal hold from" in ruth.get(page).text
    ruth.post(f"{page}/lift-hold")
    assert ruth.post(f"{page}/ask").status_code == 303
    waits = ruth.post(f"{page}/agree")
    assert (waits.status_code, "You are the only owner" in waits.text) == (422, True)
    assert "1 erasure waits for an owner to agree" in ruth.get("/office/").text
    ruth.post(f"{page}/call-off")
    assert ruth.post(f"{page}/agree").status_code == 404
    ruth.post(f"{page}/ask")
    people.clock.forward(days=1)
    browsers["ruth"].set_cookie("kiosk-staff", access.sign_in(people.practice, "ruth", PASSPHRASE, "x"))
    assert ruth.post(f"{page}/agree").headers["Location"].startswith("/office/erasing?done")

    for address in (page, f"/desk/visits/{visit}"):
        gone = ruth.get(address)
        assert (gone.status_code, "<h1" in gone.text and "Erased." in gone.text) == (410, True)
        assert "Nyberg" not in gone.text
    after = ruth.get("/office/erasing?done=").text
    assert "not complete yet" in after
    assert "1 erasure is not complete everywhere" in ruth.get("/office/").text
    assert f'data-test="archive-gone-{made.id}"' in after
    assert ruth.post(f"/office/archives/{made.id}/destroyed").status_code == 303
    day = words.day(people.clock.now, people.practice.settings.time_zone)
    assert f"complete everywhere since {day}" in ruth.get("/office/erasing").text
    assert "destroyed" in ruth.get("/office/archives").text
    assert ruth.post(f"/office/archives/{made.id}/destroyed").status_code == 404
