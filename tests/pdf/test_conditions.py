"""When something is to be answered, as a sheet says it."""

from typing import Any

import pytest

from forms.loading import read_form
from pdf.twin.conditions import only_if
from tests.forms.making import both as same
from tests.forms.making import plain_form


def both(en: str, es: str) -> dict[str, str]:
    return {"en": en, "es": es}


ASKED = [
    {"id": "may", "kind": "decision", "ask": same("May we?")},
    {"id": "again", "kind": "yes_no", "ask": same("Again?")},
    {
        "id": "way",
        "kind": "choice",
        "ask": same("How?"),
        "options": [
            {"id": "card", "label": both("By a card", "Con una tarjeta")},
            {"id": "call", "label": both("By phone", "Por teléfono")},
        ],
    },
    {
        "id": "topics",
        "kind": "choices",
        "ask": same("What?"),
        "options": [
            {"id": "days", "label": both("The days", "Los días")},
            {"id": "bills", "label": both("The bills", "Las cuentas")},
        ],
    },
    {"id": "until", "kind": "date", "ask": same("Until when?")},
]

SAID: list[tuple[dict[str, Any], str, str]] = [
    ({"until": "answered"}, "Only if you filled in 5", "Solo si rellenó 5"),
    ({"may": "allow"}, "Only if 1 is “Allow”", "Solo si 1 es «Permito»"),
    (
        {"way": ["card", "call"]},
        "Only if 3 is “By a card” or “By phone”",
        "Solo si 3 es «Con una tarjeta» o «Por teléfono»",
    ),
    ({"topics": "days"}, "Only if you marked “The days” in 4", "Solo si marcó «Los días» en 4"),
    (
        {"until": {"after": "today"}},
        "Only if the date in 5 is after today",
        "Solo si la fecha en 5 es posterior a hoy",
    ),
    (
        {"until": {"before": "2027-04-30"}},
        "Only if the date in 5 is before April 30, 2027",
        "Solo si la fecha en 5 es anterior al 30 de abril de 2027",
    ),
    ({"client": {"age_under": 18}}, "Only if you are under 18", "Solo si tiene menos de 18 años"),
    ({"client": {"age_from": 65}}, "Only if you are 65 or older", "Solo si tiene 65 años o más"),
    (
        {"client": {"age_under": "majority"}},
        "Only if you are not of age yet",
        "Solo si aún no es mayor de edad",
    ),
    ({"client": {"age_from": "majority"}}, "Only if you are of age", "Solo si es mayor de edad"),
    (
        {"all": [{"may": "allow"}, {"again": "no"}]},
        "Only if 1 is “Allow” and 2 is “No”",
        "Solo si 1 es «Permito» y 2 es «No»",
    ),
    (
        {"any": [{"may": "refuse"}, {"way": "answered"}]},
        "Only if 1 is “Do not allow” or you filled in 3",
        "Solo si 1 es «No permito» o rellenó 3",
    ),
    (
        {"none": [{"may": "allow"}, {"client": {"age_from": 65}}]},
        "Leave this empty if 1 is “Allow” or you are 65 or older",
        "Déjelo vacío si 1 es «Permito» o tiene 65 años o más",
    ),
]


@pytest.mark.parametrize(("when", "en", "es"), SAID, ids=[str(when) for when, _, _ in SAID])
def test_a_condition_is_said_by_the_numbers_of_the_sheet(when: dict[str, Any], en: str, es: str):
    last = {"id": "last", "kind": "short_text", "ask": same("Why?"), "when": when}
    form = read_form("made.toml", plain_form([{"id": "p", "question": [*ASKED, last]}]))
    numbers = {question.id: number for number, question in enumerate(form.questions(), 1)}
    condition = form.question("last").when
    assert only_if(form, condition, numbers, "en") == en
    assert only_if(form, condition, numbers, "es") == es
    assert only_if(form, form.question("may").when, numbers, "en") == ""
