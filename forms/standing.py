"""All that a client's records say at one moment, for the therapist's card: allowed, refused, not asked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from forms.decisions import (
    ALLOWED,
    ASK,
    ENDED,
    LEFT_OPEN,
    NOT_ASKED,
    REFUSED,
    TELL,
    Decision,
    Endings,
    current,
    ending_of,
    is_over,
    ran_out,
)
from forms.definition import CLIENT, READERS, Form
from forms.names import folded

NOT_ASKED_YET = "not asked yet: treat as no"
OWN = {CLIENT: "You", READERS: "Writing about it"}  # parties that have no name
ORDER: Mapping[str, int] = {ALLOWED: 0, ENDED: 1, REFUSED: 1, NOT_ASKED: 2}


@dataclass(frozen=True)
class Row:
    decision: Decision | None
    state: str
    party: str
    party_role: str
    says: str
    until: date | None
    ends_in_days: int | None
    form: str


def standing(
    forms: Sequence[Form], decisions: Iterable[Decision], endings: Endings, at: datetime
) -> tuple[Row, ...]:
    """Each current decision with its state, and each form that grants something and was never asked."""
    newest = current(decisions, at)
    rows = [_row(decision, endings, at) for decision in newest if decision.state != LEFT_OPEN]
    asked = {decision.form for decision in newest}
    for form in forms:
        if form.grants_anything() and form.id not in asked:
            title = form.title.say("en")
            rows.append(Row(None, NOT_ASKED, title, "", NOT_ASKED_YET, None, None, form.id))
    return tuple(rows)


def _row(decision: Decision, endings: Endings, at: datetime) -> Row:
    over = decision.state == ALLOWED and is_over(decision, endings, at)
    state = ENDED if over else decision.state
    left = (decision.until - at.date()).days if decision.until and state == ALLOWED else None
    said = {ENDED: "nothing any more", NOT_ASKED: NOT_ASKED_YET}
    return Row(
        decision,
        state,
        decision.party,
        decision.party_role,
        said.get(state, decision.says),
        decision.until,
        left,
        decision.form,
    )


@dataclass(frozen=True)
class PartyRow:
    """One line of the card: a person with everything that may be told, and its limits.

    `logistics` tells how to reach the client; `events` are what would end it, in the client's words,
    each with the record and the question that it would end.
    """

    state: str
    party: str
    party_role: str
    says: str
    until: date | None
    ends_in_days: int | None
    channel: str | None
    logistics: bool
    events: tuple[tuple[str, str, str], ...]


def by_party(rows: Iterable[Row]) -> tuple[PartyRow, ...]:
    """One row a person: allowed first, then refused, then what nobody asked."""
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        apart = row.form if row.party in OWN else ""
        grouped.setdefault((folded(row.party), apart), []).append(row)
    made = [_party_row(group) for group in grouped.values()]
    return tuple(sorted(made, key=lambda row: ORDER[row.state]))


def _party_row(group: Sequence[Row]) -> PartyRow:
    allowed = [row for row in group if row.state == ALLOWED]
    until = [row.until for row in allowed if row.until]
    days = [row.ends_in_days for row in allowed if row.ends_in_days is not None]
    decision = group[0].decision
    return PartyRow(
        state=_state_of(group),
        party=group[0].party,
        party_role=next((row.party_role for row in group if row.party_role), ""),
        says=_says(group, allowed),
        until=min(until, default=None),
        ends_in_days=min(days, default=None),
        channel=decision.channel if decision else None,
        logistics=group[0].party == CLIENT,
        events=tuple(dict.fromkeys(_events(allowed))),
    )


def _state_of(group: Sequence[Row]) -> str:
    return min((row.state for row in group), key=lambda state: ORDER[state])


def _says(group: Sequence[Row], allowed: Sequence[Row]) -> str:
    state = _state_of(group)
    if state == NOT_ASKED:
        return NOT_ASKED_YET
    if state != ALLOWED:
        return "nothing"
    said = "; ".join(dict.fromkeys(_directed(row) for row in allowed))
    refused = dict.fromkeys(_directed(row) for row in group if row.state == REFUSED)
    return said + "".join(f". Not {words}" for words in refused)


def _directed(row: Row) -> str:
    asks = row.decision is not None and row.decision.direction == ASK
    return f"may tell us: {row.says}" if asks else row.says


def _events(allowed: Iterable[Row]) -> Iterator[tuple[str, str, str]]:
    for row in allowed:
        if row.decision is not None and row.decision.until_event:
            yield row.decision.until_event, row.decision.record, row.decision.question


@dataclass(frozen=True)
class Change:
    """What is different from the last time: `kind` is allowed, refused, taken_back, event or ended."""

    kind: str
    party: str
    says: str
    on: datetime


def changes(
    decisions: Iterable[Decision], endings: Endings, since: datetime, at: datetime
) -> tuple[Change, ...]:
    """What has changed since a moment, the latest first; one line a person, a kind and a moment."""
    found: dict[tuple[str, str, datetime], list[str]] = {}
    for decision in current(decisions, at):
        for kind, on in _changes_of(decision, endings, since, at):
            said = found.setdefault((kind, OWN.get(decision.party, decision.party), on), [])
            if decision.says not in said:
                said.append(decision.says)
    made = (Change(kind, party, _changed(kind, said), on) for (kind, party, on), said in found.items())
    return tuple(sorted(made, key=lambda change: change.on, reverse=True))


def _changed(kind: str, said: Sequence[str]) -> str:
    match kind:
        case "allowed":
            return f"may now be told: {'; '.join(said)}. Signed"
        case "refused":
            return f"is not to be told: {'; '.join(said)}. Signed"
        case "taken_back":
            return "may no longer be told. Taken back"
        case "event":
            return "may no longer be told. What would end it has happened"
        case _:
            return "may no longer be told. It ran out"


def _changes_of(
    decision: Decision, endings: Endings, since: datetime, at: datetime
) -> Iterator[tuple[str, datetime]]:
    """Which kind of change a decision is, and when; nothing where it stood before, or was left open."""
    if decision.state in (LEFT_OPEN, NOT_ASKED) or decision.direction != TELL:
        return
    allowed = decision.state == ALLOWED
    ending = ending_of(decision, endings, at)
    if ending is not None and allowed:
        if ending.at > since:
            yield ending.how, ending.at
    elif decision.until and allowed and ran_out(decision, at):
        if since.date() <= decision.until:
            yield "ended", _end_of(decision.until, at)
    elif decision.signed > since:
        yield decision.state, decision.signed


def _end_of(day: date, at: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=at.tzinfo)
