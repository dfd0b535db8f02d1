"""A new key for one client: everything of theirs opens as before, and under the old key nothing does."""

from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk import access
from kiosk.actions import documents
from kiosk.actions.practice import now
from kiosk.errors import NotFound
from kiosk.settings import Settings
from kiosk.vault import Vault, tables
from kiosk.vault.backup import backup, restore
from kiosk.vault.key_files import beside
from kiosk.vault.rekeying import rekey
from kiosk.vault.sealed_columns import OFFICE, SEALED_COLUMNS
from tests.practices import ALLOWS_HER_DAUGHTER, PASSPHRASE, People
from tests.vault.test_tombstone import client_named


def opened(vault: Vault, owner: str) -> dict[tuple[str, str], bytes]:
    """Everything that is sealed under somebody's key, in clear."""
    with vault.transaction() as store:
        return {
            (sealed.field, row): store.open(owner, sealed.field, row, ciphertext)
            for sealed in SEALED_COLUMNS
            for row, ciphertext in sealed.kept(store.session, owner)
        }


def ciphertexts(vault: Vault, owner: str) -> set[bytes]:
    with vault.transaction() as store:
        return {one for sealed in SEALED_COLUMNS for _, one in sealed.kept(store.session, owner)}


def renewed(vault: Vault, owner: str) -> int:
    with vault.transaction() as store:
        written = rekey(store, owner)
    vault.scrub()
    return written


@pytest.fixture
def vault(people: People) -> Vault:
    people.visit()
    rose = client_named(people.practice.vault, "nyb")
    with access.transaction(people.desk) as desk:
        documents.keep(desk, rose, "page", "image/png", b"a page of hers" * 300)
    return people.practice.vault


def test_everything_opens_as_before_and_the_old_ciphertexts_are_gone(people: People, vault: Vault) -> None:
    visit = people.visit("Paula Lindqvist", at="13:00")
    people.signs(people.sits_down(visit), "emergency_contact", ALLOWS_HER_DAUGHTER)
    paula = client_named(vault, "lind")
    clear, before, others = opened(vault, paula), ciphertexts(vault, paula), ciphertexts(vault, OFFICE)
    assert renewed(vault, paula) == len(before) == len(clear) >= 3
    assert opened(vault, paula) == clear
    assert not before & ciphertexts(vault, paula)
    assert ciphertexts(vault, OFFICE) == others
    files = b"".join(path.read_bytes() for path in vault.settings.instance.glob("practice.db*"))
    assert not [one for one in before if one[:64] in files]


def test_another_process_finds_the_new_key(vault: Vault) -> None:
    rose = client_named(vault, "nyb")
    other = Vault(vault.settings, vault.clock, vault.key_costs)
    other.keyring.set(vault.keyring.master())
    clear = opened(other, rose)
    renewed(vault, rose)
    assert opened(other, rose) == clear
    other.close()


def test_a_backup_from_before_opens_with_a_key_file_from_after(vault: Vault, tmp_path: Path) -> None:
    old, new = tmp_path / "old.kiosk-backup", tmp_path / "new.kiosk-backup"
    rose = client_named(vault, "nyb")
    clear = opened(vault, rose)
    assert backup(vault, old).verified
    renewed(vault, rose)
    renewed(vault, rose)
    assert backup(vault, new).verified
    beside(old).unlink()
    restore(old, tmp_path / "back", PASSPHRASE, now())
    back = Vault(Settings.load(tmp_path / "back"), now)
    back.unlock(PASSPHRASE)
    assert opened(back, rose) == clear
    back.close()


def test_a_new_master_key_wraps_the_keys_before_too(vault: Vault, tmp_path: Path) -> None:
    rose = client_named(vault, "nyb")
    assert backup(vault, tmp_path / "old.kiosk-backup").verified
    renewed(vault, rose)
    vault.rotate_master_key("a quite new passphrase")
    assert backup(vault, tmp_path / "new.kiosk-backup").verified
    beside(tmp_path / "old.kiosk-backup").unlink()
    restore(tmp_path / "old.kiosk-backup", tmp_path / "back", "a quite new passphrase", now())
    back = Vault(Settings.load(tmp_path / "back"), now)
    back.unlock("a quite new passphrase")
    assert opened(back, rose)
    back.close()


def test_nobody_else_has_a_key_to_change(vault: Vault) -> None:
    for owner in (OFFICE, "nobody"):
        with vault.transaction() as store, pytest.raises(NotFound):
            rekey(store, owner)
    with vault.transaction() as store:
        assert store.session.scalars(select(tables.SupersededKey)).all() == []
