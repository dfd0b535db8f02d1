"""Between Granian and the application: a request is whole before it takes one of the few threads.

Granian's own WSGI hands a thread to whoever has sent a header, and waits for the body without end: twenty
connections that send nothing more (measured) stopped the whole server. Here a body is awaited without a
thread and within a time. Only what is larger than any form (a scan) is read by the application, which first
asks who sends it; then each piece has the same time to come.
"""

import asyncio
import io
import logging
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kiosk import app, logs

log = logging.getLogger("kiosk.gateway")

BODY_SECONDS = 20.0
UPLOAD_SECONDS = 180.0
MOST_BUFFERED_BYTES = 2_000_000
THREADS = 8

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Answer = tuple[int, list[tuple[str, str]], bytes]

TOO_SLOW: Answer = (408, [("content-type", "text/plain"), ("connection", "close")], b"That took too long.\n")
TOO_LARGE: Answer = (413, [("content-type", "text/plain"), ("connection", "close")], b"That was too much.\n")
NOT_WHOLE: Answer = (400, [("content-type", "text/plain"), ("connection", "close")], b"That broke off.\n")
BROKEN: Answer = (500, [("content-type", "text/plain")], b"Something went wrong on our side.\n")


class Slow(Exception):
    """The sender did not keep the time."""


class Large(Exception):
    """More came than was announced or may come."""


class Later(io.RawIOBase):
    """A body that a thread reads piece by piece, from the loop that receives it, within a time."""

    def __init__(self, pieces: AsyncIterator[bytes], loop: asyncio.AbstractEventLoop, size: int) -> None:
        self._pieces, self._loop, self._left = pieces, loop, size
        self._held = b""
        self._until = time.monotonic() + UPLOAD_SECONDS

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held and self._left > 0:
            self._held = self._next()
            if not self._held:
                self._left = 0  # the sender went away: less came than was announced
        given, self._held = self._held[: len(buffer)], self._held[len(buffer) :]
        buffer[: len(given)] = given
        return len(given)

    def _next(self) -> bytes:
        seconds = min(BODY_SECONDS, self._until - time.monotonic())
        waiting = asyncio.run_coroutine_threadsafe(_piece(self._pieces), self._loop)
        try:
            piece = waiting.result(max(0.0, seconds))
        except TimeoutError:
            waiting.cancel()
            raise Slow from None
        self._left -= len(piece)
        return piece


async def _piece(pieces: AsyncIterator[bytes]) -> bytes:
    """What came next; nothing at the end. Neither `async for` nor `anext` with a default: with Granian's
    iterator the one fails and the other ends the process.
    """
    try:
        while not (piece := await pieces.__anext__()):
            continue
    except StopAsyncIteration:
        return b""
    return piece


class Gateway:
    """A WSGI application as Granian's RSGI asks for it."""

    def __init__(self, application: Application, threads: int = THREADS) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        if scope.proto != "http":
            protocol.close(403)
            return
        status, headers, body = await self._answered(scope, protocol)
        protocol.response_bytes(status, headers, body)

    async def _answered(self, scope: Any, protocol: Any) -> Answer:
        environ = environ_of(scope)
        loop = asyncio.get_running_loop()
        try:
            environ["wsgi.input"] = await _body(environ, protocol, loop)
            return await loop.run_in_executor(self._threads, self._run, environ)
        except Slow:
            return TOO_SLOW
        except Large:
            return TOO_LARGE
        except ConnectionError:
            return NOT_WHOLE
        except Exception as fault:  # the server would print it with its words
            said = {"error": type(fault).__name__, "at": logs.place(fault.__traceback__)}
            log.error({"event": "the application failed", **said})
            return BROKEN

    def _run(self, environ: Environ) -> Answer:
        said: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            said[:] = [int(status[:3]), headers]

        pieces = self._application(environ, start_response)
        try:
            body = b"".join(pieces)
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()
        # Names in small letters, as HTTP/2 wants them.
        return said[0], [(name.lower(), value) for name, value in said[1]], body


def practice() -> Gateway:
    """What the web server runs."""
    logs.begin()
    return Gateway(app.served())


def first_start() -> Gateway:
    """What the web server runs where no practice is yet."""
    logs.begin()
    return Gateway(app.first_start())


async def _body(environ: Environ, protocol: Any, loop: asyncio.AbstractEventLoop) -> io.IOBase:
    """Raises Slow, Large, ConnectionError where it broke off."""
    if "CONTENT_LENGTH" not in environ and "chunked" not in environ.get("HTTP_TRANSFER_ENCODING", ""):
        return io.BytesIO()
    announced = environ.get("CONTENT_LENGTH", "")
    pieces = aiter(protocol)
    if announced.isascii() and announced.isdigit() and int(announced) > MOST_BUFFERED_BYTES:
        return io.BufferedReader(Later(pieces, loop, int(announced)))
    held = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while piece := await _piece(pieces):
                held += piece
                if len(held) > MOST_BUFFERED_BYTES:
                    raise Large
    except TimeoutError:
        raise Slow from None
    if announced and len(held) != int(announced):
        raise ConnectionResetError
    environ["CONTENT_LENGTH"] = str(len(held))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return io.BytesIO(bytes(held))


def environ_of(scope: Any) -> Environ:
    """What PEP 3333 asks for. A header with an underscore is dropped: it would pose as one with a hyphen."""
    address, _, _port = scope.client.rpartition(":")
    server, _, port = scope.server.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),  # it comes unquoted
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": address.strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if scope.authority:
        environ["HTTP_HOST"] = scope.authority
    for name, value in scope.headers.items():
        _add_header(environ, name, value)
    return environ


def _add_header(environ: Environ, name: str, value: str) -> None:
    if "_" in name:
        return
    key = name.upper().replace("-", "_")
    if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        key = f"HTTP_{key}"
    if key in environ and key != "HTTP_HOST":
        between = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{between}{value}"
    else:
        environ[key] = value
