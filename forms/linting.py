"""What a definition must hold to work: refused here, before any client meets it."""

import re
from collections.abc import Iterator, Mapping
from itertools import combinations, product
from math import prod
from typing import Any

from forms.answers import shown_questions
from forms.definition import Condition, DefinitionError, Form, Grant, Question, Text
from forms.kinds import KINDS
from forms.vocabulary import PURPOSES, TOPICS

NAME = re.compile(r"[a-z][a-z0-9_]*")
WITH_OPTIONS = ("choice", "choices")
NEVER_INSERT = ("hint", "then", "missing")  # they stand on paper too, or where nothing is answered yet
MOST_TRIALS = 20_000
NEVER_FILLED = ("decision", "notice", "signature")
SIGNERS = ("client", "parent", "guardian", "agent")


def lint(file: str, form: Form) -> None:
    """Raises DefinitionError for the first thing that cannot work."""
    for key, reason in faults(form):
        raise DefinitionError(file, key, reason)


def faults(form: Form) -> Iterator[tuple[str, str]]:
    """Everything that cannot work, as (key, reason)."""
    yield from _names(form)
    yield from _languages(form)
    yield from _questions(form)
    yield from _never_shown(form)
    for number, grant in enumerate(form.grants, 1):
        yield from _grant(form, f"grant {number}", grant)


def _names(form: Form) -> Iterator[tuple[str, str]]:
    ids = [form.id, *(page.id for page in form.pages)]
    for name in [*ids, *(question.id for question in form.questions())]:
        if not NAME.fullmatch(name):
            yield name, "is not a name: small letters, digits and _ , beginning with a letter"
    for names in ([page.id for page in form.pages], [question.id for question in form.questions()]):
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield name, "stands twice"
    if form.version < 1:
        yield "version", "is less than 1"
    if form.minutes < 1:
        yield "minutes", "is less than 1"
    if not form.pages:
        yield "page", "there is none"
    for signer in form.signer:
        if signer not in SIGNERS:
            yield "signer", f"{signer} is not one of {', '.join(SIGNERS)}"


def _texts(form: Form) -> Iterator[tuple[str, Text]]:
    for key in ("title", "purpose", "attest", "take_back"):
        yield key, getattr(form, key)
    for page in form.pages:
        if page.title:
            yield f"{page.id}.title", page.title
        for question in page.questions:
            for key in ("ask", "why", "hint", "then", "missing"):
                text = getattr(question, key)
                if text is not None:
                    yield f"{question.id}.{key}", text
            for option in question.options:
                yield f"{question.id}.{option.id}", option.label


def _languages(form: Form) -> Iterator[tuple[str, str]]:
    if not form.languages:
        yield "languages", "there is none"
    for key, text in _texts(form):
        for lang in form.languages:
            if lang not in text.by_lang:
                yield key, f"has no words in {lang}"
        for lang in text.by_lang:
            if lang not in form.languages:
                yield key, f"has words in {lang}, which the form does not list"
    for number, grant in enumerate(form.grants, 1):
        for key, text in (("says", grant.says), ("refused", grant.refused)):
            if "en" not in text.by_lang:
                yield f"grant {number}.{key}", "has no words in en, the staff's language"


def _questions(form: Form) -> Iterator[tuple[str, str]]:
    earlier: dict[str, Question] = {}
    for page in form.pages:
        yield from _condition(page.id, page.when, earlier)
        for question in page.questions:
            yield from _condition(question.id, question.when, earlier)
            yield from _question(question, earlier)
            earlier[question.id] = question


def _condition(key: str, when: Condition, earlier: dict[str, Question]) -> Iterator[tuple[str, str]]:
    for test in when.tests:
        asked = earlier.get(test.question)
        if asked is None:
            yield f"{key}.when", f"asks {test.question}, which is not an earlier question of this form"
        elif not KINDS[asked.kind].answered if asked.kind in KINDS else False:
            yield f"{key}.when", f"asks {test.question}, which has no answer"
        elif test.equals != "answered" and test.equals not in _values(asked):
            yield f"{key}.when", f"{test.question} is never {test.equals!r}: this can never show"
    if when.how == "all":
        wanted: dict[str, str] = {}
        for test in when.tests:
            single = earlier.get(test.question)
            if wanted.setdefault(test.question, test.equals) != test.equals and (
                single is None or single.kind != "choices"
            ):
                yield f"{key}.when", f"{test.question} cannot be two things at once: this can never show"


def _values(question: Question) -> frozenset[str]:
    kind = KINDS.get(question.kind)
    if kind is None:
        return frozenset()
    lang = next(iter(question.ask.by_lang))
    options = (
        [(option.id, "") for option in question.options]
        if question.kind in WITH_OPTIONS
        else kind.options(question, lang)
    )
    return frozenset(option for option, _ in options)


