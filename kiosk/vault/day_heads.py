"""How the trail stood when each day was closed: sealed, chained by count, and checked against the trail.

A head alone tells of nothing that came after it, and of nothing at all once the whole database was put back:
that is found by what was printed on a closing sheet (docs/decisions/0012-traces.md).
"""

from dataclasses import dataclass
from datetime import date

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.vault.tables import AuditEntry, DayHead


@dataclass(frozen=True)
class HeadsReport:
    """`broken_on` is the first day whose head does not hold; `last` the last one that was closed."""

    ok: bool
    days: int
    last: date | None
    broken_on: date | None = None
    reason: str | None = None


def canonical(day: date, seq: int, head: str, count: int, practice: str) -> bytes:
    """What is sealed. `count` is how many entries came since the head before: none can be left out.

    The practice's name comes last, for it alone may hold the sign that parts the fields.
    """
    return "|".join((day.isoformat(), str(seq), head, str(count), practice)).encode()


def practice_of(certificate_pem: bytes) -> str:
    """The practice's name as it was when the seal was made; what settings say now may differ."""
    certificate = x509.load_pem_x509_certificate(certificate_pem)
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def seal_head(text: bytes, private_key_pem: bytes) -> bytes:
    """ECDSA over SHA-256, with the key that seals records."""
    key = serialization.load_pem_private_key(private_key_pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the practice's seal is an elliptic curve key")
    return key.sign(text, ec.ECDSA(hashes.SHA256()))


def _holds(text: bytes, seal: bytes, certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(seal, text, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def verify(session: Session, certificate_pem: bytes) -> HeadsReport:
    """Check every stored head: its entry is still there, its seal holds, and no day before it is missing."""
    certificate, practice = x509.load_pem_x509_certificate(certificate_pem), practice_of(certificate_pem)
    before, last, days = 0, None, 0
    for row in session.scalars(select(DayHead).order_by(DayHead.day)):
        reason = None
        text = canonical(row.day, row.seq, row.head, row.seq - before, practice)
        if row.seq <= before:
            reason = "it does not come after the day before"
        elif not _holds(text, row.seal, certificate):
            reason = "its seal does not hold, or a day before it is missing"
        elif session.scalar(select(AuditEntry.mac).where(AuditEntry.seq == row.seq)) != row.head:
            reason = f"entry {row.seq} of the trail is not the one that was sealed"
        if reason:
            return HeadsReport(False, days, last, row.day, reason)
        before, last, days = row.seq, row.day, days + 1
    return HeadsReport(True, days, last)
