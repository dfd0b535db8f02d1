"""What a definition must hold to work: refused here, before any client meets it."""

import re
from collections.abc import Iterable, Iterator, Mapping

from forms.definition import (
    CLIENT,
    INSERT_TOPICS,
    READERS,
    Condition,
    DefinitionError,
    Form,
    Grant,
    Question,
    Refusal,
    Test,
    Text,
)
from forms.kinds import KINDS
from forms.reach import WITH_OPTIONS, useless_conditions, values_of
from forms.signers import SIGNERS
from forms.vocabulary import PURPOSES, TOPICS

NAME = re.compile(r"[a-z][a-z0-9_]*")
PLACE = re.compile(r"(?:client|guardian)\.[a-z][a-z0-9_]*")
RESERVED = (CLIENT, READERS, INSERT_TOPICS)
NEVER_INSERT = ("hint", "then", "missing")  # they stand on paper too, or where nothing is answered yet
NEVER_FILLED = ("decision", "notice", "signature")
NAMING = ("person", "clinician", "name", "short_text")
WRITTEN = ("short_text", "long_text")

Fault = tuple[str, str]
Questions = Mapping[str, Question]


def lint(file: str, form: Form) -> None:
    """Raises DefinitionError for the first thing that cannot work."""
    for key, reason in faults(form):
        raise DefinitionError(file, key, reason)


def faults(form: Form) -> Iterator[Fault]:
    """Everything that cannot work, as (key, reason)."""
    yield from _names(form)
    yield from _languages(form)
    yield from _questions(form)
    yield from useless_conditions(form)
    questions = {question.id: question for question in form.questions()}
    for number, grant in enumerate(form.grants, 1):
        yield from _grant(f"grant {number}", grant, questions)
    for number, refusal in enumerate(form.refusals, 1):
        yield from _refusal(f"refusal {number}", refusal, questions)
    yield from _decides_nothing(form)
    for question in form.questions():
        if question.kind == "signature" and not form.needs_signature():
            yield (
                f"{question.id}.kind",
                "this form needs no signature: say `signature = true`, or leave it out",
            )


def _names(form: Form) -> Iterator[Fault]:
    ids = [form.id, *(page.id for page in form.pages)]
    for name in [*ids, *(question.id for question in form.questions())]:
        if not NAME.fullmatch(name):
            yield name, "is not a name: small letters, digits and _ , beginning with a letter"
    for names in ([page.id for page in form.pages], [question.id for question in form.questions()]):
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield name, "stands twice"
        for name in sorted(set(names) & set(RESERVED)):
            yield name, "means somebody else here: choose another name"
    if form.version < 1:
        yield "version", "is less than 1"
    if form.minutes < 1:
        yield "minutes", "is less than 1"
    if not form.pages:
        yield "page", "there is none"
    if not form.signer:
        yield "signer", "there is none"
    for signer in form.signer:
        if signer not in SIGNERS:
            yield "signer", f"{signer} is not one of {', '.join(SIGNERS)}"


def texts_of(form: Form) -> Iterator[tuple[str, Text]]:
    """Everything that a client reads of a form, by its name."""
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


def _languages(form: Form) -> Iterator[Fault]:
    if not form.languages:
        yield "languages", "there is none"
    for key, text in texts_of(form):
        for lang in form.languages:
            if lang not in text.by_lang:
                yield key, f"has no words in {lang}"
        for lang in text.by_lang:
            if lang not in form.languages:
                yield key, f"has words in {lang}, which the form does not list"


def _questions(form: Form) -> Iterator[Fault]:
    earlier: dict[str, Question] = {}
    behind = _conditions_of(form)
    for page in form.pages:
        yield from _condition(page.id, page.group_when, earlier, behind)
        yield from _condition(page.id, page.when, earlier, behind)
        for question in page.questions:
            yield from _condition(question.id, question.when, earlier, behind)
            yield from _question(question, earlier)
            earlier[question.id] = question


