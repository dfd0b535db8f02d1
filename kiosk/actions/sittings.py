"""What a client does at the tablet: open a page, answer it, go on, leave it for later, stop.

Every function asks anew, in its own transaction, whether the sitting still holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import wtforms
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from forms import answers as walk
from forms.definition import Form, Page, Question
from forms.fields import as_inputs, input_name, page_form, read_page
from forms.kinds import KINDS
from kiosk import access
from kiosk.access import Actor, Desk, Purpose, Sitting
from kiosk.actions.at_tablet import Elsewhere, Head, Open, Step, opened, page_of
from kiosk.actions.dues import due_of
from kiosk.vault import tables
from kiosk.vault.did import Did
from kiosk.vault.states import VisitState


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


@dataclass(frozen=True)
class PartView:
    """One input: `name` is its name and id on the page, and in an error's link."""

    name: str
    label: str
    inputmode: str
    value: str
    problem: str | None


@dataclass(frozen=True)
class QuestionView:
    id: str
    kind: str
    ask: str
    why: str | None
    hint: str | None
    then: str | None
    required: bool
    options: tuple[tuple[str, str], ...]
    parts: tuple[PartView, ...]
    value: Any
    problem: str | None


@dataclass(frozen=True)
class PageView:
    head: Head
    page: str
    title: str | None
    questions: tuple[QuestionView, ...]
    back: Step | None
    problems: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CheckRow:
    question: str
    ask: str
    says: str
    kind: str
    answer: Any
    change: Step


@dataclass(frozen=True)
class CheckView:
    head: Head
    rows: tuple[CheckRow, ...]
    back: Step


def welcome(sitting: Sitting) -> Welcome:
    """What lies ahead, before the first page."""
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        rows = tuple(
            FormRow(owed.form.title.say(here.form_lang(owed.form)), owed.form.minutes, owed.why)
            for owed in due_of(desk, here.visit.client_id)
        )
        return Welcome(here.profile.name, sum(row.minutes for row in rows), rows, here.next_step())


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
    lang = here.form_lang(form)
    before = walk.previous_page(form, answers, page.id)
    return PageView(
        head=here.head(form, answers, page.id),
        page=page.id,
        title=page.title.say(lang) if page.title else None,
        questions=tuple(
            _question_view(form, question, answers, lang, inputs, problems) for question in page.questions
        ),
        back=Step("page", form.id, before.id) if before else None,
        problems=tuple(problems.items()),
    )


def _question_view(
    form: Form,
    question: Question,
    answers: Mapping[str, Any],
    lang: str,
    inputs: wtforms.Form,
    problems: Mapping[str, str],
) -> QuestionView:
    kind = KINDS[question.kind]
    said = walk.inserts(form, answers, lang)
    names = {part.id: input_name(question, part) for part in kind.parts}
    return QuestionView(
        id=question.id,
        kind=question.kind,
        ask=question.ask.say(lang, said),
        why=question.why.say(lang, said) if question.why else None,
        hint=question.hint.say(lang, said) if question.hint else None,
        then=question.then.say(lang, said) if question.then else None,
        required=question.required,
        options=tuple(kind.options(question, lang)),
        parts=tuple(
            PartView(
                name=names[part.id],
                label=part.label.say(lang),
                inputmode=part.inputmode,
                value=inputs[names[part.id]].data or "",
                problem=problems.get(names[part.id]),
            )
            for part in kind.parts
            if names[part.id] in inputs
        ),
        value=inputs[question.id].data if question.id in inputs else None,
        problem=problems.get(question.id),
    )


def answer(sitting: Sitting, form_id: str, page_id: str, data: MultiDict[str, str]) -> Step | PageView:
    """Take the answers of one page. Returns where to go next, or the page with what is wrong."""
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        form = here.form(form_id)
        before = here.answers(form)
        page = page_of(here, form, before, page_id)
        lang = here.form_lang(form)
        sent = page_form(page, lang)(data)
        given, problems = read_page(page, sent, lang)
        if problems:
            return _page_view(here, form, page, before, sent, problems)
        # An answer whose question stops showing is kept in the draft, so that it comes back with
        # its condition; what is shown, checked and signed goes through `kept`.
        asked = {question.id for question in page.questions}
        after = {key: value for key, value in before.items() if key not in asked} | given
        here.save(form, after)
        return here.step_after(form, walk.kept(form, after), page_id)


def check(sitting: Sitting, form_id: str) -> CheckView:
    """All answers of a form in the words that will be stored. Raises Elsewhere while something is open."""
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        form = here.form(form_id)
        answers = walk.kept(form, here.answers(form))
        if gap := here.gap(form, answers):
            raise Elsewhere(gap)
        rows = tuple(
            CheckRow(row.question, row.ask, row.says, row.kind, row.answer, Step("page", form.id, row.page))
            for row in walk.shown(form, answers, here.form_lang(form))
            if KINDS[row.kind].answered
        )
        last = walk.showing(form, answers)[-1].id
        return CheckView(here.head(form, answers), rows, Step("page", form.id, last))


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
        given, _problems = read_page(page, page_form(page, lang)(data), lang)
        if given:
            here.save(form, {**before, **given})


def end(sitting: Sitting, why: str) -> None:
    """End a sitting: `finished`, `stopped` or `idle`. What was signed stands; drafts stay with the visit."""
    with access.transaction(sitting.tablet) as desk:
        row = desk.session.get(tables.Sitting, sitting.id)
        if row is not None and row.ended_at is None:
            _end(desk, row, why)


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
            _end(desk, row, "idle")
        return row is not None


def _end(desk: Desk, row: tables.Sitting, why: str) -> None:
    row.ended_at = desk.now
    row.signature_sealed = None
    if row.visit_id is not None and row.known_at is not None:
        visit = desk.session.get_one(tables.Visit, row.visit_id)
        visit.tablet_id = None
        if visit.state == VisitState.ON_TABLET:
            visit.state = VisitState.ARRIVED
        if why == "finished":
            visit.code_mac = None
    desk.audit(Did.ENDED_SITTING, "sitting", row.id, reason=why)
