"""What fails says so in one line on stderr, with a status other than 0."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk.cli import main
from tests.cli.test_commands import given, run
from tests.pdf.test_seal import a_certificate
from tests.practices import PASSPHRASE


@pytest.mark.parametrize(
    ("arguments", "said", "status"),
    [
        (["nothing"], "No such command 'nothing'. See `main --help`.", 2),
        (["--nothing"], "No such option '--nothing'. See `main --help`.", 2),
        (["audit", "nothing"], "No such command 'nothing'. See `main audit --help`.", 2),
        (["paper", "confidentiality"], "Missing option '--out'. See `main paper --help`.", 2),
        (["paper", "x", "--out", "a", "--map", "b", "--size", "a5"], "is not one of 'letter', 'a4'.", 2),
        (["verify", "/nowhere"], "'/nowhere' does not exist. See `main verify --help`.", 2),
        (["serve", "--port", "70000"], "70000 is not in the range", 2),
        (["demo", "--port", "0"], "0 is not in the range", 2),
        (["backup", "/nowhere/b"], "/nowhere/b cannot be written: there is no folder /nowhere.", 1),
        (["serve", "--passphrase-fd", "977"], "There is no practice in", 1),
    ],
)
def test_a_wrong_command_is_told_in_one_line_what_to_do(
    tmp_path: Path, arguments: list[str], said: str, status: int
) -> None:
    done = run("--instance", str(tmp_path), *arguments)
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert (done.exit_code, done.stdout) == (status, "")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["init", "demo --no-serve", "demo", "serve --locked", "restore {file}"])
def test_nothing_is_made_or_served_where_another_program_copies_it_away(tmp_path: Path, command: str) -> None:
    (tmp_path / "backup").touch()
    instance = tmp_path / "OneDrive" / "practice"
    done = run("--instance", str(instance), *command.format(file=tmp_path / "backup").split())
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert "which OneDrive copies to other machines. Use a folder on this machine alone" in done.stderr
    assert not instance.parent.exists()


def test_no_command_at_all_gets_the_help() -> None:
    done = run()
    assert done.exit_code == 2
    assert "Commands:" in done.stderr


def test_who_stops_at_a_question_is_told_how_to_answer_it_beforehand(tmp_path: Path) -> None:
    done = run("--instance", str(tmp_path / "x"), "init", "--sheet", str(tmp_path / "sheet.pdf"))
    assert done.exit_code == 1
    assert done.stderr.strip() == "Stopped before the end. `main init --help` says how to give what is asked."
    assert not (tmp_path / "x").exists()


def test_init_asks_nothing_where_a_practice_is(tmp_path: Path) -> None:
    (tmp_path / "practice.toml").write_text("anything", encoding="utf-8")
    done = CliRunner().invoke(main, ["--instance", str(tmp_path), "init"], input="A\nUTC\nR\nr\n")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "already (practice.toml). Name another folder" in done.stderr


def test_no_practice_is_made_that_its_passphrase_alone_would_open(tmp_path: Path) -> None:
    words = ("--name", "Meadow Lane", "--owner", "Ruth Meadows", "--sign-in", "ruth")
    done = run("--instance", str(tmp_path / "x"), "init", *words, *given())
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Add --sheet FILE" in done.stderr
    assert not (tmp_path / "x").exists()


def test_init_needs_no_terminal(tmp_path: Path) -> None:
    words = ("--name", "Meadow Lane", "--owner", "Ruth Meadows", "--sign-in", "ruth")
    done = run(
        "--instance", str(tmp_path / "x"), "init", *words, "--sheet", str(tmp_path / "x.pdf"), *given()
    )
    assert done.exit_code == 0, done.stderr
    assert 'time_zone = "America/New_York"' in (tmp_path / "x" / "practice.toml").read_text()
    more = ("--time-zone", "UTC", "--sheet", str(tmp_path / "y.pdf"))
    piped = ["--instance", str(tmp_path / "y"), "init", *more]
    done = CliRunner().invoke(main, piped, input=f"Meadow Lane\nRuth Meadows\nruth\n{PASSPHRASE}\n")
    assert done.exit_code == 0, done.stderr
    assert run("--instance", str(tmp_path / "y"), "audit", "verify", *given()).exit_code == 0
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF")


def test_a_passphrase_that_nobody_gives_is_asked_for_in_one_line(tmp_path: Path) -> None:
    words = ("--name", "A", "--owner", "R", "--sign-in", "r", "--sheet", str(tmp_path / "sheet.pdf"))
    for more, said in (
        ((), "No passphrase was given."),
        (("--passphrase-fd", "977"), "descriptor 977"),
        (("--passphrase-fd", "-1"), "descriptor -1"),
        (("--passphrase-fd", "9" * 30), "9 gives no"),
    ):
        done = run("--instance", str(tmp_path / "x"), "init", *words, *more)
        assert done.exit_code == 1
        assert said in done.stderr
        assert "--passphrase-fd, or in a terminal" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_a_good_and_a_bad_scan_are_both_in_the_output_and_the_bad_one_in_the_status(tmp_path: Path) -> None:
    good, where, bad = tmp_path / "twin.pdf", tmp_path / "twin.json", tmp_path / "bad.pdf"
    run("paper", "referral_thanks", "--out", str(good), "--map", str(where))
    bad.write_bytes(b"no scan")
    assert run("read", str(good), "--json").exit_code == 0
    done = run("read", str(good), str(bad), "--json")
    pages = json.loads(done.stdout)
    assert done.exit_code == 1
    assert done.stderr.startswith(f"1 of {len(pages)} pages could not be read.")
    assert len(done.stderr.splitlines()) == 1
    assert ["problem" in page for page in pages] == [*[False] * (len(pages) - 1), True]
    assert "the exit status is 1" in " ".join(run("read", "--help").stdout.split())


def test_each_field_that_was_read_comes_with_its_place_on_the_page(tmp_path: Path) -> None:
    twin, where = tmp_path / "twin.pdf", tmp_path / "twin.json"
    run("paper", "referral_thanks", "--out", str(twin), "--map", str(where))
    mapped = json.loads(where.read_text())["fields"]
    read = [field for page in json.loads(run("read", str(twin), "--json").stdout) for field in page["fields"]]
    assert [field["crop"] for field in read] == [field["box"] for field in mapped]
    assert {field["kind"] for field in read} == {"tick", "comb", "line", "signature"}


def test_a_certificate_verifies_as_a_file_without_record(tmp_path: Path) -> None:
    file = tmp_path / "certificate.pdf"
    file.write_bytes(a_certificate())
    done = run("verify", str(file))
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["record"] is None
    assert said["sealed_at"]
    file.write_bytes(a_certificate() + b" ")
    done = run("verify", str(file))
    assert done.exit_code == 1
    assert "Ask the practice for another copy." in done.stderr
