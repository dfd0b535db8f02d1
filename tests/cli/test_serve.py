"""`kiosk serve`: what is killed comes back, and what is stopped is gone."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk.cli import main, supervisor
from kiosk.vault.serving import AUTHKEY_BYTES, PROGRAM, Serving
from tests.browser.conftest import answers, free_port, kiosk, lay_out_demo, serving, wait_until
from tests.practices import PASSPHRASE, People

CANARY = "Zebulon Quickfoot"


def children_of(pid: int) -> list[int]:
    said = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return [int(line) for line in said.stdout.split()]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    return state != "Z"


CHILD = """
import ctypes, multiprocessing, sys
from kiosk.vault.serving import Serving
PR_GET_DUMPABLE = 3
if __name__ == "__main__":
    serving = Serving.handed_over()
    worker = multiprocessing.get_context("spawn").Pool(1).apply(Serving.from_environment)
    print(serving.authkey.hex(), ctypes.CDLL(None).prctl(PR_GET_DUMPABLE), worker.authkey.hex(), flush=True)
    sys.stdin.buffer.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps memory from others of the same user")
def test_what_opens_the_key_server_comes_by_the_pipe_and_nobody_reads_it_from_outside(tmp_path: Path) -> None:
    serving = Serving(tmp_path, str(tmp_path / "key"), os.urandom(AUTHKEY_BYTES))
    environment = serving.environment()
    assert serving.authkey.hex() not in str(environment)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    serving.hand_over(child)
    assert child.stdout
    assert child.stdin
    own, dumpable, workers = child.stdout.readline().decode().split()
    assert (own, dumpable, workers) == (serving.authkey.hex(), "0", serving.authkey.hex())
    child.stdin.close()
    child.stdout.close()
    assert child.wait(10) == 0


HOSTILE = "from pathlib import Path\nPath({ran!r}).write_text(__name__)\nraise SystemExit\n"
AS_INSTALLED = "import sys; sys.path[0] = sys.argv.pop(1); from kiosk.cli import main; main()"


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder to stand in, whose modules say that they ran; they are named as what is imported."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    for name in ("pdf", "forms", "kiosk", "click", "granian", "json", "sitecustomize", "flask", "weasyprint"):
        (folder / f"{name}.py").write_text(HOSTILE.format(ran=str(tmp_path / "ran")))
    return folder


@pytest.mark.parametrize("inherited", ["", ".", os.pathsep])
def test_a_child_runs_the_code_that_started_it_wherever_one_stands(
    hostile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inherited: str
) -> None:
    monkeypatch.setenv("PYTHONPATH", inherited)
    environment = Serving(tmp_path, "", b"").environment()
    command = [sys.executable, "-c", "import json, pdf, kiosk; print(pdf.__file__, kiosk.__file__)"]
    done = subprocess.run(command, cwd=hostile, env=environment, capture_output=True, text=True)
    assert done.stdout.split() == [str(PROGRAM / name / "__init__.py") for name in ("pdf", "kiosk")]
    assert not (tmp_path / "ran").exists()


