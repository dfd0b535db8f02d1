"""From a sheet whose every value a person confirmed to a sealed record."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from forms import answers as walk
from forms import profile as known
from forms.decisions import Signing, decisions_of
from forms.definition import CLIENT, About, Form
from forms.kinds import KINDS, Problem
from forms.signed import Signature, SignedRecord
from forms.signers import needs_authority, who_may_sign
from forms.versions import content_hash
from kiosk.access import Desk
from kiosk.actions import records, words
from kiosk.actions.clients import Profile, fill, profile_of
from kiosk.actions.clients import about as about_client
from kiosk.actions.paper_questions import asked
from kiosk.actions.readings import MARKED, SIGNED
from kiosk.actions.sealing import seal_key
from kiosk.actions.signing import superseded
from kiosk.errors import Invalid
from kiosk.settings import VERSION
from kiosk.vault import new_id, tables
from pdf import record as record_pdf
from pdf.seal import SealKey, seal

Said = Mapping[tuple[str, str], str]

NOT_SIGNED = "The sheet is not signed. Give it back to be signed, or ask the client at the tablet."
NOT_ALLOWED_TO_SIGN = "Who signed may not sign this form for this client. Give the sheet back."
NO_AUTHORITY = "The sheet does not say by what right somebody else signed. Give it back to be completed."
LEFT_EMPTY = "“{label}” was left empty. Give the sheet back, or ask the client at the tablet."
IMPOSSIBLE_DATE = "The date of signing cannot be read as a date. Undo, and look at it again."
FUTURE_DATE = "The date of signing lies in the future. Undo, and look at it again, or give the sheet back."


@dataclass(frozen=True)
class PaperDraft:
    form: Form
    record: SignedRecord
    signed_at: datetime
    key: SealKey
    made_at: datetime


def draft(desk: Desk, sheet: tables.Sheet, said: Said) -> PaperDraft:
    """The record that these confirmed values make. Raises Invalid, in words for the desk."""
    form = desk.practice.catalog.form(sheet.form, sheet.version)
    profile = profile_of(desk, sheet.client_id)
    signed_at = _signed_at(desk, sheet, said)
    about = replace(about_client(desk, profile), today=signed_at.date())
    signature = _signature(desk, form, said, signed_at, about, profile, sheet.lang)
    answers = walk.kept(form, _answers(desk, sheet, form, said), about)
    _refuse_gaps(form, answers, sheet.lang, about)
    record_id = new_id()
    record = SignedRecord(
        id=record_id,
        practice=desk.practice.settings.practice_name,
        client_name=profile.name,
        client_born=profile.born.isoformat() if profile.born else "",
        form_id=form.id,
        form_version=form.version,
        form_title=form.title.say(sheet.lang),
        form_hash=content_hash(form),
        lang=sheet.lang,
        shown=walk.shown(form, answers, sheet.lang, about, paper=True),
        answers=answers,
        decisions=decisions_of(
            form, answers, Signing(record_id, signed_at, sheet.lang, "paper", signature.signer, about)
        ),
        take_back=form.take_back.say(sheet.lang),
        signature=signature,
        evidence={
            "sheet": sheet.serial,
            "confirmed_at": desk.now.isoformat(timespec="seconds"),
            "confirmed_by": desk.by.id,
            "date_on_paper": "written" if any(_date_parts(said)) else "left empty",
            "application": VERSION,
        },
        channel="paper",
        supersedes=superseded(desk, sheet.client_id, form.id),
        client=sheet.client_id,
    )
    return PaperDraft(form, record, signed_at, seal_key(desk), desk.now)


def _signature(
    desk: Desk, form: Form, said: Said, signed_at: datetime, about: About, profile: Profile, lang: str
) -> Signature:
    """Raises Invalid."""
    needed = form.needs_signature()
    signer, authority = _signer(form, said, about) if needed else (CLIENT, "")
    return Signature(
        way="paper" if needed else "given",
        name=profile.name if signer == CLIENT else said.get(("_signer_by", ""), ""),
        strokes=(),
        width=0.0,
        height=0.0,
        at=words.local(signed_at, desk.practice.settings.time_zone).isoformat(timespec="seconds"),
        attest=form.attest.say(lang) if needed else "",
        signer=signer,
        authority=authority,
    )


def _signer(form: Form, said: Said, about: About) -> tuple[str, str]:
    """In which capacity somebody signed, and by what right. Raises Invalid."""
    signed = [value for (question, _), value in said.items() if _is_signature(form, question)]
    if SIGNED not in signed:
        raise Invalid({"sheet": NOT_SIGNED})
    marked = said.get(("_signer", ""), "") or "self"
    capacity = CLIENT if marked == "self" else marked
    if capacity not in who_may_sign(form, about):
        raise Invalid({"sheet": NOT_ALLOWED_TO_SIGN})
    authority = said.get(("_signer_by", ""), "")
    if needs_authority(capacity) and not authority:
        raise Invalid({"sheet": NO_AUTHORITY})
    return capacity, authority


def _is_signature(form: Form, question: str) -> bool:
    return question == "_signature" or (
        not question.startswith("_") and form.question(question).kind == "signature"
    )


def _signed_at(desk: Desk, sheet: tables.Sheet, said: Said) -> datetime:
    """The day that stands on the sheet; where none does, the day it was printed, the earliest it can be.

    Its first moment, so that what was signed on the tablet later that day stands above it.
    """
    zone = desk.practice.settings.time_zone
    parts = _date_parts(said)
    day = words.local(sheet.printed_at, zone).date()
    if any(parts):
        try:
            day = date(*(int(part) for part in parts))
        except ValueError:
            raise Invalid({"sheet": IMPOSSIBLE_DATE}) from None
    if day > words.local(desk.now, zone).date():
        raise Invalid({"sheet": FUTURE_DATE})
    return datetime.combine(day, time(), ZoneInfo(zone))


def _date_parts(said: Said) -> list[str]:
    return [said.get(("_date", part), "").strip() for part in ("year", "month", "day")]


def _answers(desk: Desk, sheet: tables.Sheet, form: Form, said: Said) -> dict[str, Any]:
    """What was confirmed, as answers; what was left empty stays unanswered. Raises Invalid."""
    raw: dict[str, dict[str, Any]] = {}
    for (question_id, part), value in said.items():
        if question_id.startswith("_") or _is_signature(form, question_id):
            continue
        parts = raw.setdefault(question_id, {})
        if form.question(question_id).kind == "choices":
            parts.setdefault("", [])
            if value == MARKED:
                parts[""].append(part)
        else:
            parts[part] = value
    answers = {}
    for question_id, parts in raw.items():
        question = form.question(question_id)
        try:
            value = KINDS[question.kind].coerce(question, parts, sheet.lang)
            if value is not None:
                KINDS[question.kind].check(question, value, sheet.lang)
        except Problem as problem:
            label = asked(desk, sheet, question_id, next(iter(parts))).label
            raise Invalid({"sheet": f"{label}: {problem.message} Undo, and look at it again."}) from None
        if value is not None:
            answers[question_id] = value
    return answers


def _refuse_gaps(form: Form, answers: Mapping[str, Any], lang: str, about: About) -> None:
    """A decision left empty allows nothing and may stand; whom or what it is about may not be missing."""
    for question in walk.missing(form, answers, about):
        if question.kind != "decision":
            raise Invalid({"sheet": LEFT_EMPTY.format(label=question.ask.on_paper(lang))})


def changes(desk: Desk, sheet: tables.Sheet, said: Said) -> tuple[known.Change, ...]:
    """What these values would change in the profile, in the staff's language. Raises Invalid."""
    form = desk.practice.catalog.form(sheet.form, sheet.version)
    profile = profile_of(desk, sheet.client_id)
    answers = _answers(desk, sheet, form, said)
    return known.changes(form, answers, profile.all_places(), "en", about_client(desk, profile))


def sealed_pdf(made: PaperDraft) -> bytes:
    """Outside of any transaction: it takes longer than the store should wait."""
    return seal(record_pdf.render(made.record), made.key, made.made_at)


def keep(desk: Desk, sheet: tables.Sheet, made: PaperDraft, pdf: bytes) -> None:
    row = tables.Record(
        id=made.record.id,
        client_id=sheet.client_id,
        visit_id=sheet.visit_id,
        sheet_id=sheet.id,
        form=made.form.id,
        version=made.form.version,
        channel="paper",
        signed_at=made.signed_at,
        submission=sheet.id,
    )
    records.keep_record(desk, sheet.client_id, made.record, pdf, row=row)
    fill(desk, sheet.client_id, made.form, made.record.answers, made.signed_at)
