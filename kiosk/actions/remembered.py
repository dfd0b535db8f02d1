"""What a client said the last time a form was signed: offered again, page by page, to be confirmed.

Only where the very words are the same as then, where nothing of it was taken back, and where it still
counts as an answer today. Nothing is chosen before somebody says that it is still right.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from forms import answers as walk
from forms.answers import Shown
from forms.definition import Form, Page, Question
from forms.fields import as_inputs, page_form, read_page
from forms.kinds import KINDS
from forms.signed import SignedRecord
from kiosk.actions import records, words
from kiosk.actions.at_tablet import Open
from kiosk.actions.form_pages import SaidBefore
from kiosk.vault import tables


@dataclass(frozen=True)
class Remembered:
    answers: Mapping[str, Any]
    on: datetime


def is_all_known(here: Open, page: Page, answers: Mapping[str, Any]) -> bool:
    """Whether a page asks only for what the practice knows already: facts, and never a decision."""
    places = here.places()
    asked = [question for question in page.questions if KINDS[question.kind].answered]
    held = [one for one in asked if one.fills and one.fills in places and walk.is_answered(one, answers)]
    return bool(held) and all(one in held or not one.required for one in asked)


def said_before(here: Open, form: Form, page: Page) -> SaidBefore | None:
    """The page as it was answered the last time, in words; None where it cannot simply be said again."""
    found = answers_before(here, form, page)
    if found is None:
        return None
    lang = here.form_lang(form)
    said = walk.inserts(form, {**here.answers(form), **found.answers}, lang)
    rows = tuple(
        (question.ask.say(lang, said), KINDS[question.kind].say(question, found.answers[question.id], lang))
        for question in page.questions
        if question.id in found.answers
    )
    zone = here.desk.practice.settings.time_zone
    return SaidBefore(words.day(found.on, zone, here.lang), rows)


def answers_before(here: Open, form: Form, page: Page) -> Remembered | None:
    if all(question.fills or not KINDS[question.kind].answered for question in page.questions):
        return None  # facts alone stand filled in already
    row = _latest(here, form)
    if row is None or row.signer not in ("client", *_same_signer(here)):
        return None
    record = records.open_record(here.desk, row)
    ended = _ended(here, row.id)
    answers = {**here.answers(form)}
    for question in page.questions:
        if question.id in record.answers and question.id not in ended:
            answers[question.id] = record.answers[question.id]
    if not all(_same(here, form, record, question, answers, ended) for question in page.questions):
        return None
    mine = {one.id: answers[one.id] for one in page.questions if one.id in answers}
    sent = page_form(page, here.form_lang(form))(data=as_inputs(page, mine))
    given, problems = read_page(page, sent, here.form_lang(form), here.about)
    return None if problems or not given else Remembered(given, row.signed_at)


def _same_signer(here: Open) -> tuple[str, ...]:
    """A parent's word does not stand for a client who now signs alone."""
    return ("parent", "guardian", "agent") if here.about.is_minor else ("guardian", "agent")


def _latest(here: Open, form: Form) -> tables.Record | None:
    """The record that stands of this form, taken back as a whole or not."""
    row = here.desk.session.scalar(
        select(tables.Record)
        .where(tables.Record.client_id == here.visit.client_id, tables.Record.form == form.id)
        .order_by(tables.Record.signed_at.desc())
        .limit(1)
    )
    return None if row is None or "" in _ended(here, row.id) else row


def _ended(here: Open, record_id: str) -> frozenset[str]:
    of_it = select(tables.Ending.question).where(tables.Ending.record_id == record_id)
    return frozenset(here.desk.session.scalars(of_it))


def _same(
    here: Open,
    form: Form,
    record: SignedRecord,
    question: Question,
    answers: Mapping[str, Any],
    ended: frozenset[str],
) -> bool:
    """Whether this question reads today, in the record's language, as it did then."""
    then = next((one for one in record.shown if one.question == question.id), None)
    if then is None or question.id in ended or record.lang not in form.languages:
        return False
    now = walk.shown(form, answers, record.lang, here.about)
    return _asked(next((one for one in now if one.question == question.id), None)) == _asked(then)


def _asked(shown: Shown | None) -> tuple[str, str] | None:
    return (shown.ask, shown.explains) if shown else None
