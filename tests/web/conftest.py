"""The application of a real practice, and browsers of everybody who may come by."""

from collections.abc import Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk import access
from kiosk.actions import check_in, handing
from kiosk.app import create_app
from tests.practices import BORN, PASSPHRASE, People


@pytest.fixture
def app(people: People) -> Flask:
    made = create_app(people.practice)
    made.testing = True
    return made


@pytest.fixture
def browsers(app: Flask, people: People) -> Mapping[str, FlaskClient]:
    return open_browsers(app, people)


def open_browsers(
    app: Flask, people: People, cookie: str = "kiosk-", host: str = "localhost"
) -> Mapping[str, FlaskClient]:
    """One browser for each who may come by: nobody, staff by role, a tablet, a client at a tablet.

    `cookie` is how the names of cookies begin: another way over TLS.
    """
    staff = ("dorothy", "sophia", "jean", "ruth")
    made = {name: app.test_client() for name in ("nobody", *staff, "tablet", "client")}
    for name in staff:
        signed_in = access.sign_in(people.practice, name, PASSPHRASE, "127.0.0.1")
        made[name].set_cookie(f"{cookie}staff", signed_in, domain=host)
    for name in ("tablet", "client"):
        token = access.pair(people.practice, access.make_pairing(people.desk, name), "127.0.0.1")
        made[name].set_cookie(f"{cookie}tablet", token, domain=host)
    tablet = access.tablet_of(people.practice, token)
    code = handing.make_code(people.desk, people.visit("Paula Lindqvist", "12:10"))
    sitting_token = check_in.by_code(tablet, code, "en")
    check_in.birth_date(access.sitting_of(tablet, sitting_token), BORN)
    made["client"].set_cookie(f"{cookie}sitting", sitting_token, domain=host)
    return made
