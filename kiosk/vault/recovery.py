"""The recovery code: 160 random bits on a printed sheet that opens the practice when its passphrase is lost.

Written in Crockford's base 32 (no I, L, O, U), in groups of four, with a checksum at the end, so that
what is read off paper and typed shows its slips before it is tried.
"""

import secrets
from hashlib import sha256

from kiosk.errors import WrongRecoveryCode

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})  # what a hand or an eye takes them for
BITS = 160
CHECK_LETTERS = 4  # 20 bits: one slip in a million goes unnoticed
GROUP = 4


def new_code() -> bytes:
    return secrets.token_bytes(BITS // 8)


def written(code: bytes) -> str:
    """`7K3M-Q0WX-…`, as it is printed and typed."""
    letters = _base32(int.from_bytes(code, "big"), BITS // 5) + _check(code)
    return "-".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))


def read(typed: str) -> bytes:
    """The code that somebody typed, however they grouped it. Raises WrongRecoveryCode."""
    letters = "".join(letter for letter in typed.upper().translate(LIKE) if letter.isalnum())
    if len(letters) != BITS // 5 + CHECK_LETTERS or set(letters) - set(LETTERS):
        raise WrongRecoveryCode()
    number = 0
    for letter in letters[:-CHECK_LETTERS]:
        number = number * 32 + LETTERS.index(letter)
    code = number.to_bytes(BITS // 8, "big")
    if _check(code) != letters[-CHECK_LETTERS:]:
        raise WrongRecoveryCode()
    return code


def _base32(number: int, length: int) -> str:
    return "".join(LETTERS[number >> 5 * place & 31] for place in reversed(range(length)))


def _check(code: bytes) -> str:
    return _base32(int.from_bytes(sha256(b"recovery" + code).digest()[:4], "big"), CHECK_LETTERS)
