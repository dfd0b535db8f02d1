"""What a client signs, takes back and lets run out, drawn at random; and a simple model of it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st

from forms.decisions import EVENT, TAKEN_BACK, Decision, Ending, Endings, Signing, by_record, decisions_of
from forms.definition import About, Form
from forms.loading import read_form
from tests.forms.making import both, plain_form

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PEOPLE = ("Kirsten Nyberg", "Joan Keller", "Dr. Ortiz")
STRANGER = "Somebody Else"
BORN = date(2009, 1, 10)  # comes of age seven weeks after NOW

# question -> the topics that it grants, by form
GRANTS = {
    "contact": {"may_call": ("whereabouts", "emergency_happened"), "may_worry": ("wellbeing",)},
    "release": {"may_speak": ("progress", "treatment")},
    "thanks": {"may_thank": ("whereabouts",)},
}
TOPICS = sorted({topic for form in GRANTS.values() for topics in form.values() for topic in topics})


def _decision(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "kind": "decision",
        "ask": both(name),
        "then": both("They would know."),
        "required": False,
    }


def _grant(name: str, party: str, topics: tuple[str, ...], **more: Any) -> dict[str, Any]:
    said = {"says": {"en": name}, "refused": {"en": name}}
    return {"decision": name, "purpose": "wellbeing", "party": party, "topics": list(topics), **said, **more}


@cache
def form(name: str) -> Form:
    """Three forms that overlap: one restates everything, one stands for each party, one names whom never."""
    grants = GRANTS[name]
    person: dict[str, Any] = {"id": "person", "kind": "person", "ask": both("Who?"), "required": False}
    ends = [
        {"id": "ends_on", "kind": "date", "ask": both("Until?"), "required": False},
        {"id": "event", "kind": "short_text", "ask": both("Until what?"), "required": False},
    ]
    group = {"group": "people"} if name == "contact" else {}
    pages = [
        {"id": "who", "question": [person, *map(_decision, grants)], **group},
        {"id": "ends", "question": ends},
    ]
    plain = plain_form(
        pages,
        id=name,
        signer=["client", "parent"],
        covers="party" if name == "release" else "form",
        grant=[
            _grant(question, "person", topics, until="ends_on", until_event="event")
            for question, topics in grants.items()
        ],
    )
    if name == "contact":
        plain["group"] = {"people": {"most": 2, "more": both("More?")}}
    if name == "thanks":
        never = {"id": "never", "kind": "person", "ask": both("Who never?"), "required": False}
        plain["page"].append({"id": "not", "question": [never]})
        plain["refusal"] = [{"party": "never", "says": {"en": "anything"}}]
    return read_form(f"{name}.toml", plain)


@dataclass(frozen=True)
class Named:
    """One person on a form, with what was decided about them; what is left out was left empty."""

    person: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Signed:
    day: int
    form: str
    people: tuple[Named, ...]
    ends_in: int | None
    event: bool
    never: str | None
    signer: str


@dataclass(frozen=True)
class Ended:
    """What ends, after some days: all of a record, or one question of it."""

    signing: int
    after: int
    question: str
    how: str


@dataclass(frozen=True)
class History:
    signings: tuple[Signed, ...]
    endings: tuple[Ended, ...]


@st.composite
def _named(draw: st.DrawFn, form_name: str) -> Named:
    choices = {
        question: draw(st.sampled_from(["allow", "allow", "allow", "refuse", None]))
        for question in GRANTS[form_name]
    }
    given_choices = tuple((question, said) for question, said in choices.items() if said)
    return Named(draw(st.sampled_from(PEOPLE)), given_choices)


@st.composite
def _signed(draw: st.DrawFn) -> Signed:
    name = draw(st.sampled_from(sorted(GRANTS)))
    most = 2 if name == "contact" else 1
    return Signed(
        day=draw(st.integers(0, 40)),
        form=name,
        people=tuple(
            draw(st.lists(_named(name), max_size=most, min_size=draw(st.sampled_from([0, 1, 1, 1]))))
        ),
        ends_in=draw(st.none() | st.integers(10, 60) | st.integers(0, 60)),
        event=draw(st.booleans()),
        never=draw(st.sampled_from([None, None, None, *PEOPLE])) if name == "thanks" else None,
        signer=draw(st.sampled_from(["client", "parent"])),
    )


@st.composite
def histories(draw: st.DrawFn) -> History:
    signings = tuple(draw(st.lists(_signed(), min_size=1, max_size=5)))
    endings = []
    for number, one in enumerate(signings):
        for _ in range(draw(st.sampled_from([0, 0, 1]))):
            questions = ["", *GRANTS[one.form]]
            how = draw(st.sampled_from([TAKEN_BACK, EVENT]))
            endings.append(Ended(number, draw(st.integers(0, 30)), draw(st.sampled_from(questions)), how))
    return History(signings, tuple(endings))


def record_name(number: int) -> str:
    return f"record {number:03}"


def on_file(history: History) -> tuple[tuple[Decision, ...], Endings]:
    """The decisions and endings that the code keeps of such a history."""
    decisions: list[Decision] = []
    for number, one in enumerate(history.signings):
        at = NOW + one.day * DAY
        about = About(today=at.date(), born=BORN)
        signing = Signing(record_name(number), at, "en", "tablet", one.signer, about)
        decisions += decisions_of(form(one.form), answers_of(one), signing)
    endings = (Ending(record_name(e.signing), _at(history, e), e.question, e.how) for e in history.endings)
    return tuple(decisions), by_record(endings)


def _at(history: History, ended: Ended) -> datetime:
    return NOW + (history.signings[ended.signing].day + ended.after) * DAY


def answers_of(one: Signed) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for turn, named in enumerate(one.people, 1):
        last = "" if turn == 1 else f"_{turn}"
        answers[f"person{last}"] = {"name": named.person}
        answers |= {f"{question}{last}": said for question, said in named.choices}
        if one.form == "contact" and turn == 1:
            answers["people_more"] = "yes" if len(one.people) > 1 else "no"
    if one.ends_in is not None:
        answers["ends_on"] = (NOW + (one.day + one.ends_in) * DAY).date().isoformat()
    if one.event:
        answers["event"] = "my back is well"
    if one.never:
        answers["never"] = {"name": one.never}
    return answers


def allowed_by_model(history: History, person: str, topic: str, day: int) -> bool:
    """Told apart from the code: who was said last about this person decides, and one refusal is enough."""
    allowed = False
    for name in GRANTS:
        for number, one in _that_count(history, name, person, day):
            if one.never == person:
                return False
            for turn, named in enumerate(one.people, 1):
                for question, said in named.choices:
                    if named.person != person or topic not in GRANTS[name][question]:
                        continue
                    if said == "refuse":
                        return False
                    full = question if turn == 1 else f"{question}_{turn}"
                    allowed = allowed or _still_counts(history, number, one, full, day)
    return allowed


def _that_count(history: History, name: str, person: str, day: int) -> list[tuple[int, Signed]]:
    """The newest signing of a form; of a release the newest that names this person, or nobody at all."""
    so_far = [
        (one.day, number, one)
        for number, one in enumerate(history.signings)
        if one.form == name and one.day <= day
    ]
    if name == "release":
        so_far = [
            found
            for found in so_far
            if not found[2].people or any(named.person == person for named in found[2].people)
        ]
    return [(number, one) for _, number, one in sorted(so_far, key=lambda found: found[:2])[-1:]]


def _still_counts(history: History, number: int, one: Signed, question: str, day: int) -> bool:
    if one.ends_in is not None and one.day + one.ends_in < day:
        return False
    today = (NOW + day * DAY).date()
    of_age = date(BORN.year + 18, BORN.month, BORN.day)
    if one.signer == "parent" and (NOW + one.day * DAY).date() < of_age <= today:
        return False
    return not any(
        ended.signing == number and ended.question in ("", question) and one.day + ended.after <= day
        for ended in history.endings
    )
