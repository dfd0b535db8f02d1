"""How many years of school an English text asks of its reader.

Flesch-Kincaid grade: 0.39 × words per sentence + 11.8 × syllables per word − 15.59 (Kincaid et al.,
Research Branch Report 8-75, 1975). Syllables are counted by their vowels, which is right for about nine
words in ten; a word list would weigh more than it tells here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

SENTENCE_END = re.compile(r"(?<=[.!?:;])[”’\"')]*\s+|\n+")
WORD = re.compile(r"[A-Za-z]+(?:[’'][A-Za-z]+)?")
VOWELS = re.compile(r"[aeiouy]+")
SILENT_END = re.compile(r"[^aeiouyl]e$|[aeiouy]les?$|[^aeiouytd]ed$|[^aeiouylcgsxzh]es$")
TWO_SOUNDS = re.compile(r"ia(?!n\b|l\b)|io(?!us|n)|[aeiou]ing|uou|[^q]ua|iet|lient")


@dataclass(frozen=True)
class Reading:
    """`hardest` are the sentences that ask the most, the hardest first, with their own grades."""

    grade: float
    hardest: tuple[tuple[float, str], ...]


def syllables(word: str) -> int:
    """At least one."""
    plain = word.lower().replace("’", "").replace("'", "")
    count = len(VOWELS.findall(plain)) + len(TWO_SOUNDS.findall(plain))
    if SILENT_END.search(plain):
        count -= 1
    return max(1, count)


def sentences(text: str) -> list[str]:
    """Headings and list items count as sentences of their own: each stands alone on its line."""
    return [part.strip() for part in SENTENCE_END.split(text) if WORD.search(part)]


def grade(of: Iterable[str]) -> float:
    """The grade of some sentences together; 0 where there are none."""
    words = [WORD.findall(sentence) for sentence in of]
    count = sum(map(len, words))
    if not count:
        return 0.0
    sounds = sum(syllables(word) for sentence in words for word in sentence)
    return 0.39 * count / len(words) + 11.8 * sounds / count - 15.59


def reading(texts: Iterable[str], most: int = 3) -> Reading:
    """The grade of some texts together, and their hardest sentences."""
    found = [sentence for text in texts for sentence in sentences(text)]
    ranked = sorted(((round(grade([one]), 1), one) for one in set(found)), reverse=True)
    return Reading(round(grade(found), 1), tuple(ranked[:most]))
