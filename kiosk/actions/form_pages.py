"""One page of a form as the tablet shows it: plain values for a template, from a definition and answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import wtforms

from forms import answers as walk
from forms.definition import UNKNOWN, About, Form, Page, Question
from forms.fields import input_name
from forms.kinds import KINDS
from kiosk.actions.at_tablet import Head, Step


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
    follows: bool = False


@dataclass(frozen=True)
class SaidBefore:
    """What was answered here the last time, in the words of then: `on` is when."""

    on: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PageView:
    """`follows`: one question here shows only after an answer to another. `known`: all that stands here is
    what the practice knows, to be confirmed or changed; `before` is what was said the last time.
    """

    head: Head
    page: str
    title: str | None
    questions: tuple[QuestionView, ...]
    back: Step | None
    problems: tuple[tuple[str, str], ...]
    token: str = ""
    answered_since: str = ""  # the input to look at, where the page was answered after it was shown
    follows: bool = False
    known: bool = False
    before: SaidBefore | None = None


def page_view(
    head: Head,
    form: Form,
    page: Page,
    answers: Mapping[str, Any],
    inputs: wtforms.Form,
    problems: Mapping[str, str],
    *,
    about: About = UNKNOWN,
) -> PageView:
    """A page with what was answered or typed so far, and what is wrong with it by input name."""
    before = walk.previous_page(form, answers, page.id, about)
    said = walk.inserts(form, answers, head.lang)
    following = followers(form, page.id)
    return PageView(
        head=head,
        page=page.id,
        title=page.title.say(head.lang) if page.title else None,
        questions=tuple(
            _question_view(question, head.lang, said, inputs, problems, question.id in following)
            for question in page.questions
        ),
        back=Step("page", form.id, before.id) if before else None,
        problems=tuple(problems.items()),
        follows=bool(following),
    )


def followers(form: Form, page_id: str) -> frozenset[str]:
    """The questions of a page that show only after an answer on the same page."""
    (page,) = (page for page in form.pages if page.id == page_id)
    return frozenset(question.id for question in page.followers())


def _question_view(
    question: Question,
    lang: str,
    said: Mapping[str, str],
    inputs: wtforms.Form,
    problems: Mapping[str, str],
    follows: bool,
) -> QuestionView:
    kind = KINDS[question.kind]
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
        follows=follows,
    )
