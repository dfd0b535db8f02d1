"""A tablet step (an answer posted, the next page shown) against a bare page of the same server and store."""

import http.client
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

from tests.browser.conftest import Served, answers, free_port, serving, wait_until

AT_ONCE = 4
SECONDS = 8.0
PAGE = "/tablet/form/emergency_contact/page/emergency"


class Browserish:
    """The little of a browser that a load needs: cookies, a connection kept open, forms."""

    def __init__(self, base: str) -> None:
        self.host = base.removeprefix("http://")
        self.connection = http.client.HTTPConnection(self.host, timeout=30)
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, **form: str) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = urllib.parse.urlencode(form) if form else None
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, text, response.headers.get("Location") or ""

    def post(self, path: str, **form: str) -> tuple[int, str, str]:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.ask("GET", path)[1])
        assert token is not None, path
        return self.ask("POST", path, csrf_token=token[1], **form)


def client_at_tablet(served: Served, number: int) -> tuple[Browserish, dict[str, str]]:
    """A paired tablet with a client before a decision's page; and what answering it sends."""
    tablet = Browserish(served.base)
    described = served.describe()
    page = described["pair"].removeprefix(served.base)
    token = re.search(r'name="csrf_token" value="([^"]+)"', tablet.ask("GET", page)[1])
    assert token is not None
    tablet.ask("POST", "/pair", csrf_token=token[1], code=page.rsplit("/", 1)[1])
    visit = described["visits"][number + 1]
    tablet.post("/tablet/code", code=visit["code"])
    month, day, year = served.born(visit["client"])
    status, _, _ = tablet.post("/tablet/birth-date", month=month, day=day, year=year)
    assert status == 303, status
    who = PAGE.replace("emergency", "who").replace("who_contact", "emergency_contact")
    tablet.post(who, **{"contact-name": "Somebody", "contact-relation": "friend", "contact-phone": ""})
    token = re.search(r'name="csrf_token" value="([^"]+)"', tablet.ask("GET", PAGE)[1])
    assert token is not None
    return tablet, {"csrf_token": token[1], "may_call_emergency": "allow"}


def load(steps: list[Callable[[], Iterator[float]]]) -> tuple[float, float]:
    """Requests a second and the 95th percentile in milliseconds, of all clients at once."""
    took: list[float] = []
    until = time.monotonic() + SECONDS

    def run(step: Callable[[], Iterator[float]]) -> None:
        while time.monotonic() < until:
            took.extend(step())

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(took) / SECONDS, quantiles(took, n=20)[18] * 1000


def timed(ask: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    status = ask()[0]
    took = time.perf_counter() - begun
    assert status in (200, 303), status
    return took


@contextmanager
def bare_server(folder: Path, size: int) -> Iterator[str]:
    port = free_port()
    told = {**os.environ, "BENCH_DATABASE": str(folder / "bare.db"), "BENCH_BYTES": str(size)}
    granian = "from granian import Granian; from granian.constants import Interfaces as I; "
    run = (
        f"Granian('tests.bench.bare:create', port={port}, interface=I.WSGI, blocking_threads=8, factory=True"
    )
    code = f"{granian}{run}, log_enabled=False, websockets=False).serve()"
    process = subprocess.Popen([sys.executable, "-c", code], env=told)
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/"), 20)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def measure() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "demo") as served:
        clients = [client_at_tablet(served, number) for number in range(AT_ONCE)]
        size = len(clients[0][0].ask("GET", PAGE)[1].encode())

        def step(tablet: Browserish, form: dict[str, str]) -> Callable[[], Iterator[float]]:
            def one() -> Iterator[float]:
                yield timed(lambda: tablet.ask("POST", PAGE, **form))
                yield timed(lambda: tablet.ask("GET", PAGE))

            return one

        ours = load([step(*client) for client in clients])
        with bare_server(Path(folder), size) as base:
            plain = load([_bare_step(Browserish(base)) for _ in range(AT_ONCE)])
    return [
        _row("tablet step, 4 at once: requests a second", ours[0], plain[0], "/s"),
        _row("tablet step, 4 at once: p95", ours[1], plain[1], "ms"),
    ]


def _bare_step(page: Browserish) -> Callable[[], Iterator[float]]:
    def one() -> Iterator[float]:
        yield timed(lambda: page.ask("POST", "/", answer="allow"))
        yield timed(lambda: page.ask("GET", "/"))

    return one


def _row(what: str, ours: float, plain: float, unit: str) -> dict[str, Any]:
    return {"what": what, "ours": ours, "plain": plain, "unit": unit}
