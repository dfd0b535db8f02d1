"""The command line, as a person or a script uses it."""

import json
import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Executable, delete, update

from forms.catalog import shipped_folder
from kiosk.actions import closing, records, visit_page
from kiosk.cli import main
from kiosk.vault import tables
from kiosk.vault.tables import AuditEntry
from tests import pen
from tests.browser.conftest import lay_out_demo
from tests.practices import ALLOWS_HER_DAUGHTER, PASSPHRASE, People
from tests.vault.test_tombstone import client_named


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def given(passphrase: str = PASSPHRASE) -> list[str]:
    """The passphrase by a file descriptor, as a service manager hands it over."""
    reading, writing = os.pipe()
    os.write(writing, f"{passphrase}\n".encode())
    os.close(writing)
    return ["--passphrase-fd", str(reading)]


def test_every_command_has_help() -> None:
    for command in ("init", "serve", "demo", "forms list", "forms check", "forms preview", "paper", "read",
                    "scan", "verify", "audit verify", "backup", "restore", "recovery",
                    "rotate", "passphrase", "rekey", "archive", "extract", "rebuild", "clock",
                    "staff list", "staff add", "staff reset", "staff remove"):  # fmt: skip
        done = run(*command.split(), "--help")
        assert done.exit_code == 0, command
        assert "Usage:" in done.stdout


@pytest.mark.parametrize("noted", ["", "12", "0" * 15, "0" * 65, "Z" * 16])
def test_what_is_no_head_is_not_looked_for(tmp_path: Path, noted: str) -> None:
    done = run("--instance", str(tmp_path), "audit", "verify", "--noted", noted)
    assert (done.exit_code, "A head has 16 letters or more" in done.stderr) == (1, True)


def test_a_noted_head_is_found_again_or_missed(instance: str) -> None:
    said = run("--instance", instance, "audit", "verify", *given()).stdout
    head = said.split("Head: ")[1].strip()
    assert run("--instance", instance, "audit", "verify", "--noted", head, *given()).exit_code == 0
    other = run("--instance", instance, "audit", "verify", "--noted", "0" * 16, *given())
    assert (other.exit_code, "the noted head is not in it any more" in other.stderr) == (1, True)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (update(AuditEntry).where(AuditEntry.seq == 3).values(object="another"),
         "The chain breaks at entry 3: an entry was changed. Restore a backup beside it."),
        (delete(AuditEntry).where(AuditEntry.seq == 3),
         "The chain breaks at entry 4: an entry is missing. Restore a backup beside it."),
        (update(tables.DayHead).values(seq=3),
         "The head of 2026-11-23 does not hold: its seal does not hold, or a day before it is missing. "
         "Compare its closing sheet."),
    ],
)  # fmt: skip
def test_where_the_trail_breaks_is_said_in_one_line(people: People, spoil: Executable, said: str) -> None:
    people.clock.forward(days=1)
    assert closing.close_what_nobody_closed(people.system)
    whole = ["--instance", str(people.practice.settings.instance), "audit", "verify"]
    assert run(*whole, *given()).exit_code == 0
    with people.practice.vault.transaction() as store:
        store.session.execute(spoil)
    done = run(*whole, *given())
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", f"{said}\n")


@pytest.fixture
def instance(tmp_path: Path) -> str:
    folder = str(tmp_path / "practice")
    words = ("--name", "Meadow Lane", "--time-zone", "America/Chicago", "--owner", "Ruth Meadows")
    more = ("--sign-in", "ruth", "--sheet", str(tmp_path / "recovery-sheet.pdf"))
    done = run("--instance", folder, "init", *words, *more, *given())
    assert done.exit_code == 0, done.stderr
    return folder


