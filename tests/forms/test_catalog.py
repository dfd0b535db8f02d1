"""The shipped forms: they load, they are published, and they say everything in each language."""

from pathlib import Path

import pytest

from forms.catalog import check_files, definition_files, frozen_hashes, load_catalog, shipped_folder
from forms.definition import DefinitionError, Form, UnknownForm
from forms.kinds import KINDS
from forms.linting import faults
from tests.forms.making import EXAMPLE, example

SHIPPED = load_catalog().forms


def test_five_forms_are_shipped_and_asked_in_their_order():
    assert [form.id for form in load_catalog().current()] == [
        "confidentiality",
        "referral_thanks",
        "emergency_contact",
        "clinician_release",
        "email_logistics",
    ]


@pytest.mark.parametrize("form", SHIPPED, ids=lambda form: form.id)
def test_a_shipped_form_has_no_fault_and_is_what_was_published(form: Form):
    assert list(faults(form)) == []
    assert frozen_hashes()[f"{form.id}.{form.version}"] == form.content_hash()


@pytest.mark.parametrize("form", SHIPPED, ids=lambda form: form.id)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_shipped_form_says_everything_in_each_language(form: Form, lang: str):
    said = [form.title, form.purpose, form.attest, form.take_back]
    for question in form.questions():
        said += [text for text in (question.ask, question.hint, question.then, question.why) if text]
        said += [option.label for option in question.options]
        if KINDS[question.kind].answered and question.required:
            assert question.missing, f"{question.id}: what is said when it is left empty"
            said.append(question.missing)
    assert all(text.say(lang).strip() and "{" not in text.on_paper(lang) for text in said)


@pytest.mark.parametrize("form", SHIPPED, ids=lambda form: form.id)
def test_each_decision_of_a_shipped_form_grants_and_says_what_would_be_known(form: Form):
    decisions = {question.id for question in form.questions() if question.kind == "decision"}
    assert {grant.decision for grant in form.grants} == decisions
    assert all(form.question(decision).then for decision in decisions)


def test_nothing_in_the_shipped_files_is_wrong():
    assert check_files(definition_files(shipped_folder())) == []


def test_a_practice_adds_forms_of_its_own(tmp_path: Path):
    example(tmp_path)
    assert load_catalog(tmp_path).form("example").title.say("es") == "Ejemplo"
    assert len(load_catalog(tmp_path / "not_there").forms) == len(SHIPPED)


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
    with pytest.raises(DefinitionError, match=r"two\.toml: id: example 1 is defined twice"):
        load_catalog(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('es = "¿Podemos llamar a {contact}', 'es = "¿Podemos telefonear a {contact}'),
        ('renew_after = "P2Y"', 'renew_after = "P3Y"'),
        ('topics = ["health_given"]', 'topics = ["treatment"]'),
        ('when = { may_tell_health = "allow" }', 'when = { may_call_emergency = "allow" }'),
    ],
)
def test_any_change_of_words_or_meaning_changes_the_hash(tmp_path: Path, old: str, new: str):
    text = (shipped_folder() / "emergency_contact.toml").read_text(encoding="utf-8")
    assert old in text
    changed = example(tmp_path, text.replace(old, new, 1))
    assert changed.content_hash() != load_catalog().form("emergency_contact").content_hash()


def test_a_comment_changes_nothing(tmp_path: Path):
    text = (shipped_folder() / "emergency_contact.toml").read_text(encoding="utf-8")
    same = example(tmp_path, "# Looked at again.\n" + text)
    assert same.content_hash() == load_catalog().form("emergency_contact").content_hash()
