"""Twins and records for tests, each made once."""

import math
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from forms import answers as walk
from forms.catalog import load_catalog
from forms.decisions import Decision, Signing, decisions_of
from forms.definition import About, Answers, Form
from forms.signed import Signature, SignedRecord
from forms.versions import content_hash
from pdf.code import SheetCode
from pdf.field_map import FieldMap
from pdf.seal import SealKey, new_seal_key
from pdf.twin import Twin, twin

CATALOG = load_catalog()
PRACTICE = "Lakeside Massage"
CLIENT = "Rose Nyberg"
SERIAL = "4K7M9QXA"
SIGNED = datetime(2026, 11, 23, 15, 4, tzinfo=UTC)
ABOUT = About(today=SIGNED.date(), born=date(1948, 4, 27))

ANSWERS: dict[str, Any] = {  # to a question of each kind; those with options are answered by the first
    "decision": "allow",
    "yes_no": "yes",
    "short_text": "to treat my back",
    "long_text": "the visits\nand how it goes",
    "name": CLIENT,
    "person": {"name": "Kirsten Nyberg", "relation": "daughter", "phone": "512 555 0142"},
    "clinician": {"name": "Dr. Amelia Ortiz", "role": "physician", "fax": "512 555 0199"},
    "phone": "512 555 0100",
    "email": "rose@example.com",
    "date": "2027-04-30",
    "address": {"street": "12 Lake Road", "city": "Austin", "state": "TX", "postcode": "78701"},
    "initials": "R. N.",
}


def answers_to(form: Form) -> dict[str, Any]:
    """An answer to every question of a form that shows."""
    given = {}
    for question in form.questions():
        first = question.options[0].id if question.options else None
        value = [first] if question.kind == "choices" else first or ANSWERS.get(question.kind)
        given |= {question.id: value} if value else {}
    return walk.kept(form, given, ABOUT)


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
    form = CATALOG.form(form_id)
    answers = answers_to(form)
    signing = Signing("8f21c0de", SIGNED, lang, "tablet", about=ABOUT)
    given = way if form.needs_signature() else way and "given"
    return record_of(form, answers, lang, given, decisions_of(form, answers, signing))


def record_of(
    form: Form,
    answers: Answers,
    lang: str,
    way: str | None = "drawn",
    decisions: tuple[Decision, ...] = (),
) -> SignedRecord:
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
        form_hash=content_hash(form),
        lang=lang,
        shown=walk.shown(form, answers, lang, ABOUT),
        answers=answers,
        decisions=decisions,
        take_back=form.take_back.say(lang),
        signature=signature or None,
        evidence={"tablet": "t1"},
        channel="tablet",
        supersedes=None,
    )


@cache
def a_key() -> SealKey:
    return new_seal_key(PRACTICE, SIGNED)
