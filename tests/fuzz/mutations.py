"""What becomes of a good file by accident or by malice: the same for the same number, on any machine."""

import random
import re
import struct
import zlib
from collections.abc import Callable

from tests.fuzz.seeds import any_seed, png_chunk

Bytes = bytearray
MOST_OPERATIONS = 6
EXTREMES = (
    0,
    1,
    2,
    0x7F,
    0x80,
    0xFF,
    0x100,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x10000,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
)
NUMBERS = (
    b"0",
    b"-1",
    b"1",
    b"65536",
    b"2147483647",
    b"4294967296",
    b"99999999999999999999",
    b"0.0000001",
    b"1e9",
)
WORDS = (b"/JavaScript", b"/Prev 0", b"/Kids [2 0 R]", b"/Length -1", b"/Filter /JBIG2Decode", b"<<" * 200,
         b"[" * 500, b"/Contents 3 0 R", b"/Parent 3 0 R", b"q " * 4000, b"endstream", b"%%EOF")  # fmt: skip


def place(rng: random.Random, data: Bytes, room: int = 1) -> int:
    return rng.randrange(max(1, len(data) - room + 1))


def flip_bits(rng: random.Random, data: Bytes) -> None:
    for _ in range(rng.choice((1, 1, 2, 8, 40))):
        data[place(rng, data)] ^= 1 << rng.randrange(8)


def set_bytes(rng: random.Random, data: Bytes) -> None:
    for _ in range(rng.choice((1, 2, 8))):
        data[place(rng, data)] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))


def set_a_number(rng: random.Random, data: Bytes) -> None:
    size = rng.choice((2, 4))
    at = place(rng, data, size)
    order = rng.choice(("little", "big"))
    data[at : at + size] = (rng.choice(EXTREMES) & (256**size - 1)).to_bytes(size, order)  # type: ignore[arg-type]


def cut_out(rng: random.Random, data: Bytes) -> None:
    at = place(rng, data)
    del data[at : at + rng.choice((1, 4, 30, 300))]


def cut_off(rng: random.Random, data: Bytes) -> None:
    del data[place(rng, data) :]


def repeat(rng: random.Random, data: Bytes) -> None:
    at = place(rng, data)
    block = data[at : at + rng.choice((1, 12, 100, 1000))]
    data[at:at] = block * rng.choice((1, 2, 50))


def swap(rng: random.Random, data: Bytes) -> None:
    size = rng.choice((4, 12, 64))
    one, other = place(rng, data, size), place(rng, data, size)
    data[one : one + size], data[other : other + size] = data[other : other + size], data[one : one + size]


def put_in(rng: random.Random, data: Bytes) -> None:
    at = place(rng, data)
    data[at:at] = rng.randbytes(rng.choice((1, 3, 20, 400)))


def splice(rng: random.Random, data: Bytes) -> None:
    _, other = any_seed(rng)
    data[place(rng, data) :] = other[rng.randrange(len(other)) :]


COMMON: tuple[Callable[[random.Random, Bytes], None], ...] = (
    flip_bits, set_bytes, set_a_number, cut_out, cut_off, repeat, swap, put_in, splice,
)  # fmt: skip


def another_number(rng: random.Random, data: Bytes) -> None:
    """In a PDF, numbers are words: lengths, counts, references, offsets."""
    found = list(re.finditer(rb"\d+", data))
    if found:
        start, end = rng.choice(found).span()
        data[start:end] = rng.choice(NUMBERS)


def another_word(rng: random.Random, data: Bytes) -> None:
    found = list(re.finditer(rb"/[A-Za-z]+", data))
    if found:
        start, end = rng.choice(found).span()
        data[start:end] = rng.choice((*WORDS, rng.choice(found)[0]))


def another_reference(rng: random.Random, data: Bytes) -> None:
    found = list(re.finditer(rb"\d+ 0 R", data))
    if found:
        start, end = rng.choice(found).span()
        data[start:end] = b"%d 0 R" % rng.randrange(12)


def inside_a_stream(rng: random.Random, data: Bytes) -> None:
    """What is packed is changed and packed again, so that it is reached at all."""
    starts = [found.end() for found in re.finditer(rb"\bstream\r?\n", data)]
    rng.shuffle(starts)
    for start in starts:
        end = data.find(b"endstream", start)
        try:
            plain = Bytes(zlib.decompress(data[start:end]))
        except zlib.error:
            continue
        if plain:
            rng.choice(COMMON[:-1])(rng, plain)
        data[start:end] = zlib.compress(bytes(plain))
        return


def inside_a_chunk(rng: random.Random, data: Bytes) -> None:
    """A PNG's chunk with a checksum that is right again."""
    chunks, at = [], 8
    while at + 8 <= len(data):
        size = struct.unpack(">I", data[at : at + 4])[0]
        chunks.append((at, size, bytes(data[at + 4 : at + 8])))
        at += size + 12
    if not chunks:
        return
    at, size, kind = rng.choice(chunks)
    body = Bytes(data[at + 8 : at + 8 + size])
    if body:
        rng.choice((flip_bits, set_bytes, set_a_number, cut_off, put_in))(rng, body)
    if kind == b"IDAT" and rng.random() < 0.5:
        body = Bytes(zlib.compress(rng.randbytes(rng.choice((0, 10, 4000)))))
    data[at : at + size + 12] = png_chunk(kind, bytes(body))


def an_entry(rng: random.Random, data: Bytes) -> None:
    """A TIFF's tag, type, count or value, or where its next page is said to be."""
    order = "<" if data[:2] == b"II" else ">"
    if len(data) < 8:
        return
    first = struct.unpack_from(order + "I", data, 4)[0]
    if first + 2 > len(data):
        return
    count = struct.unpack_from(order + "H", data, first)[0]
    at = first + 2 + 12 * rng.randrange(count + 1)
    offset, size = rng.choice(((0, "H"), (2, "H"), (4, "I"), (8, "I")))
    if at + offset + 4 <= len(data):
        value = rng.choice((*EXTREMES, first, at, len(data))) & (0xFFFF if size == "H" else 0xFFFFFFFF)
        struct.pack_into(order + size, data, at + offset, value)


def a_segment(rng: random.Random, data: Bytes) -> None:
    """A JPEG's marker, length or what follows it."""
    found = [m.start() for m in re.finditer(rb"\xff[\xc0-\xfe]", data)]
    if not found:
        return
    at = rng.choice(found) + rng.randrange(1, 12)
    if at < len(data):
        data[at] = rng.choice((0, 1, 2, 0x11, 0x22, 0x44, 0xC2, 0xD9, 0xDA, 0xFF, rng.randrange(256)))


OWN: dict[str, tuple[Callable[[random.Random, Bytes], None], ...]] = {
    "pdf": (another_number, another_word, another_reference, inside_a_stream),
    "png": (inside_a_chunk,),
    "tif": (an_entry,),
    "jpe": (a_segment,),
}


def mutated(number: int) -> tuple[str, bytes]:
    """A mutation and what it was made of. Half of its steps know the kind of file that they change."""
    rng = random.Random(number)
    name, good = any_seed(rng)
    data, steps = Bytes(good), []
    for _ in range(rng.randint(1, MOST_OPERATIONS)):
        step = rng.choice(OWN[name[:3]] if rng.random() < 0.5 else COMMON)
        if data:
            step(rng, data)
            steps.append(step.__name__)
    return f"{number}: {name}, {' '.join(steps)}", bytes(data)