def _conditions_of(form: Form) -> Mapping[str, frozenset[str]]:
    """For each question, those that its own and its page's conditions ask."""
    return {
        question.id: page.group_when.questions() | page.when.questions() | question.when.questions()
        for page in form.pages
        for question in page.questions
    }


def _condition(
    key: str, when: Condition, earlier: Questions, behind: Mapping[str, frozenset[str]]
) -> Iterator[Fault]:
    for test in when.tests:
        if test.question == CLIENT:
            if not test.operator.startswith("age_"):
                yield f"{key}.when", "of the client only an age is asked: age_under or age_from"
        elif test.question not in earlier:
            yield f"{key}.when", _not_earlier(test.question, behind)
        else:
            yield from _test(key, test, earlier[test.question])
    if when.how == "all":
        yield from _two_things(key, when, earlier)


def _not_earlier(asked: str, behind: Mapping[str, frozenset[str]]) -> str:
    reason = f"asks {asked}, which is not an earlier question of this form"
    return f"{reason}: a cycle, for {asked} waits for itself" if _waits_for_itself(asked, behind) else reason


def _waits_for_itself(name: str, behind: Mapping[str, frozenset[str]]) -> bool:
    seen: set[str] = set()
    todo = list(behind.get(name, ()))
    while todo:
        here = todo.pop()
        if here not in seen:
            seen.add(here)
            todo.extend(behind.get(here, ()))
    return name in seen


def _test(key: str, test: Test, asked: Question) -> Iterator[Fault]:
    if asked.kind not in KINDS or not KINDS[asked.kind].answered:
        yield f"{key}.when", f"asks {asked.id}, which has no answer"
    elif test.operator in ("before", "after"):
        if asked.kind != "date":
            yield f"{key}.when", f"{asked.id} is no date, so nothing lies before or after it"
    elif test.operator.startswith("age_"):
        yield f"{key}.when", f"{asked.id} has no age; an age is asked of the client"
    else:
        for value in sorted(set(test.values) - values_of(asked)):
            yield f"{key}.when", f"{asked.id} is never {value!r}: this can never show"


def _two_things(key: str, when: Condition, earlier: Questions) -> Iterator[Fault]:
    wanted: dict[str, str] = {}
    for test in when.tests:
        asked = earlier.get(test.question)
        if test.operator != "equals" or (asked is not None and asked.kind == "choices"):
            continue
        if wanted.setdefault(test.question, test.values[0]) != test.values[0]:
            yield f"{key}.when", f"{test.question} cannot be two things at once: this can never show"


def _question(question: Question, earlier: Questions) -> Iterator[Fault]:
    if question.kind not in KINDS:
        yield f"{question.id}.kind", f"{question.kind!r} is not one of {', '.join(sorted(KINDS))}"
    if (question.kind in WITH_OPTIONS) != bool(question.options):
        yield f"{question.id}.options", "a choice has options, and nothing else has"
    if question.fills and question.kind in NEVER_FILLED:
        yield f"{question.id}.fills", f"a {question.kind} is never filled in beforehand"
    if question.fills and not PLACE.fullmatch(question.fills):
        yield f"{question.id}.fills", "is no place like client.phone or guardian.name"
    if question.day and question.kind != "date":
        yield f"{question.id}.day", "only a date lies in the past or the future"
    ids = [option.id for option in question.options]
    if len(set(ids)) != len(ids):
        yield f"{question.id}.options", "an option stands twice"
    if "answered" in ids:
        yield f"{question.id}.options", "no option is called answered: conditions could not ask for it"
    yield from _inserts(question, earlier)


def _inserts(question: Question, earlier: Questions) -> Iterator[Fault]:
    for key in ("ask", "hint", "then", "missing", "why"):
        text = getattr(question, key)
        for insert in sorted(text.inserts()) if text is not None else ():
            if insert not in earlier:
                yield f"{question.id}.{key}", f"inserts {insert}, which is not an earlier question"
            elif key in NEVER_INSERT:
                yield f"{question.id}.{key}", f"inserts {insert}, which only ask and why can"
            elif key == "ask" and any(lang not in question.ask.paper for lang in question.ask.by_lang):
                yield f"{question.id}.paper", f"inserts {insert}, so it must say how it reads on paper"


