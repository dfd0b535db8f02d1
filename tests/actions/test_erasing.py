"""Erasing: not before its time, by two owners, whole or not at all; and nothing of who it was stays."""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from kiosk import access
from kiosk.access import Actor, Role
from kiosk.actions import (
    archiving,
    backing_up,
    backup_page,
    backup_places,
    card,
    check_in,
    confirming,
    documents,
    endings,
    erasing,
    erasures,
    keeping,
    key_care,
    paper,
    reading_scans,
    records,
    scan_inbox,
    shredding,
    staffing,
    visit_page,
    visits,
    words,
)
from kiosk.actions.keeping import Happened, kept
from kiosk.actions.passing import forget, under_key_of_its_own
from kiosk.actions.practice import NewStaff
from kiosk.errors import Erased, Invalid, NotAllowed, NotFound
from kiosk.settings import Settings
from kiosk.vault import Vault, erased, key_files, passing, tables
from kiosk.vault import files as files_module
from kiosk.vault.backup import backup, restore
from kiosk.vault.did import Did
from kiosk.vault.states import ScanState, SheetState, VisitState
from tests import pen
from tests.actions.archives import CHEAP, Files, archived, owner_of
from tests.actions.test_rebuilding import FORM, contact
from tests.practices import NOON, PASSPHRASE, People, make_people

YEARS = 7
days = st.dates(date(1990, 1, 1), date(2060, 12, 31))
births = st.none() | st.dates(date(1920, 1, 1), date(2059, 12, 31))


def full_years(since: date, until: date) -> int:
    return until.year - since.year - ((until.month, until.day) < (since.month, since.day))


def may_go_by_model(
    last: date, first: date, born: date | None, years: int, majority: int, today: date
) -> bool:
    """Told apart from the code: so many whole years are over since the last day, and of whoever was a child
    then since the day on which they were of age."""
    grown = (born or first) + timedelta(days=365 * majority)
    while full_years(born or first, grown) < majority:
        grown += timedelta(days=1)
    return full_years(last, today) >= years and (grown <= last or full_years(grown, today) >= years)


@settings(max_examples=150)
@given(
    first=days,
    after=st.integers(0, 12_000),
    born=births | st.sampled_from([date(2008, 2, 29), date(2012, 2, 29)]),
    years=st.integers(1, 15),
    majority=st.integers(14, 21),
    near=st.integers(-3, 3),
)
def test_nobody_is_erased_before_the_last_of_the_years(
    first: date, after: int, born: date | None, years: int, majority: int, near: int
) -> None:
    last = first + timedelta(days=after)
    found = kept(Happened(last, keeping.VISIT), first, born, years, majority)
    today = found.until + timedelta(days=near)
    assert (today >= found.until) is may_go_by_model(last, first, born, years, majority, today)


@pytest.mark.parametrize(
    ("last", "born", "until", "what"),
    [
        (date(2026, 11, 23), date(1956, 4, 27), date(2033, 11, 23), keeping.VISIT),
        (date(2024, 2, 29), date(1956, 4, 27), date(2031, 3, 1), keeping.VISIT),
        (date(2026, 11, 23), date(2016, 5, 3), date(2041, 5, 3), keeping.OF_AGE),
        (date(2026, 11, 23), date(2012, 2, 29), date(2037, 3, 1), keeping.OF_AGE),
        (date(2026, 11, 23), date(2008, 11, 23), date(2033, 11, 23), keeping.VISIT),
        (date(2026, 11, 23), None, date(2051, 11, 23), keeping.NO_BIRTH_DATE),
    ],
)
def test_the_years_run_from_the_last_visit_and_of_a_minor_from_coming_of_age(
    last: date, born: date | None, until: date, what: str
) -> None:
    found = kept(Happened(last, keeping.VISIT), last, born, YEARS, 18)
    assert (found.until, found.counted_from.what) == (until, what)


@pytest.fixture
def files(people: People) -> Files:
    return Files(people)


@pytest.fixture
def owner(people: People) -> Actor:
    return owner_of(people)


def second_owner(people: People) -> Actor:
    staffing.add(people.system, NewStaff("olga", "Olga Hale", (Role.OWNER,), PASSPHRASE))
    return people._staff("olga")


