"""A practice's folder: nothing that somebody has is ever made over, restored over or emptied."""

import os
import sys
import unicodedata
from pathlib import Path

import pytest

from kiosk import demo
from kiosk.actions import backup_places
from kiosk.actions.practice import now, open_practice
from kiosk.errors import CannotRestore, InUse, KioskError
from kiosk.vault import folder, lockfile

OURS = {folder.MARKER, lockfile.FILE}


def put(instance: Path, **files: str) -> None:
    instance.mkdir(exist_ok=True)
    for name, text in files.items():
        (instance / name.replace("__", ".")).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"practice__toml": 'practice_name = "A"'}, "holds a practice that is not the sample practice"),
        ({"practice__toml": "demo = false", "made-by-demo__txt": ""}, "is not the sample practice"),
        ({"practice__toml": "dem", "made-by-demo__txt": ""}, "is not the sample practice"),
        ({"practice__toml": 'demo = "true"'}, "is not the sample practice"),
        ({"practice__db": "", "sign-ins__json": "[]"}, "did not make: practice.db and 1 more"),
        ({"letter__txt": ""}, "did not make: letter.txt. Name another folder"),
    ],
)
@pytest.mark.parametrize("reset", [True, False])
def test_the_demo_leaves_what_it_did_not_make(
    tmp_path: Path, files: dict[str, str], said: str, reset: bool
) -> None:
    put(tmp_path / "x", **files)
    before = {path.name: path.read_bytes() for path in (tmp_path / "x").iterdir()}
    with pytest.raises(KioskError, match=said):
        demo.ensure(tmp_path / "x", reset)
    assert {path.name: path.read_bytes() for path in (tmp_path / "x").iterdir()} == before


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"made-by-demo__txt": ""},
        {"made-by-demo__txt": "", "inbox": ""},
        {"practice__toml": "demo = true"},
    ],
)
def test_an_empty_folder_and_what_the_demo_made_are_the_demos(tmp_path: Path, files: dict[str, str]) -> None:
    folder.refuse_what_the_demo_did_not_make(tmp_path / "nowhere")
    put(tmp_path / "x", **files)
    folder.refuse_what_the_demo_did_not_make(tmp_path / "x")


def test_a_demo_is_emptied_to_what_says_whose_it_is_and_who_works_in_it(tmp_path: Path) -> None:
    folder.mark_as_demo(tmp_path / "x")
    put(tmp_path / "x", practice__db="", other="")
    (tmp_path / "x" / "inbox").mkdir()
    (tmp_path / "elsewhere").mkdir()
    put(tmp_path / "elsewhere", mine="")
    (tmp_path / "x" / "link").symlink_to(tmp_path / "elsewhere")
    with lockfile.hold(tmp_path / "x"):
        folder.empty_demo(tmp_path / "x", "sign-ins.json")
        assert {path.name for path in (tmp_path / "x").iterdir()} == OURS
    assert (tmp_path / "elsewhere" / "mine").exists()


def test_a_practice_is_not_made_where_one_is_or_its_database(tmp_path: Path) -> None:
    folder.refuse_practice(tmp_path / "nowhere")
    for name in ("practice.toml", "practice.db"):
        (tmp_path / name).mkdir()
        put(tmp_path / name, **{name.replace(".", "__"): ""})
        with pytest.raises(KioskError, match="already"):
            folder.refuse_practice(tmp_path / name)


def test_only_the_page_that_explains_the_folder_may_lie_where_one_restores(tmp_path: Path) -> None:
    put(tmp_path, README__md="")
    folder.refuse_full(tmp_path)
    put(tmp_path, other="")
    with pytest.raises(CannotRestore, match="not empty"):
        folder.refuse_full(tmp_path)


