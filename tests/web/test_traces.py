"""The screens of traces and of least access, as a browser sees them."""

import re
from collections.abc import Iterator, Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kiosk import access
from kiosk.actions import confirming, records
from kiosk.app import create_app
from kiosk.vault import new_id, tables
from kiosk.vault.did import Did
from kiosk.vault.states import SheetState
from tests.practices import ALLOWS_HER_DAUGHTER, People, make_people

ROSE = "Rose <b>Nyberg</b>"


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    yield from make_people(tmp_path_factory.mktemp("traces") / "practice")


@pytest.fixture(scope="module")
def app(people: People) -> Flask:
    made = create_app(people.practice)
    made.testing = True
    made.config["WTF_CSRF_ENABLED"] = False
    return made


@pytest.fixture(scope="module")
def rose(people: People) -> str:
    """Rose's visit with Sophia; what she signed is, for these tests, a release."""
    visit = people.visit(ROSE)
    people.signs(people.sits_down(visit), "emergency_contact", ALLOWS_HER_DAUGHTER)
    with access.transaction(people.system) as desk:
        record, release = (
            desk.session.scalars(select(tables.Record)).one(),
            desk.practice.catalog.form("clinician_release"),
        )
        record.form, record.version = release.id, release.version
    return visit


def record_of(people: People) -> str:
    with access.transaction(people.system) as desk:
        return desk.session.scalars(select(tables.Record.id)).one()


def printed(people: People) -> list[str]:
    with access.transaction(people.system) as desk:
        return list(
            desk.session.scalars(
                select(tables.AuditEntry.reason).where(tables.AuditEntry.did == Did.PRINTED_RECORD)
            )
        )


def test_the_front_desk_sees_that_there_is_a_release_and_not_what_it_says(
    people: People, browsers: Mapping[str, FlaskClient], rose: str
) -> None:
    record, page = record_of(people), browsers["dorothy"].get(f"/desk/visits/{rose}").text
    assert "Speaking with your physician or counselor" in page
    for words in (
        "Kirsten",
        "May we",
        f"open-record-{record}",
        f"download-record-{record}",
        'data-test="print-records"',
    ):
        assert words not in page
    assert 'data-test="client-asks"' in page
    closed = [browsers["dorothy"].get(f"/{room}/records/{record}.pdf") for room in ("desk", "therapist")]
    nobodys = browsers["dorothy"].get("/desk/records/nothing.pdf")
    assert all((one.status_code, one.data) == (404, nobodys.data) for one in closed)
    by_part = browsers["dorothy"].post(
        f"/desk/records/{record}/take-back", data={"question": "may_call_emergency"}
    )
    assert by_part.status_code == 404
    assert f"open-record-{record}" in browsers["ruth"].get(f"/desk/visits/{rose}").text


def test_a_copy_is_handed_out_when_the_client_asks_and_that_is_in_the_trail(
    people: People, browsers: Mapping[str, FlaskClient], rose: str
) -> None:
    address = f"/desk/visits/{rose}/print-records"
    assert browsers["dorothy"].post(address).status_code == 404
    assert printed(people) == []
    assert browsers["dorothy"].post(address, data={"asked": "yes"}).data.startswith(b"%PDF")
    assert printed(people) == [records.ASKED]
    assert browsers["ruth"].post(address).data.startswith(b"%PDF"), "the owner may read it"


def test_a_release_is_opened_from_the_card_by_its_own_therapist(
    people: People, browsers: Mapping[str, FlaskClient], rose: str
) -> None:
    address = f"/therapist/records/{record_of(people)}.pdf"
    assert address in browsers["sophia"].get(f"/therapist/visits/{rose}").text
    opened = browsers["sophia"].get(address)
    assert opened.data.startswith(b"%PDF")
    assert opened.headers["Content-Disposition"] == "inline; filename=record.pdf"
    assert browsers["jean"].get(address).status_code == 404


