"""How hard a text is to read: known grades, and which sentences are to blame."""

import pytest

from forms.reading_grade import grade, reading, sentences, syllables


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("we", 1),
        ("made", 1),
        ("table", 2),
        ("people", 2),
        ("walked", 1),
        ("needed", 2),
        ("boxes", 2),
        ("likes", 1),
        ("client", 2),
        ("private", 2),
        ("emergency", 4),
        ("confidentiality", 7),
        ("information", 4),
        ("don’t", 1),
        ("being", 2),
    ],
)
def test_syllables_are_those_that_one_hears(word: str, count: int):
    assert syllables(word) == count


def test_short_words_in_short_sentences_are_easy():
    assert grade(["We tell nobody that you come here."]) < 5
    assert grade(["You can take this back."]) < 3


def test_the_law_s_own_words_are_not():
    law = (
        "The authorization must contain a description of the information to be used or disclosed that "
        "identifies the information in a specific and meaningful fashion."
    )
    assert grade([law]) > 14


def test_each_line_and_each_sentence_counts_for_itself():
    assert sentences("One thing. Another one!\n\nA heading\nWho? 12 34") == [
        "One thing.",
        "Another one!",
        "A heading",
        "Who?",
    ]


def test_the_hardest_sentences_are_named_the_hardest_first():
    found = reading(
        ["We call you.", "Confidentiality necessitates authorization. You decide.", "Sign here. We call you."]
    )
    assert found.hardest[0][1] == "Confidentiality necessitates authorization."
    assert [one for one, _ in found.hardest] == sorted((one for one, _ in found.hardest), reverse=True)
    assert found.hardest[0][0] > found.grade > found.hardest[-1][0]


def test_no_words_have_no_grade():
    assert grade([]) == 0.0
    assert reading(["12 34", ""]).hardest == ()
