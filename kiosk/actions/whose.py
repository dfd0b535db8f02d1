"""Whose each of many sealed records is: by the archive's index, else by what the records carry themselves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from forms.names import folded
from forms.signed import SignedRecord
from kiosk.vault import new_id


@dataclass(frozen=True)
class Carried:
    """What a sealed file says of its record, kept while the others are looked at. `digest` is the file's."""

    number: int
    id: str
    client: str
    name: str
    born: str
    lang: str
    supersedes: str
    form: str
    version: int
    made: datetime
    digest: bytes


def carried(number: int, pdf: bytes, record: SignedRecord) -> Carried:
    """Raises ValueError for a record that nobody signed, or that says what is no date."""
    if record.client_born:
        date.fromisoformat(record.client_born)
    return Carried(
        number,
        record.id,
        record.client,
        record.client_name,
        record.client_born,
        record.lang,
        record.supersedes or "",
        record.form_id,
        record.form_version,
        signed_at(record),
        sha256(pdf).digest(),
    )


def signed_at(record: SignedRecord) -> datetime:
    """The moment under which the record was kept. Raises ValueError for a record that nobody signed."""
    if record.signature is None:
        raise ValueError("nobody signed")
    at = datetime.fromisoformat(record.evidence.get("signed_at_local") or record.signature.at)
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    return at


def by_client(records: Sequence[Carried]) -> Mapping[str, tuple[Carried, ...]]:
    """The records of each client, in the order of their signing, by what they carry.

    By the client's id; a record from before it was carried, by the record whose place it took and by name and
    birth date together. Where those are missing, or two clients share them, it stands alone: no permission
    may come to the wrong person.
    """
    groups: dict[str, str] = {}
    for one in records:
        if one.client:
            groups[one.id] = one.client
    unnamed = [one for one in sorted(records, key=lambda one: one.made) if not one.client]
    people = _people(records)
    for one in unnamed:
        known = people.get(_person(one), set()) if one.born else set()
        if one.supersedes in groups:
            groups[one.id] = groups[one.supersedes]
        elif len(known) == 1:
            groups[one.id] = next(iter(known))
        else:
            groups[one.id] = new_id()
        if one.born and not known:
            people[_person(one)] = {groups[one.id]}
    return _grouped(records, groups)


def by_index(records: Sequence[Carried], owners: Mapping[str, str]) -> Mapping[str, tuple[Carried, ...]]:
    return _grouped(records, owners)


def _grouped(records: Iterable[Carried], groups: Mapping[str, str]) -> Mapping[str, tuple[Carried, ...]]:
    found: dict[str, list[Carried]] = {}
    for one in records:
        found.setdefault(groups[one.id], []).append(one)
    return {
        client: tuple(sorted(group, key=lambda one: (one.made, one.id))) for client, group in found.items()
    }


def _person(one: Carried) -> tuple[str, str]:
    return folded(one.name), one.born


def _people(records: Iterable[Carried]) -> dict[tuple[str, str], set[str]]:
    """The clients by id that each name with a birth date stands for."""
    people: dict[tuple[str, str], set[str]] = {}
    for one in records:
        if one.client and one.born:
            people.setdefault(_person(one), set()).add(one.client)
    return people
