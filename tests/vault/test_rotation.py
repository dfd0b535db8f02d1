"""A new master key: what opened the practice before opens it no more, and nothing that was kept is lost."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from kiosk.actions import backing_up, check_in, handing, opening
from kiosk.errors import Damaged, KioskError, Locked, NoKeys, WrongPassphrase
from kiosk.settings import Settings
from kiosk.vault import Field, Vault, backup, key_files, keys, lockfile, tables
from kiosk.vault.cipher import open_sealed
from kiosk.vault.sealed_columns import OFFICE
from kiosk.vault.store import EARLIER_BACKUP_KEYS
from tests.kills.nursery import by_chance
from tests.practices import PASSPHRASE, People
from tests.vault.small import add_client, body_of, names, reopened, small_vault

NEW, NEWER = "a quite new passphrase", "a passphrase newer than that"


@pytest.fixture
def vault(people: People) -> Vault:
    return people.practice.vault


def kept(vault: Vault) -> dict[str, list[Any]]:
    """All rows of all tables, but of those that say how keys are wrapped, and what opens older backups."""
    with vault.transaction() as store:
        rows = {
            table.name: store.session.execute(select(table)).all()
            for table in tables.Base.metadata.sorted_tables
            if table.name not in ("key_wrap", "client_key")
        }
    rows["office_item"] = [row for row in rows["office_item"] if row.name != EARLIER_BACKUP_KEYS]
    return rows


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
    old = keys.subkey(vault.keyring.master(), "wrap")
    vault.rotate_master_key(NEW)
    with vault.transaction() as store:
        rows = list(store.session.scalars(select(tables.ClientKey)))
    assert len(rows) > 1
    for row in rows:
        with pytest.raises(Damaged):
            open_sealed(old, row.owner, Field.CLIENT_KEY, row.owner, row.wrapped)


def test_another_process_with_the_key_before_writes_nothing_and_is_asked_for_the_new_one(
    tmp_path: Path,
) -> None:
    with small_vault(tmp_path / "practice") as vault, reopened(tmp_path / "practice") as other:
        add_client(other, "ada")
        old = other.keyring.master()
        vault.rotate_master_key(NEW)
        attempts: tuple[Callable[[], object], ...] = (
            lambda: add_client(other, "ben"),
            lambda: other.change_passphrase("what would lock everybody out"),
            lambda: other.new_recovery_code(),
            lambda: other.wrap_for_staff("somebody", "their passphrase"),
            lambda: other.rotate_master_key(NEWER),
            lambda: backup.backup(other, tmp_path / "b"),
        )
        for attempt in attempts:
            other.keyring.set(old)
            with pytest.raises(Locked, match="The practice has a new key"):
                attempt()
            assert not other.is_unlocked
        other.unlock(NEW)
        add_client(other, "ben", b"signed paper")
    with reopened(tmp_path / "practice", NEW) as again:
        assert body_of(again, "of-ben") == b"signed paper"
        assert names(again) == ["Client ada", "Client ben"]


def test_it_is_told_that_there_is_a_new_key_also_where_it_waited_for_its_turn(tmp_path: Path) -> None:
    """Its wrap of the key was made before; the transaction that would write it comes after."""
    with small_vault(tmp_path / "practice") as vault, reopened(tmp_path / "practice") as other:
        with other.transaction() as store:
            assert store.practice_id()
        master = other.keyring.master()
        vault.rotate_master_key(NEW)
        with pytest.raises(Locked, match="has a new key"):
            other._wrap_anew(master, "passphrase", keys.wrap(master, PASSPHRASE, other.key_costs))
    with reopened(tmp_path / "practice", NEW) as again:
        assert again.verify_audit().ok


def test_an_office_key_that_was_changed_on_the_disk_is_damage_and_no_new_key(tmp_path: Path) -> None:
    with small_vault(tmp_path / "practice") as vault, vault.transaction() as store:
        row = store.session.get_one(tables.ClientKey, OFFICE)
        row.wrapped = row.wrapped[:-1] + bytes([row.wrapped[-1] ^ 1])
    with reopened(tmp_path / "practice") as again, pytest.raises(Damaged, match=OFFICE), again.transaction():
        raise AssertionError


def test_an_older_backup_opens_with_the_key_file_beside_it_as_then_and_with_a_newer_one_as_now(
    vault: Vault, tmp_path: Path
) -> None:
    (tmp_path / "old").mkdir()
    before, after = tmp_path / "old" / "before.kiosk-backup", tmp_path / "after.kiosk-backup"
    assert backup.backup(vault, before).verified
    vault.rotate_master_key(NEW)
    vault.rotate_master_key(NEWER)
    assert backup.backup(vault, after).verified
    newer = key_files.beside(after)
    for secret, file, keys_file, expected in (
        (NEWER, before, None, WrongPassphrase),
        (PASSPHRASE, before, newer, WrongPassphrase),
        (PASSPHRASE, after, None, WrongPassphrase),
        (PASSPHRASE, after, key_files.beside(before), NoKeys),
        (PASSPHRASE, before, None, None),
        (NEWER, before, newer, None),
        (NEWER, after, None, None),
    ):
        back = tmp_path / "back"
        if expected:
            with pytest.raises(expected):
                backup.restore(file, back, secret, vault.clock(), keys_file=keys_file)
            continue
        backup.restore(file, back, secret, vault.clock(), keys_file=keys_file)
        restored = Vault(Settings.load(back), vault.clock)
        restored.unlock(secret)
        assert restored.verify_audit().ok
        restored.close()
        shutil.rmtree(back)


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


def test_nobody_can_serve_the_practice_while_it_is_rotated(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance, rotate = people.practice.settings.instance, people.practice.vault.rotate_master_key

    def rotated(passphrase: str) -> str:
        with pytest.raises(KioskError, match="served already"):
            lockfile.hold(instance)
        return rotate(passphrase)

    monkeypatch.setattr(people.practice.vault, "rotate_master_key", rotated)
    backing_up.look_after(people.system)
    (file,) = (instance / "backups").glob("*.kiosk-backup")
    before = key_files.beside(file).read_bytes()
    people.clock.forward(hours=1)
    opening.rotate_master_key(people.system, NEW)
    lockfile.hold(instance).close()
    assert key_files.beside(file).read_bytes() != before
    with pytest.raises(WrongPassphrase):
        backup.restore(file, instance.parent / "back", PASSPHRASE, people.clock.now)
    backup.restore(file, instance.parent / "back", NEW, people.clock.now)


CHILD = """
import sys
from pathlib import Path
from kiosk.actions.practice import now
from kiosk.settings import Settings
from kiosk.vault import KeyCosts, Vault
vault = Vault(Settings.load(Path(sys.argv[1])), now, KeyCosts(8, 1, 1))
vault.unlock(sys.argv[2])
print("open", flush=True)
vault.rotate_master_key(sys.argv[3])
print("done", flush=True)
"""


MANY = tuple(f"client-{number}" for number in range(400))


def killed_while_rotating(vault: Vault, rounds: int) -> set[str]:
    """Each round: a child rotates among 400 clients, and is killed; returns how it ended, each way once.

    After each, what was sealed for every client before the first rotation opens.
    """
    rng, secret, ends = by_chance(), PASSPHRASE, set()
    with vault.transaction() as store:
        for owner in MANY:
            store.new_client_key(owner)
        before = {owner: store.seal(owner, Field.PROFILE, "row", owner.encode()) for owner in MANY}
    for number in range(rounds):
        new = f"passphrase number {number}"
        command = [sys.executable, "-c", CHILD, str(vault.settings.instance), secret, new]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(rng.uniform(0, 0.064))
        child.kill()
        done = "done" in child.stdout.read()
        child.stdout.close()
        child.wait()
        opens = [one for one in (secret, new) if can_unlock(vault, one)]
        assert len(opens) == 1, "either the old passphrase or the new one"
        assert opens == [new] or not done, "what was said to be done is done"
        secret = opens[0]
        ends.add("new" if secret == new else "old")
        assert vault.verify_audit().ok
        with vault.transaction() as store:
            assert store.session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
            for owner, sealed in before.items():
                assert store.open(owner, Field.PROFILE, "row", sealed) == owner.encode()
    return ends


def can_unlock(vault: Vault, secret: str) -> bool:
    try:
        vault.unlock(secret)
    except WrongPassphrase:
        return False
    return True


def test_a_rotation_that_is_killed_happened_whole_or_not_at_all(vault: Vault) -> None:
    assert killed_while_rotating(vault, 2)


@pytest.mark.long
def test_forty_killed_rotations_lose_no_key(vault: Vault) -> None:
    assert killed_while_rotating(vault, 40) == {"old", "new"}
