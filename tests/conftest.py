"""Fixtures that all rooms of tests share."""

import gc
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from kiosk.access import pace
from tests.practices import People, make_people, shared_folder

CHROMIUM = Path("/usr/bin/chromium")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        stack = ExitStack()
        stack.enter_context(shared_folder())
        config.add_cleanup(stack.close)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all that a worker tests; Playwright starts only once in a thread."""
    if not CHROMIUM.exists():
        pytest.fail("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        # Without the back-forward cache every test of the back button would be empty.
        made = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield made
        made.close()


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long answers to guesses would have waited: within a process nobody waits."""
    waited: list[float] = []
    monkeypatch.setattr(pace, "pause", waited.append)
    return waited


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    """A practice, its desk, its therapist, a paired tablet, and a clock at noon."""
    yield from make_people(tmp_path / "practice")


@pytest.fixture
def hurried(tmp_path: Path) -> Iterator[People]:
    """A practice that does not let paper cool."""
    yield from make_people(tmp_path / "practice", cooling_days=0)


def pytest_collection_finish() -> None:
    """What is loaded stays: to walk through it again and again took a fifth of the time of a layout."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a browser does waits more than it computes: begun first, it leaves no worker alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
