"""Two versions of a form: whether who signed the one has signed the other too."""

import re
import tomllib
from pathlib import Path

import pytest

from forms.catalog import check_files, load_catalog
from forms.definition import Form
from forms.loading import read_form
from forms.versions import SUBSTANCE, WORDING, content_hash, difference, substance_hash
from tests.forms.making import EXAMPLE, example

NEWER = EXAMPLE.replace("version = 1", "version = 2")


def changed(folder: Path, old: str, new: str) -> Form:
    assert old in NEWER
    return example(folder, NEWER.replace(old, new, 1), "newer.toml")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("They would then know.", "This person would then know."),
        ('en = "How?"', 'en = "In which way?"'),
        ("minutes = 2", "minutes = 3"),
        ("order = 1", "order = 9"),
        ('renew_after = "P2Y"', 'renew_after = "P2Y"\nconfirmed_by = "therapist"'),
    ],
)
def test_other_words_and_other_handling_leave_what_was_signed(tmp_path: Path, old: str, new: str):
    assert difference(example(tmp_path), changed(tmp_path, old, new)) == WORDING


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('topics = ["has_visited"]', 'topics = ["has_visited", "treatment"]'),
        ('renew_after = "P2Y"', 'renew_after = "P3Y"'),
        ("  required = false\n", ""),
        ('{ friend = "answered" }', '{ none = [{ friend = "answered" }] }'),
        ('when = { may_thank = "allow" }\npurpose', "purpose"),
        ('purpose = "thank_referrer"', 'purpose = "wellbeing"'),
        ('until = "ends_on"\n', ""),
        ('    { id = "call", label = { en = "By phone", es = "Por teléfono" } },\n', ""),
        ('renew_after = "P2Y"', 'renew_after = "P2Y"\nsign_again = true'),
        ('renew_after = "P2Y"', 'renew_after = "P2Y"\ncovers = "party"'),
        ('renew_after = "P2Y"', 'renew_after = "P2Y"\nsigner = ["client", "parent"]'),
    ],
)
def test_another_meaning_is_asked_again(tmp_path: Path, old: str, new: str):
    text = NEWER.replace(old, new, 1)
    assert text != NEWER
    # Read without its rules: some of these changes would be refused, and still must count as substance.
    assert difference(example(tmp_path), read_form("newer.toml", tomllib.loads(text))) == SUBSTANCE


def test_a_language_that_is_added_asks_nobody_again(tmp_path: Path):
    text = NEWER.replace('languages = ["en", "es"]', 'languages = ["en"]')
    only_english = re.sub(r', es = "[^"]*"', "", text)
    assert substance_hash(example(tmp_path, only_english, "en.toml")) == substance_hash(example(tmp_path))


def test_an_empty_addition_to_the_language_touches_no_published_hash(tmp_path: Path):
    """What a form does not use is not in its hash: the language can grow."""
    written_out = EXAMPLE.replace(
        "order = 1", 'order = 1\ncovers = "form"\noffer = "always"\nsignature = false'
    )
    assert content_hash(example(tmp_path, written_out)) == content_hash(example(tmp_path, EXAMPLE))


def test_the_catalog_tells_which_older_versions_differ_in_words_only(tmp_path: Path):
    example(tmp_path, name="one.toml")
    example(tmp_path, NEWER.replace('en = "How?"', 'en = "In which way?"'), "two.toml")
    example(tmp_path, EXAMPLE.replace('id = "example"', 'id = "other"'), "other_one.toml")
    example(
        tmp_path,
        NEWER.replace('id = "example"', 'id = "other"').replace("P2Y", "P1Y"),
        "other_two.toml",
    )
    assert load_catalog(tmp_path).same_words == {("example", 1): True, ("other", 1): False}


def test_checking_says_what_a_new_version_means_for_those_who_signed(tmp_path: Path):
    text = (Path("forms/catalog/story_permission.toml")).read_text(encoding="utf-8")
    newer = tmp_path / "story_2.toml"
    newer.write_text(text.replace("version = 1", "version = 2", 1), encoding="utf-8")
    assert check_files([newer]).notes == (
        "story_permission 2 changes the wording of version 1: nobody signs again.",
    )
    newer.write_text(text.replace("version = 1", "version = 2\nsign_again = true", 1), encoding="utf-8")
    assert check_files([newer]).notes == (
        "story_permission 2 changes the substance of version 1: who signed it before is asked again.",
    )
