"""A real WebKit, for most practices own an iPad: Debian's WebKitWebDriver, asked in the W3C protocol.

A dozen commands of one HTTP interface: less than a library for it would bring along.
"""

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser.conftest import answers, free_port, wait_until

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the protocol's own key of a reference
BROWSERS = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
MISSING = "WebKit is missing: apt-get install webkit2gtk-driver xvfb"
WINDOW = (1080, 790)  # the page is what its bar leaves


class Refused(Exception):
    """What the driver could not do, in its words."""


class WebKit:
    """One browser window."""

    def __init__(self, address: str) -> None:
        self.address = address
        wanted = {
            "webkitgtk:browserOptions": {"binary": str(BROWSERS[0]), "args": ["--automation"]},
            # A page that comes back and reloads itself would have the driver wait for ever.
            "pageLoadStrategy": "none",
        }
        made = self._ask("POST", "/session", capabilities={"alwaysMatch": wanted})
        self.session = f"/session/{made['sessionId']}"
        self.tell("window/rect", x=0, y=0, width=WINDOW[0], height=WINDOW[1])

    def _ask(self, method: str, path: str, **body: Any) -> Any:
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"})
        request.method = method
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(error.read().decode()) from None

    def tell(self, path: str, **body: Any) -> Any:
        return self._ask("POST", f"{self.session}/{path}", **body)

    def ask(self, path: str) -> Any:
        return self._ask("GET", f"{self.session}/{path}")

    def close(self) -> None:
        self._ask("DELETE", self.session)

    def go(self, address: str) -> None:
        self.run("window.left = true")
        self.tell("url", url=address)
        time.sleep(0.3)  # a script that is run while its document goes is answered never
        wait_until(lambda: self.run("return !window.left && document.readyState === 'complete'"), 30)

    @property
    def url(self) -> str:
        return str(self.ask("url"))

    @property
    def source(self) -> str:
        return str(self.ask("source"))

    def run(self, script: str, *arguments: Any) -> Any:
        return self.tell("execute/sync", script=script, args=list(arguments))

    def run_async(self, script: str) -> Any:
        """A script that is a promise."""
        done = "const done = arguments[arguments.length - 1];"
        return self.tell(
            "execute/async", script=f"{done} ({script}).then(done, e => done(String(e)))", args=[]
        )

    def names(self) -> set[str]:
        return set(
            self.run("return [...document.querySelectorAll('[data-test]')].map(one => one.dataset.test)")
        )

    def find(self, name: str, seconds: float = 20) -> str:
        """The element with this name, once it is there and to be seen."""
        shown = (
            "return [...document.querySelectorAll(`[data-test='${arguments[0]}']`)]"
            ".find(one => one.checkVisibility()) || null"
        )
        until = time.monotonic() + seconds
        while (found := self.run(shown, name)) is None:
            if time.monotonic() > until:
                raise Refused(f"{name} does not come, at {self.url}")
            time.sleep(0.1)
        return str(found[ELEMENT])

    def press(self, name: str) -> None:
        self.tell(f"element/{self.find(name)}/click")

    def choose(self, name: str) -> None:
        """An answer: its whole row is what one taps."""
        element = self.find(name)
        if not self.run("return arguments[0].checked", {ELEMENT: element}):
            self.tell(f"element/{element}/click")

    def write(self, name: str, text: str) -> None:
        element = self.find(name)
        self.tell(f"element/{element}/clear")
        self.tell(f"element/{element}/value", text=text)

    def draw(self, name: str, points: Sequence[tuple[int, int]]) -> None:
        """With a pointer, as offsets from the middle of an element."""
        origin = {ELEMENT: self.find(name)}
        moves = [{"type": "pointerMove", "duration": 30, "origin": origin, "x": x, "y": y} for x, y in points]
        steps = [
            moves[0],
            {"type": "pointerDown", "button": 0},
            *moves[1:],
            {"type": "pointerUp", "button": 0},
        ]
        pointer = {
            "type": "pointer",
            "id": "finger",
            "parameters": {"pointerType": "mouse"},
            "actions": steps,
        }
        self.tell("actions", actions=[pointer])

    def turn(self, width: int, height: int) -> None:
        self.tell("window/rect", width=width, height=height + WINDOW[1] - 710)

    def shot(self) -> bytes:
        from base64 import b64decode

        return b64decode(self.ask("screenshot"))


@contextmanager
def webkit(home: Path) -> Iterator[WebKit]:
    """A fresh WebKit with a home of its own, whose files can be looked into afterwards."""
    if not BROWSERS or not shutil.which("WebKitWebDriver") or not shutil.which("xvfb-run"):
        raise RuntimeError(MISSING)
    port = free_port()
    told = {
        **os.environ,
        "HOME": str(home),
        **{f"XDG_{name}_HOME": str(home / name.lower()) for name in ("DATA", "CACHE", "CONFIG", "STATE")},
        "GDK_BACKEND": "x11",
        "NO_AT_BRIDGE": "1",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
    home.mkdir(parents=True, exist_ok=True)
    command = ["xvfb-run", "-a", "-s", "-screen 0 1400x1300x24", "WebKitWebDriver", f"--port={port}"]
    log = (home / "driver.log").open("wb")
    process = subprocess.Popen(command, env=told, stdout=log, stderr=log, start_new_session=True)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{address}/status"), 60)
        browser = WebKit(address)
        yield browser
        browser.close()
    finally:
        os.killpg(process.pid, 15)
        process.wait(15)
        log.close()
