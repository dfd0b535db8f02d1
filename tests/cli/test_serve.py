"""`kiosk serve`: what is killed comes back, and what is stopped is gone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kiosk.vault.serving import AUTHKEY_BYTES, Serving
from tests.browser.conftest import answers, free_port, kiosk, lay_out_demo, serving, wait_until


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
