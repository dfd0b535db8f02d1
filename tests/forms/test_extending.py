"""A practice's own file beside the shipped ones: it replaces, extends, adds a language, or is refused."""

import re
from pathlib import Path

import pytest

from forms.catalog import load_catalog
from forms.definition import DefinitionError
from tests.forms.making import EXAMPLE


def own(folder: Path, text: str, name: str = "own.toml") -> None:
    (folder / name).write_text(text, encoding="utf-8")


STORY = 'extends = "story_permission"\nversion = 2\n'


def test_a_higher_version_stands_in_the_place_of_a_shipped_form(tmp_path: Path):
    own(
        tmp_path,
        EXAMPLE.replace('id = "example"', 'id = "story_permission"').replace("version = 1", "version = 2"),
    )
    catalog = load_catalog(tmp_path)
    assert catalog.form("story_permission").title.say("en") == "Example"
    assert catalog.form("story_permission", 1).title.say("en") != "Example"


def test_a_page_is_added_where_it_says(tmp_path: Path):
    own(
        tmp_path,
        'extends = "confidentiality"\nversion = 2\n'
        '[[page]]\nid = "dog"\nafter = "private"\n'
        '[[page.question]]\nid = "dog"\nkind = "notice"\n'
        'ask = { en = "A dog lives here", es = "Aquí vive un perro" }\n',
    )
    catalog = load_catalog(tmp_path)
    before = [page.id for page in catalog.form("confidentiality", 1).pages]
    after = [page.id for page in catalog.form("confidentiality").pages]
    place = before.index("private") + 1
    assert after == [*before[:place], "dog", *before[place:]]


def test_a_form_is_handled_otherwise_without_touching_its_words(tmp_path: Path):
    own(tmp_path, STORY + "order = 3\nbefore_session = true\n")
    catalog = load_catalog(tmp_path)
    assert catalog.form("story_permission").before_session
    assert catalog.same_words[("story_permission", 1)]


def test_a_language_is_added_by_adding_texts(tmp_path: Path):
    plain = EXAMPLE.replace('id = "example"', 'id = "base"')
    own(tmp_path, plain, "a_base.toml")
    texts = {
        "title": "Exemple",
        "purpose": "Pour quoi.",
        "attest": "J’ai lu.",
        "take_back": "À tout moment.",
        "friend.ask": "Qui vous a envoyé ?",
        "may_thank.ask": "Pouvons-nous remercier {friend} ?",
        "may_thank.paper": "Pouvons-nous remercier cette personne ?",
        "may_thank.then": "Cette personne le saurait.",
        "ways.ask": "Comment ?",
        "ways.card": "Par une carte",
        "ways.call": "Par téléphone",
        "ends_on.ask": "Jusqu’à quand ?",
    }
    words = "".join(f'"{key}" = "{said}"\n' for key, said in texts.items())
    head = 'extends = "base"\nversion = 2\nlanguages = ["en", "es", "fr"]\n[words.fr]\n'
    own(tmp_path, head + words, "b_french.toml")
    form = load_catalog(tmp_path).form("base")
    assert form.languages == ("en", "es", "fr")
    assert form.question("ways").options[0].label.say("fr") == "Par une carte"
    assert load_catalog(tmp_path).same_words[("base", 1)], "another language asks nobody again"


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ('extends = "nothing"\nversion = 2\n', "extends", "there is no form 'nothing'"),
        (STORY + '[words.en]\n"nobody.ask" = "?"\n', "words.en.nobody.ask", "names no text"),
        (STORY + '[[page]]\nid = "x"\nafter = "nowhere"\nquestion = []\n', "x.after", "there is no page"),
        ('extends = "story_permission"\n', "version", "raise the version"),
        (STORY + 'languages = ["en", "fr"]\n', "title", "has no words in fr"),
    ],
)
def test_an_addition_that_cannot_work_is_refused(tmp_path: Path, text: str, key: str, reason: str):
    own(tmp_path, text)
    with pytest.raises(DefinitionError) as refused:
        load_catalog(tmp_path)
    assert refused.value.key == key
    assert reason in refused.value.reason


def test_one_place_of_the_profile_is_filled_by_one_kind_of_question(tmp_path: Path):
    own(tmp_path, EXAMPLE.replace('fills = "client.referred_by"', 'fills = "client.email"'))
    with pytest.raises(DefinitionError, match="by one kind of question here and by another"):
        load_catalog(tmp_path)


def test_a_form_may_lack_a_language_and_is_offered_in_those_it_has(tmp_path: Path):
    own(tmp_path, re.sub(r', es = "[^"]*"', "", EXAMPLE.replace('["en", "es"]', '["en"]')))
    assert load_catalog(tmp_path).form("example").languages == ("en",)
