"""Which forms a client owes, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from forms.definition import Form
from forms.periods import after


@dataclass(frozen=True)
class Signed:
    """That a form was signed; `ended` is when it was taken back."""

    form: str
    version: int
    signed: datetime
    ended: datetime | None
    complete: bool


@dataclass(frozen=True)
class Due:
    """`why`: never, new_version, expired or taken_back."""

    form_id: str
    why: str


def due(forms: Iterable[Form], signed: Iterable[Signed], at: datetime) -> tuple[Due, ...]:
    """The forms to ask for now: those needed before the session first, then in the catalog's order."""
    latest: dict[str, Signed] = {}
    for one in signed:
        if one.complete and one.signed <= at:
            best = latest.get(one.form)
            latest[one.form] = one if best is None or one.signed >= best.signed else best
    owed = []
    for form in sorted(forms, key=lambda form: (not form.before_session, form.order)):
        if why := _why(form, latest.get(form.id), at):
            owed.append(Due(form.id, why))
    return tuple(owed)


def _why(form: Form, latest: Signed | None, at: datetime) -> str | None:
    if latest is None:
        return "never"
    if latest.ended is not None and latest.ended <= at:
        return "taken_back"
    if latest.version < form.version:
        return "new_version"
    if form.renew_after is not None and after(latest.signed, form.renew_after) <= at:
        return "expired"
    return None
