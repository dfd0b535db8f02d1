"""What the time of an answer tells: tries of two kinds in random order, and the area under their curve.

0.5 is what a coin tells, and 1 (or 0) everything. Hashing is made cheap and the step of the even pace short,
so that what is left shows better than it would in a practice. Where two kinds are to be answered alike, every
byte is compared too.
"""

import gc
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from kiosk import access
from kiosk.access import pace
from kiosk.actions import handing
from kiosk.actions.check_in import CODE_LENGTH, CODE_LETTERS, spoken
from kiosk.app import create_app
from kiosk.vault import new_id, tables
from tests.practices import BORN, PASSPHRASE, People, make_people, shared_folder

TRIES = 2000
NOTHING_TOLD = (0.45, 0.55)
STEP_SECONDS = 0.05
SAID_BACK = re.compile(rb'(name="(?:csrf_token|name|code|month|day|year|try)"[^>]*?value=")[^"]*')

Try = Callable[[int], TestResponse]


@dataclass
class Kind:
    """One of the two; `before` is done before each try and not timed."""

    send: Try
    before: Callable[[int], None] = lambda _number: None


def area(ones: list[float], others: list[float]) -> float:
    """How often one of the first took longer than one of the others; ties count half."""
    order = sorted([(took, 0) for took in ones] + [(took, 1) for took in others])
    ranks, at = 0.0, 0
    while at < len(order):
        end = at
        while end < len(order) and order[end][0] == order[at][0]:
            end += 1
        ranks += sum((at + end + 1) / 2 for took, kind in order[at:end] if kind == 0)
        at = end
    return (ranks - len(ones) * (len(ones) + 1) / 2) / (len(ones) * len(others))


def tells(found: float) -> bool:
    """Whether an area is one that a coin would hardly give."""
    return not NOTHING_TOLD[0] <= found <= NOTHING_TOLD[1]


def seen(answer: TestResponse) -> tuple[Any, ...]:
    """All of an answer but what was typed, how many tries there were, tokens and the time."""
    left = ("Date", "Set-Cookie", "Content-Length")  # the body is compared itself
    headers = sorted((name, value) for name, value in answer.headers if name not in left)
    cookies = sorted(one.partition("=")[0] for one in answer.headers.getlist("Set-Cookie"))
    return answer.status_code, tuple(headers), tuple(cookies), SAID_BACK.sub(rb"\1", answer.data)


def compared(people: People, one: Kind, other: Kind, *, alike: bool, tries: int = TRIES) -> float:
    """Both kinds, shuffled into one another. Raises AssertionError for answers that differ and should not."""
    took: tuple[list[float], list[float]] = ([], [])
    answers = set()
    order = [(kind, number) for kind in (0, 1) for number in range(tries)]
    random.Random(5).shuffle(order)
    for n in range(20):  # to warm up
        for kind in (one, other):
            kind.before(-1 - n)
            kind.send(-1 - n)
    gc.collect()
    gc.disable()
    for kind, number in order:
        people.clock.now += timedelta(hours=2)  # whatever was tried before is forgotten
        chosen = (one, other)[kind]
        chosen.before(number)
        begun = time.perf_counter()
        answer = chosen.send(number)
        took[kind].append(time.perf_counter() - begun)
        answers.add(seen(answer))
    gc.enable()
    assert not alike or len(answers) == 1, "answers that should be alike differ"
    return area(*took)


