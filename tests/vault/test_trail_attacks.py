"""Whoever holds the database and not the key: every edit of the trail is found, and a cut or an older copy
of it by a head that was printed."""

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from kiosk import access
from kiosk.actions import closing
from kiosk.actions.sealing import certificate_pem
from kiosk.errors import KioskError
from kiosk.vault import Store, Vault, day_heads
from kiosk.vault.day_heads import HeadsReport
from kiosk.vault.did import Did
from kiosk.vault.engine import DATABASE_FILE
from kiosk.vault.tables import AuditEntry, DayHead
from tests.practices import NOON, PASSPHRASE, People

QUICK, LONG = 10, 500
PAGE_BYTES = 4096
FIELDS = ("at", "actor", "role", "device", "did", "kind", "object", "outcome", "reason", "previous", "mac")


@pytest.fixture
def trail(people: People) -> People:
    """Five closed days, and some entries of the sixth; their sheets are not laid out."""
    for _ in range(5):
        write(people, 6)
        with access.transaction(people.desk) as desk:
            last = desk.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
            closing._seal_head(desk, desk.local_now.date(), last)
        people.clock.forward(days=1)
    write(people, 6)
    return people


def write(people: People, number: int) -> None:
    with access.transaction(people.desk) as desk:
        for at in range(number):
            desk.audit(Did.OPENED_CARD, "visit", f"v{at}")


class RolledBack(Exception):
    """What was tried is undone."""


def found(
    people: People, attack: Callable[[Session], None], noted: tuple[str, int | None] = ("", None)
) -> bool:
    """Whether the walk finds what an attack did to the tables; the attack is undone."""
    holds = True
    try:
        with people.practice.vault.transaction() as store:
            attack(store.session)
            store.session.flush()
            store.session.expire_all()
            holds = store.verify_audit(*noted).ok and heads(people, store).ok
            raise RolledBack
    except RolledBack:
        return not holds


def heads(people: People, store: Store) -> HeadsReport:
    return day_heads.verify(store.session, certificate_pem(access.Desk(store, people.system)))


def some_seq(session: Session, chance: random.Random) -> int:
    return chance.randint(1, session.scalar(select(func.max(AuditEntry.seq))) or 1)


def edits(chance: random.Random) -> Callable[[Session], None]:
    def attack(session: Session) -> None:
        entry, field = session.get_one(AuditEntry, some_seq(session, chance)), chance.choice(FIELDS)
        value = getattr(entry, field)
        changed = (
            entry.at + timedelta(microseconds=1)
            if field == "at"
            else f"{value[:-1]}{chr(ord((value or 'a')[-1]) ^ 1)}"
        )
        session.execute(update(AuditEntry).where(AuditEntry.seq == entry.seq).values({field: changed}))

    return attack


def deletes(chance: random.Random) -> Callable[[Session], None]:
    def attack(session: Session) -> None:
        last = session.scalar(select(func.max(AuditEntry.seq))) or 1
        session.execute(delete(AuditEntry).where(AuditEntry.seq == chance.randint(1, last - 1)))

    return attack


def reorders(chance: random.Random) -> Callable[[Session], None]:
    def attack(session: Session) -> None:
        one = some_seq(session, chance)
        other = next(seq for seq in iter(lambda: some_seq(session, chance), 0) if seq != one)
        for seq, to in ((one, -1), (other, one), (-1, other)):
            session.execute(update(AuditEntry).where(AuditEntry.seq == seq).values(seq=to))

    return attack


def inserts(chance: random.Random) -> Callable[[Session], None]:
    """A copy of an entry, put at the end, or in between with all later ones moved up."""

    def attack(session: Session) -> None:
        last, at = session.scalar(select(func.max(AuditEntry.seq))) or 1, some_seq(session, chance)
        copied = session.get_one(AuditEntry, at)
        values = {field: getattr(copied, field) for field in FIELDS}
        for seq in range(last, at, -1):
            session.execute(update(AuditEntry).where(AuditEntry.seq == seq).values(seq=seq + 1))
        session.add(AuditEntry(seq=at + 1, **{**values, "previous": copied.mac}))

    return attack


def rewrites_a_head(chance: random.Random) -> Callable[[Session], None]:
    """A day's head is left out, changed, or said to be another entry's."""

    def attack(session: Session) -> None:
        days = session.scalars(select(DayHead).order_by(DayHead.day)).all()
        row = chance.choice(days[:-1])
        what = chance.choice(("left out", "another", "seal", "day"))
        if what == "left out":
            session.delete(row)
        elif what == "another":
            row.seq -= 1
            row.head = session.get_one(AuditEntry, row.seq).mac
        elif what == "seal":
            row.seal = days[-1].seal
        else:
            row.day = row.day - timedelta(days=30)

    return attack


ATTACKS = (edits, deletes, reorders, inserts, rewrites_a_head)


def never_missed(people: People, times: int) -> None:
    chance = random.Random(1913)
    for attack in ATTACKS:
        for number in range(times):
            assert found(people, attack(chance)), f"{attack.__name__}, try {number}"


def test_edits_deletions_reorderings_and_insertions_are_all_found(trail: People) -> None:
    assert not found(trail, lambda session: None), "what nobody touched holds"
    never_missed(trail, QUICK)


@pytest.mark.long
def test_five_hundred_of_each_are_all_found(trail: People) -> None:
    never_missed(trail, LONG)


def cut_at(seq: int) -> Callable[[Session], None]:
    """The tail of the trail and every later head are gone: as after a cut, or from an older copy."""

    def attack(session: Session) -> None:
        session.execute(delete(AuditEntry).where(AuditEntry.seq > seq))
        session.execute(delete(DayHead).where(DayHead.seq > seq))

    return attack


