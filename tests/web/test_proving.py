"""A grave act, as a browser asks for it: who one is, once more, if the last proof is minutes old."""

from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from kiosk import access
from kiosk.actions import own_access
from kiosk.app import create_app
from kiosk.vault import tables
from kiosk.vault.did import Did
from tests.practices import PASSPHRASE, People, make_people

PEOPLE = "/office/people"
PROVE = f"/prove?back={PEOPLE}"
IDA = {
    "name": "Ida Lind",
    "sign_in": "ida",
    "roles": "front_desk",
    "passphrase": PASSPHRASE,
    "again": PASSPHRASE,
}
PIN = "2580"


@pytest.fixture
def ruth(people: People) -> FlaskClient:
    """The owner, just signed in; the token against forged requests has tests of its own."""
    return signed_in(people)


def browser_of(people: People) -> FlaskClient:
    made = create_app(people.practice)
    made.testing = True
    made.config["WTF_CSRF_ENABLED"] = False
    return made.test_client()


def signed_in(people: People) -> FlaskClient:
    browser = browser_of(people)
    browser.post("/sign-in", data={"name": "ruth", "passphrase": PASSPHRASE})
    return browser


def adds_ida(browser: FlaskClient, **more: Any) -> TestResponse:
    return browser.post(PEOPLE, data=IDA, **more)


def is_asked(answer: TestResponse) -> bool:
    return answer.headers.get("Location", "").startswith("/prove?")


def staff(people: People) -> int:
    return people.count(tables.Staff)


def tokens(browser: FlaskClient) -> str:
    found = browser.get_cookie("kiosk-staff")
    assert found
    return found.value


def times(people: People, did: Did) -> int:
    entries = select(func.count()).select_from(tables.AuditEntry).where(tables.AuditEntry.did == did)
    with access.transaction(people.system) as desk:
        return desk.session.scalar(entries) or 0


def test_who_signed_in_a_moment_ago_is_not_asked(people: People, ruth: FlaskClient) -> None:
    before = staff(people)
    people.clock.forward(minutes=5)
    assert adds_ida(ruth).headers["Location"] == PEOPLE
    assert staff(people) == before + 1


def test_after_five_minutes_one_is_asked_and_nothing_is_done_until_one_asks_again(
    people: People, ruth: FlaskClient
) -> None:
    before = staff(people)
    people.clock.forward(minutes=6)
    assert ruth.get(PEOPLE).status_code == 200, "looking asks nobody"
    assert adds_ida(ruth).headers["Location"] == PROVE
    page = ruth.get(PROVE).text
    assert "Is it still you, Ruth" in page
    assert 'data-test="passphrase"' in page
    assert "Ida" not in page
    token = tokens(ruth)
    assert ruth.post(PROVE, data={"passphrase": PASSPHRASE}).headers["Location"] == PEOPLE
    assert tokens(ruth) != token, "whoever held the token before holds nothing"
    assert (staff(people), times(people, Did.GAVE_PASSPHRASE)) == (before, 1)
    assert adds_ida(ruth).headers["Location"] == PEOPLE
    assert staff(people) == before + 1
    people.clock.forward(minutes=6)
    assert is_asked(adds_ida(ruth)), "nor does the next proof last longer"


def test_what_is_asked_for_in_between_makes_no_proof_younger(people: People, ruth: FlaskClient) -> None:
    for _ in range(3):
        people.clock.forward(minutes=2)
        ruth.get(PEOPLE)
        ruth.post("/still-here")
    assert is_asked(adds_ida(ruth))


def test_a_clock_that_is_set_back_makes_no_proof_last(people: People, ruth: FlaskClient) -> None:
    people.clock.forward(minutes=-6)
    assert is_asked(adds_ida(ruth))


def test_who_has_a_pin_is_asked_for_it_and_not_for_the_passphrase(people: People, ruth: FlaskClient) -> None:
    own_access.set_pin(people._staff("ruth"), PASSPHRASE, PIN)
    people.clock.forward(minutes=6)
    assert is_asked(adds_ida(ruth))
    page = ruth.get(PROVE).text
    assert 'data-test="pin"' in page
    assert 'data-test="passphrase"' not in page
    assert ruth.post(PROVE, data={"pin": PIN}).headers["Location"] == PEOPLE
    assert times(people, Did.GAVE_PIN) == 1
    assert adds_ida(ruth).headers["Location"] == PEOPLE


def test_a_wrong_pin_leads_nowhere_and_five_end_the_session(people: People, ruth: FlaskClient) -> None:
    own_access.set_pin(people._staff("ruth"), PASSPHRASE, PIN)
    people.clock.forward(minutes=6)
    token = tokens(ruth)
    for given in ({"pin": "0000"}, {"passphrase": PASSPHRASE}, {"pin": ""}, {"pin": "9999"}):
        answer = ruth.post(PROVE, data=given)
        assert (answer.status_code, "This PIN is not right." in answer.text) == (422, True)
    assert tokens(ruth) == token
    assert is_asked(adds_ida(ruth))
    assert ruth.post(PROVE, data={"pin": "0000"}).headers["Location"] == "/sign-in"
    assert times(people, Did.MISSED_PIN) == 5
    assert ruth.get(PEOPLE).headers["Location"] == "/sign-in"


