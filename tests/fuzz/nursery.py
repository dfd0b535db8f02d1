"""Children that open uploads without starting Python anew for each: thousands of files in minutes.

One process imports what a child imports and forks for every file; the fork then confines itself and runs
the very `main` of the product. What is asked of Popen is what `pdf.opening` asks of it.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from pdf.opening import CHILD_ENVIRONMENT, PACKAGES

NURSERY = """
import os, signal, socket, sys
sys.path.insert(0, sys.argv[1])
import PIL.Image, PIL.ImageOps, PIL.ImageSequence
import PIL.PngImagePlugin, PIL.TiffImagePlugin, PIL.JpegImagePlugin
import pypdfium2
from pdf.confined.child import main
asked = socket.socket(fileno=int(sys.argv[2]))
signal.signal(signal.SIGCHLD, signal.SIG_DFL)
while True:
    message, handed, _, _ = socket.recv_fds(asked, 1, 3)
    if not message:
        break
    reading, writing, ended = handed
    keeper = os.fork()
    if keeper == 0:
        asked.close()
        child = os.fork()
        if child == 0:
            os.dup2(reading, 0)
            os.dup2(writing, 1)
            os.closerange(3, 64)
            code = 1
            try:
                main()
                code = 0
            finally:
                os._exit(code)
        os.close(reading)
        os.close(writing)
        os.write(ended, b"%d\\n" % child)
        os.write(ended, b"%d\\n" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        os._exit(0)
    for one in (reading, writing, ended):
        os.close(one)
    os.waitpid(-1, os.WNOHANG)
"""


class Forked:
    """One child of the nursery; as much of Popen as is used."""

    def __init__(self, nursery: socket.socket) -> None:
        their_input, our_output = os.pipe()
        our_input, their_output = os.pipe()
        self._ended, ended = os.pipe()
        socket.send_fds(nursery, [b"."], [their_input, their_output, ended])
        for one in (their_input, their_output, ended):
            os.close(one)
        self.stdin: IO[bytes] = os.fdopen(our_output, "wb")
        self.stdout: IO[bytes] = os.fdopen(our_input, "rb")
        self._said = os.fdopen(self._ended, "rb")
        self.pid = int(self._said.readline())
        self.returncode: int | None = None

    def kill(self) -> None:
        if self.returncode is None and not self._said.closed:
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                return  # it has ended by itself, and its end was not asked for yet

    def wait(self) -> int:
        if self.returncode is None:
            with self._said:
                self.returncode = int(self._said.readline())
        return self.returncode


@contextmanager
def nursery() -> Iterator[socket.socket]:
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-I", "-c", NURSERY, str(PACKAGES), str(theirs.fileno())]
    process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=CHILD_ENVIRONMENT)
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.kill()
        process.wait()
