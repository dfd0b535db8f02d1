"""Closing the day: what is sealed, what is printed, and what closes by itself."""

import io
from datetime import date, timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from kiosk import access
from kiosk.actions import closing, emergency
from kiosk.actions.day_facts import facts_of
from kiosk.errors import Invalid, KioskError, NotAllowed, NotFound
from kiosk.vault.did import Did
from kiosk.vault.tables import AuditEntry, DayHead
from pdf.verify import Verified, verify
from tests.practices import ALLOWS_HER_DAUGHTER, People

TODAY = date(2026, 11, 23)


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_the_sheet_of_a_closed_day_is_one_sealed_page_that_names_nobody(people: People) -> None:
    people.signs(people.sits_down(people.visit()), "emergency_contact", ALLOWS_HER_DAUGHTER)
    closing.close(people.desk)
    sheet = closing.sheet(people.desk, "2026-11-23")
    assert isinstance(verify(sheet), Verified)
    assert len(PdfReader(io.BytesIO(sheet)).pages) == 1
    said = text_of(sheet)
    report, heads = closing.verify_trail(people.practice)
    assert (report.ok, heads.ok, heads.last) == (True, True, TODAY)
    with access.transaction(people.system) as desk:
        row = desk.session.get_one(DayHead, TODAY)
        entry = desk.session.get_one(AuditEntry, row.seq)
        assert (entry.did, entry.mac) == (Did.CLOSED_DAY, row.head)
    for group in (row.head[:4], row.head[12:16], f"{row.seq}:{row.head[:16]}", "23 November 2026"):
        assert group in said
    for name in ("Rose", "Nyberg", "Kirsten", "Dorothy", "Sophia"):
        assert name not in said
    assert closing.verify_trail(people.practice, row.head[:16], row.seq)[0].ok
    assert not closing.verify_trail(people.practice, row.head[:16], row.seq - 1)[0].ok
    shown = closing.view(people.desk)
    assert (shown.closed, shown.rows[0].day, shown.rows[0].sheet) == ("12:00 PM", "2026-11-23", True)


def test_what_is_counted_is_of_that_day_and_what_is_open_is_named(people: People) -> None:
    people.signs(people.sits_down(people.visit()), "emergency_contact", ALLOWS_HER_DAUGHTER)
    people.visit("Theo Okafor")
    with access.transaction(people.system) as desk:
        facts = facts_of(desk, TODAY)
        day_before = facts_of(desk, TODAY - timedelta(days=1))
    done = dict(facts.done)
    assert done["Visits in the book"] == 2
    assert done["People who came"] == 1
    assert done["Forms signed on the tablet"] == 1
    assert dict(facts.still_open) == {"Visits still on a tablet": 1, "Visits still expected": 1}
    assert not any(number for _, number in day_before.done)


def test_only_what_was_opened_with_a_reason_counts_as_opened(people: People) -> None:
    def opened() -> int:
        with access.transaction(people.system) as desk:
            return dict(facts_of(desk, TODAY).done)["Opened with a reason given"]

    fell = {"name": "Rose Nyberg", "reason": "She fell"}
    people.visit()
    people.visit("Rose Nyberg", "15:00", year="1990")
    with pytest.raises(Invalid):
        emergency.declare(people.desk, fell)
    assert opened() == 0, "that several have this name opens nobody"
    emergency.declare(people.desk, {**fell, "month": "4", "day": "27", "year": "1990"})
    assert opened() == 1


def keeps_heads_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sheets are laid out in the test above; here only their heads count."""
    monkeypatch.setattr(closing, "closing_sheet", lambda *_: b"%PDF")
    monkeypatch.setattr(closing, "seal", lambda pdf, *_: pdf)


def heads(people: People) -> list[tuple[date, str]]:
    with access.transaction(people.system) as desk:
        rows = desk.session.scalars(select(DayHead).order_by(DayHead.day)).all()
        return [(row.day, desk.session.get_one(AuditEntry, row.seq).did) for row in rows]


def test_a_day_that_nobody_closed_is_closed_after_midnight(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeps_heads_only(monkeypatch)
    people.visit()
    assert not closing.close_what_nobody_closed(people.system), "the day is not over"
    people.clock.forward(hours=11)
    assert not closing.close_what_nobody_closed(people.system), "it is eleven at night where the practice is"
    people.clock.forward(hours=2)
    assert closing.close_what_nobody_closed(people.system)
    assert not closing.close_what_nobody_closed(people.system), "once is enough"
    assert [day for day, _ in heads(people)] == [TODAY]
    people.clock.forward(days=5)
    people.visit()
    people.clock.forward(days=3)
    while closing.close_what_nobody_closed(people.system):
        pass
    assert [day for day, _ in heads(people)] == [TODAY, TODAY + timedelta(days=1), TODAY + timedelta(days=6)]
    assert all(report.ok for report in closing.verify_trail(people.practice))


def test_a_day_closed_once_more_seals_what_came_since_and_the_rest_falls_to_the_next(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeps_heads_only(monkeypatch)
    closing.close(people.desk)
    people.visit()
    closing.close(people.desk)
    people.visit("Theo Okafor")
    people.clock.forward(days=1)
    assert not closing.close_what_nobody_closed(people.system), (
        "what came after the closing is no day of its own"
    )
    closing.close(people.desk)
    assert heads(people) == [(TODAY, Did.CLOSED_DAY), (TODAY + timedelta(days=1), Did.CLOSED_DAY)]
    assert closing.verify_trail(people.practice)[1].days == 2


def test_a_sheet_that_a_power_cut_left_out_is_made_later(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeps_heads_only(monkeypatch)
    with monkeypatch.context() as cut:
        cut.setattr(closing, "closing_sheet", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            closing.close(people.desk)
    with pytest.raises(NotFound):
        closing.sheet(people.desk, "2026-11-23")
    assert closing.close_what_nobody_closed(people.system)
    assert closing.sheet(people.desk, "2026-11-23") == b"%PDF"


def test_a_clock_that_went_back_closes_nothing(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    keeps_heads_only(monkeypatch)
    people.clock.forward(days=1)
    closing.close(people.desk)
    people.clock.forward(days=-1)
    with pytest.raises(KioskError, match="clock"):
        closing.close(people.desk)
    assert not closing.close_what_nobody_closed(people.system)
    assert all(report.ok for report in closing.verify_trail(people.practice))


def test_a_therapist_closes_no_day(people: People) -> None:
    for refused in (closing.close, closing.view):
        with pytest.raises(NotAllowed):
            refused(people.therapist)
