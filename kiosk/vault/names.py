"""Clients by name, found without clear text at rest: an index in memory, while the practice is unlocked.

Decided with figures in docs/decisions/0003-names-in-memory.md.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forms import names
from kiosk.errors import Damaged
from kiosk.vault import audit
from kiosk.vault.asked import Asked, read
from kiosk.vault.cipher import Field
from kiosk.vault.tables import AuditEntry, Client, ClientKey

MOST = 10
PHONE = "client.phone"
AT_ONCE = 1_000
OVERLAP = timedelta(minutes=1)  # a moment is taken before a transaction has its turn, which may be later


class Opener(Protocol):
    """The part of a store that the index needs."""

    session: Session

    def open_json(self, owner: str, field: Field, row: str, sealed: bytes) -> Any: ...


@dataclass(frozen=True, slots=True)
class Found:
    """`words` is the folded name with a space before and after each word, and once more as one word what a
    hyphen parts; `phone` is the digits of a phone.
    """

    client_id: str
    name: str
    born: date | None
    words: str = ""
    phone: str = ""

    def fits(self, asked: Asked) -> bool:
        """Each word begins one of the name's words, or is another name for one; and so with all the rest."""
        return (
            (asked.born is None or self.born == asked.born)
            and all(self._ends(digits) for digits in asked.digits)
            and all(
                f" {start}" in self.words or any(f" {other} " in self.words for other in others)
                for start, others in asked.words
            )
        )

    def is_called(self, typed: Sequence[str]) -> bool:
        """Whether these are all words of the name, each with a hyphen as one word or as its parts."""
        if not typed or f" {typed[0]} " not in self.words:
            return False
        left = Counter(typed)
        for parts in names.words(self.name):
            whole = "".join(parts)
            left.subtract([whole] if left[whole] > 0 else parts)
        return not any(left.values())

    def _ends(self, digits: str) -> bool:
        return self.phone.endswith(digits) or (self.born is not None and digits == str(self.born.year))


def _to_search(name: str) -> str:
    words = names.words(name)
    parted = (part for parts in words for part in parts)
    return " ".join(("", *parted, *("".join(parts) for parts in words if len(parts) > 1), ""))


@dataclass
class NameIndex:
    """Kept current by asking for what changed since the last look, whichever process changed it.

    Since when that is, the trail's own order says too: where the clock was set back, what was done after the
    last look is dated before it.
    """

    found: dict[str, Found] = field(default_factory=dict)
    current_to: datetime | None = None
    seen_seq: int = 0
    lock: Lock = field(default_factory=Lock)

    def refresh(self, store: Opener) -> None:
        # With the keys, else each would be asked for alone.
        changed = select(Client, ClientKey).join(ClientKey, ClientKey.owner == Client.id)
        if since := self._since(store.session):
            changed = changed.where(Client.changed_at >= since)
        changed = changed.order_by(Client.changed_at).execution_options(yield_per=AT_ONCE)
        for row, _key in store.session.execute(changed):
            self.current_to = row.changed_at
            if row.erased_at is not None:
                self.found.pop(row.id, None)
                continue
            try:
                profile = store.open_json(row.id, Field.PROFILE, row.id, row.profile_sealed)
            except Damaged:  # said where it is opened; here it hides nobody else
                self.found.pop(row.id, None)
                continue
            born = date.fromisoformat(profile["born"]) if profile["born"] else None
            phone = re.sub(r"\D", "", str(profile["places"].get(PHONE, "")))
            self.found[row.id] = Found(row.id, profile["name"], born, _to_search(profile["name"]), phone)

    def _since(self, session: Session) -> datetime | None:
        """From when on what changed is to be read; None: all of it."""
        before, seen = self.current_to, self.seen_seq
        self.seen_seq = audit.last_seq(session)
        if before is None:
            return None
        earliest = session.scalar(select(func.min(AuditEntry.at)).where(AuditEntry.seq > seen))
        return min(before, earliest or before) - OVERLAP

    def find(self, store: Opener, text: str, *, nicknames: bool = False) -> tuple[Found, ...]:
        """Who fits all that was typed: words of a name, a birth date, last digits; the ten first by name."""
        asked = read(text, nicknames=nicknames)
        if not asked.enough:
            return ()
        with self.lock:
            self.refresh(store)
            hits = [found for found in self.found.values() if found.fits(asked)]
        return tuple(sorted(hits, key=lambda found: found.words)[:MOST])

    def called(self, store: Opener, text: str) -> tuple[Found, ...]:
        """Who has exactly this whole name, in whatever order its words come; never by a part of it."""
        typed = names.words(text)
        parted = [part for parts in typed for part in parts]
        ways = {tuple(parted), tuple("".join(parts) for parts in typed)}
        with self.lock:
            self.refresh(store)
            return tuple(found for found in self.found.values() if any(found.is_called(way) for way in ways))

    def forget(self) -> None:
        with self.lock:
            self.found.clear()
            self.current_to, self.seen_seq = None, 0