@pytest.mark.long
def test_nothing_of_the_folder_one_stands_in_is_run_by_what_holds_the_keys(
    hostile: Path, tmp_path: Path
) -> None:
    instance, port = tmp_path / "demo", free_port()
    lay_out_demo(instance)
    command = [sys.executable, "-c", AS_INSTALLED, str(PROGRAM), "--instance", str(instance), "serve"]
    process = subprocess.Popen([*command, "--port", str(port)], cwd=hostile, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/health"), 60)
        time.sleep(3)  # the worker imports what it needs
    finally:
        process.terminate()
        process.wait(15)
    assert not (tmp_path / "ran").exists()


LOGGING = f"""
import gc, logging, threading, warnings
from kiosk import logs

class Falls:
    def __del__(self): raise ValueError({CANARY!r})

def falls(): raise ValueError({CANARY!r})

logs.begin()
logging.getLogger("kiosk.requests").info({{"route": "desk.day", "method": "GET", "status": 200}})
logging.getLogger("sqlalchemy.engine").info("select %s", {CANARY!r})
logging.getLogger("PIL.Image").warning(f"no picture: {CANARY}")
logging.getLogger("kiosk.worker").error({{"event": {CANARY!r}, "at": object()}})
try: falls()
except ValueError: logging.getLogger("kiosk.app").exception("in %s", {CANARY!r})
warnings.warn({CANARY!r})
thread = threading.Thread(target=falls)
thread.start()
thread.join()
Falls()
falls()
"""


def test_what_a_served_practice_logs_is_json_with_nobody_s_words() -> None:
    done = subprocess.run([sys.executable, "-c", LOGGING], capture_output=True, text=True)
    assert CANARY not in done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    for line in lines:
        assert datetime.fromisoformat(line.pop("time")).utcoffset() == timedelta()
    first, *others = lines
    assert first == {
        "level": "INFO", "source": "kiosk.requests", "route": "desk.day", "method": "GET", "status": 200
    }  # fmt: skip
    assert [(line["source"], line.get("error")) for line in others] == [
        ("PIL.Image", None),
        ("kiosk.app", "ValueError"),
        ("py.warnings", None),
        *[("kiosk.logs", "ValueError")] * 3,
    ]
    assert all(set(line) <= {"level", "source", "event", "error", "at"} for line in others)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such terminal")
def test_a_terminal_is_left_to_people_and_gets_warnings_alone() -> None:
    ours, theirs = os.openpty()
    subprocess.run([sys.executable, "-c", LOGGING], stderr=theirs)
    os.close(theirs)
    said = os.read(ours, 65536).decode()
    os.close(ours)
    assert ("kiosk.requests" in said, "PIL.Image" in said) == (False, True)


@pytest.mark.parametrize("line", ["", "\n", f"{PASSPHRASE}\n"])
def test_without_a_passphrase_a_practice_starts_locked_and_opens_the_browser(
    people: People, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    opened, launched = [], []

    def serves(_instance: Path, _place: object, master: bytes | None, on_ready: Callable[[], None]) -> None:
        opened.append(master is not None)
        on_ready()

    monkeypatch.setattr(supervisor, "serve", serves)
    monkeypatch.setattr("click.launch", launched.append)
    where = ["--instance", str(people.practice.settings.instance), "serve", "--port", str(free_port())]
    done = CliRunner().invoke(main, [*where, "--open"], input=line)
    assert done.exit_code == 0, done.stderr
    assert opened == [line.strip() == PASSPHRASE]
    assert (", locked. Stop" in done.stdout, len(launched)) == (not line.strip(), 1)


def test_a_new_authority_is_not_made_without_the_passphrase(people: People) -> None:
    where = ["--instance", str(people.practice.settings.instance), "serve", "--port", str(free_port())]
    done = CliRunner().invoke(main, [*where, "--tls", "--new-authority"], input="")
    assert (done.exit_code, "No passphrase was given" in done.stderr) == (1, True)


@pytest.mark.long
def test_a_killed_server_answers_again_and_a_killed_supervisor_leaves_nothing(tmp_path: Path) -> None:
    port = free_port()
    instance = tmp_path / "demo"
    lay_out_demo(instance)
    command = [sys.executable, "-m", "kiosk", "--instance", str(instance), "serve", "--port", str(port)]
    supervisor = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    health = f"http://127.0.0.1:{port}/health"
    wait_until(lambda: answers(health), 30)

    again = kiosk("--instance", str(instance), "serve", "--port", str(free_port()))
    assert (again.returncode, "served already" in again.stderr) == (1, True)
    taken = kiosk("--instance", str(instance), "serve", "--port", str(port))
    assert (taken.returncode, f"Port {port} is taken" in taken.stderr) == (1, True)

    web = next(child for child in children_of(supervisor.pid) if children_of(child))
    os.kill(web, signal.SIGKILL)
    wait_until(lambda: not answers(health), 5)
    wait_until(lambda: answers(health), 15)

    everybody = [supervisor.pid, *children_of(supervisor.pid)]
    everybody += [grandchild for child in everybody[1:] for grandchild in children_of(child)]
    assert len(everybody) >= 4
    supervisor.kill()
    supervisor.wait()
    wait_until(lambda: not any(alive(pid) for pid in everybody[1:]), 5)


@pytest.mark.long
def test_a_server_that_is_told_to_stop_stops(tmp_path: Path) -> None:
    with serving(tmp_path / "demo") as served:
        begun = time.monotonic()
    assert time.monotonic() - begun < 6
    assert not answers(f"{served.base}/health")


@pytest.mark.long
def test_a_served_practice_writes_a_line_a_request(tmp_path: Path) -> None:
    with serving(tmp_path / "demo") as served:
        assert not answers(f"{served.base}/nowhere/{CANARY.replace(' ', '-')}")
    said = (tmp_path / "demo.log").read_text(encoding="utf-8")
    assert CANARY.split()[0] not in said
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert all(set(line) == {"time", "level", "source", "route", "method", "status"} for line in lines), said
    found = {(line["source"], line["route"], line["method"], line["status"]) for line in lines}
    assert {
        ("kiosk.requests", "door.health", "GET", 200),
        ("kiosk.requests", "none", "GET", 404),
    } <= found
