"""The owner's view of the trail: whose record was opened by whom, found among many, and as a file."""

import csv
import io
import time
from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select

from kiosk import access
from kiosk.access import Actor
from kiosk.actions import (
    card,
    confirming,
    declaring,
    own_access,
    paper,
    records,
    scan_inbox,
    sittings,
    trail,
    trail_query,
    visit_page,
)
from kiosk.actions.declaring import Reason
from kiosk.actions.trail_query import Wanted
from kiosk.errors import Invalid, NotFound
from kiosk.vault import tables
from kiosk.vault.did import DECLARED, KEYS, READS, Did
from kiosk.vault.tables import AuditEntry
from tests import pen
from tests.practices import ALLOWS_HER_DAUGHTER, NOON, PASSPHRASE, People

ROSE, THEO = "Rose Nyberg", "Theo Okafor"


@pytest.fixture
def ruth(people: People) -> Actor:
    return people._staff("ruth")


def client_of(people: People, visit: str) -> str:
    with access.transaction(people.system) as desk:
        return desk.session.get_one(tables.Visit, visit).client_id


def test_the_owner_sees_who_opened_whose_record_and_that_look_is_in_the_trail(
    people: People, ruth: Actor
) -> None:
    rose, theo = people.visit(ROSE), people.visit(THEO, "14:00")
    card.card(people.therapist, rose)
    visit_page.visit_view(people.desk, theo)
    rows = trail.view(ruth, Wanted()).rows
    assert [(row.who, row.did, row.client) for row in rows[:2]] == [
        ("Dorothy Hale", Did.SHOWED_NAMES, THEO),
        ("Sophia Hale", Did.OPENED_CARD, ROSE),
    ]
    about_rose = trail.view(ruth, Wanted(client_id=client_of(people, rose)))
    assert {row.client for row in about_rose.rows} == {ROSE}
    assert about_rose.client == ROSE
    assert [row.did for row in about_rose.rows] == [Did.OPENED_CARD, Did.ADDED_VISIT, Did.ADDED_CLIENT]
    looks = trail.view(ruth, Wanted(person=ruth.id, kind="reads")).rows
    assert [(row.did, row.client) for row in looks] == [
        (Did.LOOKED_AT_TRAIL, ROSE),
        (Did.LOOKED_AT_TRAIL, ""),
    ]


@pytest.mark.parametrize(
    ("kind", "shows", "hides"),
    [
        ("reads", Did.OPENED_CARD, Did.ADDED_VISIT),
        ("writes", Did.ADDED_VISIT, Did.OPENED_CARD),
        ("refusals", Did.WAS_REFUSED, Did.OPENED_CARD),
        ("keys", Did.PAIRED_TABLET, Did.OPENED_CARD),
        ("declared", None, Did.OPENED_CARD),
    ],
)
def test_kinds_of_acts(people: People, ruth: Actor, kind: str, shows: Did | None, hides: Did) -> None:
    card.card(people.therapist, people.visit())
    with pytest.raises(Exception, match="not open to your role"):
        card.day(people.desk)
    dids = {row.did for row in trail.view(ruth, Wanted(kind=kind)).rows}
    assert hides not in dids
    assert shows is None or shows in dids


def test_every_act_is_of_a_kind_and_reads_and_keys_are_apart() -> None:
    assert not READS & KEYS
    assert frozenset().union(*trail_query.DIDS.values()) == frozenset(Did)
    assert frozenset(Did) >= DECLARED


def test_days_and_people_narrow_it(people: People, ruth: Actor) -> None:
    people.visit()
    people.clock.forward(days=1)
    theo = people.visit(THEO)
    people.clock.forward(days=1)
    day = date(2026, 11, 24)
    rows = trail.view(ruth, Wanted(begin=day, end=day)).rows
    assert {row.day for row in rows} == {"24 November"}
    assert {row.client for row in rows} == {THEO}
    assert trail.view(ruth, Wanted(begin=date(2027, 1, 1))).rows == ()
    assert {row.who for row in trail.view(ruth, Wanted(people.desk.id, begin=day)).rows} == {"Dorothy Hale"}
    assert (
        trail.view(ruth, Wanted(person="system", kind="writes", client_id=client_of(people, theo))).rows == ()
    )


