"""The shipped forms load, are published, say everything in each language, and are documented."""

import re
from pathlib import Path

import pytest

from forms.catalog import check_files, definition_files, frozen_hashes, load_catalog, shipped_folder
from forms.definition import DefinitionError, Form, UnknownForm
from forms.kinds import KINDS
from forms.linting import faults
from forms.loading import FORM_KEYS, GRANT_KEYS, GROUP_KEYS, PAGE_KEYS, QUESTION_KEYS, REFUSAL_KEYS
from forms.signers import SIGNERS
from forms.versions import content_hash
from forms.vocabulary import EXCEPTIONS, FHIR_PROVISION, PURPOSES, TOPICS
from tests.forms.making import EXAMPLE, example

SHIPPED = load_catalog().forms
DOCS = Path(__file__).parents[2] / "docs" / "forms.md"


def test_the_shipped_forms_stand_in_their_order():
    assert [form.id for form in load_catalog().current()] == [
        "contact_details",
        "confidentiality",
        "privacy_notice",
        "health_history",
        "treatment_consent",
        "emergency_contact",
        "referral_thanks",
        "clinician_release",
        "email_logistics",
        "story_permission",
        "cancellation_policy",
    ]


def test_what_is_needed_before_the_session_comes_before_what_can_wait():
    waits = [not form.before_session for form in load_catalog().current()]
    assert waits == sorted(waits)


@pytest.mark.parametrize("form", SHIPPED, ids=lambda form: form.id)
def test_a_shipped_form_has_no_fault_and_is_what_was_published(form: Form):
    assert list(faults(form)) == []
    assert frozen_hashes()[f"{form.id}.{form.version}"] == content_hash(form)


def test_nothing_is_published_that_is_not_shipped():
    assert set(frozen_hashes()) == {f"{form.id}.{form.version}" for form in SHIPPED}


@pytest.mark.parametrize("form", SHIPPED, ids=lambda form: form.id)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_shipped_form_says_everything_in_each_language(form: Form, lang: str):
    said = [form.title, form.purpose, form.attest, form.take_back]
    for question in form.questions():
        said += [text for text in (question.ask, question.hint, question.then) if text]
        said += [option.label for option in question.options]
        if KINDS[question.kind].answered and question.required and not question.id.startswith(_between(form)):
            assert question.missing, f"{question.id}: what is said when it is left empty"
            said.append(question.missing)
    assert all(text.say(lang).strip() and "{" not in text.on_paper(lang) for text in said)


def _between(form: Form) -> tuple[str, ...]:
    """What a group asks between two turns has no words of its own for being left empty."""
    return tuple({f"{page.group}_more" for page in form.pages if page.group}) or ("-",)


@pytest.mark.parametrize("form", SHIPPED, ids=lambda form: form.id)
def test_each_decision_of_a_shipped_form_grants_and_says_what_would_be_known(form: Form):
    decisions = {question.id for question in form.questions() if question.kind == "decision"}
    assert {grant.decision for grant in form.grants} == decisions
    assert all(form.question(decision).then for decision in decisions)


def test_nothing_in_the_shipped_files_is_wrong():
    assert check_files(definition_files(shipped_folder())).wrong == ()


def test_a_practice_adds_forms_of_its_own(tmp_path: Path):
    example(tmp_path)
    assert load_catalog(tmp_path).form("example").title.say("es") == "Ejemplo"
    assert len(load_catalog(tmp_path / "not_there").forms) == len(SHIPPED)


def test_a_practice_changes_the_hours_of_a_shipped_form(tmp_path: Path):
    words = next(block for block in blocks("") if block.startswith("extends"))
    (tmp_path / "ours.toml").write_text(words, encoding="utf-8")
    changed = load_catalog(tmp_path).form("cancellation_policy")
    assert changed.version == 2
    assert "48" in changed.question("what_happens").ask.say("en")
    assert load_catalog(tmp_path).same_words["cancellation_policy", 1]


def test_the_newest_version_is_current_and_an_old_one_is_still_there(tmp_path: Path):
    example(tmp_path, name="one.toml")
    example(tmp_path, EXAMPLE.replace("version = 1", "version = 2"), "two.toml")
    catalog = load_catalog(tmp_path)
    assert catalog.form("example").version == 2
    assert catalog.form("example", 1).version == 1
    for wanted in (("example", 3), ("nobody", None)):
        with pytest.raises(UnknownForm):
            catalog.form(*wanted)


