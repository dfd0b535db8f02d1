"""Backups: whole, encrypted, and restored elsewhere before they count."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import delete

from kiosk.actions.practice import now, offered_forms
from kiosk.errors import CannotRestore, KioskError, WrongPassphrase
from kiosk.settings import Settings
from kiosk.vault import KeyCosts, Vault, tables
from kiosk.vault.backup import backup, restore
from tests.practices import ALLOWS_HER_DAUGHTER, PASSPHRASE, People
from tests.vault.small import add_client, small_vault


@pytest.fixture
def saved(people: People, tmp_path: Path) -> Path:
    people.signs(people.sits_down(people.visit()), "emergency_contact", ALLOWS_HER_DAUGHTER)
    file = tmp_path / "practice.kiosk-backup"
    report = backup(people.practice.vault, file)
    assert report.verified, report.problem
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


def test_a_backup_is_made_while_somebody_writes(people: People, saved: Path) -> None:
    with people.practice.vault.transaction():
        pass
    assert saved.stat().st_size > 10_000
    assert not list(saved.parent.glob(".*"))


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
