"""A copy for the client to be sent: encrypted, opened by a word agreed at the desk, and only where allowed.

Nothing is sent from here: the desk attaches the file in the practice's own mail program.
"""

import unicodedata

from forms.definition import CLIENT
from forms.permissions import may_tell
from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import documents
from kiosk.actions.endings import endings_on_file
from kiosk.actions.records import ASKED, decisions_on_file, to_hand_out
from kiosk.actions.visits import the_visit
from kiosk.errors import Invalid
from kiosk.vault.did import Did
from pdf import printing

TOPIC = "forms"
LEAST_LETTERS = 8
MOST_LETTERS = 100  # PDF takes 127 bytes

NOT_ALLOWED = "This client has not allowed forms by email. Print a copy instead."
NO_WORD = f"Agree on a word of at least {LEAST_LETTERS} letters with the client, and enter it here."
ALLOWED = "to be sent, by permission"
LONG_WORD = f"Take a word of at most {MOST_LETTERS} letters."


def may_send(desk: Desk, client_id: str) -> bool:
    """Whether this client allows, at this moment, that forms are written to them."""
    decisions, endings = decisions_on_file(desk, client_id), endings_on_file(desk, client_id)
    return may_tell(decisions, endings, CLIENT, TOPIC, desk.judged_at).yes


def encrypted(by: Actor, visit_id: str, word: str, *, client_asks: bool = False) -> bytes:
    """What a visit's client signed and may be handed out, as one file that only the word opens.

    The word is not kept. Raises NotFound, and Invalid where it is not allowed or the word is no good.
    """
    plain = unicodedata.normalize("NFC", word.strip())
    with access.transaction(by, Purpose.SEND_COPY) as desk:
        visit = the_visit(desk, visit_id)
        if not may_send(desk, visit.client_id):
            raise Invalid({"word": NOT_ALLOWED})
        if len(plain) < LEAST_LETTERS:
            raise Invalid({"word": NO_WORD})
        if len(plain.encode()) > MOST_LETTERS:
            raise Invalid({"word": LONG_WORD})
        rows = to_hand_out(desk, visit.client_id, client_asks=client_asks)
        for row in rows:
            desk.audit(
                Did.MADE_COPY, "record", row.id, reason=f"{ALLOWED}: {ASKED}" if client_asks else ALLOWED
            )
        pdfs = [documents.read(desk, row.document_id) for row in rows]
    return printing.locked(pdfs, plain)