def test_paper_of_a_release_waits_for_the_clients_own_therapist_and_for_any_when_that_one_left(
    people: People, rose: str
) -> None:
    with access.transaction(people.system) as desk:
        client, release = (
            desk.session.get_one(tables.Visit, rose).client_id,
            desk.practice.catalog.form("clinician_release"),
        )
        desk.session.add(
            tables.Sheet(
                **{
                    "id": new_id(),
                    "serial": "TESTTEST",
                    "client_id": client,
                    "form": release.id,
                    "version": release.version,
                },
                **{
                    "lang": "en",
                    "pages": 1,
                    "field_map": "{}",
                    "state": SheetState.AWAITING,
                    "printed_at": desk.now,
                },
            )
        )
    jean = people._staff("jean")

    def waits() -> list[tuple[int, int]]:
        found = (confirming.waiting(by) for by in (people.desk, people.therapist, jean))
        return [(len(one.sheets), one.others) for one in found]

    assert waits() == [(0, 1), (1, 0), (0, 0)], "another therapist is told of none"
    with access.transaction(people.system) as desk:
        desk.session.get_one(tables.Staff, people.therapist.id).left_at = desk.now
    assert waits() == [(0, 1), (1, 0), (1, 0)], "else it would wait for ever"
    with access.transaction(people.system) as desk:
        desk.session.get_one(tables.Staff, people.therapist.id).left_at = None


def test_a_reason_and_the_whole_name_open_the_card_to_look_at(
    people: People, browsers: Mapping[str, FlaskClient], rose: str
) -> None:
    jean, given = browsers["jean"], {"reason": "other", "said": "Her <i>sister</i> rings", "name": ROSE}
    assert 'data-test="find"' in jean.get("/therapist/others").text
    for missing in ("reason", "said", "name"):
        assert jean.post("/therapist/others", data={**given, missing: ""}).status_code == 422
    assert "Nobody of this name" in jean.post("/therapist/others", data={**given, "name": "Rose"}).text
    found = jean.post("/therapist/others", data=given).text
    client = re.search(r'name="client" value="([^"]+)"', found)
    assert client
    assert "&lt;i&gt;sister" in found
    assert "<b>Nyberg" not in found
    opened = jean.post("/therapist/others/open", data={**given, "client": client[1]})
    card = jean.get(opened.headers["Location"]).text
    assert "To look at only" in card
    for action in ('data-test="reviewed"', 'data-test="happened'):
        assert action not in card
    tell = f"{opened.headers['Location']}/may-tell"
    assert 'data-yes="yes"' in jean.post(tell, data={"party": "Kirsten Nyberg", "topic": "whereabouts"}).text
    ruth = browsers["ruth"]
    assert "that you have not looked at yet" in ruth.get("/office/").text
    declared = ruth.get("/office/declared").text
    assert "Her &lt;i&gt;sister&lt;/i&gt; rings" in declared
    seen = re.findall(r'data-test="seen-([^"]+)"', declared)
    assert seen
    for one in seen:
        assert ruth.post(f"/office/declared/{one}/seen").status_code == 303
    assert "that you have not looked at yet" not in ruth.get("/office/").text
    people.clock.forward(minutes=61)
    assert jean.get(opened.headers["Location"]).status_code in (303, 404), "an hour is over"


def test_everybody_who_works_here_reaches_the_emergency_page(
    people: People, browsers: Mapping[str, FlaskClient], rose: str
) -> None:
    given = {"name": ROSE, "reason": "She fell"}
    for name, home in (("dorothy", "/desk/"), ("sophia", "/therapist/"), ("ruth", "/office/")):
        assert 'data-test="nav-emergency"' in browsers[name].get(home).text
        assert browsers[name].post("/emergency", data={**given, "reason": ""}).status_code == 422
        opened = browsers[name].post("/emergency", data=given)
        page = browsers[name].get(opened.headers["Location"]).text
        assert "512 555 0142" in page
        assert "Kirsten Nyberg" in page
    for name in ("nobody", "tablet", "client"):
        assert browsers[name].get("/emergency").headers["Location"] == "/sign-in"


