"""Archives: encrypted under a code of their own, read back before they count, listed until they are gone."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk import access
from kiosk.actions import archiving
from kiosk.errors import CannotRestore, KioskError, NotAllowed, NotFound, WrongArchiveCode
from kiosk.vault import archive, recovery, tables
from kiosk.vault.tombstone import erase
from tests.actions.archives import Files, archived, owner_of, quiet
from tests.practices import NOON, People

HOUR = timedelta(hours=1)
ALLOWS = {
    "contact": {"name": "Kirsten Nyberg", "relation": "daughter", "phone": "512 555 0142"},
    "may_call_emergency": "allow",
}


@pytest.fixture
def files(people: People) -> Files:
    made = Files(people)
    made.signs(made.client("Rose Nyberg"), "emergency_contact", ALLOWS, NOON)
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.kiosk-archive"


def test_an_archive_holds_records_index_settings_and_forms_and_no_word_in_clear(
    files: Files, file: Path
) -> None:
    made = archived(files.people, file)
    entries = {entry.name: entry.body for entry in archive.read(file, made.code)}
    assert set(entries) == {
        "practice.toml",
        "forms/emergency_contact.toml",
        "index.json",
        "records/000001.pdf",
    }
    assert (made.documents, made.clients) == (1, 1)
    whole = file.read_bytes()
    for word in (b"Nyberg", b"Meadow", b"emergency_contact", b"%PDF"):
        assert word not in whole
    assert list(file.parent.glob(".*")) == []
    assert file.stat().st_mode & 0o077 == 0


def test_it_opens_with_its_own_code_alone(files: Files, file: Path) -> None:
    first, second = (archived(files.people, file.with_suffix(suffix)) for suffix in (".one", ".two"))
    assert first.code != second.code
    for code in (second.code, recovery.written(recovery.new_code()), "7K3M", ""):
        with pytest.raises(WrongArchiveCode):
            list(archive.read(file.with_suffix(".one"), code))
    assert len(list(archive.read(file.with_suffix(".one"), first.code.lower().replace("-", " ")))) == 4


@pytest.mark.parametrize("place", [0, 22, 25, 40, 90, 200, 5_000, -40, -1])
def test_a_changed_byte_is_refused(file: Path, place: int) -> None:
    code = recovery.new_code()
    archive.write(file, "an id", code, [archive.Entry("records/1.pdf", os.urandom(20_000))])
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)
    with pytest.raises((CannotRestore, WrongArchiveCode)):
        list(archive.read(file, recovery.written(code)))


@pytest.mark.parametrize("part", [0.0, 0.01, 0.5, 0.999, 1.001])
def test_a_file_that_was_cut_or_added_to_is_refused(file: Path, part: float) -> None:
    code = recovery.new_code()
    bodies = [archive.Entry(f"records/{number}.pdf", os.urandom(400_000)) for number in range(6)]
    archive.write(file, "an id", code, bodies)
    data = file.read_bytes()
    assert list(archive.read(file, recovery.written(code))) == bodies
    file.write_bytes((data + b"more" * 1_000)[: int(len(data) * part)])
    with pytest.raises(CannotRestore):
        list(archive.read(file, recovery.written(code)))


def test_pieces_that_changed_places_are_refused(file: Path) -> None:
    code = recovery.new_code()
    archive.write(file, "an id", code, [archive.Entry("records/1.pdf", os.urandom(3_500_000))])
    data = file.read_bytes()
    head = len(archive.MAGIC) + 4 + int.from_bytes(data[len(archive.MAGIC) :][:4], "big")
    size = 4 + int.from_bytes(data[head:][:4], "big")
    first, second = data[head:][:size], data[head + size :][:size]
    file.write_bytes(data[:head] + second + first + data[head + 2 * size :])
    with pytest.raises(CannotRestore):
        list(archive.read(file, recovery.written(code)))


def test_it_is_listed_with_whom_it_holds_until_it_is_said_to_be_destroyed(files: Files, file: Path) -> None:
    made = archived(files.people, file)
    owner = owner_of(files.people)
    (row,) = archiving.listed(owner)
    assert (row.file_name, row.documents, row.destroyed) == ("a.kiosk-archive", 1, None)
    assert row.mark == archive.mark_of(made.id)
    assert files.people.count(tables.ArchivedClient) == 1
    archiving.destroyed(owner, made.id)
    assert archiving.listed(owner)[0].destroyed == "23 November 2026"
    for gone in (made.id, "nowhere"):
        with pytest.raises(NotFound):
            archiving.destroyed(owner, gone)
    with pytest.raises(NotAllowed):
        archiving.listed(files.people.desk)


def test_who_was_erased_is_in_no_later_archive(files: Files, file: Path) -> None:
    gone = files.client("Theo Okafor")
    files.signs(gone, "emergency_contact", ALLOWS, NOON)
    with access.transaction(files.people.system) as desk:
        erase(desk.session, gone, desk.now)
    made = archived(files.people, file)
    assert (made.documents, made.clients) == (1, 1)
    index = next(entry.body for entry in archive.read(file, made.code) if entry.name == "index.json")
    assert gone.encode() not in index


def test_an_erasure_while_it_is_made_leaves_no_archive(files: Files, file: Path) -> None:
    client = files.client("Theo Okafor")
    files.signs(client, "emergency_contact", ALLOWS, NOON)

    def erased_at_the_end(doing: str, number: int, of: int) -> None:
        if (doing, number) == ("Reading back", of):
            with access.transaction(files.people.system) as desk:
                erase(desk.session, client, desk.now)

    with pytest.raises(KioskError, match="erased while"):
        archiving.make(files.people.system, file, erased_at_the_end)
    assert list(file.parent.glob("*archive*")) == []
    assert files.people.count(tables.Archive) == 0


def test_a_record_whose_seal_does_not_hold_is_named_by_its_number_and_nothing_counts(
    files: Files, file: Path
) -> None:
    files.signs(files.client("Theo Okafor"), "emergency_contact", ALLOWS, NOON + HOUR, sealed=False)
    with pytest.raises(CannotRestore, match="Record 2 of the archive: This file has no seal"):
        archived(files.people, file)
    assert list(file.parent.glob("*archive*")) == []
    assert files.people.count(tables.Archive) == 0


def test_nothing_is_overwritten_and_nothing_is_no_archive(people: People, file: Path) -> None:
    with pytest.raises(KioskError, match="Nothing has been signed"):
        archived(people, file)
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(KioskError, match="is there already"):
        archived(people, file)
    assert file.read_text(encoding="utf-8") == "mine"


def test_a_place_that_cannot_be_written_is_named_as_it_was_given(files: Files, tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "a.kiosk-archive"
    with pytest.raises(OSError) as failed:
        archiving.make(files.people.system, file, quiet)
    assert failed.value.filename == str(file)
