"""Every route, whatever it answers: its headers word for word, nothing inline, no cookie but the host's."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from kiosk import access
from kiosk.app import create_app
from kiosk.headers import KEPT
from kiosk.vault import tables
from tests.practices import People, make_people
from tests.web.conftest import open_browsers
from tests.web.test_every_route import (
    FOREIGN,
    Example,
    app,
    browsers,
    examples,
    filled,
    laid,
    may_call,
    people,
)
from tests.web.test_headers import FILE, KEPT_NOWHERE, NO_DOCUMENT, PAGE, PDF, STATIC, promised

__all__ = ["app", "browsers", "examples", "people"]

CLEARS = {"Clear-Site-Data": '"cache", "storage"'}
HSTS = {"Strict-Transport-Security": "max-age=31536000"}
HOST = "kiosk.example"
INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)|<style|<[^>]*\s(?:style|on[a-z]+|hx-on[^=\s]*)\s*=|javascript:|<base",
    re.IGNORECASE,
)
LAST = ("door.sign_out", "door.lock", "door.lock_screen", "client.finish", "client.stop")
EVERYBODY = ("nobody", "tablet", "client", "dorothy", "sophia", "jean", "ruth")


@dataclass(frozen=True)
class Asked:
    """One request: what was asked, by whom, in which way, and what came."""

    rule: Rule
    who: str
    way: str
    answer: TestResponse

    def __str__(self) -> str:
        return f"{self.who}, {self.way} {self.rule.rule}: {self.answer.status_code} {self.answer.mimetype}"


def headers_of(asked: Asked) -> dict[str, str]:
    """What is promised for this kind of answer."""
    answer = asked.answer
    clears = (
        CLEARS if asked.rule.endpoint.startswith("client.") and "Clear-Site-Data" in answer.headers else {}
    )
    if answer.headers.get("Location"):
        return {**NO_DOCUMENT, **clears}
    if answer.mimetype == "text/html":
        return {**PAGE, **clears}
    if answer.mimetype == "application/pdf":
        return PDF
    if asked.rule.endpoint in KEPT and answer.status_code < 400:
        return STATIC
    return {**FILE, **KEPT_NOWHERE}


def looked_at(asked: Asked, *, tls: bool = False) -> int:
    """Fails where an answer is not as is promised for all; returns its status."""
    with asked.answer as answer:
        assert promised(answer) == {**headers_of(asked), **(HSTS if tls else {})}, str(asked)
        if answer.mimetype == "text/html":
            found = INLINE.search(answer.text)
            assert not found, f"{asked}: {found}"
        for cookie in answer.headers.getlist("Set-Cookie"):
            assert "HttpOnly; Path=/; SameSite=Strict" in cookie, str(asked)
            assert "Domain=" not in cookie, str(asked)
            if tls:
                assert cookie.startswith("__Host-"), f"{asked}: {cookie}"
                assert "Secure" in cookie, str(asked)
        return answer.status_code


def rules(app: Flask) -> list[Rule]:
    """What ends a session comes last."""
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint in LAST)


def ids(examples: Mapping[str, Example], rule: Rule, who: str) -> Iterator[dict[str, str]]:
    """Their own, somebody's, and nobody's."""
    nobodys = {name: FOREIGN if name != "number" else "9" for name in rule.arguments}
    yield {name: examples[name].own.get(who) or nobodys[name] for name in rule.arguments}
    if rule.arguments:
        yield {name: examples[name].theirs for name in rule.arguments}
        yield nobodys


def served(people: People, *, tls: bool) -> tuple[Flask, Mapping[str, FlaskClient], str]:
    """The application, browsers of everybody, and the address that they ask."""
    settings = replace(people.practice.settings, behind_proxy=tls, hosts=(HOST,) if tls else ())
    app = create_app(replace(people.practice, settings=settings))
    if not tls:
        return app, open_browsers(app, people), "http://localhost"
    return app, open_browsers(app, people, "__Host-", HOST), f"https://{HOST}"


def test_over_tls_a_sample_of_all_answers_carries_them(
    people: People, examples: Mapping[str, Example]
) -> None:
    app, browsers, base = served(people, tls=True)
    seen = set()
    for who in ("client", "dorothy", "ruth"):
        for rule in rules(app):
            if "GET" in (rule.methods or ()) and may_call(app, rule, who):
                answer = browsers[who].get(filled(rule, next(ids(examples, rule, who))), base_url=base)
                seen.add(looked_at(Asked(rule, who, "GET", answer), tls=True))
    assert seen >= {200, 303, 404}


def test_a_fault_in_any_view_carries_them_too(
    app: Flask,
    browsers: Mapping[str, FlaskClient],
    examples: Mapping[str, Example],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    for endpoint, view in list(app.view_functions.items()):
        monkeypatch.setitem(app.view_functions, endpoint, faulty(view.kiosk_open_to))  # type: ignore[attr-defined]
    for rule in rules(app):
        who = next(one for one in ("client", "dorothy", "sophia", "ruth") if may_call(app, rule, one))
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answer = browsers[who].open(filled(rule, next(ids(examples, rule, who))), method=method)
            assert "a secret" not in answer.text
            assert looked_at(Asked(rule, who, method, answer)) == 500, rule.rule


def faulty(open_to: str) -> object:
    def view(**_: str) -> object:
        raise ZeroDivisionError("a secret")

    view.kiosk_open_to = open_to  # type: ignore[attr-defined]
    return view


Way = Callable[[Flask, FlaskClient, Mapping[str, Example], str, str], Iterator["Asked"]]


def without_its_token(
    app: Flask, browser: FlaskClient, examples: Mapping[str, Example], who: str, base: str
) -> Iterator[Asked]:
    """Each address with each kind of id, and in ways in which none is taken."""
    for rule in rules(app):
        addresses = [filled(rule, values) for values in ids(examples, rule, who)]
        for method in ("GET", "POST", "PUT"):
            for address in addresses if method in (rule.methods or ()) else addresses[:1]:
                yield Asked(rule, who, method, browser.open(address, method=method, base_url=base))
        sent = browser.post(addresses[0], headers={"Sec-Fetch-Site": "cross-site"}, base_url=base)
        yield Asked(rule, who, "from another site", sent)


def with_its_token(
    app: Flask, browser: FlaskClient, examples: Mapping[str, Example], who: str, base: str
) -> Iterator[Asked]:
    """What is sent does what it does, or is refused for what it lacks."""
    app.config["WTF_CSRF_ENABLED"] = False
    for rule in rules(app):
        if "POST" in (rule.methods or ()) and rule.endpoint not in ("door.lock", "door.unlock"):
            addresses = [filled(rule, values) for values in ids(examples, rule, who)]
            large = browser.post(addresses[0], data={"code": "x" * 1_100_000}, base_url=base)
            yield Asked(rule, who, "too much", large)
            for address in addresses:
                yield Asked(rule, who, "with its token", browser.post(address, base_url=base))


@pytest.mark.long
@pytest.mark.parametrize(
    ("way", "tls"), [(without_its_token, False), (without_its_token, True), (with_its_token, True)]
)
def test_every_answer_carries_the_headers(tmp_path: Path, way: Way, tls: bool) -> None:
    """In a practice of its own: what is sent with its token writes, removes people and ends sessions."""
    statuses: dict[int, int] = {}
    for own in make_people(tmp_path / "practice"):
        examples = laid(own)
        with access.transaction(own.system) as desk:
            desk.session.execute(delete(tables.Miss))
        app, browsers, base = served(own, tls=tls)
        for who in EVERYBODY:
            for asked in way(app, browsers[who], examples, who, base):
                status = looked_at(asked, tls=tls)
                statuses[status] = statuses.get(status, 0) + 1
                damaged = {
                    "sheet_id",
                    "reading_id",
                } & asked.rule.arguments  # laid as rows, with nothing in them
                assert status != 500 or damaged, str(asked)
    print(statuses)
    assert statuses.keys() >= STATUSES[way]


STATUSES: Mapping[Way, set[int]] = {
    without_its_token: {200, 303, 400, 403, 404, 405},
    with_its_token: {303, 403, 404, 413, 422},
}
