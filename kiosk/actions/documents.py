"""Files in the store: kept whole, read back before they count as kept."""

import hashlib
import hmac

from sqlalchemy import insert, select

from kiosk.access import Desk
from kiosk.errors import Damaged
from kiosk.vault import Field, large, new_id
from kiosk.vault.cipher import sealed_size
from kiosk.vault.tables import Document


def content_mac(desk: Desk, body: bytes) -> str:
    """A keyed hash: tells equal files apart from different ones, and nothing to who lacks the key."""
    return desk.mac("document", hashlib.sha256(body).hexdigest())


def keep(desk: Desk, owner: str, kind: str, media_type: str, body: bytes) -> str:
    """Encrypt, write, read back, decrypt and compare, all in the transaction of the caller.

    Raises Damaged where what was read back differs from what was given.
    """
    document_id = new_id()
    row = {
        "id": document_id,
        "owner": owner,
        "kind": kind,
        "media_type": media_type,
        "mac": content_mac(desk, body),
        "body_sealed": large.room(desk.session, sealed_size(body)),
        "made_at": desk.now,
    }
    desk.session.execute(insert(Document).values(row))
    desk.seal_document(owner, document_id, body)
    return document_id


def read(desk: Desk, document_id: str) -> bytes:
    """The clear bytes, from the database and not from memory, compared with the hash made on arrival."""
    owner, mac, sealed = desk.session.execute(
        select(Document.owner, Document.mac, Document.body_sealed).where(Document.id == document_id)
    ).one()
    body = desk.open(owner, Field.DOCUMENT, document_id, sealed)
    if not hmac.compare_digest(mac, content_mac(desk, body)):
        raise Damaged(document_id)
    return body


def give_to(desk: Desk, document_id: str, owner: str) -> None:
    """Seal a document anew under another owner's key: a page belongs to its client once that is known."""
    body = read(desk, document_id)
    document = desk.session.get_one(Document, document_id)
    document.owner = owner
    document.body_sealed = desk.seal(owner, Field.DOCUMENT, document_id, body)
    desk.session.flush()
