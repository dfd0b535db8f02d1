"""Which questions show, what is missing, what comes next, and how answers read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from forms.definition import NO_ANSWER, UNKNOWN, About, Answers, Form, Page, Question
from forms.kinds import KINDS


@dataclass(frozen=True)
class Shown:
    """One question as it was shown: the very words, and the answer in words of the same language."""

    page: str
    question: str
    kind: str
    ask: str
    explains: str
    answer: Any
    says: str


def showing(form: Form, answers: Answers, about: About = UNKNOWN) -> tuple[Page, ...]:
    """The pages that show with these answers, each with only its questions that show.

    A condition asks only earlier questions, so one pass in order settles all: an answer counts only
    where its own question shows.
    """
    counted: dict[str, Any] = {}
    pages = []
    for page in form.pages:
        if not page.shows(counted, about):
            continue
        questions = []
        for question in page.questions:
            if question.when.holds(counted, about):
                questions.append(question)
                if question.id in answers:
                    counted[question.id] = answers[question.id]
        if questions:
            pages.append(replace(page, questions=tuple(questions)))
    return tuple(pages)


def shown_questions(form: Form, answers: Answers, about: About = UNKNOWN) -> tuple[Question, ...]:
    """The questions that show with these answers."""
    return tuple(question for page in showing(form, answers, about) for question in page.questions)


def kept(form: Form, answers: Answers, about: About = UNKNOWN) -> dict[str, Any]:
    """The answers without those whose question does not show."""
    return {
        question.id: answers[question.id]
        for question in shown_questions(form, answers, about)
        if question.id in answers
    }


def is_answered(question: Question, answers: Answers) -> bool:
    return answers.get(question.id) not in NO_ANSWER


def missing(form: Form, answers: Answers, about: About = UNKNOWN) -> tuple[Question, ...]:
    """The required questions that show and have no answer."""
    return tuple(
        question
        for question in shown_questions(form, answers, about)
        if question.required and KINDS[question.kind].answered and not is_answered(question, answers)
    )


def next_page(form: Form, answers: Answers, after: str | None, about: About = UNKNOWN) -> Page | None:
    """The next page that shows, in the form's order; `after` None gives the first."""
    order = [page.id for page in form.pages]
    place = -1 if after is None else order.index(after)
    return next((page for page in showing(form, answers, about) if order.index(page.id) > place), None)


def previous_page(form: Form, answers: Answers, before: str, about: About = UNKNOWN) -> Page | None:
    order = [page.id for page in form.pages]
    place = order.index(before)
    earlier = [page for page in showing(form, answers, about) if order.index(page.id) < place]
    return earlier[-1] if earlier else None


def inserts(form: Form, answers: Answers, lang: str) -> dict[str, str]:
    """What texts insert: somebody's whole name as given, or an answer in words."""
    said = {}
    for question in form.questions():
        if not is_answered(question, answers):
            continue
        value = answers[question.id]
        named = isinstance(value, Mapping) and "name" in value
        said[question.id] = value["name"] if named else KINDS[question.kind].say(question, value, lang)
    return said


def explains(question: Question, lang: str, said: Mapping[str, str], *, paper: bool = False) -> str:
    """The sentences under a question: what it is about, and what somebody would then know."""
    kept = [text for text in (question.hint, question.then) if text is not None]
    texts = [text.on_paper(lang) if paper else text.say(lang, said) for text in kept]
    return "\n\n".join(texts) if question.kind == "notice" else " ".join(texts)


def shown(
    form: Form, answers: Answers, lang: str, about: About = UNKNOWN, *, paper: bool = False
) -> tuple[Shown, ...]:
    """Every question that shows, but the signature, with its very words and its answer's words.

    On paper nothing is inserted, and boxes have words of their own: `paper` gives those.
    """
    said = inserts(form, kept(form, answers, about), lang)
    rows = []
    for page in showing(form, answers, about):
        for question in page.questions:
            if question.kind == "signature":
                continue
            value = answers.get(question.id)
            rows.append(
                Shown(
                    page=page.id,
                    question=question.id,
                    kind=question.kind,
                    ask=question.ask.on_paper(lang) if paper else question.ask.say(lang, said),
                    explains=explains(question, lang, said, paper=paper),
                    answer=value,
                    says="" if value is None else _says(question, value, lang, paper),
                )
            )
    return tuple(rows)


def _says(question: Question, value: Any, lang: str, paper: bool) -> str:
    kind = KINDS[question.kind]
    boxes = kind.options(question, lang, paper=True) if paper else ()
    return next((label for option, label in boxes if option == value), kind.say(question, value, lang))
