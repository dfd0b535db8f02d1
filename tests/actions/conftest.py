"""One practice is founded for all of these tests, and each gets a copy: a tenth of the time."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.practices import NOON, People, make_people, reopened


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded") / "practice"
    for _ in make_people(folder):
        pass
    return folder


@pytest.fixture
def people(founded: Path, tmp_path: Path) -> Iterator[People]:
    shutil.copytree(founded, tmp_path / "practice")
    yield from reopened(tmp_path / "practice", NOON)