def cut_off_ends_are_found_by_what_was_printed(people: People, times: int) -> None:
    chance = random.Random(164312)
    with people.practice.vault.transaction() as store:
        printed = [
            (row.head[:16], row.seq) for row in store.session.scalars(select(DayHead).order_by(DayHead.day))
        ]
    for _ in range(times):
        noted = chance.choice(printed)
        cut = cut_at(chance.randint(1, noted[1] - 1))
        assert found(people, cut, noted), "what the sheet says is not there any more"
        assert not found(people, cut), (
            "without a sheet an older copy is a whole one, and the documents say so"
        )
        before = [one for one in printed if one[1] < noted[1]]
        if before:
            assert not found(people, cut_at(noted[1]), before[-1]), "a sheet from before tells nothing of it"


def test_a_cut_off_end_is_found_by_a_closing_sheet(trail: People) -> None:
    cut_off_ends_are_found_by_what_was_printed(trail, QUICK)


@pytest.mark.long
def test_five_hundred_cut_off_ends_are_found_by_a_closing_sheet(trail: People) -> None:
    cut_off_ends_are_found_by_what_was_printed(trail, LONG)


def test_a_head_that_stands_while_its_entries_are_gone_is_named_by_its_day(trail: People) -> None:
    with trail.practice.vault.transaction() as store:
        row = store.session.scalars(select(DayHead).order_by(DayHead.day.desc()).limit(1)).one()
        store.session.execute(delete(AuditEntry).where(AuditEntry.seq >= row.seq))
        report = heads(trail, store)
    assert (report.ok, report.broken_on, report.days) == (False, row.day, 4)
    assert report.reason == f"entry {row.seq} of the trail is not the one that was sealed"


def test_an_older_database_that_was_put_back_is_found_by_a_closing_sheet(people: People) -> None:
    vault = people.practice.vault
    file = people.practice.settings.instance / "practice.db"
    vault.engine.dispose()
    older = file.with_suffix(".older")
    shutil.copy(file, older)
    write(people, 3)
    with access.transaction(people.desk) as desk:
        last = desk.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
        closing._seal_head(desk, NOON.date(), last)
    printed = (last.mac[:16], last.seq)
    assert vault.verify_audit(*printed).ok
    vault.close()
    for beside in file.parent.glob("practice.db-*"):
        beside.unlink()
    shutil.copy(older, file)
    back = Vault(people.practice.settings, people.clock, vault.key_costs)
    back.unlock(PASSPHRASE)
    assert back.verify_audit().ok, "it is whole, and old"
    report = back.verify_audit(*printed)
    back.close()
    assert (report.ok, report.reason) == (False, "the noted head is not in it any more")


Generation = tuple[bytes, tuple[str, int]]  # the whole database, and its head as a sheet prints it


def generations(people: People, number: int) -> list[Generation]:
    """The database of one day after the other, each with some more entries."""
    file, made = people.practice.settings.instance / DATABASE_FILE, []
    for day in range(number):
        write(people, 1 + day % 4)
        report = people.practice.vault.verify_audit()
        people.practice.vault.scrub()
        made.append((file.read_bytes(), (report.head[:16], report.entries)))
    return made


@contextmanager
def put_in_its_place(people: People, held: bytes) -> Iterator[Vault]:
    """This database instead of the practice's own, opened as a new process would."""
    file = people.practice.settings.instance / DATABASE_FILE
    for beside in file.parent.glob(f"{DATABASE_FILE}-*"):
        beside.unlink()
    file.write_bytes(held)
    vault = Vault(people.practice.settings, people.clock, people.practice.vault.key_costs)
    try:
        vault.unlock(PASSPHRASE)
        yield vault
    finally:
        vault.close()


def whole_databases_are_missed_by_what_was_printed(people: People, times: int) -> None:
    chance, days = random.Random(2611), generations(people, 10)
    people.practice.vault.close()
    for number in range(times):
        older, later = sorted(chance.sample(days, 2), key=lambda day: day[1][1])
        with put_in_its_place(people, older[0]) as back:
            assert back.verify_audit(*older[1]).ok, "it is whole, and old"
            report = back.verify_audit(*later[1])
        assert (report.ok, report.reason) == (False, "the noted head is not in it any more"), f"try {number}"


def cut_databases_never_pass_for_whole(people: People, times: int) -> None:
    """By a page of SQLite's or more; what is cut within the last one is a change of what lies there."""
    chance, ((whole, printed),) = random.Random(81), generations(people, 1)
    people.practice.vault.close()
    with put_in_its_place(people, whole) as back:
        assert back.verify_audit(*printed).ok
    for _ in range(times):
        size = chance.randint(0, len(whole) - PAGE_BYTES)
        with pytest.raises(NOT_WHOLE), put_in_its_place(people, whole[:size]) as back:
            assert back.verify_audit(*printed).ok, "the noted head is not in it any more"


NOT_WHOLE = (DatabaseError, KioskError, AssertionError)


def test_a_whole_database_that_was_rolled_back_is_found(people: People) -> None:
    whole_databases_are_missed_by_what_was_printed(people, QUICK)


def test_a_database_that_was_cut_off_never_passes_for_a_whole_one(people: People) -> None:
    cut_databases_never_pass_for_whole(people, QUICK)


@pytest.mark.long
def test_five_hundred_whole_databases_that_were_rolled_back_are_found(people: People) -> None:
    whole_databases_are_missed_by_what_was_printed(people, LONG)


@pytest.mark.long
def test_five_hundred_cut_off_databases_never_pass_for_a_whole_one(people: People) -> None:
    cut_databases_never_pass_for_whole(people, LONG)
