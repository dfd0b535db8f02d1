"""Twins and records for tests, each made once."""

import math
from datetime import UTC, datetime
from functools import cache
from typing import Any

from forms import answers as walk
from forms.catalog import load_catalog
from forms.permissions import decisions_of
from forms.signed import Signature, SignedRecord
from pdf.code import SheetCode
from pdf.field_map import FieldMap
from pdf.seal import SealKey, new_seal_key
from pdf.twin import Twin, twin

CATALOG = load_catalog()
PRACTICE = "Lakeside Massage"
CLIENT = "Rose Nyberg"
SERIAL = "4K7M9QXA"
SIGNED = datetime(2026, 11, 23, 15, 4, tzinfo=UTC)

ANSWERS: dict[str, dict[str, Any]] = {
    "confidentiality": {"friend_asks": "fine"},
    "referral_thanks": {
        "referred_by": {"name": "Joan Keller", "relation": "a friend"},
        "may_thank": "allow",
        "how_to_thank": ["card", "in_person"],
        "gift_from": {"name": "Bernard Givens"},
        "may_tell_giver": "refuse",
    },
    "emergency_contact": {
        "contact": {"name": "Kirsten Nyberg", "relation": "daughter", "phone": "512 555 0142"},
        "may_call_emergency": "allow",
        "may_speak_worried": "refuse",
        "may_tell_health": "allow",
    },
    "clinician_release": {
        "clinician": {"name": "Dr. Amelia Ortiz", "role": "physician"},
        "may_speak": "allow",
        "what_to_tell": ["visit_dates", "progress"],
        "which_way": "both",
        "for_what": "to treat my back",
        "ends_on": "2027-04-30",
    },
    "email_logistics": {
        "email": "rose@example.com",
        "may_email": "allow",
        "email_for": ["appointments"],
        "phone": "512 555 0100",
        "may_text": "refuse",
        "may_voicemail": "allow",
    },
}


@cache
def printed(form: str, lang: str = "en", size: str = "letter") -> Twin:
    return twin(CATALOG.form(form), lang, size, practice=PRACTICE, serial=SERIAL)


def known(*twins: Twin) -> Any:
    """What a store does: for a code, the map that was kept when the sheet was printed."""
    maps = {(one.field_map.form, one.field_map.lang, one.field_map.size): one.field_map for one in twins}

    def map_for(code: SheetCode) -> FieldMap | None:
        return maps.get((code.form, code.lang, code.size))

    return map_for


STROKE = tuple(
    (60 + 7.0 * n, 80 + 40 * math.sin(n / 2.5) * math.cos(n / 7), 16.0 * n, 0.5) for n in range(60)
)


def record(form_id: str = "emergency_contact", lang: str = "en", way: str | None = "drawn") -> SignedRecord:
    form, answers = CATALOG.form(form_id), ANSWERS[form_id]
    signature = way and Signature(
        way,
        CLIENT,
        (STROKE, ((300.0, 20.0, 2000.0, 0.5),)) if way == "drawn" else (),
        600.0,
        150.0,
        SIGNED.isoformat(),
        form.attest.say(lang),
        "client",
    )
    return SignedRecord(
        id="8f21c0de",
        practice=PRACTICE,
        client_name=CLIENT,
        client_born="1948-04-27",
        form_id=form.id,
        form_version=form.version,
        form_title=form.title.say(lang),
        form_hash=form.content_hash(),
        lang=lang,
        shown=walk.shown(form, answers, lang),
        answers=answers,
        decisions=decisions_of(form, answers, record="8f21c0de", signed=SIGNED, lang=lang, channel="tablet"),
        take_back=form.take_back.say(lang),
        signature=signature or None,
        evidence={"tablet": "t1"},
        channel="tablet",
        supersedes=None,
    )


@cache
def a_key() -> SealKey:
    return new_seal_key(PRACTICE, SIGNED)
