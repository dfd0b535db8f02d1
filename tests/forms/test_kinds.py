"""Each question kind: what it makes of good input, what it refuses, and how it says it again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.definition import Question
from forms.kinds import KINDS, Problem
from forms.loading import read_form
from tests.forms.making import both, plain_form

OPTIONS = [{"id": one, "label": {"en": one.upper(), "es": one.upper() + "!"}} for one in ("a", "b", "c")]


def question_of(kind: str) -> Question:
    options = {"options": OPTIONS} if kind in ("choice", "choices") else {}
    plain = {"id": "q", "kind": kind, "ask": both("?"), **options}
    return read_form("made.toml", plain_form([{"id": "p", "question": [plain]}])).question("q")


GOOD = [
    # kind, what was sent, the answer, how it is said in English and in Spanish
    ("decision", {"": "allow"}, "allow", "Yes, you may", "Sí, pueden"),
    ("decision", {"": "refuse"}, "refuse", "No, please do not", "No, por favor no"),
    ("yes_no", {"": "yes"}, "yes", "Yes", "Sí"),
    ("choice", {"": "b"}, "b", "B", "B!"),
    ("choices", {"": ["c", "a"]}, ["a", "c"], "A; C", "A!; C!"),
    ("choices", {"": "b"}, ["b"], "B", "B!"),
    ("short_text", {"": "  my   back "}, "my back", "my back", "my back"),
    ("long_text", {"": " one \r\n\r\n two "}, "one\n\ntwo", "one\n\ntwo", "one\n\ntwo"),
    ("phone", {"": "512 555 0134"}, "512 555 0134", "512 555 0134", "512 555 0134"),
    ("phone", {"": "+49 30 901820"}, "+49 30 901820", "+49 30 901820", "+49 30 901820"),
    ("email", {"": "rose@example.com"}, "rose@example.com", "rose@example.com", "rose@example.com"),
    (
        "date",
        {"month": "4", "day": "27", "year": "2027"},
        "2027-04-27",
        "April 27, 2027",
        "27 de abril de 2027",
    ),
    (
        "date",
        {"month": "02", "day": "29", "year": "2028"},
        "2028-02-29",
        "February 29, 2028",
        "29 de febrero de 2028",
    ),
    *(
        ("date", {"month": month, "day": "4", "year": "2027"}, f"2027-{number:02}-04", *says)
        for number, months, says in (
            (3, ("mar", "March", "MARZO", "mar."), ("March 4, 2027", "4 de marzo de 2027")),
            (1, ("jan", "January", "enero", "Ene"), ("January 4, 2027", "4 de enero de 2027")),
            (9, ("Sept", "setiembre", "septiembre"), ("September 4, 2027", "4 de septiembre de 2027")),
        )
        for month in months
    ),
    (
        "person",
        {"name": " Kirsten  Nyberg", "relation": "daughter", "phone": "555 0142"},
        {"name": "Kirsten Nyberg", "relation": "daughter", "phone": "555 0142"},
        "Kirsten Nyberg, daughter, 555 0142",
        "Kirsten Nyberg, daughter, 555 0142",
    ),
    ("person", {"name": "Jo"}, {"name": "Jo"}, "Jo", "Jo"),
    ("name", {"": " Ana  María Ruiz "}, "Ana María Ruiz", "Ana María Ruiz", "Ana María Ruiz"),
    ("initials", {"": "R. N."}, "R. N.", "R. N.", "R. N."),
    (
        "address",
        {"street": "4 Elm St", "city": "Austin", "state": "TX", "postcode": "78701"},
        {"street": "4 Elm St", "city": "Austin", "state": "TX", "postcode": "78701"},
        "4 Elm St, Austin, TX, 78701",
        "4 Elm St, Austin, TX, 78701",
    ),
    (
        "clinician",
        {"name": "Dr. Ortiz", "role": "physician", "fax": "512 555 0199"},
        {"name": "Dr. Ortiz", "role": "physician", "fax": "512 555 0199"},
        "Dr. Ortiz, physician, 512 555 0199",
        "Dr. Ortiz, physician, 512 555 0199",
    ),
]


@pytest.mark.parametrize(("kind", "sent", "answer", "en", "es"), GOOD)
def test_good_input_becomes_an_answer_that_reads_well(kind: str, sent: Any, answer: Any, en: str, es: str):
    question = question_of(kind)
    assert KINDS[kind].coerce(question, sent, "en") == answer
    assert (KINDS[kind].say(question, answer, "en"), KINDS[kind].say(question, answer, "es")) == (en, es)


BAD = [
    # kind, what was sent, the part that is wrong, a word of what is said
    ("decision", {"": "yes"}, "", "answers shown"),
    ("decision", {"": "answered"}, "", "answers shown"),
    ("yes_no", {"": "allow"}, "", "answers shown"),
    ("choice", {"": "d"}, "", "answers shown"),
    ("choices", {"": ["a", "d"]}, "", "answers shown"),
    ("phone", {"": "call me"}, "", "phone number"),
    ("phone", {"": "12"}, "", "phone number"),
    ("phone", {"": "5125550134" * 2}, "", "phone number"),
    ("email", {"": "rose"}, "", "email address"),
    ("email", {"": "rose@example"}, "", "email address"),
    ("email", {"": "rose@example.com, jo@example.com"}, "", "email address"),
    ("date", {"month": "2", "day": "30", "year": "2027"}, "month", "no such day"),
    ("date", {"month": "4", "day": "", "year": "2027"}, "day", "three numbers"),
    ("date", {"month": "Aprill", "day": "4", "year": "2027"}, "month", "three numbers"),
    ("date", {"month": "ma", "day": "4", "year": "2027"}, "month", "three numbers"),
    ("date", {"month": "4", "day": "apr", "year": "2027"}, "day", "three numbers"),
    ("date", {"month": "4", "day": "27", "year": "27"}, "year", "four digits"),
    ("date", {"month": "4", "day": "27", "year": "20 27"}, "year", "three numbers"),
    ("short_text", {"": "x" * 201}, "", "200 letters"),
    ("long_text", {"": "x" * 4001}, "", "4000 letters"),
    ("name", {"": "x" * 201}, "", "200 letters"),
    ("initials", {"": "R2"}, "", "initials"),
    ("initials", {"": "Rose Nyberg"}, "", "initials"),
    ("address", {"city": "Austin"}, "street", "street"),
    ("person", {"name": "Jo", "relation": "x" * 201}, "relation", "200 letters"),
    ("person", {"name": "Jo", "email": "jo"}, "email", "email address"),
    ("person", {"relation": "daughter"}, "name", "name"),
    ("person", {"name": "Jo", "phone": "unknown"}, "phone", "phone number"),
    ("clinician", {"role": "physician"}, "name", "name of the person or the practice"),
    ("clinician", {"name": "Dr. Ortiz", "fax": "x"}, "fax", "phone number"),
]


@pytest.mark.parametrize(("kind", "sent", "part", "said"), BAD)
def test_bad_input_is_a_problem_of_its_part_in_words_of_the_language(
    kind: str, sent: Any, part: str, said: str
):
    with pytest.raises(Problem) as wrong:
        KINDS[kind].coerce(question_of(kind), sent, "en")
    assert wrong.value.part == part
    assert said in wrong.value.message
    with pytest.raises(Problem) as wrong_es:
        KINDS[kind].coerce(question_of(kind), sent, "es")
    assert wrong_es.value.message != wrong.value.message


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_was_left_empty_is_no_answer(kind: str):
    empty = {part.id: value for part in KINDS[kind].parts for value in ("  " if part.mark != "tick" else "",)}
    assert KINDS[kind].coerce(question_of(kind), empty, "en") is None
    assert KINDS[kind].coerce(question_of(kind), {}, "en") is None


@given(kind=st.sampled_from(sorted(KINDS)), data=st.data())
def test_whatever_is_sent_is_an_answer_nothing_or_a_problem(kind: str, data: st.DataObject):
    sent = {part.id: data.draw(st.text(max_size=40)) for part in KINDS[kind].parts}
    question = question_of(kind)
    try:
        answer = KINDS[kind].coerce(question, sent, "en")
    except Problem as problem:
        found = problem
    else:
        found = None
    if found is not None:
        assert found.message
        assert found.part in {part.id for part in KINDS[kind].parts}
    else:
        assert answer is None or KINDS[kind].say(question, answer, "en")


def test_paper_says_allow_where_the_screen_says_yes():
    decision = KINDS["decision"]
    assert [said for _, said in decision.options(question_of("decision"), "en", paper=True)] == [
        "Allow",
        "Do not allow",
    ]


def test_in_a_language_that_the_kinds_do_not_speak_they_say_it_in_english():
    assert dict(KINDS["yes_no"].options(question_of("yes_no"), "ar")) == {"yes": "Yes", "no": "No"}


def test_every_mark_is_one_that_paper_knows():
    assert {mark for kind in KINDS.values() for mark in kind.marks} == {"tick", "comb", "line", "signature"}
    assert all(part.cells for kind in KINDS.values() for part in kind.parts if part.mark == "comb")
