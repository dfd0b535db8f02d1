"""Whatever a definition asks, in whatever group and on whatever condition, has its marks on paper."""

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.advice import LETTERS_IN_A_COLUMN, LINES_ON_PAPER, advice
from forms.definition import Form
from forms.fields import page_form
from forms.loading import read_form
from pdf.field_map import POINTS, Box, Field
from pdf.twin import twin
from tests.forms.making import EVERY_KIND, both, forms, plain_form
from tests.pdf.paper import words_outside

MM = 72 / 25.4
SIDE, HEAD, FOOT = 22 * MM, 50 * MM, 27 * MM  # what the body of a sheet keeps free
SLACK = 0.1

Mark = tuple[str, str | None]  # an input by its name, and the option where it has some


def submitted(form: Form) -> list[Mark]:
    """Everything that the tablet's pages could send, from their WTForms classes."""
    marks: list[Mark] = []
    for page in form.pages:
        for field in page_form(page, "en")():
            options = [str(choice.value) for choice in getattr(field, "choices", ())]
            marks += [(field.name, option) for option in options or [None]]
    return marks


def printed(fields: tuple[Field, ...]) -> list[Mark]:
    """What a twin's marks stand for, as inputs of the tablet."""
    asked = (field for field in fields if not field.question.startswith("_"))
    return [(f"{one.question}-{one.part}" if one.part else one.question, one.option) for one in asked]


def apart(one: Box, other: Box) -> bool:
    return (
        one[0] + one[2] <= other[0] + SLACK
        or other[0] + other[2] <= one[0] + SLACK
        or one[1] + one[3] <= other[1] + SLACK
        or other[1] + other[3] <= one[1] + SLACK
    )


def holds_for(form: Form, size: str) -> None:
    made = twin(form, "en", size, practice="Lakeside Massage")
    fields, (width, height) = made.field_map.fields, POINTS[size]
    assert Counter(printed(fields)) == Counter(submitted(form))
    for field in fields:
        x, y, w, h = field.box
        assert w > 0, field
        assert SIDE - SLACK <= x <= x + w <= width - SIDE + SLACK, field
        assert HEAD - SLACK <= y <= y + h <= height - FOOT + SLACK, field
    for page in range(len(made.field_map.pages)):
        here = [field for field in fields if field.page == page]
        touching = [pair for pair in combinations(here, 2) if not apart(pair[0].box, pair[1].box)]
        assert not touching
    assert words_outside(made.pdf) == []


SIZES = st.sampled_from(["letter", "a4"])
UNHURRIED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}


@settings(max_examples=6, **UNHURRIED)
@given(form=forms(EVERY_KIND), size=SIZES)
def test_what_the_tablet_could_send_the_twin_can_carry(form: Form, size: str):
    holds_for(form, size)


@pytest.mark.long
@settings(max_examples=300, **UNHURRIED)
@given(form=forms(EVERY_KIND), size=SIZES)
def test_what_the_tablet_could_send_the_twin_can_carry_in_many_forms(form: Form, size: str):
    holds_for(form, size)


WORDS = "when you have been here and what we did about your shoulder and your lower back then "


def of_length(letters: int) -> str:
    """Words of exactly so many letters."""
    return (WORDS * (letters // len(WORDS) + 1))[:letters].strip().ljust(letters, "s")


@pytest.mark.parametrize("size", ["letter", pytest.param("a4", marks=pytest.mark.long)])
@pytest.mark.parametrize("lines", [1, pytest.param(2, marks=pytest.mark.long), 13, LINES_ON_PAPER])
def test_the_longest_list_that_is_let_pass_stays_on_one_sheet(size: str, lines: int):
    def asked(rows: int) -> Form:
        label = both(of_length(lines * LETTERS_IN_A_COLUMN))
        options = [{"id": f"o{n}", "label": label} for n in range(2 * rows)]
        question = {"id": "long", "kind": "choices", "ask": both("Which of these?"), "options": options}
        return read_form("made.toml", plain_form([{"id": "p", "question": [question]}]))

    longest = LINES_ON_PAPER // lines
    assert "long.options" not in dict(advice(asked(longest)))
    assert "long.options" in dict(advice(asked(longest + 1)))
    fields = twin(asked(longest), "en", size, practice="P").field_map.fields
    assert {field.page for field in fields if field.question == "long"} == {0}
