"""Archives and rebuilding from the command line."""

import os
from pathlib import Path

import pytest

from tests.actions.archives import Files
from tests.actions.test_rebuilding import FORM, contact
from tests.cli.test_commands import given, run
from tests.cli.test_keys import code_on
from tests.practices import NOON, People


def code_given(code: str) -> list[str]:
    reading, writing = os.pipe()
    os.write(writing, f"{code}\n".encode())
    os.close(writing)
    return ["--code-fd", str(reading)]


OWNER = ("--owner", "Ruth Meadows", "--sign-in", "ruth")


@pytest.fixture
def instance(people: People) -> str:
    files = Files(people)
    files.signs(files.client("Rose Nyberg"), FORM, contact("Kirsten Nyberg"), NOON)
    return str(people.practice.settings.instance)


def test_a_practice_is_archived_extracted_and_rebuilt(instance: str, tmp_path: Path) -> None:
    file, sheet = tmp_path / "a.kiosk-archive", tmp_path / "a.kiosk-archive.sheet.pdf"
    done = run("--instance", instance, "archive", str(file), *given())
    assert done.exit_code == 0, done.stderr
    assert "1 record of 1 client," in done.stdout
    again = run("--instance", instance, "archive", str(file), *given())
    assert (again.exit_code, "is there already" in again.stderr) == (1, True)
    code = code_on(sheet)

    folder, new = tmp_path / "folder", str(tmp_path / "new")
    done = run("extract", str(file), str(folder), *code_given(code))
    assert done.exit_code == 0, done.stderr
    assert run("verify", str(folder / "records" / "000001.pdf")).exit_code == 0

    wrong = run("--instance", new, "rebuild", str(file), *OWNER, *code_given("7K3M"), *given())
    assert (wrong.exit_code, "not the code of an archive" in wrong.stderr) == (1, True)
    done = run(
        "--instance", new, "rebuild", str(file), *OWNER, *code_given(code), *given("quite another one")
    )
    assert done.exit_code == 0, done.stderr
    assert "1 client, 1 record, 1 permission that stands" in done.stdout
    assert "Sealed by Meadow Lane" in done.stdout
    assert run("--instance", new, "audit", "verify", *given("quite another one")).exit_code == 0


def test_a_folder_of_pdfs_alone_is_rebuilt_and_says_what_nobody_can_know(
    instance: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.kiosk-archive"
    assert run("--instance", instance, "archive", str(file), *given()).exit_code == 0
    code = code_on(tmp_path / "a.kiosk-archive.sheet.pdf")
    assert run("extract", str(file), str(tmp_path / "folder"), *code_given(code)).exit_code == 0
    plain = tmp_path / "plain"
    plain.mkdir()
    (tmp_path / "folder" / "records" / "000001.pdf").rename(plain / "Rose Nyberg, emergency.pdf")
    (tmp_path / "folder" / "forms").rename(plain / "forms")
    words = ("--name", "Meadow Lane", "--time-zone", "America/Chicago", *OWNER)
    done = run("--instance", str(tmp_path / "new"), "rebuild", str(plain), *words, *given())
    assert done.exit_code == 0, done.stderr
    assert "0 permissions" in done.stdout
    assert "nothing says what was taken back since" in done.stdout
    assert "Nyberg" not in done.output
    again = run("--instance", str(tmp_path / "new"), "rebuild", str(plain), *words, *given())
    assert (again.exit_code, "not empty" in again.stderr) == (1, True)
