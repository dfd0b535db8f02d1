"""The application as a whole: limits, other machines, other hosts, errors, the locked practice, traces."""

import io
import logging
import re
from collections.abc import Mapping

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from kiosk import web
from kiosk.actions import opening
from kiosk.app import create_app
from kiosk.settings import Settings
from kiosk.vault import tables
from kiosk.vault.did import Did
from tests.practices import PASSPHRASE, People

CANARY = "Zebulon Quackenbush"


def token(browser: FlaskClient, address: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(address).text)
    assert found
    return found[1]


def test_another_machine_gets_one_sentence_over_plain_http(app: Flask) -> None:
    answer = app.test_client().get("/sign-in", environ_base={"REMOTE_ADDR": "192.168.1.20"})
    assert (answer.status_code, answer.text) == (403, web.ONLY_THIS_MACHINE)


def test_an_unknown_host_is_refused(app: Flask) -> None:
    assert app.test_client().get("/sign-in", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("behind_proxy", [False, True])
def test_cookies_are_strict_and_host_bound_where_there_is_tls(people: People, behind_proxy: bool) -> None:
    more = {"behind_proxy": behind_proxy, "hosts": ("kiosk.example",)}
    settings = Settings(**{**vars(people.practice.settings), **more})
    practice = type(people.practice)(settings, people.practice.vault, people.practice.catalog)
    browser = create_app(practice).test_client()
    base = "https://kiosk.example" if behind_proxy else "http://localhost"
    page = browser.get("/sign-in", base_url=base)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found
    data = {"csrf_token": found[1], "name": "dorothy", "passphrase": PASSPHRASE}
    answer = browser.post("/sign-in", data=data, base_url=base)
    assert answer.status_code == 303
    (cookie,) = [one for one in answer.headers.getlist("Set-Cookie") if "staff" in one]
    for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert word in cookie
    assert cookie.startswith("__Host-staff=") == behind_proxy
    assert ("Secure" in cookie) == behind_proxy
    assert ("Strict-Transport-Security" in answer.headers) == behind_proxy


def test_a_wrong_sign_in_says_the_same_for_a_known_and_an_unknown_name(app: Flask) -> None:
    browser = app.test_client()
    said = []
    for name in ("dorothy", "nobody-here"):
        data = {"csrf_token": token(browser, "/sign-in"), "name": name, "passphrase": "wrong wrong wrong"}
        answer = browser.post("/sign-in", data=data)
        said.append((answer.status_code, re.sub(r'value="[^"]*"', "", answer.text)))
    assert said[0] == said[1]
    assert said[0][0] == 422


def test_signing_out_ends_the_session_on_the_server(app: Flask, browsers: Mapping[str, FlaskClient]) -> None:
    dorothy = browsers["dorothy"]
    kept = dorothy.get_cookie("kiosk-staff")
    assert kept
    dorothy.post("/sign-out", data={"csrf_token": token(dorothy, "/desk/")})
    other = app.test_client()
    other.set_cookie("kiosk-staff", kept.value)
    assert other.get("/desk/").status_code == 303


def test_a_session_ends_after_ten_idle_minutes(people: People, browsers: Mapping[str, FlaskClient]) -> None:
    assert browsers["dorothy"].get("/desk/").status_code == 200
    people.clock.forward(minutes=9)
    assert browsers["dorothy"].get("/desk/").status_code == 200
    people.clock.forward(minutes=11)
    assert browsers["dorothy"].get("/desk/").status_code == 303


def test_a_locked_practice_leads_to_unlocking_and_opens_with_its_passphrase(
    app: Flask, people: People, browsers: Mapping[str, FlaskClient]
) -> None:
    opening.lock(people.desk)
    assert browsers["dorothy"].get("/desk/").headers["Location"] == "/unlock"
    assert browsers["nobody"].get("/health").text.startswith("well\nlocked\n")
    browser = browsers["nobody"]
    wrong = {"csrf_token": token(browser, "/unlock"), "passphrase": "not this one at all"}
    assert browser.post("/unlock", data=wrong).status_code == 422
    right = {"csrf_token": token(browser, "/unlock"), "passphrase": PASSPHRASE}
    assert browser.post("/unlock", data=right).status_code == 303
    assert browsers["dorothy"].get("/desk/").status_code == 200


def test_an_open_practice_is_no_place_to_try_its_passphrases(
    app: Flask, people: People, browsers: Mapping[str, FlaskClient]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    browser, said = browsers["nobody"], []
    for passphrase in [PASSPHRASE, *["not this one at all"] * 7]:
        answer = browser.post("/unlock", data={"passphrase": passphrase, "name": "dorothy"})
        said.append((answer.status_code, answer.headers["Location"], answer.data))
    assert len(set(said)) == 1
    assert said[0][:2] == (303, "/")
    assert browser.get("/unlock").headers["Location"] == "/"
    with people.practice.vault.transaction() as store:
        assert Did.UNLOCKED not in store.session.scalars(select(tables.AuditEntry.did)).all()


def test_a_locked_practice_forgets_a_session_at_the_browser_that_signs_out(
    app: Flask, people: People, browsers: Mapping[str, FlaskClient]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    opening.lock(people.desk)
    assert browsers["dorothy"].post("/sign-out").headers["Location"] == "/sign-in"
    assert browsers["dorothy"].get_cookie("kiosk-staff") is None


def test_an_upload_stays_in_memory(app: Flask) -> None:
    boundary, body = encode_multipart(MultiDict({"file": FileStorage(io.BytesIO(b"x" * 900_000), "a.pdf")}))
    sent_as = f'multipart/form-data; boundary="{boundary}"'
    with app.test_request_context("/", method="POST", data=body, content_type=sent_as):
        assert isinstance(request.files["file"].stream, io.BytesIO)


def test_what_is_too_large_is_refused_in_plain_words(browsers: Mapping[str, FlaskClient]) -> None:
    answer = browsers["client"].post(
        "/tablet/code", data=b"code=" + b"x" * 3_000_000, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 413
    assert "too much at once" in answer.text
    assert "A scan may have" not in answer.text, "a tablet knows of no scans"


def test_what_was_changed_on_the_disk_names_its_row_and_shows_nothing_of_it(
    people: People, browsers: Mapping[str, FlaskClient], caplog: pytest.LogCaptureFixture
) -> None:
    visit = people.visit(CANARY)
    with people.practice.vault.transaction() as store:
        client_id = store.session.get_one(tables.Visit, visit).client_id
        row = store.session.get_one(tables.Client, client_id)
        row.profile_sealed = row.profile_sealed[:-1] + bytes([row.profile_sealed[-1] ^ 1])
    for address in ("/desk/", "/therapist/"):
        day = browsers["dorothy" if address == "/desk/" else "sophia"].get(address)
        assert day.status_code == 200, "one damaged client hides nobody else"
        assert "damaged: ask the owner" in day.text
        assert CANARY not in day.text
    for _ in range(2):
        answer = browsers["dorothy"].get(f"/desk/visits/{visit}")
        assert answer.status_code == 500
        assert f"What is kept under {client_id} was changed or damaged" in answer.text
        assert "restore it from a backup" in answer.text
        assert CANARY not in answer.text + caplog.text
    found = select(tables.AuditEntry).where(tables.AuditEntry.did == Did.FOUND_DAMAGE)
    with people.practice.vault.transaction() as store:
        (entry,) = store.session.scalars(found).all()
        assert (entry.kind, entry.object, entry.outcome) == ("row", client_id, "damaged")
    people.clock.forward(hours=2)
    assert people.practice.vault.verify_audit().ok


def test_a_fault_of_ours_shows_no_trace_and_logs_no_words(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> str:
        raise ValueError(CANARY)

    broken.kiosk_open_to = "all"  # type: ignore[attr-defined]
    app.testing = False
    app.add_url_rule("/broken", "broken", broken)
    with caplog.at_level(logging.DEBUG):
        answer = app.test_client().get("/broken")
    assert answer.status_code == 500
    assert CANARY not in answer.text + caplog.text
    assert [set(record.msg) for record in caplog.records if record.name.startswith("kiosk")] == [
        {"event", "incident", "error", "at", "route"},
        {"route", "method", "status"},
    ]
    assert "Traceback" not in answer.text
    assert "Nothing was lost" in answer.text


def test_nothing_that_somebody_typed_is_logged_or_sent_back_in_an_address(
    people: People, browsers: Mapping[str, FlaskClient], caplog: pytest.LogCaptureFixture
) -> None:
    desk = browsers["dorothy"]
    with caplog.at_level(logging.DEBUG):
        page = token(desk, "/desk/visits/new")
        answer = desk.post("/desk/visits/find", data={"csrf_token": page, "text": CANARY, "q": CANARY})
        client = browsers["client"]
        sent = client.post(
            "/tablet/form/emergency_contact/page/who",
            data={"csrf_token": token(client, "/tablet/welcome"), "contact-name": CANARY},
        )
    assert sent.status_code == 303
    assert "Zebulon" not in sent.headers["Location"] + answer.headers.get("Location", "")
    assert "Zebulon" not in caplog.text