def test_the_trail_is_sifted_by_post_and_exported_under_a_name_that_says_nothing(
    people: People, browsers: Mapping[str, FlaskClient], rose: str
) -> None:
    ruth = browsers["ruth"]
    people.visit("Rosalie Hale", "15:00")
    assert 'data-test="entry-' in ruth.get("/office/trail").text
    both = ruth.post("/office/trail", data={"search": "ros"}).text
    assert both.count('name="client" value="') == 2
    assert 'data-test="entry-' not in both
    one = ruth.post("/office/trail", data={"search": "rosalie", "kind": "writes"}).text
    assert 'data-test="about"' in one
    assert "added a visit" in one
    assert "searched for clients" not in one
    assert "Rose" not in one.replace("Rosalie", "")
    assert "Nobody of this name" in ruth.post("/office/trail", data={"search": "zz"}).text
    assert ruth.post("/office/trail", data={"begin": "tomorrow"}).status_code == 422
    assert ruth.post("/office/trail", data={"before": "x", "after": "-1"}).status_code == 200
    file = ruth.post("/office/trail/export", data={"kind": "writes"})
    assert (file.mimetype, file.headers["Content-Disposition"]) == (
        "text/csv",
        "attachment; filename=trail.csv",
    )
    assert file.headers["Cache-Control"] == "no-store"
    assert "Nyberg" not in file.text
    assert "Nyberg" in ruth.post("/office/trail/export", data={"names": "yes"}).text


def test_the_day_is_closed_at_the_desk_and_its_sheet_opens(
    people: People, browsers: Mapping[str, FlaskClient], rose: str
) -> None:
    dorothy = browsers["dorothy"]
    assert 'data-test="closing"' in dorothy.get("/desk/").text
    assert dorothy.post("/desk/closing").headers["Location"] == "/desk/closing"
    page = dorothy.get("/desk/closing").text
    assert 'data-test="closed"' in page
    sheet = dorothy.get("/desk/closing/2026-11-23.pdf")
    assert sheet.data.startswith(b"%PDF")
    assert sheet.headers["Content-Disposition"] == "inline; filename=closing.pdf"
    for none in ("2026-11-22", "yesterday"):
        assert dorothy.get(f"/desk/closing/{none}.pdf").status_code == 404


def refusals(people: People) -> list[tuple[str, str]]:
    refused = select(tables.AuditEntry).where(tables.AuditEntry.did == Did.WAS_REFUSED)
    with access.transaction(people.system) as desk:
        rows = desk.session.scalars(refused.order_by(tables.AuditEntry.seq))
        return [(row.actor, row.object) for row in rows]


def test_somebody_elses_visit_and_record_answer_as_what_is_not_there_and_are_in_the_trail(
    people: People, browsers: Mapping[str, FlaskClient], rose: str
) -> None:
    jean, record, before = browsers["jean"], record_of(people), refusals(people)
    for place, it in (("visits/{}", rose), ("visits/{}/may-tell", rose), ("records/{}.pdf", record)):
        theirs, nobodys = (jean.get("/therapist/" + place.format(one)) for one in (it, "nothing"))
        assert (theirs.status_code, theirs.data) == (404, nobodys.data)
        assert theirs.headers.to_wsgi_list() == nobodys.headers.to_wsgi_list()
    asked = [object_id for actor, object_id in refusals(people)[len(before) :]]
    assert asked == [rose, rose, record]


def test_a_therapist_among_the_sheets_to_confirm_is_refused_nothing(
    people: People, browsers: Mapping[str, FlaskClient]
) -> None:
    before = refusals(people)
    assert browsers["sophia"].get("/desk/confirm").status_code == 200
    assert refusals(people) == before