def test_a_day_that_is_none_is_said_beside_it() -> None:
    for begin, end, wrong in (
        ("x", "", "begin"),
        ("2026-02-30", "", "begin"),
        ("2026-02-02", "2026-02-01", "end"),
    ):
        with pytest.raises(Invalid) as said:
            trail_query.read_wanted("", "", "", begin, end)
        assert set(said.value.problems) == {wrong}


def numbers(people: People, ruth: Actor, wanted: Wanted) -> tuple[list[int], trail.Trail]:
    page = trail.view(ruth, wanted)
    return [row.seq for row in page.rows], page


def test_pages_leave_nothing_out_and_repeat_nothing(people: People, ruth: Actor) -> None:
    many(people, 120)
    with access.transaction(people.system) as desk:
        expected = sorted(desk.session.scalars(select(AuditEntry.seq)), reverse=True)
    seen, page = numbers(people, ruth, Wanted())
    assert page.newer is None
    while page.older:
        more, page = numbers(people, ruth, Wanted(before=page.older))
        assert page.newer == more[0]
        seen += more
    assert seen == expected
    back, page = numbers(people, ruth, Wanted(after=seen[-1]))
    assert back == sorted(expected, reverse=True)[-51:-1]
    assert page.newer
    assert page.older


def many(people: People, number: int) -> None:
    """Entries without their chain: for what is asked of them it does not matter."""
    with people.practice.vault.transaction() as store:
        last = store.session.scalar(select(func.max(AuditEntry.seq))) or 0
        for begin in range(0, number, 50_000):
            store.session.execute(
                insert(AuditEntry),
                [
                    {
                        **{
                            "seq": last + 1 + at,
                            "at": NOON - timedelta(seconds=number - at),
                            "actor": f"p{at % 7}",
                        },
                        **{
                            "role": "front_desk",
                            "device": "test",
                            "did": list(Did)[at % 60],
                            "kind": "visit",
                        },
                        **{
                            "object": f"v{at % 10_000}",
                            "outcome": "done",
                            "reason": "",
                            "previous": "",
                            "mac": "",
                        },
                    }
                    for at in range(begin, min(begin + 50_000, number))
                ],
            )


