"""Paper goes by the listed edges only: whatever is asked of it, in any state, and at the same time."""

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from kiosk import access
from kiosk.access import Desk
from kiosk.actions import clearing, confirming, shredding
from kiosk.errors import Invalid, NotFound
from kiosk.vault import new_id, tables
from kiosk.vault.did import Did
from kiosk.vault.states import SHEET_EDGES, BatchState, SheetState
from tests.actions.test_shredding import SHREDDED, SPOIL
from tests.practices import NOON, People, confirmed_once, reopened

QUICK_RACES, LONG_RACES = 6, 500


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    """One confirmed sheet, backed up; paper does not cool."""
    shutil.copytree(confirmed_once(), tmp_path / "practice")
    settings = tmp_path / "practice" / "practice.toml"
    settings.write_text(settings.read_text().replace("cooling_days = 7", "cooling_days = 0"))
    for people in reopened(tmp_path / "practice", NOON):
        assert clearing.look_after(people.system), "the backup"
        yield people


def the_sheet(people: People) -> tables.Sheet:
    with access.transaction(people.system) as desk:
        return desk.session.scalars(select(tables.Sheet)).one()


def put(people: People, state: SheetState) -> str:
    """The sheet in a state, with what goes along with it; returns the batch that it names."""
    with access.transaction(people.system) as desk:
        backup = desk.session.scalars(select(tables.Backup.id).order_by(tables.Backup.made_at)).first()
        batch = tables.ShredBatch(
            id=new_id(), state=BatchState.OPEN, made_at=desk.now, made_by=people.desk.id, pages=2
        )
        desk.session.execute(update(tables.Sheet).values(batch_id=None))
        desk.session.execute(delete(tables.ShredBatch))
        desk.session.add(batch)
        desk.session.flush()
        in_a_batch = state in (SheetState.BATCHED, SheetState.SHREDDED)
        values = {"batch_id": batch.id if in_a_batch else None, "backup_id": backup, "hold_reason": None}
        desk.session.execute(update(tables.Sheet).values(state=state, **values))
        return batch.id


def miscounts_twice(people: People, batch: str) -> None:
    with contextlib.suppress(Invalid):
        shredding.record(people.desk, batch, {**SHREDDED, "counted": "9"})
    shredding.record(people.desk, batch, {**SHREDDED, "counted": "8"})


Ask = Callable[[People, str, str], Any]
ASKED: Mapping[str, Ask] = {
    "confirmed": lambda people, sheet, _batch: confirming.finish(people.desk, sheet),
    "given back": lambda people, sheet, _batch: confirming.give_back(people.desk, sheet),
    "looked after": lambda people, _sheet, _batch: clearing.look_after(people.system),
    "put in a batch": lambda people, _sheet, _batch: shredding.make_batch(people.desk),
    "shredded": lambda people, _sheet, batch: shredding.record(people.desk, batch, SHREDDED),
    "miscounted": lambda people, _sheet, batch: miscounts_twice(people, batch),
    "released": lambda people, sheet, _batch: shredding.release(people.desk, sheet),
}
MEANT = {
    ("confirmed", SheetState.AWAITING): SheetState.CONFIRMED,
    ("given back", SheetState.AWAITING): SheetState.RETURNED,
    ("looked after", SheetState.CONFIRMED): SheetState.CLEARED,
    ("put in a batch", SheetState.CLEARED): SheetState.BATCHED,
    ("shredded", SheetState.BATCHED): SheetState.SHREDDED,
    ("miscounted", SheetState.BATCHED): SheetState.HELD,
    ("released", SheetState.HELD): SheetState.CONFIRMED,
}


def test_whatever_is_asked_of_paper_in_any_state_it_goes_by_the_listed_edges_only(people: People) -> None:
    sheet, refused = the_sheet(people).id, 0
    with access.transaction(people.system) as desk:  # it is confirmed once more, and gets another record
        desk.session.execute(update(tables.Record).values(sheet_id=None, submission="before"))
    for asked, ask in ASKED.items():
        for before in SheetState:
            batch = put(people, before)
            try:
                ask(people, sheet, batch)
            except (NotFound, Invalid):
                refused += 1
            after = the_sheet(people).state
            assert after == MEANT.get((asked, before), before), (asked, before)
            assert after == before or after in SHEET_EDGES[before]
    assert refused > 40