def rose_of_long_ago(files: Files, years: float = 8) -> str:
    """A client with a record, a visit and an arrival, whom nothing keeps any more."""
    people = files.people
    visit = people.visit("Rose Nyberg")
    check_in.by_name(people.tablet, {"name": "Rose Nyberg", "month": "4", "day": "27", "year": "1956"})
    with access.transaction(people.system) as desk:
        row = desk.session.get_one(tables.Visit, visit)
        row.state, client = VisitState.LEFT, row.client_id
    files.signs(client, FORM, contact("Kirsten Nyberg"), NOON)
    people.clock.forward(days=round(years * 365.25))
    return client


def gone(by: Actor, other: Actor, client: str) -> str:
    erasing.ask(by, client)
    return erasing.agree(other, client)


def said(people: People, did: Did) -> int:
    with access.transaction(people.system) as desk:
        return len(desk.session.scalars(select(tables.AuditEntry).where(tables.AuditEntry.did == did)).all())


def test_two_owners_erase_somebody_and_nothing_of_who_it_was_is_anywhere(files: Files, owner: Actor) -> None:
    people, other = files.people, second_owner(files.people)
    client = rose_of_long_ago(files)
    with access.transaction(people.system) as desk:
        visit = desk.session.query(tables.Visit).one()
        record = desk.session.query(tables.Record).one()
        kept_bytes = [
            sealed[20:60]
            for sealed in (
                desk.session.get_one(tables.ClientKey, client).wrapped,
                desk.session.get_one(tables.Client, client).profile_sealed,
                record.body_sealed,
                desk.session.get_one(tables.Document, record.document_id).body_sealed,
                desk.session.query(tables.Arrival).one().said_sealed,
            )
        ]
        key = desk.session.get_one(tables.ClientKey, client).id
    on_disk = people.practice.settings.instance
    assert all(part in everything(on_disk) for part in kept_bytes), "it was there before"
    gone(owner, other, client)
    assert not any(part in everything(on_disk) for part in kept_bytes)
    assert {client, key} <= listed(people)
    assert people.practice.vault.verify_audit().ok
    for did in (Did.ASKED_FOR_ERASURE, Did.AGREED_TO_ERASURE, Did.ERASED):
        assert said(people, did) == 1
    with pytest.raises(Erased):
        visit_page.visit_view(people.desk, visit.id)
    with pytest.raises(Erased):
        card.card(people.therapist, visit.id)
    with pytest.raises(Erased):
        records.pdf(people.desk, record.id)
    with pytest.raises(Erased):
        endings.withdraw(people.desk, record.id)
    with pytest.raises(Erased):
        erasing.state(owner, client)
    with pytest.raises(Erased):
        people.visit(client_id=client)
    assert visits.find_clients(people.desk, "nyb") == ()
    assert erasures.found(owner, "nyb") == ()
    view = erasures.overview(owner)
    assert [row.on for row in view.done] == [view.done[0].on]


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("practice.db*") if path.is_file())


def test_the_day_that_they_were_here_says_that_somebody_was(files: Files, owner: Actor) -> None:
    people = files.people
    client = rose_of_long_ago(files)
    gone(owner, second_owner(people), client)
    people.clock.now = NOON
    day = visits.today(people.desk, names=True)
    assert [row.who for row in day.visits] == ["Erased"]
    assert [row.who for row in visits.today(people.desk).visits] == ["Erased"]
    assert day.arrivals == ()
    assert [row.who for row in card.day(people.therapist).rows] == ["Erased"]


def test_paper_that_is_not_at_its_end_stops_it(files: Files, owner: Actor) -> None:
    client = rose_of_long_ago(files)
    with access.transaction(files.people.system) as desk:
        desk.session.add(sheet(client, SheetState.PRINTED))
    for state in SheetState:
        with access.transaction(files.people.system) as desk:
            desk.session.execute(update(tables.Sheet).values(state=state))  # past the edges that there are
        found = erasing.state(owner, client).obstacles
        assert found == ((erasing.PAPER[state],) if state in erasing.PAPER else ()), state


