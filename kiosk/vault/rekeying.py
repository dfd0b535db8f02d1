"""A new key for one client: everything of theirs is sealed anew, in the transaction of the caller.

The key before stays, wrapped, among the superseded ones: a backup from before needs it, and it is destroyed
with the client. Processes that had unwrapped it ask for a key by its id, and so find the new one.
"""

import os

from sqlalchemy import update

from kiosk.errors import NotFound
from kiosk.vault.cipher import KEY_BYTES, seal
from kiosk.vault.sealed_columns import OFFICE, SEALED_COLUMNS
from kiosk.vault.store import Store, new_id
from kiosk.vault.tables import ClientKey, SupersededKey


def rekey(store: Store, owner: str) -> int:
    """Returns how many ciphertexts were written anew. Raises NotFound, Damaged.

    What the database file still holds of the old ones goes with `Vault.scrub`.
    """
    row = store.session.get(ClientKey, owner)
    if owner == OFFICE or row is None or not row.wrapped:
        raise NotFound()
    fresh, written = os.urandom(KEY_BYTES), 0
    for sealed in SEALED_COLUMNS:
        table = sealed.column.class_
        for kept_in, ciphertext in sealed.kept(store.session, owner):
            clear = store.open(owner, sealed.field, kept_in, ciphertext)
            anew = seal(fresh, owner, sealed.field, kept_in, clear)
            store.session.execute(
                update(table).where(sealed.row == kept_in).values({sealed.column.key: anew})
            )
            written += 1
    store.session.add(SupersededKey(id=row.id, owner=owner, wrapped=row.wrapped, ended_at=store.now))
    row.id, row.made_at, row.wrapped = new_id(), store.now, store.wrapped(owner, fresh)
    store.session.flush()
    return written
