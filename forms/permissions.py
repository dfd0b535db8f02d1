"""The one answer to "may we tell?", from what a client has signed.

Nothing is allowed that no current record allows. A refusal is a decision like any other; what nobody
asked counts as refused.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from babel.dates import format_date

from forms.decisions import ALLOWED, REFUSED, TELL, Decision, Endings, current, is_over
from forms.definition import CLIENT, READERS
from forms.names import folded

NAMELESS = (CLIENT, READERS)  # no third person: a refusal there is of one way to write, and not of another

NEVER_SAY = (
    "We never say who is or is not a client here. That is our rule for everybody. "
    "You are welcome to ask them yourself."
)


@dataclass(frozen=True)
class Answer:
    """Whether to tell, the words to say, and the newest decision that it rests on."""

    yes: bool
    basis: Decision | None
    words: str


NO = Answer(False, None, NEVER_SAY)


def may_tell(decisions: Iterable[Decision], endings: Endings, party: str, topic: str, at: datetime) -> Answer:
    """Whether `party` may be told about `topic` at this moment: only where a current decision says so.

    `decisions` are all that one client ever signed; `at` is in the practice's own zone, whose date decides.
    A refusal by name stands above an allowance by another form, and ends only with a newer record. For a
    stranger, a client who allowed nothing and a former client the words are the same.
    """
    covering = [decision for decision in _about(decisions, party, at) if topic in decision.topics]
    allowed = [one for one in covering if one.state == ALLOWED and not is_over(one, endings, at)]
    refused = any(one.state == REFUSED and one.party not in NAMELESS for one in covering)
    if not allowed or refused:
        return NO
    newest_first = sorted(allowed, key=lambda one: (one.signed, one.record), reverse=True)
    return Answer(True, newest_first[0], _words(list(_most_particular(newest_first))))


def _about(decisions: Iterable[Decision], party: str, at: datetime) -> list[Decision]:
    """The current decisions about what this party may be told."""
    wanted = folded(party)
    names: dict[str, str] = {}
    found = []
    for decision in current(decisions, at):
        if decision.party not in names:
            names[decision.party] = folded(decision.party)
        if wanted and names[decision.party] == wanted and decision.direction == TELL:
            found.append(decision)
    return found


def _most_particular(allowed: Sequence[Decision]) -> Iterator[Decision]:
    """Of several grants by one answer the narrowest: what the client wrote, not the box beside it."""
    for decision in allowed:
        narrower = any(
            other.record == decision.record
            and other.question == decision.question
            and set(other.topics) < set(decision.topics)
            for other in allowed
        )
        if not narrower:
            yield decision


def _words(allowed: Sequence[Decision]) -> str:
    """What may be told, a sentence a record, each with its limits."""
    said = []
    for _, group in groupby(allowed, key=lambda one: (one.record, one.until, one.until_event)):
        same = list(group)
        until = f", until {_day(same[0].until)}" if same[0].until else ""
        event = f", until this happens: {same[0].until_event}" if same[0].until_event else ""
        says = "; ".join(dict.fromkeys(one.says for one in same))
        said.append(f"{says}. Signed {_day(same[0].signed.date())}{until}{event}.")
    return f"Yes: {' Also: '.join(said)} Nothing beyond that."


def _day(day: date) -> str:
    return str(format_date(day, "d MMMM yyyy", locale="en"))
