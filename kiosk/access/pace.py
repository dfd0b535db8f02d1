"""How long an answer takes tells nothing of what was guessed: a code, a birth date, a passphrase, a name.

The work for a right guess and for a wrong one differs by thousandths of a second. The answer waits for the
next whole step, and a little at random, which hides what cannot be waited for: that it is then sent.
"""

import math
import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, request

STEP_SECONDS = 0.1
RANDOM_SECONDS = 0.01

P = ParamSpec("P")
pause = time.sleep


def left(spent: float) -> float:
    """Seconds to the end of the step in which the work ended."""
    return math.ceil(spent / STEP_SECONDS) * STEP_SECONDS - spent


def at_an_even_pace(view: Callable[P, Response]) -> Callable[P, Response]:
    """For a view whose post may be a guess, whatever comes of it, an error included."""

    @wraps(view)
    def paced(*args: P.args, **kwargs: P.kwargs) -> Response:
        begun = time.monotonic()
        try:
            return view(*args, **kwargs)
        finally:
            if request.method == "POST":
                pause(left(time.monotonic() - begun) + random.uniform(0, RANDOM_SECONDS))  # noqa: S311  # no secret

    return paced