def sheet(client: str, state: SheetState, name: str = "sheet") -> tables.Sheet:
    return tables.Sheet(
        id=name, serial=name.upper(), client_id=client, form=FORM, version=1, lang="en", pages=1,
        field_map="{}", state=state, printed_at=NOON,
    )  # fmt: skip


def test_lists_of_paper_leave_out_who_was_erased(files: Files, owner: Actor) -> None:
    """As after an older backup came back, to which the list of the erased was applied."""
    people = files.people
    client = rose_of_long_ago(files)
    gone(owner, second_owner(people), client)
    with access.transaction(people.system) as desk:
        for state in SheetState:
            desk.session.add(sheet(client, state, f"sheet-{state}"))
    assert confirming.waiting(people.desk) == confirming.Waiting((), 0)
    assert scan_inbox.view(people.desk).incomplete == ()
    piles = shredding.piles(people.desk)
    assert (piles.cleared, piles.waiting) == ((), ())
    counts = visits.counts(people.desk)
    assert (counts.confirm, counts.shred) == (0, 0)
    with pytest.raises(Erased):
        confirming.view(people.desk, f"sheet-{SheetState.AWAITING}")
    with pytest.raises(NotFound):
        paper.print_sheets(people.desk, "nothing", [FORM])


def test_a_scan_with_somebody_else_s_page_waits_for_their_paper(files: Files, owner: Actor) -> None:
    people = files.people
    client, other = rose_of_long_ago(files), files.client("Theo Okafor")
    with access.transaction(people.system) as desk:
        owner_key = under_key_of_its_own(desk, "scan")
        document = documents.keep(desk, owner_key, "scan", "application/pdf", b"of Rose and Theo")
        desk.session.add_all(
            [sheet(client, SheetState.SHREDDED, "hers"), sheet(other, SheetState.CLEARED, "his")]
        )
        desk.session.add(tables.Scan(id="scan", document_id=document, source="browser", state=ScanState.READ,
                                     received_at=NOON, tries=1))  # fmt: skip
        desk.session.flush()
        for number, name in enumerate(("hers", "his"), 1):
            desk.session.add(tables.ScanPage(id=name, scan_id="scan", number=number, state="on_sheet",
                                             sheet_id=name, sheet_page=1))  # fmt: skip
    assert erasing.state(owner, client).obstacles == (erasing.SHARED,)
    with access.transaction(people.system) as desk:
        desk.session.execute(update(tables.Sheet).values(state=SheetState.SHREDDED))
    gone(owner, second_owner(people), client)
    with access.transaction(people.system) as desk:
        assert desk.session.get_one(tables.Document, document).body_sealed == b""


def test_a_visit_to_come_and_a_scan_to_be_read_stop_it(files: Files, owner: Actor) -> None:
    people = files.people
    client = rose_of_long_ago(files)
    today = people.clock.now.date().isoformat()
    visit = people.visit(client_id=client, date=today, time="23:00")
    (obstacle,) = erasing.state(owner, client).obstacles
    assert "There is a visit on" in obstacle
    with access.transaction(people.system) as desk:
        desk.session.get_one(tables.Visit, visit).state = VisitState.NOT_COME
    paper.receive(people.desk, b"a scan")
    assert erasing.state(owner, client).obstacles == (erasing.NOT_READ,)


def test_until_its_time_it_says_why_and_from_when(files: Files, owner: Actor) -> None:
    client = rose_of_long_ago(files, years=6.9)
    (obstacle,) = erasing.state(owner, client).obstacles
    assert obstacle == "Kept until 23 November 2033: the last visit was on 23 November 2026."
    with pytest.raises(Invalid, match="Kept until"):
        erasing.ask(owner, client)
    assert files.people.count(tables.Erasure) == 0


def test_whom_hipaa_binds_keeps_a_consent_six_years_after_its_last_day(files: Files) -> None:
    people = files.people
    client = rose_of_long_ago(files, years=7.5)
    bound = replace(people.practice, settings=replace(people.practice.settings, hipaa_status="unknown"))
    (obstacle,) = erasing.state(replace(owner_of(people), practice=bound), client).obstacles
    assert obstacle == "Kept until 23 November 2034: the last permission runs until 23 November 2028."
    assert erasing.state(owner_of(people), client).may_be_erased


