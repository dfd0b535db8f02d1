"""A question that follows an answer on the same page: at once with script, by the next press without."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.datastructures import MultiDict

from kiosk.access import Sitting
from kiosk.actions import sittings
from kiosk.actions.at_tablet import Step
from tests.practices import make_people

FORM = "towels"
DEFINITION = """
id = "towels"
version = 1
languages = ["en"]
minutes = 1
before_session = true
order = 1
signer = ["client"]
title = { en = "Towels" }
purpose = { en = "What we lay out for you." }
attest = { en = "This is what I want." }
take_back = { en = "Tell us." }

[[page]]
id = "warm"
  [[page.question]]
  id = "warm"
  kind = "yes_no"
  ask = { en = "Do you want a warm towel?" }
  [[page.question]]
  id = "how_warm"
  kind = "choice"
  when = { warm = "yes" }
  ask = { en = "How warm?" }
  missing = { en = "Choose how warm" }
  options = [
    { id = "a_little", label = { en = "A little" } },
    { id = "hot", label = { en = "Hot" } },
  ]

[[page]]
id = "colour"
  [[page.question]]
  id = "colour"
  kind = "short_text"
  required = false
  ask = { en = "Which colour?" }
"""


@pytest.fixture
def sitting(tmp_path: Path) -> Iterator[Sitting]:
    folder = tmp_path / "practice"
    for people in make_people(folder, own_forms=False, form=DEFINITION):
        yield people.sits_down(people.visit())


def answer(sitting: Sitting, **given: object) -> Step | sittings.PageView:
    return sittings.answer(sitting, FORM, "warm", MultiDict(given))


def test_what_follows_comes_at_once_and_keeps_nothing_yet(sitting: Sitting) -> None:
    view = sittings.open_page(sitting, FORM, "warm")
    assert view.follows
    assert [question.id for question in view.questions] == ["warm"]
    more = sittings.follow(sitting, FORM, "warm", MultiDict({"warm": "yes"}))
    assert [(question.id, question.follows) for question in more.questions] == [
        ("warm", False),
        ("how_warm", True),
    ]
    assert more.problems == ()
    less = sittings.follow(sitting, FORM, "warm", MultiDict({"warm": "no", "how_warm": "hot"}))
    assert [question.id for question in less.questions] == ["warm"]
    assert sittings.open_page(sitting, FORM, "warm").questions[0].value is None
    assert not sittings.open_page(sitting, FORM, "colour").follows


def test_without_script_what_follows_comes_with_the_next_press_and_without_a_reproach(
    sitting: Sitting,
) -> None:
    asked = answer(sitting, warm="yes")
    assert isinstance(asked, sittings.PageView)
    assert [question.id for question in asked.questions] == ["warm", "how_warm"]
    assert asked.problems == ()
    left_empty = answer(sitting, warm="yes", _shown="how_warm")
    assert isinstance(left_empty, sittings.PageView)
    assert left_empty.problems == (("how_warm", "Choose how warm"),)
    assert answer(sitting, warm="yes", _shown="how_warm", how_warm="hot") == Step("page", FORM, "colour")
    again = sittings.open_page(sitting, FORM, "warm")
    assert [question.value for question in again.questions] == ["yes", "hot"]
    assert answer(sitting, warm="no", _shown="how_warm", how_warm="hot") == Step("page", FORM, "colour")
    assert [row.question for row in sittings.check(sitting, FORM).rows] == ["warm", "colour"]
