"""Which forms a client owes, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from forms.definition import CLIENT, UNKNOWN, About, Form
from forms.periods import after
from forms.signers import ended_at_majority

NEVER, NEW_VERSION, EXPIRED, ENDS_SOON = "never", "new_version", "expired", "ends_soon"
TAKEN_BACK, OF_AGE, SOMEBODY_ELSE = "taken_back", "of_age", "somebody_else"
SOON = timedelta(days=30)


@dataclass(frozen=True)
class Signed:
    """That a form was signed. `ended` is when all of it was taken back; `until` the last day on which
    all that it allows counts."""

    form: str
    version: int
    signed: datetime
    ended: datetime | None = None
    until: date | None = None
    signer: str = CLIENT
    complete: bool = True


@dataclass(frozen=True)
class Due:
    """`why` is one of the words above."""

    form_id: str
    why: str


@dataclass(frozen=True)
class Circumstances:
    """What is so today, beside what was signed: who the client is, and since when a place of the profile
    names somebody else than before."""

    about: About = UNKNOWN
    renamed: Mapping[str, datetime] = field(default_factory=dict)


def due(
    forms: Iterable[Form],
    signed: Iterable[Signed],
    at: datetime,
    circumstances: Circumstances | None = None,
    same_words: Mapping[tuple[str, int], bool] | None = None,
) -> tuple[Due, ...]:
    """The forms to ask for now: those needed before the session first, then in the catalog's order.

    `same_words` says of an older version, by form and version, whether only its wording differs from the
    current one's; what it does not tell counts as a change of substance.
    """
    today = circumstances or Circumstances()
    latest: dict[str, Signed] = {}
    for one in signed:
        if one.complete and one.signed <= at:
            best = latest.get(one.form)
            latest[one.form] = one if best is None or one.signed >= best.signed else best
    owed = []
    for form in sorted(forms, key=lambda form: (not form.before_session, form.order)):
        if why := _why(form, latest.get(form.id), at, today, same_words or {}):
            owed.append(Due(form.id, why))
    return tuple(owed)


def _why(
    form: Form,
    latest: Signed | None,
    at: datetime,
    today: Circumstances,
    same_words: Mapping[tuple[str, int], bool],
) -> str | None:
    if latest is None:
        return NEVER
    if latest.ended is not None and latest.ended <= at:
        return TAKEN_BACK
    if latest.version < form.version and not same_words.get((form.id, latest.version), False):
        return NEW_VERSION
    then = About(latest.signed.date(), today.about.born, today.about.majority)
    if ended_at_majority(latest.signer, then, today.about):
        return OF_AGE
    places = {question.fills for question in form.questions()}
    if any(place in places and since > latest.signed for place, since in today.renamed.items()):
        return SOMEBODY_ELSE
    return _runs_out(form, latest, at)


def _runs_out(form: Form, latest: Signed, at: datetime) -> str | None:
    """Whether it has run out; or will soon, where it was not signed only just now."""
    renewal = after(latest.signed, form.renew_after) if form.renew_after else None
    if (renewal and renewal <= at) or (latest.until and latest.until < at.date()):
        return EXPIRED
    soon = at + SOON
    will = (renewal and renewal <= soon) or (latest.until and latest.until < soon.date())
    return ENDS_SOON if will and latest.signed + SOON <= at else None
