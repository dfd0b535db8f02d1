"""A process that is killed at any moment: all that was acknowledged is there, and nothing is half there.

SIGKILL is not a power cut: what the system has taken it still writes. What a disk that fails does is in
`tests/faults`.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from kiosk import access
from kiosk.access import Desk, Sitting
from kiosk.actions import check_in, documents, handing, signing
from kiosk.vault import Vault, tables
from kiosk.vault.did import Did
from kiosk.vault.states import BatchState, SheetState
from tests.fuzz.seeds import picture, saved
from tests.kills.nursery import Nursery, born, by_chance, old_journal
from tests.practices import ALLOWS_HER_DAUGHTER, BORN, NOON, People, confirmed_once, reopened

FORM = "emergency_contact"
JOURNALS = ("", "TRUNCATE")


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with born() as made:
        yield made


@pytest.fixture
def journal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nursery]:
    """Children that keep to one of the two journals, as this process does."""
    if request.param:
        old_journal(monkeypatch)
    with born(request.param) as made:
        yield made


both_journals = pytest.mark.parametrize("journal", JOURNALS, ids=["wal", "rollback"], indirect=True)


def whole(vault: Vault) -> None:
    """The file holds together, and so does the trail."""
    with vault.transaction() as store:
        assert store.session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert store.session.execute(text("PRAGMA foreign_key_check")).all() == []
        assert store.verify_audit().ok


def audited(desk: Desk, did: Did, object_id: str) -> int:
    rows = select(func.count()).select_from(tables.AuditEntry)
    return (
        desk.session.scalar(rows.where(tables.AuditEntry.did == did, tables.AuditEntry.object == object_id))
        or 0
    )


def given(people: People) -> dict[str, str]:
    return {"instance": str(people.practice.settings.instance), "at": people.clock.now.isoformat()}


def killed_while_writing(people: People, nursery: Nursery, rounds: int) -> None:
    rng, acknowledged = by_chance(), set[str]()
    for number in range(rounds):
        said = nursery.killed("writes", rng.uniform(0.005, 0.045), name=str(number), **given(people))
        acknowledged |= set(said) - {"ready"}
        whole(people.practice.vault)
        with people.practice.vault.transaction() as store:
            assert acknowledged <= set(store.session.scalars(select(tables.AuditEntry.object)))
    assert len(acknowledged) >= rounds // 2


def at_the_pen(people: People, tablet_token: str) -> tuple[Sitting, str, str]:
    """A client who has read the form to its end: the sitting, its token, and the submission to come."""
    tablet = access.tablet_of(people.practice, tablet_token)
    token = check_in.by_code(tablet, handing.make_code(people.desk, people.visit()), "en")
    check_in.birth_date(access.sitting_of(tablet, token), BORN)
    sitting = access.sitting_of(tablet, token)
    people.answers(sitting, FORM, ALLOWS_HER_DAUGHTER)
    signing.certify(sitting, FORM)
    return sitting, token, signing.to_sign(sitting, FORM).submission


def signed_whole_or_not(people: People, sitting: Sitting, submission: str) -> bool:
    """Whether it was signed: record, PDF, profile, audit and no draft; or nothing of it and the draft."""
    with access.transaction(people.system) as desk:
        record = desk.session.scalar(select(tables.Record).where(tables.Record.submission == submission))
        draft = select(tables.Draft.id).where(
            tables.Draft.visit_id == sitting.visit_id, tables.Draft.form == FORM
        )
        has_draft = desk.session.scalar(draft) is not None
        if record is None:
            assert has_draft
            mine = select(tables.Record.id).where(tables.Record.visit_id == sitting.visit_id)
            assert desk.session.scalar(mine) is None
            return False
        assert not has_draft
        assert documents.read(desk, record.document_id).startswith(b"%PDF")
        assert audited(desk, Did.SIGNED, record.id) == 1
        return True


def killed_while_signing(people: People, nursery: Nursery, rounds: int) -> set[bool]:
    """Half of them near the writing, half anywhere; returns how it ended, each way once."""
    rng, ends, all_signed = by_chance(), set(), set[str]()
    tablet = access.pair(people.practice, access.make_pairing(people.desk, "Tablet"), "test")
    for number in range(rounds):
        sitting, token, submission = at_the_pen(people, tablet)
        after, seconds = ("sealed", rng.uniform(0, 0.025)) if number % 2 else ("ready", rng.uniform(0, 0.4))
        about = {"tablet": tablet, "sitting": token, "form": FORM, "submission": submission}
        said = nursery.killed("signs", seconds, after, **about, **given(people))
        whole(people.practice.vault)
        signed = signed_whole_or_not(people, sitting, submission)
        assert signed or f"signed {submission}" not in said, "what was acknowledged is there"
        ends.add(signed)
        all_signed |= {submission} if signed else set()
        assert all_signed <= signed_with_its_file(people), "also what was signed before"
        if number % 5 == 0:  # the client, who saw no answer, presses once more
            data = {"way": "typed", "typed_name": "Rose Nyberg", "submission": submission}
            signing.sign(sitting, FORM, data)
            assert signed_whole_or_not(people, sitting, submission)
            all_signed.add(submission)
    return ends


def signed_with_its_file(people: People) -> set[str]:
    with access.transaction(people.system) as desk:
        document = tables.Document.id == tables.Record.document_id
        return set(desk.session.scalars(select(tables.Record.submission).join(tables.Document, document)))


def killed_while_taking_in(people: People, nursery: Nursery, rounds: int) -> None:
    """No scan that was acknowledged is lost, and no file leaves the inbox that is not in the store."""
    inbox = people.practice.settings.instance / "inbox"
    rng, dropped, acknowledged = by_chance(), dict[str, bytes](), set[str]()
    for number in range(rounds):
        for part in range(4):
            name = f"{number}-{part}.png"
            dropped[name] = saved(picture(size=(100 + number, 60 + part)), "PNG")
            (inbox / name).write_bytes(dropped[name])
        said = nursery.killed("takes_in", rng.uniform(0, 0.06), name=str(number), **given(people))
        acknowledged |= {line.split()[1] for line in said if line.startswith("stored ")}
        whole(people.practice.vault)
        with access.transaction(people.system) as desk:
            all_taken_in(desk, acknowledged)
            macs = set(desk.session.scalars(select(tables.Document.mac)))
            for name in [name for name in dropped if not (inbox / name).exists()]:
                assert documents.content_mac(desk, dropped.pop(name)) in macs, "or it has not left the inbox"


def all_taken_in(desk: Desk, acknowledged: set[str]) -> None:
    """Each scan with its document, which opens, and one line in the trail; no document without its scan."""
    document_of = dict(desk.session.execute(select(tables.Scan.id, tables.Scan.document_id)).all())
    assert acknowledged <= set(document_of)
    kept = set(desk.session.scalars(select(tables.Document.id)))
    assert set(document_of.values()) == kept, "each has its scan"
    lines = select(tables.AuditEntry.object).where(tables.AuditEntry.did == Did.RECEIVED_SCAN)
    assert sorted(desk.session.scalars(lines)) == sorted(document_of), "one line for each"
    for scan in acknowledged:
        documents.read(desk, document_of[scan])


@contextmanager
def a_copy(template: Path, folder: Path) -> Iterator[People]:
    shutil.copytree(template, folder)
    yield from reopened(folder, NOON)
    shutil.rmtree(folder)


REACHED = {
    SheetState.CONFIRMED: (),
    SheetState.CLEARED: (Did.CLEARED_SHEET,),
    SheetState.BATCHED: (Did.CLEARED_SHEET,),
    SheetState.SHREDDED: (Did.CLEARED_SHEET,),
}


def paper_stands(people: People, said: list[str]) -> SheetState:
    """The paper has come as far as was said, and no further than what takes its place allows."""
    with access.transaction(people.system) as desk:
        sheet = desk.session.scalars(select(tables.Sheet)).one()
        state = SheetState(sheet.state)
        for did in REACHED[state]:
            assert audited(desk, did, sheet.id) == 1
        if state != SheetState.CONFIRMED:
            kept = desk.session.get_one(tables.Backup, sheet.backup_id)
            assert kept.verified_at is not None
            assert (people.practice.settings.instance / "backups" / kept.file_name).stat().st_size
        batch = desk.session.get(tables.ShredBatch, sheet.batch_id) if sheet.batch_id else None
        assert (batch is not None) == (state in (SheetState.BATCHED, SheetState.SHREDDED))
        if batch is not None:
            assert (batch.state == BatchState.SHREDDED) == (state == SheetState.SHREDDED)
            assert (batch.certificate_id is not None) == (state == SheetState.SHREDDED)
            assert audited(desk, Did.SHREDDED_BATCH, batch.id) == (state == SheetState.SHREDDED)
            if batch.certificate_id:
                assert documents.read(desk, batch.certificate_id).startswith(b"%PDF")
        steps = {"cleared": SheetState.CLEARED, "batch": SheetState.BATCHED, "shredded": SheetState.SHREDDED}
        order = list(REACHED)
        reached = [steps[line.split()[0]] for line in said if line.split()[0] in steps]
        assert order.index(state) >= max((order.index(one) for one in reached), default=0)
        return state


MOMENTS = (("ready", 0.35), ("backed", 0.02), ("cleared", 0.02), ("batch", 0.3), ("cleared", 0.3))


def killed_while_clearing(folder: Path, nursery: Nursery, rounds: int) -> set[SheetState]:
    rng, ends = by_chance(), set()
    for number in range(rounds):
        with a_copy(confirmed_once(), folder / str(number)) as people:
            after, longest = MOMENTS[number % len(MOMENTS)]
            said = nursery.killed("clears", rng.uniform(0, longest), after, days=8, **given(people))
            whole(people.practice.vault)
            ends.add(paper_stands(people, said))
    return ends


def test_a_killed_writer_loses_nothing_that_was_acknowledged(people: People, nursery: Nursery) -> None:
    killed_while_writing(people, nursery, 6)


def test_a_killed_signing_happened_whole_or_not_at_all(people: People, nursery: Nursery) -> None:
    assert killed_while_signing(people, nursery, 3)


def test_a_killed_worker_loses_no_scan(people: People, nursery: Nursery) -> None:
    killed_while_taking_in(people, nursery, 6)


def test_a_killed_clearing_lets_no_paper_go_early(tmp_path: Path, nursery: Nursery) -> None:
    assert killed_while_clearing(tmp_path, nursery, 4)


def written_by_two(people: People, nursery: Nursery, each: int) -> None:
    with people.practice.vault.transaction() as store:
        store.session.add(tables.Miss(key="counter", count=0, last_at=store.now))
        entries = store.verify_audit().entries
    assert nursery.did("counts", each=each, **given(people)) == ["ended [0, 0]"]
    whole(people.practice.vault)
    with people.practice.vault.transaction() as store:
        assert store.session.get_one(tables.Miss, "counter").count == 2 * each
        assert store.verify_audit().entries == entries + 2 * each


def test_two_processes_that_write_at_once_lose_nothing(people: People, nursery: Nursery) -> None:
    written_by_two(people, nursery, 150)


@pytest.mark.long
def test_twenty_thousand_transactions_of_two_processes_lose_nothing(people: People, nursery: Nursery) -> None:
    written_by_two(people, nursery, 10_000)


@pytest.mark.long
@pytest.mark.parametrize("journal", JOURNALS[1:], ids=["rollback"], indirect=True)
def test_nor_do_two_thousand_with_the_other_journal(journal: Nursery, people: People) -> None:
    written_by_two(people, journal, 1_000)


@pytest.mark.long
@both_journals
def test_three_hundred_killed_writers_lose_nothing(journal: Nursery, people: People) -> None:
    killed_while_writing(people, journal, 150)


@pytest.mark.long
@both_journals
def test_three_hundred_killed_signings_happened_whole_or_not_at_all(journal: Nursery, people: People) -> None:
    """Half of them with each journal. What they take is printed, not asserted: see docs/checks.md, row 1."""
    begun = time.monotonic()
    assert killed_while_signing(people, journal, 150) == {True, False}
    print(f"150 kills took {time.monotonic() - begun:.0f} s")


@pytest.mark.long
@both_journals
def test_two_hundred_killed_workers_lose_no_scan(journal: Nursery, people: People) -> None:
    killed_while_taking_in(people, journal, 100)


@pytest.mark.long
@both_journals
def test_two_hundred_killed_clearings_let_no_paper_go_early(tmp_path: Path, journal: Nursery) -> None:
    assert killed_while_clearing(tmp_path, journal, 100) >= {
        SheetState.CONFIRMED,
        SheetState.CLEARED,
    }
