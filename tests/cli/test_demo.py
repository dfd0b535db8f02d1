"""`kiosk demo`: it disturbs no server that runs, and its practice is backed up like any other."""

import json
import shutil
import socket
from pathlib import Path

import pytest

from kiosk import demo
from kiosk.vault import folder, lockfile
from tests.browser.conftest import free_port, lay_out_demo
from tests.cli.test_commands import given, run


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    instance = tmp_path / "demo"
    lay_out_demo(instance)
    return instance


def content(instance: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in instance.iterdir() if path.is_file()}


@pytest.mark.parametrize("more", [("--reset",), (), ("--reset", "--no-serve")])
def test_a_practice_that_is_served_keeps_its_data_and_its_codes(sample: Path, more: tuple[str, ...]) -> None:
    before = content(sample)
    with lockfile.hold(sample):
        done = run("--instance", str(sample), "demo", "--port", str(free_port()), *more)
        assert done.exit_code == 1
        assert done.stderr.startswith("This practice is being served already.")
    assert content(sample) == before


@pytest.mark.parametrize("more", [("--reset",), ()])
def test_where_the_port_is_taken_nothing_is_made_anew(sample: Path, more: tuple[str, ...]) -> None:
    before = content(sample)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("--instance", str(sample), "demo", "--port", str(port), *more)
    assert done.exit_code == 1
    assert f"Port {port} is taken." in done.stderr
    assert content(sample) == before


def test_a_half_made_demo_is_made_again(sample: Path) -> None:
    (sample / demo.SIGN_INS_FILE).unlink()
    assert folder.MARKER in content(sample)
    half = content(sample)
    done = run("--instance", str(sample), "demo", "--no-serve", "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["visits"]
    assert content(sample)[demo.PASSPHRASE_FILE] != half[demo.PASSPHRASE_FILE]


def test_a_practice_is_not_replaced_by_the_demo(tmp_path: Path) -> None:
    words = ("--name", "Meadow Lane", "--owner", "Ruth Meadows", "--sign-in", "ruth")
    run("--instance", str(tmp_path / "x"), "init", *words, "--sheet", str(tmp_path / "a.pdf"), *given())
    before = content(tmp_path / "x")
    for more in ((), ("--reset",)):
        done = run("--instance", str(tmp_path / "x"), "demo", "--no-serve", *more)
        assert done.exit_code == 1
        assert done.stderr.splitlines() == [
            f"{tmp_path / 'x'} holds a practice that is not the sample practice. {folder.ELSEWHERE}"
        ]
    assert content(tmp_path / "x") == before


def test_a_restored_demo_opens_with_its_passphrase_and_is_not_made_over(sample: Path, tmp_path: Path) -> None:
    passphrase = demo.passphrase_beside(sample) or ""
    file, back = str(tmp_path / "b"), tmp_path / "back"
    assert run("--instance", str(sample), "backup", file).exit_code == 0
    done = run("--instance", str(back), "restore", file, *given(passphrase))
    assert done.exit_code == 0, done.stderr
    assert (back / "inbox").is_dir()
    assert "No passphrase" in run("--instance", str(back), "audit", "verify").stderr
    assert run("--instance", str(back), "audit", "verify", *given(passphrase)).exit_code == 0
    assert "was restored" in run("--instance", str(back), "demo", "--no-serve").stderr
    shutil.copy(sample / demo.PASSPHRASE_FILE, back)
    assert run("--instance", str(back), "audit", "verify").exit_code == 0
