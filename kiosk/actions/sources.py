"""Where a practice is rebuilt from: an archive with its code, or a folder that holds sealed PDFs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kiosk.actions.archived import FORMS, INDEX, RECORDS, SETTINGS, Index
from kiosk.errors import CannotRestore, ErasedListChanged
from kiosk.vault import archive, erased
from kiosk.vault.files import flush_folder

NO_RECORDS = "There is no PDF in this folder."


@dataclass(frozen=True)
class Beside:
    """What lies beside the PDFs, as far as it does."""

    settings: bytes | None
    forms: Mapping[str, bytes]
    index: Index | None


class Source(Protocol):
    @property
    def beside(self) -> Beside: ...

    def pdfs(self) -> Iterator[tuple[int, bytes]]:
        """Each PDF with its number; may be asked for more than once."""


@dataclass(frozen=True)
class ArchiveSource:
    file: Path
    code: str
    beside: Beside

    def pdfs(self) -> Iterator[tuple[int, bytes]]:
        for entry in archive.read(self.file, self.code):
            if _is_record(entry.name):
                yield _number(entry.name), entry.body


@dataclass(frozen=True)
class FolderSource:
    """The numbers are those of an archive's own files, or the places of the names in their order."""

    files: tuple[tuple[int, Path], ...]
    beside: Beside

    def pdfs(self) -> Iterator[tuple[int, bytes]]:
        for number, path in self.files:
            yield number, path.read_bytes()


def of_archive(file: Path, code: str) -> ArchiveSource:
    """Raises WrongArchiveCode, CannotRestore."""
    settings, forms, index = None, {}, None
    for entry in archive.read(file, code):  # the records come last: what lies beside them is read at once
        if _is_record(entry.name):
            break
        if entry.name == SETTINGS:
            settings = entry.body
        elif entry.name == INDEX:
            index = Index.from_json(entry.body)
        elif entry.name.startswith(f"{FORMS}/"):
            forms[Path(entry.name).name] = entry.body
    if index is None:
        raise CannotRestore("This archive has no index.", "Use another one.")
    return ArchiveSource(file, code, Beside(settings, forms, index))


def of_folder(folder: Path) -> FolderSource:
    """Raises CannotRestore for a folder without PDFs, or whose index is none."""
    numbered = sorted((folder / RECORDS).glob("*.pdf"))
    if numbered and all(path.stem.isdigit() for path in numbered):
        files = tuple((int(path.stem), path) for path in numbered)
    else:
        files = tuple(enumerate(sorted(folder.rglob("*.pdf")), 1))
    if not files:
        raise CannotRestore(NO_RECORDS, "Name the folder in which the sealed PDFs lie, or an archive.")
    index = folder / INDEX
    settings = folder / SETTINGS
    return FolderSource(
        files,
        Beside(
            settings.read_bytes() if settings.is_file() else None,
            {path.name: path.read_bytes() for path in sorted((folder / FORMS).glob("*.toml"))},
            Index.from_json(index.read_bytes()) if index.is_file() else None,
        ),
    )


def _is_record(name: str) -> bool:
    return name.startswith(f"{RECORDS}/")


def _number(name: str) -> int:
    """Raises CannotRestore."""
    digits = Path(name).stem
    if not digits.isdigit():
        raise CannotRestore("This archive holds a file that is none of its own.", "Use another one.")
    return int(digits)


def extract(file: Path, code: str, folder: Path) -> int:
    """All that an archive holds, in clear, into a new folder; returns how many records there are.

    Raises KioskError where the folder is not empty, WrongArchiveCode, CannotRestore.
    """
    if folder.exists() and any(folder.iterdir()):
        raise CannotRestore(f"{folder} is not empty.", "Name another folder.")
    found = 0
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for entry in archive.read(file, code):
        kind, _, name = entry.name.rpartition("/")
        if kind not in ("", FORMS, RECORDS) or name != Path(name).name:
            raise CannotRestore("This archive holds a file that is none of its own.", "Use another one.")
        (folder / kind).mkdir(mode=0o700, exist_ok=True)
        (folder / kind / name).write_bytes(entry.body)
        found += kind == RECORDS
    flush_folder(folder)
    return found


def lists_beside(source: Path, index: Index | None) -> tuple[Path, ...]:
    """The lists of the erased in a folder, or beside an archive: this practice's, where it is known."""
    folder = source if source.is_dir() else source.absolute().parent
    if index is not None:
        return erased.lists_of(folder, index.practice)
    return tuple(sorted(folder.glob(erased.NAMES)))


def erased_on(file: Path, index: Index | None) -> frozenset[str]:
    """The ids on a list of the erased; with an index, checked as that practice wrote it.

    Raises ErasedListChanged, CannotRestore for another practice's list.
    """
    if index is None:
        return frozenset(line.split(" ", 1)[0] for line in _lines(file)[2:-1])
    _lines(file)
    erased.refuse_another_s(file, index.practice)
    return frozenset(erased.read_with(file, index.practice, bytes.fromhex(index.list_key)))


def _lines(file: Path) -> list[str]:
    """Raises ErasedListChanged for what is no such list."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise ErasedListChanged(file) from None
    if lines[:1] != [erased.MAGIC] or len(lines) < 3:
        raise ErasedListChanged(file)
    return lines
