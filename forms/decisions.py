"""What a signed record decides, kept in the words of that day; and which decisions are current."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from forms import answers as walk
from forms.definition import CLIENT, INSERT_TOPICS, READERS, UNKNOWN, About, Answers, Form, Grant, Refusal
from forms.kinds.decision import ALLOW
from forms.names import folded
from forms.periods import after, years_after
from forms.signers import AS_PARENT
from forms.vocabulary import TOPICS

ALLOWED, REFUSED, NOT_ASKED, ENDED = "allowed", "refused", "not_asked", "ended"
LEFT_OPEN = "left_open"  # not decided: allows nothing, and takes the place of what was before
TELL, ASK = "tell", "ask"
TAKEN_BACK, EVENT = "taken_back", "event"


@dataclass(frozen=True)
class Decision:
    """One thing that a record allows or refuses. `until` is the last day on which it counts.

    `covers` says what a newer record takes the place of: the whole `form`, or what stood about the
    same `party`. `question` is empty where somebody was only named as not to be told.
    """

    record: str
    form: str
    version: int
    signed: datetime
    purpose: str
    party: str
    party_role: str
    topics: tuple[str, ...]
    until: date | None
    until_event: str
    state: str
    question: str
    clause: str
    says: str
    channel: str
    covers: str
    direction: str

    def to_plain(self) -> dict[str, Any]:
        return asdict(self) | {
            "signed": self.signed.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "topics": list(self.topics),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Decision:
        read = dict(plain)
        read["signed"] = datetime.fromisoformat(read["signed"])
        read["until"] = date.fromisoformat(read["until"]) if read["until"] else None
        read["topics"] = tuple(read["topics"])
        return cls(**read)


@dataclass(frozen=True)
class Ending:
    """That a record, or one `question` of it, counts no longer from a moment on.

    `how` is TAKEN_BACK, by the client, or EVENT, which a therapist says has happened.
    """

    record: str
    at: datetime
    question: str = ""
    how: str = TAKEN_BACK


Endings = Mapping[str, Sequence[Ending]]  # by record


@dataclass(frozen=True)
class Signing:
    """What decisions take from the act of signing. `signer` is one of SIGNERS."""

    record: str
    at: datetime
    lang: str
    channel: str
    signer: str = CLIENT
    about: About = UNKNOWN


def decisions_of(form: Form, answers: Answers, signing: Signing) -> tuple[Decision, ...]:
    """What a form with these answers allows, refuses and leaves open: one decision a grant or refusal.

    What is left open is written down too, so that a newer record takes the place of an older one.
    """
    given = walk.kept(form, answers, signing.about)
    shows = {question.id for question in walk.shown_questions(form, answers, signing.about)}
    of_grants = (_of_grant(form, grant, given, grant.decision in shows, signing) for grant in form.grants)
    return (*of_grants, *(_of_refusal(form, refusal, given, signing) for refusal in form.refusals))


def _of_grant(form: Form, grant: Grant, given: Answers, shows: bool, signing: Signing) -> Decision:
    question = form.question(grant.decision)
    party, role = _party(grant.party, given) if shows else ("", "")
    state = _state(grant, given, shows and bool(party), signing.about)
    said = walk.inserts(form, given, signing.lang)
    return Decision(
        record=signing.record,
        form=form.id,
        version=form.version,
        signed=signing.at,
        purpose=grant.purpose,
        party=party,
        party_role=role,
        topics=_topics(grant, given),
        until=_until(form, grant.until, given, signing),
        until_event=str(given.get(grant.until_event or "", "")),
        state=state,
        question=grant.decision,
        clause=question.ask.say(signing.lang, said) if shows else question.ask.on_paper(signing.lang),
        says=_says(form, grant, given, state) if shows else "",
        channel=signing.channel,
        covers=form.covers,
        direction=grant.direction,
    )


def _state(grant: Grant, given: Answers, has_party: bool, about: About) -> str:
    if not has_party:
        return LEFT_OPEN
    if grant.decision not in given:
        return NOT_ASKED
    if given[grant.decision] != ALLOW:
        return REFUSED
    return ALLOWED if grant.when.holds(given, about) else LEFT_OPEN


def _of_refusal(form: Form, refusal: Refusal, given: Answers, signing: Signing) -> Decision:
    party, role = _party(refusal.party, given)
    named = bool(party) and refusal.when.holds(given, signing.about)
    says = refusal.says.say("en", walk.inserts(form, given, "en"))
    return Decision(
        record=signing.record,
        form=form.id,
        version=form.version,
        signed=signing.at,
        purpose="",
        party=party if named else "",
        party_role=role,
        topics=refusal.topics or tuple(TOPICS),
        until=None,
        until_event="",
        state=REFUSED if named else LEFT_OPEN,
        question="",
        clause=form.question(refusal.party).ask.on_paper(signing.lang),
        says=says if named else "",
        channel=signing.channel,
        covers=form.covers,
        direction=TELL,
    )


def _party(party: str, given: Answers) -> tuple[str, str]:
    """Whose ear this is about: a name as given, and who that is; the client and readers have no name."""
    if party in (CLIENT, READERS):
        return party, ""
    value = given.get(party)
    if isinstance(value, Mapping):
        return value.get("name", ""), value.get("relation") or value.get("role") or ""
    return (str(value) if value else ""), ""


def _topics(grant: Grant, given: Answers) -> tuple[str, ...]:
    """In the vocabulary's order; an option that is no topic says something else and is left out."""
    ticked = {option for name in grant.topics_from for option in given.get(name, ())}
    return tuple(topic for topic in TOPICS if topic in ticked or topic in grant.topics)


