"""About how long a form takes: one rule, from words and questions."""

from datetime import date

import pytest

from forms import duration
from forms.catalog import load_catalog
from forms.definition import About, Form
from forms.samples import samples

FORMS = load_catalog().current()
ADULT = About(date(2026, 11, 23), date(1956, 4, 27))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_what_is_reckoned_is_near_what_the_author_of_the_form_thinks(form: Form) -> None:
    for lang in form.languages:
        reckoned = duration.minutes(duration.seconds(form, lang, {}, ADULT))
        assert form.minutes - 1 <= reckoned <= form.minutes + 2, (form.id, lang, reckoned)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_the_longest_walk_takes_longer_and_less_is_left_with_every_page(form: Form) -> None:
    (walk, *_) = samples(form, "en", date(2026, 11, 23)).walks
    begin = [None, *(page.id for page in form.pages)]
    left = [duration.seconds(form, "en", walk.answers, walk.about, page) for page in begin]
    assert left == sorted(left, reverse=True)
    assert left[0] >= duration.seconds(form, "en", {}, ADULT) - 1
    assert left[-1] >= duration.finishing(form) > 0


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 1), (20, 1), (100, 2), (300, 5)])
def test_people_are_told_whole_minutes_and_never_none(seconds: float, minutes: int) -> None:
    assert duration.minutes(seconds) == minutes
