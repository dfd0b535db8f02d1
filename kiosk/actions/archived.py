"""What an archive says beside the sealed PDFs: whose each record is, and what does not stand in them.

The names of the files, and the index as JSON: clients with their profiles, the number of each record, what
was taken back. A folder with the same files is the same to a rebuild.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from kiosk.actions.clients import Profile
from kiosk.errors import CannotRestore

SETTINGS, INDEX, FORMS, RECORDS = "practice.toml", "index.json", "forms", "records"
SCHEMA = 1


@dataclass(frozen=True)
class ArchivedClient:
    """`keys` are the ids of their keys, which the list of the erased names. Times are ISO 8601."""

    id: str
    keys: tuple[str, ...]
    profile: dict[str, Any]
    made_at: str
    last_visit: str | None
    held_at: str | None


@dataclass(frozen=True)
class ArchivedRecord:
    number: int
    id: str
    client: str


@dataclass(frozen=True)
class ArchivedEnding:
    record: str
    question: str
    how: str
    said: str
    at: str


@dataclass(frozen=True)
class Index:
    """`practice` and `list_key` say whose the list of the erased is, and whether it is as it was written."""

    practice: str
    list_key: str
    clients: tuple[ArchivedClient, ...]
    records: tuple[ArchivedRecord, ...]
    endings: tuple[ArchivedEnding, ...]

    def to_json(self) -> bytes:
        return json.dumps({"schema": SCHEMA, **asdict(self)}, ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Index":
        """Raises CannotRestore for what no archive says."""
        try:
            plain = json.loads(text)
            if plain["schema"] != SCHEMA:
                raise CannotRestore(
                    "This archive was made by another version of the program.",
                    "Use that version, or a newer one.",
                )
            index = cls(
                str(plain["practice"]),
                bytes.fromhex(plain["list_key"]).hex(),
                tuple(ArchivedClient(**{**one, "keys": tuple(one["keys"])}) for one in plain["clients"]),
                tuple(ArchivedRecord(**one) for one in plain["records"]),
                tuple(ArchivedEnding(**one) for one in plain["endings"]),
            )
            index.check()
            index.to_json()  # half a letter is no text
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise CannotRestore(f"{INDEX} was changed.", "Use another copy.") from None
        return index

    def check(self) -> None:
        """Raises ValueError, KeyError, TypeError or AttributeError where it says what cannot be."""
        said = [vars(one) for one in (*self.records, *self.endings)]
        texts = [value for one in said for name, value in one.items() if name != "number"]
        texts += [text for one in self.clients for text in (one.id, *one.keys)]
        if not (_all(texts, str) and _all([one.number for one in self.records], int)):
            raise TypeError("neither text nor number")
        clients, records = {one.id for one in self.clients}, {one.id for one in self.records}
        whole = len(clients) == len(self.clients) and len(records) == len(self.records)
        if not whole or any(one.client not in clients for one in self.records):
            raise ValueError("a record of nobody")
        if any(one.record not in records for one in self.endings):
            raise ValueError("an ending of nothing")
        dated = [one for c in self.clients for one in (c.last_visit, c.held_at) if one is not None]
        for one in (*dated, *(c.made_at for c in self.clients), *(e.at for e in self.endings)):
            if datetime.fromisoformat(one).tzinfo is None:
                raise ValueError("a time without its zone")
        for client in self.clients:
            profile = Profile.from_plain(client.profile)
            if not (isinstance(profile.name, str) and isinstance(profile.places, dict)):
                raise ValueError("a client without a name")


def _all(values: Iterable[Any], kind: type) -> bool:
    return all(type(value) is kind for value in values)


def file_of(number: int) -> str:
    return f"{RECORDS}/{number:06d}.pdf"
