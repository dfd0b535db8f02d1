"""The audit trail: a hash chain over who did what to which id. No names, no content."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kiosk.vault.tables import AuditEntry

BEGINNING = "0" * 64


@dataclass(frozen=True)
class AuditReport:
    """`broken_at` is the first entry that does not hold."""

    ok: bool
    entries: int
    head: str
    broken_at: int | None = None
    reason: str | None = None


def append(session: Session, key: bytes, entry: AuditEntry) -> None:
    """Add one link; in the transaction of what it tells of, so that neither stands without the other."""
    last = session.scalar(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1))
    entry.seq = last.seq + 1 if last else 1
    entry.previous = last.mac if last else BEGINNING
    entry.mac = _mac(key, entry)
    session.add(entry)
    session.flush()


def _mac(key: bytes, entry: AuditEntry) -> str:
    fields = (
        str(entry.seq),
        _iso(entry.at),
        entry.actor,
        entry.role,
        entry.device,
        entry.did,
        entry.kind,
        entry.object,
        entry.outcome,
        entry.reason,
        entry.previous,
    )
    # Each field with its length, so that moving a letter from one to the next is another text.
    canonical = "".join(f"{len(field)}:{field}" for field in fields)
    return hmac.new(key, canonical.encode(), sha256).hexdigest()


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def verify(session: Session, key: bytes, noted: str = "", noted_seq: int | None = None) -> AuditReport:
    """Walk the whole chain. What was cut off at its end shows only against a head noted elsewhere.

    `noted` is the beginning of a head as an earlier walk, or a closing sheet, said it; `noted_seq` is its
    number.
    """
    previous, count, noted_at = BEGINNING, 0, 0
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).yield_per(1000):
        count += 1
        reason = None
        if entry.seq != count:
            reason = "an entry is missing"
        elif entry.previous != previous:
            reason = "an entry does not follow the one before"
        elif not hmac.compare_digest(entry.mac, _mac(key, entry)):
            reason = "an entry was changed"
        if reason:
            return AuditReport(False, count, previous, entry.seq, reason)
        previous = entry.mac
        if previous.startswith(noted) and noted_seq in (None, count):
            noted_at = count
    if not noted_at and noted:
        return AuditReport(False, count, previous, count + 1, "the noted head is not in it any more")
    return AuditReport(True, count, previous)


def last_seq(session: Session) -> int:
    return session.scalar(select(func.max(AuditEntry.seq))) or 0
