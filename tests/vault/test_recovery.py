"""The recovery code: read off paper, typed by hand, its slips noticed before it is tried."""

import base64
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from kiosk.actions import backing_up, backup_page, check_in
from kiosk.errors import WrongPassphrase, WrongRecoveryCode
from kiosk.vault import OFFICE, Field, Vault, backup, keys, recovery, tables
from kiosk.vault.cipher import KEY_BYTES
from tests.practices import ALLOWS_HER_DAUGHTER, BORN, PASSPHRASE, People

codes = st.binary(min_size=20, max_size=20)


@pytest.fixture
def vault(people: People) -> Vault:
    return people.practice.vault


@given(code=codes)
def test_what_was_printed_is_read_again(code: bytes) -> None:
    printed = recovery.written(code)
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){8}[0-9A-HJKMNP-TV-Z]{4}", printed)
    for typed in (printed, printed.lower(), printed.replace("-", " "), printed.replace("-", "")):
        assert recovery.read(typed) == code


@given(code=codes)
def test_an_o_for_a_nought_and_an_l_for_a_one_are_forgiven(code: bytes) -> None:
    assert recovery.read(recovery.written(code).replace("0", "o").replace("1", "l")) == code


@given(code=codes, place=st.integers(0, 35), letter=st.sampled_from(recovery.LETTERS))
def test_one_wrong_letter_is_noticed(code: bytes, place: int, letter: str) -> None:
    letters = list(recovery.written(code).replace("-", ""))
    if letters[place] != letter:
        letters[place] = letter
        with pytest.raises(WrongRecoveryCode):
            recovery.read("".join(letters))


@pytest.mark.parametrize("typed", ["", "7K3M", "U" * 36, "0" * 35, "0" * 37, "é" * 36])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(WrongRecoveryCode):
        recovery.read(typed)


def test_each_code_is_another() -> None:
    assert len({recovery.new_code() for _ in range(100)}) == 100


def test_the_sheet_s_code_opens_a_practice_whose_passphrase_is_lost(vault: Vault) -> None:
    code = vault.new_recovery_code()
    vault.lock()
    vault.unlock(code.lower().replace("-", " "))
    assert vault.is_unlocked
    vault.change_passphrase("a quite new passphrase")
    vault.lock()
    with pytest.raises(WrongPassphrase):
        vault.unlock(PASSPHRASE)
    vault.unlock("a quite new passphrase")
    vault.lock()
    vault.unlock(code)


def test_a_new_sheet_makes_the_old_one_worthless(vault: Vault) -> None:
    old, new = vault.new_recovery_code(), vault.new_recovery_code()
    vault.lock()
    with pytest.raises(WrongPassphrase):
        vault.unlock(old)
    vault.unlock(new)


def test_another_practice_s_code_opens_nothing(vault: Vault) -> None:
    vault.new_recovery_code()
    vault.lock()
    with pytest.raises(WrongPassphrase):
        vault.unlock(recovery.written(recovery.new_code()))
    vault.unlock(PASSPHRASE)


def test_a_backup_is_restored_with_the_recovery_sheet_alone(vault: Vault, tmp_path: Path) -> None:
    code = vault.new_recovery_code()
    assert backup.backup(vault, tmp_path / "one.kiosk-backup").verified
    report = backup.restore(tmp_path / "one.kiosk-backup", tmp_path / "elsewhere", code, vault.clock())
    assert report.audit_entries == vault.verify_audit().entries
    with pytest.raises(WrongPassphrase):
        backup.restore(tmp_path / "one.kiosk-backup", tmp_path / "third", "7" * 36, vault.clock())


def secrets_of(people: People, code: str) -> dict[str, bytes]:
    """All that opens anything: what is typed, the master key, and every key below it."""
    vault = people.practice.vault
    master = vault.keyring.master()
    found = {
        "the passphrase": PASSPHRASE.encode(),
        "the printed code": code.encode(),
        "the code without its lines": code.replace("-", "").encode(),
        "the code": recovery.read(code),
        "the master key": master,
        **{f"to {purpose}": keys.subkey(master, purpose) for purpose in ("wrap", "backup")},
    }
    with vault.transaction() as store:
        owners = store.session.scalars(select(tables.ClientKey.owner).where(tables.ClientKey.wrapped != b""))
        found |= {f"the key of {owner}": store._key(owner) for owner in owners}
        found |= {f"the office's to {name}": store._office_key(name) for name in ("audit", "mac", "erased")}
        for row in store.session.scalars(select(tables.OfficeItem)):  # the seal's private key among them
            clear = store.open(OFFICE, Field.OFFICE_ITEM, row.name, row.value_sealed)
            if len(clear) >= KEY_BYTES:
                found[row.name] = clear
    return found


def written_ways(secret: bytes) -> set[bytes]:
    """As it is, and as programs write bytes; base64 is another text at each of three places."""
    ways = {secret, secret.hex().encode(), secret.hex().upper().encode()}
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            ways.add(encode(bytes(shift) + secret).rstrip(b"=")[(0, 2, 3)[shift] : -2])
    return ways


def found_in(folder: Path, secrets: Mapping[str, bytes]) -> list[tuple[str, str]]:
    files = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    needles = [(what, way) for what, secret in secrets.items() for way in written_ways(secret)]
    return [(name, what) for name, held in files.items() for what, way in needles if way in held]


def test_no_key_nor_what_opens_one_lies_in_any_file_in_clear(people: People, tmp_path: Path) -> None:
    """The database with its log, backups, key files, the list of the erased: after all that makes keys."""
    vault, disk = people.practice.vault, tmp_path / "disk"
    disk.mkdir()
    code = vault.new_recovery_code()
    backup_page.choose_disk(people._staff("ruth"), str(disk))
    people.signs(people.sits_down(people.visit()), "emergency_contact", ALLOWS_HER_DAUGHTER)
    check_in.by_name(people.tablet, {"name": "Theo Okafor", **BORN})
    while backing_up.look_after(people.system):
        pass
    secrets = secrets_of(people, code)
    assert len(secrets) >= 14, "two clients, the office and a day among them"
    there = [path.name for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size]
    for ending in ("practice.db", "practice.db-wal", ".kiosk-backup", ".keys", "erased.list"):
        assert any(name.endswith(ending) for name in there), ending
    assert found_in(tmp_path, secrets) == []
    (tmp_path / "planted").write_bytes(b"x" + base64.b64encode(b"." + vault.keyring.master()))
    assert found_in(tmp_path, secrets) == [("planted", "the master key")], "or nothing would ever be found"
