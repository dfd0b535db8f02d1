"""The examples in examples/*.md: tables that a practice can read, asked of the forms as they are shipped.

What a table says is taken at its word: a word that is not known, a client without a file, or an asker who is
named nowhere and not said to be so, is an error with file and line, never a row that is left out.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest

from forms.answers import kept, missing
from forms.decisions import EVENT, TAKEN_BACK, Decision, Ending, Signing, by_record, decisions_of
from forms.definition import About, Form
from forms.kinds import KINDS
from forms.names import folded
from forms.permissions import NEVER_SAY, Answer, may_tell
from forms.signers import who_may_sign
from forms.vocabulary import TOPICS
from tests.forms.signing import CATALOG

FOLDER = Path(__file__).parent / "examples"
README = "README.md"
WORDS = tomllib.loads((FOLDER / "words.toml").read_text("utf-8"))
FORMS = {form.title.say("en"): form for form in CATALOG.current()}
TOPIC_IDS = {topic.words: name for name, topic in TOPICS.items()}

SIGNED, HAPPENED, ASKED = (
    time(9),
    time(12),
    time(15),
)  # on one day: signed, then something happens, then asked
NOTHING, NONE, NOBODY, EMPTY = "nothing", "—", "named nowhere", "left empty: "
THE_SENTENCE, SENTENCE = "the one sentence", re.compile(r"\*\*The one sentence:\*\* “(.+)”")
ON_FILE, EXAMPLES_OF = "What is on file", "Examples"
FILE_COLUMNS = {"client", "form", "signed on", "by whom", "answers", "what happened since"}
MORE_COLUMNS = {"born", "of age at"}
EXAMPLE_COLUMNS = {"who asks", "about whom", "what they ask", "on which day", "may we tell", "what we say"}
ASKING = re.compile(r"(?:“[^”]*”[:,] (?:nearest: )?)?(.+)")
HAPPENING = re.compile(r"(taken back|what was to end it happened) on ([^:]+)(?:: (.+))?")
MIN_ROWS = 60
STORIES = (
    "The gift certificate",
    "How is she, do the headaches get better?",
    "The secret",
    "The innocent question",
    "How did she like it?",
    "The mother who forgets",
    "People who hide things",
    "Friends as clients, in a small town",
    "Writing about the work",
    "Asking a colleague",
    "At home",
    "Email",
    "The clipboard",
    "Schools and carers",
)


class Unreadable(Exception):
    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}")


@dataclass(frozen=True)
class Row:
    """One line of a table, under the second-level heading where it stands."""

    file: str
    line: int
    heading: str
    cells: Mapping[str, str]

    def wrong(self, reason: str) -> Unreadable:
        return Unreadable(self.file, self.line, reason)


@dataclass(frozen=True)
class Filed:
    """What one client has on file, and the names that stand in it."""

    decisions: tuple[Decision, ...] = ()
    endings: tuple[Ending, ...] = ()
    named: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Example:
    row: Row
    party: str
    filed: Filed
    topic: str
    at: datetime
    yes: bool
    words: str

    def __str__(self) -> str:
        cells = self.row.cells
        who = cells["who asks"].split(" (")[0]
        return f"{self.row.file}:{self.row.line} {who} about {cells['about whom']}: {cells['may we tell']}"

    def answer(self) -> Answer:
        return may_tell(self.filed.decisions, by_record(self.filed.endings), self.party, self.topic, self.at)

    def holds(self) -> bool:
        told = self.answer()
        return (told.yes, told.words) == (self.yes, self.words)


def table_rows(file: str, text: str) -> Iterator[Row]:
    heading, columns = "", None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            heading, columns = line.lstrip("# "), None
        if not line.lstrip().startswith("|"):
            columns = None
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if columns is None:
            columns = cells
        elif len(cells) != len(columns):
            raise Unreadable(file, number, f"{len(cells)} cells under {len(columns)} headings")
        elif not set("".join(cells)) <= set("-: "):
            yield Row(file, number, heading, dict(zip(columns, cells, strict=True)))


def examples_of(file: str, text: str) -> list[Example]:
    """Every row below “Examples”, with what is on file for whom it is about. Raises Unreadable."""
    said = SENTENCE.search(text)
    if said is None:
        raise Unreadable(file, 1, "does not say the one sentence at its head")
    filed: dict[str, Filed] = {}
    found = []
    for row in table_rows(file, text):
        columns = set(row.cells)
        if row.heading == ON_FILE and columns - MORE_COLUMNS == FILE_COLUMNS:
            client = row.cells["client"]
            filed[client] = with_row(filed.get(client, Filed()), row)
        elif row.heading == EXAMPLES_OF and columns == EXAMPLE_COLUMNS:
            found.append(example_of(row, filed, said[1]))
        else:
            raise row.wrong(f"no such table under “{row.heading}”: {', '.join(row.cells)}")
    return found


def with_row(before: Filed, row: Row) -> Filed:
    """What is on file together with one more row of the table."""
    cells = row.cells
    if cells["form"] == NOTHING:
        if before != Filed() or {cells[name] for name in FILE_COLUMNS - {"client", "form"}} != {NONE}:
            raise row.wrong("“nothing” stands alone, with — in the other cells")
        return before
    form = known(row, FORMS, cells["form"], "form")
    at = moment(row, cells["signed on"], SIGNED)
    born = moment(row, cells["born"], SIGNED).date() if cells.get("born", NONE) != NONE else None
    about = About(at.date(), born, int(cells.get("of age at", "18")))
    by, _, channel = cells["by whom"].partition(", on ")
    signer = known(row, WORDS["who_signs"], by, "signer")
    if signer not in who_may_sign(form, about):
        raise row.wrong(f"{by} may not sign this")
    answers = answers_in(row, form, about)
    signing = Signing(f"{row.file}:{row.line}", at, "en", channel or "tablet", signer, about)
    names = (answer["name"] if isinstance(answer, Mapping) else answer for answer in answers.values())
    return Filed(
        before.decisions + decisions_of(form, answers, signing),
        before.endings + tuple(endings_in(row, form, signing.record)),
        before.named | {folded(name) for name in names if isinstance(name, str)},
    )


def answers_in(row: Row, form: Form, about: About) -> dict[str, Any]:
    """The answers, from words: only what shows, and all that must be given unless said to be left empty."""
    answers: dict[str, Any] = {}
    empty = set()
    for said in row.cells["answers"].split("; "):
        if said.startswith(EMPTY):
            empty.add(question_id(row, form, said.removeprefix(EMPTY))[0])
            continue
        words, colon, value = said.rpartition(": ")
        if not colon:
            raise row.wrong(f"no answer in “{said}”")
        name, part = question_id(row, form, words)
        answer = value_of(row, form, name, words, value, about)
        if part:
            answers[name] = {**answers.get(name, {}), part: answer}
        else:
            answers[name] = answer
    if hidden := set(answers) - set(kept(form, answers, about)):
        raise row.wrong(f"answers what is not asked: {', '.join(sorted(hidden))}")
    if (open_ := {question.id for question in missing(form, answers, about)}) != empty:
        raise row.wrong(f"is not answered, or not left empty: {', '.join(sorted(open_ ^ empty))}")
    return answers


def question_id(row: Row, form: Form, words: str) -> tuple[str, str]:
    name, _, part = known(row, WORDS["questions"][row.cells["form"]], words, "question").partition(".")
    return name, part


def value_of(row: Row, form: Form, name: str, words: str, value: str, about: About) -> Any:
    question = form.question(name)
    options = WORDS["options"].get(words.removeprefix("second: "), {})
    match question.kind:
        case "decision" | "yes_no":
            return known(row, WORDS[question.kind], value, "answer")
        case "choice":
            return known(row, options, value, "answer")
        case "choices":
            return [known(row, options, one, "answer") for one in value.split(", ")]
        case "date":
            day = moment(row, value, SIGNED).date().isoformat()
            KINDS["date"].check(question, day, "en", about)
            return day
    return value


def endings_in(row: Row, form: Form, record: str) -> Iterator[Ending]:
    said = row.cells["what happened since"]
    for one in () if said == NONE else said.split("; "):
        found = HAPPENING.fullmatch(one)
        if found is None:
            raise row.wrong(f"what happened is not understood: “{one}”")
        how = TAKEN_BACK if found[1] == "taken back" else EVENT
        question = question_id(row, form, found[3])[0] if found[3] else ""
        yield Ending(record, moment(row, found[2], HAPPENED), question, how)


def example_of(row: Row, filed: Mapping[str, Filed], sentence: str) -> Example:
    cells = row.cells
    if cells["about whom"] not in filed:
        raise row.wrong(f"nothing is said of what is on file for {cells['about whom']}")
    about = filed[cells["about whom"]]
    asking = ASKING.fullmatch(cells["what they ask"])
    yes = known(row, {"yes": True, "no": False}, cells["may we tell"], "answer")
    if (cells["what we say"] == THE_SENTENCE) is yes:
        raise row.wrong("a no is said in the one sentence, and a yes in words of its own")
    return Example(
        row=row,
        party=asker(row, about),
        filed=about,
        topic=known(row, TOPIC_IDS, asking[1] if asking else "", "topic"),
        at=moment(row, cells["on which day"], ASKED),
        yes=yes,
        words=cells["what we say"] if yes else sentence,
    )


def asker(row: Row, about: Filed) -> str:
    """Who asks. A slip in a name would make a no for no reason, so who is named nowhere is said to be so."""
    name, _, remark = row.cells["who asks"].partition(" (")
    if name in WORDS["who_asks"]:
        return str(WORDS["who_asks"][name])
    if (folded(name) in about.named) is (NOBODY in remark):
        raise row.wrong(f"{name}: “{NOBODY}” is to be said exactly of who is on no form of this client")
    return name


def known(row: Row, table: Mapping[str, Any], words: str, what: str) -> Any:
    if words not in table:
        raise row.wrong(f"no such {what}: “{words}”")
    return table[words]


def moment(row: Row, words: str, usual: time) -> datetime:
    """A day as `23 November 2026`, at the usual hour; or with an hour, as `23 November 2026, 11:59 pm`."""
    day, _, hour = words.partition(", ")
    try:
        at = datetime.strptime(f"{hour} +0000", "%I:%M %p %z").time() if hour else usual
        on = datetime.strptime(f"{day} +0000", "%d %B %Y %z").date()
    except ValueError:
        raise row.wrong(f"no such day: “{words}”") from None
    return datetime.combine(on, at, UTC)


def story_files() -> list[Path]:
    return sorted(path for path in FOLDER.glob("*.md") if path.name != README)


def read_all(paths: Iterable[Path]) -> list[Example]:
    return [example for path in paths for example in examples_of(path.name, path.read_text("utf-8"))]


EXAMPLES = read_all(story_files())


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_each_row_is_answered_as_it_says(example: Example):
    told = example.answer()
    assert (told.yes, told.words) == (example.yes, example.words)


def test_there_are_as_many_rows_as_lines_in_the_tables():
    """Counted without the reader: every line of a table that begins an example, in every file."""
    written = 0
    for path in story_files():
        below = path.read_text("utf-8").split(f"## {EXAMPLES_OF}\n")[1]
        lines = [line for line in below.splitlines() if line.startswith("|")]
        assert len(lines) > 2, path.name
        written += len(lines) - 2
    assert len(EXAMPLES) == written >= MIN_ROWS


def test_both_answers_are_given_often_enough():
    yes = sum(example.yes for example in EXAMPLES)
    assert yes >= MIN_ROWS / 4
    assert len(EXAMPLES) - yes >= MIN_ROWS / 2


def test_every_no_is_said_in_the_same_words():
    heads = {SENTENCE.search(path.read_text("utf-8"))[1] for path in story_files()}
    said = {told.words for example in EXAMPLES if not (told := example.answer()).yes}
    assert heads == said == {NEVER_SAY}


def test_every_story_has_a_file_and_every_file_a_story():
    rows = list(table_rows(README, (FOLDER / README).read_text("utf-8")))
    linked = [re.fullmatch(r"\[.+\]\((.+)\)", row.cells["file"])[1] for row in rows]
    assert sorted(linked) == [path.name for path in story_files()]
    assert set(STORIES) <= {row.cells["story"] for row in rows}


def test_the_words_name_questions_and_options_that_there_are():
    options: dict[str, set[str]] = {}
    for title, questions in WORDS["questions"].items():
        for words, where in questions.items():
            name, _, part = where.partition(".")
            question = FORMS[title].question(name)
            assert not part or part in {one.id for one in KINDS[question.kind].parts}, where
            if question.options:
                options[words.removeprefix("second: ")] = {option.id for option in question.options}
    assert {words: set(table.values()) for words, table in WORDS["options"].items()} == options


@pytest.mark.parametrize("wanted", [True, False])
def test_a_changed_expectation_fails(wanted: bool):
    one = next(example for example in EXAMPLES if example.yes is wanted and example.holds())
    assert not replace(one, yes=not wanted).holds()
    assert not replace(one, words=one.words.replace("e", "a", 1)).holds()


PLAIN = f"""# A plain one
**The one sentence:** “{NEVER_SAY}”