def test_the_same_version_defined_twice_is_refused(tmp_path: Path):
    example(tmp_path, name="one.toml")
    example(tmp_path, name="two.toml")
    with pytest.raises(DefinitionError, match=r"two\.toml: version: example 1 is defined twice"):
        load_catalog(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('es = "¿Podemos llamar a {contact}', 'es = "¿Podemos telefonear a {contact}'),
        ('renew_after = "P2Y"', 'renew_after = "P3Y"'),
        ('topics = ["health_given"]', 'topics = ["treatment"]'),
        ('when = { may_tell_health = "allow", may_call', 'when = { may_tell_health = "refuse", may_call'),
        ("most = 3", "most = 2"),
        ('party = "never_tell_2"', 'party = "never_tell"'),
    ],
)
def test_any_change_of_words_or_meaning_changes_the_hash(tmp_path: Path, old: str, new: str):
    text = (shipped_folder() / "emergency_contact.toml").read_text(encoding="utf-8")
    assert old in text
    changed = example(tmp_path, text.replace(old, new, 1))
    assert content_hash(changed) != content_hash(load_catalog().form("emergency_contact"))


def test_a_comment_changes_nothing(tmp_path: Path):
    text = (shipped_folder() / "emergency_contact.toml").read_text(encoding="utf-8")
    same = example(tmp_path, "# Looked at again.\n" + text)
    assert content_hash(same) == content_hash(load_catalog().form("emergency_contact"))


# The documentation: what it shows works, and nothing of the language is missing from it.


def blocks(kind: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", DOCS.read_text(encoding="utf-8"), re.S | re.M)
    return [block for name, block in found if name == kind]


def rows() -> list[list[str]]:
    lines = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_example_in_the_documentation_loads_and_grants_what_it_says(tmp_path: Path):
    (shown,) = blocks("toml")
    form = example(tmp_path, shown, "ride_home.toml")
    assert check_files([tmp_path / "ride_home.toml"]).wrong == ()
    assert [(grant.party, grant.topics) for grant in form.grants] == [("driver", ("appointments",))]


@pytest.mark.parametrize("keys", [FORM_KEYS, PAGE_KEYS, QUESTION_KEYS, GROUP_KEYS, GRANT_KEYS, REFUSAL_KEYS])
def test_the_documentation_names_every_key(keys: frozenset[str]):
    first = " ".join(row[0] for row in rows())
    blocks_of_tables = {"page", "grant", "refusal", "group", "question"}
    assert [key for key in sorted(keys - blocks_of_tables) if f"`{key}`" not in first] == []


def test_the_documentation_names_every_kind_signer_and_exception():
    first = " ".join(row[0] for row in rows())
    assert [name for name in (*KINDS, *SIGNERS, *EXCEPTIONS) if f"`{name}`" not in first] == []


def test_the_documentation_names_every_purpose_with_its_code():
    codes = {
        row[0].strip("`"): row[2].split("`")[1]
        for row in rows()
        if row[0].strip("`") in PURPOSES and len(row) == 3 and "`" in row[2]
    }
    assert codes == {name: purpose.code for name, purpose in PURPOSES.items()}


def test_the_documentation_names_every_topic_and_which_are_protected():
    table = {
        row[0].strip("`"): row for row in rows() if row[0].strip("`") in TOPICS and row[-1] in ("", "yes")
    }
    assert {name: row[2] == "yes" for name, row in table.items()} == {
        name: topic.protected for name, topic in TOPICS.items()
    }
    assert {name: row[1].replace("'", "’") for name, row in table.items()} == {
        name: topic.words for name, topic in TOPICS.items()
    }


@pytest.mark.parametrize("state", FHIR_PROVISION)
def test_the_documentation_says_what_each_state_is_in_fhir(state: str):
    said = next(
        row[1] for row in rows() if row[0].startswith(state.replace("_", " ")) and "provision" in row[1]
    )
    assert f"`{FHIR_PROVISION[state]}`" in said


@pytest.mark.parametrize("place", sorted(load_catalog().places()))
def test_the_documentation_names_every_place_with_its_kind(place: str):
    kinds = {q.kind for form in SHIPPED for q in form.questions() if q.fills == place}
    (row,) = [row for row in rows() if f"`{place}`" in row[0]]
    assert {row[1].strip("`")} == kinds
