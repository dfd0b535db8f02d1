"""A clock that is set, and days that are not as others: nothing lasts longer, and no paper goes early."""

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from forms.permissions import may_tell
from kiosk import access, worker
from kiosk.actions import backing_up, card, check_in, clearing, clock_watch, handing, shredding, sittings
from kiosk.actions.clock_watch import ClockWatch
from kiosk.app import create_app
from kiosk.errors import Invalid, SittingEnded
from kiosk.vault import tables
from kiosk.vault.did import Did
from kiosk.vault.states import SheetState
from tests.forms.signing import ORTIZ, RELEASE, signed
from tests.practices import ALLOWS_HER_DAUGHTER, BORN, NOON, PASSPHRASE, People, confirmed_once, reopened

HOME = ZoneInfo("America/Chicago")


class Seconds:
    """Time as it passes, whatever a clock is set to."""

    def __init__(self, people: People) -> None:
        self.people, self.passed = people, 0.0

    def __call__(self) -> float:
        return self.passed

    def pass_by(self, **more: float) -> None:
        self.passed += timedelta(**more).total_seconds()
        self.people.clock.forward(**more)


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[People]:
    """One confirmed sheet, backed up, that cools for seven days."""
    shutil.copytree(confirmed_once(), tmp_path / "practice")
    for people in reopened(tmp_path / "practice", NOON):
        assert clearing.look_after(people.system)
        yield people


def the_sheet(people: People) -> tables.Sheet:
    with access.transaction(people.system) as desk:
        return desk.session.scalars(select(tables.Sheet)).one()


@pytest.mark.parametrize("days", [8, 1, -1])
def test_paper_goes_on_hold_when_the_clock_is_set_while_it_cools(paper: People, days: int) -> None:
    seconds = Seconds(paper)
    watch = ClockWatch(paper.clock, seconds)
    seconds.pass_by(hours=1)
    assert not clock_watch.hold_where_set(paper.system, watch)
    paper.clock.forward(days=days)
    assert clock_watch.hold_where_set(paper.system, watch)
    assert not clearing.look_after(paper.system)
    held = the_sheet(paper)
    assert (held.state, held.hold_reason) == (SheetState.HELD, clock_watch.WAS_SET)
    assert not clock_watch.hold_where_set(paper.system, watch), "once for each time"
    with access.transaction(paper.system) as desk:
        said = select(tables.AuditEntry.reason).where(tables.AuditEntry.did == Did.SAW_CLOCK_SET)
        assert desk.session.scalars(said).all() == ["forward" if days > 0 else "back"]
    shredding.release(paper.desk, held.id)
    assert the_sheet(paper).state == SheetState.CONFIRMED


def test_the_worker_looks_at_the_clock_before_it_clears_anything(paper: People) -> None:
    watch = ClockWatch(paper.clock, Seconds(paper))
    paper.clock.forward(days=8)
    jobs = (lambda by: clock_watch.hold_where_set(by, watch), *worker.JOBS)
    assert worker.work_once(paper.system, jobs)
    assert the_sheet(paper).state == SheetState.HELD


def test_a_week_that_has_passed_is_no_clock_that_was_set(paper: People) -> None:
    seconds = Seconds(paper)
    watch = ClockWatch(paper.clock, seconds)
    seconds.pass_by(days=7, minutes=1)
    paper.clock.forward(minutes=4)
    assert not clock_watch.hold_where_set(paper.system, watch)
    assert backing_up.look_after(paper.system)
    assert clearing.look_after(paper.system)
    assert the_sheet(paper).state == SheetState.CLEARED


def test_this_machine_says_how_much_time_has_passed() -> None:
    watch = ClockWatch()
    assert watch.set_by(lambda: None) == timedelta()
    assert clock_watch.passed() > 0


def test_whoever_sits_at_the_tablet_is_cleared_by_a_clock_that_is_set(people: People) -> None:
    for change in (timedelta(days=-1), timedelta(days=1)):
        visit = people.visit(at="12:30")
        token = check_in.by_code(people.tablet, handing.make_code(people.desk, visit), "en")
        check_in.birth_date(access.sitting_of(people.tablet, token), BORN)
        people.clock.now += change
        with pytest.raises(SittingEnded):
            access.sitting_of(people.tablet, token)
        assert sittings.clear_idle(people.system)
        people.clock.now = NOON


@pytest.mark.parametrize(("seconds", "pairs"), [(119, True), (121, False)])
def test_a_pairing_code_works_for_two_minutes(people: People, seconds: int, pairs: bool) -> None:
    code = access.make_pairing(people.desk, "Tablet")
    people.clock.forward(seconds=seconds)
    with nullcontext() if pairs else pytest.raises(Invalid):
        access.pair(people.practice, code, "test")


def test_codes_do_not_last_longer_when_the_clock_is_set_back(people: People) -> None:
    pairing = access.make_pairing(people.desk, "Tablet")
    code = handing.make_code(people.desk, people.visit())
    people.clock.forward(days=-1)
    with pytest.raises(Invalid):
        access.pair(people.practice, pairing, "test")
    with pytest.raises(Invalid):
        check_in.by_code(people.tablet, code, "en")


