"""A disk that is full, cannot be written, or fails at any one write: said in words, and nothing half done."""

import gc
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from kiosk import access, worker
from kiosk.actions import paper, reading_scans, signing
from kiosk.app import create_app
from kiosk.errors import StoreBusy, StoreReadOnly, StoreTrouble
from kiosk.vault import Vault, engine, lockfile, tables
from pdf import record as record_pdf
from tests.bench.records import sample
from tests.browser.conftest import free_port
from tests.cli.test_commands import given as passphrase_given
from tests.cli.test_commands import run
from tests.faults.disk import FULL, IO_DELETE, IO_SYNC, IO_TRUNCATE, IO_WRITE, READ_ONLY, Disk
from tests.fuzz.seeds import seed
from tests.kills.nursery import old_journal
from tests.kills.test_kills import FORM, at_the_pen, signed_whole_or_not, whole
from tests.practices import BORN, PASSPHRASE, People, make_people
from tests.web.test_application import token

# Which asking fails, how, and whether the disk is well again at the next.
FAULTS = (("", FULL, False), ("write", IO_WRITE, True), ("sync", IO_SYNC, True), ("sync", IO_SYNC, False))
OF_A_ROLLBACK_JOURNAL = (*FAULTS, ("truncate", IO_TRUNCATE, True), ("delete", IO_DELETE, True))
MOST = 400


@pytest.fixture
def disk() -> Iterator[Disk]:
    made = Disk()
    with made.in_use():
        yield made
        gc.collect()


