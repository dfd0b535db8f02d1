"""Somebody at the tablet of whom nothing is known yet: they may take their time, and keep their language."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.actions import handing
from tests.practices import BORN, People


@pytest.fixture
def tablet(app: Flask, browsers: Mapping[str, FlaskClient]) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return browsers["tablet"]


def test_a_touch_while_one_looks_for_the_birth_date_ends_nothing(tablet: FlaskClient, people: People) -> None:
    tablet.post("/tablet/code", data={"code": handing.make_code(people.desk, people.visit())})
    for _ in range(5):
        people.clock.now += timedelta(minutes=4)
        touched = tablet.post("/tablet/still-here")
        assert (touched.status_code, touched.headers.getlist("Set-Cookie")) == (204, [])
    assert tablet.post("/tablet/birth-date", data=BORN).headers["Location"] == "/tablet/welcome"


def test_a_touch_where_nobody_sits_keeps_the_language_that_was_chosen(tablet: FlaskClient) -> None:
    tablet.post("/tablet/language", data={"_lang": "es", "_at": "/tablet/name"})
    tablet.post("/tablet/still-here")
    assert '<html lang="es"' in tablet.get("/tablet/name").text


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
