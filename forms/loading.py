"""From a TOML file to a Form; refuses, by file, key and reason, what is not a definition."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from forms.definition import (
    ALWAYS,
    Condition,
    DefinitionError,
    Form,
    Grant,
    Option,
    Page,
    Period,
    Question,
    Test,
    Text,
)
from forms.linting import lint
from forms.periods import parse_period

FORM_KEYS = frozenset(
    "id version languages title purpose attest take_back minutes before_session order signer "
    "renew_after page grant".split()
)
PAGE_KEYS = frozenset("id title when question".split())
QUESTION_KEYS = frozenset("id kind ask why hint then missing required fills options paper when".split())
OPTION_KEYS = frozenset("id label".split())
GRANT_KEYS = frozenset("when decision purpose party topics topics_from until says refused".split())


class Table:
    """One table of a definition file, read key by key; knows where it stands."""

    def __init__(self, file: str, path: str, plain: Any, allowed: frozenset[str]) -> None:
        self.file, self.path = file, path
        if not isinstance(plain, Mapping):
            raise DefinitionError(file, path or "the file", "is not a table")
        self.plain = plain
        for key in plain:
            if key not in allowed:
                raise self.error(key, f"is not known here; known are {', '.join(sorted(allowed))}")

    def error(self, key: str, reason: str) -> DefinitionError:
        return DefinitionError(self.file, f"{self.path}.{key}" if self.path else key, reason)

    def get(
        self, key: str, kind: type | tuple[type, ...], default: Any = None, *, needed: bool = False
    ) -> Any:
        if key not in self.plain:
            if needed:
                raise self.error(key, "is missing")
            return default
        value = self.plain[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            wanted = kind.__name__ if isinstance(kind, type) else " or ".join(k.__name__ for k in kind)
            raise self.error(key, f"is not of the type {wanted}")
        return value

    def words(self, key: str, paper: Mapping[str, Any] | None = None, *, needed: bool = False) -> Text | None:
        by_lang = self.get(key, dict, needed=needed)
        if by_lang is None:
            return None
        for lang, said in by_lang.items():
            if not isinstance(said, str) or not said.strip():
                raise self.error(f"{key}.{lang}", "holds no words")
        return Text(by_lang, dict(paper or {}))

    def text(self, key: str, paper: Mapping[str, Any] | None = None) -> Text:
        found = self.words(key, paper, needed=True)
        assert found is not None  # noqa: S101  # `needed` has raised
        return found

    def strings(self, key: str, default: Sequence[str] = ()) -> tuple[str, ...]:
        values = self.get(key, list, list(default))
        if not all(isinstance(value, str) for value in values):
            raise self.error(key, "is not a list of strings")
        return tuple(values)


def load_form(path: Path) -> Form:
    """One definition, checked. Raises DefinitionError, OSError."""
    try:
        plain = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DefinitionError(path.name, "the file", f"is not TOML: {error}") from None
    form = read_form(path.name, plain)
    lint(path.name, form)
    return form


def read_form(file: str, plain: Any) -> Form:
    """The form that a table describes, not yet linted. Raises DefinitionError."""
    table = Table(file, "", plain, FORM_KEYS)
    pages = tuple(_page(file, n, page) for n, page in enumerate(table.get("page", list, needed=True), 1))
    return Form(
        id=table.get("id", str, needed=True),
        version=table.get("version", int, needed=True),
        languages=table.strings("languages", ["en"]),
        title=table.text("title"),
        purpose=table.text("purpose"),
        attest=table.text("attest"),
        take_back=table.text("take_back"),
        minutes=table.get("minutes", int, needed=True),
        before_session=table.get("before_session", bool, True),
        order=table.get("order", int, needed=True),
        signer=table.strings("signer", ["client"]),
        renew_after=_period(table),
        pages=pages,
        grants=tuple(_grant(file, n, grant) for n, grant in enumerate(table.get("grant", list, []), 1)),
    )


def _period(table: Table) -> Period | None:
    text = table.get("renew_after", str)
    if text is None:
        return None
    try:
        return parse_period(text)
    except ValueError as error:
        raise table.error("renew_after", str(error)) from None


def _page(file: str, number: int, plain: Any) -> Page:
    table = Table(file, f"page {number}", plain, PAGE_KEYS)
    page_id = table.get("id", str, needed=True)
    questions = table.get("question", list, needed=True)
    return Page(
        id=page_id,
        title=table.words("title"),
        questions=tuple(_question(file, page_id, n, question) for n, question in enumerate(questions, 1)),
        when=condition(table),
    )


def _question(file: str, page_id: str, number: int, plain: Any) -> Question:
    table = Table(file, f"{page_id}.question {number}", plain, QUESTION_KEYS)
    options = table.get("options", list, [])
    return Question(
        id=table.get("id", str, needed=True),
        kind=table.get("kind", str, needed=True),
        ask=table.text("ask", table.get("paper", dict)),
        why=table.words("why"),
        hint=table.words("hint"),
        then=table.words("then"),
        missing=table.words("missing"),
        required=table.get("required", bool, True),
        fills=table.get("fills", str),
        options=tuple(_option(file, f"{table.path}.option {n}", o) for n, o in enumerate(options, 1)),
        when=condition(table),
    )


def _option(file: str, path: str, plain: Any) -> Option:
    table = Table(file, path, plain, OPTION_KEYS)
    return Option(table.get("id", str, needed=True), table.text("label"))


def _grant(file: str, number: int, plain: Any) -> Grant:
    table = Table(file, f"grant {number}", plain, GRANT_KEYS)
    return Grant(
        when=condition(table),
        decision=table.get("decision", str, needed=True),
        purpose=table.get("purpose", str, needed=True),
        party=table.get("party", str, needed=True),
        topics=table.strings("topics"),
        topics_from=table.get("topics_from", str),
        until=table.get("until", str),
        says=table.text("says"),
        refused=table.text("refused"),
    )


def condition(table: Table) -> Condition:
    """`{ may_thank = "allow" }`, or `{ any = [{ … }, { … }] }`; all, any or none. Raises DefinitionError."""
    plain = table.get("when", dict)
    if plain is None:
        return ALWAYS
    how = next((how for how in ("all", "any", "none") if how in plain), None)
    if how is None:
        tables = [plain]
    elif len(plain) > 1 or not isinstance(plain[how], list):
        raise table.error("when", f"{how} stands alone, with a list of tests")
    else:
        tables = plain[how]
    tests: list[Test] = []
    for one in tables:
        if not isinstance(one, Mapping) or not all(isinstance(value, str) for value in one.values()):
            raise table.error("when", 'a test is like { may_thank = "allow" } or { contact = "answered" }')
        tests.extend(Test(question, equals) for question, equals in one.items())
    if not tests:
        raise table.error("when", "holds no test")
    return Condition(how or "all", tuple(tests))