def test_misses_at_the_locked_screen_and_here_are_counted_together(people: People, ruth: FlaskClient) -> None:
    own_access.set_pin(people._staff("ruth"), PASSPHRASE, PIN)
    with access.transaction(people.system) as desk:
        session = desk.session.scalars(select(tables.StaffSession.id)).one()
    for _ in range(2):
        assert ruth.post("/who", data={"person": session, "pin": "0000"}).status_code == 422
    people.clock.forward(minutes=6)
    for _ in range(2):
        assert ruth.post(PROVE, data={"pin": "0000"}).status_code == 422
    assert ruth.post(PROVE, data={"pin": "0000"}).headers["Location"] == "/sign-in"


def test_a_wrong_passphrase_leads_nowhere_and_is_slowed_down(people: People, ruth: FlaskClient) -> None:
    people.clock.forward(minutes=6)
    for _ in range(5):
        answer = ruth.post(PROVE, data={"passphrase": "a guess", "pin": PIN})
        assert (answer.status_code, "This is not your passphrase." in answer.text) == (422, True)
    assert ruth.post(PROVE, data={"passphrase": PASSPHRASE}).status_code == 429
    assert is_asked(adds_ida(ruth))
    assert times(people, Did.FAILED_SIGN_IN) == 5
    people.clock.forward(minutes=1)
    assert ruth.post(PROVE, data={"passphrase": PASSPHRASE}).headers["Location"] == PEOPLE


def test_unlocking_the_screen_by_the_pin_is_a_proof(people: People, ruth: FlaskClient) -> None:
    own_access.set_pin(people._staff("ruth"), PASSPHRASE, PIN)
    people.clock.forward(minutes=11)
    assert adds_ida(ruth).headers["Location"] == "/who"
    with access.transaction(people.system) as desk:
        session = desk.session.scalars(select(tables.StaffSession.id)).one()
    ruth.post("/who", data={"person": session, "pin": PIN})
    assert adds_ida(ruth).headers["Location"] == PEOPLE


def test_htmx_is_led_by_a_navigation_of_the_whole_browser(people: People, ruth: FlaskClient) -> None:
    people.clock.forward(minutes=6)
    htmx = {"HX-Request": "true", "HX-Request-Type": "partial"}
    asked = adds_ida(ruth, headers=htmx)
    assert (asked.status_code, asked.headers["HX-Redirect"], asked.data) == (200, PROVE, b"")
    wrong = ruth.post(PROVE, data={"passphrase": "a guess"}, headers=htmx)
    assert (wrong.status_code, "<html" in wrong.text) == (422, False)
    proved = ruth.post(PROVE, data={"passphrase": PASSPHRASE}, headers=htmx)
    assert (proved.status_code, proved.headers["HX-Redirect"]) == (200, PEOPLE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        *("https://evil.example/office/people", "//evil.example/office/people", "/\\evil.example", "evil"),
        *("/nowhere", "/office/people/x/remove", "/office", "/static/kiosk.css", "/tablet/", "/sign-in", ""),
    ],
)
def test_nobody_is_led_to_what_is_no_page_of_staff(people: People, ruth: FlaskClient, elsewhere: str) -> None:
    address = {"back": elsewhere}
    page = ruth.get("/prove", query_string=address).text
    assert 'href="/enter"' in page
    assert "evil" not in page
    proved = ruth.post("/prove", query_string=address, data={"passphrase": PASSPHRASE})
    assert proved.headers["Location"] == "/enter"


def test_who_left_the_page_where_one_is_asked_is_at_the_locked_screen(
    people: People, ruth: FlaskClient
) -> None:
    people.clock.forward(minutes=11)
    assert ruth.post(PROVE, data={"passphrase": PASSPHRASE}).headers["Location"] == "/sign-in"
    assert browser_of(people).get(PROVE).headers["Location"] == "/sign-in"


def test_a_session_from_before_an_update_is_asked(people: People, ruth: FlaskClient) -> None:
    with access.transaction(people.system) as desk:
        desk.session.scalars(select(tables.StaffSession)).one().proved_at = None
    assert is_asked(adds_ida(ruth))


def test_a_second_factor_is_a_proof_and_going_back_from_one_is_none(tmp_path: Path) -> None:
    for people in make_people(tmp_path / "practice", second_factor="optional"):
        ruth = signed_in(people)
        people.clock.forward(minutes=3)
        ruth.post("/me/second-factor", data={"passphrase": PASSPHRASE})
        people.clock.forward(minutes=3)
        ruth.post("/second-factor/not-now")
        assert is_asked(adds_ida(ruth))
        ruth.post("/me/second-factor", data={"passphrase": PASSPHRASE})
        by = access.half_way(people.practice, tokens(ruth), "x").by
        secret = access.enrolment(by, tokens(ruth)).secret
        ruth.post("/second-factor", data={"code": pyotp.TOTP(secret).at(people.clock.now)})
        assert adds_ida(ruth).headers["Location"] == PEOPLE


def test_the_trail_is_taken_away_as_a_file_only_after_a_proof(people: People, ruth: FlaskClient) -> None:
    people.clock.forward(minutes=6)
    assert ruth.post("/office/trail", data={}).status_code == 200
    asked = ruth.post("/office/trail/export", data={})
    assert asked.headers["Location"] == "/prove?back=/office/trail"
    assert times(people, Did.EXPORTED_TRAIL) == 0
    ruth.post("/prove?back=/office/trail", data={"passphrase": PASSPHRASE})
    assert ruth.post("/office/trail/export", data={}).mimetype == "text/csv"
