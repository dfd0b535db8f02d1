"""About how long a form takes, from its words and questions: the one rule, and what it counts with.

Reading: 238 words a minute is the mean of adults reading silently (Brysbaert, Journal of Memory and
Language 109, 2019); who is eighty, or reads another language than at home, takes half as long again and
more. Typing: 36 words a minute on a glass keyboard is the mean of the practised (Palin et al., MobileHCI
2019); who rarely types, a third of it. What a tap takes is for a hand that is not quick.
"""

from functools import lru_cache

from forms.answers import showing
from forms.definition import UNKNOWN, About, Answers, Form, Page, Question, Text
from forms.kinds import KINDS

WORDS_PER_MINUTE = 160
TAP_SECONDS = 3.0
TYPED_SECONDS = 10.0  # a field of some twenty letters
DIGITS_SECONDS = 4.0  # one of a date's three boxes
PAGE_SECONDS = 2.0
READ_AGAIN = 0.7  # once to check it, once to sign it: known words are read faster
LIKELY = 0.2  # most people answer so that a form stays short
SIGNING_SECONDS = 15.0


def seconds(
    form: Form, lang: str, answers: Answers, about: About = UNKNOWN, begin: str | None = None
) -> float:
    """How long a form takes from a page on (`begin`; None: all of it), with checking and signing it.

    A page that only answers still to come would show counts by how likely it is.
    """
    order = [page.id for page in form.pages]
    ahead = form.pages[order.index(begin) if begin else 0 :]
    shows = {page.id: page for page in showing(form, answers, about)}
    open_still = {question.id for page in ahead for question in page.questions}
    reading, doing = 0.0, 0.0
    for page in ahead:
        maybe = (page.when.questions() | page.group_when.questions()) & open_still
        weight = 1.0 if page.id in shows else LIKELY if maybe else 0.0
        read, done = _page(shows.get(page.id, page), lang)
        reading, doing = reading + weight * read, doing + weight * done
    return reading + doing + reading * READ_AGAIN + finishing(form)


def finishing(form: Form) -> float:
    """What is left of a form once its last page was answered."""
    return SIGNING_SECONDS if form.needs_signature() else TAP_SECONDS


def minutes(of_seconds: float) -> int:
    """For people: whole minutes, and never none."""
    return max(1, round(of_seconds / 60))


def _page(page: Page, lang: str) -> tuple[float, float]:
    """Seconds of reading and of doing."""
    words = _words(page.title, lang) if page.title else 0
    words += sum(_asked(question, lang) for question in page.questions)
    done = PAGE_SECONDS + TAP_SECONDS + sum(_doing(question) for question in page.questions)
    return words * 60 / WORDS_PER_MINUTE, done


def _asked(question: Question, lang: str) -> int:
    texts = [question.ask, question.hint, question.then, *(option.label for option in question.options)]
    return sum(_words(text, lang) for text in texts if text is not None)


def _words(text: Text, lang: str) -> int:
    return _count(text.by_lang.get(lang, ""))


@lru_cache(maxsize=4096)
def _count(text: str) -> int:
    return len(text.split())


def _doing(question: Question) -> float:
    kind = KINDS[question.kind]
    if not kind.answered:
        return 0.0
    if "tick" in kind.marks:
        return TAP_SECONDS
    inputs = [part for part in kind.parts if part.mark != "signature"]
    each = DIGITS_SECONDS if question.kind in ("date", "initials") else TYPED_SECONDS
    return each * len(inputs) * (1.0 if question.required else 0.5)
