"""The first look at every file of an archive or folder: which seals hold, and whose each record is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from forms.signed import SignedRecord
from kiosk.actions.archived import Index
from kiosk.actions.archiving import Step
from kiosk.actions.sources import Source
from kiosk.actions.whose import Carried, by_client, by_index, carried
from kiosk.errors import CannotRestore
from pdf.verify import NotVerified, verify

MOST_NAMED = 20
NO_RECORD = "There is no signed record of this application in it."


@dataclass
class Survey:
    """What a first look at every file found. `uncertain` are clients of whom a record is missing."""

    records: dict[str, Carried] = field(default_factory=dict)
    refused: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    other_files: int = 0
    seals: set[tuple[str, str]] = field(default_factory=set)
    groups: Mapping[str, tuple[Carried, ...]] = field(default_factory=dict)
    erased: int = 0
    uncertain: set[str] = field(default_factory=set)


def look(
    source: Source, on_step: Step, *, erased: Collection[str], as_signed: bool, without_damaged: bool
) -> Survey:
    """Verify every file, and say whose each is. Raises CannotRestore."""
    survey, index = Survey(), source.beside.index
    expected = len(index.records) if index else 0
    for count, (number, pdf) in enumerate(source.pdfs(), 1):
        on_step("Verifying", count, max(count, expected))
        _take(survey, number, pdf)
    if index is not None:
        _by_the_index(survey, index, set(erased))
    else:
        _by_what_they_carry(survey, set(erased), as_signed)
    if (survey.refused or survey.missing) and not without_damaged:
        raise CannotRestore(
            _named(survey), "With --without-damaged the others are rebuilt, and who is asked again."
        )
    if not survey.groups:
        raise CannotRestore(NO_RECORD, "Nothing was made.")
    return survey


def _take(survey: Survey, number: int, pdf: bytes) -> None:
    found = verify(pdf)
    if isinstance(found, NotVerified):
        survey.refused.append(number)
        return
    if found.record_json is None:
        survey.other_files += 1
        return
    try:
        one = carried(number, pdf, SignedRecord.from_json(found.record_json))
    except ValueError:
        survey.refused.append(number)
        return
    known = survey.records.get(one.id)
    if known is not None and known.digest != one.digest:  # two files say that they are the same record
        survey.refused.append(number)
        return
    survey.records[one.id] = known or one
    survey.seals.add((found.sealed_by, found.certificate_sha256))


def _by_what_they_carry(survey: Survey, erased: set[str], as_signed: bool) -> None:
    groups = by_client(list(survey.records.values()))
    survey.erased = len(groups.keys() & erased)
    survey.groups = {client: made for client, made in groups.items() if client not in erased}
    lost = bool(survey.refused)  # nobody knows whose they are, nor what they took back
    survey.uncertain = set(survey.groups) if lost or not as_signed else set()


def _by_the_index(survey: Survey, index: Index, erased: set[str]) -> None:
    """Whose each record is, by the index; one that it does not know, or that says otherwise, is refused."""
    owners = {one.id: one.client for one in index.records}
    for one in list(survey.records.values()):
        if one.id not in owners or one.client not in ("", owners[one.id]):
            survey.refused.append(one.number)
            del survey.records[one.id]
    absent = [one for one in index.records if one.id not in survey.records]
    survey.missing = [one.number for one in absent if one.number not in survey.refused]
    survey.uncertain = {one.client for one in absent}
    gone = {one.id for one in index.clients if erased & {one.id, *one.keys}}
    survey.erased = len(gone)
    found = by_index(list(survey.records.values()), owners)
    survey.groups = {one.id: found.get(one.id, ()) for one in index.clients if one.id not in gone}


def _named(survey: Survey) -> str:
    """Which files are not as they were sealed, by their numbers."""
    said = []
    for numbers, what in ((survey.refused, "not as sealed"), (survey.missing, "missing")):
        if numbers:
            shown = ", ".join(str(number) for number in sorted(numbers)[:MOST_NAMED])
            more = f" and {len(numbers) - MOST_NAMED} more" if len(numbers) > MOST_NAMED else ""
            said.append(f"{what}: number {shown}{more}")
    return f"Some records cannot be taken ({'; '.join(said)}). Nothing was made."
