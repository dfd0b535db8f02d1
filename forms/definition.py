"""A form as it was defined: pages, questions, conditions and grants, all of it plain frozen data."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
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
        return INSERT.sub(lambda found: given.get(found[1], found[0]), self.by_lang[lang])

    def on_paper(self, lang: str) -> str:
        return self.paper.get(lang, self.by_lang[lang])

    def inserts(self) -> frozenset[str]:
        """The names of the questions whose answers this text inserts."""
        return frozenset(name for said in self.by_lang.values() for name in INSERT.findall(said))


@dataclass(frozen=True)
class Option:
    id: str
    label: Text


@dataclass(frozen=True)
class Test:
    """One comparison: a question is `answered`, or it equals (or, of several, holds) a value."""

    question: str
    equals: str

    def holds(self, answers: Answers) -> bool:
        value = answers.get(self.question)
        if self.equals == "answered":
            return value not in (None, "", [], {})
        return self.equals in value if isinstance(value, list) else value == self.equals


@dataclass(frozen=True)
class Condition:
    """`all`, `any` or `none` of some tests; no tests under `all` always holds."""

    how: str = "all"
    tests: tuple[Test, ...] = ()

    def holds(self, answers: Answers) -> bool:
        results = [test.holds(answers) for test in self.tests]
        if self.how == "any":
            return any(results)
        return not any(results) if self.how == "none" else all(results)

    def questions(self) -> frozenset[str]:
        return frozenset(test.question for test in self.tests)


ALWAYS = Condition()


@dataclass(frozen=True)
class Question:
    """One thing asked. `then` says what the other person will know; `missing` is said when it is empty."""

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


@dataclass(frozen=True)
class Page:
    id: str
    title: Text | None
    questions: tuple[Question, ...]
    when: Condition


@dataclass(frozen=True)
class Grant:
    """What an allowed decision permits: to tell `party` about `topics`, for `purpose`, up to `until`.

    `topics_from` names a list of choices whose ticked options are the topics instead.
    """

    when: Condition
    decision: str
    purpose: str
    party: str
    topics: tuple[str, ...]
    topics_from: str | None
    until: str | None
    says: Text
    refused: Text


@dataclass(frozen=True)
class Period:
    """An ISO 8601 period of years, months and days, as in `P2Y`."""

    years: int = 0
    months: int = 0
    days: int = 0


@dataclass(frozen=True)
class Form:
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

    def content_hash(self) -> str:
        """SHA-256 over all that a person reads and all that it means; the same on every machine."""
        plain = json.dumps(_plain(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(plain.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return value
