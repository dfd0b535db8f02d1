"""What is better changed, though it works: said by `kiosk forms check`, and no reason to refuse a form."""

from collections.abc import Collection, Iterator, Mapping
from math import ceil

from forms.definition import Form, Page, Question
from forms.linting import Fault, texts_of
from forms.reading_grade import reading

MOST_GRADE = 8.0
# One question stays on one sheet: two columns of about 40 letters, and about 26 lines on the smaller paper.
LETTERS_IN_A_COLUMN = 40
LINES_ON_PAPER = 26
FOLLOWS = frozenset({"short_text", "name", "phone", "email", "initials"})  # one line to type, and no more
ASKED_ONCE: Mapping[str, str] = {"email": "client.email", "phone": "client.phone", "name": "client.name"}


def advice(form: Form, places: Collection[str] = ()) -> Iterator[Fault]:
    """Each as (key, reason). `places` are those of the profile that the offered forms fill."""
    yield from _too_hard(form)
    for page in form.pages:
        yield from _unfolds(page)
    for question in form.questions():
        yield from _known_already(question, places)
        yield from _too_long_for_paper(question)


def _too_hard(form: Form) -> Iterator[Fault]:
    if "en" not in form.languages:
        return
    found = reading(text.by_lang["en"] for _, text in texts_of(form))
    if found.grade > MOST_GRADE:
        named = "; ".join(f"“{sentence}” ({grade:g})" for grade, sentence in found.hardest)
        yield "en", f"reads at grade {found.grade:g}, and should at {MOST_GRADE:g} or less. Hardest: {named}"


def _unfolds(page: Page) -> Iterator[Fault]:
    """One simple question may follow its answer on the same page; what is more would surprise."""
    for place, question in enumerate(page.followers()):
        if place or question.kind not in FOLLOWS:
            yield (
                f"{question.id}.when",
                "asks an answer of the same page, where one simple question may follow and no more: "
                "put it on the next page",
            )


def _known_already(question: Question, places: Collection[str]) -> Iterator[Fault]:
    place = ASKED_ONCE.get(question.kind)
    if place in places and question.fills is None:
        yield (
            f"{question.id}.fills",
            f"the profile may know this already: let it fill {place}, or a place of its own",
        )


def _too_long_for_paper(question: Question) -> Iterator[Fault]:
    for lang in question.ask.by_lang:
        labels = [option.label.on_paper(lang) for option in question.options if lang in option.label.by_lang]
        heights = [ceil(len(label) / LETTERS_IN_A_COLUMN) for label in labels]
        lines = sum(max(heights[n : n + 2]) for n in range(0, len(heights), 2))
        if lines > LINES_ON_PAPER:
            yield (
                f"{question.id}.options",
                f"do not fit on one sheet in {lang}: ask in two questions",
            )
            return
