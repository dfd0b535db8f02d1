"""What the supervisor tells its processes: whose practice it is, how it is served, when to stop.

The authkey is random for each start and opens nothing but the local connection; the master key itself is
never in the environment.
"""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "KIOSK_SERVING"
PIPE = 0  # the standard input
PARENT_CHECK_SECONDS = 0.5

# glibc keeps what a large file took for the next one, unless this is fixed: 120 MB for one of 22 MB.
SPARING = {"MALLOC_MMAP_THRESHOLD_": "1000000"}


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
            "authkey": self.authkey.hex(),
            "tls": self.tls,
            "word": self.word,
            "then": self.then,
        }
        return {**os.environ, **SPARING, VARIABLE: json.dumps(told)}

    @classmethod
    def from_environment(cls) -> Serving:
        told = json.loads(os.environ[VARIABLE])
        instance, authkey = Path(told["instance"]), bytes.fromhex(told["authkey"])
        return cls(instance, told["address"], authkey, told["tls"], told["word"], told["then"])

    def stop_with_parent(self) -> None:
        """End this process when the pipe from the supervisor ends, however the supervisor ended."""

        def wait() -> None:
            # Not through sys.stdin: its lock would be held in what this process forks.
            while os.read(PIPE, 1024):
                pass
            os._exit(0)

        threading.Thread(target=wait, name="until-the-pipe-ends", daemon=True).start()


def stop_when_orphaned() -> None:
    """Granian's own worker outlives a killed Granian: it watches who its parent is."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK_SECONDS)
        os._exit(0)

    threading.Thread(target=watch, name="until-orphaned", daemon=True).start()