@pytest.mark.long
def test_a_million_entries_are_looked_through_in_half_a_second(people: People, ruth: Actor) -> None:
    rose = client_of(people, people.visit())
    many(people, 1_000_000)
    last = 1_000_000
    for wanted in (
        Wanted(),
        Wanted(before=500_000),
        Wanted(client_id=rose),
        Wanted(person=people.desk.id),
        Wanted(person="nobody"),
        *(Wanted(kind=kind) for kind, _ in trail_query.KINDS),
        Wanted(kind="keys", person=people.desk.id),
        Wanted(kind="declared", person="p3", before=last // 2),
        Wanted(begin=date(2026, 11, 20), end=date(2026, 11, 20)),
        Wanted(begin=date(2026, 11, 12), end=date(2026, 11, 13), kind="reads"),
        Wanted(client_id=rose, kind="writes", person=people.desk.id),
    ):
        begun = time.perf_counter()
        trail.view(ruth, wanted)
        took = time.perf_counter() - begun
        print(f"{took * 1000:7.1f} ms  {wanted}")
        assert took < 0.5, wanted


def as_table(lines: object) -> list[dict[str, str]]:
    text = "".join(lines)  # type: ignore[call-overload]
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


def test_as_a_file_it_holds_ids_and_names_of_clients_only_where_asked(people: People, ruth: Actor) -> None:
    rose = people.visit('=HYPERLINK("x") Nyberg')
    card.card(people.therapist, rose)
    plain = as_table(trail.export(ruth, Wanted()))
    assert "client" not in plain[0]
    assert plain[0] | {"entry": "", "when": ""} == {
        **{"entry": "", "when": "", "who": "Sophia Hale", "role": "therapist", "from": "test"},
        **{"did": "opened a consent card", "kind": "visit", "id": rose, "result": "done", "reason": ""},
    }
    assert plain[0]["when"] == "2026-11-23T12:00:00-06:00"
    assert not any("Nyberg" in cell for row in plain for cell in row.values())
    named = as_table(trail.export(ruth, Wanted(), names=True))
    assert named[1]["client"] == '\'=HYPERLINK("x") Nyberg', "a spreadsheet runs nothing"
    assert [row["reason"] for row in named if row["did"] == Did.EXPORTED_TRAIL] == [""]
    last = trail.view(ruth, Wanted()).rows[0]
    assert (last.did, last.what) == (Did.EXPORTED_TRAIL, "with names of clients")


def test_a_file_longer_than_one_look_is_whole(
    people: People, ruth: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(people, 45)
    monkeypatch.setattr(trail, "AT_ONCE", 10)
    with access.transaction(people.system) as desk:
        total = desk.session.scalar(select(func.max(AuditEntry.seq)))
    assert [int(row["entry"]) for row in as_table(trail.export(ruth, Wanted()))] == list(
        range(total or 0, 0, -1)
    )


@pytest.mark.long
def test_what_was_read_from_paper_is_found_by_its_client(people: People, ruth: Actor) -> None:
    visit = people.visit()
    sheet = people.brings_paper(visit)
    value = confirming.view(people.desk, sheet).value
    assert value
    people.confirms_one(value)
    rows = trail.view(ruth, Wanted(client_id=client_of(people, visit))).rows
    assert {"value on paper", "sheet", "visit"} <= {row.what.split(":")[0] for row in rows}
    assert {row.client for row in rows} == {ROSE}


def looks(people: People, ruth: Actor, client_id: str, did: Did) -> list[str]:
    """Who did this to what is this client's, the latest first."""
    rows = trail.view(ruth, Wanted(client_id=client_id)).rows
    return [row.who for row in rows if row.did == did]


def test_who_looks_at_the_values_of_a_sheet_is_in_the_trail_once_for_each_opening(
    people: People, ruth: Actor
) -> None:
    visit = people.visit()
    rose, sheet = client_of(people, visit), people.brings_paper(visit)
    value = confirming.view(people.desk, sheet).value
    assert value
    assert looks(people, ruth, rose, Did.LOOKED_AT_SHEET) == ["Dorothy Hale"]
    people.confirms(sheet)
    confirming.crop(people.desk, value.reading_id)
    assert len(looks(people, ruth, rose, Did.LOOKED_AT_SHEET)) == 1, "confirming it is one opening"
    confirming.view(ruth, sheet)
    assert looks(people, ruth, rose, Did.LOOKED_AT_SHEET) == ["Ruth Hale", "Dorothy Hale"]
    people.clock.forward(minutes=61)
    confirming.crop(people.desk, value.reading_id)
    assert len(looks(people, ruth, rose, Did.LOOKED_AT_SHEET)) == 3, "a cut-out alone is a look too"


def test_a_page_filed_by_hand_is_its_clients_in_the_trail(people: People, ruth: Actor) -> None:
    rose, theo = (client_of(people, people.visit(name)) for name in (ROSE, THEO))
    people.scans(pen.as_pdf([pen.Image.new("L", (850, 1100), 255)]))
    ((page,),) = (scan.problems for scan in scan_inbox.view(people.desk).scans)
    confirming.page_png(people.desk, page.page_id)
    assert looks(people, ruth, rose, Did.OPENED_SCAN) == [], "nobody knows yet whose it is"
    paper.decide(people.desk, page.page_id, "file", rose)
    confirming.page_png(people.desk, page.page_id)
    assert len(looks(people, ruth, rose, Did.DECIDED_PAGE)) == 1
    assert len(looks(people, ruth, rose, Did.OPENED_SCAN)) == 2
    assert looks(people, ruth, theo, Did.OPENED_SCAN) == []
    named = [row.client for row in trail.view(ruth, Wanted()).rows if row.what.startswith("page")]
    assert set(named) == {ROSE}


def refusals(people: People, ruth: Actor) -> list[tuple[str, str, str]]:
    rows = trail.view(ruth, Wanted(kind="refusals")).rows
    return [(row.who, row.what, row.client) for row in rows]


def test_asking_for_what_is_somebody_elses_is_in_the_trail(people: People, ruth: Actor) -> None:
    visit, jean = people.visit(), people._staff("jean")
    people.signs(people.sits_down(visit), "emergency_contact", ALLOWS_HER_DAUGHTER)
    (record,) = visit_page.visit_view(people.desk, visit).records
    (found,) = declaring.find(people.therapist, Reason("covering", "x"), ROSE)
    opened = declaring.open_other(people.therapist, Reason("covering", "x"), ROSE, found.id)
    for ask, it, kind in (
        (card.card, visit, "visit"),
        (records.pdf, record.id, "signed form"),
        (card.declared_card, opened, "access with a reason"),
    ):
        with pytest.raises(NotFound) as refused:
            ask(jean, it)
        assert type(refused.value) is NotFound
        assert refusals(people, ruth)[0] == ("Jean Hale", kind, ROSE)
        written = len(refusals(people, ruth))
        with pytest.raises(NotFound):
            ask(jean, "nothing")
        assert len(refusals(people, ruth)) == written, "what is not there is nobody's"


def test_what_an_entry_is_about_is_said_in_words(people: People, ruth: Actor) -> None:
    sitting = people.sits_down(people.visit())
    people.signs(sitting, "emergency_contact", ALLOWS_HER_DAUGHTER)
    sittings.end(sitting, "enough")
    said = {row.did: row.what for row in trail.view(ruth, Wanted()).rows}
    assert said[Did.ENDED_SITTING] == "time at the tablet: the client had enough for today"
    assert said[Did.SIGNED] == "signed form: on the tablet"


def lines_of(people: People, ruth: Actor, who: str, **more: str) -> list[tuple[str, str, str]]:
    rows = trail.view(ruth, Wanted(person=people._staff(who).id, **more)).rows
    return [(row.who, row.did, row.what) for row in rows]


@pytest.mark.parametrize("kind", ["", "keys"])
def test_a_sign_in_is_found_by_whose_it_is(people: People, ruth: Actor, kind: str) -> None:
    token = access.sign_in(people.practice, "sophia", PASSPHRASE, "desk", None, "a computer")
    own_access.set_pin(people.therapist, PASSPHRASE, "2580")
    access.lock_screen(people.therapist, token)
    waiting = access.people_here(people.practice, "a computer", "desk")[0]
    access.go_on(people.practice, "a computer", waiting.session_id, "2580", "desk")
    did = [(who, did) for who, did, _ in lines_of(people, ruth, "sophia", kind=kind)]
    sophia = "Sophia Hale"
    assert did[:4] == [
        (sophia, Did.GAVE_PIN),
        (sophia, Did.LOCKED_SCREEN),
        (sophia, Did.SET_PIN),
        (sophia, Did.SIGNED_IN),
    ]


@pytest.mark.parametrize("kind", ["", "keys", "refusals"])
def test_what_was_missed_in_somebodys_name_is_found_by_it_and_is_nobodys_act(
    people: People, ruth: Actor, kind: str
) -> None:
    with pytest.raises(Invalid):
        access.sign_in(people.practice, "sophia", "not hers at all", "desk")
    missed = ("somebody not signed in", Did.FAILED_SIGN_IN, "Sophia Hale")
    assert lines_of(people, ruth, "sophia", kind=kind)[0] == missed
    assert missed not in lines_of(people, ruth, "dorothy", kind=kind)
    asked = Wanted(people._staff("sophia").id, kind)
    assert Did.FAILED_SIGN_IN in "".join(trail.export(ruth, asked))


def test_a_page_of_somebodys_own_sign_ins_counts_each_once(people: People, ruth: Actor) -> None:
    for _ in range(trail.PAGE + 5):
        access.sign_in(people.practice, "sophia", PASSPHRASE, "desk")
    asked = Wanted(people.therapist.id, "keys")
    first = trail.view(ruth, asked)
    assert len(first.rows) == trail.PAGE
    assert first.older
    rest = trail.view(ruth, asked.turned(str(first.older), "")).rows
    assert [row.did for row in rest].count(Did.SIGNED_IN) == 5
