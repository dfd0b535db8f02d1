"""Backups by themselves, by the owner and by hand; and what becomes of the keys that lie beside them."""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk import access
from kiosk.access import Actor
from kiosk.actions import (
    backing_up,
    backup_page,
    backup_places,
    generations,
    key_care,
    opening,
    overview,
)
from kiosk.actions.backup_places import MARKER, Place
from kiosk.errors import CannotRestore, InUse, Invalid, NotAllowed, NotFound
from kiosk.vault import backup_file, erased, lockfile, restoring, tables, tombstone
from kiosk.vault.backup import restore, scratch_of
from kiosk.vault.did import Did
from kiosk.vault.key_files import beside
from kiosk.vault.restoring import STAYED_BEHIND
from tests.practices import NOON, PASSPHRASE, People
from tests.practices import reopened as reopened_people
from tests.vault.small import reopened
from tests.vault.test_tombstone import client_named


@pytest.fixture
def owner(people: People) -> Actor:
    return people._staff("ruth")


@pytest.fixture
def disk(people: People, owner: Actor, tmp_path: Path) -> Path:
    folder = tmp_path / "disk"
    folder.mkdir()
    backup_page.choose_disk(owner, str(folder))
    return folder


def rows(people: People) -> list[tables.Backup]:
    with access.transaction(people.system) as desk:
        return list(desk.session.scalars(select(tables.Backup).order_by(tables.Backup.made_at)))


def works(people: People) -> int:
    """The worker, until nothing is left to do; how often there was something."""
    times = 0
    while backing_up.look_after(people.system):
        times += 1
        assert times < 9
    return times


def here(people: People) -> Path:
    return people.practice.settings.instance / "backups"


def erases(people: People, name: str) -> datetime:
    """As an erasure does it; returns its moment."""
    client = client_named(people.practice.vault, name)
    with access.transaction(people.system) as desk:
        tombstone.erase(desk.session, client, desk.now)
        at = desk.now
    backing_up.renew_keys(people.system)
    return at


def out_there(people: People, before: datetime) -> list[tuple[str, datetime | None]]:
    with access.transaction(people.system) as desk:
        return [(one.where, one.until) for one in backing_up.keys_out_there(desk, before)]


def by_hand(people: People, file: Path) -> backing_up.Made:
    with access.transaction(people.system) as desk:
        place = backup_places.by_hand(desk, file)
    return backing_up.make(people.system, place, file=file)


def test_a_list_of_the_erased_lies_beside_each_backup_also_where_nobody_was_erased(
    people: People, disk: Path, tmp_path: Path
) -> None:
    works(people)
    (tmp_path / "stick").mkdir()
    by_hand(people, tmp_path / "stick" / "mine")
    for folder in (here(people), disk, tmp_path / "stick"):
        assert (folder / erased.FILE).is_file()
    assert not restore(tmp_path / "stick" / "mine", tmp_path / "back", PASSPHRASE, NOON).without_list


def test_a_backup_is_made_each_day_and_restored_to_check_it(people: People) -> None:
    assert works(people) == 1
    people.clock.forward(hours=23)
    assert works(people) == 0
    people.clock.forward(hours=1)
    assert works(people) == 1
    assert all(row.verified_at and row.percent is None and not row.problem for row in rows(people))
    assert len(list(here(people).glob("*.kiosk-backup"))) == len(list(here(people).glob("*.keys"))) == 2


def test_a_clock_that_was_set_back_stops_no_backup(people: People) -> None:
    works(people)
    people.clock.forward(days=-400)
    assert works(people) == 1


def test_a_disk_gets_its_own_and_an_empty_mount_point_is_not_taken_for_it(people: People, disk: Path) -> None:
    assert works(people) == 2
    assert len(list(disk.glob("*.kiosk-backup"))) == 1
    away = disk.rename(disk.with_name("away"))
    disk.mkdir()
    people.clock.forward(hours=25)
    assert works(people) == 1
    assert list(disk.iterdir()) == []
    people.clock.forward(hours=2)
    assert works(people) == 0
    disk.rmdir()
    away.rename(disk)
    assert works(people) == 1, "it was plugged in"
    assert len(list(disk.glob("*.kiosk-backup"))) == 2


