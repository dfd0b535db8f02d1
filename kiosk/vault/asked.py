"""What somebody typed to find a client: words of a name, a birth date, the last digits of a phone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from nicknames import NickNamer

from forms import names

LEAST_LETTERS = 2
LEAST_DIGITS = 4

YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")


@dataclass(frozen=True)
class Asked:
    """`words` are the beginnings of names, each with whole names that may stand in its place."""

    words: tuple[tuple[str, frozenset[str]], ...] = ()
    born: date | None = None
    digits: tuple[str, ...] = ()

    @property
    def enough(self) -> bool:
        """Whether it is not so little that it would list half of all clients."""
        return bool(self.born or self.digits) or sum(len(word) for word, _ in self.words) >= LEAST_LETTERS


def read(text: str, *, nicknames: bool) -> Asked:
    """Nothing that is typed is wrong: what is neither a date nor digits is a word of a name."""
    words: list[tuple[str, frozenset[str]]] = []
    digits, born = [], None
    for typed in text.split():
        plain = re.sub(r"[()+.\-]", "", typed)
        if (day := _date(typed)) is not None:
            born = day
        elif plain.isascii() and plain.isdigit() and len(plain) >= LEAST_DIGITS:
            digits.append(plain)
        else:
            for parts in names.words(typed):
                words += _meant(parts, nicknames=nicknames)
    return Asked(tuple(words), born, tuple(digits))


def _meant(parts: tuple[str, ...], *, nicknames: bool) -> Iterator[tuple[str, frozenset[str]]]:
    """Each part of a word, or what may stand in its place: Sun-hee is Sunhee too, which `sun` begins."""
    whole = frozenset({"".join(parts)})
    for place, part in enumerate(parts):
        others = _others(part) if nicknames else frozenset()
        yield part, others | whole if place else others


def _date(typed: str) -> date | None:
    """`4/27/1956`, `04-27-1956`, `1956-04-27`: month before day, as it is written here."""
    if found := YEAR_FIRST.fullmatch(typed):
        year, month, day = map(int, found.groups())
    elif found := MONTH_FIRST.fullmatch(typed):
        month, day, year = map(int, found.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


@cache
def _namer() -> NickNamer:
    return NickNamer()


@cache
def _others(word: str) -> frozenset[str]:
    """Whom else the bearer of a first name may be known as: Bill is William, and William is Will."""
    namer = _namer()
    return frozenset(namer.nicknames_of(word) | namer.canonicals_of(word)) - {word}
