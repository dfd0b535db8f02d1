"""A new master key: what opened the practice before opens it no more, and nothing that was kept is lost."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kiosk.actions import check_in, handing, opening
from kiosk.errors import Damaged, KioskError, WrongPassphrase
from kiosk.vault import Field, Vault, backup, lockfile, tables
from kiosk.vault.store import OFFICE
from tests.practices import PASSPHRASE, People

NEW = "a quite new passphrase"


@pytest.fixture
def vault(people: People) -> Vault:
    return people.practice.vault


def kept(vault: Vault) -> dict[str, list[Any]]:
    """All rows of all tables, but of those that say how keys are wrapped."""
    with vault.transaction() as store:
        return {
            table.name: store.session.execute(select(table)).all()
            for table in tables.Base.metadata.sorted_tables
            if table.name not in ("key_wrap", "client_key")
        }


def test_what_was_kept_opens_under_the_new_key_and_is_not_written_anew(people: People, vault: Vault) -> None:
    visit = people.visit("Rose Nyberg")
    code = handing.make_code(people.desk, visit)
    before, old_keys = kept(vault), wrapped(vault)
    vault.rotate_master_key(NEW)
    assert kept(vault) == before
    assert not old_keys & wrapped(vault)
    assert vault.verify_audit().ok
    with vault.transaction() as store:
        assert [found.name for found in vault.names.find(store, "nyb")] == ["Rose Nyberg"]
    sitting = check_in.by_code(people.tablet, code, "en")
    assert sitting, "a code that was made before is known by its keyed hash"


def wrapped(vault: Vault) -> set[bytes]:
    with vault.transaction() as store:
        return set(store.session.scalars(select(tables.ClientKey.wrapped)))


def test_only_what_is_new_opens_it(vault: Vault) -> None:
    old_code, old_master = vault.new_recovery_code(), vault.keyring.master()
    code = vault.rotate_master_key(NEW)
    assert vault.keyring.master() != old_master
    for secret in (PASSPHRASE, old_code):
        vault.lock()
        with pytest.raises(WrongPassphrase):
            vault.unlock(secret)
    for secret in (NEW, code):
        vault.lock()
        vault.unlock(secret)
        assert vault.verify_audit().ok


def test_the_old_key_opens_nothing_that_lies_on_the_disk_now(people: People, vault: Vault) -> None:
    people.visit("Rose Nyberg")
    old = vault.keyring.master()
    vault.rotate_master_key(NEW)
    vault.keyring.set(old)
    with pytest.raises(Damaged), vault.transaction() as store:
        vault.names.find(store, "nyb")
    with pytest.raises(Damaged):
        vault.verify_audit()


def test_a_backup_opens_with_what_opened_the_practice_then(vault: Vault, tmp_path: Path) -> None:
    before, after = tmp_path / "before.kiosk-backup", tmp_path / "after.kiosk-backup"
    assert backup.backup(vault, before).verified
    vault.rotate_master_key(NEW)
    assert backup.backup(vault, after).verified
    for file, secret, wrong in ((before, PASSPHRASE, NEW), (after, NEW, PASSPHRASE)):
        with pytest.raises(WrongPassphrase):
            backup.restore(file, tmp_path / f"no-{file.stem}", wrong, vault.clock())
        assert backup.restore(file, tmp_path / file.stem, secret, vault.clock()).verified


def test_one_damaged_key_stops_it_before_anything_changed(vault: Vault) -> None:
    with vault.transaction() as store:
        store.new_client_key("zoe")
        row = store.session.get_one(tables.ClientKey, "zoe")
        row.wrapped = row.wrapped[:-1] + bytes([row.wrapped[-1] ^ 1])
    before = wrapped(vault)
    with pytest.raises(Damaged):
        vault.rotate_master_key(NEW)
    assert wrapped(vault) == before
    vault.lock()
    vault.unlock(PASSPHRASE)
    with vault.transaction() as store:
        sealed = store.seal(OFFICE, Field.PROFILE, "row", b"words")
        assert store.open(OFFICE, Field.PROFILE, "row", sealed) == b"words"


def test_it_is_refused_while_the_practice_is_served(people: People) -> None:
    with lockfile.hold(people.practice.settings.instance), pytest.raises(KioskError, match="served already"):
        opening.rotate_master_key(people.system, NEW)
