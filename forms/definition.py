"""A form as it was defined: pages, questions, conditions and grants, all of it plain frozen data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

INSERT = re.compile(r"\{([^{}]*)\}")
Value = str | list[str] | dict[str, str]
Answers = Mapping[str, Any]


class DefinitionError(Exception):
    """A definition that cannot work; names the file, the key and the reason."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(f"{file}: {key}: {reason}")
        self.file, self.key, self.reason = file, key, reason


class UnknownForm(KeyError):
    """No form of this id and version is in the catalog."""


@dataclass(frozen=True)
class Text:
    """Words in each language; `{question}` inserts an answer whole, and `paper` says it without."""

    by_lang: Mapping[str, str]
    paper: Mapping[str, str]

    def say(self, lang: str, inserts: Mapping[str, str] | None = None) -> str:
        given = inserts or {}
        return INSERT.sub(lambda found: given.get(found[1], found[0]), self._in(lang))

    def on_paper(self, lang: str) -> str:
        return self.paper.get(lang) or self._in(lang)

    def _in(self, lang: str) -> str:
        """In this language; staff read a form that lacks theirs in the first that it has."""
        return self.by_lang.get(lang) or next(iter(self.by_lang.values()))

    def inserts(self) -> frozenset[str]:
        """The names of the questions whose answers this text inserts."""
        return frozenset(name for said in self.by_lang.values() for name in INSERT.findall(said))


@dataclass(frozen=True)
class Option:
    id: str
    label: Text


@dataclass(frozen=True)
class About:
    """What conditions may ask that is no answer: the practice's day, and when the client was born.

    `majority` is the age in years at which a client signs alone; it differs by state.
    """

    today: date | None = None
    born: date | None = None
    majority: int = 18

    @property
    def age(self) -> int | None:
        """Whole years; somebody born on 29 February is a year older on 1 March."""
        if self.today is None or self.born is None:
            return None
        had = (self.today.month, self.today.day) >= (self.born.month, self.born.day)
        return self.today.year - self.born.year - (not had)

    @property
    def is_minor(self) -> bool:
        return self.age is not None and self.age < self.majority


UNKNOWN = About()
CLIENT = "client"  # stands in conditions and grants for whom the form is about
READERS = "readers"  # stands in grants for whoever reads what the therapist publishes
INSERT_TOPICS = "topics"  # what a grant's own words insert for the topics that it grants
TODAY, MAJORITY = "today", "majority"
NO_ANSWER: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True)
class Test:
    """One comparison with a closed set of operators; what cannot be known does not hold.

    `question` is a question's id, or `client` for an age. `operator` is answered, equals, one_of,
    before, after (a day as ISO 8601, or `today`), age_under or age_from (years, or `majority`).
    """

    question: str
    operator: str
    values: tuple[str, ...] = ()

    def holds(self, answers: Answers, about: About = UNKNOWN) -> bool:
        if self.question == CLIENT:
            return self._age_holds(about)
        value = answers.get(self.question)
        if value in NO_ANSWER:
            return False
        if self.operator in ("before", "after"):
            return self._day_holds(str(value), about)
        held = value if isinstance(value, list) else [value]
        return self.operator == "answered" or any(one in self.values for one in held)

    def _age_holds(self, about: About) -> bool:
        if about.age is None:
            return False
        years = about.majority if self.values[0] == MAJORITY else int(self.values[0])
        return about.age < years if self.operator == "age_under" else about.age >= years

    def _day_holds(self, day: str, about: About) -> bool:
        limit = self.values[0]
        if limit == TODAY:
            if about.today is None:
                return False
            limit = about.today.isoformat()
        return day < limit if self.operator == "before" else day > limit


