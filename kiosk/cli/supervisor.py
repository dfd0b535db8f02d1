"""`kiosk serve`: starts the web server and the worker, watches them, and holds the key for both."""

import http.client
import secrets
import signal
import socket
import subprocess  # nosec B404  # each use is judged where it stands
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from kiosk.errors import KioskError
from kiosk.vault import lockfile
from kiosk.vault.keyring import KeyServer
from kiosk.vault.serving import Serving

LOOK_SECONDS = 0.2
RESTART_SECONDS = 1.0
STOP_SECONDS = 3.0
READY_SECONDS = 60.0


class Child:
    """One process of ours: started again when it dies, told to stop by the end of its pipe."""

    def __init__(self, module: str, arguments: list[str], serving: Serving) -> None:
        self._command = [sys.executable, "-m", module, *arguments]
        self._serving = serving
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    def look(self) -> None:
        """Start it where it does not run; not more often than once a second."""
        if self._process is not None and self._process.poll() is None:
            return
        if time.monotonic() - self._started < RESTART_SECONDS:
            return
        self._started = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603  # our own modules
            self._command, stdin=subprocess.PIPE, env=self._serving.environment()
        )

    def stop(self) -> None:
        if self._process is None:
            return
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def serve(instance: Path, host: str, port: int, master: bytes | None, on_ready: Callable[[], None]) -> None:
    """Serve until told to stop. Without a master key the practice starts locked.

    Raises KioskError where the port is taken or the practice is served already.
    """
    _refuse_taken_port(host, port)
    with lockfile.hold(instance), tempfile.TemporaryDirectory(prefix="kiosk-") as folder:
        address = rf"\\.\pipe\kiosk-{secrets.token_hex(8)}" if sys.platform == "win32" else f"{folder}/key"
        serving = Serving(instance.resolve(), address, secrets.token_bytes(32))
        keys = KeyServer(address, serving.authkey)
        keys.start(master)
        children = [
            Child("kiosk.cli.web", [host, str(port)], serving),
            Child("kiosk.worker", [], serving),
        ]
        try:
            _watch(children, host, port, on_ready)
        finally:
            for child in children:
                child.stop()
            keys.stop()


def refuse_taken(instance: Path, host: str, port: int) -> None:
    """Raises KioskError where the practice is served already or the port is taken."""
    lockfile.refuse_served(instance)
    _refuse_taken_port(host, port)


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise KioskError(f"Port {port} is taken.", "Choose another one with --port.") from None


def _watch(children: list[Child], host: str, port: int, on_ready: Callable[[], None]) -> None:
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    ready, until = False, time.monotonic() + READY_SECONDS
    while not stopping:
        for child in children:
            child.look()
        if not ready and _answers(host, port):
            ready = True
            on_ready()
        elif not ready and time.monotonic() > until:
            raise KioskError("The server does not answer.", "Look at what it printed above.")
        time.sleep(LOOK_SECONDS)


def _answers(host: str, port: int) -> bool:
    asked = "127.0.0.1" if host in ("0.0.0.0", "") else host  # noqa: S104  # asked, not bound
    connection = http.client.HTTPConnection(asked, port, timeout=1)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
