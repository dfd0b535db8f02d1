"""Who acts: a member of staff, a tablet, or the practice's own process; and their transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from forms.catalog import Catalog
from kiosk.access.policy import Purpose, Role, may
from kiosk.errors import Damaged, NotAllowed, NotFound, NotTheirs
from kiosk.settings import Settings
from kiosk.vault import OFFICE, Field, Store, Vault
from kiosk.vault.did import Did
from kiosk.vault.tables import AuditEntry, OfficeItem

CLOCK_WAS_AT = "clock_was_at"
CLOCK_SEALED = select(OfficeItem.value_sealed).where(OfficeItem.name == CLOCK_WAS_AT)


@dataclass(frozen=True)
class Practice:
    """What one process works with."""

    settings: Settings
    vault: Vault
    catalog: Catalog


@dataclass(frozen=True)
class Actor:
    """`kind` is staff, tablet or system; `id` is what the audit trail says."""

    practice: Practice = field(repr=False)
    id: str
    name: str
    roles: frozenset[Role]
    device: str
    kind: str


@dataclass(frozen=True)
class Sitting:
    """A client at a tablet; not `known` before the birth date was given."""

    id: str
    visit_id: str
    known: bool
    lang: str
    tablet: Actor


class Desk(Store):
    """A transaction of somebody: what the store offers, with the actor bound to the audit trail."""

    def __init__(self, store: Store, by: Actor) -> None:
        self.__dict__.update(store.__dict__)
        self.by = by

    @property
    def practice(self) -> Practice:
        return self.by.practice

    @property
    def local_now(self) -> datetime:
        """This moment in the practice's own zone, whose date decides what still counts."""
        return self.now.astimezone(ZoneInfo(self.practice.settings.time_zone))

    @property
    def judged_at(self) -> datetime:
        """By which permissions are judged: now, or the later moment from which the clock was set back."""
        sealed = self.session.scalar(CLOCK_SEALED)
        if sealed is None:
            return self.local_now
        kept = self.open(OFFICE, Field.OFFICE_ITEM, CLOCK_WAS_AT, sealed).decode()
        return max(self.local_now, datetime.fromisoformat(kept).astimezone(self.local_now.tzinfo))

    def audit(  # type: ignore[override]
        self, did: Did, kind: str, object_id: str, outcome: str = "done", reason: str = ""
    ) -> None:
        role = " ".join(sorted(self.by.roles)) or self.by.kind
        super().audit(self.by.id, role, self.by.device, did, kind, object_id, outcome, reason)


@contextmanager
def transaction(by: Actor, purpose: Purpose | None = None) -> Iterator[Desk]:
    """Say who and what for, do it, and write what happened; or none of it.

    Raises NotAllowed, Damaged, and NotFound for what is somebody else's, each with a trace; and Locked.
    """
    if purpose is not None:
        allow(by, purpose)
    try:
        with by.practice.vault.transaction() as store:
            yield Desk(store, by)
    except Damaged as found:
        with by.practice.vault.transaction() as store:
            note_damage(Desk(store, by), found.row)
        raise
    except NotTheirs as refused:
        _note_refusal(by, refused.kind, refused.object_id)
        raise NotFound() from None


def note_damage(desk: Desk, row: str) -> None:
    """Once an hour for each row: what looks at it again and again says nothing new."""
    lately = select(AuditEntry.seq).where(
        AuditEntry.did == Did.FOUND_DAMAGE,
        AuditEntry.object == row,
        AuditEntry.at > desk.now - timedelta(hours=1),
    )
    if desk.session.scalar(lately.limit(1)) is None:
        desk.audit(Did.FOUND_DAMAGE, "row", row, outcome="damaged")


def allow(by: Actor, purpose: Purpose) -> None:
    """Raises NotAllowed, and writes that down."""
    if may(by.roles, by.kind, purpose):
        return
    _note_refusal(by, "purpose", purpose.name.lower())
    raise NotAllowed()


def _note_refusal(by: Actor, kind: str, object_id: str) -> None:
    """In a transaction of its own: the one that was refused is undone."""
    with by.practice.vault.transaction() as store:
        Desk(store, by).audit(Did.WAS_REFUSED, kind, object_id, outcome="refused")
