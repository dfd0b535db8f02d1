"""What the supervisor tells its processes: whose practice it is, how it is served, when to stop.

The authkey is random for each start and opens nothing but the local connection, which gives the master key.
So neither is in the environment, which every process of the same user can read; the authkey comes through the
pipe, and is kept where `multiprocessing` keeps its own, from where the web server's worker has it too.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess  # nosec B404  # its name alone
import sys
import threading
import time
from dataclasses import dataclass
from multiprocessing import current_process
from pathlib import Path

VARIABLE = "KIOSK_SERVING"
PIPE = 0  # the standard input
AUTHKEY_BYTES = 32
PR_SET_DUMPABLE = 4  # prctl(2)
PARENT_CHECK_SECONDS = 0.5

# glibc keeps what a large file took for the next one, unless this is fixed: 120 MB for one of 22 MB.
SPARING = {"MALLOC_MMAP_THRESHOLD_": "1000000"}

PROGRAM = Path(__file__).parents[2]  # where the packages of the program that runs lie


@dataclass(frozen=True)
class Serving:
    instance: Path
    address: str
    authkey: bytes
    tls: bool = False
    word: str = ""  # what the terminal says, and the browser of a first start must know
    then: str = ""  # where a first start goes on, if at another address

    def environment(self) -> dict[str, str]:
        told = {
            "instance": str(self.instance),
            "address": self.address,
            "tls": self.tls,
            "word": self.word,
            "then": self.then,
        }
        return {**os.environ, **SPARING, **_own_code(), VARIABLE: json.dumps(told)}

    def hand_over(self, child: subprocess.Popen[bytes]) -> None:
        """The authkey, to a process that was just started."""
        if child.stdin is None:
            raise ValueError("a process without a pipe")
        try:
            child.stdin.write(self.authkey)
            child.stdin.flush()
        except OSError:
            return  # it has ended, and is started again

    @classmethod
    def handed_over(cls) -> Serving:
        """In a process that the supervisor started: what it was told, and the authkey from the pipe."""
        keep_memory_to_oneself()
        authkey = b""
        while len(authkey) < AUTHKEY_BYTES:
            if not (more := os.read(PIPE, AUTHKEY_BYTES - len(authkey))):
                sys.exit(0)  # the supervisor has ended
            authkey += more
        current_process().authkey = authkey
        return cls.from_environment()

    @classmethod
    def from_environment(cls) -> Serving:
        """In such a process, or one that it started in its turn."""
        keep_memory_to_oneself()
        told = json.loads(os.environ[VARIABLE])
        instance, authkey = Path(told["instance"]), bytes(current_process().authkey)
        return cls(instance, told["address"], authkey, told["tls"], told["word"], told["then"])

    def stop_with_parent(self) -> None:
        """End this process when the pipe from the supervisor ends, however the supervisor ended."""

        def wait() -> None:
            # Not through sys.stdin: its lock would be held in what this process forks.
            while os.read(PIPE, 1024):
                pass
            os._exit(0)

        threading.Thread(target=wait, name="until-the-pipe-ends", daemon=True).start()


def _own_code() -> dict[str, str]:
    """Children, and theirs, run the program that starts them, and nothing of the folder one stands in."""
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    whole = [folder for folder in given if Path(folder).is_absolute()]
    return {"PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join((str(PROGRAM), *whole))}


def keep_memory_to_oneself() -> None:
    """No other process of the same user reads this one's memory or environment, and no core is dumped.

    A decoder that a hostile file took over is such a process. On Linux alone; root is not kept out.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def stop_when_orphaned() -> None:
    """Granian's own worker outlives a killed Granian: it watches who its parent is."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK_SECONDS)
        os._exit(0)

    threading.Thread(target=watch, name="until-orphaned", daemon=True).start()
