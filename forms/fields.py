"""A page of a definition as a WTForms class, and what was sent read back into answers."""

from collections.abc import Mapping
from typing import Any

import wtforms
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from forms.definition import UNKNOWN, About, Answers, Page, Question
from forms.kinds import KINDS, Part, Problem
from forms.kinds.kind import MISSING


def input_name(question: Question, part: Part) -> str:
    """The name and html id of one input: the question's, or the question's and the part's."""
    return f"{question.id}-{part.id}" if part.id else question.id


def page_form(page: Page, lang: str, base: type[wtforms.Form] = wtforms.Form) -> type[wtforms.Form]:
    """The inputs of a page, one WTForms field each, with the choices of that language."""
    fields = {
        input_name(question, part): _field(question, part, lang)
        for question in page.questions
        for part in KINDS[question.kind].parts
        if part.mark != "signature"
    }
    return type("PageForm", (base,), fields)


def _field(question: Question, part: Part, lang: str) -> Any:
    options = [SelectChoice(value, said) for value, said in KINDS[question.kind].options(question, lang)]
    label = part.label.by_lang.get(lang) or part.label.say("en")
    if question.kind == "choices":
        return wtforms.SelectMultipleField(label, choices=options, validate_choice=False)
    if options:
        return wtforms.RadioField(label, choices=options, validate_choice=False)
    if question.kind == "long_text":
        return wtforms.TextAreaField(label)
    return wtforms.StringField(label)


def as_inputs(page: Page, answers: Answers) -> dict[str, Any]:
    """Answers as the values of a page's inputs."""
    values: dict[str, Any] = {}
    for question in page.questions:
        value = answers.get(question.id)
        if value is None:
            continue
        for part in KINDS[question.kind].parts:
            values[input_name(question, part)] = _part_value(question, part, value)
    return values


def _part_value(question: Question, part: Part, value: Any) -> Any:
    if question.kind == "date":
        year, month, day = str(value).split("-")
        return {"year": year, "month": str(int(month)), "day": str(int(day))}[part.id]
    return value.get(part.id, "") if isinstance(value, Mapping) else value


def read_page(
    page: Page, sent: wtforms.Form, lang: str, about: About = UNKNOWN
) -> tuple[dict[str, Any], dict[str, str]]:
    """The answers of a page, and its problems by input name, in the page's language.

    A required question without an answer is a problem; so is an option that was never offered.
    """
    answers: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for question in page.questions:
        kind = KINDS[question.kind]
        if not kind.answered:
            continue
        raw = {part.id: sent[input_name(question, part)].data for part in kind.parts}
        first = input_name(question, kind.parts[0])
        try:
            value = kind.coerce(question, raw, lang)
            if value is not None:
                kind.check(question, value, lang, about)
        except Problem as problem:
            problems[f"{question.id}-{problem.part}" if problem.part else first] = problem.message
            continue
        if value is not None:
            answers[question.id] = value
        elif question.required:
            problems[first] = (question.missing or MISSING).say(lang)
    return answers, problems
