"""AES-256-GCM with associated data: a ciphertext opens only where it was written.

The logical names in `Field` are bound into every ciphertext; a column may be renamed, they never are.
"""

import os
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.errors import Damaged

SCHEMA = "1"
NONCE_BYTES = 12
KEY_BYTES = 32


class Field(StrEnum):
    PROFILE = "client.profile"
    ARRIVAL = "arrival.said"
    DRAFT = "draft.answers"
    SIGNATURE = "sitting.signature"
    CARRIED = "sitting.carried"
    DOCUMENT = "document.body"
    RECORD = "record.body"
    READING_READ = "reading.read"
    READING_SEEN = "reading.seen"
    READING_CONFIRMED = "reading.confirmed"
    OFFICE_ITEM = "office_item.value"
    STAFF_TOTP = "staff.totp"
    DECLARED_REASON = "declared_access.reason"
    CLIENT_KEY = "client_key.wrapped"
    MASTER_KEY = "key_wrap.wrapped"
    BACKUP = "backup.chunk"
    BACKUP_KEYS = "backup.keys"
    ARCHIVE = "archive.chunk"


def _bound_to(owner: str, field: Field, row: str) -> bytes:
    return "\x1f".join((SCHEMA, owner, field, row)).encode()


def seal(key: bytes, owner: str, field: Field, row: str, clear: bytes) -> bytes:
    """Nonce and ciphertext, bound to owner, field and row."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, clear, _bound_to(owner, field, row))


def open_sealed(key: bytes, owner: str, field: Field, row: str, sealed: bytes) -> bytes:
    """Raises Damaged, naming the row, for anything but what was sealed there."""
    nonce, body = sealed[:NONCE_BYTES], memoryview(sealed)[NONCE_BYTES:]  # no copy of a large file
    try:
        return AESGCM(key).decrypt(nonce, body, _bound_to(owner, field, row))
    except (InvalidTag, ValueError):
        raise Damaged(row) from None
