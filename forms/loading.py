"""From a TOML file to a Form; refuses, by file, key and reason, what is not a definition."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from forms.definition import (
    ALWAYS,
    MAJORITY,
    TODAY,
    Condition,
    DefinitionError,
    Form,
    Grant,
    Option,
    Page,
    Period,
    Question,
    Refusal,
    Test,
    Text,
)
from forms.extending import extended
from forms.groups import Group, written_out
from forms.linting import lint
from forms.periods import parse_period

FORM_KEYS = frozenset(
    "id version languages title purpose attest take_back minutes before_session order signer renew_after "
    "covers signature confirmed_by offer sign_again group page grant refusal".split()
)
GROUP_KEYS = frozenset("when most more again".split())
PAGE_KEYS = frozenset("id title group when question".split())
QUESTION_KEYS = frozenset(
    "id kind ask why hint then missing required fills options paper hint_paper day when".split()
)
OPTION_KEYS = frozenset("id label".split())
GRANT_KEYS = frozenset(
    "when decision purpose party topics topics_from until until_event direction says refused".split()
)
REFUSAL_KEYS = frozenset("when party topics says".split())
HOW = ("all", "any", "none")
A_TEST = (
    'a test is like { may_thank = "allow" }, { contact = "answered" }, { way = ["card", "call"] }, '
    '{ ends_on = { after = "today" } } or { client = { age_under = "majority" } }'
)


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

    def one_of(self, key: str, allowed: Sequence[str]) -> str:
        """One of a few words, the first where it is left out."""
        value: str = self.get(key, str, allowed[0])
        if value not in allowed:
            raise self.error(key, f"{value!r} is not one of {', '.join(allowed)}")
        return value

    def strings(self, key: str, default: Sequence[str] = ()) -> tuple[str, ...]:
        values = self.get(key, list, list(default))
        if not all(isinstance(value, str) for value in values):
            raise self.error(key, "is not a list of strings")
        return tuple(values)


def read_toml(path: Path) -> dict[str, Any]:
    """Raises DefinitionError, OSError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DefinitionError(path.name, "the file", f"is not TOML: {error}") from None


def load_form(path: Path) -> Form:
    """One definition that stands by itself, checked. Raises DefinitionError, OSError."""
    return form_from(path, lambda _: None)[1]


def form_from(path: Path, ground_of: Callable[[str], dict[str, Any] | None]) -> tuple[dict[str, Any], Form]:
    """One definition as it is written and as a checked form; `ground_of` gives what it may extend.

    Raises DefinitionError, OSError.
    """
    plain = read_toml(path)
    if "extends" in plain:
        plain = extended(path.name, plain, ground_of)
    form = read_form(path.name, plain)
    lint(path.name, form)
    return plain, form


def read_form(file: str, plain: Any) -> Form:
    """The form that a table describes, its groups written out, not yet linted. Raises DefinitionError."""
    table = Table(file, "", plain, FORM_KEYS)
    pages = tuple(_page(file, n, page) for n, page in enumerate(table.get("page", list, needed=True), 1))
    form = Form(
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
        refusals=tuple(
            _refusal(file, n, refusal) for n, refusal in enumerate(table.get("refusal", list, []), 1)
        ),
        covers=table.one_of("covers", ("form", "party")),
        signature=table.get("signature", bool, False),
        confirmed_by=table.one_of("confirmed_by", ("front_desk", "therapist")),
        offer=table.one_of("offer", ("always", "covered", "on_request")),
        sign_again=table.get("sign_again", bool, False),
    )
    groups = table.get("group", dict, {})
    return written_out(file, form, {name: _group(file, name, group) for name, group in groups.items()})


def _period(table: Table) -> Period | None:
    text = table.get("renew_after", str)
    if text is None:
        return None
    try:
        return parse_period(text)
    except ValueError as error:
        raise table.error("renew_after", str(error)) from None


