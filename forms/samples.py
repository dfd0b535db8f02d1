"""Sample answers: walks through a form that open, between them, every page that any answers open."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from math import prod
from typing import Any

from forms.answers import missing, shown_questions
from forms.definition import CLIENT, MAJORITY, TODAY, About, Condition, Form, Page, Question, Test, Text
from forms.kinds import KINDS, Part, Problem
from forms.kinds.kind import text
from forms.periods import years_after

MOST_TRIED = 20_000  # combinations of answers, for one question that the first walk does not show
A_YEAR = timedelta(days=365)
ADULT_YEARS, CHILD_YEARS = 40, 10

CLIENT_NAME = "Rose Nylund"
PEOPLE = ("Blanche Devereaux", "Dorothy Zbornak", "Sophia Petrillo", "Miles Webber", "Stanley Zbornak")
CLIENTS_OWN = ("client.name", "client.preferred_name")
CLINICIANS = ("Dr. Elliot Clayton", "Dr. Harry Weston", "Dr. Barbara Thorndyke")
BY_PART: Mapping[str, Text] = {
    "relation": text("Friend", "Amiga"),
    "role": text("Family doctor", "Médico de familia"),
    "practice": text("Shady Pines Family Practice", "Consultorio Shady Pines"),
    "address": text("12 Richmond Street, Miami", "Richmond Street 12, Miami"),
    "street": text("6151 Richmond Street", "Richmond Street 6151"),
    "city": text("Miami", "Miami"),
    "state": text("Florida", "Florida"),
    "postcode": text("33101", "33101"),
}
BY_MODE = {"tel": "512 555 0134", "email": "rose@example.com"}
INITIALS = "R. N."
A_LINE = text("A few words", "Unas palabras")
SENTENCES = text(
    "A few words, as a client would write them.", "Unas palabras, como las escribiría un cliente."
)

NO_WAY = "no sample answers lead here"
TOO_MANY = "too many answers would have to be tried"


@dataclass(frozen=True)
class Walk:
    """One way through a form. Where it leaves the first walk are its `chosen` answers, and who the client is
    (`another`: a child, somebody just of age, or somebody whose birth date is not on file)."""

    answers: Mapping[str, Any]
    about: About
    chosen: Mapping[str, Any]
    another: bool = False


@dataclass(frozen=True)
class Samples:
    """The walks, each of which shows something that none before it does; and what none shows, with why."""

    walks: tuple[Walk, ...]
    unseen: tuple[tuple[Question, str], ...]


def samples(form: Form, lang: str, today: date, majority: int = 18) -> Samples:
    """The walk that allows, affirms and ticks everything; then one for whatever only other answers show."""
    usual = About(today, years_after(today, -ADULT_YEARS), majority)
    walks = [_walk(form, lang, usual, {})]
    seen = set(_seen(form, walks[0]))
    unseen = []
    for question in form.questions():
        if question.id in seen:
            continue
        found = _walk_to(form, question, lang, usual)
        if isinstance(found, Walk):
            walks.append(found)
            seen |= set(_seen(form, found))
        else:
            unseen.append((question, found))
    return Samples(tuple(walks), tuple(unseen))


def _seen(form: Form, walk: Walk) -> Iterator[str]:
    return (question.id for question in shown_questions(form, walk.answers, walk.about))


def _walk(form: Form, lang: str, about: About, chosen: Mapping[str, Any]) -> Walk:
    """Through the form from its first page to its last; None stands in `chosen` for what is left empty."""
    answers: dict[str, Any] = {}
    numbers = _numbers(form)
    for page, question in _all(form):
        if not (page.shows(answers, about) and question.when.holds(answers, about)):
            continue
        value = (
            chosen[question.id]
            if question.id in chosen
            else sample(question, lang, about, numbers[question.id])
        )
        if value is not None:
            answers[question.id] = value
    return Walk(answers, about, chosen)


def _all(form: Form) -> Iterator[tuple[Page, Question]]:
    return ((page, question) for page in form.pages for question in page.questions)


def _walk_to(form: Form, target: Question, lang: str, usual: About) -> Walk | str:
    """The walk to a question that leaves the first walk in the fewest answers; or why there is none."""
    names = _hangs_on(form, target)
    tests = [test for when in _conditions(form) for test in when.tests]
    values = [_choices(form, form.question(name), lang, usual, tests) for name in names]
    abouts = _abouts([test for test in tests if test.question == CLIENT], usual)
    if prod(map(len, values)) * len(abouts) > MOST_TRIED:
        return TOO_MANY
    tries = product(range(len(abouts)), *(range(len(some)) for some in values))
    for which, *places in sorted(tries, key=lambda places: sum(place > 0 for place in places)):
        chosen = {
            name: some[place] for name, some, place in zip(names, values, places, strict=True) if place > 0
        }
        walk = _walk(form, lang, abouts[which], chosen)
        if target.id in _seen(form, walk) and not missing(form, walk.answers, walk.about):
            return replace(walk, another=which > 0)
    return NO_WAY


def _numbers(form: Form) -> dict[str, int]:
    """Each question's number among those that draw on the same names, from 0."""
    counts: Counter[Sequence[str]] = Counter()
    numbers = {}
    for question in form.questions():
        names = _names_for(question)
        numbers[question.id] = counts[names]
        counts[names] += 1
    return numbers


