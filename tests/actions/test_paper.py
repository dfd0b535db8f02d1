"""Paper: read, confirmed by a person, and nothing of it a fact before that."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from kiosk import access
from kiosk.actions import (
    card,
    confirming,
    inbox_folder,
    paper,
    reading_scans,
    scan_inbox,
    visit_page,
)
from kiosk.errors import Erased, Invalid, NotFound
from kiosk.vault import Vault, engine, new_id, tables
from kiosk.vault.did import Did
from kiosk.vault.states import PageState, ScanState, SheetState
from kiosk.vault.tombstone import erase as make_tombstone
from pdf.twin import Twin
from tests import pen
from tests.practices import ALLOWS_HER_DAUGHTER, PASSPHRASE, People


def problems(people: People) -> list[str]:
    rows = scan_inbox.view(people.desk).scans
    return [problem.kind for row in rows for problem in row.problems]


def while_laid_out(monkeypatch: pytest.MonkeyPatch, happens: Callable[[str], None]) -> None:
    """What somebody else does while a form is laid out; told its serial."""
    lay_out = paper.twin

    def meanwhile(*form: Any, serial: str, **more: Any) -> Twin:
        happens(serial)
        return lay_out(*form, serial=serial, **more)

    monkeypatch.setattr(paper, "twin", meanwhile)


def printed(people: People) -> int:
    with access.transaction(people.system) as desk:
        did = tables.AuditEntry.did == Did.PRINTED_SHEET
        return len(desk.session.scalars(select(tables.AuditEntry.seq).where(did)).all())


def test_nobody_waits_for_the_store_while_forms_are_laid_out(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_MS", 50)
    other = Vault(people.practice.settings, people.clock, people.practice.vault.key_costs)
    other.unlock(PASSPHRASE)
    had_it: list[str] = []

    def somebody_else_writes(serial: str) -> None:
        with other.transaction() as store:
            store.audit("somebody", "", "test", Did.SHOWED_NAMES, "day", "")
            had_it.append(serial)

    while_laid_out(monkeypatch, somebody_else_writes)
    forms = [form.id for form in people.practice.catalog.current()][:2]
    paper.print_sheets(people.desk, people.visit(), forms)
    other.close()
    assert len(had_it) == people.count(tables.Sheet) == printed(people) == len(forms)


def test_who_is_erased_while_their_forms_are_laid_out_gets_none(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = people.visit()

    def is_erased(_serial: str) -> None:
        with access.transaction(people.system) as desk:
            make_tombstone(desk.session, desk.session.get_one(tables.Visit, visit).client_id, desk.now)

    while_laid_out(monkeypatch, is_erased)
    with pytest.raises(Erased):
        paper.print_sheets(people.desk, visit, ["emergency_contact"])
    assert people.count(tables.Sheet) == printed(people) == 0


def test_a_serial_that_was_taken_meanwhile_is_given_to_nobody_else(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = people.prints(people.visit())[1]
    taken: list[str] = []

    def is_taken(serial: str) -> None:
        if not taken:
            taken.append(serial)
            with access.transaction(people.system) as desk:
                kept = {column.name: getattr(sheet, column.name) for column in tables.Sheet.__table__.columns}
                desk.session.add(tables.Sheet(**{**kept, "id": new_id(), "serial": serial}))

    while_laid_out(monkeypatch, is_taken)
    again = people.visit("Karl Nyberg", "13:30")
    _, other = people.prints(again)
    assert other.serial not in (sheet.serial, *taken)
    assert (people.count(tables.Sheet), printed(people)) == (3, 2)


def test_a_filled_sheet_becomes_a_record_only_after_a_person_said_yes(people: People) -> None:
    visit = people.visit()
    sheet = people.brings_paper(visit)
    assert people.sheet(sheet).state == SheetState.AWAITING
    assert people.count(tables.Record) == 0
    people.confirms(sheet)
    assert people.count(tables.Record) == 0
    confirming.finish(people.desk, sheet)
    (row,) = visit_page.visit_view(people.desk, visit).records
    assert row.channel == "paper"
    shown = card.card(people.therapist, visit)
    assert any(row.party == "Kirsten Nyberg" and row.state == "allowed" for row in shown.rows)


def test_the_proposal_shows_only_after_the_person_said_what_they_see(people: People) -> None:
    sheet = people.brings_paper(people.visit())
    while (value := confirming.view(people.desk, sheet).value) is not None:
        if people.asked(value.reading_id)[0] == "may_call_emergency":
            break
        people_types(people, value.reading_id)
    assert value is not None
    assert (value.stage, value.proposal) == ("say", None)
    confirming.say(people.desk, value.reading_id, "refuse")
    again = confirming.view(people.desk, sheet, value.reading_id).value
    assert again is not None
    assert (again.stage, again.proposal, again.seen) == ("disagree", "Allow", "Do not allow")
    confirming.say(people.desk, value.reading_id, "allow")
    following = confirming.view(people.desk, sheet, value.reading_id).value
    assert following is not None
    assert following.reading_id != value.reading_id


def people_types(people: People, reading_id: str) -> None:
    confirming.confirm(people.desk, reading_id, "Kirsten Nyberg")


def test_what_is_unclear_keeps_the_sheet_open(people: People) -> None:
    sheet = people.brings_paper(people.visit())
    for _ in range(40):
        value = confirming.view(people.desk, sheet).value
        assert value is not None
        _, part = people.asked(value.reading_id)
        if value.stage == "type":
            people_types(people, value.reading_id) if part == "name" else confirming.confirm(
                people.desk, value.reading_id, ""
            )
            continue
        confirming.say(people.desk, value.reading_id, confirming.UNCLEAR)
        if all(row.state != "open" for row in confirming.view(people.desk, sheet).rows):
            break
    with pytest.raises(Invalid):
        confirming.finish(people.desk, sheet)
    assert people.count(tables.Record) == 0


def test_undoing_asks_again(people: People) -> None:
    sheet = people.brings_paper(people.visit())
    people.confirms(sheet)
    assert confirming.view(people.desk, sheet).finished
    confirming.undo(people.desk, sheet)
    assert not confirming.view(people.desk, sheet).finished


def test_a_sheet_without_signature_becomes_nothing(people: People) -> None:
    sheet = people.brings_paper(people.visit(), signs=False)
    people.confirms(sheet, _signature="not_signed")
    with pytest.raises(Invalid) as refused:
        confirming.finish(people.desk, sheet)
    assert "not signed" in refused.value.problems["sheet"]
    confirming.give_back(people.desk, sheet)
    assert people.sheet(sheet).state == SheetState.RETURNED
    assert people.count(tables.Record) == 0


def test_whom_it_is_about_may_not_be_left_empty(people: People) -> None:
    sheet = people.brings_paper(people.visit())
    people.confirms(sheet, typed={"contact.name": "", "contact.phone": ""})
    with pytest.raises(Invalid) as refused:
        confirming.finish(people.desk, sheet)
    assert "left empty" in refused.value.problems["sheet"]


def test_a_date_of_signing_in_the_future_is_refused(people: People) -> None:
    sheet = people.brings_paper(people.visit())
    people.confirms(sheet, typed={"_date.month": "12", "_date.day": "31", "_date.year": "2031"})
    with pytest.raises(Invalid) as refused:
        confirming.finish(people.desk, sheet)
    assert "future" in refused.value.problems["sheet"]


def test_paper_signed_before_a_refusal_at_the_tablet_does_not_undo_it(people: People) -> None:
    visit = people.visit()
    sheet = people.brings_paper(visit)
    people.signs(
        people.sits_down(visit), "emergency_contact", {**ALLOWS_HER_DAUGHTER, "may_call_emergency": "refuse"}
    )
    people.clock.forward(hours=1)
    people.confirms(sheet)
    confirming.finish(people.desk, sheet)
    told = card.may_tell(people.therapist, visit, "Kirsten Nyberg", "emergency_happened")
    assert not told.yes


def test_a_page_upside_down_is_read_and_a_missing_one_is_named(people: People) -> None:
    pdf, sheet = people.prints(people.visit())
    first, second = people.fills_in(pdf, sheet)
    people.scans(pen.jpeg(first.rotate(180)))
    assert people.sheet(sheet.id).state == SheetState.INCOMPLETE
    (incomplete,) = scan_inbox.view(people.desk).incomplete
    assert incomplete.words == "Page 2 of 2 has not come back. Scan it too."
    people.scans(pen.jpeg(second))
    assert people.sheet(sheet.id).state == SheetState.AWAITING


def test_the_same_file_twice_is_kept_once_and_the_same_page_again_waits_for_a_person(people: People) -> None:
    pdf, sheet = people.prints(people.visit())
    first, _ = people.fills_in(pdf, sheet)
    data = pen.jpeg(first)
    people.scans(data)
    assert paper.receive(people.desk, data).duplicate
    people.scans(pen.jpeg(first, quality=60))
    assert problems(people) == ["duplicate_page"]
    assert people.count(tables.Document) > 0


def test_a_sheet_that_the_store_does_not_know_waits_for_a_person(people: People) -> None:
    from pdf.twin import twin

    form = people.practice.catalog.form("emergency_contact")
    for serial in ("3333QQQQ", None):
        stranger = twin(form, "en", practice="Elsewhere", serial=serial)
        people.scans(pen.jpeg(pen.Sheet.printed(stranger.pdf, stranger.field_map).pages[0]))
    assert problems(people) == ["unknown_sheet", "unknown_sheet"]


def hostile_png() -> bytes:
    out = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"this is only text", "not_a_scan"),
        (b"%PDF-1.7 and nothing more", "broken"),
        (b"\xff\xd8\xff\xe0 cut off", "broken"),
        (b"%PDF-1.4\n/JavaScript (app.alert(1))\n%%EOF", "active"),
        (hostile_png(), "too_large"),
    ],
)
def test_a_bad_file_is_stored_and_said_so_in_plain_words(people: People, data: bytes, kind: str) -> None:
    scan_id = people.scans(data)
    assert problems(people) == [kind]
    (row,) = scan_inbox.view(people.desk).scans
    assert row.id == scan_id
    assert row.state == ScanState.READ
    assert "Traceback" not in row.problems[0].problem


def test_an_empty_and_a_far_too_large_file_are_refused(people: People) -> None:
    for data in (b"", b"x" * 26_000_000):
        with pytest.raises(Invalid):
            paper.receive(people.desk, data)
    assert people.count(tables.Scan) == 0


def test_a_page_that_cannot_be_read_is_filed_by_hand_returned_or_scanned_again(people: People) -> None:
    visit = people.visit()
    client = people.sheet(people.prints(visit)[1].id).client_id
    for number in range(3):
        out = io.BytesIO()
        Image.effect_noise((300 + number, 300), 90).save(out, "PNG")
        people.scans(out.getvalue())
    rows = [problem for row in scan_inbox.view(people.desk).scans for problem in row.problems]
    with pytest.raises(Invalid):
        paper.decide(people.desk, rows[0].page_id, "file")
    paper.decide(people.desk, rows[0].page_id, "file", client)
    paper.decide(people.desk, rows[1].page_id, "rescan")
    paper.decide(people.desk, rows[2].page_id, "return")
    assert problems(people) == []
    with access.transaction(people.system) as desk:
        states = set(desk.session.scalars(select(tables.ScanPage.state)))
    assert states == {PageState.FILED_BY_HAND, PageState.RESCAN_ASKED, PageState.RETURNED}
    with pytest.raises(NotFound):
        paper.decide(people.desk, rows[0].page_id, "return")


def test_a_page_is_its_clients_and_the_scan_has_a_key_of_its_own(people: People) -> None:
    sheet = people.sheet(people.brings_paper(people.visit()))
    with access.transaction(people.system) as desk:
        owners = set(desk.session.scalars(select(tables.Document.owner)))
        scan = desk.session.query(tables.Scan).one()
    assert owners == {sheet.client_id, f"scan-{scan.id}"}


def test_a_scan_whose_worker_died_is_read_by_the_next_and_given_up_after_three_tries(people: People) -> None:
    scan_id = paper.receive(people.desk, b"%PDF-1.7 anything").scan_id
    for _ in range(3):
        with access.transaction(people.system) as desk:
            row = desk.session.get_one(tables.Scan, scan_id)
            row.state, row.tries = ScanState.READING, row.tries + 1
            row.leased_until = desk.now + reading_scans.LEASE
        assert not reading_scans.read_next(people.system)
        people.clock.forward(minutes=3)
    assert reading_scans.read_next(people.system)
    assert problems(people) == ["unreadable"]
    assert not reading_scans.read_next(people.system)


def test_a_file_still_being_copied_into_the_inbox_waits(people: People) -> None:
    folder = people.practice.settings.instance / "inbox"
    pdf, sheet = people.prints(people.visit())
    whole = pen.as_pdf(people.fills_in(pdf, sheet))
    file = folder / "0001.pdf"
    now = dropped(file, whole[: len(whole) // 2])
    assert not inbox_folder.watch_inbox(people.system, now + 1)
    assert not inbox_folder.watch_inbox(people.system, now + 30)
    now = dropped(file, whole)
    assert not inbox_folder.watch_inbox(people.system, now + 1)
    assert inbox_folder.watch_inbox(people.system, now + 3)
    assert not file.exists()
    assert people.count(tables.Scan) == 1


def dropped(file: Path, data: bytes) -> float:
    file.write_bytes(data)
    return os.stat(file).st_mtime


def test_a_cut_off_file_is_taken_after_a_minute_and_its_problem_shown(people: People) -> None:
    folder = people.practice.settings.instance / "inbox"
    now = dropped(folder / "0001.jpg", b"\xff\xd8\xff\xe0 half a picture")
    assert not inbox_folder.watch_inbox(people.system, now + 59)
    assert inbox_folder.watch_inbox(people.system, now + 61)
    reading_scans.read_next(people.system)
    assert problems(people) == ["broken"]


def test_files_that_are_not_for_us_stay_where_they_are(people: People) -> None:
    folder = people.practice.settings.instance / "inbox"
    for name in (".hidden.pdf", "scan.pdf.part", "scan.tmp"):
        dropped(folder / name, b"%PDF-1.7 %%EOF")
    (folder / "link.pdf").symlink_to("/etc/passwd")
    (folder / "large.tif").write_bytes(b"II*\0" + b"\0" * 26_000_000)
    now = os.stat(folder / "large.tif").st_mtime
    assert not inbox_folder.watch_inbox(people.system, now + 100)
    assert scan_inbox.view(people.desk).left_lying == (inbox_folder.TOO_LARGE.format(limit=25),)
