"""What was drawn on the pad: strokes of x, y, milliseconds and pressure, as the tablet sends them."""

import json
from itertools import pairwise
from math import dist, isfinite
from typing import Any

from kiosk.errors import Invalid

# A cross or a short stroke is a signature too; one tap by accident is not.
LEAST_INK_PX = 30.0
MOST_POINTS = 20_000
MOST_PX = 10_000

DRAW = "Draw your signature in the box, or choose to type your name."


def read_strokes(text: str, least_px: float = LEAST_INK_PX) -> dict[str, Any]:
    """The pad's strokes: numbers only, in the size they were made at. Raises Invalid."""
    try:
        given = json.loads(text)
        width, height = float(given["width"]), float(given["height"])
        strokes = [
            [[round(float(v), 2) for v in point[:4]] for point in stroke] for stroke in given["strokes"]
        ]
        lengths = [dist(a[:2], b[:2]) for stroke in strokes for a, b in pairwise(stroke)]
        whole = all(len(point) == 4 and all(map(isfinite, point)) for stroke in strokes for point in stroke)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        raise Invalid({"strokes": DRAW}) from None
    fits = 0 < width <= MOST_PX and 0 < height <= MOST_PX
    if (
        not (whole and fits)
        or sum(map(len, strokes)) > MOST_POINTS
        or not strokes
        or not sum(lengths) >= least_px
    ):
        raise Invalid({"strokes": DRAW})
    return {"strokes": strokes, "width": width, "height": height}