def _group(file: str, name: str, plain: Any) -> Group:
    table = Table(file, f"group.{name}", plain, GROUP_KEYS)
    again = table.get("again", dict, {})
    words = Table(file, f"{table.path}.again", again, frozenset(again))
    group = Group(
        name=name,
        when=condition(table),
        most=table.get("most", int, 1),
        more=table.words("more"),
        again={question: words.text(question) for question in again},
    )
    if (group.most > 1) != (group.more is not None):
        raise table.error("more", "stands beside `most`, where a group is asked more than once")
    return group


def _page(file: str, number: int, plain: Any) -> Page:
    table = Table(file, f"page {number}", plain, PAGE_KEYS)
    page_id = table.get("id", str, needed=True)
    questions = table.get("question", list, needed=True)
    return Page(
        id=page_id,
        title=table.words("title"),
        questions=tuple(_question(file, page_id, n, question) for n, question in enumerate(questions, 1)),
        when=condition(table),
        group=table.get("group", str),
    )


def _question(file: str, page_id: str, number: int, plain: Any) -> Question:
    table = Table(file, f"{page_id}.question {number}", plain, QUESTION_KEYS)
    options = table.get("options", list, [])
    return Question(
        id=table.get("id", str, needed=True),
        kind=table.get("kind", str, needed=True),
        ask=table.text("ask", table.get("paper", dict)),
        why=table.words("why"),
        hint=table.words("hint", table.get("hint_paper", dict)),
        then=table.words("then"),
        missing=table.words("missing"),
        required=table.get("required", bool, True),
        fills=table.get("fills", str),
        options=tuple(_option(file, f"{table.path}.option {n}", o) for n, o in enumerate(options, 1)),
        when=condition(table),
        day=table.one_of("day", ("past", "future")) if "day" in table.plain else None,
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
        topics_from=table.strings("topics_from"),
        until=table.get("until", str),
        until_event=table.get("until_event", str),
        says=table.text("says"),
        refused=table.text("refused"),
        direction=table.one_of("direction", ("tell", "ask")),
    )


def _refusal(file: str, number: int, plain: Any) -> Refusal:
    table = Table(file, f"refusal {number}", plain, REFUSAL_KEYS)
    return Refusal(
        when=condition(table),
        party=table.get("party", str, needed=True),
        topics=table.strings("topics"),
        says=table.text("says"),
    )


def condition(table: Table) -> Condition:
    """`{ may_thank = "allow" }`, or `{ any = [{ … }, { … }] }`; all, any or none. Raises DefinitionError."""
    plain = table.get("when", dict)
    if plain is None:
        return ALWAYS
    how = next((how for how in HOW if how in plain), None)
    if how is None:
        tables = [plain]
    elif len(plain) > 1 or not isinstance(plain[how], list):
        raise table.error("when", f"{how} stands alone, with a list of tests")
    else:
        tables = plain[how]
    tests = []
    for one in tables:
        if not isinstance(one, Mapping):
            raise table.error("when", A_TEST)
        tests += [_test(table, question, asked) for question, asked in one.items()]
    if not tests:
        raise table.error("when", "holds no test")
    return Condition(how or "all", tuple(tests))


def _test(table: Table, question: str, asked: Any) -> Test:
    match asked:
        case "answered":
            return Test(question, "answered")
        case str():
            return Test(question, "equals", (asked,))
        case [_, *_] if all(isinstance(value, str) for value in asked):
            return Test(question, "one_of", tuple(asked))
        case {"before": str(day)} | {"after": str(day)} if len(asked) == 1 and _is_day(day):
            return Test(question, next(iter(asked)), (day,))
        case {"age_under": years} | {"age_from": years} if len(asked) == 1 and _is_age(years):
            return Test(question, next(iter(asked)), (str(years),))
    raise table.error("when", A_TEST)


def _is_day(given: str) -> bool:
    try:
        return given == TODAY or bool(date.fromisoformat(given))
    except ValueError:
        return False


def _is_age(given: Any) -> bool:
    return given == MAJORITY or (isinstance(given, int) and not isinstance(given, bool) and given > 0)
