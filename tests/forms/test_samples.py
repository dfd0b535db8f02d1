"""Sample walks: whole, valid, and between them everywhere that any answers lead."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.answers import kept, missing, showing, shown_questions
from forms.catalog import load_catalog
from forms.definition import Form
from forms.fields import as_inputs, page_form, read_page
from forms.loading import read_form
from forms.samples import CLIENT_NAME, NO_WAY, TOO_MANY, Samples, sample, samples
from tests.forms.making import EXAMPLE, both, example, filled, forms, plain_form

TODAY = date(2027, 1, 5)
SHIPPED = {form.id: form for form in load_catalog().current()} | {f.id: f for f in load_catalog().forms}


def seen(form: Form, found: Samples) -> set[str]:
    return {q.id for walk in found.walks for q in shown_questions(form, walk.answers, walk.about)}


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_the_walks_of_a_shipped_form_are_whole_and_open_every_page(name: str, lang: str) -> None:
    form = SHIPPED[name]
    found = samples(form, lang, TODAY)
    opened = {page.id for walk in found.walks for page in showing(form, walk.answers, walk.about)}
    assert opened == {page.id for page in form.pages}
    assert found.unseen == ()
    for walk in found.walks:
        assert missing(form, walk.answers, walk.about) == ()
        assert kept(form, walk.answers, walk.about) == walk.answers


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_the_tablet_would_take_every_sample_answer(name: str) -> None:
    form = SHIPPED[name]
    for walk in samples(form, "en", TODAY).walks:
        for page in showing(form, walk.answers, walk.about):
            sent = page_form(page, "en")(data=as_inputs(page, walk.answers))
            answers, problems = read_page(page, sent, "en", walk.about)
            assert problems == {}
            assert answers == {q.id: walk.answers[q.id] for q in page.questions if q.id in walk.answers}


def test_people_who_are_named_in_one_form_are_told_apart() -> None:
    form = SHIPPED["emergency_contact"]
    (walk,) = samples(form, "en", TODAY).walks
    said = [walk.answers[q.id] for q in form.questions() if q.kind in ("person", "name")]
    names = [one["name"] if isinstance(one, dict) else one for one in said]
    assert len(names) == len(set(names)) == 5
    assert CLIENT_NAME not in names


def test_samples_are_the_same_each_time_and_in_the_language_of_the_form() -> None:
    form = SHIPPED["clinician_release"]
    assert samples(form, "es", TODAY) == samples(form, "es", TODAY)
    assert samples(form, "es", TODAY).walks[0].answers["clinician"]["role"] == "Médico de familia"


AFTER_A_REFUSAL = """
[[page]]
id = "pity"
when = { may_thank = "refuse" }
  [[page.question]]
  id = "reason"
  kind = "short_text"
  ask = { en = "Why not?", es = "¿Por qué no?" }

[[page]]
id = "parents"
when = { client = { age_under = 12 } }
  [[page.question]]
  id = "school"
  kind = "short_text"
  ask = { en = "Which school?", es = "¿Qué escuela?" }

[[grant]]
"""


def test_what_only_a_refusal_or_a_child_sees_gets_a_walk_of_its_own(tmp_path: Path) -> None:
    form = example(tmp_path, EXAMPLE.replace("[[grant]]", AFTER_A_REFUSAL))
    usual, refused, child = samples(form, "en", TODAY).walks
    assert usual.chosen == {}
    assert refused.chosen == {"may_thank": "refuse"}
    assert not refused.another
    assert (child.chosen, child.another, child.about.age) == ({}, True, 10)
    assert "school" in child.answers


def never_twice(**more: object) -> Form:
    """A form whose last page asks for two answers to one question, and many other answers."""
    names = [f"q{number}" for number in range(2)]
    first = [{"id": name, "kind": "yes_no", "ask": both(name)} for name in names]
    wanted = [{"q0": "yes"}, {"q0": "no"}]
    last = {"id": "end", "kind": "notice", "ask": both("End")}
    pages = [{"id": "a", "question": first}, {"id": "b", "when": {"all": wanted}, "question": [last]}]
    return read_form("made.toml", plain_form(pages, **more))


def test_what_no_answers_show_is_named_with_the_reason() -> None:
    ((question, reason),) = samples(never_twice(), "en", TODAY).unseen
    assert (question.id, reason) == ("end", NO_WAY)


def test_too_many_answers_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forms.samples.MOST_TRIED", 1)
    ((_, reason),) = samples(never_twice(), "en", TODAY).unseen
    assert reason == TOO_MANY


def test_a_sample_day_lies_where_its_question_wants_it() -> None:
    form = SHIPPED["clinician_release"]
    about = samples(form, "en", TODAY).walks[0].about
    day = next(question for question in form.questions() if question.kind == "date")
    assert sample(day, "en", about) > TODAY.isoformat()
    assert sample(replace(day, day="past"), "en", about) < TODAY.isoformat()
    born = SHIPPED["contact_details"].question("born")
    assert sample(born, "en", about) == "1987-01-05"


@pytest.mark.long
@given(st.data())
def test_nothing_that_some_answers_show_is_called_unreachable(data: st.DataObject) -> None:
    form = data.draw(forms())
    found = samples(form, "en", TODAY)
    reachable = seen(form, found) | {q.id for q, reason in found.unseen if reason == TOO_MANY}
    answers = data.draw(filled(form))
    if not missing(form, answers):
        assert {q.id for q in shown_questions(form, answers)} <= reachable