def _grant(key: str, grant: Grant, questions: Questions) -> Iterator[Fault]:
    decision = questions.get(grant.decision)
    if decision is None or decision.kind != "decision":
        yield f"{key}.decision", f"{grant.decision} is not a decision of this form"
    elif decision.then is None:
        yield f"{decision.id}.then", "a decision that grants says what the other person would then know"
    if grant.purpose not in PURPOSES:
        yield f"{key}.purpose", f"{grant.purpose} is not one of {', '.join(PURPOSES)}"
    yield from _party(key, grant.party, questions, (CLIENT, READERS))
    if grant.until is not None and not _is_kind(questions, grant.until, ("date",)):
        yield f"{key}.until", f"{grant.until} is not a date of this form"
    if grant.until_event is not None and not _is_kind(questions, grant.until_event, WRITTEN):
        yield f"{key}.until_event", f"{grant.until_event} is not a question of this form for own words"
    yield from _condition(key, grant.when, questions, {})
    yield from _staff_words(
        key, {"says": grant.says, "refused": grant.refused}, questions, frozenset({INSERT_TOPICS})
    )
    yield from _topics(key, grant, questions)


def _party(key: str, party: str, questions: Questions, others: Iterable[str]) -> Iterator[Fault]:
    if party not in others and not _is_kind(questions, party, NAMING):
        allowed = " or the client" if others else ""
        yield f"{key}.party", f"{party} is neither a question of this form that names somebody{allowed}"


def _is_kind(questions: Questions, name: str, kinds: Iterable[str]) -> bool:
    return name in questions and questions[name].kind in kinds


def _staff_words(
    key: str, texts: Mapping[str, Text], questions: Questions, allowed: frozenset[str] = frozenset()
) -> Iterator[Fault]:
    for text_key, text in texts.items():
        if "en" not in text.by_lang:
            yield f"{key}.{text_key}", "has no words in en, the staff's language"
        for insert in sorted(text.inserts() - set(questions) - allowed):
            yield f"{key}.{text_key}", f"inserts {insert}, which is not a question of this form"


def _topics(key: str, grant: Grant, questions: Questions) -> Iterator[Fault]:
    ticked: list[str] = []
    for name in grant.topics_from:
        if not _is_kind(questions, name, ("choices",)):
            yield f"{key}.topics_from", f"{name} is not a list of choices of this form"
            return
        ticked += [option.id for option in questions[name].options]
    if not grant.topics and not ticked:
        yield f"{key}.topics", "there is none"
    yield from _known_topics(key, [*grant.topics, *ticked])
    for topic in grant.topics:
        if topic in TOPICS and TOPICS[topic].protected:
            yield f"{key}.topics", f"{topic} is protected: it is granted only where it was ticked by itself"


def _known_topics(key: str, topics: Iterable[str]) -> Iterator[Fault]:
    for topic in topics:
        if topic not in TOPICS:
            yield f"{key}.topics", f"{topic} is not one of {', '.join(TOPICS)}"


def _refusal(key: str, refusal: Refusal, questions: Questions) -> Iterator[Fault]:
    yield from _party(key, refusal.party, questions, ())
    yield from _known_topics(key, refusal.topics)
    yield from _condition(key, refusal.when, questions, {})
    yield from _staff_words(key, {"says": refusal.says}, questions)


def _decides_nothing(form: Form) -> Iterator[Fault]:
    """A decision promises that it decides; what only asks is a yes_no."""
    granted = {grant.decision for grant in form.grants}
    for question in form.questions():
        if question.kind == "decision" and question.id not in granted:
            yield f"{question.id}.kind", "no grant names this decision: add one, or ask a yes_no"
