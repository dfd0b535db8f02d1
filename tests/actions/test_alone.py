"""A practice of one: whoever holds all roles does every duty of a day, from the visit to the shredder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from kiosk import access
from kiosk.access import Purpose, Reach, Role, may, reaches
from kiosk.actions import (
    archiving,
    backing_up,
    backup_page,
    card,
    clearing,
    closing,
    confirming,
    declaring,
    emergency,
    endings,
    erasing,
    handing,
    overview,
    records,
    shredding,
    staffing,
    trail,
    visit_page,
)
from kiosk.actions.founding import OWNERS_ROLES
from kiosk.app import create_app
from kiosk.vault import tables
from kiosk.vault.states import SheetState
from tests.actions.test_shredding import SHREDDED
from tests.practices import ALLOWS_HER_DAUGHTER, PASSPHRASE, People, make_people

NOBODYS = {Purpose.LOOK_AFTER}  # the practice's own worker's


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[People]:
    """Ruth, who is the desk, the therapist and the owner; everybody else has left."""
    for people in make_people(tmp_path / "practice", cooling_days=0):
        with access.transaction(people.system) as desk:
            for row in desk.session.scalars(select(tables.Staff)):
                row.roles = " ".join(OWNERS_ROLES) if row.sign_in == "ruth" else row.roles
        ruth = people._staff("ruth")
        for row in staffing.everybody(ruth):
            if row.id != ruth.id:
                staffing.remove(ruth, row.id)
        people.desk = people.therapist = ruth
        yield people


def test_all_roles_together_may_do_all_that_anybody_may() -> None:
    everything = frozenset(OWNERS_ROLES)
    assert everything == frozenset(Role)
    assert {one for one in Purpose if not may(everything, "staff", one)} == NOBODYS
    for purpose in Purpose:
        of_each = [reaches(frozenset({role}), purpose) for role in Role]
        assert reaches(everything, purpose) == frozenset[Reach]().union(*of_each), purpose


def test_every_room_opens_to_whoever_holds_all_roles(alone: People) -> None:
    browser = browser_of(alone)
    rooms = ("/desk/", "/therapist/", "/office/", "/emergency")
    for rule in browser.application.url_map.iter_rules():
        if rule.rule.startswith(rooms) and "GET" in (rule.methods or ()) and not rule.arguments:
            with browser.get(rule.rule) as answer:
                nothing_yet = rule.endpoint in NOTHING_YET and answer.status_code == 404
                assert answer.status_code in (200, 303) or nothing_yet, (rule.rule, answer.status_code)
                assert answer.headers.get("Location") != "/sign-in", rule.rule


NOTHING_YET = {"desk.address_picture"}  # a practice without TLS has no address for tablets


def browser_of(people: People) -> FlaskClient:
    browser = create_app(people.practice).test_client()
    browser.set_cookie("kiosk-staff", access.sign_in(people.practice, "ruth", PASSPHRASE, "127.0.0.1"))
    return browser


def test_one_person_does_every_duty_from_the_visit_to_the_shredder(alone: People, tmp_path: Path) -> None:
    ruth = alone.desk
    visit = alone.visit()
    alone.signs(alone.sits_down(visit), "emergency_contact", ALLOWS_HER_DAUGHTER)
    assert card.card(ruth, visit)
    card.reviewed(ruth, visit)
    (record,) = visit_page.visit_view(ruth, visit).records
    assert records.pdf(ruth, record.id).startswith(b"%PDF")
    endings.withdraw(ruth, record.id)
    paper_goes(alone, alone.visit("Theo Okafor", "14:00"))
    opened = emergency.declare(ruth, {"name": "Rose Nyberg", "reason": "She fell"})
    assert emergency.view(ruth, opened)
    declaring.mark_seen(ruth, opened)
    handing.revoke(ruth, alone.tablet.id)
    owns(alone, tmp_path)


def paper_goes(people: People, visit: str) -> None:
    """Printed, scanned, confirmed, cleared, shredded."""
    sheet = people.brings_paper(visit)
    people.confirms(sheet)
    confirming.finish(people.desk, sheet)
    while clearing.look_after(people.system):
        pass
    batch = shredding.make_batch(people.desk)
    shredding.record(people.desk, batch, SHREDDED)
    assert people.sheet(sheet).state == SheetState.SHREDDED


def owns(people: People, tmp_path: Path) -> None:
    """What the owner does: the trail, backups, an archive, closing the day, and years later an erasure."""
    ruth, clock = people.desk, people.clock
    assert overview.looks(ruth)
    assert trail.view(ruth, trail.Wanted()).entries
    (tmp_path / "disk").mkdir()
    backup_page.choose_disk(ruth, str(tmp_path / "disk"))
    while backing_up.look_after(people.system):
        pass
    assert archiving.make(ruth, tmp_path / "a.kiosk-archive").clients
    closing.close(ruth)
    with access.transaction(people.system) as desk:
        client = desk.session.scalars(select(tables.Record.client_id)).first() or ""
    clock.forward(days=8 * 366)
    erasing.ask(ruth, client)
    clock.forward(days=1)
    erasing.agree(ruth, client)
    assert people.practice.vault.verify_audit().ok