def test_a_disk_that_is_plugged_in_gets_one_though_the_day_is_not_over(people: People, disk: Path) -> None:
    works(people)
    away = disk.rename(disk.with_name("away"))
    assert works(people) == 0
    people.clock.forward(hours=2)
    away.rename(disk)
    assert works(people) == 1
    away = disk.rename(disk.with_name("away"))
    assert works(people) == 0
    people.clock.forward(minutes=20)
    away.rename(disk)
    assert works(people) == 0, "the one before is of this hour"


def test_the_owner_asks_for_one_and_sees_it_come(people: People, owner: Actor) -> None:
    assert (backup_page.view(owner).good, overview.looks(owner)[0].well) == (False, False)
    backup_page.ask(owner)
    backup_page.ask(owner)
    view = backup_page.view(owner)
    assert [row.state for row in view.rows] == ["waits"]
    assert view.making
    works(people)
    view = backup_page.view(owner)
    assert [row.state for row in view.rows] == ["good"]
    assert (view.good, view.said) == (True, "The last good backup is from today, 12:00 PM.")
    assert overview.looks(owner)[0].said == f"{view.said} It is only on this computer."
    people.clock.forward(days=1, hours=1)
    assert backup_page.view(owner).said == "The last good backup is from yesterday, 12:00 PM."
    people.clock.forward(days=7)
    view = backup_page.view(owner)
    assert not view.good
    assert "8 days ago, on 23 November. Until there is one from the last 7 days, no paper" in view.said


def test_what_is_asked_for_a_disk_that_was_taken_out_says_so(
    people: People, owner: Actor, disk: Path
) -> None:
    backup_page.ask(owner)
    (disk / MARKER).unlink()
    works(people)
    problems = {row.place: row.problem for row in rows(people)}
    assert problems == {"": None, str(disk): backing_up.NOT_THERE}


def test_a_try_that_fails_is_told_and_waits_an_hour_for_the_next(people: People, tmp_path: Path) -> None:
    gone = Place(str(tmp_path / "gone"), tmp_path / "gone")
    with pytest.raises(OSError, match="gone"):
        backing_up.make(people.system, gone)
    (row,) = rows(people)
    assert (row.problem, row.percent) == (backing_up.NOT_WRITTEN, None)
    assert None not in (row.deleted_at, row.keys_destroyed_at), "there is no key file to tell of"
    with access.transaction(people.system) as desk:
        assert backing_up.tried_in_vain(desk, gone)
    people.clock.forward(hours=1)
    with access.transaction(people.system) as desk:
        assert not backing_up.tried_in_vain(desk, gone)


def test_a_second_one_of_the_same_name_that_is_refused_changes_nothing_about_the_first(
    people: People, tmp_path: Path
) -> None:
    people.visit("Rose Nyberg")
    file = tmp_path / "stick" / "mine"
    file.parent.mkdir()
    first = by_hand(people, file)
    people.clock.forward(hours=1)
    with (
        lockfile.hold(people.practice.settings.instance, lockfile.BACKING_UP),
        pytest.raises(InUse),
    ):
        by_hand(people, file)
    (row,) = rows(people)
    assert (row.id, row.deleted_at, row.keys_destroyed_at) == (first.id, None, None)
    assert out_there(people, erases(people, "nyb")) == [], "its key file was renewed"
    assert restore(file, tmp_path / "back", PASSPHRASE, NOON).still_erased == 1
    assert (file.parent / erased.FILE).exists()