def test_a_hold_stops_it_also_when_it_was_asked_for(files: Files, owner: Actor) -> None:
    people, other = files.people, second_owner(files.people)
    client = rose_of_long_ago(files)
    erasing.ask(owner, client)
    erasing.place_hold(other, client)
    erasing.place_hold(owner, client)
    with pytest.raises(Invalid, match="legal hold"):
        erasing.agree(other, client)
    assert erasures.overview(owner).due == ()
    erasing.lift_hold(other, client)
    erasing.agree(other, client)
    assert (said(people, Did.PLACED_HOLD), said(people, Did.LIFTED_HOLD)) == (1, 1)


def test_whoever_asked_cannot_agree_where_there_is_another_owner(files: Files, owner: Actor) -> None:
    people, other = files.people, second_owner(files.people)
    client = rose_of_long_ago(files)
    erasing.ask(owner, client)
    erasing.ask(other, client)
    assert people.count(tables.Erasure) == 1
    people.clock.forward(days=3)
    with pytest.raises(Invalid, match="Another owner"):
        erasing.agree(owner, client)
    assert erasing.state(owner, client).asked.waits == erasing.NOT_TWICE
    assert erasing.state(other, client).asked.waits is None
    erasing.call_off(owner, client)
    with pytest.raises(NotFound):
        erasing.agree(other, client)
    assert said(people, Did.CALLED_OFF_ERASURE) == 1


def test_an_owner_alone_agrees_a_day_later(files: Files, owner: Actor) -> None:
    client = rose_of_long_ago(files)
    erasing.ask(owner, client)
    files.people.clock.forward(hours=23, minutes=59)
    with pytest.raises(Invalid, match="only owner"):
        erasing.agree(owner, client)
    files.people.clock.forward(minutes=1)
    erasing.agree(owner, client)


def test_nobody_but_an_owner_may_do_any_of_it(files: Files) -> None:
    people = files.people
    client = rose_of_long_ago(files)
    for by in (people.desk, people.therapist, people.tablet, people.system):
        for act in (erasing.state, erasing.ask, erasing.agree, erasing.call_off, erasing.place_hold,
                    erasing.lift_hold):  # fmt: skip
            with pytest.raises(NotAllowed):
                act(by, client)
        with pytest.raises(NotAllowed):
            erasures.overview(by)
    assert people.count(tables.Erasure) == 0


def test_who_may_be_erased_is_listed_and_nobody_else(files: Files, owner: Actor) -> None:
    client = rose_of_long_ago(files)
    files.people.visit("Theo Okafor", date=files.people.clock.now.date().isoformat())
    view = erasures.overview(owner)
    assert [row.id for row in view.due] == [client]
    erasing.ask(owner, client)
    view = erasures.overview(owner)
    assert ([row.id for row in view.asked], view.due) == ([client], ())


def test_an_archive_that_holds_them_is_named_until_it_is_destroyed(
    files: Files, owner: Actor, tmp_path: Path
) -> None:
    people, other = files.people, second_owner(files.people)
    client = rose_of_long_ago(files)
    made = archived(people, tmp_path / "a.kiosk-archive")
    gone(owner, other, client)
    (row,) = erasures.overview(owner).done
    assert [one.id for one in row.archives] == [made.id]
    assert not row.complete
    people.clock.forward(days=3)
    archiving.destroyed(owner, made.id)
    (row,) = erasures.overview(owner).done
    assert (row.archives, row.complete_on) == ((), day_of(people))


