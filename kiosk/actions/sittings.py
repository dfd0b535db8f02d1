"""What a client does at the tablet: open a page, answer it, go on, leave it for later, stop.

Every function asks anew, in its own transaction, whether the sitting still holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import wtforms
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from forms import answers as walk
from forms import profile as known
from forms.definition import Form, Page
from forms.fields import as_inputs, page_form, read_page
from forms.kinds import KINDS
from kiosk import access
from kiosk.access import Actor, Purpose, Sitting
from kiosk.actions import once
from kiosk.actions.at_tablet import Elsewhere, Head, Open, Step, end_sitting, opened, page_of
from kiosk.actions.dues import due_of
from kiosk.actions.form_pages import PageView, page_view
from kiosk.vault import new_id, tables
from kiosk.vault.did import Did


@dataclass(frozen=True)
class FormRow:
    title: str
    minutes: int
    why_words: str


@dataclass(frozen=True)
class Welcome:
    name: str
    minutes: int
    forms: tuple[FormRow, ...]
    first: Step
    allows: bool


@dataclass(frozen=True)
class CheckRow:
    """`before` is what stood in the profile until now, where the answer changes it."""

    question: str
    ask: str
    says: str
    kind: str
    answer: Any
    change: Step
    before: str | None


@dataclass(frozen=True)
class CheckView:
    head: Head
    rows: tuple[CheckRow, ...]
    back: Step
    signed: bool
    submission: str


def welcome(sitting: Sitting) -> Welcome:
    """What lies ahead, before the first page."""
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        rows = tuple(
            FormRow(owed.form.title.say(here.form_lang(owed.form)), owed.form.minutes, owed.why)
            for owed in due_of(desk, here.visit.client_id)
        )
        minutes = sum(row.minutes for row in rows)
        signed = select(tables.Record.id).where(tables.Record.client_id == here.visit.client_id)
        allows = desk.session.scalar(signed.limit(1)) is not None
        return Welcome(here.profile.name, minutes, rows, here.next_step(), allows)


def open_page(sitting: Sitting, form_id: str, page_id: str) -> PageView:
    """One page with what was answered so far. Raises Elsewhere where it does not show now."""
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        form = here.form(form_id)
        answers = here.answers(form)
        page = page_of(here, form, answers, page_id)
        inputs = page_form(page, here.form_lang(form))(data=as_inputs(page, answers))
        return _page_view(here, form, page, answers, inputs, {})


def _page_view(
    here: Open,
    form: Form,
    page: Page,
    answers: Mapping[str, Any],
    inputs: wtforms.Form,
    problems: Mapping[str, str],
) -> PageView:
    head = here.head(form, answers, page.id)
    view = page_view(head, form, page, answers, inputs, problems, about=here.about)
    return replace(view, token=_token(here, form, page))


def _token(here: Open, form: Form, page: Page) -> str:
    return once.token(here.desk, here.visit.id, form, page, here.answers(form))


def answer(sitting: Sitting, form_id: str, page_id: str, data: MultiDict[str, str]) -> Step | PageView:
    """Take the answers of one page. Returns where to go next, or the page with what is wrong."""
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        form = here.form(form_id)
        before = here.answers(form)
        page = page_of(here, form, before, page_id)
        lang = here.form_lang(form)
        sent = page_form(page, lang)(data)
        given, problems = read_page(page, sent, lang, here.about)
        if problems:
            return _page_view(here, form, page, before, sent, problems)
        if once.is_older(_token(here, form, page), data.get(once.TOKEN), page, before, given):
            first = page.questions[0].id
            return replace(_page_view(here, form, page, before, sent, {}), answered_since=first)
        # An answer whose question stops showing is kept in the draft, so that it comes back with
        # its condition; what is shown, checked and signed goes through `kept`.
        asked = {question.id for question in page.questions}
        after = {key: value for key, value in before.items() if key not in asked} | given
        after = here.completed(form, after)
        here.save(form, after)
        return here.step_after(form, walk.kept(form, after, here.about), page_id)


def check(sitting: Sitting, form_id: str) -> CheckView:
    """All answers of a form in the words that will be stored. Raises Elsewhere while something is open."""
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        form = here.form(form_id)
        answers = walk.kept(form, here.answers(form), here.about)
        if gap := here.gap(form, answers):
            raise Elsewhere(gap)
        return CheckView(
            here.head(form, answers),
            _check_rows(here, form, answers),
            Step("page", form.id, walk.showing(form, answers, here.about)[-1].id),
            signed=form.needs_signature(),
            submission=new_id(),
        )


def _check_rows(here: Open, form: Form, answers: Mapping[str, Any]) -> tuple[CheckRow, ...]:
    lang = here.form_lang(form)
    changed = known.changes(form, answers, here.profile.all_places(), lang, here.about)
    before = {change.question: change.old for change in changed}
    return tuple(
        CheckRow(
            question=row.question,
            ask=row.ask,
            says=row.says,
            kind=row.kind,
            answer=row.answer,
            change=Step("page", form.id, row.page),
            before=before.get(row.question),
        )
        for row in walk.shown(form, answers, lang, here.about)
        if KINDS[row.kind].answered
    )


def skip(sitting: Sitting, form_id: str) -> Step:
    """Leave a form for another time; what was typed stays in the draft and leaves the screen."""
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        form = here.form(form_id)
        here.save(form, here.answers(form), skipped=True)
        desk.audit(Did.SKIPPED_FORM, "visit", here.visit.id)
    with access.transaction(sitting.tablet) as desk:
        return opened(desk, sitting).next_step(after=form_id)


def want_paper(sitting: Sitting, form_id: str) -> Step:
    """Somebody would rather fill this in on paper: the desk is told, and the form is left for now."""
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        here.form(form_id)
        here.visit.paper_wanted_at = desk.now
        desk.audit(Did.ASKED_FOR_PAPER, "visit", here.visit.id)
    return skip(sitting, form_id)


def ask_help(sitting: Sitting) -> None:
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        here.visit.help_asked_at = desk.now
        desk.audit(Did.ASKED_FOR_HELP, "visit", here.visit.id)


def switch_language(sitting: Sitting, lang: str) -> None:
    with access.transaction(sitting.tablet) as desk:
        if lang in desk.practice.settings.languages:
            desk.session.get_one(tables.Sitting, sitting.id).lang = lang


def keep_typed(sitting: Sitting, form_id: str, page_id: str, data: MultiDict[str, str]) -> None:
    """Keep what was typed on a page before its language is switched, as far as it can be read."""
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        form = here.form(form_id)
        before = here.answers(form)
        page = page_of(here, form, before, page_id)
        lang = here.form_lang(form)
        given, _problems = read_page(page, page_form(page, lang)(data), lang, here.about)
        if given:
            here.save(form, {**before, **given})


def end(sitting: Sitting, why: str) -> None:
    """End a sitting: `finished`, `stopped` or `idle`. What was signed stands; drafts stay with the visit."""
    with access.transaction(sitting.tablet) as desk:
        row = desk.session.get(tables.Sitting, sitting.id)
        if row is not None and row.ended_at is None:
            end_sitting(desk, row, why)


def clear_idle(by: Actor) -> bool:
    """End the first sitting that nobody has touched for too long, whatever became of its tablet."""
    idle = timedelta(seconds=by.practice.settings.idle_clear_seconds)
    with access.transaction(by, Purpose.LOOK_AFTER) as desk:
        row = desk.session.scalar(
            select(tables.Sitting)
            .where(tables.Sitting.ended_at.is_(None), tables.Sitting.seen_at < desk.now - idle)
            .limit(1)
        )
        if row is not None:
            end_sitting(desk, row, "idle")
        return row is not None
