"""From confirmed to shredded: never while the image could be lost, never without a count."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from kiosk import access
from kiosk.access import Desk
from kiosk.actions import backing_up, clearing, erasing, shredding
from kiosk.errors import Invalid, NotFound
from kiosk.vault import tables
from kiosk.vault.states import BatchState, SheetState
from pdf.verify import Verified, verify
from tests.practices import NOON, People, confirmed_once, reopened

SHREDDED = {"counted": "2", "method": "on_site", "level": "P-5", "machine": "", "witness": ""}


def confirmed(people: People) -> str:
    """The one sheet, confirmed, of a practice that was made for all of these tests."""
    with access.transaction(people.system) as desk:
        return desk.session.scalars(select(tables.Sheet.id)).one()


@pytest.fixture
def template() -> Path:
    return confirmed_once()


@pytest.fixture
def people(template: Path, tmp_path: Path) -> Iterator[People]:
    """A practice where confirmed paper cools for seven days."""
    shutil.copytree(template, tmp_path / "practice")
    yield from reopened(tmp_path / "practice", NOON)


@pytest.fixture
def hurried(template: Path, tmp_path: Path) -> Iterator[People]:
    """The same practice, without cooling."""
    shutil.copytree(template, tmp_path / "practice")
    settings = tmp_path / "practice" / "practice.toml"
    settings.write_text(settings.read_text().replace("cooling_days = 7", "cooling_days = 0"))
    yield from reopened(tmp_path / "practice", NOON)


def looked_after(people: People) -> None:
    while clearing.look_after(people.system):
        pass


def test_paper_is_cleared_after_a_restored_backup_and_seven_days(people: People) -> None:
    sheet = confirmed(people)
    looked_after(people)
    assert people.sheet(sheet).state == SheetState.CONFIRMED
    (waiting,) = shredding.piles(people.desk).waiting
    assert waiting.why.startswith("Cooling time, until 30 November 2026")
    people.clock.forward(days=6, hours=23)
    looked_after(people)
    assert people.sheet(sheet).state == SheetState.CONFIRMED
    people.clock.forward(hours=1)
    looked_after(people)
    cleared = people.sheet(sheet)
    assert cleared.state == SheetState.CLEARED
    assert cleared.cleared_cooling_days == 7
    backups = list((people.practice.settings.instance / "backups").glob("*.kiosk-backup"))
    assert len(backups) == 1


def test_no_paper_is_cleared_while_the_last_good_backup_is_old(people: People) -> None:
    sheet = confirmed(people)
    looked_after(people)
    people.clock.forward(days=8)
    looked_after(people)
    assert people.sheet(sheet).state == SheetState.CONFIRMED
    (waiting,) = shredding.piles(people.desk).waiting
    assert waiting.why.startswith("The last good backup is older than 7 days")
    while backing_up.look_after(people.system):
        pass
    looked_after(people)
    assert people.sheet(sheet).state == SheetState.CLEARED


def test_shredding_needs_the_right_count_and_gives_a_certificate(hurried: People) -> None:
    sheet = confirmed(hurried)
    looked_after(hurried)
    batch = shredding.make_batch(hurried.desk)
    for wrong in ({"counted": ""}, {"counted": "two"}, {"level": "P-1"}, {"method": "fire"}):
        with pytest.raises(Invalid):
            shredding.record(hurried.desk, batch, {**SHREDDED, **wrong})
    assert hurried.sheet(sheet).state == SheetState.BATCHED
    shredding.record(hurried.desk, batch, SHREDDED)
    assert hurried.sheet(sheet).state == SheetState.SHREDDED
    assert shredding.certificate(hurried.desk, batch).startswith(b"%PDF")
    with pytest.raises(NotFound):
        shredding.record(hurried.desk, batch, SHREDDED)


def test_its_certificate_holds_when_the_client_was_erased(hurried: People) -> None:
    sheet, ruth = confirmed(hurried), hurried._staff("ruth")
    looked_after(hurried)
    batch = shredding.make_batch(hurried.desk)
    shredding.record(hurried.desk, batch, SHREDDED)
    before, client = shredding.certificate(hurried.desk, batch), hurried.sheet(sheet).client_id
    hurried.clock.forward(days=8 * 366)
    erasing.ask(ruth, client)
    hurried.clock.forward(days=1)
    erasing.agree(ruth, client)
    assert shredding.certificate(hurried.desk, batch) == before
    found = verify(before)
    assert isinstance(found, Verified), found
    assert hurried.practice.vault.verify_audit().ok


def test_a_second_wrong_count_holds_the_whole_batch_and_a_person_may_release_it(hurried: People) -> None:
    sheet = confirmed(hurried)
    looked_after(hurried)
    batch = shredding.make_batch(hurried.desk)
    with pytest.raises(Invalid) as asked_again:
        shredding.record(hurried.desk, batch, {**SHREDDED, "counted": "1"})
    assert asked_again.value.problems["counted"] == "The list says 2, you counted 1. Count again."
    assert hurried.sheet(sheet).state == SheetState.BATCHED
    with pytest.raises(Invalid) as refused:
        shredding.record(hurried.desk, batch, {**SHREDDED, "counted": "3"})
    assert "The list says 2, you counted 3. The batch is on hold" in refused.value.problems["counted"]
    assert hurried.sheet(sheet).state == SheetState.HELD
    assert shredding.batch(hurried.desk, batch).state == BatchState.HELD
    with pytest.raises(NotFound):
        shredding.record(hurried.desk, batch, SHREDDED)
    shredding.release(hurried.desk, sheet)
    looked_after(hurried)
    assert hurried.sheet(sheet).state == SheetState.CLEARED
    assert shredding.make_batch(hurried.desk) != batch


def test_nothing_cleared_makes_no_batch(people: People) -> None:
    with pytest.raises(Invalid):
        shredding.make_batch(people.desk)


def lose_a_page(desk: Desk) -> None:
    desk.session.execute(update(tables.ScanPage).where(tables.ScanPage.sheet_page == 2).values(sheet_id=None))


def not_looked_at(desk: Desk) -> None:
    desk.session.execute(update(tables.ScanPage).values(viewed_at=None))


def not_confirmed(desk: Desk) -> None:
    desk.session.execute(
        update(tables.Reading).where(tables.Reading.question == "_signature").values(confirmed_by=None)
    )


def lose_the_record(desk: Desk) -> None:
    desk.session.execute(delete(tables.Record))


def not_restored(desk: Desk) -> None:
    desk.session.execute(update(tables.Backup).values(verified_at=None))


def backup_from_before(desk: Desk) -> None:
    desk.session.execute(update(tables.Backup).values(made_at=desk.now.replace(year=2020)))


def change_a_byte(desk: Desk) -> None:
    row = desk.session.query(tables.Document).filter_by(kind="page").first()
    assert row is not None
    body = bytearray(row.body_sealed)
    body[-1] ^= 1
    row.body_sealed = bytes(body)


def put_on_hold(desk: Desk) -> None:
    desk.session.execute(update(tables.Sheet).values(state=SheetState.HELD, hold_reason="a complaint"))


SPOIL = (lose_a_page, not_looked_at, not_confirmed, lose_the_record, not_restored, backup_from_before,
         change_a_byte, put_on_hold)  # fmt: skip


@pytest.mark.parametrize("spoil", SPOIL, ids=lambda spoil: spoil.__name__)
def test_each_condition_alone_keeps_paper_from_being_cleared(
    people: People, spoil: Callable[[Desk], None]
) -> None:
    sheet = confirmed(people)
    looked_after(people)
    with access.transaction(people.system) as desk:
        spoil(desk)
    people.clock.forward(days=8)
    looked_after(people)
    assert people.sheet(sheet).state in (SheetState.CONFIRMED, SheetState.HELD)


@pytest.mark.parametrize("spoil", SPOIL, ids=lambda spoil: spoil.__name__)
def test_each_condition_is_asked_again_when_a_batch_is_recorded(
    hurried: People, spoil: Callable[[Desk], None]
) -> None:
    sheet = confirmed(hurried)
    looked_after(hurried)
    batch = shredding.make_batch(hurried.desk)
    with access.transaction(hurried.system) as desk:
        spoil(desk)
    with pytest.raises(Invalid):
        shredding.record(hurried.desk, batch, SHREDDED)
    assert hurried.sheet(sheet).state == SheetState.HELD


def test_a_clock_that_jumps_backwards_clears_nothing(people: People) -> None:
    sheet = confirmed(people)
    looked_after(people)
    people.clock.forward(days=-30)
    looked_after(people)
    assert people.sheet(sheet).state == SheetState.CONFIRMED
