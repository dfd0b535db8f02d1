"""A page as a WTForms class, and what was sent read back into answers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from forms.catalog import load_catalog
from forms.definition import Page
from forms.fields import as_inputs, page_form, read_page
from tests.forms.making import filled, forms

CATALOG = load_catalog()


def page_of(form: str, page: str) -> Page:
    return next(one for one in CATALOG.form(form).pages if one.id == page)


def sent(page: Page, fields: Any, lang: str = "en") -> tuple[dict[str, Any], dict[str, str]]:
    return read_page(page, page_form(page, lang)(MultiDict(fields)), lang)


def test_each_input_of_a_page_is_a_field_in_its_language():
    made = page_form(page_of("emergency_contact", "who"), "es")()
    assert [(field.name, field.label.text) for field in made] == [
        ("contact-name", "Nombre completo"),
        ("contact-relation", "Quién es para usted"),
        ("contact-phone", "Teléfono, si lo sabe"),
        ("contact-email", "Correo, si lo sabe"),
    ]


def test_a_decision_is_never_preselected():
    made = page_form(page_of("emergency_contact", "emergency"), "en")()
    assert [option.checked for option in made.may_call_emergency] == [False, False]


def test_what_was_sent_becomes_answers():
    answers, problems = sent(
        page_of("emergency_contact", "who"), {"contact-name": "Kirsten Nyberg", "contact-phone": ""}
    )
    assert (answers, problems) == ({"contact": {"name": "Kirsten Nyberg"}}, {})


def test_several_ticks_are_read_together():
    page = page_of("referral_thanks", "how")
    answers, problems = sent(page, [("how_to_thank", "in_person"), ("how_to_thank", "card")])
    assert (answers, problems) == ({"how_to_thank": ["card", "in_person"]}, {})


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("form", CATALOG.forms, ids=lambda form: form.id)
def test_a_submission_with_every_field_missing_names_each_required_question(form: Any, lang: str):
    for page in form.pages:
        answers, problems = sent(page, {}, lang)
        assert answers == {}
        required = [question for question in page.questions if question.required and question.missing]
        assert list(problems.values()) == [question.missing.say(lang) for question in required]


@pytest.mark.parametrize(
    ("form", "page", "fields", "where"),
    [
        ("emergency_contact", "emergency", {"may_call_emergency": "always"}, "may_call_emergency"),
        ("referral_thanks", "how", [("how_to_thank", "card"), ("how_to_thank", "fax")], "how_to_thank"),
        ("clinician_release", "direction", {"which_way": "<script>"}, "which_way"),
        ("emergency_contact", "who", {"contact-relation": "daughter"}, "contact-name"),
        ("email_logistics", "address", {"email": "nobody"}, "email"),
        ("email_logistics", "address", {"phone": "x"}, "phone"),
        (
            "clinician_release",
            "until",
            {"ends_on-month": "4", "ends_on-day": "31", "ends_on-year": "2027"},
            "ends_on-month",
        ),
    ],
)
def test_a_forged_or_unreadable_field_is_a_problem_at_its_input(
    form: str, page: str, fields: Any, where: str
):
    answers, problems = sent(page_of(form, page), fields)
    assert answers == {}
    assert list(problems) == [where]


def test_a_field_of_another_page_is_not_listened_to():
    answers, problems = sent(
        page_of("emergency_contact", "emergency"),
        {"may_call_emergency": "refuse", "may_tell_health": "allow"},
    )
    assert (answers, problems) == ({"may_call_emergency": "refuse"}, {})


def test_answers_come_back_as_the_inputs_they_were():
    page = page_of("clinician_release", "until")
    assert as_inputs(page, {"ends_on": "2027-04-09"}) == {
        "ends_on-month": "4",
        "ends_on-day": "9",
        "ends_on-year": "2027",
    }


@given(data=st.data())
def test_what_is_shown_again_and_sent_again_is_the_same_answer(data: st.DataObject):
    form = data.draw(forms())
    answers = data.draw(filled(form))
    for page in form.pages:
        inputs = as_inputs(page, answers)
        fields = [
            (name, one)
            for name, value in inputs.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        again, problems = sent(page, fields)
        asked = {question.id for question in page.questions if question.kind != "notice"}
        assert again == {name: value for name, value in answers.items() if name in asked}
        assert problems.keys() == {
            q.id for q in page.questions if q.id in asked - again.keys() and q.required
        }
