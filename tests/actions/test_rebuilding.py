"""From sealed PDFs alone: the same clients, the same records, and nobody allows more than they did."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from forms.decisions import TAKEN_BACK
from forms.standing import standing
from kiosk import access
from kiosk.access import Practice
from kiosk.actions import confirming, rebuilding, records, sources, visit_page, visits
from kiosk.actions.archived import Index
from kiosk.actions.clients import Profile, profile_of
from kiosk.actions.endings import endings_on_file
from kiosk.actions.practice import system
from kiosk.errors import CannotRestore, ErasedListChanged, Invalid
from kiosk.vault import erased, new_id, tables
from kiosk.vault.tombstone import erase
from pdf.verify import Verified, verify
from tests.actions.archives import Files, allowed, archived, quiet, rebuilt, wanted
from tests.practices import ALLOWS_HER_DAUGHTER, NOON, People, make_people

FORM = "emergency_contact"
DAY = timedelta(days=1)


def contact(name: str, may_call: str = "allow", until: str = "") -> dict[str, object]:
    person = {"name": name, "relation": "daughter", "phone": "512 555 0142"}
    return {"contact": person, "may_call_emergency": may_call, **({"ends_on": until} if until else {})}


@pytest.fixture
def files(people: People) -> Files:
    return Files(people)


def taken_back(files: Files, record: str, question: str = "") -> None:
    with access.transaction(files.people.system) as desk:
        desk.session.add(
            tables.Ending(id=new_id(), record_id=record, question=question, how=TAKEN_BACK, said="in_person",
                          at=desk.now, by="system")
        )  # fmt: skip


def extracted(files: Files, tmp_path: Path) -> Path:
    made = archived(files.people, tmp_path / "a.kiosk-archive")
    sources.extract(tmp_path / "a.kiosk-archive", made.code, tmp_path / "folder")
    return tmp_path / "folder"


def test_what_was_signed_at_the_tablet_comes_back_as_it_was(people: People, tmp_path: Path) -> None:
    visit = people.visit("Rose Nyberg")
    people.signs(people.sits_down(visit), FORM, ALLOWS_HER_DAUGHTER)
    before, owed = allowed(people.practice), forms_due(people.desk, visit)
    made = archived(people, tmp_path / "a.kiosk-archive")
    source = sources.of_archive(tmp_path / "a.kiosk-archive", made.code)
    report, practice = rebuilt(source, tmp_path / "new", people.clock)
    assert allowed(practice) == before
    assert (report.clients, report.records, report.permissions) == (1, 1, 1)
    assert practice.vault.verify_audit().ok
    by = owner(practice)
    (found,) = visits.find_clients(by, "nyb")
    with access.transaction(by) as desk:
        (row,) = desk.session.query(tables.Record).all()
        assert (row.client_id, row.channel, row.signed_at) == (found.id, "tablet", NOON)
        therapist = desk.session.query(tables.Staff).one()
        therapist.roles = "owner front_desk therapist"
    assert isinstance(verify(records.pdf(by, row.id)), Verified)
    again = visits.add(by, {"client_id": found.id, "therapist": therapist.id, "date": "2026-11-24",
                            "time": "12:00"})  # fmt: skip
    assert forms_due(by, again) == owed
    view = visit_page.visit_view(by, again)
    assert [(row.title, row.signed) for row in view.records] == [("Emergency contact", "23 November 2026")]
    practice.vault.close()


def forms_due(by: access.Actor, visit: str) -> set[str]:
    return {due.form for due in visit_page.visit_view(by, visit).due}


def owner(practice: Practice) -> access.Actor:
    return access.Actor(practice, "ruth", "Ruth", frozenset({access.Role.OWNER}), "test", "staff")


@pytest.mark.long
def test_paper_comes_back_with_its_day_and_its_channel(hurried: People, tmp_path: Path) -> None:
    sheet = hurried.brings_paper(hurried.visit())
    hurried.confirms(sheet)
    confirming.finish(hurried.desk, sheet)
    before = allowed(hurried.practice)
    made = archived(hurried, tmp_path / "a.kiosk-archive")
    source = sources.of_archive(tmp_path / "a.kiosk-archive", made.code)
    _, practice = rebuilt(source, tmp_path / "new", hurried.clock)
    assert allowed(practice) == before
    practice.vault.close()


def test_who_was_taken_back_from_is_asked_again_and_the_others_are_not(files: Files, tmp_path: Path) -> None:
    rose, theo = files.client("Rose Nyberg"), files.client("Theo Okafor")
    first = files.signs(rose, FORM, contact("Kirsten Nyberg"), NOON)
    files.signs(theo, FORM, contact("Joan Keller"), NOON)
    taken_back(files, first)
    before = allowed(files.people.practice)
    report, practice = rebuilt(
        sources.of_folder(extracted(files, tmp_path)), tmp_path / "new", files.people.clock
    )
    assert allowed(practice) == before
    assert (report.permissions, report.asked_again) == (1, 0)
    practice.vault.close()


def without_index(folder: Path) -> sources.FolderSource:
    (folder / "index.json").unlink()
    return sources.of_folder(folder)


def test_without_an_index_nothing_is_allowed_unless_the_owner_says_so(files: Files, tmp_path: Path) -> None:
    client = files.client("Rose Nyberg", datetime(1956, 4, 27, tzinfo=UTC))
    record = files.signs(client, FORM, contact("Kirsten Nyberg"), NOON)
    source = without_index(extracted(files, tmp_path))
    for as_signed, permissions in ((False, 0), (True, 1)):
        report, practice = rebuilt(source, tmp_path / str(as_signed), files.people.clock, as_signed=as_signed)
        assert (report.permissions, report.asked_again) == (permissions, 1 - permissions)
        with practice.vault.transaction() as store:
            assert store.session.get_one(tables.Record, record).client_id == client
            assert practice.vault.names.find(store, "kirsten") == ()
            assert practice.vault.names.find(store, "rose")[0].born is not None
        profile = profile_in(practice, client)
        assert profile.places["client.emergency_contact"]["name"] == "Kirsten Nyberg"
        practice.vault.close()


def profile_in(practice: Practice, client: str) -> Profile:
    with access.transaction(system(practice)) as desk:
        return profile_of(desk, client)


def test_records_from_before_they_carried_an_id_go_together_by_name_and_birth_date(
    files: Files, tmp_path: Path
) -> None:
    born = datetime(1956, 4, 27, tzinfo=UTC)
    rose, namesake, unborn = (
        files.client("Rose Nyberg", born),
        files.client("Rose Nyberg"),
        files.client("X Y"),
    )
    for number, client in enumerate((rose, rose, namesake, unborn, unborn)):
        files.signs(client, FORM, contact(f"Friend {number}"), NOON + number * DAY, carries_client=False)
    source = without_index(extracted(files, tmp_path))
    report, practice = rebuilt(source, tmp_path / "new", files.people.clock, as_signed=True)
    assert (report.clients, report.by_name) == (4, 5), "who has no birth date stands alone"
    practice.vault.close()


def test_a_changed_record_stops_it_and_is_named_by_its_number(files: Files, tmp_path: Path) -> None:
    rose, theo = files.client("Rose Nyberg"), files.client("Theo Okafor")
    for number, client in enumerate((rose, theo, rose)):
        files.signs(client, FORM, contact("Kirsten Nyberg"), NOON + number * DAY)
    folder = extracted(files, tmp_path)
    changed = folder / "records" / "000003.pdf"
    data = bytearray(changed.read_bytes())
    data[len(data) // 2] ^= 1
    changed.write_bytes(data)
    files.people.clock.forward(days=9)
    source = sources.of_folder(folder)
    with pytest.raises(CannotRestore) as stopped:
        rebuilt(source, tmp_path / "new", files.people.clock)
    assert "not as sealed: number 3" in str(stopped.value)
    assert "Nyberg" not in str(stopped.value)
    assert not (tmp_path / "new").exists()
    report, practice = rebuilt(source, tmp_path / "new", files.people.clock, without_damaged=True)
    assert (report.refused, report.records, report.asked_again, report.permissions) == ((3,), 2, 1, 1)
    practice.vault.close()


def test_a_record_that_is_missing_stops_it_too(files: Files, tmp_path: Path) -> None:
    rose = files.client("Rose Nyberg")
    for number in range(2):
        files.signs(rose, FORM, contact("Kirsten Nyberg", ("allow", "refuse")[number]), NOON + number * DAY)
    folder = extracted(files, tmp_path)
    (folder / "records" / "000002.pdf").unlink()
    with pytest.raises(CannotRestore, match="missing: number 2"):
        rebuilt(sources.of_folder(folder), tmp_path / "new", files.people.clock)
    report, practice = rebuilt(
        sources.of_folder(folder), tmp_path / "new", files.people.clock, without_damaged=True
    )
    assert (report.missing, report.permissions) == ((2,), 0), "the refusal that is missing counts"
    practice.vault.close()


def test_somebody_else_s_record_in_the_folder_is_refused(files: Files, tmp_path: Path) -> None:
    rose, theo = files.client("Rose Nyberg"), files.client("Theo Okafor")
    files.signs(rose, FORM, contact("Kirsten Nyberg"), NOON)
    folder = extracted(files, tmp_path)
    files.signs(theo, FORM, contact("Joan Keller"), NOON + DAY)
    (tmp_path / "a.kiosk-archive").unlink()
    both = shutil.copytree(folder, tmp_path / "first") and extracted_again(files, tmp_path)
    shutil.copy(both / "records" / "000002.pdf", tmp_path / "first" / "records" / "000009.pdf")
    with pytest.raises(CannotRestore, match="not as sealed: number 9"):
        rebuilt(sources.of_folder(tmp_path / "first"), tmp_path / "new", files.people.clock)


def extracted_again(files: Files, tmp_path: Path) -> Path:
    shutil.rmtree(tmp_path / "folder")
    return extracted(files, tmp_path)


def test_who_is_on_the_list_is_not_rebuilt_from_a_folder_without_index_either(
    files: Files, tmp_path: Path
) -> None:
    rose, theo = files.client("Rose Nyberg"), files.client("Theo Okafor")
    files.signs(rose, FORM, contact("Kirsten Nyberg"), NOON)
    files.signs(theo, FORM, contact("Joan Keller"), NOON)
    source = without_index(extracted(files, tmp_path))
    report, practice = rebuilt(source, tmp_path / "new", files.people.clock, erased=[rose])
    assert (report.clients, report.records, report.erased) == (1, 1, 1)
    with practice.vault.transaction() as store:
        assert practice.vault.names.find(store, "rose") == ()
    practice.vault.close()


def test_a_hold_and_the_last_visit_come_along(files: Files, tmp_path: Path) -> None:
    visit = files.people.visit("Rose Nyberg")
    with access.transaction(files.people.system) as desk:
        client = desk.session.get_one(tables.Visit, visit).client_id
        desk.session.get_one(tables.Client, client).held_at = desk.now
    files.signs(client, FORM, contact("Kirsten Nyberg"), NOON)
    files.people.clock.forward(days=30)
    _, practice = rebuilt(sources.of_folder(extracted(files, tmp_path)), tmp_path / "new", files.people.clock)
    with practice.vault.transaction() as store:
        row = store.session.get_one(tables.Client, client)
        assert (row.held_at, row.made_at) == (NOON, NOON)
        assert row.visited_at == datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
    practice.vault.close()


def test_what_is_no_source_is_refused_in_words(files: Files, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(CannotRestore, match="no PDF"):
        sources.of_folder(folder)
    (folder / "a.pdf").write_bytes(b"%PDF-1.7 nothing")
    with pytest.raises(CannotRestore, match="not as sealed: number 1"):
        rebuilt(sources.of_folder(folder), tmp_path / "new", files.people.clock)
    of_nobody = '{"schema": 1, "practice": "", "list_key": "", "clients": [], "endings": [], "records": [%s]}'
    for text in ("{}", "[]", '{"schema": 99}', of_nobody % "{}",
                 of_nobody % '{"number": 1, "id": "r", "client": "c"}'):  # fmt: skip
        with pytest.raises(CannotRestore):
            Index.from_json(text.encode())


def test_a_form_that_nobody_knows_stops_it(files: Files, tmp_path: Path) -> None:
    files.signs(files.client("Rose Nyberg"), FORM, contact("Kirsten Nyberg"), NOON)
    folder = extracted(files, tmp_path)
    shutil.rmtree(folder / "forms")
    with pytest.raises(CannotRestore, match=r"emergency_contact \d"):
        rebuilt(sources.of_folder(folder), tmp_path / "new", files.people.clock)
    assert list(tmp_path.glob("*new*")) == []


def test_nothing_is_rebuilt_over_something_or_with_a_short_passphrase(files: Files, tmp_path: Path) -> None:
    files.signs(files.client("Rose Nyberg"), FORM, contact("Kirsten Nyberg"), NOON)
    source = sources.of_folder(extracted(files, tmp_path))
    with pytest.raises(CannotRestore, match="not empty"):
        rebuilt(source, tmp_path / "folder", files.people.clock)
    short = replace(wanted(source), passphrase="short")
    with pytest.raises(Invalid):
        rebuilding.rebuild(source, tmp_path / "new", short, files.people.clock, on_step=quiet)
    assert not (tmp_path / "new").exists()


one_record = st.tuples(
    st.integers(0, 2),  # whose
    st.integers(0, 40),  # on which day
    st.sampled_from(["allow", "allow", "refuse"]),
    st.sampled_from(["", "2026-12-01", "2027-06-01"]),  # until when
    st.sampled_from([None, None, "", "may_call_emergency"]),  # what was taken back
)


def come_back_as_they_were(history: list[tuple[int, int, str, str, str | None]], tmp_path: Path) -> None:
    folder = tmp_path / new_id()
    folder.mkdir()
    for people in make_people(folder / "practice"):
        files = Files(people)
        clients = [files.client(name) for name in ("Rose Nyberg", "Theo Okafor", "Rose Nyberg")]
        for whose, day, said, until, ended in history:
            record = files.signs(
                clients[whose], FORM, contact("Kirsten Nyberg", said, until), NOON + day * DAY
            )
            if ended is not None:
                taken_back(files, record, ended)
        people.clock.forward(days=41)
        before, card_before = allowed(people.practice), cards(people.practice)
        made = archived(people, folder / "a.kiosk-archive")
        source = sources.of_archive(folder / "a.kiosk-archive", made.code)
        report, practice = rebuilt(source, folder / "new", people.clock)
        assert allowed(practice) == {client: found for client, found in before.items() if found[0]}
        assert cards(practice) == {client: rows for client, rows in card_before.items() if before[client][0]}
        assert report.records == len(history)
        practice.vault.close()


def cards(practice: Practice) -> dict[str, object]:
    """What the therapist's card says of each client."""
    with access.transaction(system(practice)) as desk:
        return {
            client: standing(
                practice.catalog.current(),
                records.decisions_on_file(desk, client),
                endings_on_file(desk, client),
                desk.local_now,
            )
            for client in desk.session.scalars(select(tables.Client.id)).all()
        }


