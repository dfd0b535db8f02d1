"""The recovery code: read off paper, typed by hand, its slips noticed before it is tried."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import WrongPassphrase, WrongRecoveryCode
from kiosk.vault import Vault, backup, recovery
from tests.practices import PASSPHRASE, People

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


def test_no_key_lies_in_the_database_in_clear(vault: Vault) -> None:
    code = recovery.read(vault.new_recovery_code())
    master = vault.keyring.master()
    for kept in vault.wraps():
        assert master not in kept.wrapped
        assert code not in kept.wrapped
        assert code.hex() not in kept.parameters
