"""Which forms a client owes at a visit, from what was signed and what was taken back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select

from forms.definition import Form
from forms.due import Circumstances, Due, Signed, due
from kiosk.access import Desk
from kiosk.actions import words
from kiosk.actions.clients import Profile, about, profile_of
from kiosk.vault.tables import Ending, Record

WHY = {
    "never": "not signed yet",
    "new_version": "the form has changed",
    "expired": "it has run out",
    "ends_soon": "runs out soon",
    "taken_back": "taken back",
    "of_age": "now of age, signs alone",
    "somebody_else": "names somebody who has changed",
}


# Built once: each step at a tablet asks it.
SIGNED = (
    select(
        Record.client_id,
        Record.form,
        Record.version,
        Record.signed_at,
        Ending.at,
        Record.until,
        Record.signer,
    )
    .outerjoin(Ending, and_(Ending.record_id == Record.id, Ending.question == ""))
    .where(Record.client_id.in_(bindparam("clients", expanding=True)))
)


@dataclass(frozen=True)
class DueForm:
    """A form that is owed; `why` is a key of WHY."""

    form: Form
    why: str


def signed_forms(desk: Desk, clients: Collection[str]) -> dict[str, list[Signed]]:
    """What each of these clients has signed, in one query and without opening a record."""
    found: dict[str, list[Signed]] = {client: [] for client in clients}
    zone = desk.practice.settings.time_zone
    rows = desk.session.execute(SIGNED, {"clients": list(clients)})
    for client, form, version, signed_at, ended_at, until, signer in rows:
        found[client].append(Signed(form, version, words.local(signed_at, zone), ended_at, until, signer))
    return found


def owed(desk: Desk, profile: Profile, signed: Sequence[Signed]) -> tuple[DueForm, ...]:
    """The forms that a client who signed these owes now, in the order in which they are asked."""
    if profile.erased:
        return ()
    catalog, here = desk.practice.catalog, Circumstances(about(desk, profile), profile.renamed)
    found = due(catalog.current(), signed, desk.judged_at, here, catalog.same_words)
    return tuple(_due_form(desk, one) for one in found)


def due_of(desk: Desk, client_id: str, profile: Profile | None = None) -> tuple[DueForm, ...]:
    """What one client owes; who has the profile at hand gives it, for each step at the tablet asks."""
    signed = signed_forms(desk, [client_id])[client_id]
    return owed(desk, profile or profile_of(desk, client_id), signed)


def _due_form(desk: Desk, one: Due) -> DueForm:
    return DueForm(desk.practice.catalog.form(one.form_id), one.why)
