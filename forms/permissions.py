"""What signed records permit: decisions made at signing, and the one answer to "may we tell?".

Nothing is allowed that no current record allows. A refusal is a decision like any other; what nobody
asked counts as refused, and is shown as what it is.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from forms import answers as walk
from forms.definition import Answers, Form, Grant, Period
from forms.periods import after

ALLOWED, REFUSED, NOT_ASKED, ENDED = "allowed", "refused", "not_asked", "ended"
LEFT_OPEN = "left_open"  # signed, but this was not asked: allows nothing, and supersedes what was before

NEVER_SAY = (
    "We never say who is or is not a client here. That is our rule for everybody. "
    "You are welcome to ask them yourself."
)


@dataclass(frozen=True)
class Decision:
    """One thing that a record allows or refuses; kept with the record, in the words of that day."""

    record: str
    form: str
    version: int
    signed: datetime
    purpose: str
    party: str
    party_role: str
    topics: tuple[str, ...]
    until: date | None
    state: str
    question: str
    clause: str
    says: str
    channel: str

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


def decisions_of(
    form: Form, answers: Answers, *, record: str, signed: datetime, lang: str, channel: str
) -> tuple[Decision, ...]:
    """What a form with these answers allows, refuses and leaves open: one decision a grant.

    What is left open is written down too, so that a newer record supersedes an older one that said more.
    """
    given = walk.kept(form, answers)
    made = []
    for grant in form.grants:
        question = form.question(grant.decision)
        asked = grant.decision in given
        allowed = given.get(grant.decision) == "allow" and grant.when.holds(given)
        party, role = _party(grant, given) if asked else ("", "")
        state = ALLOWED if allowed and party else REFUSED
        made.append(
            Decision(
                record=record,
                form=form.id,
                version=form.version,
                signed=signed,
                purpose=grant.purpose,
                party=party,
                party_role=role,
                topics=_topics(grant, given),
                until=_until(form, grant, given, signed),
                state=state if asked else LEFT_OPEN,
                question=grant.decision,
                clause=question.ask.say(lang, walk.inserts(form, given, lang))
                if asked
                else question.ask.on_paper(lang),
                says=_says(form, grant, given, allowed) if asked else "",
                channel=channel,
            )
        )
    return tuple(made)


def _party(grant: Grant, given: Answers) -> tuple[str, str]:
    """Whose ear this is about: a name as given, and who that is; the client's own has no name."""
    if grant.party == "client":
        return "client", ""
    value = given.get(grant.party)
    if isinstance(value, Mapping):
        return value.get("name", ""), value.get("relation") or value.get("role") or ""
    return (str(value) if value else ""), ""


def _topics(grant: Grant, given: Answers) -> tuple[str, ...]:
    return tuple(given.get(grant.topics_from, ())) if grant.topics_from else grant.topics


def _until(form: Form, grant: Grant, given: Answers, signed: datetime) -> date | None:
    """The last day that counts: the client's own date, or the form's period, whichever is earlier."""
    ends = []
    if grant.until and given.get(grant.until):
        ends.append(date.fromisoformat(given[grant.until]))
    if isinstance(form.renew_after, Period):
        ends.append(after(signed, form.renew_after).date())
    return min(ends) if ends else None


def _says(form: Form, grant: Grant, given: Answers, allowed: bool) -> str:
    """The staff's words, in English: they work on one screen, whatever the client's language."""
    text = grant.says if allowed else grant.refused
    return text.say("en", walk.inserts(form, given, "en"))


def is_over(decision: Decision, ended: Mapping[str, datetime], at: datetime) -> bool:
    taken_back = ended.get(decision.record)
    return (taken_back is not None and taken_back <= at) or (
        decision.until is not None and decision.until < at.date()
    )


def current(decisions: Iterable[Decision], at: datetime) -> tuple[Decision, ...]:
    """The decisions of the newest record of each form; a newer record supersedes what it covers."""
    signed = [decision for decision in decisions if decision.signed <= at]
    newest: dict[str, Decision] = {}
    for decision in signed:
        best = newest.get(decision.form)
        if best is None or (decision.signed, decision.record) > (best.signed, best.record):
            newest[decision.form] = decision
    return tuple(decision for decision in signed if decision.record == newest[decision.form].record)


def same_party(one: str, other: str) -> bool:
    """Whether two names are the same as people write them: without regard to case, accents and space."""
    return bool(one.strip()) and _folded(one) == _folded(other)


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


@dataclass(frozen=True)
class Answer:
    """Whether to tell, the words to say, and the decision it rests on."""

    yes: bool
    basis: Decision | None
    words: str