@pytest.mark.parametrize("before", SheetState)
def test_no_code_takes_paper_by_an_edge_that_is_not_listed(before: SheetState) -> None:
    for after in SheetState:
        sheet = tables.Sheet(state=before)
        if after == before or after in SHEET_EDGES[before]:
            sheet.state = after
        else:
            with pytest.raises(ValueError, match="does not go from"):
                sheet.state = after


@pytest.mark.long
@pytest.mark.parametrize(
    "pair", list(combinations(SPOIL, 2)), ids=lambda p: f"{p[0].__name__}, {p[1].__name__}"
)
def test_two_conditions_that_fail_together_do_not_make_up_for_each_other(
    people: People, pair: tuple[Callable[[Desk], None], ...]
) -> None:
    with access.transaction(people.system) as desk:
        for spoil in pair:
            spoil(desk)
    while clearing.look_after(people.system):
        pass
    assert the_sheet(people).state in (SheetState.CONFIRMED, SheetState.HELD)
    put(people, SheetState.CONFIRMED)
    batch = put(people, SheetState.BATCHED)
    with pytest.raises(Invalid):
        shredding.record(people.desk, batch, SHREDDED)
    assert the_sheet(people).state == SheetState.HELD


def somebody_holds_it(people: People) -> None:
    with access.transaction(people.system) as desk:
        sheet = desk.session.scalars(select(tables.Sheet)).one()
        if sheet.state != SheetState.SHREDDED:
            clearing.hold(desk, sheet, "Somebody complained.")


def together(*acts: Callable[[], Any]) -> None:
    """At the same moment, each in a thread of its own; what one refuses is an outcome."""
    begin = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        begin.wait()
        try:
            act()
        except (Invalid, NotFound):
            return

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def in_the_trail(people: People, after: int) -> list[Did]:
    with access.transaction(people.system) as desk:
        rows = (
            select(tables.AuditEntry.did).where(tables.AuditEntry.seq > after).order_by(tables.AuditEntry.seq)
        )
        return [Did(did) for did in desk.session.scalars(rows)]


def races(people: People, rounds: int) -> set[tuple[Did, ...]]:
    """A hold against clearing, and against shredding: whichever came first, paper never goes after a hold."""
    met = set()
    for number in range(rounds):
        shreds = number % 2 == 1
        batch = put(people, SheetState.BATCHED if shreds else SheetState.CONFIRMED)
        entries = people.practice.vault.verify_audit().entries
        act = (
            (lambda batch=batch: shredding.record(people.desk, batch, SHREDDED))
            if shreds
            else (lambda: clearing.look_after(people.system))
        )
        acts = [act, lambda: somebody_holds_it(people)]
        together(*(acts if number % 4 < 2 else reversed(acts)))
        trail, state = in_the_trail(people, entries), the_sheet(people).state
        gone = Did.SHREDDED_BATCH if shreds else Did.CLEARED_SHEET
        if Did.HELD_SHEET in trail:
            assert gone not in trail[trail.index(Did.HELD_SHEET) :]
            assert state == SheetState.HELD
        else:
            assert (shreds, state) == (True, SheetState.SHREDDED)
        met.add(tuple(trail))
    return met


def test_a_hold_that_comes_at_the_same_moment_is_never_overtaken(people: People) -> None:
    assert races(people, QUICK_RACES)


@pytest.mark.long
def test_five_hundred_holds_at_the_same_moment_are_never_overtaken(people: People) -> None:
    met = races(people, LONG_RACES)
    print(len(met), met)
    assert len(met) >= 3, "each came first, at some time"


@pytest.mark.long
def test_a_backup_that_is_lost_or_a_byte_that_changes_at_the_same_moment_stops_it(people: People) -> None:
    """Whoever commits second sees what the first has written: paper goes only if the loss came after it."""

    def lost() -> None:
        with access.transaction(people.system) as desk:
            desk.session.execute(update(tables.Backup).values(verified_at=None))
            desk.audit(Did.FOUND_DAMAGE, "backup", "lost")

    for number in range(LONG_RACES):
        put(people, SheetState.CONFIRMED)
        with access.transaction(people.system) as desk:
            desk.session.execute(update(tables.Backup).values(verified_at=desk.now))
        entries = people.practice.vault.verify_audit().entries
        acts = [lambda: clearing.look_after(people.system), lost]
        together(*(acts if number % 2 else reversed(acts)))
        trail = in_the_trail(people, entries)
        assert Did.CLEARED_SHEET not in trail[trail.index(Did.FOUND_DAMAGE) :]
