"""Twenty tablets and five people of the staff at once: nobody sees a word of somebody else's client."""

import random
import re
from collections.abc import Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kiosk import access
from kiosk.actions import check_in, handing
from kiosk.vault import tables
from tests.practices import BORN, PASSPHRASE, People

TABLETS, REQUESTS = 20, 10_000
START = "/tablet/"
ARGUMENT = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")


def client_name(number: int) -> str:
    return f"Canary{number:02} Quackenbush{number:02}"


def check_in_all(app: Flask, people: People) -> dict[int, FlaskClient]:
    """Each tablet with a client of its own: the even ones are Sophia's, the odd ones Jean's."""
    jean, made = people._staff("jean").id, {}
    for number in range(TABLETS):
        browser = app.test_client()
        token = access.pair(people.practice, access.make_pairing(people.desk, f"T{number}"), "127.0.0.1")
        tablet = access.tablet_of(people.practice, token)
        more = {"therapist": jean} if number % 2 else {}
        visit = people.visit(client_name(number), f"13:{number:02}", **more)
        sitting = check_in.by_code(tablet, handing.make_code(people.desk, visit), "en")
        check_in.birth_date(access.sitting_of(tablet, sitting), BORN)
        browser.set_cookie("kiosk-tablet", token)
        browser.set_cookie("kiosk-sitting", sitting)
        made[number] = browser
    return made


def sign_in_all(app: Flask, people: People) -> Mapping[str, FlaskClient]:
    made = {}
    for name, who in (*((one, one) for one in ("dorothy", "sophia", "jean", "ruth")), ("again", "sophia")):
        made[name] = app.test_client()
        made[name].set_cookie("kiosk-staff", access.sign_in(people.practice, who, PASSPHRASE, "127.0.0.1"))
    return made


def may_see(who: str, address: str) -> set[int]:
    """A therapist their own clients; the desk and the owner everybody's, in rooms that are theirs."""
    if who in ("dorothy", "ruth"):
        return set(range(TABLETS)) if address.startswith(("/desk", "/office")) else set()
    return {number for number in range(TABLETS) if number % 2 == (who == "jean")}


@pytest.mark.long
def test_ten_thousand_requests_show_no_byte_of_anybody_elses(app: Flask, people: People) -> None:
    tablets, staff = check_in_all(app, people), sign_in_all(app, people)
    with access.transaction(people.system) as desk:
        ids = [
            *desk.session.scalars(select(tables.Visit.id)),
            *desk.session.scalars(select(tables.Client.id)),
            *desk.session.scalars(select(tables.Tablet.id)),
            *("emergency_contact", "referral_thanks", "who", "1", "AAAAAAAAAAAAAAAAAAAAAA"),
        ]
    reading = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    chance, shown = random.Random(20), set()
    everybody = [*tablets, *staff]
    for _ in range(REQUESTS):
        who = chance.choice(everybody)
        address = ARGUMENT.sub(lambda _: chance.choice(ids), chance.choice(reading))
        if who in tablets and address == START:
            continue  # whoever goes there has left
        browser = tablets[who] if isinstance(who, int) else staff[who]
        said = browser.get(address).text if not address.endswith((".woff2", ".js")) else ""
        seen = {int(found) for found in re.findall(r"(?:Canary|Quackenbush)(\d\d)", said)}
        allowed = {who} if isinstance(who, int) else may_see(who, address)
        assert seen <= allowed, (who, address)
        if seen:
            shown.add(who)
    assert shown == set(everybody), "own names do show, else this would prove nothing"
