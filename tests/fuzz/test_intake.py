"""Whatever comes in as a scan: the program lives, and each file ends as a problem in words or as pages."""

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.actions import inbox_folder, paper, reading_scans
from kiosk.errors import Invalid
from kiosk.vault import tables
from kiosk.vault.states import PageState, ScanState
from pdf import opening
from tests.fuzz.bombs import HOSTILE, cut_files
from tests.fuzz.mutations import mutated
from tests.fuzz.nursery import Forked, nursery
from tests.fuzz.pdfs import ACTIVE
from tests.fuzz.pictures import second_page_beyond
from tests.fuzz.seeds import SEEDS, seed
from tests.practices import People

QUICK, LOTS, OF_EACH_LOT = 100, 10, 500
MOST_SECONDS = 30.0
MOST_GROWTH_MB = 100
WARM = 100  # files of a lot, after which what is loaded once is loaded
MOST_LASTING_GROWTH = 1.05
KINDS = {*opening.WORDS, "empty", "blank", "unreadable", "unknown_sheet"}


@dataclass
class Came:
    """What became of one file: refused with words, or pages that wait with a problem."""

    refused: str
    kinds: list[str]


def proc(name: str, key: str) -> int:
    for line in Path(f"/proc/self/{name}").read_text(encoding="ascii").splitlines():
        if line.startswith(key):
            return int(line.split()[1])
    raise LookupError(key)


def children() -> set[int]:
    own = Path("/proc/self/task")
    return {int(pid) for task in own.iterdir() for pid in (task / "children").read_text().split()}