def test_a_practice_is_made_backed_up_and_restored(instance: str, tmp_path: Path) -> None:
    assert run("--instance", instance, "audit", "verify", *given()).exit_code == 0
    file, back = str(tmp_path / "b.kiosk-backup"), str(tmp_path / "back")
    assert run("--instance", instance, "backup", file, *given()).exit_code == 0
    assert run("--instance", back, "restore", file, *given("wrong passphrase")).exit_code == 1
    (tmp_path / "apart").mkdir()
    alone = Path(f"{file}.keys").rename(tmp_path / "apart" / "alone.keys")
    missing = run("--instance", back, "restore", file, *given())
    assert (missing.exit_code, "Put its key file" in missing.stderr) == (1, True)
    done = run("--instance", back, "restore", file, "--keys", str(alone), *given())
    assert done.exit_code == 0, done.stderr
    assert "No list of the erased" not in done.stdout
    assert done.stdout.endswith(f"Start it: kiosk --instance {back} serve\n")
    Path(file).with_name("erased.list").unlink()
    without = run("--instance", str(tmp_path / "other"), "restore", file, "--keys", str(alone), *given())
    assert "No list of the erased lay beside it" in without.stdout
    assert run("--instance", back, "audit", "verify", *given()).exit_code == 0


def test_a_practice_is_made_for_its_own_user_alone(instance: str) -> None:
    folder = Path(instance)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "practice.db").stat().st_mode) == 0o600


def test_a_backup_that_does_not_hold_says_that_the_older_one_is_as_it_was(
    people: People, tmp_path: Path
) -> None:
    people.visit("Rose Nyberg")
    instance, file = str(people.practice.settings.instance), str(tmp_path / "b")
    assert run("--instance", instance, "backup", file, *given()).exit_code == 0
    with people.practice.vault.transaction() as store:
        store.session.execute(delete(tables.AuditEntry).where(tables.AuditEntry.seq == 2))
    done = run("--instance", instance, "backup", file, *given())
    assert done.exit_code == 1
    assert "could not be restored, and was destroyed: The audit trail" in done.stderr
    assert "The older b and its keys are as they were." in done.stderr


def test_a_client_gets_a_new_key_and_nobody_else_does(people: People) -> None:
    people.visit("Rose Nyberg")
    rose, instance = client_named(people.practice.vault, "nyb"), str(people.practice.settings.instance)
    done = run("--instance", instance, "rekey", rose, *given())
    assert (done.exit_code, "written anew: 1 in number" in done.stdout) == (0, True)
    assert client_named(people.practice.vault, "nyb") == rose
    assert run("--instance", instance, "rekey", "nobody", *given()).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["init", "--name", "A", "--time-zone", "UTC", "--owner", "R", "--sign-in", "r"], "already"),
        (["forms", "check", "/nowhere.toml"], "does not exist"),
        (["paper", "nothing", "--out", "x.pdf", "--map", "x.json"], "kiosk forms list"),
        (["verify", __file__], "cannot be opened as a PDF"),
    ],
)
def test_what_fails_says_so_in_one_line(instance: str, arguments: list[str], said: str) -> None:
    done = run("--instance", instance, *arguments, *(given() if arguments[0] == "init" else []))
    assert done.exit_code != 0
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_a_folder_without_practice_says_what_to_do(tmp_path: Path) -> None:
    for told in (["serve", "--locked"], ["serve", "--passphrase-fd", "0"], ["audit", "verify"]):
        done = run("--instance", str(tmp_path), *told)
        assert done.exit_code == 1
        assert "kiosk init" in done.stderr


def test_a_short_passphrase_makes_nothing(tmp_path: Path) -> None:
    words = ("--name", "A", "--time-zone", "UTC", "--owner", "R", "--sign-in", "r")
    more = ("--sheet", str(tmp_path / "sheet.pdf"), *given("short"))
    done = run("--instance", str(tmp_path / "x"), "init", *words, *more)
    assert done.exit_code == 1
    assert "at least 12" in done.stderr
    assert not (tmp_path / "x").exists()