def test_nobody_is_locked_out_for_a_day_by_a_clock_that_is_set_back(people: People) -> None:
    code = handing.make_code(people.desk, people.visit())
    people.clock.forward(minutes=90)
    for _ in range(5):
        with pytest.raises(Invalid):
            check_in.by_code(people.tablet, "3333-333", "en")
    people.clock.forward(minutes=-80)
    assert check_in.by_code(people.tablet, code, "en")


def test_the_trail_keeps_its_order_whatever_the_clock_says(people: People) -> None:
    for change in (timedelta(days=-1), timedelta(days=3), timedelta(minutes=-5)):
        people.clock.now += change
        people.visit()
    assert people.practice.vault.verify_audit().ok


@pytest.fixture
def rose(people: People) -> str:
    """A visit of hers: her daughter may be called until the last day of the year."""
    visit = people.visit()
    people.signs(people.sits_down(visit), "emergency_contact", {**ALLOWS_HER_DAUGHTER, **ENDS})
    return visit


ENDS = {"ends_on-month": "12", "ends_on-day": "31", "ends_on-year": "2026"}


def may_call(people: People, visit: str) -> bool:
    return card.may_tell(people.therapist, visit, "Kirsten Nyberg", "emergency_happened").yes


def test_what_has_run_out_does_not_come_back_when_the_clock_is_set_back(people: People, rose: str) -> None:
    assert may_call(people, rose)
    seconds = Seconds(people)
    watch = ClockWatch(people.clock, seconds)
    seconds.pass_by(days=40)
    assert not may_call(people, rose)
    people.clock.forward(days=-30)
    assert clock_watch.hold_where_set(people.system, watch)
    assert not may_call(people, rose)
    assert "allowed" not in {row.state for row in card.card(people.therapist, rose).rows}
    clock_watch.is_right(people.system)
    assert may_call(people, rose), "a person said that it is December again"
    assert people.practice.vault.verify_audit().ok


def test_a_worker_that_starts_looks_at_what_was_written_last(people: People, rose: str) -> None:
    people.clock.forward(days=40)
    people.visit("Theo Okafor")
    people.clock.forward(days=-30)
    people.visit("Paula Lindqvist")  # something may be written before the worker looks
    watch = ClockWatch(people.clock, Seconds(people))
    assert clock_watch.hold_where_set(people.system, watch)
    assert not may_call(people, rose)
    assert not clock_watch.hold_where_set(people.system, ClockWatch(people.clock, Seconds(people)))
    judged = clock_watch.judged_at(people.system)
    assert judged == NOON + timedelta(days=40)
    people.clock.forward(days=31)
    assert clock_watch.judged_at(people.system) == people.clock.now, "that moment has come once more"


def test_the_owner_is_told_that_the_clock_was_set_back_and_says_that_it_is_right(
    people: People, rose: str
) -> None:
    app = create_app(people.practice)
    app.config["WTF_CSRF_ENABLED"] = False
    seconds = Seconds(people)
    watch = ClockWatch(people.clock, seconds)
    seconds.pass_by(days=40)
    people.clock.forward(days=-30)
    assert clock_watch.hold_where_set(people.system, watch)

    ruth, dorothy = app.test_client(), app.test_client()
    for browser, name in ((ruth, "ruth"), (dorothy, "dorothy")):
        session = access.sign_in(people.practice, name, PASSPHRASE, "127.0.0.1")
        browser.set_cookie("kiosk-staff", session)
    page = ruth.get("/office/").text
    assert "This computer’s clock was set back." in page
    assert "Until 2 January 2027, 12:00 PM permissions and forms are judged as of that moment" in page
    assert "It says 3 December 2026, 12:00 PM." in page
    assert dorothy.post("/office/clock-is-right").status_code == 403
    assert not may_call(people, rose)

    assert ruth.post("/office/clock-is-right").status_code == 303
    assert may_call(people, rose)
    assert "set back" not in ruth.get("/office/").text
    with access.transaction(people.system) as desk:
        said = select(tables.AuditEntry.role).where(tables.AuditEntry.did == Did.SAID_CLOCK_IS_RIGHT)
        assert desk.session.scalars(said).all() == ["owner"]


DAYS = (
    date(2028, 2, 29),
    date(2027, 3, 14),
    date(2027, 11, 7),
    date(2026, 12, 31),
)  # of 24, 23, 25, 24 hours


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_what_is_allowed_until_a_day_is_so_to_its_last_minute_at_home_and_no_longer(day: date) -> None:
    kept = signed("clinician_release", RELEASE | {"ends_on": day.isoformat()})
    last = datetime.combine(day, time(23, 59, 59), HOME)
    assert last.astimezone(UTC).date() > day, "by another zone's date it would have ended hours before"
    assert may_tell(kept, {}, ORTIZ, "progress", last).yes
    after = (last.astimezone(UTC) + timedelta(seconds=1)).astimezone(HOME)
    assert not may_tell(kept, {}, ORTIZ, "progress", after).yes
