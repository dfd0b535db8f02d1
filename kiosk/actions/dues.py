"""Which forms a client owes at a visit, from what was signed and what was taken back."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from forms.definition import Form
from forms.due import Due, Signed, due
from kiosk.access import Desk
from kiosk.vault.tables import Record, Withdrawal

WHY = {
    "never": "not signed yet",
    "new_version": "the form has changed",
    "expired": "it has run out",
    "taken_back": "taken back",
}


@dataclass(frozen=True)
class DueForm:
    """A form that is owed; `why` is a key of WHY."""

    form: Form
    why: str


def signed_forms(desk: Desk, clients: Collection[str]) -> dict[str, list[Signed]]:
    """What each of these clients has signed, in one query and without opening a record."""
    found: dict[str, list[Signed]] = {client: [] for client in clients}
    rows = desk.session.execute(
        select(Record.client_id, Record.form, Record.version, Record.signed_at, Withdrawal.at)
        .outerjoin(Withdrawal, Withdrawal.record_id == Record.id)
        .where(Record.client_id.in_(clients))
    )
    for client, form, version, signed_at, ended_at in rows:
        found[client].append(Signed(form, version, signed_at, ended_at, complete=True))
    return found


def due_forms(desk: Desk, clients: Collection[str]) -> dict[str, tuple[DueForm, ...]]:
    """The forms that each of these clients owes now, in the order in which they are asked."""
    catalog = desk.practice.catalog
    return {
        client: tuple(_due_form(desk, owed) for owed in due(catalog.current(), signed, desk.now))
        for client, signed in signed_forms(desk, clients).items()
    }


def due_of(desk: Desk, client_id: str) -> tuple[DueForm, ...]:
    return due_forms(desk, [client_id])[client_id]


def _due_form(desk: Desk, owed: Due) -> DueForm:
    return DueForm(desk.practice.catalog.form(owed.form_id), owed.why)
