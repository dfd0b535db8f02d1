"""AES-256-GCM with associated data: a ciphertext opens only where it was written.

The logical names in `Field` are bound into every ciphertext; a column may be renamed, they never are.
"""

import hmac
import os
from collections.abc import Callable, Iterator
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.errors import Damaged

SCHEMA = "1"
NONCE_BYTES = 12
TAG_BYTES = 16
KEY_BYTES = 32
PIECE_BYTES = 1 << 20


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


def sealed_size(clear: bytes) -> int:
    return NONCE_BYTES + len(clear) + TAG_BYTES


def seal_in_pieces(key: bytes, owner: str, field: Field, row: str, clear: bytes) -> Iterator[bytes]:
    """What `seal` makes, in its order, so that a large file is never there a second time."""
    nonce = os.urandom(NONCE_BYTES)
    encryptor = Cipher(algorithms.AES(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(_bound_to(owner, field, row))
    yield nonce
    for piece in _pieces(clear):
        yield encryptor.update(piece)
    yield encryptor.finalize() + encryptor.tag


def is_sealed(
    key: bytes, owner: str, field: Field, row: str, clear: bytes, read: Callable[[int], bytes]
) -> bool:
    """Whether what `read` gives, so many bytes at a time, is this and nothing else, sealed there."""
    nonce = read(NONCE_BYTES)
    if len(nonce) != NONCE_BYTES:
        return False
    decryptor = Cipher(algorithms.AES(key), modes.GCM(nonce)).decryptor()
    decryptor.authenticate_additional_data(_bound_to(owner, field, row))
    for piece in _pieces(clear):
        if not hmac.compare_digest(decryptor.update(read(len(piece))), piece):
            return False
    try:
        decryptor.finalize_with_tag(read(TAG_BYTES))
    except (InvalidTag, ValueError):
        return False
    return not read(1)


def _pieces(clear: bytes) -> Iterator[memoryview]:
    whole = memoryview(clear)
    for begin in range(0, len(clear), PIECE_BYTES):
        yield whole[begin : begin + PIECE_BYTES]
