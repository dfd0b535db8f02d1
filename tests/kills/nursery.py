"""Processes to kill: each is forked from one that has imported everything, and opens the practice itself.

Run as a module it is that one process: a line on its input says what the next child is to do, and what
the child is told is done comes back line by line, each as soon as it is acknowledged. It opens no
database itself, for SQLite may not be carried over a fork.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

import pytest


@dataclass
class Nursery:
    """The parent of all that are killed."""

    process: subprocess.Popen[str]
    lines: IO[str] = field(init=False)

    def __post_init__(self) -> None:
        assert self.process.stdout is not None
        self.lines = self.process.stdout

    def killed(self, work: str, seconds: float, after: str = "ready", **given: Any) -> list[str]:
        """Start a child, kill it some time after it began a line so; returns all that it was told is done."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"work": work, **given}) + "\n")
        self.process.stdin.flush()
        pid, said = int(self.lines.readline()), []
        while not (line := self.lines.readline().strip()).startswith((after, "over")):
            assert not line.startswith("fault"), line
            said.append(line)
        if line != "over":
            said.append(line)
            time.sleep(seconds)
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                said.append("it had ended")
            while (line := self.lines.readline().strip()) != "over":
                assert not line.startswith("fault"), line
                said.append(line)
        return said

    def did(self, work: str, **given: Any) -> list[str]:
        """Let a child come to its end; returns what it said."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"work": work, **given}) + "\n")
        self.process.stdin.flush()
        _pid, said = self.lines.readline(), []
        while (line := self.lines.readline().strip()) != "over":
            said.append(line)
        return said


def by_chance() -> random.Random:
    """For moments to kill at, others at each run; with `--randomly-seed` they are the same once more."""
    seed = random.getrandbits(32)
    print(f"killed by the seed {seed}")
    return random.Random(seed)


@contextmanager
def born(journal: str = "") -> Iterator[Nursery]:
    """`journal` "TRUNCATE" is that of an SQLite with the WAL-reset bug."""
    command = [sys.executable, "-m", "tests.kills.nursery", journal]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Nursery(process)
    finally:
        process.kill()
        process.communicate()


def old_journal(patched: pytest.MonkeyPatch) -> None:
    """As if this SQLite had the bug for which the write-ahead log is not used."""
    from kiosk.vault import engine

    patched.setattr(engine, "wal_is_safe", lambda _version: False)


def say(word: str) -> None:
    os.write(1, f"{word}\n".encode())


def main(journal: str) -> None:
    from tests.kills import work

    if journal:
        old_journal(pytest.MonkeyPatch())
    work.warm_up()
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                say(str(os.getpid()))
                name, at = asked.pop("work"), datetime.fromisoformat(asked.pop("at"))
                getattr(work, name)(asked.pop("instance"), at, **asked)
                code = 0
            except BaseException as fault:
                say(f"fault: {fault!r}"[:300].replace("\n", " "))
                raise
            finally:
                os._exit(code)
        os.waitpid(child, 0)
        say("over")


if __name__ == "__main__":
    main(sys.argv[1])
