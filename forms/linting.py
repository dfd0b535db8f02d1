"""What a definition must hold to work: refused here, before any client meets it."""

import re
from collections.abc import Iterator

from forms.definition import Condition, DefinitionError, Form, Grant, Question, Text
from forms.kinds import KINDS
from forms.vocabulary import PURPOSES, TOPICS

NAME = re.compile(r"[a-z][a-z0-9_]*")
WITH_OPTIONS = ("choice", "choices")
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
            yield f"{key}.when", f"asks {test.question}, which is not an earlier question"
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
    ids = [option.id for option in question.options]
    if len(set(ids)) != len(ids):
        yield f"{question.id}.options", "an option stands twice"
    for key in ("ask", "hint", "then", "missing", "why"):
        text = getattr(question, key)
        for insert in sorted(text.inserts()) if text is not None else ():
            if insert not in earlier:
                yield f"{question.id}.{key}", f"inserts {insert}, which is not an earlier question"
            elif key == "ask" and any(lang not in question.ask.paper for lang in question.ask.by_lang):
                yield f"{question.id}.paper", f"inserts {insert}, so it must say how it reads on paper"


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
    for name in grant.when.questions() - set(questions):
        yield f"{key}.when", f"asks {name}, which is not a question of this form"
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
