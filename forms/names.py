"""Whether two names are the same, as people write them; what it is to find one is the same question."""

import unicodedata

NOTHING = "'’‘ʼʻ′`´"  # what stands for an apostrophe: O'Brien is also written OBrien
LIKE = {
    "æ": "ae", "œ": "oe", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "ı": "i",
}  # fmt: skip


def _like(letter: str) -> str:
    """What one character of a name that was taken apart (NFKD) is like."""
    if letter in NOTHING or unicodedata.combining(letter) or unicodedata.category(letter) == "Cf":
        return ""
    if not letter.isalnum() and unicodedata.category(letter)[0] != "M":  # a vowel of Hindi is a mark
        return " "
    plain = unicodedata.normalize("NFKD", letter.casefold())
    return "".join(LIKE.get(one, one) for one in plain if not unicodedata.combining(one))


class _Likes(dict[int, str]):
    """For `str.translate`: the letters of most names, and each other one when it comes."""

    def __missing__(self, code: int) -> str:
        return _like(chr(code))  # and not kept: nobody fills the memory with rare letters


LATIN, PUNCTUATION = range(0x370), range(0x2010, 0x2040)
LIKES = _Likes({code: _like(chr(code)) for code in (*LATIN, *PUNCTUATION)})


def folded(name: str) -> str:
    """A name without case, accents, punctuation and stray space: as somebody types it who heard it."""
    plain = unicodedata.normalize("NFKD", name.replace("´", "'"))  # it would come apart into a blank
    return " ".join(plain.translate(LIKES).split())


def words(name: str) -> tuple[tuple[str, ...], ...]:
    """A folded name by its words, each as the parts that a hyphen or full stop makes of it."""
    found = (tuple(folded(word).split()) for word in name.split())
    return tuple(parts for parts in found if parts)


def same_name(one: str, other: str) -> bool:
    """Nobody's name is the same as nobody's."""
    return bool(folded(one)) and folded(one) == folded(other)
