"""Who sits at the tablet and how long: they may take their time, and who comes to the start has left."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from kiosk import access
from kiosk.actions import check_in, handing
from kiosk.vault import tables
from tests.actions.test_guardians import AS_MOTHER, CHILD, child, signs
from tests.practices import BORN, People


@pytest.fixture
def tablet(app: Flask, browsers: Mapping[str, FlaskClient]) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return browsers["tablet"]


def test_a_touch_while_one_looks_for_the_birth_date_ends_nothing(tablet: FlaskClient, people: People) -> None:
    tablet.post("/tablet/code", data={"code": handing.make_code(people.desk, people.visit())})
    for _ in range(5):
        people.clock.now += timedelta(minutes=4)
        touched = tablet.get("/tablet/holds")
        assert (touched.status_code, touched.headers.getlist("Set-Cookie")) == (204, [])
    assert tablet.post("/tablet/birth-date", data=BORN).headers["Location"] == "/tablet/welcome"


def test_what_a_page_asks_by_itself_keeps_nobody_seated(
    people: People, browsers: Mapping[str, FlaskClient]
) -> None:
    client = browsers["client"]
    for _ in range(3):
        assert client.get("/tablet/welcome?by_itself").status_code == 200
        people.clock.now += timedelta(minutes=2)
    assert client.get("/tablet/welcome").headers["Location"] == "/tablet/"


def test_a_mark_that_waits_for_its_witness_asks_by_itself(app: Flask) -> None:
    for template in ("client/_witness.html", "client/witness.html"):
        source, _, _ = app.jinja_env.loader.get_source(app.jinja_env, template)  # type: ignore[union-attr]
        assert "by_itself=''" in source


# --- a page of a sitting asks whether it still holds ---


@pytest.mark.parametrize("end", ["taken back", "handed elsewhere", "idle"])
def test_a_page_hears_that_its_sitting_has_ended(tablet: FlaskClient, people: People, end: str) -> None:
    visit = people.visit()
    tablet.post("/tablet/code", data={"code": handing.make_code(people.desk, visit)})
    assert 'data-holds="/tablet/holds"' in tablet.get("/tablet/birth-date").text
    tablet.post("/tablet/birth-date", data=BORN)
    assert 'data-holds="/tablet/holds"' in tablet.get("/tablet/welcome").text
    assert tablet.get("/tablet/holds?by_itself").status_code == 204
    match end:
        case "taken back":
            handing.take_back(people.desk, visit)
        case "handed elsewhere":
            handing.hand(people.desk, visit, people.tablet.id)
        case _:
            people.clock.forward(minutes=6)
    ended = tablet.get("/tablet/holds?by_itself")
    assert (ended.status_code, ended.data) == (410, b"")
    assert not ended.headers.getlist("Set-Cookie"), "a sitting that was just begun keeps its cookie"


def test_a_tablet_that_was_unpaired_hears_it_on_the_same_way(tablet: FlaskClient, people: People) -> None:
    tablet.post("/tablet/code", data={"code": handing.make_code(people.desk, people.visit())})
    handing.revoke(people.desk, access.paired_tablets(people.desk)[-2].id)
    assert tablet.get("/tablet/holds?by_itself").status_code == 403


def test_a_page_before_anybody_sits_does_not_ask(tablet: FlaskClient) -> None:
    for address in ("/tablet/", "/tablet/code", "/tablet/name", "/tablet/done"):
        assert "data-holds" not in tablet.get(address).text


def test_who_is_asked_to_the_desk_can_read_it(tablet: FlaskClient, people: People) -> None:
    tablet.post("/tablet/code", data={"code": handing.make_code(people.desk, people.visit())})
    for number in ("0", "1"):
        answer = tablet.post("/tablet/birth-date", data={**BORN, "year": "1957", "try": number})
    assert "Please come to the desk." in answer.text
    assert "data-holds" not in answer.text


# --- the start page stands before nobody ---


def forgotten(answer: TestResponse) -> bool:
    """Whether the browser was told to drop the sitting and what it kept, and nothing of the pairing."""
    dropped = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("kiosk-sitting=;")]
    pairing = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("kiosk-tablet")]
    return len(dropped) == 1 and not pairing and answer.headers.get("Clear-Site-Data") == '"cache", "storage"'


@pytest.mark.parametrize("address", ["/tablet/", "/tablet/?by_itself="])
def test_whoever_comes_to_the_start_has_left(tablet: FlaskClient, people: People, address: str) -> None:
    code = handing.make_code(people.desk, people.visit())
    tablet.post("/tablet/code", data={"code": code})
    tablet.post("/tablet/birth-date", data=BORN)
    kept = tablet.get_cookie("kiosk-sitting")
    assert kept
    tablet.post("/tablet/form/emergency_contact/page/who", data={"contact-name": "Kirsten Nyberg"})
    answer = tablet.get(address)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/tablet/")
    assert forgotten(answer)
    assert tablet.get("/tablet/").status_code == 200
    tablet.set_cookie("kiosk-sitting", kept.value)
    assert tablet.get("/tablet/welcome").headers["Location"] == "/tablet/", "it is over on the server too"
    tablet.post("/tablet/code", data={"code": code})
    assert tablet.post("/tablet/birth-date", data=BORN).headers["Location"] == "/tablet/welcome"
    assert "Kirsten Nyberg" in tablet.get("/tablet/form/emergency_contact/page/who").text


def test_a_visit_that_was_handed_waits_on_for_who_left_before_their_birth_date(
    tablet: FlaskClient, people: People
) -> None:
    tablet_id = access.paired_tablets(people.desk)[-2].id
    handing.hand(people.desk, people.visit(), tablet_id)
    for _ in range(2):
        assert 'data-test="begin-handed"' in tablet.get("/tablet/", follow_redirects=True).text
        assert tablet.post("/tablet/begin").headers["Location"] == "/tablet/birth-date"
    assert tablet.post("/tablet/birth-date", data=BORN).headers["Location"] == "/tablet/welcome"


def test_the_start_forgets_a_sitting_that_ended_elsewhere(tablet: FlaskClient, people: People) -> None:
    visit = people.visit()
    tablet.post("/tablet/code", data={"code": handing.make_code(people.desk, visit)})
    tablet.post("/tablet/birth-date", data=BORN)
    handing.take_back(people.desk, visit)
    assert forgotten(tablet.get("/tablet/"))


def test_the_start_clears_nothing_where_nobody_sat(tablet: FlaskClient) -> None:
    tablet.post("/tablet/language", data={"_lang": "es", "_at": "/tablet/"})
    answer = tablet.get("/tablet/")
    assert "Clear-Site-Data" not in answer.headers
    assert not [one for one in answer.headers.getlist("Set-Cookie") if "lang" in one or "sitting" in one]
    assert '<html lang="es"' in answer.text, "the language that was chosen before one sits down"


def test_what_the_start_asks_by_itself_keeps_nobody_seated(
    browsers: Mapping[str, FlaskClient], people: People
) -> None:
    client = browsers["client"]
    for _ in range(3):
        client.get("/tablet/handed?by_itself=")
        people.clock.now += timedelta(minutes=2)
    assert client.get("/tablet/welcome").headers["Location"] == "/tablet/"


# --- one person signs for several ---


def test_between_two_for_whom_one_person_signs_come_a_fresh_document_and_a_birth_date(
    app: Flask, people: People
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    paired = access.pair(people.practice, access.make_pairing(people.desk, "Tablet 3"), "127.0.0.1")
    tablet = access.tablet_of(people.practice, paired)
    first, second = child(people), child(people, "Sol Zamora", "12:50")
    token = check_in.by_code(tablet, handing.make_code(people.desk, first), "en")
    check_in.birth_date(access.sitting_of(tablet, token), CHILD)
    signs(people, access.sitting_of(tablet, token), **AS_MOTHER)
    handing.hand(people.desk, second, tablet.id)
    browser = app.test_client()
    browser.set_cookie("kiosk-tablet", paired)
    browser.set_cookie("kiosk-sitting", token)
    went_on = browser.post("/tablet/another", headers={"HX-Request-Type": "partial"})
    assert went_on.headers["HX-Redirect"] == "/tablet/birth-date", "not a step that is swapped in"
    assert went_on.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Zamora" not in browser.get("/tablet/birth-date").text
    browser.get("/tablet/", follow_redirects=True)
    browser.post("/tablet/begin")
    assert browser.post("/tablet/birth-date", data=CHILD).headers["Location"] == "/tablet/welcome"
    with access.transaction(people.system) as desk:
        begun = select(tables.Sitting).where(tables.Sitting.ended_at.is_(None))
        assert desk.session.scalars(begun).one().carried_sealed is None, (
            "who went to the start carries nothing"
        )