@dataclass(frozen=True)
class Condition:
    """`all`, `any` or `none` of some tests; no tests under `all` always holds."""

    how: str = "all"
    tests: tuple[Test, ...] = ()

    def holds(self, answers: Answers, about: About = UNKNOWN) -> bool:
        results = [test.holds(answers, about) for test in self.tests]
        if self.how == "any":
            return any(results)
        return not any(results) if self.how == "none" else all(results)

    def questions(self) -> frozenset[str]:
        return frozenset(test.question for test in self.tests if test.question != CLIENT)


ALWAYS = Condition()


@dataclass(frozen=True)
class Question:
    """One thing asked. `then` says what the other person will know; `missing` is said when it is empty.

    `day` says of a date whether it lies in the `past` or the `future`, today counted to both.
    """

    id: str
    kind: str
    ask: Text
    why: Text | None
    hint: Text | None
    then: Text | None
    missing: Text | None
    required: bool
    fills: str | None
    options: tuple[Option, ...]
    when: Condition
    day: str | None = None


@dataclass(frozen=True)
class Page:
    """What is asked at once. A page of a group stands once for each `turn` of the group, from 1."""

    id: str
    title: Text | None
    questions: tuple[Question, ...]
    when: Condition
    group: str | None = None
    turn: int = 1
    group_when: Condition = ALWAYS

    def followers(self) -> tuple[Question, ...]:
        """The questions that show only after an answer on this very page."""
        asked = {question.id for question in self.questions}
        return tuple(question for question in self.questions if question.when.questions() & asked)

    def shows(self, answers: Answers, about: About = UNKNOWN) -> bool:
        return self.group_when.holds(answers, about) and self.when.holds(answers, about)


@dataclass(frozen=True)
class Grant:
    """What an allowed decision permits: to tell `party` about topics, for `purpose`, up to its end.

    `topics_from` names lists of choices whose ticked options are topics too. What ends it is the day in
    `until`, or what the answer to `until_event` describes. `direction` is `tell`, or `ask` for what
    the party may tell us.
    """

    when: Condition
    decision: str
    purpose: str
    party: str
    topics: tuple[str, ...]
    topics_from: tuple[str, ...]
    until: str | None
    until_event: str | None
    says: Text
    refused: Text
    direction: str = "tell"


@dataclass(frozen=True)
class Refusal:
    """Somebody whom the client names as not to be told: about `topics`, or about anything at all."""

    when: Condition
    party: str
    topics: tuple[str, ...]
    says: Text


@dataclass(frozen=True)
class Period:
    """An ISO 8601 period of years, months and days, as in `P2Y`."""

    years: int = 0
    months: int = 0
    days: int = 0


@dataclass(frozen=True)
class Form:
    """A whole form. What it says about itself, beside its pages:

    `covers`: what a newer record takes the place of, the whole `form` or what stood about the same
    `party`. `confirmed_by`: the role that may confirm its paper. `offer`: `always`; `covered`, where the
    law asks for privacy notices; or `on_request`, where the practice turns it on. `signature`: signed
    though it grants nothing. `sign_again`: who signed an older version signs anew, however little changed.
    """

    id: str
    version: int
    languages: tuple[str, ...]
    title: Text
    purpose: Text
    attest: Text
    take_back: Text
    minutes: int
    before_session: bool
    order: int
    signer: tuple[str, ...]
    renew_after: Period | None
    pages: tuple[Page, ...]
    grants: tuple[Grant, ...]
    refusals: tuple[Refusal, ...] = ()
    covers: str = "form"
    signature: bool = False
    confirmed_by: str = "front_desk"
    offer: str = "always"
    sign_again: bool = False

    def questions(self) -> Iterator[Question]:
        for page in self.pages:
            yield from page.questions

    def question(self, question_id: str) -> Question:
        """Raises KeyError."""
        for question in self.questions():
            if question.id == question_id:
                return question
        raise KeyError(question_id)

    def grants_anything(self) -> bool:
        return bool(self.grants)

    def needs_signature(self) -> bool:
        """What grants something is signed; what only tells or asks is, where it says so."""
        return self.signature or self.grants_anything()
