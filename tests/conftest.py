"""Fixtures that all rooms of tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.practices import People, make_people


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    """A practice, its desk, its therapist, a paired tablet, and a clock at noon."""
    yield from make_people(tmp_path / "practice")


@pytest.fixture
def hurried(tmp_path: Path) -> Iterator[People]:
    """A practice that does not let paper cool."""
    yield from make_people(tmp_path / "practice", cooling_days=0)
