"""One name, as different people write it."""

import unicodedata
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forms.names import folded, same_name, words

HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
APOSTROPHES = "'\u2018\u2019\u02bc\u00b4`"
MARKS = "\u0300\u0301\u0308\u0323\u0327"
# Any text, and more often what names trip over.
NAMES = st.text(st.one_of(st.characters(), st.sampled_from(f" .{HYPHENS}{APOSTROPHES}{MARKS}łØßẞæŒðÞıİΣςﬁ½")))


def test_names_are_the_same_as_people_write_them() -> None:
    assert same_name("José  NÚÑEZ", "jose nunez")
    assert not same_name("José", "Josefa")
    assert not same_name("", "")
    assert not same_name(" ", " ")


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Łukasz", "lukasz"),
        ("SØREN", "soren"),
        ("Strauß", "strauss"),
        ("Ægir Œuvray", "aegir oeuvray"),
        ("Đorđe", "dorde"),
        ("Guðrún Þórsdóttir", "gudrun thorsdottir"),
        ("Işıl İnan", "isil inan"),
        ("Mary J. Doe", "mary j doe"),
        ("Ⅷ ﬁ", "viii fi"),
    ],
)
def test_a_letter_that_few_keyboards_have_is_like_what_is_typed_for_it(name: str, typed: str) -> None:
    assert folded(name) == typed


@pytest.mark.parametrize("hyphen", HYPHENS)
def test_every_hyphen_is_a_blank(hyphen: str) -> None:
    assert folded(f"Anne{hyphen}Marie") == "anne marie"
    assert words(f"Anne{hyphen}Marie Lee") == (("anne", "marie"), ("lee",))


@pytest.mark.parametrize("apostrophe", APOSTROPHES)
def test_every_apostrophe_is_nothing(apostrophe: str) -> None:
    assert same_name(f"O{apostrophe}Brien", "OBrien")


def test_a_vowel_that_is_written_as_a_mark_still_tells_names_apart() -> None:
    assert not same_name("रवि", "रवा")


@given(NAMES)
@example("ℌ")
def test_what_is_folded_stays_so(name: str) -> None:
    assert folded(folded(name)) == folded(name)


IOTA_BELOW = "\u0345"  # Greek, of old: a mark, but in capitals a letter


@given(NAMES.filter(lambda name: IOTA_BELOW not in unicodedata.normalize("NFD", name)))
def test_case_and_how_accents_are_stored_make_no_difference(name: str) -> None:
    for other in (name.casefold(), *(unicodedata.normalize(form, name) for form in ("NFC", "NFD"))):
        assert folded(other) == folded(name)


@given(st.text("abcou", min_size=1), st.text(MARKS), st.randoms())
def test_the_order_of_marks_makes_no_difference(letters: str, marks: str, chance: Random) -> None:
    mixed = "".join(chance.sample(marks, len(marks)))
    assert folded(letters + marks) == folded(letters + mixed) == letters


@given(NAMES)
def test_the_words_of_a_name_are_its_folded_ones(name: str) -> None:
    assert " ".join(part for parts in words(name) for part in parts) == folded(name)
