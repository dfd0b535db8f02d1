"""Two hundred sets of pages that were lost, doubled, turned, cut or mixed up; a hundred that were not."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest
from PIL import Image
from sqlalchemy import delete, select, update

from kiosk import access
from kiosk.vault import Field, tables
from kiosk.vault.states import PageState, SheetState
from tests import pen
from tests.practices import People, make_people

MUTATED, CLEAN, LOTS = 200, 100, 4
Pages = list[Image.Image]


@dataclass
class Printed:
    """A sheet of two pages under the pen, and one of somebody else."""

    people: People
    sheet: str
    pages: Pages
    others: Pages
    right: Mapping[str, str]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Printed]:
    for people in make_people(tmp_path_factory.mktemp("sets") / "practice"):
        pdf, sheet = people.prints(people.visit())
        other_pdf, other = people.prints(people.visit("Theo Okafor", "13:00"))
        made = Printed(people, sheet.id, people.fills_in(pdf, sheet), people.fills_in(other_pdf, other), {})
        come_back(made, made.pages)
        made.right = read(made)
        assert len(made.right) > 3
        yield made


def read(printed: Printed) -> dict[str, str]:
    """What the boxes of the sheet are read as."""
    with access.transaction(printed.people.system) as desk:
        client = desk.session.get_one(tables.Sheet, printed.sheet).client_id
        rows = desk.session.scalars(select(tables.Reading).where(tables.Reading.sheet_id == printed.sheet))
        return {
            row.question: str(desk.open_json(client, Field.READING_READ, row.id, row.read_sealed)["value"])
            for row in rows
            if not row.part
        }


def come_back(printed: Printed, pages: Pages) -> SheetState:
    """The pages are scanned as one file, after whatever was scanned before is forgotten."""
    people = printed.people
    with access.transaction(people.system) as desk:
        for table in (tables.Reading, tables.ScanPage, tables.Scan, tables.Document):
            desk.session.execute(delete(table))
        desk.session.execute(update(tables.Sheet).values(state=SheetState.PRINTED))
    if pages:
        people.scans(pen.as_pdf(pages, quality=60))
    return SheetState(people.sheet(printed.sheet).state)


def problems(people: People) -> list[str]:
    with access.transaction(people.system) as desk:
        rows = select(tables.ScanPage.problem_kind).where(tables.ScanPage.state == PageState.PROBLEM)
        return [str(kind) for kind in desk.session.scalars(rows)]


def turned(page: Image.Image, degrees: int) -> Image.Image:
    return page.rotate(degrees, expand=True, fillcolor=235)


def cut(page: Image.Image, rng: random.Random) -> Image.Image:
    """Half of it is gone, at one side."""
    width, height = page.size
    part = rng.uniform(0.35, 0.65)
    boxes = [(0, 0, width, int(height * part)), (0, int(height * part), width, height),
             (0, 0, int(width * part), height), (int(width * part), 0, width, height)]  # fmt: skip
    return page.crop(rng.choice(boxes))


def white(page: Image.Image) -> Image.Image:
    return Image.new("L", page.size, 250)


Mutation = Callable[[Printed, random.Random], Pages]


def at(printed: Printed, rng: random.Random, change: Callable[[Image.Image], Image.Image]) -> Pages:
    pages = list(printed.pages)
    one = rng.randrange(2)
    pages[one] = change(pages[one])
    return pages


STOPPED: Mapping[str, Mutation] = {
    "lost": lambda printed, rng: [rng.choice(printed.pages)],
    "the same twice": lambda printed, rng: [rng.choice(printed.pages)] * 2,
    "cut": lambda printed, rng: at(printed, rng, lambda page: cut(page, rng)),
    "white": lambda printed, rng: at(printed, rng, white),
    "somebody else's": lambda printed, rng: [printed.pages[n := rng.randrange(2)], printed.others[1 - n]],
}
TURNED: Mapping[str, Mutation] = {
    "on its side": lambda printed, rng: at(printed, rng, lambda page: turned(page, rng.choice((90, 270)))),
    "upside down": lambda printed, rng: at(printed, rng, lambda page: turned(page, 180)),
    "the other way round": lambda printed, _rng: printed.pages[::-1],
}


def clean(printed: Printed, rng: random.Random) -> Pages:
    """As scanners do it: a little skewed, grey, noisy, blurred, in any order."""
    pages = [
        pen.scanned(page, seed=rng.randrange(99), skew=rng.uniform(-1, 1), blur=rng.uniform(0, 0.7),
                    noise=rng.uniform(0, 5), shade=rng.randrange(20))
        for page in printed.pages
    ]  # fmt: skip
    rng.shuffle(pages)
    return pages


@pytest.mark.long
@pytest.mark.parametrize("lot", range(LOTS))
def test_no_set_with_a_page_missing_comes_to_a_person_as_whole(printed: Printed, lot: int) -> None:
    rng = random.Random(lot)
    for number in range(MUTATED // LOTS):
        names = list(STOPPED) + list(TURNED)
        name = names[number % len(names)]
        if name in STOPPED:
            state = come_back(printed, STOPPED[name](printed, rng))
            assert state in (SheetState.PRINTED, SheetState.INCOMPLETE), name
        elif come_back(printed, TURNED[name](printed, rng)) == SheetState.AWAITING:
            assert read(printed) == printed.right, name
        else:
            assert problems(printed.people), name


@pytest.mark.long
@pytest.mark.parametrize("lot", range(LOTS))
def test_no_set_that_is_whole_is_stopped(printed: Printed, lot: int) -> None:
    rng = random.Random(100 + lot)
    for _ in range(CLEAN // LOTS):
        assert come_back(printed, clean(printed, rng)) == SheetState.AWAITING
        assert read(printed) == printed.right