@pytest.mark.long
def test_paper_that_comes_back_too_late_is_not_kept(hurried: People) -> None:
    pdf, printed = hurried.prints(hurried.visit())
    with access.transaction(hurried.system) as desk:
        for visit in desk.session.scalars(select(tables.Visit)):
            visit.state = VisitState.LEFT
    hurried.clock.forward(days=8 * 366)
    gone(owner_of(hurried), second_owner(hurried), printed.client_id)
    scan = hurried.scans(pen.as_pdf(hurried.fills_in(pdf, printed)))
    with access.transaction(hurried.system) as desk:
        row = desk.session.get_one(tables.Scan, scan)
        assert row.state == ScanState.READ
        assert desk.session.get_one(tables.Document, row.document_id).body_sealed == b""
        pages = desk.session.scalars(select(tables.ScanPage)).all()
        assert {(page.image_id, page.problem) for page in pages} == {(None, reading_scans.OF_NOBODY)}


def test_who_is_on_the_list_and_not_erased_is_erased_at_the_next_start(files: Files) -> None:
    """A power cut came after the list was written and before the transaction ended."""
    people = files.people
    client, other = files.client("Rose Nyberg"), files.client("Theo Okafor")
    assert not erasing.finish(people.system)
    erased.note(people.practice.vault, [client], people.clock())
    assert erasing.finish(people.system)
    with access.transaction(people.system) as desk:
        assert desk.session.get_one(tables.Client, client).erased_at is not None
        assert desk.session.get_one(tables.ClientKey, client).wrapped == b""
        assert desk.session.get_one(tables.Client, other).erased_at is None
    assert said(people, Did.ERASED) == 1
    assert not erasing.finish(people.system)