@pytest.fixture
def failing(disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[People]:
    """A practice on a disk that will fail; its pages are laid out once, for what is asked is what is kept."""
    made = record_pdf.render(sample())
    monkeypatch.setattr(signing.record_pdf, "render", lambda _record: made)
    yield from make_people(tmp_path / "practice")


def signs_on_a_failing_disk(people: People, disk: Disk, fault: tuple[str, int, bool], every: int) -> int:
    """Let the first asking fail, then another, until none is left that could; returns how many failed."""
    kind, code, once = fault
    tablet = access.pair(people.practice, access.make_pairing(people.desk, "Tablet"), "test")
    for at in range(1, MOST, every):
        sitting, _, submission = at_the_pen(people, tablet)
        data = {"way": "typed", "typed_name": "Rose Nyberg", "submission": submission}
        disk.breaks(at, code, kind, once=once)
        try:
            signing.sign(sitting, FORM, data)
            said_done = True
        except StoreTrouble:
            said_done = False
        reached = disk.asked >= at
        disk.heals()
        assert signed_whole_or_not(people, sitting, submission) or not said_done
        whole(people.practice.vault)
        signing.sign(sitting, FORM, data)
        assert signed_whole_or_not(people, sitting, submission), "once there is room it can be done again"
        if not reached:
            return at // every
    raise AssertionError("it never came to an end")


def test_a_signature_on_a_failing_disk_is_whole_or_not_there(failing: People, disk: Disk) -> None:
    assert signs_on_a_failing_disk(failing, disk, FAULTS[0], 16) > 2


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_whichever_write_fails_a_signature_is_whole_or_not_there(
    failing: People, disk: Disk, fault: tuple[str, int, bool]
) -> None:
    print(signs_on_a_failing_disk(failing, disk, fault, 1))


@pytest.mark.long
@pytest.mark.parametrize("fault", OF_A_ROLLBACK_JOURNAL, ids=str)
def test_the_same_with_a_rollback_journal(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch, fault: tuple[str, int, bool]
) -> None:
    old_journal(monkeypatch)
    made = record_pdf.render(sample())
    monkeypatch.setattr(signing.record_pdf, "render", lambda _record: made)
    for people in make_people(tmp_path / "practice"):
        print(signs_on_a_failing_disk(people, disk, fault, 1))


@pytest.fixture
def desk(failing: People) -> FlaskClient:
    app = create_app(failing.practice)
    app.testing = True
    browser = app.test_client()
    browser.set_cookie("kiosk-staff", access.sign_in(failing.practice, "dorothy", PASSPHRASE, "127.0.0.1"))
    browser.set_cookie("kiosk-tablet", access.pair(
        failing.practice, access.make_pairing(failing.desk, "Tablet"), "127.0.0.1"))  # fmt: skip
    return browser


def uploads(desk: FlaskClient, name: str) -> TestResponse:
    data = {"csrf_token": token(desk, "/desk/scans"), "files": (io.BytesIO(name.encode() * 999), "a.pdf")}
    return desk.post("/desk/scans", data=data, content_type="multipart/form-data")


TROUBLES = (
    (FULL, "The disk of this practice is full."),
    (READ_ONLY, "The practice&#39;s folder cannot be written to."),
    (IO_WRITE, "The practice&#39;s database cannot be read or written."),
)


def test_a_disk_in_trouble_is_said_in_words_and_nothing_is_half_saved(
    failing: People, desk: FlaskClient, disk: Disk
) -> None:
    for kept, (code, said) in enumerate(TROUBLES):
        disk.breaks(1, code, once=False)
        answer = uploads(desk, said)
        assert (answer.status_code, said in answer.text) == (503, True)
        assert "Nothing was" in answer.text
        assert desk.get("/desk/").status_code == 200, "what is there can still be read"
        disk.heals()
        assert failing.count(tables.Scan) == failing.count(tables.Document) == kept
        assert uploads(desk, said).status_code == 303
        assert failing.count(tables.Scan) == failing.count(tables.Document) == kept + 1
    whole(failing.practice.vault)
    a_client_is_told_to_go_to_the_desk(desk, disk)


def a_client_is_told_to_go_to_the_desk(desk: FlaskClient, disk: Disk) -> None:
    """And nothing about disks, in any language."""
    sent = {"csrf_token": token(desk, "/tablet/name"), "name": "Rose", **BORN}
    disk.breaks(1, FULL, once=False)
    for lang, said in (("en", "This cannot be kept right now."), ("es", "Esto no se puede guardar ahora.")):
        disk.heals()
        desk.post("/tablet/language", data={"csrf_token": sent["csrf_token"], "_lang": lang})
        disk.breaks(1, FULL, once=False)
        answer = desk.post("/tablet/name", data=sent)
        assert (answer.status_code, said in answer.text) == (503, True)
        assert "disk" not in answer.text


def test_the_worker_goes_on_once_there_is_room(
    failing: People, disk: Disk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "AFTER_A_FAULT_SECONDS", 0.0)
    file = failing.practice.settings.instance / "inbox" / "1.png"
    file.write_bytes(seed("png"))
    os.utime(file, (0, 0))
    disk.breaks(1, FULL, once=False)
    worker.work_once(failing.system)
    failed = {"event": "a job failed", "job": "watch_inbox", "error": "StoreFull"}
    assert failed in [record.msg for record in caplog.records]
    assert file.exists()
    disk.heals()
    assert worker.work_once(failing.system)
    assert not file.exists()


def test_the_worker_has_its_turn_later_where_somebody_else_writes(
    people: People, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engine, "BUSY_MS", 50)
    other = Vault(people.practice.settings, people.clock, people.practice.vault.key_costs)
    other.unlock(PASSPHRASE)
    by = replace(people.system, practice=replace(people.practice, vault=other))
    paper.receive(people.desk, b"this is only text")
    with people.practice.vault.transaction() as held:
        held.session.execute(text("select 1"))
        assert not worker.work_once(by, [reading_scans.read_next])
    assert not caplog.records
    assert worker.work_once(by, [reading_scans.read_next])
    other.close()


def test_who_cannot_have_the_database_is_told_that_another_program_holds_it(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_MS", 50)
    other = Vault(people.practice.settings, people.clock, people.practice.vault.key_costs)
    other.unlock(PASSPHRASE)
    with people.practice.vault.transaction() as held:
        held.session.execute(text("select 1"))
        with pytest.raises(StoreBusy), other.transaction() as waiting:
            waiting.session.execute(text("select 1"))
    other.close()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """To this process; the administrator, who may write everywhere, is nobody meanwhile."""
    paths = [folder, *folder.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(was)
        for path in paths:
            path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.fixture
def a_folder() -> Iterator[Path]:
    """Which anybody may enter, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


def test_a_practice_that_cannot_be_written_says_so_at_start_and_while_it_runs(a_folder: Path) -> None:
    for people in make_people(a_folder / "practice"):
        app = create_app(people.practice)
        folder = str(people.practice.settings.instance)
        people.practice.vault.engine.dispose()
        with read_only(people.practice.settings.instance):
            serve = f"serve --port {free_port()}"
            for command in (serve, f"{serve} --locked", "audit verify", "staff list"):
                given = [] if "--locked" in command else passphrase_given()
                done = run("--instance", folder, *command.split(), *given)
                assert (done.exit_code, done.stdout) == (1, ""), command
                assert done.stderr.startswith("The practice's folder cannot be written to."), command
                assert len(done.stderr.splitlines()) == 1
            browser = app.test_client()
            browser.set_cookie("kiosk-staff", "anybody's")
            answer = browser.get("/desk/")
            assert answer.status_code == 503
            assert "Let this program write there" in answer.text
            with pytest.raises(StoreReadOnly):
                lockfile.hold(people.practice.settings.instance)
        assert browser.get("/desk/").status_code == 303
        whole(people.practice.vault)


def test_a_file_that_is_no_database_is_said_to_be_damaged(people: People) -> None:
    people.practice.vault.engine.dispose()
    file = people.practice.settings.instance / "practice.db"
    for beside in file.parent.glob("practice.db-*"):
        beside.unlink()
    file.write_bytes(b"no database" * 999)
    done = run("--instance", str(file.parent), "audit", "verify", *passphrase_given())
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert "cannot be read or written" in done.stderr
    assert "restore a backup" in done.stderr
