"""JSON from outside ends as what it says or in words: strokes, an index, heads of files, the record in a PDF.

A map of fields comes from nowhere: it is kept with the sheet that was printed.
"""

import io
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfWriter

from kiosk import access
from kiosk.actions import rebuilding, sources, strokes, surveying
from kiosk.actions.archived import Index
from kiosk.actions.sealing import seal_key
from kiosk.actions.sources import Beside, FolderSource
from kiosk.errors import CannotRestore, Invalid, KioskError
from kiosk.vault import archive, backup_file, key_files
from pdf.record import DATA_FILE
from pdf.seal import seal
from pdf.verify import NotVerified, verify
from tests.actions.archives import CHEAP, Files, archived, quiet, wanted
from tests.actions.test_rebuilding import FORM, contact
from tests.fuzz.plain import DEEP, changed, other_values
from tests.practices import NOON, People

QUICK, LONG, SEALED_QUICK, SEALED_LONG = 200, 5_000, 20, 500
DRAWN = '{"width": 600, "height": 150, "strokes": [[[10, 10, 0, 0.5], [90, 90, 9, 0.5]], [[20, 20, 30, 1]]]}'


def strokes_end_in_words(times: int) -> None:
    """What is taken can be kept as JSON, and drawn."""
    taken = 0
    for number in range(times):
        text = changed(number, DRAWN).decode("utf-8", "replace")
        try:
            read = strokes.read_strokes(text)
        except Invalid:
            continue
        json.dumps(read, allow_nan=False)
        taken += 1
    assert 0 < taken < times


def test_strokes_that_were_changed_end_in_words() -> None:
    strokes_end_in_words(QUICK)


@pytest.mark.long
def test_five_thousand_changed_strokes_end_in_words() -> None:
    strokes_end_in_words(LONG)


@pytest.fixture
def files(people: People) -> Files:
    made = Files(people)
    made.signs(made.client("Rose Nyberg"), FORM, contact("Kirsten Nyberg"), NOON)
    return made


@pytest.fixture
def folder(files: Files, tmp_path: Path) -> Path:
    """An archive, taken apart."""
    made = archived(files.people, tmp_path / "a.kiosk-archive")
    sources.extract(tmp_path / "a.kiosk-archive", made.code, tmp_path / "folder")
    return tmp_path / "folder"


def indexes_end_in_words(folder: Path, times: int) -> None:
    """What is taken is what a rebuild can go by: the same again, once it is written."""
    text, taken = (folder / "index.json").read_text(encoding="utf-8"), 0
    for number in range(times):
        try:
            read = Index.from_json(changed(number, text))
        except CannotRestore:
            continue
        assert Index.from_json(read.to_json()) == read
        taken += 1
    assert 0 < taken < times


def test_an_index_that_was_changed_ends_in_words(folder: Path) -> None:
    indexes_end_in_words(folder, QUICK)


@pytest.mark.long
def test_five_thousand_changed_indexes_end_in_words(folder: Path) -> None:
    indexes_end_in_words(folder, LONG)


@pytest.mark.parametrize("text", [DEEP[: 1 << 15], b'{"id": 1}', b"[]", b"null", b"\xff", b""], ids=len)
@pytest.mark.parametrize("magic", [backup_file.MAGIC, backup_file.SELF_CONTAINED])
def test_a_backup_key_file_or_archive_that_begins_with_nonsense_is_none(
    tmp_path: Path, magic: bytes, text: bytes
) -> None:
    file = tmp_path / "file"
    file.write_bytes(magic + len(text).to_bytes(4, "big") + text)
    with pytest.raises(CannotRestore):
        backup_file.read_head(file)
    file.write_bytes(key_files.MAGIC + len(text).to_bytes(4, "big") + text)
    assert key_files.read_head(file) is None
    text = text[:4000]
    file.write_bytes(archive.MAGIC + len(text).to_bytes(4, "big") + text)
    with pytest.raises(CannotRestore):
        list(archive.read(file, ""))


def sealed_again(files: Files, folder: Path, times: int) -> Iterator[bytes]:
    """What a record says is changed, and sealed by a key that seals: anybody has one of their own."""
    found = verify((folder / "records" / "000001.pdf").read_bytes())
    assert not isinstance(found, NotVerified)
    assert found.record_json
    with access.transaction(files.people.system) as desk:
        key = seal_key(desk)
    for number in range(times):
        text = other_values(random.Random(number), found.record_json)
        yield seal(carrying(text.encode("utf-8", "surrogatepass")), key, NOON)


def carrying(data: bytes) -> bytes:
    """One empty page with this as its record."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.add_attachment(DATA_FILE, data)
    writer.write(out)
    return out.getvalue()


def records_end_in_words(files: Files, folder: Path, times: int) -> None:
    """Each alone; and of those that were taken, some are made into a practice of their own."""
    made = folder.parent / "made"
    made.mkdir()
    outcomes = {"refused": 0, "taken": 0, "rebuilt": 0}
    for number, pdf in enumerate(sealed_again(files, folder, times)):
        file = made / f"{number}.pdf"
        file.write_bytes(pdf)
        alone = FolderSource(((1, file),), Beside(None, {}, None))
        try:
            survey = surveying.look(alone, quiet, erased=(), as_signed=True, without_damaged=False)
        except CannotRestore:
            outcomes["refused"] += 1
            continue
        outcomes["taken"] += len(survey.records)
        outcomes["rebuilt"] += rebuilds(alone, folder, made / f"practice-{number}", files)
    print(outcomes)
    assert outcomes["refused"]
    assert outcomes["taken"]


def rebuilds(alone: FolderSource, folder: Path, to: Path, files: Files) -> bool:
    """A practice, or words and nothing."""
    forms = {path.name: path.read_bytes() for path in (folder / "forms").glob("*.toml")}
    source = FolderSource(alone.files, Beside(None, forms, None))
    try:
        rebuilding.rebuild(source, to, wanted(source), files.people.clock, on_step=quiet, key_costs=CHEAP)
    except KioskError:
        assert not to.exists()
        return False
    return True


def test_a_sealed_record_that_says_nonsense_ends_in_words(files: Files, folder: Path) -> None:
    records_end_in_words(files, folder, SEALED_QUICK)


@pytest.mark.long
def test_five_hundred_sealed_records_that_say_nonsense_end_in_words(files: Files, folder: Path) -> None:
    records_end_in_words(files, folder, SEALED_LONG)