## What is on file
| client | form | signed on | by whom | answers | what happened since |
| --- | --- | --- | --- | --- | --- |
| Ann Ray | Referral thank-you | 23 November 2026 | the client | who gave the certificate: Ben Hill; \
may we tell the giver: yes | taken back on 14 December 2026 |
| Cy Low | nothing | — | — | — | — |

## Examples
| who asks | about whom | what they ask | on which day | may we tell | what we say |
| --- | --- | --- | --- | --- | --- |
| Ben Hill | Ann Ray | “Used?”: that a gift certificate was used | 14 December 2026 | no | the one sentence |
"""


def test_a_plain_one_is_read():
    [one] = examples_of("plain.md", PLAIN)
    assert one.holds()
    assert (one.party, one.topic, one.row.line) == ("Ben Hill", "gift_used", 13)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("taken back on 14 December 2026", "—"),
        ("| 14 December 2026 | no", "| 13 December 2026 | no"),
    ],
)
def test_what_is_on_file_and_the_day_matter(before: str, after: str):
    assert PLAIN.count(before) == 1
    [one] = examples_of("plain.md", PLAIN.replace(before, after))
    assert not one.holds()


@pytest.mark.parametrize(
    ("line", "before", "after", "reason"),
    [
        (7, "Referral thank-you", "Referral", "no such form"),
        (7, "23 November", "31 November", "no such day"),
        (7, "the client", "somebody", "no such signer"),
        (7, "the client", "a parent", "may not sign"),
        (7, "may we tell the giver: yes", "may we tell: yes", "no such question"),
        (7, "may we tell the giver: yes", "may we tell the giver: perhaps", "no such answer"),
        (7, "; may we tell the giver: yes", "", "is not answered"),
        (7, "may we tell the giver: yes", "may we thank: yes", "answers what is not asked"),
        (7, "taken back on", "taken on", "what happened is not understood"),
        (8, "| nothing | —", "| nothing | today", "stands alone"),
        (13, "Ben Hill |", "Ben Hull |", "named nowhere"),
        (13, "Ben Hill |", "Ben Hill (named nowhere) |", "named nowhere"),
        (13, "| Ann Ray | “", "| Anna Ray | “", "what is on file for Anna Ray"),
        (13, "that a gift certificate was used", "the gift", "no such topic"),
        (13, "| no |", "| perhaps |", "no such answer"),
        (13, "| no |", "| yes |", "one sentence"),
        (13, "| no | the one sentence |", "| no |", "cells under"),
        (7, "## What is on file", "## What is there", "no such table"),
        (1, "**The one sentence:**", "Sentence:", "does not say"),
    ],
)
def test_what_cannot_be_read_is_named_by_file_and_line(line: int, before: str, after: str, reason: str):
    assert before in PLAIN
    with pytest.raises(Unreadable, match=f"^plain.md:{line}: .*{reason}"):
        examples_of("plain.md", PLAIN.replace(before, after))