def test_a_practice_takes_an_empty_folder_s_place_once_all_of_it_is_made(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    put(instance, README__md="what this folder is")
    lockfile.hold(instance).close()  # left by a first start that somebody ended
    with pytest.raises(ZeroDivisionError), folder.making(instance) as made:
        put(made, practice__toml="")
        raise ZeroDivisionError
    assert {path.name for path in instance.iterdir()} == {"README.md", lockfile.FILE}
    with folder.making(instance) as made:
        put(made, practice__toml="", practice__db="")
    assert {path.name for path in instance.iterdir()} == {"README.md", "practice.toml", "practice.db"}
    assert list(tmp_path.iterdir()) == [instance], "nothing lies beside it"


def test_nothing_is_made_in_a_folder_whose_first_start_is_being_served(tmp_path: Path) -> None:
    with lockfile.hold(tmp_path), pytest.raises(KioskError, match="served already"), folder.making(tmp_path):
        raise AssertionError


def test_whether_a_practice_is_served_is_asked_without_making_anything(tmp_path: Path) -> None:
    lockfile.refuse_served(tmp_path)
    assert not list(tmp_path.iterdir())
    with lockfile.hold(tmp_path), pytest.raises(KioskError, match="served already"):
        lockfile.refuse_served(tmp_path)
    lockfile.refuse_served(tmp_path)


@pytest.mark.parametrize(
    ("place", "program"),
    [
        ("OneDrive - Meadow Lane/kiosk", "OneDrive"),
        ("Dropbox (Personal)/practice", "Dropbox"),
        ("My Drive/practice", "Google Drive"),
        ("GoogleDrive-ruth@example.com/My Drive/x", "Google Drive"),
        ("Library/Mobile Documents/com~apple~CloudDocs/x", "iCloud"),
        ("iCloudDrive/x", "iCloud"),
        ("Meine Ablage/practice", "Google Drive"),
        ("Mi unidad (ruth@example.com)/x", "Google Drive"),
        (unicodedata.normalize("NFD", "Mój dysk/x"), "Google Drive"),
        ("Geteilte Ablagen/x", "Google Drive"),
        ("Library/CloudStorage/Box-Box/x", "a cloud drive"),
    ],
)
def test_a_folder_that_another_program_copies_is_refused(tmp_path: Path, place: str, program: str) -> None:
    with pytest.raises(KioskError, match=f"which {program} copies to other machines"):
        folder.refuse_synchronised(tmp_path / place)


def test_a_dropbox_of_another_name_is_known_by_its_marker_and_by_a_link_into_it(tmp_path: Path) -> None:
    (tmp_path / "files" / ".dropbox.cache").mkdir(parents=True)
    (tmp_path / "practice").symlink_to(tmp_path / "files" / "inside")
    with pytest.raises(KioskError, match="which Dropbox copies"):
        folder.refuse_synchronised(tmp_path / "practice")


@pytest.mark.parametrize("marker", [".tmp.driveupload", ".tmp.drivedownload", ".shortcut-targets-by-id"])
def test_a_google_drive_of_any_name_is_known_by_its_markers(tmp_path: Path, marker: str) -> None:
    (tmp_path / "Office" / marker).mkdir(parents=True)
    with pytest.raises(KioskError, match="which Google Drive copies"):
        folder.refuse_synchronised(tmp_path / "Office" / "practice")


@pytest.mark.parametrize("name", ["Desktop", "Documents"])
def test_a_mac_s_desktop_and_documents_are_taken_until_icloud_has_them(tmp_path: Path, name: str) -> None:
    practice = tmp_path / name / "practice"
    (tmp_path / "Library" / "Mobile Documents" / "com~apple~CloudDocs").mkdir(parents=True)
    folder.refuse_synchronised(practice)
    (tmp_path / folder.ICLOUD / name).symlink_to(tmp_path / name)  # also one that leads nowhere yet
    with pytest.raises(KioskError, match=f"lies in {tmp_path / name}, which iCloud copies"):
        folder.refuse_synchronised(practice)
    folder.refuse_synchronised(tmp_path / "Library" / "Application Support" / "kiosk")


@pytest.mark.parametrize(
    ("system", "place"),
    [
        ("linux", "kiosk"),
        ("darwin", "Library/Application Support/kiosk"),
        ("win32", "AppData/Local/kiosk"),
    ],
)
def test_who_is_refused_is_told_of_a_folder_that_would_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, place: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    with pytest.raises(KioskError) as refused:
        folder.refuse_synchronised(tmp_path / "Dropbox" / "practice")
    assert refused.value.next_step.endswith(f"like {tmp_path / place}.")
    folder.refuse_synchronised(tmp_path / place)


def test_any_other_folder_is_taken(tmp_path: Path) -> None:
    for place in ("practice", "drive/practice", "our dropbox/practice", "Documents/practice", "ablage"):
        folder.refuse_synchronised(tmp_path / place)


def test_every_file_of_a_practice_is_on_the_disk_before_it_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed, real = set(), os.fsync

    def flush(descriptor: int) -> None:
        flushed.add(os.fstat(descriptor).st_ino)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", flush)
    with folder.making(tmp_path / "instance") as made:
        put(made, practice__toml="")
        put(made / "forms", own__toml="")
    there = [tmp_path / "instance", *(tmp_path / "instance").rglob("*")]
    assert len(there) == 4
    assert {path.stat().st_ino for path in there} <= flushed


@pytest.mark.parametrize("mounted", [False, True])
def test_two_who_make_a_practice_in_one_folder_do_not_mix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mounted: bool
) -> None:
    instance = tmp_path / "instance"
    instance.mkdir()
    monkeypatch.setattr(os.path, "ismount", lambda _path: mounted)
    with folder.making(instance) as made:
        put(made, practice__toml="the first one's")
        with pytest.raises(InUse, match="being made in this folder already"), folder.making(instance):
            raise AssertionError
        put(made, practice__db="")
    assert {path.name for path in instance.iterdir()} == {"practice.toml", "practice.db"}
    assert (instance / "practice.toml").read_text() == "the first one's"
    assert list(tmp_path.iterdir()) == [instance]


@pytest.mark.parametrize("name", ["inbox", "backups"])
def test_a_practice_whose_inbox_or_backups_lie_in_such_a_folder_does_not_open(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "Dropbox" / "scans").mkdir(parents=True)
    put(tmp_path / "practice", practice__toml='practice_name = "A"\ntime_zone = "UTC"\n')
    open_practice(tmp_path / "practice", now)
    (tmp_path / "practice" / name).symlink_to(tmp_path / "Dropbox" / "scans")
    with pytest.raises(KioskError, match=f"{name} lies in .*, which Dropbox copies"):
        open_practice(tmp_path / "practice", now)


def test_a_disk_that_a_program_begins_to_copy_elsewhere_is_not_used_any_more(tmp_path: Path) -> None:
    (tmp_path / backup_places.MARKER).write_text("marker")
    place = backup_places.Place(str(tmp_path), tmp_path, "marker")
    assert place.is_there()
    (tmp_path / folder.DROPBOX_MARKER).mkdir()
    assert not place.is_there()
