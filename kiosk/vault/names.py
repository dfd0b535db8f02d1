"""Clients by name, found without clear text at rest: an index in memory, while the practice is unlocked.

Decided with figures in docs/decisions/0003-names-in-memory.md.
"""

import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.errors import Damaged
from kiosk.vault.cipher import Field
from kiosk.vault.tables import Client, ClientKey

MOST = 10
LEAST_LETTERS = 2
AT_ONCE = 1_000
OVERLAP = timedelta(minutes=1)  # a moment is taken before a transaction has its turn, which may be later


class Opener(Protocol):
    """The part of a store that the index needs."""

    session: Session

    def open_json(self, owner: str, field: Field, row: str, sealed: bytes) -> Any: ...


@dataclass(frozen=True, slots=True)
class Found:
    """`words` is the folded name with a space before each word, made once for every search."""

    client_id: str
    name: str
    born: date | None
    words: str = ""


@dataclass
class NameIndex:
    """Kept current by asking for what changed since the last look, whichever process changed it."""

    found: dict[str, Found] = field(default_factory=dict)
    current_to: datetime | None = None
    lock: Lock = field(default_factory=Lock)

    def refresh(self, store: Opener) -> None:
        # With the keys, else each would be asked for alone; whose key is destroyed is not here.
        changed = select(Client, ClientKey).join(ClientKey, ClientKey.owner == Client.id)
        if self.current_to is not None:
            changed = changed.where(Client.changed_at >= self.current_to - OVERLAP)
        changed = changed.order_by(Client.changed_at).execution_options(yield_per=AT_ONCE)
        for row, _key in store.session.execute(changed):
            self.current_to = row.changed_at
            try:
                profile = store.open_json(row.id, Field.PROFILE, row.id, row.profile_sealed)
            except Damaged:  # said where it is opened; here it hides nobody else
                self.found.pop(row.id, None)
                continue
            born = date.fromisoformat(profile["born"]) if profile["born"] else None
            words = " ".join(("", *folded(profile["name"]).split()))
            self.found[row.id] = Found(row.id, profile["name"], born, words)

    def find(self, store: Opener, text: str) -> tuple[Found, ...]:
        """Whose name has words that begin with all the words asked for; the ten first by name."""
        wanted = folded(text).split()
        if sum(map(len, wanted)) < LEAST_LETTERS:
            return ()
        with self.lock:
            self.refresh(store)
            hits = list(self.found.values())
        for start in wanted:
            hits = [found for found in hits if f" {start}" in found.words]
        return tuple(sorted(hits, key=lambda found: found.words)[:MOST])

    def called(self, store: Opener, text: str) -> tuple[Found, ...]:
        """Who has exactly this whole name, in whatever order its words come; never by a part of it."""
        wanted = sorted(folded(text).split())
        with self.lock:
            self.refresh(store)
            return tuple(found for found in self.found.values() if sorted(found.words.split()) == wanted)

    def forget(self) -> None:
        with self.lock:
            self.found.clear()
            self.current_to = None


def folded(name: str) -> str:
    """Without case, accents and hyphens: as somebody types it who heard it."""
    plain = unicodedata.normalize("NFKD", name.casefold()).replace("-", " ")
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