class Door:
    """A practice with many at work and one at the tablet."""

    def __init__(self, people: People) -> None:
        self.people = people
        app = create_app(people.practice)
        app.config["WTF_CSRF_ENABLED"] = False
        self.browser: FlaskClient = app.test_client()
        self.tablet: FlaskClient = app.test_client()
        token = access.pair(people.practice, access.make_pairing(people.desk, "Tablet"), "127.0.0.1")
        self.tablet.set_cookie("kiosk-tablet", token)
        self.visit = people.visit()
        self.rng = random.Random(7)

    def staff(self, number: int) -> None:
        with access.transaction(self.people.system) as desk:
            kept = desk.session.scalars(select(tables.Staff.passphrase_hash).limit(1)).one()
            like = {"name": "N", "roles": "therapist", "passphrase_hash": kept}
            for n in range(-20, number):
                desk.session.add(tables.Staff(id=new_id(), sign_in=f"known{n:05}", **like))

    def signs_in(self, start: str) -> Try:
        said = {"passphrase": "wrong wrong wrong"}
        return lambda number: self.browser.post("/sign-in", data={**said, "name": f"{start}{number:05}"})

    def signs_in_as(self, name: str, passphrase: str) -> Try:
        return lambda _number: self.browser.post("/sign-in", data={"name": name, "passphrase": passphrase})

    def code(self, *, opens: bool) -> str:
        """A code of the visit, which is open for ever or has been closed for long."""
        code = handing.make_code(self.people.desk, self.visit)
        now = self.people.clock.now
        until = now + timedelta(days=9_999) if opens else now - timedelta(days=1)
        with access.transaction(self.people.system) as desk:
            desk.session.execute(
                update(tables.Visit).values(code_from=now - timedelta(days=9), code_until=until)
            )
        return code

    def gives(self, code: Callable[[], str]) -> Try:
        return lambda _number: self.tablet.post("/tablet/code", data={"code": code()})

    def wrong_code(self) -> str:
        return spoken("".join(self.rng.choice(CODE_LETTERS) for _ in range(CODE_LENGTH)))

    def gives_birth_date(self, code: str, **changed: str) -> Kind:
        born = {**BORN, **changed}
        return Kind(
            lambda _number: self.tablet.post("/tablet/birth-date", data=born),
            lambda _number: self._sits(code),
        )

    def _sits(self, code: str) -> None:
        with access.transaction(self.people.system) as desk:
            desk.session.execute(update(tables.Visit).values(state="arrived", tablet_id=None))
            desk.session.execute(update(tables.Sitting).values(misses=0))
        assert self.tablet.post("/tablet/code", data={"code": code}).status_code == 303

    def says_name(self, name: str) -> Try:
        return lambda _number: self.tablet.post("/tablet/name", data={"name": name, **BORN})


Figure = tuple[str, float]


def figures(people: People, tries: int = TRIES) -> Iterator[Figure]:
    """What was tried, and the area; one after the other."""
    door = Door(people)
    door.staff(tries)

    def told(one: Kind, other: Kind, *, alike: bool = True) -> float:
        return compared(people, one, other, alike=alike, tries=tries)

    known, unknown = Kind(door.signs_in("known")), Kind(door.signs_in("nobod"))
    yield "sign-in, wrong: a known name against an unknown one", told(known, unknown)
    client, nobody = Kind(door.says_name("Rose Nyberg")), Kind(door.says_name("Ruth Newborn"))
    wrong_word = Kind(door.signs_in_as("dorothy", "wrong wrong wrong"))
    yield (
        "sign-in: right against wrong",
        told(Kind(door.signs_in_as("dorothy", PASSPHRASE)), wrong_word, alike=False),
    )
    yield "by name at the tablet: a client against nobody", told(client, nobody)
    wrong, closed = Kind(door.gives(door.wrong_code)), door.code(opens=False)
    yield "a code: one that is closed against none at all", told(Kind(door.gives(lambda: closed)), wrong)
    opens = door.code(opens=True)
    right = Kind(door.gives(lambda: opens))
    yield "a code: right against wrong", told(right, wrong, alike=False)
    born, near = door.gives_birth_date(opens), door.gives_birth_date(opens, day="28")
    yield "the birth date: right against wrong", told(born, near, alike=False)
    far = door.gives_birth_date(opens, year="1911", month="1", day="11")
    yield "the birth date: nearly right against far from it", told(near, far)


def measure(tries: int = TRIES) -> list[dict[str, Any]]:
    return [row(what, found) for what, found in measured(tries)]


def row(what: str, found: float) -> dict[str, Any]:
    return {"what": what, "ours": found, "plain": 0.5, "unit": "AUC", "tells": tells(found)}


def measured(tries: int) -> Iterator[Figure]:
    pace.STEP_SECONDS = STEP_SECONDS
    with tempfile.TemporaryDirectory() as folder:
        for people in make_people(Path(folder) / "practice"):
            yield from figures(people, tries)


if __name__ == "__main__":
    with shared_folder():
        for what, found in measured(int(sys.argv[1]) if len(sys.argv) > 1 else TRIES):
            print(f"{found:.3f}  {what}{'  TELLS' if tells(found) else ''}", flush=True)
