"""A new key for one client, where the one before may have got into wrong hands."""

from kiosk import access
from kiosk.access import Actor, Purpose
from kiosk.vault import rekeying
from kiosk.vault.did import Did


def rekey(by: Actor, client_id: str) -> int:
    """Everything of theirs is sealed anew; returns how many ciphertexts. Raises NotFound, Damaged.

    Nothing of the old ones stays in the database; backups from before still open.
    """
    with access.transaction(by, Purpose.CHANGE_KEYS) as desk:
        written = rekeying.rekey(desk, client_id)
        desk.audit(Did.REKEYED_CLIENT, "client", client_id)
    by.practice.vault.scrub()
    return written
