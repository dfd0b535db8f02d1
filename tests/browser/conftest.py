"""A sample practice, really served, and a real browser: what people do, from outside."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from kiosk import demo
from tests.practices import SHARED

SCREENS = Path(__file__).parents[1] / "screens"
TABLET = {"width": 1080, "height": 710}
TABLET_UPRIGHT = {"width": 744, "height": 1033}
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass
class Served:
    """The sample practice behind its address; `described` is what `kiosk demo --json` says."""

    instance: Path
    base: str
    described: dict[str, Any] = field(default_factory=dict)

    def kiosk(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return kiosk("--instance", str(self.instance), *arguments)

    def describe(self) -> dict[str, Any]:
        self.described = demo.describe(self.instance, self.base)
        return self.described

    def passphrase(self, name: str) -> str:
        return next(one["passphrase"] for one in self.described["sign_ins"] if one["name"] == name)

    def visit(self, client: str) -> dict[str, Any]:
        return next(one for one in self.described["visits"] if one["client"] == client)

    def born(self, client: str) -> tuple[str, str, str]:
        iso = next(one["born"] for one in self.described["clients"] if one["name"] == client)
        year, month, day = iso.split("-")
        return str(int(month)), str(int(day)), year


def kiosk(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kiosk", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def demo_once() -> Path:
    """A sample practice to copy: the first worker that needs one makes it for all."""
    shared = Path(os.environ[SHARED])
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = shared / "demo"
        if not made.exists():
            done = kiosk("--instance", str(made), "demo", "--no-serve")
            assert done.returncode == 0, done.stderr
    return made


def lay_out_demo(instance: Path) -> None:
    shutil.copytree(demo_once(), instance)


@contextmanager
def serving(instance: Path, settings: str = "", logo: bytes = b"") -> Iterator[Served]:
    """The sample practice, with more settings if any, and a logo for one of them."""
    port = free_port()
    served = Served(instance, f"http://127.0.0.1:{port}")
    lay_out_demo(instance)
    with (instance / "practice.toml").open("a", encoding="utf-8") as file:
        file.write(settings)
    if logo:
        (instance / "logo.png").write_bytes(logo)
    command = [sys.executable, "-m", "kiosk", "--instance", str(instance), "demo", "--port", str(port)]
    log = instance.with_suffix(".log").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_until(lambda: answers(f"{served.base}/health"), 120)  # a busy machine starts slowly
        served.describe()
        yield served
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)
        log.close()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def wait_until(holds: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.05)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("practice") / "demo") as running:
        yield running


def test_id(page: Page, name: str) -> Any:
    return page.locator(f'[data-test="{name}"]')


def shot(page: Page, name: str) -> None:
    """A screenshot to look at, in a folder that git ignores."""
    SCREENS.mkdir(exist_ok=True)
    size = page.viewport_size or DESK
    page.screenshot(path=SCREENS / f"{name}-{size['width']}x{size['height']}.png")


test_id.__test__ = False  # type: ignore[attr-defined]
