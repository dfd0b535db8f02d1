"""What is promised for all routes is asked of the running application, route by route."""

import re
from collections.abc import Iterator, Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from kiosk import access, web
from kiosk.vault import tables
from tests.practices import ALLOWS_HER_DAUGHTER, People

FOREIGN = "AAAAAAAAAAAAAAAAAAAAAA"
STAFF_ONLY = re.compile(r"^/(desk|therapist|office)/|^/lock$")
AT_TABLET = re.compile(r"^/tablet/")


def addresses(app: Flask, method: str) -> Iterator[tuple[str, str]]:
    """Every route that takes a method, with an id that nobody has wherever one is asked for."""
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            path = re.sub(r"<int:[^>]+>", "1", rule.rule)
            yield rule.endpoint, re.sub(r"<[^>]+>", FOREIGN, path)


def fingerprint(people: People) -> dict[str, int]:
    """How many rows each table has, and the sum of what they hold; without the trail and last-seen times."""
    with access.transaction(people.system) as desk:
        return {
            table.name: hash(tuple(map(tuple, desk.session.execute(select(table).order_by(text("1"))))))
            for table in tables.Base.metadata.sorted_tables
            if table.name not in ("audit", "staff_session", "sitting", "miss")
        }


ALLOWED: Mapping[str, re.Pattern[str]] = {
    "nobody": re.compile("^$"),
    "tablet": re.compile(r"^/tablet/"),
    "client": re.compile(r"^/tablet/"),
    "dorothy": re.compile(r"^/desk/"),
    "ruth": re.compile(r"^/(desk|office)/"),
    "sophia": re.compile(r"^/therapist/|^/desk/(confirm|readings)\b|^/desk/pages/[^/]+\.png$"),
}


@pytest.mark.parametrize("who", ALLOWED)
def test_nobody_sees_what_the_policy_does_not_give_them(
    app: Flask, browsers: Mapping[str, FlaskClient], who: str
) -> None:
    for endpoint, address in addresses(app, "GET"):
        answer = browsers[who].get(address)
        assert answer.status_code != 500, endpoint
        closed = STAFF_ONLY.match(address) or AT_TABLET.match(address)
        if closed and not ALLOWED[who].match(address):
            assert answer.status_code in (302, 303, 401, 403, 404, 410), (who, endpoint)


@pytest.mark.parametrize("who", ALLOWED)
def test_nobody_writes_what_the_policy_does_not_let_them(
    app: Flask, people: People, browsers: Mapping[str, FlaskClient], who: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    before = fingerprint(people)
    for endpoint, address in addresses(app, "POST"):
        if ALLOWED[who].match(address) or endpoint in ("door.sign_out", "door.unlock", "door.lock"):
            continue
        answer = browsers[who].post(address, data={"code": "x"})
        assert answer.status_code != 500, endpoint
        assert answer.status_code != 200, endpoint
    assert fingerprint(people) == before


@pytest.mark.parametrize("who", ["dorothy", "ruth", "sophia", "client"])
def test_a_foreign_id_is_not_found_and_writes_nothing(
    app: Flask, people: People, browsers: Mapping[str, FlaskClient], who: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    before = fingerprint(people)
    for method in ("GET", "POST"):
        for endpoint, address in addresses(app, method):
            if FOREIGN not in address or not ALLOWED[who].match(address):
                continue
            answer = browsers[who].open(address, method=method, data={"client_id": FOREIGN})
            assert answer.status_code in (303, 404, 422), (endpoint, answer.status_code)
    assert fingerprint(people) == before


def test_a_get_never_writes(app: Flask, people: People, browsers: Mapping[str, FlaskClient]) -> None:
    visit = people.visit()
    sheet = people.brings_paper(visit)
    people.signs(people.sits_down(people.visit("Theo Okafor")), "emergency_contact", ALLOWS_HER_DAUGHTER)
    before = fingerprint(people)
    for who in ("dorothy", "sophia", "client"):
        for _, address in addresses(app, "GET"):
            for known in (visit, sheet, FOREIGN):
                browsers[who].get(address.replace(FOREIGN, known))
    assert fingerprint(people) == before


def test_every_post_without_its_token_is_refused_and_writes_nothing(
    app: Flask, people: People, browsers: Mapping[str, FlaskClient]
) -> None:
    before = fingerprint(people)
    for who in ("dorothy", "sophia", "client"):
        for endpoint, address in addresses(app, "POST"):
            answer = browsers[who].post(address, data={"csrf_token": "forged"})
            sent_away = answer.headers.get("Location") == "/sign-in"
            assert sent_away or 400 <= answer.status_code < 500, endpoint
    assert fingerprint(people) == before


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}]
)
def test_what_is_sent_from_another_site_is_refused(
    app: Flask, browsers: Mapping[str, FlaskClient], headers: dict[str, str]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    for endpoint, address in addresses(app, "POST"):
        assert browsers["dorothy"].post(address, headers=headers).status_code == 403, endpoint


def test_a_route_that_does_not_say_who_may_call_it_is_refused_at_start(app: Flask) -> None:
    app.view_functions["stray"] = lambda: "x"
    with pytest.raises(RuntimeError, match="stray"):
        access.refuse_undeclared(app)


def test_every_answer_carries_the_headers(app: Flask, browsers: Mapping[str, FlaskClient]) -> None:
    for who in ("nobody", "dorothy", "sophia", "client"):
        for endpoint, address in addresses(app, "GET"):
            answer = browsers[who].get(address)
            for name, value in web.HEADERS.items():
                assert answer.headers[name] == value, (endpoint, name)
            assert answer.headers["Content-Security-Policy"] in (web.PAGE_POLICY, web.PDF_POLICY)
            if endpoint not in web.KEPT or answer.status_code >= 400:
                assert answer.headers["Cache-Control"] == "no-store", endpoint
    assert "unsafe" not in web.PAGE_POLICY