def comes_in(people: People, data: bytes) -> Came:
    """Received and read as the worker does it, within the limits of time and memory."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is counted from here
    before_kb, begun = proc("status", "VmRSS:"), time.monotonic()
    try:
        scan_id = paper.receive(people.system, data).scan_id
    except Invalid as wrong:
        return Came(wrong.message, [])
    reading_scans.read_next(people.system)
    took, grown_kb = time.monotonic() - begun, proc("status", "VmHWM:") - before_kb
    assert took <= MOST_SECONDS
    assert grown_kb < MOST_GROWTH_MB * 1024
    return became(people, scan_id)


def became(people: People, scan_id: str) -> Came:
    with people.practice.vault.transaction() as store:
        scan = store.session.get_one(tables.Scan, scan_id)
        assert scan.state in (ScanState.READ, ScanState.DUPLICATE)
        if scan.state == ScanState.DUPLICATE:
            return Came("was scanned before", [])
        pages = store.session.query(tables.ScanPage).filter_by(scan_id=scan_id).all()
        assert pages, "nothing vanishes"
        for page in pages:
            assert page.state == PageState.PROBLEM
            assert page.problem_kind in KINDS
            assert page.problem
            assert page.problem.count(".") >= 2, "what it is, and what to do"
            assert "Traceback" not in page.problem
        return Came("", [str(page.problem_kind) for page in pages])


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with nursery() as born_of:
        monkeypatch.setattr(opening, "start_child", lambda: Forked(born_of))
        yield


@pytest.fixture
def nothing_stays() -> Iterator[None]:
    """No child, no thread and no open file more than before."""
    gc.collect()
    before = children(), threading.active_count(), len(os.listdir("/proc/self/fd"))
    yield
    gc.collect()
    assert (children(), threading.active_count()) == before[:2]
    assert len(os.listdir("/proc/self/fd")) <= before[2] + 2  # the practice's own connections


def held() -> tuple[int, int]:
    """Open files, and memory in kB, once nothing is left lying about."""
    gc.collect()
    return len(os.listdir("/proc/self/fd")), proc("status", "VmRSS:")


def all_come_in(people: People, files: Iterator[tuple[str, bytes]]) -> dict[str, int]:
    """How often each outcome was met; a file that met none is named."""
    outcomes: dict[str, int] = {}
    for name, data in files:
        try:
            came = comes_in(people, data)
        except Exception as fault:
            raise AssertionError(name) from fault
        for outcome in came.kinds or [came.refused]:
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
    return outcomes


def test_a_hundred_changed_files_each_end_in_words(people: People, nothing_stays: None, forked: None) -> None:
    for name in SEEDS:  # or nothing would be learnt from the changed ones
        assert set(comes_in(people, seed(name)).kinds) <= {"unreadable", "blank"}, name
    outcomes = all_come_in(people, (mutated(number) for number in range(QUICK)))
    assert {"broken", "unreadable", "not_a_scan"} <= outcomes.keys(), outcomes


@pytest.mark.long
@pytest.mark.parametrize("lot", range(1, LOTS + 1))
def test_five_thousand_changed_files_each_end_in_words(
    people: People, nothing_stays: None, forked: None, lot: int
) -> None:
    first = lot * OF_EACH_LOT
    print(all_come_in(people, (mutated(number) for number in range(first, first + WARM))))
    before = held()
    print(all_come_in(people, (mutated(number) for number in range(first + WARM, first + OF_EACH_LOT))))
    after = held()
    print(f"open files {before[0]} to {after[0]}, memory {before[1]} to {after[1]} kB")
    assert all(now <= MOST_LASTING_GROWTH * then for then, now in zip(before, after, strict=True))


EVERY: dict[str, Callable[[], bytes]] = {**HOSTILE, **cut_files()}
CHEAP = ("a script in a packed object", "a TIFF that goes in a circle", "144 million pixels of PNG",
         "a tree that is its own branch", "locked with AES-256", "EXIF that goes in a circle")  # fmt: skip


def test_some_files_that_were_made_to_hurt_end_in_words(people: People, nothing_stays: None) -> None:
    """Each in a process of its own, as in a practice; the nursery is for thousands."""
    assert all_come_in(people, ((name, HOSTILE[name]()) for name in CHEAP))


@pytest.mark.long
def test_all_files_that_were_made_to_hurt_end_in_words(people: People, nothing_stays: None) -> None:
    print(all_come_in(people, ((name, make()) for name, make in EVERY.items())))


def test_what_a_pdf_hides_beside_its_pages_is_refused(forked: None) -> None:
    for name, make in ACTIVE.items():
        (found,) = opening.open_upload(make())
        assert isinstance(found, opening.NotOpened), name
        assert found.kind == "active", name


def test_a_file_whose_second_page_is_damaged_keeps_its_first(people: People, forked: None) -> None:
    first, second = comes_in(people, second_page_beyond()).kinds
    assert first in ("unreadable", "blank")
    assert second == "broken"


NONSENSE = (
    b"{",
    b"[]\n",
    b'{"kind": 1, "page": 0}\n',
    b"\xff" * 900,
    b"1" * 199 + b"\n",
    b'{"page": 0, "width": -1, "height": -1}\n',
    b'{"page": 0, "width": 99999, "height": 99999}\n',
    b'{"page": 0, "width": 2, "height": 2}\nabc',
    b'{"page": 9, "width": 1, "height": 1}\na' * 41,
)


@pytest.mark.parametrize("said", NONSENSE)
def test_a_child_that_a_file_took_over_says_nothing_that_is_believed(
    monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(opening, "CHILD", f"import sys; sys.stdout.buffer.write({said!r})")
    *pages, last = opening.open_upload(b"anything")
    assert isinstance(last, opening.NotOpened)
    assert last.kind == "broken"
    assert [page.number for page in pages] == list(range(len(pages)))
    assert len(pages) <= opening.MOST_PAGES


def test_what_the_inbox_folder_cannot_give_stops_nothing_else(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that cannot be read, or a folder that cannot be written to: nothing is taken again and again."""
    folder, settings = people.practice.settings.instance / "inbox", people.practice.settings
    (folder / "1.png").write_bytes(seed("png of bits"))
    (folder / "2.png").write_bytes(seed("png"))
    later = time.time() + 100
    with monkeypatch.context() as patched:
        patched.setattr(inbox_folder, "may_read", lambda path: path.name != "1.png")
        assert inbox_folder.watch_inbox(people.system, later)
        assert not inbox_folder.watch_inbox(people.system, later)
        assert inbox_folder.left_lying(settings) == (inbox_folder.CLOSED,)
    assert people.count(tables.Scan) == 1
    with monkeypatch.context() as patched:
        patched.setattr(inbox_folder, "may_change", lambda _folder: False)
        assert not inbox_folder.watch_inbox(people.system, later)
        assert inbox_folder.left_lying(settings) == (inbox_folder.NOT_OURS,)
    assert inbox_folder.watch_inbox(people.system, later)
    assert people.count(tables.Scan) == 2
    assert not inbox_folder.may_read(folder / "gone.png")
    assert not inbox_folder.may_change(folder / "gone")