def may_tell(
    decisions: Iterable[Decision], ended: Mapping[str, datetime], party: str, topic: str, at: datetime
) -> Answer:
    """Whether `party` may be told about `topic` at this moment: only where a current decision says so.

    A refusal by name stands above an allowance by another form. For a stranger, a client who allowed
    nothing and a former client the words are the same.
    """
    covering = [
        decision
        for decision in current(decisions, at)
        if same_party(decision.party, party) and topic in decision.topics and not is_over(decision, ended, at)
    ]
    allowed = [decision for decision in covering if decision.state == ALLOWED]
    if not allowed or any(decision.state == REFUSED for decision in covering):
        return Answer(False, None, NEVER_SAY)
    basis = max(allowed, key=lambda decision: (decision.signed, decision.record))
    until = f", until {basis.until:%d %B %Y}" if basis.until else ""
    return Answer(
        True, basis, f"Yes: {basis.says}. Signed {basis.signed:%d %B %Y}{until}. Nothing beyond that."
    )


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


@dataclass(frozen=True)
class Standing:
    """All that a client's records say at one moment."""

    rows: tuple[Row, ...]


def standing(
    forms: Sequence[Form], decisions: Iterable[Decision], ended: Mapping[str, datetime], at: datetime
) -> Standing:
    """Each current decision with its state, and each form that grants something and was never asked."""
    newest = [decision for decision in current(decisions, at) if decision.state != LEFT_OPEN]
    rows = [_row(decision, ended, at) for decision in newest]
    asked = {decision.form for decision in newest}
    for form in forms:
        if form.grants_anything() and form.id not in asked:
            title = form.title.say("en")
            rows.append(Row(None, NOT_ASKED, title, "", "not asked yet: treat as no", None, None, form.id))
    return Standing(tuple(rows))


def _row(decision: Decision, ended: Mapping[str, datetime], at: datetime) -> Row:
    over = is_over(decision, ended, at)
    state = ENDED if over and decision.state == ALLOWED else decision.state
    left = (decision.until - at.date()).days if decision.until and state == ALLOWED else None
    return Row(
        decision,
        state,
        decision.party,
        decision.party_role,
        decision.says if state != ENDED else "nothing any more",
        decision.until,
        left,
        decision.form,
    )


@dataclass(frozen=True)
class PartyRow:
    """One line of the card: a person with everything that may be told, and its limits."""

    state: str
    party: str
    party_role: str
    says: str
    until: date | None
    ends_in_days: int | None
    channel: str | None
    logistics: bool


def by_party(standing: Standing) -> tuple[PartyRow, ...]:
    """One row a person: allowed first, then refused, then what nobody asked."""
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in standing.rows:
        grouped.setdefault((_folded(row.party), row.form if row.party == "client" else ""), []).append(row)
    rows = [_party_row(group) for group in grouped.values()]
    order = {ALLOWED: 0, ENDED: 1, REFUSED: 1, NOT_ASKED: 2}
    return tuple(sorted(rows, key=lambda row: order[row.state]))


def _party_row(group: Sequence[Row]) -> PartyRow:
    allowed = [row for row in group if row.state == ALLOWED]
    refused = [row for row in group if row.state == REFUSED]
    state = ALLOWED if allowed else group[0].state
    said = "; ".join(row.says for row in (allowed or group))
    if allowed and refused:
        said += "".join(f". Not {row.says}" for row in refused)
    elif not allowed and state in (REFUSED, ENDED):
        said = "nothing"
    until = [row.until for row in allowed if row.until]
    days = [row.ends_in_days for row in allowed if row.ends_in_days is not None]
    decision = group[0].decision
    return PartyRow(
        state=state,
        party=group[0].party,
        party_role=group[0].party_role,
        says=said,
        until=min(until) if until else None,
        ends_in_days=min(days) if days else None,
        channel=decision.channel if decision else None,
        logistics=group[0].party == "client",
    )


@dataclass(frozen=True)
class Change:
    """Something that is different from the last time: `kind` is allowed, refused, taken_back or ended."""

    kind: str
    party: str
    says: str
    on: datetime


def changes(
    decisions: Iterable[Decision], ended: Mapping[str, datetime], since: datetime, at: datetime
) -> tuple[Change, ...]:
    """What has changed since a moment, the latest first; one line a person and a kind of change."""
    found: dict[tuple[str, str], Change] = {}
    for decision in current(decisions, at):
        for change in _changes_of(decision, ended, since, at):
            found.setdefault((change.kind, change.party), change)
    return tuple(sorted(found.values(), key=lambda change: change.on, reverse=True))


def _changes_of(
    decision: Decision, ended: Mapping[str, datetime], since: datetime, at: datetime
) -> Iterable[Change]:
    if decision.state == LEFT_OPEN:
        return
    party = "You" if decision.party == "client" else decision.party
    taken_back = ended.get(decision.record)
    if taken_back is not None and taken_back <= at:
        if taken_back > since and decision.state == ALLOWED:
            yield Change("taken_back", party, "may no longer be told. Taken back", taken_back)
        return
    if decision.until and since.date() <= decision.until < at.date() and decision.state == ALLOWED:
        yield Change("ended", party, "may no longer be told. It ran out", _end_of(decision.until, at))
    elif decision.signed > since:
        says = f"may now be told: {decision.says}" if decision.state == ALLOWED else "is not to be told"
        yield Change(decision.state, party, f"{says}. Signed", decision.signed)


def _end_of(day: date, at: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=at.tzinfo)