def test_a_list_that_cannot_be_written_erases_nobody(
    files: Files, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = rose_of_long_ago(files)
    other = second_owner(files.people)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(files_module.os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            gone(owner, other, client)
    assert said(files.people, Did.ERASED) == 0
    assert erasing.state(owner, client).name == "Rose Nyberg"


CHILD = """
import sys
from datetime import datetime
from pathlib import Path
from kiosk.access import Actor, Practice, Role
from kiosk.actions import erasing
from kiosk.actions.practice import offered_forms
from kiosk.settings import Settings
from kiosk.vault import KeyCosts, Vault
settings, at = Settings.load(Path(sys.argv[1])), datetime.fromisoformat(sys.argv[3])
vault = Vault(settings, lambda: at, KeyCosts(8, 1, 1))
vault.unlock(sys.argv[2])
practice = Practice(settings, vault, offered_forms(settings))
by = Actor(practice, sys.argv[4], "Ruth", frozenset({Role.OWNER}), "test", "staff")
print("open", flush=True)
for client in sys.argv[5:]:
    erasing.agree(by, client)
    print(client, flush=True)
"""


def killed_while_erasing(people: People, rounds: int) -> set[str]:
    """Each round: a child erases clients one by one, and is killed; returns what was found half done."""
    files, owner, found = Files(people), owner_of(people), set()
    clients = [files.client(f"Client {number}") for number in range(6 * rounds)]
    people.clock.forward(days=40 * 366)
    for client in clients:
        erasing.ask(owner, client)
    instance, at = people.practice.settings.instance, people.clock.now.isoformat()
    for number in range(rounds):
        batch = clients[6 * number : 6 * (number + 1)]
        command = [sys.executable, "-c", CHILD, str(instance), PASSPHRASE, at, owner.id, *batch]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        time.sleep(0.007 * (number % 23))
        child.kill()
        acknowledged = set(child.stdout.read().split())
        child.wait()
        child.stdout.close()
        gone_now, noted = tombstones(people), listed(people)
        assert acknowledged <= gone_now, "what was said to be erased is erased"
        assert gone_now <= noted, "a destroyed key is on the list"
        found.add("on the list alone" if (noted & set(clients)) - gone_now else "whole")
        erasing.finish(people.system)
        assert tombstones(people) == listed(people) & set(clients)
        assert people.practice.vault.verify_audit().ok
        assert said(people, Did.ERASED) == len(tombstones(people))
        with people.practice.vault.transaction() as store:
            assert store.session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    return found


def listed(people: People) -> set[str]:
    """The ids on the practice's own list of the erased."""
    with people.practice.vault.transaction() as store:
        return set(erased.read(people.practice.settings.instance / erased.FILE, store))


def tombstones(people: People) -> set[str]:
    """Who is erased: each with no key, no word, and nothing else half gone."""
    with access.transaction(people.system) as desk:
        rows = desk.session.execute(
            select(tables.Client, tables.ClientKey).join(
                tables.ClientKey, tables.ClientKey.owner == tables.Client.id
            )
        ).all()
        for client, key in rows:
            is_gone = client.erased_at is not None
            assert (client.profile_sealed == b"", key.wrapped == b"") == (is_gone, is_gone)
        return {client.id for client, _ in rows if client.erased_at is not None}


@pytest.fixture
def two_eyes(tmp_path: Path) -> Iterator[People]:
    yield from make_people(tmp_path / "practice", more="erasure_four_eyes = false\n")


def test_an_erasure_that_is_killed_is_whole_or_is_finished(two_eyes: People) -> None:
    assert killed_while_erasing(two_eyes, 2)


@pytest.mark.long
def test_twenty_killed_erasures_are_whole_or_are_finished(two_eyes: People) -> None:
    assert killed_while_erasing(two_eyes, 20)


def test_what_was_said_at_the_door_is_kept_for_some_days_and_no_longer(people: People) -> None:
    check_in.by_name(people.tablet, {"name": "Rose Nyberg", "month": "4", "day": "27", "year": "1956"})
    owner = passing.of_day(NOON)
    for days, still in ((7, True), (1, False)):
        people.clock.forward(days=days)
        forget(people.system)
        with access.transaction(people.system) as desk:
            assert bool(desk.session.query(tables.Arrival).one().said_sealed) is still
            assert bool(desk.session.get_one(tables.ClientKey, owner).wrapped) is still


def test_a_scan_that_everybody_let_go_of_is_forgotten(people: People) -> None:
    scan = people.scans(pen.as_png(pen.Image.new("L", (900, 1200), 255)))
    with access.transaction(people.system) as desk:
        page = desk.session.query(tables.ScanPage).one()
    for days, still in ((31, True), (31, False)):
        people.clock.forward(days=days)
        forget(people.system)
        with access.transaction(people.system) as desk:
            assert bool(desk.session.get_one(tables.ClientKey, passing.of_scan(scan)).wrapped) is still
        if still:
            paper.decide(people.desk, page.id, "return")


def test_no_older_backup_shows_them_with_the_keys_of_today(
    files: Files, owner: Actor, tmp_path: Path
) -> None:
    people = files.people
    client = rose_of_long_ago(files)
    people.clock.now = NOON
    before = tmp_path / "before" / "before.kiosk-backup"
    after = tmp_path / "after" / "after.kiosk-backup"
    with access.transaction(people.system) as desk:
        scan = under_key_of_its_own(desk, "scan")
        documents.keep(desk, scan, "scan", "application/pdf", b"a page of Rose's")
    for file, years in ((before, 8), (after, 0)):
        file.parent.mkdir()
        assert backup(people.practice.vault, file).verified
        people.clock.forward(days=years * 366)
        if file == before:
            with access.transaction(people.system) as desk:
                page_of(desk, client, "scan")
            forget(people.system)
            gone(owner, second_owner(people), client)
    report = restore(before, tmp_path / "back", PASSPHRASE, NOON, keys_file=key_files.beside(after))
    assert report.still_erased == 1
    settings = Settings.load(tmp_path / "back")
    back = Vault(settings, people.clock, CHEAP)
    back.unlock(PASSPHRASE)
    with back.transaction() as store:
        row = store.session.get_one(tables.Client, client)
        assert (row.erased_at is not None, row.profile_sealed) == (True, b"")
        assert back.names.find(store, "nyb") == ()
        assert {one.body_sealed for one in store.session.scalars(select(tables.Document))} == {b""}
        assert store.session.query(tables.Arrival).one().said_sealed == b""
        for key in store.session.scalars(select(tables.ClientKey).where(tables.ClientKey.owner != "office")):
            assert key.wrapped == b"", key.owner
    assert back.verify_audit().ok
    back.close()


def page_of(desk: access.Desk, client: str, scan: str) -> None:
    """A page of somebody's sheet, that came in this scan and was shredded."""
    document = desk.session.scalars(
        select(tables.Document.id).where(tables.Document.owner == passing.of_scan(scan))
    ).one()
    desk.session.add(sheet(client, SheetState.SHREDDED, "hers"))
    desk.session.add(tables.Scan(id=scan, document_id=document, source="browser", state=ScanState.READ,
                                 received_at=NOON, tries=1))  # fmt: skip
    desk.session.flush()
    desk.session.add(tables.ScanPage(id="page", scan_id=scan, number=1, state="on_sheet", sheet_id="hers",
                                     sheet_page=1))  # fmt: skip


def day_of(people: People, later: timedelta = timedelta()) -> str:
    return words.day(people.clock.now + later, people.practice.settings.time_zone)


def test_the_owner_reads_where_it_is_not_complete_yet(files: Files, owner: Actor, tmp_path: Path) -> None:
    people, other = files.people, second_owner(files.people)
    client = rose_of_long_ago(files)
    carried = tmp_path / "disk" / "mine.kiosk-backup"
    carried.parent.mkdir()
    with access.transaction(people.system) as desk:
        place = backup_places.by_hand(desk, carried)
    made = backing_up.make(people.system, place, file=carried, purpose=access.Purpose.BACK_UP)
    carried.parent.rename(tmp_path / "taken along")
    people.clock.forward(hours=1)
    gone(owner, other, client)
    (row,) = erasures.overview(owner).done
    assert (row.complete, row.complete_on, row.waits, row.latest) == (False, None, (), None)
    ((backup_id, where),) = row.out_of_reach
    assert (backup_id, "made by hand on" in where) == (made.id, True)
    people.clock.forward(days=2)
    backup_page.say_keys_destroyed(owner, backup_id)
    (row,) = erasures.overview(owner).done
    assert (row.complete, row.complete_on) == (True, day_of(people))


def gone_after_a_backup(files: Files, owner: Actor) -> backup_places.Place:
    """Somebody of long ago is erased an hour after a backup was made here; returns where it lies."""
    people, other = files.people, second_owner(files.people)
    client = rose_of_long_ago(files)
    place = backup_places.here(people.practice.settings)
    backing_up.make(people.system, place)
    people.clock.forward(hours=1)
    gone(owner, other, client)
    return place


def test_within_reach_it_is_complete_at_once(files: Files, owner: Actor) -> None:
    people = files.people
    gone_after_a_backup(files, owner)
    (row,) = erasures.overview(owner).done
    assert (row.complete, row.complete_on) == (True, day_of(people))
    assert said(people, Did.RENEWED_KEY_FILES) == 1


def test_what_happens_to_key_files_later_does_not_change_when_it_was_complete(
    files: Files, owner: Actor
) -> None:
    people = files.people
    place = gone_after_a_backup(files, owner)
    complete_on = day_of(people)
    people.clock.forward(days=3)
    assert key_care.renew_keys(people.system)
    people.clock.forward(days=40)
    backing_up.make(people.system, place)
    (row,) = erasures.overview(owner).done
    assert row.complete_on == complete_on


def test_a_disk_that_was_away_says_on_which_day_it_is_complete_at_the_latest_and_then_since_when(
    files: Files, owner: Actor, tmp_path: Path
) -> None:
    people, other = files.people, second_owner(files.people)
    client = rose_of_long_ago(files)
    disk = tmp_path / "disk"
    disk.mkdir()
    backup_page.choose_disk(owner, str(disk))
    with access.transaction(people.system) as desk:
        place = backup_places.disk(desk)
    assert place is not None
    backing_up.make(people.system, place)
    latest = day_of(people, timedelta(days=35))
    disk.rename(tmp_path / "away")
    people.clock.forward(hours=1)
    gone(owner, other, client)
    (row,) = erasures.overview(owner).done
    assert [where for _, where in row.out_of_reach] == [key_care.DISK_WORDS]
    (tmp_path / "away").rename(disk)
    (row,) = erasures.overview(owner).done
    assert (row.complete_on, row.waits, row.latest) == (None, (key_care.DISK_WORDS,), latest)
    people.clock.forward(days=1)
    assert key_care.renew_keys(people.system)
    (row,) = erasures.overview(owner).done
    assert (row.complete_on, row.latest) == (day_of(people), None)