def _until(form: Form, question: str | None, given: Answers, signing: Signing) -> date | None:
    """The last day that counts: the client's own, the form's period, or the last before a client who was
    signed for by a parent signs alone; whichever comes first."""
    ends = []
    if question and given.get(question):
        ends.append(date.fromisoformat(given[question]))
    if form.renew_after is not None:
        ends.append(after(signing.at, form.renew_after).date())
    about = signing.about
    if signing.signer in AS_PARENT and about.is_minor and about.born is not None:
        ends.append(years_after(about.born, about.majority) - timedelta(days=1))
    return min(ends, default=None)


def _says(form: Form, grant: Grant, given: Answers, state: str) -> str:
    """The staff's words, in English: they work on one screen, whatever the client's language.

    `{topics}` inserts what may be told in the vocabulary's words, which are the staff's and not the client's.
    """
    text = grant.says if state == ALLOWED else grant.refused
    told = "; ".join(TOPICS[topic].words for topic in _topics(grant, given))
    return text.say("en", walk.inserts(form, given, "en") | {INSERT_TOPICS: told})


def by_record(endings: Iterable[Ending]) -> Endings:
    found: dict[str, list[Ending]] = {}
    for ending in endings:
        found.setdefault(ending.record, []).append(ending)
    return found


def ending_of(decision: Decision, endings: Endings, at: datetime) -> Ending | None:
    """What has ended a decision by this moment, the first of several; None while nothing has."""
    return min(
        (
            ending
            for ending in endings.get(decision.record, ())
            if ending.at <= at and ending.question in ("", decision.question)
        ),
        key=lambda ending: ending.at,
        default=None,
    )


def is_over(decision: Decision, endings: Endings, at: datetime) -> bool:
    return ran_out(decision, at) or ending_of(decision, endings, at) is not None


def ran_out(decision: Decision, at: datetime) -> bool:
    return decision.until is not None and decision.until < at.date()


def current(decisions: Iterable[Decision], at: datetime) -> tuple[Decision, ...]:
    """What the newest records say, of those signed by this moment; each takes the place of what it covers."""
    records = [made for made in _by_record(decisions) if made[0].signed <= at]
    newest: dict[Place, Age] = {}
    for made in records:
        age = _age(made[0])
        for place in _places(made):
            newest[place] = max(newest.get(place, age), age)
    return tuple(decision for made in records for decision in _still(made, newest))


Age = tuple[datetime, str]
Place = tuple[str, str]  # a form, and a folded name where what stands about each party is apart
EVERYBODY = "*"  # of a form that stands for each party: what names nobody at all


def _by_record(decisions: Iterable[Decision]) -> Iterable[list[Decision]]:
    records: dict[str, list[Decision]] = {}
    for decision in decisions:
        records.setdefault(decision.record, []).append(decision)
    return records.values()


def _age(decision: Decision) -> Age:
    return decision.signed, decision.record


def _places(made: Sequence[Decision]) -> set[Place]:
    """What a record stands for: its form; or each party that it names; or, naming nobody, everybody."""
    form = made[0].form
    if made[0].covers == "form":
        return {(form, "")}
    named = {folded(decision.party) for decision in made if decision.party}
    return {(form, name) for name in named or (EVERYBODY,)}


def _still(made: Sequence[Decision], newest: Mapping[Place, Age]) -> Iterator[Decision]:
    """The decisions of a record whose place no newer record has taken."""
    age, form = _age(made[0]), made[0].form
    if made[0].covers == "form":
        if newest[form, ""] == age:
            yield from made
        return
    if newest.get((form, EVERYBODY), age) > age:
        return
    for decision in made:
        if newest.get((form, folded(decision.party)), age) == age:
            yield decision