def test_what_each_client_allows_is_what_it_was(tmp_path: Path) -> None:
    """Allowed, refused after it, run out, running, taken back in whole and in part; two of one name."""
    history = [
        (0, 1, "allow", "", None),
        (0, 5, "refuse", "", None),
        (1, 2, "allow", "2026-12-01", None),
        (1, 9, "allow", "2027-06-01", ""),
        (2, 3, "allow", "", "may_call_emergency"),
        (2, 30, "allow", "2027-06-01", None),
    ]
    come_back_as_they_were(history, tmp_path)


@pytest.mark.long
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(one_record, min_size=1, max_size=8))
def test_what_each_client_allows_is_what_it_was_in_many_histories(
    history: list[tuple[int, int, str, str, str | None]], tmp_path: Path
) -> None:
    come_back_as_they_were(history, tmp_path)


def test_the_list_that_a_practice_wrote_is_applied_and_carried_on(files: Files, tmp_path: Path) -> None:
    people = files.people
    rose, theo = files.client("Rose Nyberg"), files.client("Theo Okafor")
    for client in (rose, theo):
        files.signs(client, FORM, contact("Kirsten Nyberg"), NOON)
    folder = extracted(files, tmp_path)
    source = sources.of_folder(folder)
    with access.transaction(people.system) as desk:
        keys = erase(desk.session, rose, desk.now)
    erased.note(people.practice.vault, keys, NOON)
    written = people.practice.settings.instance / erased.FILE
    assert sources.lists_beside(folder, source.beside.index) == ()
    shutil.copy(written, folder / erased.FILE)
    for index in (source.beside.index, None):
        assert sources.lists_beside(folder, index) == (folder / erased.FILE,)
    assert sources.lists_beside(folder, replace(source.beside.index, practice="another")) == ()
    found = sources.erased_on(folder / erased.FILE, source.beside.index)
    assert {rose, *keys} <= found == sources.erased_on(folder / erased.FILE, None)
    report, practice = rebuilt(source, tmp_path / "new", people.clock, erased=found)
    assert (report.clients, report.erased) == (1, 1)
    with practice.vault.transaction() as store:
        assert found <= set(erased.read(tmp_path / "new" / erased.FILE, store))
    practice.vault.close()

    other = replace(source.beside.index, practice="another")
    with pytest.raises(CannotRestore, match="another practice's list"):
        sources.erased_on(written, other)
    for text in ("", "nothing", written.read_text().replace(keys[0], "x" * len(keys[0]))):
        written.write_text(text)
        with pytest.raises(ErasedListChanged):
            sources.erased_on(written, source.beside.index)


@pytest.mark.parametrize(
    "damaged",
    [{"last_visit": "x"}, {"held_at": "2026-11-23T10:00:00"}, {"held_at": 5}, {"made_at": None},
     {"profile": {}}, {"profile": []}, {"profile": {"name": 5, "born": None, "lang": "en", "places": {}}},
     {"profile": {"name": "Rose", "born": "x", "lang": "en", "places": {}}}],
)  # fmt: skip
def test_an_index_in_which_a_client_was_damaged_is_said_to_be(damaged: dict[str, object]) -> None:
    client = {"id": "c", "keys": ["k"], "made_at": "2026-11-23T10:00:00+00:00", "last_visit": None,
              "held_at": None, "profile": Profile("Rose", None).to_plain()}  # fmt: skip
    index = {
        "schema": 1,
        "practice": "p",
        "list_key": "00",
        "clients": [client],
        "records": [],
        "endings": [],
    }
    assert Index.from_json(json.dumps(index).encode()).clients
    index["clients"] = [{**client, **damaged}]
    with pytest.raises(CannotRestore, match=r"index\.json was changed"):
        Index.from_json(json.dumps(index).encode())
