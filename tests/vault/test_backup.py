"""Backups: whole, encrypted, and restored elsewhere before they count."""

import shutil
import stat
from pathlib import Path

import pytest
from sqlalchemy import delete

from kiosk.actions.practice import now, offered_forms
from kiosk.errors import CannotRestore, KioskError, WrongPassphrase
from kiosk.settings import Settings
from kiosk.vault import KeyCosts, Vault, files, key_files, tables
from kiosk.vault import backup as backups
from kiosk.vault.backup import backup, restore
from kiosk.vault.engine import DATABASE_FILE
from tests.practices import ALLOWS_HER_DAUGHTER, PASSPHRASE, People
from tests.vault.small import add_client, small_vault


@pytest.fixture
def saved(people: People, tmp_path: Path) -> Path:
    people.signs(people.sits_down(people.visit()), "emergency_contact", ALLOWS_HER_DAUGHTER)
    file = tmp_path / "practice.kiosk-backup"
    report = backup(people.practice.vault, file)
    assert report.verified, report.problem
    assert not list(tmp_path.glob(".*")), "nothing half made is left"
    return file


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small one, for what only asks what becomes of its bytes."""
    folder = tmp_path_factory.mktemp("once")
    with small_vault(folder / "practice") as vault:
        add_client(vault, "ada", b"a page" * 1_000)
        (folder / "out").mkdir()
        assert backup(vault, folder / "out" / "practice.kiosk-backup").verified
    return folder / "out"


@pytest.fixture
def small(made_once: Path, tmp_path: Path) -> Path:
    shutil.copytree(made_once, tmp_path / "out")
    return tmp_path / "out" / "practice.kiosk-backup"


def test_a_practice_comes_back_with_its_passphrase_alone(people: People, saved: Path, tmp_path: Path) -> None:
    report = restore(saved, tmp_path / "back", PASSPHRASE, now())
    assert report.audit_entries == people.practice.vault.verify_audit().entries
    assert report.documents_checked == people.count(tables.Document)
    back = Vault(Settings.load(tmp_path / "back"), now)
    back.unlock(PASSPHRASE)
    with back.transaction() as store:
        assert back.names.find(store, "rose")[0].name == "Rose Nyberg"
    back.close()


def test_what_the_practice_asks_comes_back_with_what_was_answered(
    people: People, saved: Path, tmp_path: Path
) -> None:
    own = people.practice.settings.instance / "forms"
    restore(saved, tmp_path / "back", PASSPHRASE, now())
    back = tmp_path / "back" / "forms"
    assert {path.name: path.read_text(encoding="utf-8") for path in back.iterdir()} == {
        path.name: path.read_text(encoding="utf-8") for path in own.iterdir()
    }
    assert (tmp_path / "back" / "inbox").is_dir()
    again = offered_forms(Settings.load(tmp_path / "back")).form("emergency_contact")
    assert again == people.practice.catalog.form("emergency_contact")
    assert b"emergency_contact" not in saved.read_bytes()


def test_a_practice_without_forms_of_its_own_comes_back_without(tmp_path: Path) -> None:
    (tmp_path / "practice.toml").write_text('practice_name = "A"\ntime_zone = "UTC"\n', encoding="utf-8")
    vault = Vault(Settings.load(tmp_path), now, KeyCosts(8, 1, 1))
    vault.create(PASSPHRASE)
    assert backup(vault, tmp_path / "b.kiosk-backup").verified
    restore(tmp_path / "b.kiosk-backup", tmp_path / "back", PASSPHRASE, now())
    assert not (tmp_path / "back" / "forms").exists()
    with pytest.raises(KioskError, match="holds a practice already"):
        vault.create(PASSPHRASE)
    vault.close()


def test_a_place_that_cannot_be_written_is_named_as_it_was_given(people: People, tmp_path: Path) -> None:
    with pytest.raises(OSError) as failed:
        backup(people.practice.vault, tmp_path / "nowhere" / "b.kiosk-backup")
    assert failed.value.filename == str(tmp_path / "nowhere" / "b.kiosk-backup")


def test_a_wrong_passphrase_opens_nothing(small: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongPassphrase):
        restore(small, tmp_path / "back", "not this passphrase", now())
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("place", [0, 30, 200, 5_000, -40, -1])
def test_a_changed_byte_is_refused(small: Path, tmp_path: Path, place: int) -> None:
    data = bytearray(small.read_bytes())
    data[place] ^= 1
    small.write_bytes(data)
    with pytest.raises((CannotRestore, WrongPassphrase)):
        restore(small, tmp_path / "back", PASSPHRASE, now())
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("part", [0.0, 0.01, 0.5, 0.99])
def test_a_cut_file_is_refused(small: Path, tmp_path: Path, part: float) -> None:
    data = small.read_bytes()
    small.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(KioskError):
        restore(small, tmp_path / "back", PASSPHRASE, now())
    assert not (tmp_path / "back").exists()


def test_something_appended_is_refused(small: Path, tmp_path: Path) -> None:
    small.write_bytes(small.read_bytes() + b"x")
    with pytest.raises(CannotRestore):
        restore(small, tmp_path / "back", PASSPHRASE, now())


def test_nothing_is_restored_over_something(small: Path, tmp_path: Path) -> None:
    (tmp_path / "back").mkdir()
    (tmp_path / "back" / "something").write_text("mine", encoding="utf-8")
    with pytest.raises(CannotRestore, match="not empty"):
        restore(small, tmp_path / "back", PASSPHRASE, now())


def test_a_document_that_is_missing_makes_the_backup_not_count(people: People, tmp_path: Path) -> None:
    report = backup(people.practice.vault, tmp_path / "b.kiosk-backup", documents=["nowhere"])
    assert not report.verified
    assert report.problem is not None
    assert "missing" in report.problem


def test_a_damaged_document_makes_the_backup_not_count(people: People, tmp_path: Path) -> None:
    people.signs(people.sits_down(people.visit()), "emergency_contact", ALLOWS_HER_DAUGHTER)
    with people.practice.vault.transaction() as store:
        row = store.session.query(tables.Document).one()
        row.mac = "0" * 64
    report = backup(people.practice.vault, tmp_path / "b.kiosk-backup")
    assert not report.verified


def test_a_broken_audit_trail_makes_the_backup_not_count(people: People, tmp_path: Path) -> None:
    with people.practice.vault.transaction() as store:
        store.session.execute(delete(tables.AuditEntry).where(tables.AuditEntry.seq == 2))
    report = backup(people.practice.vault, tmp_path / "b.kiosk-backup")
    assert report.problem is not None
    assert "audit trail" in report.problem


def test_a_backup_that_does_not_hold_leaves_the_one_before_as_it_was(people: People, saved: Path) -> None:
    before = {path.name: path.read_bytes() for path in saved.parent.iterdir() if path.is_file()}
    with people.practice.vault.transaction() as store:
        store.session.query(tables.Document).one().mac = "0" * 64
    report = backup(people.practice.vault, saved)
    assert not report.verified
    assert before == {path.name: path.read_bytes() for path in saved.parent.iterdir() if path.is_file()}


def test_a_backup_that_does_not_hold_is_not_left_behind(people: People, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert not backup(people.practice.vault, tmp_path / "out" / "b", documents=["nowhere"]).verified
    assert list((tmp_path / "out").iterdir()) == []


def test_what_held_keys_is_overwritten_before_it_is_deleted(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, zeros = files.overwrite_and_delete, list[str]()

    def noted(path: Path) -> None:
        zeros.append(path.name)
        plain(path)

    for module in (files, backups):
        monkeypatch.setattr(module, "overwrite_and_delete", noted)
    assert not backup(people.practice.vault, tmp_path / "b", documents=["nowhere"]).verified
    assert {DATABASE_FILE, ".b.part", ".b.keys.part"} <= set(zeros)
    assert not backups.scratch_of(people.practice.settings.instance).exists()


def test_nobody_else_on_this_machine_reads_a_practice_its_backups_or_their_keys(
    small: Path, tmp_path: Path
) -> None:
    restore(small, tmp_path / "back", PASSPHRASE, now())
    with small_vault(tmp_path / "new", copied=False) as made:
        backup(made, tmp_path / "b")
    private = [small, key_files.beside(small), tmp_path / "b", tmp_path / "b.keys"]
    private += [tmp_path / name / DATABASE_FILE for name in ("back", "new")]
    private += [path for path in (tmp_path / "back").iterdir() if path.name.startswith(DATABASE_FILE)]
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in private} == dict.fromkeys(
        (path.name for path in private), 0o600
    )
    assert stat.S_IMODE((tmp_path / "back").stat().st_mode) == 0o700