def _question(question: Question, earlier: dict[str, Question]) -> Iterator[tuple[str, str]]:
    if question.kind not in KINDS:
        yield f"{question.id}.kind", f"{question.kind!r} is not one of {', '.join(sorted(KINDS))}"
    if (question.kind in WITH_OPTIONS) != bool(question.options):
        yield f"{question.id}.options", "a choice has options, and nothing else has"
    if question.fills and question.kind in NEVER_FILLED:
        yield f"{question.id}.fills", f"a {question.kind} is never filled in beforehand"
    ids = [option.id for option in question.options]
    if len(set(ids)) != len(ids):
        yield f"{question.id}.options", "an option stands twice"
    for key in ("ask", "hint", "then", "missing", "why"):
        text = getattr(question, key)
        for insert in sorted(text.inserts()) if text is not None else ():
            if insert not in earlier:
                yield f"{question.id}.{key}", f"inserts {insert}, which is not an earlier question"
            elif key in NEVER_INSERT:
                yield f"{question.id}.{key}", f"inserts {insert}, which only ask and why can"
            elif key == "ask" and any(lang not in question.ask.paper for lang in question.ask.by_lang):
                yield f"{question.id}.paper", f"inserts {insert}, so it must say how it reads on paper"


def _never_shown(form: Form) -> Iterator[tuple[str, str]]:
    """Questions that no answers bring up: each condition can hold, and all on the way to it cannot."""
    conditions: dict[str, tuple[Condition, Condition]] = {
        question.id: (page.when, question.when) for page in form.pages for question in page.questions
    }
    tests = [test for pair in conditions.values() for when in pair for test in when.tests]
    for name, pair in conditions.items():
        asked = _behind(pair, conditions)
        domains = [_trials([t.equals for t in tests if t.question == other], form, other) for other in asked]
        if not asked or prod(map(len, domains)) > MOST_TRIALS:
            continue
        tried = (dict(zip(asked, values, strict=True)) for values in product(*domains))
        if not any(question.id == name for given in tried for question in shown_questions(form, given)):
            yield f"{name}.when", "no answers lead here: this can never show"


def _behind(pair: tuple[Condition, Condition], conditions: Mapping[str, tuple[Condition, ...]]) -> list[str]:
    """The questions that decide, directly or through others, whether a question shows."""
    found: list[str] = []
    todo = [name for when in pair for name in sorted(when.questions())]
    while todo:
        name = todo.pop()
        if name not in found and name in conditions:
            found.append(name)
            todo.extend(other for when in conditions[name] for other in when.questions())
    return found


def _trials(values: list[str], form: Form, name: str) -> list[Any]:
    """Answers that differ for conditions: none, each that is compared with, and one that is not."""
    question = form.question(name)
    singles = sorted({value for value in values if value != "answered"})
    other = next((value for value in sorted(_values(question)) if value not in singles), None)
    if question.kind == "choices":
        held = [list(some) for n in range(len(singles) + 1) for some in combinations(singles, n)]
        return [*held, [other]] if other else held
    spare = other if other or _values(question) else "something"
    return [None, *singles, spare] if spare else [None, *singles]


def _grant(form: Form, key: str, grant: Grant) -> Iterator[tuple[str, str]]:
    questions = {question.id: question for question in form.questions()}
    decision = questions.get(grant.decision)
    if decision is None or decision.kind != "decision":
        yield f"{key}.decision", f"{grant.decision} is not a decision of this form"
    elif decision.then is None:
        yield f"{decision.id}.then", "a decision that grants says what the other person would then know"
    if grant.purpose not in PURPOSES:
        yield f"{key}.purpose", f"{grant.purpose} is not one of {', '.join(PURPOSES)}"
    if grant.party != "client" and grant.party not in questions:
        yield f"{key}.party", f"{grant.party} is neither a question of this form nor the client"
    if grant.until is not None and (grant.until not in questions or questions[grant.until].kind != "date"):
        yield f"{key}.until", f"{grant.until} is not a date of this form"
    yield from _condition(key, grant.when, questions)
    for text_key, text in (("says", grant.says), ("refused", grant.refused)):
        for insert in sorted(text.inserts() - set(questions)):
            yield f"{key}.{text_key}", f"inserts {insert}, which is not a question of this form"
    yield from _topics(key, grant, questions)


def _topics(key: str, grant: Grant, questions: dict[str, Question]) -> Iterator[tuple[str, str]]:
    topics = grant.topics
    if grant.topics_from is not None:
        chosen = questions.get(grant.topics_from)
        if chosen is None or chosen.kind != "choices":
            yield f"{key}.topics_from", f"{grant.topics_from} is not a list of choices of this form"
            return
        topics = tuple(option.id for option in chosen.options)
    if not topics:
        yield f"{key}.topics", "there is none"
    for topic in topics:
        if topic not in TOPICS:
            yield f"{key}.topics", f"{topic} is not one of {', '.join(TOPICS)}"
