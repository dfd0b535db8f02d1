"""What a client does at the tablet: open a page, answer it, go on, leave it for later, stop.

Every function asks anew, in its own transaction, whether the sitting still holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import wtforms
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from forms import answers as walk
from forms import duration
from forms import profile as known
from forms.definition import Form, Page
from forms.fields import as_inputs, page_form, read_page
from forms.kinds import KINDS
from kiosk import access
from kiosk.access import Actor, Purpose, Sitting
from kiosk.actions import once, remembered
from kiosk.actions.at_tablet import Elsewhere, Head, Open, Step, at, end_sitting, opened, page_of
from kiosk.actions.dues import due_of
from kiosk.actions.form_pages import PageView, followers, page_view
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
        rows = []
        for owed in due_of(desk, here.visit.client_id):
            if here.skipped(owed.form):
                continue
            title = owed.form.title.say(here.form_lang(owed.form))
            rows.append(FormRow(title, duration.minutes(here.seconds(owed.form)), owed.why))
        signed = select(tables.Record.id).where(tables.Record.client_id == here.visit.client_id)
        allows = desk.session.scalar(signed.limit(1)) is not None
        minutes = max(1, sum(row.minutes for row in rows))
        return Welcome(here.profile.name, minutes, tuple(rows), here.next_step(), allows)


def open_page(sitting: Sitting, form_id: str, page_id: str) -> PageView:
    """One page with what was answered so far. Raises Elsewhere where it does not show now."""
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        form = here.form(form_id)
        answers = here.answers(form)
        page = page_of(here, form, answers, page_id)
        inputs = page_form(page, here.form_lang(form))(data=as_inputs(page, answers))
        view = _page_view(here, form, page, answers, inputs, {})
        if page.id in here.kept(form).seen:
            return view
        return replace(
            view,
            known=remembered.is_all_known(here, page, answers),
            before=remembered.said_before(here, form, page),
        )


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
    return replace(view, token=_token(here, form, page.id))


def _token(here: Open, form: Form, page_id: str) -> str:
    """Of all that the page may ask, whatever of it shows."""
    return once.token(here.desk, here.visit.id, form, _whole(form, page_id), here.answers(form))


def answer(sitting: Sitting, form_id: str, page_id: str, data: MultiDict[str, str]) -> Step | PageView:
    """Take the answers of one page. Returns where to go next, or the page with what is wrong.

    Where an answer brings up a question that nobody has seen yet, the page comes again without a reproach.
    """
    with at(sitting) as here:
        form = here.form(form_id)
        return _answer(here, form, page_id, data, set(data.getlist(SHOWN)))


def still_right(sitting: Sitting, form_id: str, page_id: str) -> Step | PageView:
    """What was said here the last time is still right. Raises Elsewhere where nothing was."""
    with at(sitting) as here:
        form = here.form(form_id)
        page = page_of(here, form, here.answers(form), page_id)
        said = remembered.answers_before(here, form, page)
        if said is None or page.id in here.kept(form).seen:
            raise Elsewhere(Step("page", form.id, page.id))
        data = MultiDict(as_inputs(page, said.answers))
        return _answer(here, form, page_id, data, {question.id for question in page.questions})


def follow(sitting: Sitting, form_id: str, page_id: str, data: MultiDict[str, str]) -> PageView:
    """The page with what follows from the answers so far; nothing is kept yet."""
    with at(sitting) as here:
        form = here.form(form_id)
        answers = here.answers(form)
        page, given, _problems, sent = _read(here, form, page_id, answers, data)
        return _page_view(here, form, page, {**answers, **given}, sent, {})


def as_typed(sitting: Sitting, form_id: str, page_id: str, data: MultiDict[str, str]) -> PageView:
    """The page with all that was typed, of which is kept what can be read."""
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        form = here.form(form_id)
        page, given, sent, kept = _kept_as_read(here, form, page_id, data)
        view = _page_view(here, form, page, {**here.answers(form), **given}, sent, {})
        return view if kept else replace(view, answered_since=page.questions[0].id)


SHOWN = "_shown"  # names each question of a page that shows only after another's answer

Read = tuple[Page, dict[str, Any], dict[str, str], wtforms.Form]


def _answer(
    here: Open, form: Form, page_id: str, data: MultiDict[str, str], shown: set[str]
) -> Step | PageView:
    before = here.kept(form)
    page, given, problems, sent = _read(here, form, page_id, before.answers, data)
    unseen = {question.id for question in page.questions} & followers(form, page_id) - shown
    if problems:
        told = {name: said for name, said in problems.items() if name.split("-")[0] not in unseen}
        return _page_view(here, form, page, {**before.answers, **given}, sent, told)
    if once.is_older(_token(here, form, page.id), data.get(once.TOKEN), page, before.answers, given):
        first = page.questions[0].id
        return replace(_page_view(here, form, page, before.answers, sent, {}), answered_since=first)
    # An answer whose question stops showing is kept in the draft, so that it comes back with
    # its condition; what is shown, checked and signed goes through `walk.kept`.
    asked = {question.id for question in page.questions}
    after = {key: value for key, value in before.answers.items() if key not in asked} | given
    after = here.completed(form, after)
    now = before.after(page.id, after)
    here.save(form, now)
    return here.step_after(form, before, now, page_id)


def _read(here: Open, form: Form, page_id: str, before: Mapping[str, Any], data: MultiDict[str, str]) -> Read:
    """A page as it shows with what was sent, and that read: an answer may bring up the next question."""
    lang, page = here.form_lang(form), page_of(here, form, before, page_id)
    while True:
        sent = page_form(page, lang)(data)
        given, problems = read_page(page, sent, lang, here.about)
        asked = {question.id for question in _whole(form, page_id).questions}
        said = {key: value for key, value in before.items() if key not in asked} | given
        shows = page_of(here, form, said, page_id)
        if {question.id for question in shows.questions} <= {question.id for question in page.questions}:
            kept = {question.id for question in shows.questions}
            wrong = {name: why for name, why in problems.items() if name.split("-")[0] in kept}
            return shows, {key: value for key, value in given.items() if key in kept}, wrong, sent
        page = shows


def _whole(form: Form, page_id: str) -> Page:
    return next(page for page in form.pages if page.id == page_id)


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
    return _leave(sitting, form_id, Did.SKIPPED_FORM, paper=False)


def want_paper(sitting: Sitting, form_id: str) -> Step:
    """Somebody would rather fill this in on paper: the desk is told, and the form is left for now."""
    return _leave(sitting, form_id, Did.ASKED_FOR_PAPER, paper=True)


def _leave(sitting: Sitting, form_id: str, why: Did, *, paper: bool) -> Step:
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        form = here.form(form_id)
        here.save(form, replace(here.kept(form), paper=paper), skipped=True)
        desk.audit(why, "visit", here.visit.id)
    with access.transaction(sitting.tablet) as desk:
        return opened(desk, sitting).next_step(after=form_id)


def ask_help(sitting: Sitting) -> None:
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        here.visit.help_asked_at = desk.now
        desk.audit(Did.ASKED_FOR_HELP, "visit", here.visit.id)


def switch_language(sitting: Sitting, lang: str) -> None:
    with access.transaction(sitting.tablet) as desk:
        if lang in desk.practice.settings.languages:
            desk.session.get_one(tables.Sitting, sitting.id).lang = lang


def keep_typed(sitting: Sitting, form_id: str, page_id: str, data: MultiDict[str, str]) -> str:
    """Keep what stands on a page that is left, as far as it can be read; what was emptied is empty.

    Nothing is kept of a page that something else was answered on since. Returns the token of the page as it
    stands now, or of the older one.
    """
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        form = here.form(form_id)
        _page, _given, _sent, kept = _kept_as_read(here, form, page_id, data)
        return _token(here, form, page_id) if kept else data[once.TOKEN]


def _kept_as_read(
    here: Open, form: Form, page_id: str, data: MultiDict[str, str]
) -> tuple[Page, dict[str, Any], wtforms.Form, bool]:
    """A page with what was sent, that read, and whether it was kept: nothing is of an older page."""
    before = here.kept(form)
    page, given, problems, sent = _read(here, form, page_id, before.answers, data)
    unread = {name.split("-")[0] for name in problems}
    asked = {question.id for question in page.questions} - unread
    after = {key: value for key, value in before.answers.items() if key not in asked} | given
    if once.is_older(_token(here, form, page.id), data.get(once.TOKEN), page, before.answers, after):
        return page, given, sent, False
    if after != before.answers:
        here.save(form, replace(before, answers=after, paper=False))
    return page, given, sent, True


def end(sitting: Sitting, why: str) -> None:
    """End a sitting: `finished`, `stopped` or `idle`. What was signed stands; drafts stay with the visit."""
    with access.transaction(sitting.tablet) as desk:
        row = desk.session.get(tables.Sitting, sitting.id)
        if row is not None and row.ended_at is None:
            end_sitting(desk, row, why)


def clear_idle(by: Actor) -> bool:
    """End the first sitting that nobody has touched for too long, or that is too old, at whatever tablet."""
    with access.transaction(by, Purpose.LOOK_AFTER) as desk:
        for row in desk.session.scalars(
            select(tables.Sitting).where(tables.Sitting.ended_at.is_(None))
        ).all():
            if why := access.why_over(desk, row.began_at, row.seen_at):
                end_sitting(desk, row, why)
                return True
        return False
