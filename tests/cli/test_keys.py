"""The recovery sheet and a new passphrase, from the command line."""

import io
import os
import pty
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.cli.test_commands import given, instance, run
from tests.practices import PASSPHRASE

__all__ = ["instance"]

NEW = "an altogether new passphrase"


def code_on(sheet: Path) -> str:
    """What somebody reads off the printed page."""
    text = PdfReader(io.BytesIO(sheet.read_bytes())).pages[0].extract_text()
    groups = re.findall(r"\b[0-9A-HJKMNP-TV-Z]{4}\b", text.split("Now")[0])
    return "-".join(groups[-9:])


@pytest.fixture
def sheet(instance: str, tmp_path: Path) -> Path:
    made = tmp_path / "sheet.pdf"
    done = run("--instance", instance, "recovery", "--out", str(made), *given())
    assert done.exit_code == 0, done.stderr
    assert "delete it" in done.stdout
    return made


def test_a_lost_passphrase_is_replaced_with_the_printed_code(instance: str, sheet: Path) -> None:
    new = ["--new-passphrase-fd", given(NEW)[1]]
    done = run("--instance", instance, "passphrase", *given(code_on(sheet)), *new)
    assert done.exit_code == 0, done.stderr
    assert run("--instance", instance, "audit", "verify", *given()).exit_code == 1
    assert run("--instance", instance, "audit", "verify", *given(NEW)).exit_code == 0


def test_a_practice_comes_back_on_an_empty_machine_with_the_sheet_alone(
    instance: str, sheet: Path, tmp_path: Path
) -> None:
    file, back = str(tmp_path / "b.kiosk-backup"), str(tmp_path / "back")
    assert run("--instance", instance, "backup", file, *given()).exit_code == 0
    done = run("--instance", back, "restore", file, *given(code_on(sheet)))
    assert done.exit_code == 0, done.stderr


def test_the_sheet_is_for_the_owner_s_eyes_and_overwrites_nothing(instance: str, sheet: Path) -> None:
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
    assert code_on(sheet) not in str(PdfReader(io.BytesIO(sheet.read_bytes())).metadata)
    done = run("--instance", instance, "recovery", "--out", str(sheet), *given())
    assert done.exit_code == 1
    assert "is there already" in done.stderr


def test_a_sheet_that_could_not_be_written_leaves_the_one_before(
    instance: str, sheet: Path, tmp_path: Path
) -> None:
    lost = str(tmp_path / "nowhere" / "sheet.pdf")
    for command in (["recovery"], ["rotate", "--new-passphrase-fd", given(NEW)[1]]):
        done = run("--instance", instance, *command, "--out", lost, *given())
        assert (done.exit_code, done.stderr.count("cannot be written")) == (1, 1)
    assert run("--instance", instance, "audit", "verify", *given(code_on(sheet))).exit_code == 0


def test_a_practice_is_made_with_its_sheet(tmp_path: Path) -> None:
    made, out = str(tmp_path / "made"), tmp_path / "sheet.pdf"
    who = ["--name", "Lakeside", "--owner", "Ruth Hale", "--sign-in", "ruth"]
    done = run("--instance", made, "init", *who, "--sheet", str(out), *given())
    assert done.exit_code == 0, done.stderr
    assert run("--instance", made, "audit", "verify", *given(code_on(out))).exit_code == 0


@contextmanager
def at_a_terminal(*arguments: str, folder: Path) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """The program as somebody starts it: all that it says and is told goes through a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "kiosk", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "dumb"}
    ends = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    with subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True, **ends) as process:
        os.close(theirs)
        try:
            yield ours, process
        finally:
            process.kill()
            os.close(ours)


def said_until(terminal: int, words: str) -> str:
    """What the terminal shows up to these words; its end comes as an error."""
    said = b""
    while words.encode() not in said:
        try:
            said += os.read(terminal, 4096)
        except OSError:
            raise AssertionError(said.decode()) from None
    return said.decode()


def test_at_a_terminal_the_printed_code_is_typed_back_before_the_sheet_counts(tmp_path: Path) -> None:
    asked = {
        "Name of the practice": "Lakeside",
        "Time zone": "",
        "Owner's full name": "Ruth Hale",
        "for signing in": "ruth",
        "recovery sheet, to print": "",
        "Passphrase": PASSPHRASE,
        "Repeat": PASSPHRASE,
    }
    with at_a_terminal("--instance", str(tmp_path / "made"), "init", folder=tmp_path) as (terminal, process):
        shown = ""
        for words, answer in asked.items():
            shown += said_until(terminal, words)
            os.write(terminal, f"{answer}\n".encode())
        shown += said_until(terminal, "Type the code from the printed sheet")
        code = code_on(tmp_path / "recovery-sheet.pdf")
        os.write(terminal, f"{another(code)}\n".encode())
        shown += said_until(terminal, "Type the code from the printed sheet")
        os.write(terminal, f"{code.lower().replace('-', ' ')}\n".encode())
        shown += said_until(terminal, "Lock it away.")
        assert process.wait(30) == 0
    assert "This is not" in shown
    assert PASSPHRASE not in shown, "it is asked without being shown"
    assert run("--instance", str(tmp_path / "made"), "audit", "verify", *given(code)).exit_code == 0


def another(code: str) -> str:
    """A slip of one letter."""
    return f"{'2' if code[0] != '2' else '3'}{code[1:]}"


def test_a_short_new_passphrase_changes_nothing(instance: str) -> None:
    done = run("--instance", instance, "passphrase", *given(), "--new-passphrase-fd", given("short")[1])
    assert done.exit_code == 1
    assert "at least 12" in done.stderr
    assert run("--instance", instance, "audit", "verify", *given()).exit_code == 0


def test_a_new_master_key_comes_with_a_new_passphrase_and_a_new_sheet(
    instance: str, sheet: Path, tmp_path: Path
) -> None:
    out, new = tmp_path / "new.pdf", ["--new-passphrase-fd", given(NEW)[1]]
    done = run("--instance", instance, "rotate", "--out", str(out), *given(code_on(sheet)), *new)
    assert done.exit_code == 0, done.stderr
    for secret, opens in ((code_on(sheet), False), (code_on(out), True), (NEW, True)):
        said = run("--instance", instance, "audit", "verify", *given(secret))
        assert (said.exit_code == 0) == opens
