"""An emergency: anybody who works here opens one client's emergency contact, with a reason, and nothing else.

45 CFR 164.312(a)(2)(ii). It is a declared act and never a permission: what the client allowed is shown as it
is, and the owner sees who opened what.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from forms.definition import Form
from forms.names import same_name
from forms.permissions import may_tell
from forms.vocabulary import TOPICS
from kiosk import access
from kiosk.access import Actor, Desk, Purpose, throttle
from kiosk.actions import declaring, words
from kiosk.actions.clients import profile_of, read_birth_date
from kiosk.actions.declaring import Reason, still_open
from kiosk.actions.endings import endings_on_file
from kiosk.actions.reach import EMERGENCY
from kiosk.actions.records import decisions_on_file
from kiosk.errors import Invalid, TooManyTries
from kiosk.vault.did import Did

PURPOSE = "emergency"
LONGEST_REASON = 500
BORN = ("month", "day", "year")

NOBODY = "Nobody of this name and birth date was found. Check the spelling: the whole name is needed."
SLOWED = "Many names in a row were nobody’s. Wait a minute, check the spelling, and try again."
WHICH = "Several people have this name. Give the birth date too."


@dataclass(frozen=True)
class Contact:
    """`allowed` is whether the client allows the call; `may_say` and `not_say` are topics in words."""

    name: str
    relation: str
    phone: str
    allowed: bool
    asked: bool
    may_say: tuple[str, ...]
    not_say: tuple[str, ...]


@dataclass(frozen=True)
class Emergency:
    client: str
    contacts: tuple[Contact, ...]
    until: str


def declare(by: Actor, given: Mapping[str, str]) -> str:
    """Open one client's emergency contact; returns the access's id. The same words for whoever is not found.

    That several have this name says that they are clients, so the owner sees that too. Raises Invalid.
    """
    said = " ".join(given.get("reason", "").split())[:LONGEST_REASON]
    with access.transaction(by, Purpose.EMERGENCY) as desk:
        problems = {
            name: text
            for name, text, missing in (
                ("name", "Enter the client’s whole name.", not given.get("name", "").strip()),
                ("reason", "Say what has happened, in a few words.", not said),
            )
            if missing
        }
        if problems:
            raise Invalid(problems)
        found = _look_for(desk, given["name"], _read_born(desk, given))
        reason = Reason(EMERGENCY, said)
        if len(found) == 1:
            return declaring.declare(desk, found[0], EMERGENCY, reason)
        for one in found:
            declaring.tell_of_namesake(desk, one, reason)
    raise Invalid({"month": WHICH} if found else {"name": NOBODY})


def _look_for(desk: Desk, name: str, born: date | None) -> list[str]:
    """The clients of this name. Whoever tries one name after another waits. Raises Invalid."""
    try:
        throttle.check(desk, EMERGENCY, desk.by.id, throttle.EMERGENCY)
    except TooManyTries:
        raise Invalid({"name": SLOWED}) from None
    namesakes = desk.practice.vault.names.called(desk, name)
    found = [one.client_id for one in namesakes if born in (None, one.born)]
    if not found:
        throttle.miss(desk, EMERGENCY, desk.by.id)
    outcome = {0: "nobody", 1: "found"}.get(len(found), "several")
    desk.audit(Did.LOOKED_FOR_CLIENT, "search", "", outcome=outcome, reason=EMERGENCY)
    return found


def _read_born(desk: Desk, given: Mapping[str, str]) -> date | None:
    if not any(given.get(part, "").strip() for part in BORN):
        return None
    return read_birth_date(given, words.local(desk.now, desk.practice.settings.time_zone).date())


def view(by: Actor, access_id: str) -> Emergency:
    """Whom to call, and what the client allows to be said. Raises NotFound."""
    with access.transaction(by, Purpose.EMERGENCY) as desk:
        row = still_open(desk, access_id, EMERGENCY)
        profile = profile_of(desk, row.client_id)
        people = dict.fromkeys(
            place
            for form in desk.practice.catalog.forms
            for place in _contact_places(form)
            if isinstance(profile.places.get(place), Mapping)
        )
        desk.audit(Did.OPENED_EMERGENCY_CONTACT, "client", row.client_id)
        return Emergency(
            client=profile.name,
            contacts=tuple(_contact(desk, row.client_id, profile.places[place]) for place in people),
            until=words.clock(row.until, desk.practice.settings.time_zone),
        )


def _contact_places(form: Form) -> Iterator[str]:
    """Where a form keeps the people who may be called in an emergency."""
    parties = dict.fromkeys(grant.party for grant in form.grants if grant.purpose == PURPOSE)
    for party in parties:
        for question in form.questions():
            if question.id == party and question.fills:
                yield question.fills


def _contact(desk: Desk, client_id: str, person: Mapping[str, str]) -> Contact:
    decisions, endings = decisions_on_file(desk, client_id), endings_on_file(desk, client_id)
    name, topics = person.get("name", ""), _emergency_topics(desk)
    for_this = [one for one in decisions if one.purpose in (PURPOSE, "")]  # "": not to be told by name

    def allowed(topic: str) -> bool:
        """Allowed at all, and for an emergency: a yes for when one is only worried is none for this."""
        asked = (decisions, for_this)
        return all(may_tell(some, endings, name, topic, desk.judged_at).yes for some in asked)

    yes = [topic for topic in topics if allowed(topic)]
    return Contact(
        name=name,
        relation=person.get("relation", ""),
        phone=person.get("phone", ""),
        allowed=bool(yes),
        asked=any(one.purpose == PURPOSE and same_name(one.party, name) for one in decisions),
        may_say=tuple(TOPICS[topic].words for topic in yes),
        not_say=tuple(TOPICS[topic].words for topic in topics if topic not in yes),
    )


def _emergency_topics(desk: Desk) -> tuple[str, ...]:
    """What forms may allow to be told in an emergency, in the vocabulary's order."""
    granted = {
        topic
        for form in desk.practice.catalog.forms
        for grant in form.grants
        if grant.purpose == PURPOSE
        for topic in grant.topics
    }
    return tuple(topic for topic in TOPICS if topic in granted)
