"""Checking in tells nobody who is a client: the same status, the same headers, the same bytes."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk import access
from kiosk.actions import handing
from kiosk.actions.clients import change_profile, profile_of
from kiosk.app import create_app
from kiosk.vault import tables
from kiosk.vault.states import VisitState
from tests.practices import BORN, People

Answer = tuple[int, list[tuple[str, str]], str]
TOKEN = re.compile(r'name="csrf_token" value="[^"]+"')
SET_COOKIE = re.compile(r"(kiosk-[a-z]+)=[^;]+")


@pytest.fixture
def tablet(people: People) -> Callable[[], FlaskClient]:
    """A browser of its own for each who comes, all at one paired tablet of the same name."""
    app = create_app(people.practice)
    app.testing = True
    app.config["WTF_CSRF_ENABLED"] = False

    def another() -> FlaskClient:
        browser = app.test_client()
        token = access.pair(people.practice, access.make_pairing(people.desk, "Tablet"), "127.0.0.1")
        browser.set_cookie("kiosk-tablet", token)
        return browser

    return another


def plain(answer: TestResponse) -> Answer:
    """What is seen from outside, without what is random for everybody: tokens."""
    headers = [(name, SET_COOKIE.sub(r"\1=…", value)) for name, value in answer.headers]
    return answer.status_code, headers, TOKEN.sub("", answer.text)


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "Thank you, please take a seat"), ("es", "Gracias. Tome asiento, por favor")]
)
def test_by_name_a_client_and_a_stranger_are_thanked_on_the_very_same_page(
    people: People, tablet: Callable[[], FlaskClient], lang: str, said: str
) -> None:
    people.visit("Rose Nyberg")
    people.visit("Theo Okafor", date="2026-12-21")
    answers = []
    for name, born in (
        ("Rose Nyberg", BORN),
        ("Rose Nyberg", BORN),  # who did so before
        ("Rose Nyberg", {**BORN, "day": "28"}),
        ("Theo Okafor", BORN),  # whose visit is another day
        ("Mara Castle", BORN),
        ("rose nyberg", {**BORN, "year": "2001"}),
    ):
        browser = tablet()
        browser.post("/tablet/language", data={"_lang": lang})
        sent = browser.post("/tablet/name", data={"name": name, **born})
        assert sent.status_code == 303
        answers.append((plain(sent), plain(browser.get(sent.headers["Location"]))))
    assert all(answer == answers[0] for answer in answers)
    assert f">{said}</h1>" in answers[0][1][2]
    assert people.count(tables.Arrival) == len(answers)


def test_a_wrong_a_used_up_and_an_early_code_are_answered_alike(
    people: People, tablet: Callable[[], FlaskClient]
) -> None:
    early_visit, gone = people.visit("Delia Ruiz", date="2026-12-21"), people.visit("Paula Lind")
    early, left = handing.make_code(people.desk, early_visit), handing.make_code(people.desk, gone)
    with access.transaction(people.system) as desk:
        desk.session.get_one(tables.Visit, gone).state = VisitState.LEFT
    answers = [
        plain(tablet().post("/tablet/code", data={"code": code})) for code in ("MMMM-MMM", early, left)
    ]
    assert answers[0][0] == 422
    for answer, code in zip(answers, ("MMMM-MMM", early, left), strict=True):
        assert (answer[0], answer[1]) == (answers[0][0], answers[0][1])
        assert answer[2].replace(code, "") == answers[0][2].replace("MMMM-MMM", "")


def sits(people: People, browser: FlaskClient, name: str, at: str, **born: str) -> str:
    visit = people.visit(name, at, **born)
    code = handing.make_code(people.desk, visit)
    assert browser.post("/tablet/code", data={"code": code}).status_code == 303
    return visit


def test_a_birth_date_that_is_wrong_and_one_that_is_not_on_file_are_answered_alike(
    people: People, tablet: Callable[[], FlaskClient]
) -> None:
    known, unknown = tablet(), tablet()
    sits(people, known, "Rose Nyberg", "12:30")
    other = sits(people, unknown, "Theo Okafor", "12:40")
    forget_birth_date(people, other)
    said = []
    for browser in (known, unknown):
        first = plain(browser.post("/tablet/birth-date", data={**BORN, "day": "1"}))
        second = plain(browser.post("/tablet/birth-date", data={**BORN, "day": "2"}))
        after = plain(browser.get("/tablet/birth-date"))
        said.append((first, second, after))
    assert said[0] == said[1]
    first, second, after = said[0]
    assert (first[0], second[0], after[0]) == (422, 200, 303)
    assert "Please come to the desk." in second[2]


def forget_birth_date(people: People, visit: str) -> None:
    with access.transaction(people.system) as desk:
        client = desk.session.get_one(tables.Visit, visit).client_id
        change_profile(desk, client, replace(profile_of(desk, client), born=None))


def test_the_birth_date_page_is_the_same_for_everybody(
    people: People, tablet: Callable[[], FlaskClient]
) -> None:
    pages = []
    for name, at in (("Rose Nyberg", "12:30"), ("Theo Okafor", "12:40")):
        browser = tablet()
        sits(people, browser, name, at, year="1956" if name.startswith("Rose") else "1999")
        pages.append(plain(browser.get("/tablet/birth-date")))
    assert pages[0] == pages[1]
    assert pages[0][0] == 200
