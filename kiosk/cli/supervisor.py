"""`kiosk serve`: starts the web server and the worker, watches them, and holds the key for both."""

import http.client
import secrets
import signal
import socket
import ssl
import subprocess  # nosec B404  # each use is judged where it stands
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from kiosk import logs
from kiosk.errors import KioskError
from kiosk.vault import folder, lockfile, tls
from kiosk.vault.keyring import KeyServer
from kiosk.vault.serving import AUTHKEY_BYTES, Serving, keep_memory_to_oneself

LOOK_SECONDS = 0.2
RESTART_SECONDS = 1.0
STOP_SECONDS = 3.0
READY_SECONDS = 60.0
KEY_SECONDS = 5.0  # from a practice that is made to its key
LAST_PAGE_SECONDS = 2.0  # for the first start's last page, with its styles


@dataclass(frozen=True)
class Place:
    """Where it is served: what it listens at, and whether with TLS."""

    host: str
    port: int
    tls: bool = False


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
        self._serving.hand_over(self._process)

    def reload(self) -> None:
        """Serve with the new certificate; who is being answered is answered. On Windows it starts anew."""
        if self._process is None:
            return
        if sys.platform == "win32":
            self.stop()
        else:
            self._process.send_signal(signal.SIGHUP)

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


@contextmanager
def alone(instance: Path, host: str, port: int) -> Iterator[None]:
    """The right to serve a practice, taken before anything of it is changed.

    Raises KioskError where the port is taken or the practice is served already.
    """
    _refuse_taken_port(host, port)
    with lockfile.hold(instance):
        yield


def serve(instance: Path, place: Place, master: bytes | None, on_ready: Callable[[], None]) -> None:
    """Serve until told to stop, for who is `alone`. Without a master key the practice starts locked."""
    with _serving(instance, master) as (serving, _keys):
        web = Child("kiosk.cli.web", [place.host, str(place.port)], replace(serving, tls=place.tls))
        children = [web, Child("kiosk.worker", [], serving)]
        certificate = Changes(tls.file_of(instance))

        def renewed() -> bool:
            if place.tls and certificate.changed():
                web.reload()
            return False

        _watch(children, place, instance, on_ready, renewed)


def first_start(
    instance: Path, port: int, word: str, then: str, on_ready: Callable[[], None]
) -> bytes | None:
    """Serve the pages that make a practice, to this machine alone; returns its key once it is made.

    `word` is asked for, and `then` is the address at which one goes on, where that is another one.
    None where somebody stopped it before. Raises KioskError where the port is taken.
    """
    place = Place("127.0.0.1", port)
    held = alone(instance, place.host, port)
    with folder.made_for_a_while(instance), held, _serving(instance, None) as (serving, keys):
        since = 0.0

        def made() -> bool:
            nonlocal since
            if not folder.has_practice(instance):
                return False
            since = since or time.monotonic()
            waited = time.monotonic() - since
            return waited > (LAST_PAGE_SECONDS if keys.master else KEY_SECONDS)

        web = Child("kiosk.cli.web", [place.host, str(port)], replace(serving, word=word, then=then))
        _watch([web], place, instance, on_ready, made)
        _wait_for_port(place)
        return keys.master


@contextmanager
def _serving(instance: Path, master: bytes | None) -> Iterator[tuple[Serving, KeyServer]]:
    """The key server that the practice's processes will ask."""
    keep_memory_to_oneself()
    logs.begin()
    with tempfile.TemporaryDirectory(prefix="kiosk-") as own:
        address = rf"\\.\pipe\kiosk-{secrets.token_hex(8)}" if sys.platform == "win32" else f"{own}/key"
        serving = Serving(instance.resolve(), address, secrets.token_bytes(AUTHKEY_BYTES))
        keys = KeyServer(address, serving.authkey)
        keys.start(master)
        try:
            yield serving, keys
        finally:
            keys.stop()


class Changes:
    """Whether a file was replaced since one asked last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._now()

    def _now(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino

    def changed(self) -> bool:
        before, self._seen = self._seen, self._now()
        return self._seen is not None and self._seen != before


def refuse_taken(instance: Path, host: str, port: int) -> None:
    """Raises KioskError where the practice is served already or the port is taken."""
    lockfile.refuse_served(instance)
    _refuse_taken_port(host, port)


def _wait_for_port(place: Place) -> None:
    """Granian's worker notices a little later that it is alone. Raises KioskError where it does not."""
    until = time.monotonic() + STOP_SECONDS
    while True:
        try:
            return _refuse_taken_port(place.host, place.port)
        except KioskError:
            if time.monotonic() > until:
                raise
        time.sleep(LOOK_SECONDS)


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise KioskError(f"Port {port} is taken.", "Choose another one with --port.") from None


def _watch(
    children: list[Child],
    place: Place,
    instance: Path,
    on_ready: Callable[[], None],
    done: Callable[[], bool],
) -> None:
    """Until somebody stops it, or it is `done`; then all children are stopped."""
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    ready, until = False, time.monotonic() + READY_SECONDS
    try:
        while not stopping and not done():
            for child in children:
                child.look()
            if not ready and _answers(place, instance):
                ready = True
                on_ready()
            elif not ready and time.monotonic() > until:
                raise KioskError("The server does not answer.", "Look at what it printed above.")
            time.sleep(LOOK_SECONDS)
    finally:
        for child in children:
            child.stop()


def _answers(place: Place, instance: Path) -> bool:
    connection = _connection(place, instance)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _connection(place: Place, instance: Path) -> http.client.HTTPConnection:
    asked = "127.0.0.1" if place.host in ("0.0.0.0", "") else place.host  # noqa: S104  # asked, not bound
    served = tls.read(instance) if place.tls else None
    if served is None:
        return http.client.HTTPConnection(asked, place.port, timeout=1)
    trust = ssl.create_default_context(cadata=served.authority_der)
    return http.client.HTTPSConnection(asked, place.port, timeout=1, context=trust)
