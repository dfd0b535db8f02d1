"""Whether two names are the same, as people write them."""

import unicodedata


def folded(name: str) -> str:
    """A name without case, accents, punctuation and stray space: as somebody writes it who heard it."""
    letters = []
    for letter in unicodedata.normalize("NFKD", name.casefold()):
        if letter.isalnum():
            letters.append(letter)
        elif letter not in "'’" and not unicodedata.combining(letter):
            letters.append(" ")
    return " ".join("".join(letters).split())


def same_name(one: str, other: str) -> bool:
    """Nobody's name is the same as nobody's."""
    return bool(folded(one)) and folded(one) == folded(other)
