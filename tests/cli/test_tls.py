"""`kiosk serve --tls`: a real handshake, a locked start, and a renewal that loses nobody's request."""

import http.client
import os
import re
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk import demo
from kiosk.access import Desk
from kiosk.actions import certificates
from kiosk.actions.practice import system
from kiosk.cli import main
from kiosk.cli.gateway import BODY_SECONDS
from kiosk.vault import lockfile, tls
from tests.browser.conftest import free_port, lay_out_demo, wait_until


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A practice of which only the settings are there: what is refused needs no more."""
    (tmp_path / "practice.toml").write_text('practice_name = "A"\ntime_zone = "UTC"\nbehind_proxy = true\n')
    return tmp_path


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tls", "--locked"], "do not go together"),
        (["--host", "127.0.0.1", "--host", "::1"], "at one --host only"),
        (["--new-authority"], "goes with --tls and the passphrase"),
        (["--tls", "--new-authority", "--locked"], "goes with --tls and the passphrase"),
    ],
)
def test_what_does_not_go_together_is_said_before_anything_starts(
    empty: Path, options: list[str], said: str
) -> None:
    done = run("--instance", str(empty), "serve", *options)
    assert (done.exit_code, said in done.stderr) == (1, True), done.stderr


def test_a_locked_start_without_a_certificate_says_that_it_needs_the_passphrase_once(tmp_path: Path) -> None:
    (tmp_path / "practice.toml").write_text('practice_name = "A"\ntime_zone = "UTC"\n')
    done = run("--instance", str(tmp_path), "serve", "--tls", "--locked")
    assert (done.exit_code, "Start it once with its passphrase" in done.stderr) == (1, True)


def test_a_practice_that_is_served_is_not_changed_by_a_second_start(tmp_path: Path) -> None:
    lay_out_demo(tmp_path / "demo")
    port, before = str(free_port()), kept_in(tmp_path / "demo")
    for more in ([], ["--tls"], ["--tls", "--new-authority"]):
        with lockfile.hold(tmp_path / "demo"):
            done = run("--instance", str(tmp_path / "demo"), "serve", "--port", port, *more)
        assert (done.exit_code, "served already" in done.stderr) == (1, True), done.stderr
    assert kept_in(tmp_path / "demo") == before


def kept_in(instance: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(instance)): path.read_bytes()
        for path in instance.rglob("*")
        if path.is_file() and path.name != lockfile.FILE
    }


@contextmanager
def served(instance: Path, port: int, *options: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "kiosk", "--instance", str(instance), "serve", "--port", str(port)]
    told = {**os.environ, **environment}
    process = subprocess.Popen([*command, "--tls", *options], env=told, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: said(instance, port) is not None, 60)
        yield process
    finally:
        process.terminate()
        process.wait(15)


def connection(instance: Path, port: int) -> http.client.HTTPSConnection:
    there = tls.read(instance)
    assert there is not None
    trust = ssl.create_default_context(cadata=there.authority_der)
    return http.client.HTTPSConnection("localhost", port, context=trust, timeout=30)


def said(instance: Path, port: int) -> str | None:
    """What /health says, over a connection that is verified."""
    if tls.read(instance) is None:
        return None
    asked = connection(instance, port)
    try:
        asked.request("GET", "/health")
        return asked.getresponse().read().decode()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        asked.close()


def serial_number(port: int) -> str:
    return ssl.get_server_certificate(("127.0.0.1", port))


class Visitor(threading.Thread):
    """Somebody who asks again and again, each time anew; `lost` is what was not answered.

    A connection that came in the very moment in which the worker before goes may be closed before it was
    read: it is `broken`, and asked for once more, as a tablet does by itself.
    """

    def __init__(self, instance: Path, port: int, path: str, stop: threading.Event) -> None:
        super().__init__()
        self.where, self.path, self.stop = (instance, port), path, stop
        self.answered, self.broken, self.lost = 0, 0, list[str]()

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                try:
                    self.ask()
                except OSError:
                    self.broken += 1
                    self.ask()
                self.answered += 1
            except (OSError, http.client.HTTPException) as lost:
                self.lost.append(repr(lost))
            time.sleep(0.01)

    def ask(self) -> None:
        with closing(connection(*self.where)) as asked:
            asked.request("POST", self.path, body=b"x=" + b"y" * 5_000)
            asked.getresponse().read()


@pytest.mark.long
def test_a_renewed_certificate_is_served_and_no_request_is_lost(tmp_path: Path) -> None:
    port, instance = free_port(), tmp_path / "demo"
    lay_out_demo(instance)
    with served(instance, port, "--host", "127.0.0.1", "--host", "localhost"):
        assert "unlocked" in str(said(instance, port))
        first = serial_number(port)
        stop = threading.Event()
        visitors = [Visitor(instance, port, path, stop) for path in ("/sign-in", "/pair", "/nowhere")]
        for visitor in visitors:
            visitor.start()
        time.sleep(1)
        renew(instance)
        wait_until(lambda: serial_number(port) != first, 40)
        time.sleep(12)  # the worker before goes, and so do those who asked it
        stop.set()
        for visitor in visitors:
            visitor.join()
        assert [visitor.lost for visitor in visitors] == [[], [], []]
        assert all(visitor.broken <= 1 for visitor in visitors)
        assert all(visitor.answered > 50 for visitor in visitors)
        assert {serial_number(port) for _ in range(5)} == {ssl_of(instance)}


def renew(instance: Path) -> None:
    """As the worker does when the time has come."""
    practice = demo.open_unlocked(instance)
    with practice.vault.transaction() as store:
        authority = certificates._kept(Desk(store, system(practice)))
    assert authority is not None
    there = tls.read(instance)
    assert there is not None
    tls.write(instance, tls.issue(authority, there.names, datetime.now(UTC)))
    practice.vault.close()


def ssl_of(instance: Path) -> str:
    pem = tls.file_of(instance).read_text()
    begin = "-----BEGIN CERTIFICATE-----"
    return begin + pem.split(begin)[1]


@pytest.mark.long
def test_a_locked_start_and_one_by_a_credential_serve_with_what_was_made(tmp_path: Path) -> None:
    port, instance = free_port(), tmp_path / "demo"
    lay_out_demo(instance)
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "passphrase").write_text(demo.passphrase_beside(instance) or "")
    settings = (instance / "practice.toml").read_text()
    (instance / "practice.toml").write_text(re.sub("(?m)^(demo|pairing_seconds) =.*", "", settings))
    loopback: Sequence[str] = ("--host", "127.0.0.1")
    with served(instance, port, *loopback, CREDENTIALS_DIRECTORY=str(credentials)):
        assert "unlocked" in str(said(instance, port))
        with pytest.raises((OSError, http.client.HTTPException)):
            plain = http.client.HTTPConnection("127.0.0.1", port, timeout=BODY_SECONDS)
            plain.request("GET", "/health")
            plain.getresponse()
        plain.close()
    fingerprint = getattr(tls.read(instance), "fingerprint", "")
    with served(instance, port, *loopback, "--locked"):
        assert str(said(instance, port)).startswith("well\nlocked\n")
    assert getattr(tls.read(instance), "fingerprint", "") == fingerprint
