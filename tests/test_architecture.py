"""How the project is laid out, held by tests: the same names in every room, and nothing out of place."""

import re
from pathlib import Path

import pytest

from forms.catalog import check_files, definition_files, load_catalog, shipped_folder
from forms.kinds import KINDS
from kiosk.actions.readings import ONE_OF

ROOT = Path(__file__).parents[1]
PACKAGES = ("forms", "pdf", "kiosk")


def names(folder: str, ending: str) -> set[str]:
    found = {path.stem for path in (ROOT / folder).glob(f"*{ending}")}
    return found - {"__init__", "kind", "several"}


def test_a_kind_has_the_same_name_in_every_room() -> None:
    assert names("forms/kinds", ".py") == set(KINDS)
    assert names("kiosk/client/templates/client/kinds", ".html") == set(KINDS)
    assert names("pdf/twin/templates/kinds", ".html") == set(KINDS)


def test_every_mark_that_a_kind_prints_has_a_reader() -> None:
    printed = {mark for kind in KINDS.values() for mark in kind.marks}
    assert printed <= {"tick", "comb", "line", "signature"}
    assert {"decision", "yes_no", "choice"} < set(ONE_OF)


def test_shipped_forms_are_as_they_were_published() -> None:
    assert check_files(definition_files(shipped_folder())).wrong == ()
    assert len(load_catalog().current()) == 11


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_with_code_is_a_package(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        if "versions" not in path.parts:
            assert (path.parent / "__init__.py").exists(), path.parent


def test_where_to_change_what_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.split("## Where to change what")[1].split("## ")[0]
    paths = re.findall(r"`([a-z_/.]+)`", table)
    assert len(paths) > 10
    for path in paths:
        if "/" in path:
            assert (ROOT / path).exists(), path


def test_what_can_be_pressed_is_listed_for_scripts() -> None:
    """A name with a part of its own is listed with some such part: `visit-{{ visit.id }}` as `visit-<id>`."""
    listed = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "kiosk").rglob("templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        written = re.findall(r'data-test="([a-z_-]*)("|\{)', text)
        pressed = re.findall(r'\bpress\(url_for\([^)]*\), "[^"]*", "([a-z_-]+)(")( ~)?', text)
        for name, end, *more in (*written, *pressed):
            whole = end == '"' and not any(more)
            if name:
                assert (f"`{name}`" if whole else f"`{name}") in listed, f"{path.name}: {name}"


def test_the_first_line_of_every_module_says_its_job() -> None:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            assert path.read_text(encoding="utf-8").startswith('"""'), path


def test_no_lock_file_names_where_packages_come_from() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        assert "://" not in lock.read_text(encoding="utf-8")


def test_every_dependency_is_justified_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8").lower()
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = project.split("dependencies = [")[1].split("]\n")[0]
    for name in re.findall(r'^  "([a-z0-9-]+)', listed, re.MULTILINE):
        assert name in readme, name
