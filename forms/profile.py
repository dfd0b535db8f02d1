"""What the practice knows of a client already: places that forms read from and write to.

A place is written once and read wherever it is needed. Somebody who stands in several places (the
emergency contact who is also the referrer) is one person there: told apart by name (`same_name`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forms.answers import is_answered, shown_questions
from forms.definition import UNKNOWN, About, Answers, Form, Question
from forms.kinds import KINDS
from forms.names import same_name

Places = Mapping[str, Any]
REACHED_BY = ("phone", "fax", "email", "address")
GUARDIAN = "guardian."  # places that belong to who signs for the client, not to the client


@dataclass(frozen=True)
class Change:
    """A place whose value an answer would change: shown to be confirmed, in the words of both."""

    question: str
    place: str
    old: str
    new: str


def prefill(form: Form, places: Places) -> dict[str, Any]:
    """What the practice knows already, as answers; never a decision."""
    return {
        question.id: places[question.fills]
        for question in form.questions()
        if question.fills and question.fills in places
    }


def completed(form: Form, answers: Answers, places: Places) -> dict[str, Any]:
    """The answers, with what is known of the people named in them where the client left it empty.

    A phone number that was given once for somebody stands wherever that person is named again.
    """
    known = [place for place in places.values() if isinstance(place, Mapping)]
    known += [answer for answer in answers.values() if isinstance(answer, Mapping)]
    return {
        name: _completed(form.question(name), value, known) if isinstance(value, Mapping) else value
        for name, value in answers.items()
    }


def _completed(question: Question, value: Mapping[str, str], known: list[Any]) -> dict[str, str]:
    parts = [part.id for part in KINDS[question.kind].parts]
    found: dict[str, str] = {}
    for other in known:
        if same_name(other.get("name", ""), value.get("name", "")):
            found |= {part: said for part, said in other.items() if part in parts and said}
    full = {**found, **{part: said for part, said in value.items() if said}}
    return {part: full[part] for part in parts if part in full}


def fills(form: Form, answers: Answers, about: About = UNKNOWN) -> dict[str, Any]:
    """What these answers fill in elsewhere: place in the profile -> value."""
    return {
        question.fills: answers[question.id]
        for question in shown_questions(form, answers, about)
        if question.fills and is_answered(question, answers)
    }


def changes(
    form: Form, answers: Answers, places: Places, lang: str, about: About = UNKNOWN
) -> tuple[Change, ...]:
    """What these answers would change in the profile; a place that was empty is no change."""
    found = []
    for question in shown_questions(form, answers, about):
        old, new = places.get(question.fills or ""), answers.get(question.id)
        if question.fills and is_answered(question, answers) and old not in (None, new):
            say = KINDS[question.kind].say
            found.append(
                Change(question.id, question.fills, say(question, old, lang), say(question, new, lang))
            )
    return tuple(found)


def written(form: Form, answers: Answers, places: Places, about: About = UNKNOWN) -> dict[str, Any]:
    """The places after signing: what the form filled, and what that tells of the same people elsewhere."""
    filled = fills(form, answers, about)
    people = [value for value in filled.values() if isinstance(value, Mapping) and "name" in value]
    after = dict(places)
    for place, value in places.items():
        if isinstance(value, Mapping):
            for person in people:
                if same_name(person["name"], value.get("name", "")):
                    after[place] = {**value, **{p: said for p, said in person.items() if p in REACHED_BY}}
    return after | filled


def renamed(before: Places, after: Places) -> frozenset[str]:
    """The places that name somebody else than before: who signed about the one has not about the other."""

    def name_in(places: Places, place: str) -> str:
        value = places.get(place)
        return str(value.get("name", "")) if isinstance(value, Mapping) else ""

    return frozenset(
        place
        for place in before
        if name_in(before, place) and not same_name(name_in(before, place), name_in(after, place))
    )


def guardians_own(places: Places) -> dict[str, Any]:
    """What belongs to the guardian: offered again in the next file, and kept in each apart."""
    return {place: value for place, value in places.items() if place.startswith(GUARDIAN)}
