"""A file of any length, encrypted as it is written: each piece is bound to its place, the last one says so.

So a piece that was changed, moved or left out does not open, and a file that was cut off or added to shows.
"""

import io
from hashlib import sha256
from typing import BinaryIO

from kiosk.errors import CannotRestore, Damaged
from kiosk.vault.cipher import KEY_BYTES, NONCE_BYTES, TAG_BYTES, Field, open_sealed, seal

CHUNK_BYTES = 1 << 20
SIZE_BYTES = 4
MOST_BYTES = NONCE_BYTES + CHUNK_BYTES + TAG_BYTES

CUT = "This file was cut off."
CHANGED = "This file was changed or cut off."
ANOTHER = "Use another one."


def _place(number: int, last: bool) -> str:
    return f"{number}{' last' if last else ''}"


class SealedWriter:
    """What is written goes on encrypted; nothing counts before `finish`."""

    def __init__(self, out: BinaryIO, key: bytes, bound_to: str, field: Field) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("not a key")
        self._out, self._key, self._bound_to, self._field = out, key, bound_to, field
        self._waiting, self._number, self._digest = bytearray(), 0, sha256()

    def write(self, clear: bytes) -> int:
        self._digest.update(clear)
        self._waiting += clear
        while len(self._waiting) > CHUNK_BYTES:  # one piece always waits: it may be the last
            self._piece(bytes(self._waiting[:CHUNK_BYTES]), last=False)
            del self._waiting[:CHUNK_BYTES]
        return len(clear)

    def finish(self) -> str:
        """The hash of all that was written."""
        self._piece(bytes(self._waiting), last=True)
        return self._digest.hexdigest()

    def _piece(self, clear: bytes, *, last: bool) -> None:
        place = _place(self._number, last)
        sealed = seal(self._key, self._bound_to, self._field, place, clear)
        self._out.write(len(sealed).to_bytes(SIZE_BYTES, "big") + sealed)
        self._number += 1


class SealedReader:
    """What was written, in its order. Each read raises CannotRestore for what is not as it was written."""

    def __init__(self, source: io.BufferedReader, key: bytes, bound_to: str, field: Field) -> None:
        self._source, self._key, self._bound_to, self._field = source, key, bound_to, field
        self._clear, self._number, self._ended, self._digest = b"", 0, False, sha256()

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none only at the end of a whole file."""
        while not self._clear and not self._ended:
            self._clear = self._piece()
        given, self._clear = self._clear[:size], self._clear[size:]
        return given

    def finish(self) -> str:
        """The hash of all that there is, read to its end."""
        while self.read(CHUNK_BYTES):
            pass
        return self._digest.hexdigest()

    def _piece(self) -> bytes:
        size = int.from_bytes(self._source.read(SIZE_BYTES), "big")
        sealed = self._source.read(size) if size <= MOST_BYTES else b""
        if not size or len(sealed) != size:
            raise CannotRestore(CUT, ANOTHER)
        self._ended = self._source.peek(1) == b""
        place = _place(self._number, self._ended)
        try:
            clear = open_sealed(self._key, self._bound_to, self._field, place, sealed)
        except Damaged:
            raise CannotRestore(CHANGED, ANOTHER) from None
        self._number += 1
        self._digest.update(clear)
        return clear
