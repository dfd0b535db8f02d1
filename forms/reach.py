"""Whether a condition can hold, and whether it can fail: found by trying the answers that make a difference.

A page that no answers bring up asks nothing; a condition that always holds says nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations, product
from math import prod
from typing import Any

from forms.answers import shown_questions
from forms.definition import CLIENT, MAJORITY, TODAY, UNKNOWN, About, Condition, Form, Page, Question, Test
from forms.kinds import KINDS

MOST_TRIALS = 20_000  # beyond it a condition is left to its author
SOME_DAY = date(2024, 6, 15)
WITH_OPTIONS = ("choice", "choices")

Trials = Sequence[tuple[Mapping[str, Any], About]]


@dataclass(frozen=True)
class Place:
    """A question with all that decides whether it shows; `earlier` are those that it hangs on."""

    page: Page
    question: Question
    earlier: tuple[str, ...]


def values_of(question: Question) -> frozenset[str]:
    """What a question's answer may be compared with."""
    if question.kind in WITH_OPTIONS:
        return frozenset(option.id for option in question.options)
    kind = KINDS.get(question.kind)
    lang = next(iter(question.ask.by_lang))
    return frozenset(option for option, _ in kind.options(question, lang)) if kind else frozenset()


def useless_conditions(form: Form) -> Iterator[tuple[str, str]]:
    """Each page or question whose condition never or always holds, with the reason."""
    tried: set[tuple[Condition, ...]] = set()
    for page in form.pages:
        for number, question in enumerate(page.questions):
            conditions = (page.group_when, page.when, question.when)
            if page.turn > 1 or conditions in tried:
                continue
            tried.add(conditions)
            place = Place(page, question, tuple(_hangs_on(form, conditions)))
            if place.earlier or any(condition.tests for condition in conditions):
                yield from _useless(form, place, first=number == 0)


def _useless(form: Form, place: Place, *, first: bool) -> Iterator[tuple[str, str]]:
    trials = _trials(form, place)
    if trials is None:
        return
    alone = replace(form, pages=_needed_pages(form, place))
    shown = [_shows(alone, place, given, about) for given, about in trials]
    if not any(shown):
        yield f"{place.question.id}.when", "no answers lead here: this can never show"
        return
    whole = [
        trial for trial in trials if not _gaps(alone, place, *trial)
    ]  # walks in which nothing required was left out
    if place.question.when.tests and _always(alone, place, whole, place.question.when, page=True):
        yield f"{place.question.id}.when", "always holds: leave it out"
    if first and place.page.when.tests and _always(alone, place, whole, place.page.when, page=False):
        yield f"{place.page.id}.when", "always holds: leave it out"


def _always(form: Form, place: Place, trials: Trials, when: Condition, *, page: bool) -> bool:
    """Whether a condition holds in every walk in which it is asked at all."""
    asked = []
    for given, about in trials:
        counted = {
            question.id: given[question.id]
            for question in shown_questions(form, given, about)
            if question.id in given
        }
        if place.page.group_when.holds(counted, about) and (
            not page or place.page.when.holds(counted, about)
        ):
            asked.append(when.holds(counted, about))
    return bool(asked) and all(asked)


def _shows(form: Form, place: Place, given: Mapping[str, Any], about: About) -> bool:
    return any(question.id == place.question.id for question in shown_questions(form, given, about))


def _gaps(form: Form, place: Place, given: Mapping[str, Any], about: About) -> bool:
    return any(
        question.required and question.id in place.earlier and question.id not in given
        for question in shown_questions(form, given, about)
    )


def _needed_pages(form: Form, place: Place) -> tuple[Page, ...]:
    """Only what the place hangs on, and itself: trying the others would change nothing."""
    wanted = {*place.earlier, place.question.id}
    pages = []
    for page in form.pages:
        questions = tuple(question for question in page.questions if question.id in wanted)
        if questions:
            pages.append(replace(page, questions=questions))
    return tuple(pages)


def _hangs_on(form: Form, conditions: Sequence[Condition]) -> list[str]:
    """The questions that decide, directly or through others, whether something shows."""
    behind = {
        question.id: (page.group_when, page.when, question.when)
        for page in form.pages
        for question in page.questions
    }
    found: list[str] = []
    todo = [name for when in conditions for name in sorted(when.questions())]
    while todo:
        name = todo.pop()
        if name not in found and name in behind:
            found.append(name)
            todo.extend(other for when in behind[name] for other in when.questions())
    return found


def _trials(form: Form, place: Place) -> list[tuple[dict[str, Any], About]] | None:
    """The answers and ages that make a difference; None where there are too many to try."""
    tests = [
        test
        for page in form.pages
        for question in page.questions
        for when in (page.group_when, page.when, question.when)
        for test in when.tests
    ]
    domains = [
        _answers([test for test in tests if test.question == name], form.question(name))
        for name in place.earlier
    ]
    abouts = _abouts([test for test in tests if test.question == CLIENT])
    if prod(map(len, domains)) * len(abouts) > MOST_TRIALS:
        return None
    tried = (dict(zip(place.earlier, values, strict=True)) for values in product(*domains))
    given = [{name: value for name, value in one.items() if value is not None} for one in tried]
    return [(one, about) for one in given for about in abouts]


def _answers(tests: Sequence[Test], question: Question) -> list[Any]:
    """Answers that differ for conditions: none, each that is compared with, and one that is not."""
    if question.kind == "date":
        limits = [_limit(value) for test in tests for value in test.values] or [SOME_DAY]
        days = {limit + timedelta(days=more) for limit in limits for more in (-1, 0, 1)}
        return [None, *(day.isoformat() for day in sorted(days))]
    singles = sorted({value for test in tests for value in test.values})
    other = next((value for value in sorted(values_of(question)) if value not in singles), None)
    if question.kind == "choices":
        held = [list(some) for n in range(len(singles) + 1) for some in combinations(singles, n)]
        return [*(one or None for one in held), *([[other]] if other else [])]
    spare = other if other or values_of(question) else "something"
    return [None, *singles, *([spare] if spare else [])]


def _limit(value: str) -> date:
    return SOME_DAY if value == TODAY else date.fromisoformat(value)


def _abouts(tests: Sequence[Test]) -> list[About]:
    """Nothing known, and somebody just under and just over each age that is asked about."""
    asked = {value for test in tests for value in test.values}
    ages = {UNKNOWN.majority if value == MAJORITY else int(value) for value in asked}
    birthdays = {SOME_DAY.replace(year=SOME_DAY.year - age) for age in ages}
    born = birthdays | {day + timedelta(days=1) for day in birthdays}
    return [About(today=SOME_DAY), *(About(today=SOME_DAY, born=day) for day in sorted(born))]