def _names_for(question: Question) -> Sequence[str]:
    """The names that somebody could give here."""
    if question.fills in CLIENTS_OWN:
        return (CLIENT_NAME,)
    return {"clinician": CLINICIANS, "person": PEOPLE, "name": PEOPLE}.get(question.kind, ())


def _conditions(form: Form) -> Iterator[Condition]:
    for page, question in _all(form):
        yield from (page.group_when, page.when, question.when)


def _hangs_on(form: Form, target: Question) -> list[str]:
    """The questions that decide, directly or through others, whether this one shows; in the form's order."""
    behind = {
        question.id: [
            name for when in (page.group_when, page.when, question.when) for name in sorted(when.questions())
        ]
        for page, question in _all(form)
    }
    found: set[str] = set()
    todo = list(behind[target.id])
    while todo:
        name = todo.pop()
        if name not in found and name in behind:
            found.add(name)
            todo += behind[name]
    return [question.id for question in form.questions() if question.id in found]


def _choices(form: Form, question: Question, lang: str, about: About, tests: Sequence[Test]) -> list[Any]:
    """What a walk may answer: the usual sample first, and last nothing where that is allowed."""
    usual = sample(question, lang, about, _numbers(form)[question.id])
    offered = [option for option, _ in KINDS[question.kind].options(question, lang)]
    if question.kind == "choices":
        others: list[Any] = [[one] for one in offered]
        others += [[one for one in offered if one != left] for left in offered]
    elif question.kind == "date":
        asked = [test for test in tests if test.question == question.id]
        others = [day for day in _days_around(asked, about) if _passes(question, day, lang, about)]
    else:
        others = offered
    spare = [] if question.required else [None]
    return [usual, *(value for value in others if value not in (usual, [])), *spare]


def _days_around(tests: Sequence[Test], about: About) -> Iterator[str]:
    """The days just before, on and just after each day that something is compared with."""
    for limit in (value for test in tests if test.operator in ("before", "after") for value in test.values):
        day = about.today if limit == TODAY else date.fromisoformat(limit)
        if day is not None:
            yield from ((day + timedelta(days=more)).isoformat() for more in (-1, 0, 1))


def _passes(question: Question, day: str, lang: str, about: About) -> bool:
    try:
        KINDS[question.kind].check(question, day, lang, about)
    except Problem:
        return False
    return True


def _abouts(tests: Sequence[Test], usual: About) -> list[About]:
    """The usual client; where ages matter also a child, somebody of and just under each age, and of none."""
    if not tests or usual.today is None:
        return [usual]
    asked = {usual.majority if value == MAJORITY else int(value) for test in tests for value in test.values}
    ages = [CHILD_YEARS, *(age - less for age in sorted(asked) for less in (0, 1) if age >= less)]
    born = [*(years_after(usual.today, -age) for age in ages), None]
    return [usual, *(replace(usual, born=day) for day in born)]


def sample(question: Question, lang: str, about: About, number: int = 0) -> Any:
    """An answer as somebody would give it, None where nothing is asked; `number` tells people apart."""
    kind = KINDS[question.kind]
    if not kind.answered or question.kind == "signature":
        return None
    options = [option for option, _ in kind.options(question, lang)]
    if question.kind == "date":
        return _day(question, about).isoformat()
    if question.kind == "choices":
        return options
    if options:
        return options[0]
    return kind.coerce(question, {part.id: _typed(question, part, lang, number) for part in kind.parts}, lang)


def _day(question: Question, about: About) -> date:
    """The client's birth date where that is asked; else a year ahead or back, as the question wants it."""
    today = about.today or date(2027, 1, 1)
    if question.fills == "client.born" and about.born is not None:
        return about.born
    return today - A_YEAR if question.day == "past" else today + A_YEAR


def _typed(question: Question, part: Part, lang: str, number: int) -> str:
    if part.inputmode in BY_MODE:
        return BY_MODE[part.inputmode]
    if part.id in BY_PART:
        return BY_PART[part.id].say(lang)
    names = _names_for(question)
    if names and part.id in ("", "name"):
        return names[number % len(names)]
    if question.kind == "initials":
        return INITIALS
    return (SENTENCES if question.kind == "long_text" else A_LINE).say(lang)