def test_forms_are_listed_and_a_mistake_is_named_by_file_key_and_reason(tmp_path: Path) -> None:
    assert "emergency_contact  version 1  en, es" in run("forms", "list").stdout
    assert run("forms", "check").exit_code == 0
    text = (shipped_folder() / "emergency_contact.toml").read_text(encoding="utf-8")
    wrong = tmp_path / "mine.toml"
    wrong.write_text(
        text.replace('{ may_call_emergency = "allow" }', '{ may_cal = "allow" }'), encoding="utf-8"
    )
    done = run("forms", "check", str(wrong))
    assert done.exit_code == 1
    assert "mine.toml: health.when: asks may_cal, which is not an earlier question" in done.stderr


def test_a_blank_twin_is_written_with_its_map_and_read_back(tmp_path: Path) -> None:
    out, where = tmp_path / "twin.pdf", tmp_path / "twin.json"
    arguments = ("--out", str(out), "--map", str(where), "--lang", "es", "--size", "a4")
    assert run("paper", "referral_thanks", *arguments).exit_code == 0
    plain = json.loads(where.read_text())
    assert {"form", "version", "lang", "size", "pages", "fields"} <= plain.keys()
    assert plain["pages"][0] == {"width": 595.276, "height": 841.89}
    for field in plain["fields"]:
        assert field["kind"] in ("tick", "comb", "line", "signature")
        assert len(field["box"]) == 4
        assert field["page"] < len(plain["pages"])
    done = run("read", str(out), "--json")
    assert done.exit_code == 0
    page = json.loads(done.stdout)[0]
    assert (page["form"], page["version"], page["sheet"]) == ("referral_thanks", 1, None)
    assert {"question", "kind", "value", "confidence", "sure"} <= page["fields"][0].keys()
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"no scan")
    done = run("read", str(bad), str(out), "--json")
    assert "not a scan" in json.loads(done.stdout)[0]["problem"]


def test_scans_are_taken_in_and_a_bad_one_is_named(instance: str, tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    (folder / "one.png").write_bytes(pen.as_png(pen.Image.new("L", (200, 200), 255)))
    (folder / "empty.pdf").write_bytes(b"")
    done = run("--instance", instance, "scan", str(folder), *given())
    assert "1 stored" in done.stdout
    assert done.exit_code == 1
    assert "empty.pdf: This file is empty" in done.stderr


def test_a_signed_record_verifies_without_any_database_and_a_changed_one_does_not(
    people: People, tmp_path: Path
) -> None:
    visit = people.visit()
    people.signs(people.sits_down(visit), "emergency_contact", ALLOWS_HER_DAUGHTER)
    (row,) = visit_page.visit_view(people.desk, visit).records
    file = tmp_path / "record.pdf"
    file.write_bytes(records.pdf(people.desk, row.id))
    done = run("verify", str(file))
    assert json.loads(done.stdout)["record"]["form_id"] == "emergency_contact"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    done = run("verify", str(file))
    assert done.exit_code == 1
    assert "changed" in done.stderr or "cannot be opened" in done.stderr


def test_the_demo_says_where_everything_is_and_gives_fresh_codes(tmp_path: Path) -> None:
    instance = tmp_path / "demo"
    lay_out_demo(instance)
    first, again = (
        json.loads(run("--instance", str(instance), "demo", "--no-serve", "--json", "--port", "8123").stdout)
        for _ in range(2)
    )
    assert first["tablet"] == "http://127.0.0.1:8123/tablet/"
    assert {one["role"] for one in first["sign_ins"]} == {"front_desk", "therapist", "owner"}
    assert all(visit["due"] and visit["client"] and visit["at"] for visit in first["visits"])
    assert {one["name"] for one in first["clients"]} >= {one["client"] for one in first["visits"]}
    assert not {visit["code"] for visit in first["visits"]} & {visit["code"] for visit in again["visits"]}
    assert first["pair"] != again["pair"]
