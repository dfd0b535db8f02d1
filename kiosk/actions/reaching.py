"""How to reach people whom a client named: completed by the desk, with a trace and without a new consent.

Whom a consent is about does not change here: a name stays as the client gave it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from forms.definition import Question
from forms.kinds import KINDS, Part, Problem
from forms.profile import REACHED_BY
from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions.clients import change_profile, profile_of
from kiosk.actions.visits import the_visit
from kiosk.errors import Invalid, NotFound
from kiosk.vault.did import Did

LANG = "en"  # the staff's


@dataclass(frozen=True)
class PartRow:
    """One way to reach somebody: its name among the inputs, its label and what is known."""

    name: str
    label: str
    inputmode: str
    value: str


@dataclass(frozen=True)
class PersonRow:
    """Somebody in the profile; `place` says where."""

    place: str
    name: str
    parts: tuple[PartRow, ...]


@dataclass(frozen=True)
class Reaching:
    visit_id: str
    name: str
    people: tuple[PersonRow, ...]


def view(by: Actor, visit_id: str) -> Reaching:
    """Everybody whom the client of a visit named in their forms. Raises NotFound."""
    with access.transaction(by, Purpose.CORRECT_PROFILE) as desk:
        visit = the_visit(desk, visit_id)
        profile = profile_of(desk, visit.client_id)
        asked = _questions(desk)
        people = tuple(
            PersonRow(place, value["name"], _parts(asked[place], value))
            for place, value in sorted(profile.places.items())
            if place in asked and isinstance(value, Mapping)
        )
        desk.audit(Did.SHOWED_NAMES, "visit", visit.id)
        return Reaching(visit.id, profile.name, people)


def _questions(desk: Desk) -> dict[str, Question]:
    """The question that fills each place that holds a person."""
    return {
        question.fills: question
        for form in desk.practice.catalog.forms
        for question in form.questions()
        if question.fills and question.kind in ("person", "clinician")
    }


def _ways(question: Question) -> tuple[Part, ...]:
    return tuple(part for part in KINDS[question.kind].parts if part.id in REACHED_BY)


def _parts(question: Question, value: Mapping[str, str]) -> tuple[PartRow, ...]:
    return tuple(
        PartRow(part.id, part.label.say(LANG), part.inputmode, value.get(part.id, ""))
        for part in _ways(question)
    )


def correct(by: Actor, visit_id: str, place: str, given: Mapping[str, str]) -> None:
    """Write how somebody is reached. Raises NotFound for a place that names nobody, Invalid by input."""
    with access.transaction(by, Purpose.CORRECT_PROFILE) as desk:
        visit = the_visit(desk, visit_id)
        profile = profile_of(desk, visit.client_id)
        question, before = _questions(desk).get(place), profile.places.get(place)
        if question is None or not isinstance(before, Mapping):
            raise NotFound()
        kept = {part: said for part, said in before.items() if part not in REACHED_BY}
        typed = {part.id: given.get(part.id, "") for part in _ways(question)}
        try:
            after = KINDS[question.kind].coerce(question, {**kept, **typed}, LANG)
        except Problem as problem:
            raise Invalid({problem.part: problem.message}) from None
        if after != before:
            places = {**profile.places, place: after}
            change_profile(desk, visit.client_id, replace(profile, places=places))
            desk.audit(Did.CORRECTED_PROFILE, "client", visit.client_id, reason=place)
