"""JSON from outside, changed by accident or by malice: the same for the same number, on any machine."""

import json
import random
from copy import deepcopy
from typing import Any

from tests.fuzz.mutations import COMMON, Bytes

STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, float("inf"), float("nan"), 10**400, "", " ", "x" * 5000, "\x00",
    "\ud800", "2026-13-45", "2026-11-23T10:00:00", [], [None], {}, {"": {}}, [[[[[[]]]]]], {"name": None},
)  # fmt: skip
DEEP = b"[" * 100_000
MOST_CHANGES = 3


def places(plain: Any) -> list[tuple[Any, Any]]:
    """Everything that hangs in something, with what it hangs in."""
    keys = list(plain) if isinstance(plain, dict) else range(len(plain)) if isinstance(plain, list) else ()
    return [found for key in keys for found in ((plain, key), *places(plain[key]))]


def other_values(rng: random.Random, text: str) -> str:
    """Still JSON: something strange in the place of a value, a value gone, twice, or under another's name."""
    plain = json.loads(text)
    for _ in range(rng.randint(1, MOST_CHANGES)):
        hangs_in, key = rng.choice(places(plain) or [([None], 0)])
        how = rng.randrange(4)
        if how == 0 and isinstance(hangs_in, dict):
            del hangs_in[key]
        elif how == 1 and isinstance(hangs_in, dict):
            hangs_in[rng.choice(("", "extra", *hangs_in))] = deepcopy(hangs_in[key])
        elif how == 2 and isinstance(hangs_in, list):
            hangs_in.insert(key, deepcopy(hangs_in[key]))
        else:
            hangs_in[key] = deepcopy(rng.choice(STRANGE))  # what is strange is changed too
    return json.dumps(plain, sort_keys=True, ensure_ascii=rng.random() < 0.5, separators=(",", ":"))


def other_bytes(rng: random.Random, text: str) -> bytes:
    """Perhaps no JSON any more."""
    if rng.random() < 0.02:
        return DEEP
    data = Bytes(text.encode())
    for _ in range(rng.randint(1, MOST_CHANGES)):
        if data:
            rng.choice(COMMON[:-1])(rng, data)
    return bytes(data)


def changed(number: int, text: str) -> bytes:
    rng = random.Random(number)
    if rng.random() < 0.5:
        return other_values(rng, text).encode("utf-8", "surrogatepass")
    return other_bytes(rng, text)
