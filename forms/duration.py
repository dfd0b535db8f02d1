"""About how long a form takes, from its words and questions: the one rule, and what it counts with.

Reading: 238 words a minute is the mean of adults reading silently (Brysbaert, Journal of Memory and
Language 109, 2019); who is eighty, or reads another language than at home, takes half as long again and
more. Typing: 36 words a minute on a glass keyboard is the mean of the practised (Palin et al., MobileHCI
2019); who rarely types, a third of it. What a tap takes is for a hand that is not quick.
"""

from collections.abc import Iterable
from functools import lru_cache

from forms.definition import Page, Question, Text
from forms.kinds import KINDS

WORDS_PER_MINUTE = 160
TAP_SECONDS = 3.0
TYPED_SECONDS = 10.0  # a field of some twenty letters
DIGITS_SECONDS = 4.0  # one of a date's three boxes
PAGE_SECONDS = 2.0
READ_AGAIN = 0.5  # checked before it is handed in: known words are read faster
SIGNING_SECONDS = 15.0


def seconds(pages: Iterable[Page], lang: str, *, signed: bool) -> float:
    """How long these pages take, with checking them, and with reading and signing where that is asked."""
    own = [_page(page, lang) for page in pages]
    reading = sum(read for read, _ in own)
    checked = reading * READ_AGAIN * (2 if signed else 1)
    return reading + sum(done for _, done in own) + checked + (SIGNING_SECONDS if signed else TAP_SECONDS)


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
