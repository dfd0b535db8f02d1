"""A practice that is really served: on a disk that fills, and while files come in that are meant to hurt."""

import http.client
import io
import os
import re
import subprocess
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from tests.browser.conftest import Served, serving, wait_until
from tests.cli.test_serve import children_of
from tests.fuzz.bombs import HOSTILE
from tests.fuzz.seeds import seed

MEGABYTE = 1_000_000
MOST_P95_MS = 300
MOST_GROWTH_MB = 100
LARGEST = 25 * MEGABYTE  # that is taken
MOST_SECONDS_EACH = 30


@dataclass
class Staff:
    """Somebody at a browser, by plain http: pages, forms, files."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, str]:
        connection = http.client.HTTPConnection(self.base.removeprefix("http://"), timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        connection.request(method, path, body, {**headers, **({"Content-Type": kind} if kind else {})})
        response = connection.getresponse()
        text = response.read().decode()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return response.status, text

    def token(self, path: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.ask("GET", path)[1])
        assert found
        return found[1]

    def signs_in(self, name: str, passphrase: str) -> None:
        given = {"csrf_token": self.token("/sign-in"), "name": name, "passphrase": passphrase}
        sent = urllib.parse.urlencode(given).encode()
        assert self.ask("POST", "/sign-in", sent, "application/x-www-form-urlencoded")[0] == 303

    def uploads(self, data: bytes) -> tuple[int, str]:
        given = {"csrf_token": self.token("/desk/scans"), "files": FileStorage(io.BytesIO(data), "a.pdf")}
        boundary, body = encode_multipart(MultiDict(given))
        return self.ask("POST", "/desk/scans", body, f'multipart/form-data; boundary="{boundary}"')


def at_the_desk(served: Served) -> Staff:
    desk = Staff(served.base)
    one = next(one for one in served.described["sign_ins"] if one["role"] == "front_desk")
    desk.signs_in(one["name"], one["passphrase"])
    return desk


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if os.name != "posix" or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only the administrator may mount a small disk; tests/faults/test_disk.py needs none")
    try:
        yield folder
    finally:
        # The web server's own worker ends a moment after who started it.
        wait_until(lambda: subprocess.run(["umount", str(folder)]).returncode == 0, 10)


@pytest.mark.long
def test_a_disk_that_fills_up_is_said_and_with_room_again_all_goes_on(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 48) as disk, serving(disk / "demo") as served:
        desk, stored = at_the_desk(served), 0
        status, text = 303, ""
        while status == 303 and stored < 40:
            status, text = desk.uploads(os.urandom(3 * MEGABYTE))
            stored += status == 303
        assert status == 503
        assert "The disk of this practice is full." in text
        assert "Nothing was half saved." in text
        assert desk.ask("GET", "/desk/")[0] == 200
        assert desk.ask("GET", "/health")[0] == 200
        subprocess.run(["mount", "-o", "remount,size=96m", str(disk)], check=True)
        assert desk.uploads(b"%PDF-1.7 after")[0] == 303
        checked = served.kiosk("audit", "verify")
        assert checked.returncode == 0, checked.stderr


def memory_kb(pid: int, key: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(key):
            return int(line.split()[1])
    return 0


def ours(pid: int) -> list[int]:
    """The processes that the supervisor keeps; those that open one upload come and go."""
    direct = children_of(pid)
    return [pid, *direct, *(grandchild for child in direct for grandchild in children_of(child))]


@contextmanager
def growing(served: Served) -> Iterator[list[int]]:
    """The processes that serve; and at the end, that none of them was ever too large meanwhile."""
    (supervisor,) = [pid for pid in children_of(os.getpid()) if len(children_of(pid)) >= 2]
    kept = ours(supervisor)
    before = {pid: memory_kb(pid, "VmRSS:") for pid in kept}
    for pid in kept:
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")  # the most it had begins anew
    yield kept
    grown = {pid: (memory_kb(pid, "VmHWM:") - before[pid]) / 1024 for pid in kept}
    print(f"grown by {', '.join(f'{one:.0f}' for one in grown.values())} MB")
    assert max(grown.values()) < MOST_GROWTH_MB
    wait_until(lambda: ours(supervisor) == kept, 5)


def has_read_one(desk: Staff) -> None:
    """Who has read one file has loaded all that reads."""
    desk.uploads(seed("pdf of two pages"))
    wait_until(lambda: "to decide" in desk.ask("GET", "/desk/scans")[1], MOST_SECONDS_EACH)


def is_all_read(desk: Staff) -> bool:
    page = desk.ask("GET", "/desk/scans")[1]
    return "Being read" not in page and "waits to be read" not in page


@pytest.mark.long
def test_the_largest_file_that_is_taken_does_not_make_the_server_large(tmp_path: Path) -> None:
    with serving(tmp_path / "demo") as served:
        desk = at_the_desk(served)
        has_read_one(desk)
        with growing(served):
            assert desk.uploads(os.urandom(LARGEST))[0] == 303
            wait_until(lambda: is_all_read(desk), MOST_SECONDS_EACH)


@pytest.mark.long
def test_the_desk_goes_on_working_while_files_come_in_that_were_made_to_hurt(tmp_path: Path) -> None:
    with serving(tmp_path / "demo") as served:
        desk, took, done = at_the_desk(served), [], threading.Event()

        def look() -> None:
            while not done.is_set():
                begun = time.perf_counter()
                assert desk.ask("GET", "/desk/")[0] == 200
                took.append((time.perf_counter() - begun) * 1000)
                time.sleep(0.05)

        has_read_one(desk)
        with growing(served):
            looking = threading.Thread(target=look)
            looking.start()
            begun, inbox = time.monotonic(), served.instance / "inbox"
            for number, make in enumerate(HOSTILE.values()):
                data = make()
                if len(data) <= LARGEST:
                    beside = served.instance / f"{number}.part"
                    beside.write_bytes(data)
                    os.utime(beside, (0, 0))
                    beside.rename(inbox / f"{number}.pdf")
            wait_until(lambda: not any(inbox.iterdir()), MOST_SECONDS_EACH * len(HOSTILE))
            wait_until(lambda: is_all_read(desk), MOST_SECONDS_EACH * len(HOSTILE))
            lasted = time.monotonic() - begun
            done.set()
            looking.join()
        p95 = quantiles(took, n=20)[18]
        print(f"{len(HOSTILE)} files, {lasted:.0f} s; p95 {p95:.0f} ms of {len(took)}")
        assert p95 < MOST_P95_MS
        _, page = desk.ask("GET", "/desk/scans")
        assert page.count('data-test="scan-') == 50
        assert "to decide" in page