@pytest.mark.parametrize("how", ["the disk is full", "it does not hold", "it is killed"])
def test_a_second_one_of_the_same_name_that_fails_leaves_the_first_with_its_keys(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    people.visit("Rose Nyberg")
    file = tmp_path / "stick" / "mine"
    file.parent.mkdir()
    first = by_hand(people, file)
    people.clock.forward(hours=1)
    with monkeypatch.context() as failing:
        fails_as(how, failing)
        try:
            by_hand(people, file)
        except (OSError, KeyboardInterrupt):
            assert how != "it does not hold"
    works(people)
    good, second = (row for row in rows(people) if row.place)
    assert (good.id, good.deleted_at, good.keys_destroyed_at) == (first.id, None, None)
    assert second.problem
    assert None not in (second.deleted_at, second.keys_destroyed_at), "nothing of it is left"
    people.clock.forward(hours=1)
    opening.change_passphrase(people.system, "an altogether new one")
    restore(file, tmp_path / "back", "an altogether new one", NOON)


def fails_as(how: str, failing: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def broken(*_: object) -> None:
        raise CannotRestore("It is damaged.")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    match how:
        case "the disk is full":
            failing.setattr(backup_file, "write", full)
        case "it does not hold":
            failing.setattr(restoring, "sound", broken)
        case _:
            failing.setattr(backing_up, "_failed", killed)
            failing.setattr(backup_file, "write", killed)


def test_a_second_one_of_the_same_name_takes_the_first_one_s_place(people: People, tmp_path: Path) -> None:
    by_hand(people, tmp_path / "mine")
    people.clock.forward(hours=1)
    second = by_hand(people, tmp_path / "mine")
    before, after = rows(people)
    assert None not in (before.deleted_at, before.keys_destroyed_at)
    assert (after.id, after.deleted_at, after.keys_destroyed_at) == (second.id, None, None)


@pytest.mark.parametrize("who", ["an erasure", "the worker"])
def test_what_a_trial_that_was_killed_left_is_destroyed(
    people: People, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    people.visit("Rose Nyberg")
    left = scratch_of(people.practice.settings.instance)
    with monkeypatch.context() as killing:
        killing.setattr(restoring, "sound", killed_in_the_trial)
        killing.setattr("kiosk.vault.backup.clear_scratch", lambda _: None)
        with pytest.raises(KeyboardInterrupt):
            by_hand(people, here(people) / "mine")
    assert (left / "restored" / "practice.db").exists()
    if who == "an erasure":
        erases(people, "nyb")
    else:
        works(people)
    assert not left.exists()
    if who == "the worker":
        left.mkdir()
        assert works(people) == 0
        assert not left.exists(), "also where no row tells of it"


def killed_in_the_trial(*_: object) -> None:
    raise KeyboardInterrupt


def test_two_are_not_made_at_once(people: People) -> None:
    with lockfile.hold(people.practice.settings.instance, lockfile.BACKING_UP):
        assert works(people) == 0
        assert rows(people) == []
    assert works(people) == 1


def test_one_that_was_cut_off_is_told_as_such(people: People) -> None:
    works(people)
    with access.transaction(people.system) as desk:
        left = tables.Backup(id="left", made_at=desk.now, keys_made_at=desk.now, place="", file_name="left")
        left.by_hand, left.percent = False, 40
        desk.session.add(left)
    with lockfile.hold(people.practice.settings.instance, lockfile.BACKING_UP):
        works(people)
        assert next(row for row in rows(people) if row.id == "left").problem is None
    works(people)
    row = next(row for row in rows(people) if row.id == "left")
    assert (row.problem, row.percent) == (backing_up.CUT_OFF, None)
    assert row.keys_destroyed_at


def test_key_files_live_five_weeks_and_backups_open_with_a_newer_one(people: People, tmp_path: Path) -> None:
    people.visit("Rose Nyberg")
    works(people)
    (first,) = here(people).glob("*.kiosk-backup")
    people.clock.forward(days=35)
    works(people)
    assert beside(first).exists()
    people.clock.forward(days=1)
    works(people)
    assert not beside(first).exists()
    assert [row.keys_destroyed_at is not None for row in rows(people)] == [True, False, False]
    restore(first, tmp_path / "back", PASSPHRASE, NOON)
    with reopened(tmp_path / "back") as back, back.transaction() as store:
        assert [found.name for found in back.names.find(store, "nyb")] == ["Rose Nyberg"]


def test_after_an_erasure_no_key_file_within_reach_holds_the_key(people: People, tmp_path: Path) -> None:
    people.visit("Rose Nyberg")
    works(people)
    by_hand(people, tmp_path / "mine.kiosk-backup")
    (first,) = here(people).glob("*.kiosk-backup")
    kept = beside(first).read_bytes()
    people.clock.forward(hours=1)
    assert out_there(people, erases(people, "nyb")) == []
    assert beside(first).read_bytes() != kept
    for file, name in ((first, "first"), (tmp_path / "mine.kiosk-backup", "mine")):
        assert restore(file, tmp_path / name, PASSPHRASE, NOON).still_erased == 1
        assert erased.FILE in {path.name for path in file.parent.iterdir()}
        assert not list(file.parent.glob("*.before.keys"))
    assert people.practice.vault.verify_audit().ok


def test_a_disk_that_is_away_is_told_of_until_it_was_here_again(people: People, disk: Path) -> None:
    people.visit("Rose Nyberg")
    works(people)
    away = disk.rename(disk.with_name("away"))
    people.clock.forward(hours=2)
    at = erases(people, "nyb")
    assert out_there(people, at) == [("the backup disk", None)]
    away.rename(disk)
    assert out_there(people, at) == [("the backup disk", NOON + timedelta(days=35))]
    works(people)
    assert out_there(people, at) == []
    assert len(list(disk.glob("*.keys"))) <= 2


def test_a_key_file_that_was_written_in_the_minute_of_an_erasure_is_renewed_once_more(people: People) -> None:
    """The moment of a transaction is taken before its turn: the key file may be from before the erasure."""
    people.visit("Rose Nyberg")
    works(people)
    people.clock.forward(hours=1)
    erases(people, "nyb")
    renewed = [row.keys_made_at for row in rows(people)]
    assert works(people) == 0
    people.clock.forward(minutes=2)
    assert works(people) == 1
    assert [row.keys_made_at for row in rows(people)] > renewed
    assert works(people) == 0


def test_a_file_made_by_hand_and_carried_away_is_told_of_until_the_owner_destroyed_it(
    people: People, owner: Actor, tmp_path: Path
) -> None:
    people.visit("Rose Nyberg")
    stick = tmp_path / "stick"
    stick.mkdir()
    made = by_hand(people, stick / "mine")
    stick.rename(tmp_path / "pocket")
    people.clock.forward(days=200)
    works(people)
    at = erases(people, "nyb")
    assert out_there(people, at) == [("a file made by hand on 23 November", None)]
    with pytest.raises(NotFound):
        backup_page.say_keys_destroyed(owner, rows(people)[-1].id)
    backup_page.say_keys_destroyed(owner, made.id)
    assert out_there(people, at) == []


def test_a_passphrase_that_was_changed_opens_no_key_file_within_reach(people: People, tmp_path: Path) -> None:
    works(people)
    (file,) = here(people).glob("*.kiosk-backup")
    people.clock.forward(hours=1)
    opening.change_passphrase(people.system, "an altogether new one")
    restore(file, tmp_path / "back", "an altogether new one", NOON)
    assert PASSPHRASE != "an altogether new one"
    from kiosk.errors import WrongPassphrase

    with pytest.raises(WrongPassphrase):
        restore(file, tmp_path / "other", PASSPHRASE, NOON)


def test_a_practice_that_came_back_from_an_older_backup_spares_the_keys_of_the_newer_one(
    people: People, disk: Path, tmp_path: Path
) -> None:
    people.visit("Rose Nyberg")
    works(people)
    (first,) = disk.glob("*.kiosk-backup")
    people.clock.forward(hours=25)
    people.visit("Ann Other", "13:30")
    works(people)
    (second,) = set(disk.glob("*.kiosk-backup")) - {first}
    restore(first, tmp_path / "back", PASSPHRASE, people.clock.now)
    for back in reopened_people(tmp_path / "back", people.clock.now + timedelta(hours=1)):
        works(back)
        backup_page.ask(back._staff("ruth"))
        works(back)
        assert second.name in {row.file_name for row in rows(back)}, "told of with the first backup there"
        opening.change_passphrase(back.system, "an altogether new one")
        row = next(row for row in rows(back) if row.file_name == second.name)
        assert (row.problem, row.keys_destroyed_at) == (key_care.SPARED, None)
        restored = next(row for row in rows(back) if row.file_name == first.name)
        assert (restored.problem, restored.percent, restored.verified_at is None) == (None, None, False)
        back.clock.forward(days=40)
        works(back)
        page = backup_page.view(back._staff("ruth"))
        (told,) = [row for row in page.keys if str(beside(second)) in row.where]
        assert told.until is None
        assert told.tick_off == row.id
        beside(second).unlink()
        back.clock.forward(hours=1)
        at = erases(back, "nyb")
        assert out_there(back, at) == [(STAYED_BEHIND, None)], "nobody saw those destroyed"
        assert next(one for one in rows(back) if one.id == row.id).problem is None
    restore(max(disk.glob("*.kiosk-backup")), tmp_path / "last", "an altogether new one", NOON)


def test_a_restored_practice_counts_no_backup_of_the_computer_before(people: People, tmp_path: Path) -> None:
    works(people)
    people.clock.forward(hours=1)
    by_hand(people, tmp_path / "mine")
    restore(tmp_path / "mine", tmp_path / "back", PASSPHRASE, people.clock.now)
    for back in reopened_people(tmp_path / "back", people.clock.now + timedelta(hours=1)):
        view = backup_page.view(back._staff("ruth"))
        before = next(row for row in view.rows if row.where == STAYED_BEHIND)
        assert (before.state, "stayed there" in before.said) == ("gone", True)
        told = next(row for row in view.keys if row.where == "The computer before")
        assert (told.until, told.tick_off) == (None, before.id), "the owner destroys it, and says so"
        assert works(back) == 1, "one is due at once"
        assert len(list(here(back).glob("*.kiosk-backup"))) == 1
        assert STAYED_BEHIND in {where for where, _ in out_there(back, back.clock.now)}


def test_the_newer_backup_is_restored_with_the_keys_that_were_spared(
    people: People, disk: Path, tmp_path: Path
) -> None:
    works(people)
    (first,) = disk.glob("*.kiosk-backup")
    people.clock.forward(hours=25)
    people.visit("Ann Other", "13:30")
    works(people)
    (second,) = set(disk.glob("*.kiosk-backup")) - {first}
    restore(first, tmp_path / "back", PASSPHRASE, people.clock.now)
    for back in reopened_people(tmp_path / "back", people.clock.now + timedelta(hours=1)):
        works(back)
        opening.change_passphrase(back.system, "an altogether new one")
    restore(second, tmp_path / "again", PASSPHRASE, NOON)
    with reopened(tmp_path / "again") as again, again.transaction() as store:
        assert [found.name for found in again.names.find(store, "other")] == ["Ann Other"]


def test_a_list_of_the_erased_that_somebody_changed_is_mended_and_noted(people: People, disk: Path) -> None:
    people.visit("Rose Nyberg")
    works(people)
    people.clock.forward(hours=2)
    erases(people, "nyb")
    right = (disk / erased.FILE).read_bytes()
    (disk / erased.FILE).write_bytes(right.replace(b"2026", b"2025"))
    people.clock.forward(days=1)
    works(people)
    assert (disk / erased.FILE).read_bytes() == right
    with access.transaction(people.system) as desk:
        found = select(tables.AuditEntry).where(tables.AuditEntry.did == Did.FOUND_DAMAGE)
        assert [entry.kind for entry in desk.session.scalars(found)] == ["erased_list"]


def test_a_backup_of_the_first_kind_goes_as_a_key_file_does(people: People) -> None:
    here(people).mkdir()
    old = here(people) / "old.kiosk-backup"
    old.write_bytes(backup_file.SELF_CONTAINED + b"with its keys")
    with access.transaction(people.system) as desk:
        row = tables.Backup(id="old", made_at=desk.now, keys_made_at=desk.now, place="", verified_at=desk.now)
        row.file_name, row.by_hand = old.name, False
        desk.session.add(row)
    people.clock.forward(days=34)
    works(people)
    assert old.exists()
    people.clock.forward(days=2)
    works(people)
    assert not old.exists()
    assert rows(people)[0].keys_destroyed_at


def test_all_of_a_week_then_one_a_week_then_one_a_month_are_kept() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    daily = [now - timedelta(days=days) for days in range(1_000)]
    kept = sorted(generations.kept(daily, now), reverse=True)
    ages = [(now - at).days for at in kept]
    assert ages[:8] == list(range(8))
    weekly = [age for age in ages if 7 < age <= 56]
    assert all(later - sooner == 7 for sooner, later in itertools.pairwise(weekly))
    monthly = [at for at in kept if (now - at).days > 56]
    assert len({(at.year, at.month) for at in monthly}) == len(monthly) in (22, 23)
    assert max(ages) <= 731
    assert generations.kept([now - timedelta(days=4_000)], now), "the last one is never deleted"


def test_thinning_out_is_the_same_when_it_is_done_each_day_as_at_once() -> None:
    begin, there = datetime(2025, 1, 1, 12, tzinfo=UTC), set()
    for day in range(500):
        now = begin + timedelta(days=day)
        there = generations.kept({*there, now}, now)
    weeks = [(now - at).days for at in there if 7 < (now - at).days <= 56]
    months = {(at.year, at.month) for at in there if (now - at).days > 56}
    assert len(weeks) in (7, 8)
    assert len(months) == 15


def test_old_backups_are_thinned_out_and_what_was_made_by_hand_stays(people: People) -> None:
    here(people).mkdir()
    by_hand(people, here(people) / "mine.kiosk-backup")
    with access.transaction(people.system) as desk:
        for day in range(1, 60):
            name = f"{day}.kiosk-backup"
            (here(people) / name).write_bytes(b"x")
            made = desk.now - timedelta(days=day)
            row = tables.Backup(id=name, made_at=made, keys_made_at=made, place="", verified_at=made)
            row.file_name, row.by_hand, row.keys_destroyed_at = name, False, made
            desk.session.add(row)
    people.clock.forward(days=400)
    works(people)
    left = {path.name for path in here(people).glob("*.kiosk-backup")}
    assert "mine.kiosk-backup" in left
    assert len(left) == 5, "three months, the one by hand, the new one"
    deleted = [row.id for row in rows(people) if row.deleted_at]
    assert len(deleted) == 56


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("backups", "whole path"),
        ("{tmp}/nowhere", "is not there"),
        ("{tmp}/practice/inbox", "practice's own"),
        ("{tmp}/OneDrive/backups", "which OneDrive copies to other machines"),
        ("{tmp}/OneDrive/backups", f"like {backup_places.example()}."),
    ],
)
def test_a_folder_that_is_no_place_for_backups_is_refused(
    people: People, owner: Actor, tmp_path: Path, typed: str, said: str
) -> None:
    (tmp_path / "OneDrive" / "backups").mkdir(parents=True)
    with pytest.raises(Invalid) as refused:
        backup_page.choose_disk(owner, typed.format(tmp=tmp_path))
    assert said in refused.value.problems["folder"]
    assert backup_page.view(owner).disk is None


def test_a_disk_that_is_taken_back_gets_no_more_and_is_still_told_of(
    people: People, owner: Actor, disk: Path
) -> None:
    works(people)
    backup_page.forget_disk(owner)
    people.clock.forward(hours=25)
    assert works(people) == 1
    assert len(list(disk.glob("*.kiosk-backup"))) == 1
    assert ("an earlier backup disk", None) in out_there(people, people.clock.now)


def test_nobody_but_the_owner_says_where_backups_go(people: People, tmp_path: Path) -> None:
    for by in (people.desk, people.therapist, people.tablet):
        for act in (backup_page.view, backup_page.ask, backup_page.forget_disk):
            with pytest.raises(NotAllowed):
                act(by)
        with pytest.raises(NotAllowed):
            backup_page.choose_disk(by, str(tmp_path))


def test_how_far_it_is_is_told_once_a_second(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int | None]] = []
    monkeypatch.setattr(backing_up, "TELL_SECONDS", 0.0)

    def tell(step: str, done: int, of: int) -> None:
        seen.append((step, rows(people)[0].percent))

    with access.transaction(people.system) as desk:
        place = backup_places.here(desk.practice.settings)
    backing_up.make(people.system, place, tell=tell)
    percents = [percent for _, percent in seen if percent is not None]
    assert {step for step, _ in seen} == {"Copying", "Writing", "Reading"}
    assert percents == sorted(percents)
    assert percents[-1] >= 55
