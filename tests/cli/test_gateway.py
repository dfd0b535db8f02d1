"""Between the web server and the application: only whole requests take a thread, and slow ones take none."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kiosk.cli import gateway
from kiosk.cli.gateway import Gateway
from pdf.seal import on_a_thread
from tests.browser.conftest import answers, free_port, lay_out_demo, wait_until


@dataclass
class Scope:
    """What Granian hands over, with headers as pairs."""

    method: str = "POST"
    path: str = "/a b/é"
    query_string: str = "x=1"
    proto: str = "http"
    http_version: str = "1.1"
    scheme: str = "https"
    client: str = "192.168.1.20:50000"
    server: str = "0.0.0.0:8765"
    authority: str | None = None
    pairs: list[tuple[str, str]] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        class Pairs(dict[str, str]):
            def items(pairs) -> Any:  # noqa: N805
                return self.pairs

        return Pairs()


class Protocol:
    """A browser that sends pieces, waiting before each; `None` breaks off."""

    def __init__(self, *pieces: bytes, seconds: float = 0.0) -> None:
        self.pieces, self.seconds = pieces, seconds
        self.answer: tuple[int, dict[str, str], bytes] | None = None

    def __aiter__(self) -> AsyncIterator[bytes]:
        async def sent() -> AsyncIterator[bytes]:
            for piece in self.pieces:
                await asyncio.sleep(self.seconds)
                yield piece

        return sent()

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answer = (status, dict(headers), body)


def echo(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["wsgi.input"].read()]


def sent(protocol: Protocol, application: Any = echo, **scope: Any) -> tuple[int, dict[str, str], bytes]:
    async def ask() -> None:
        await Gateway(application).__rsgi__(Scope(**scope), protocol)

    on_a_thread(lambda: asyncio.run(ask()))  # Playwright, where it ran before, holds this one's loop
    assert protocol.answer is not None
    return protocol.answer


def length(size: int) -> list[tuple[str, str]]:
    return [("content-length", str(size))]


def test_a_request_arrives_as_it_was_sent() -> None:
    seen: dict[str, Any] = {}

    def look(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        seen.update(environ)
        return echo(environ, start_response)

    pairs = [("host", "kiosk.local"), ("cookie", "a=1"), ("cookie", "b=2"), ("accept", "x"), ("accept", "y")]
    answer = sent(Protocol(b"ab", b"", b"cd"), look, pairs=[*pairs, *length(4)])
    assert answer == (200, {"content-type": "text/plain"}, b"abcd")
    assert seen["PATH_INFO"] == "/a b/é".encode().decode("latin-1")
    assert (seen["QUERY_STRING"], seen["wsgi.url_scheme"]) == ("x=1", "https")
    assert (seen["REMOTE_ADDR"], seen["HTTP_HOST"]) == ("192.168.1.20", "kiosk.local")
    assert (seen["HTTP_COOKIE"], seen["HTTP_ACCEPT"]) == ("a=1; b=2", "x,y")


@pytest.mark.parametrize("name", ["x_forwarded_for", "X_Forwarded-Proto", "content_length"])
def test_a_header_with_an_underscore_does_not_pose_as_another(name: str) -> None:
    environ = gateway.environ_of(Scope(pairs=[(name, "203.0.113.9")]))
    assert "203.0.113.9" not in environ.values()


def test_an_ipv6_address_is_told_without_its_brackets() -> None:
    assert gateway.environ_of(Scope(client="[fe80::1]:50000"))["REMOTE_ADDR"] == "fe80::1"


def test_who_sends_slowly_holds_no_thread_and_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "BODY_SECONDS", 0.05)
    asked = []
    slow = Protocol(b"a", b"b", b"c", seconds=0.04)
    assert sent(slow, lambda *_: asked.append(1), pairs=length(3))[0] == 408
    assert not asked


def test_an_application_that_fails_is_answered_for_and_its_words_are_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(*_: Any) -> Iterable[bytes]:
        raise ValueError("Zebulon")

    assert sent(Protocol(), fails)[0] == 500
    (record,) = caplog.records
    assert (record.name, set(record.msg)) == ("kiosk.gateway", {"event", "error", "at"})  # type: ignore[call-overload]
    assert "Zebulon" not in caplog.text


def test_what_breaks_off_is_no_request() -> None:
    assert sent(Protocol(b"abc"), pairs=length(10))[0] == 400


def test_a_body_of_no_announced_length_has_the_same_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "MOST_BUFFERED_BYTES", 10)
    chunked = [("transfer-encoding", "chunked")]
    assert sent(Protocol(b"12345", b"67890"), pairs=chunked)[2] == b"1234567890"
    assert sent(Protocol(b"12345", b"67890", b"1"), pairs=chunked)[0] == 413


def test_a_large_upload_is_read_by_the_application_when_it_wants_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "MOST_BUFFERED_BYTES", 10)
    assert sent(Protocol(*[b"12345"] * 9), pairs=length(45))[2] == b"12345" * 9

    def refuses(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("413 Too Large", [])
        return [b"unread"]

    assert sent(Protocol(seconds=60.0), refuses, pairs=length(45))[2] == b"unread"


def test_a_slow_upload_gives_its_thread_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "MOST_BUFFERED_BYTES", 10)
    monkeypatch.setattr(gateway, "BODY_SECONDS", 0.05)
    assert sent(Protocol(b"12345", b"67890", seconds=0.2), pairs=length(45))[0] == 408


@pytest.mark.long
def test_twenty_connections_that_send_nothing_stop_nobody(tmp_path: Path) -> None:
    """With Granian's own WSGI eight of them did."""
    port, instance = free_port(), tmp_path / "demo"
    lay_out_demo(instance)
    command = [sys.executable, "-m", "kiosk", "--instance", str(instance), "serve", "--port", str(port)]
    served = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/health"), 60)
        half = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nname="
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        for connection in held:
            connection.sendall(half)
        time.sleep(0.5)
        begun = time.monotonic()
        assert answers(f"http://127.0.0.1:{port}/health")
        assert time.monotonic() - begun < 1.5
        held[0].settimeout(gateway.BODY_SECONDS + 10)
        assert b"408" in held[0].recv(100)
        for connection in held:
            connection.close()
    finally:
        served.terminate()
        served.wait(15)
