"""A new practice from sealed PDFs alone: clients, records, and what each of them allows.

Every seal is verified before anything is made. What cannot be known allows nothing: without a list of what
was taken back, or with a record missing, the clients concerned are asked again.
"""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from forms.decisions import TAKEN_BACK
from forms.definition import UnknownForm
from forms.signed import SignedRecord
from kiosk import access
from kiosk.access import Desk, Practice
from kiosk.actions import practice as founding
from kiosk.actions import records as keeping_records
from kiosk.actions.archived import FORMS, SETTINGS, ArchivedClient, Index
from kiosk.actions.archiving import Step
from kiosk.actions.clients import Profile, add_client, fill
from kiosk.actions.endings import standing_permissions
from kiosk.actions.practice import NewStaff, system
from kiosk.actions.sources import Source
from kiosk.actions.surveying import Survey, look
from kiosk.actions.whose import Carried, signed_at
from kiosk.errors import CannotRestore
from kiosk.settings import Settings
from kiosk.vault import KeyCosts, Vault, erased, new_id, tables
from kiosk.vault.did import Did
from kiosk.vault.folder import INBOX, making
from pdf.verify import carried_record

NOT_KNOWN = "not_known"  # how it was said that a permission ended: nobody could know whether it had

WITHOUT_IT = "Run it without. Nothing was made."


@dataclass(frozen=True)
class Wanted:
    """`erased` are ids on the list of the erased. `as_signed` and `without_damaged` say what to do where
    something cannot be known."""

    passphrase: str
    owner: NewStaff
    settings: str
    erased: Collection[str] = ()
    as_signed: bool = False
    without_damaged: bool = False


@dataclass(frozen=True)
class Report:
    """`asked_again` counts clients whose permissions ended here, for it could not be known whether they had.

    `seals` are the certificates that sealed the records: a name and a fingerprint.
    """

    clients: int
    records: int
    permissions: int
    erased: int
    refused: tuple[int, ...]
    missing: tuple[int, ...]
    asked_again: int
    by_name: int
    other_files: int
    seals: tuple[tuple[str, str], ...]


def rebuild(
    source: Source,
    instance: Path,
    wanted: Wanted,
    clock: Callable[[], datetime],
    *,
    on_step: Step,
    key_costs: KeyCosts | None = None,
) -> Report:
    """Make a practice in an empty folder, or nothing of it.

    Raises CannotRestore where the folder is not empty, a record was changed or is missing (unless `wanted`
    says to go on without), or a form is not known; Invalid for a short passphrase.
    """
    if "DATABASE_URL" in os.environ:
        raise CannotRestore("A practice is rebuilt in a folder, and DATABASE_URL names a server.", WITHOUT_IT)
    founding.check_passphrase(wanted.passphrase)
    with making(instance) as folder:
        survey = look(
            source,
            on_step,
            erased=wanted.erased,
            as_signed=wanted.as_signed,
            without_damaged=wanted.without_damaged,
        )
        practice = _laid_out(source, folder, wanted, clock, key_costs)
        try:
            _refuse_unknown_forms(practice, survey)
            founding.found(practice, wanted.passphrase, [wanted.owner])
            return _report(survey, _build(practice, source, survey, wanted, on_step))
        finally:
            practice.vault.close()


def _report(survey: Survey, permissions: int) -> Report:
    taken = [one for made in survey.groups.values() for one in made]
    return Report(
        clients=len(survey.groups),
        records=len(taken),
        permissions=permissions,
        erased=survey.erased,
        refused=tuple(sorted(survey.refused)),
        missing=tuple(sorted(survey.missing)),
        asked_again=len(survey.uncertain & survey.groups.keys()),
        by_name=sum(not one.client for one in taken),
        other_files=survey.other_files,
        seals=tuple(sorted(survey.seals)),
    )


def _laid_out(
    source: Source,
    folder: Path,
    wanted: Wanted,
    clock: Callable[[], datetime],
    key_costs: KeyCosts | None,
) -> Practice:
    """The folder of the new practice, with its settings and its own definitions."""
    folder.mkdir(mode=0o700, parents=True)
    (folder / SETTINGS).write_text(wanted.settings, encoding="utf-8")
    (folder / INBOX).mkdir()
    for name, body in source.beside.forms.items():
        (folder / FORMS).mkdir(exist_ok=True)
        (folder / FORMS / name).write_bytes(body)
    settings = Settings.load(folder)
    return Practice(settings, Vault(settings, clock, key_costs), founding.offered_forms(settings))


def _refuse_unknown_forms(practice: Practice, survey: Survey) -> None:
    """Raises CannotRestore where a record's form is not known: its page could not be shown."""
    unknown = set()
    for one in (one for made in survey.groups.values() for one in made):
        try:
            practice.catalog.form(one.form, one.version)
        except UnknownForm:
            unknown.add(f"{one.form} {one.version}")
    if unknown:
        raise CannotRestore(
            f"There are records of forms that are not here: {', '.join(sorted(unknown))}.",
            f"Put the practice's own definitions into a folder {FORMS} beside the records. Nothing was made.",
        )


def _build(practice: Practice, source: Source, survey: Survey, wanted: Wanted, on_step: Step) -> int:
    """Clients, records, endings, the list of the erased; returns how many permissions stand."""
    by, index = system(practice), source.beside.index
    owners = {one.id: client for client, made in survey.groups.items() for one in made}
    with access.transaction(by) as desk:
        known = {one.id: one for one in index.clients} if index else {}
        for client, made in survey.groups.items():
            _enter(desk, client, made, known.get(client))
    done: set[str] = set()
    for _number, pdf in source.pdfs():
        with access.transaction(by) as desk:
            if record := _wanted_record(pdf, survey, owners, done):
                _keep(desk, owners[record.id], record, pdf)
                on_step("Rebuilding", len(done), len(owners))
    with access.transaction(by) as desk:
        _end(desk, index, owners, survey)
        if index is None:
            _fill(desk, survey.groups)
        desk.audit(Did.REBUILT, "practice", "practice")
        erased.keep(practice.settings.instance, desk, dict.fromkeys(wanted.erased, desk.now))
        return sum(len(standing_permissions(desk, client)) for client in survey.groups)


def _enter(desk: Desk, client_id: str, made: Sequence[Carried], known: ArchivedClient | None) -> None:
    """A client under the id that they had; by the index, else by their newest record."""
    if known is not None:
        profile, since = Profile.from_plain(known.profile), datetime.fromisoformat(known.made_at)
    else:
        last = made[-1]
        born = date.fromisoformat(last.born) if last.born else None
        profile, since = Profile(last.name, born, last.lang), made[0].made
    row = desk.session.get_one(tables.Client, add_client(desk, profile, client_id))
    row.made_at = min(since, desk.now)
    if known is not None:
        row.visited_at = datetime.fromisoformat(known.last_visit) if known.last_visit else None
        row.held_at = datetime.fromisoformat(known.held_at) if known.held_at else None
    desk.audit(Did.ADDED_CLIENT, "client", client_id)


def _wanted_record(
    pdf: bytes, survey: Survey, owners: Mapping[str, str], done: set[str]
) -> SignedRecord | None:
    """The record in a file, once, where the first look took this very file. Raises CannotRestore."""
    text = carried_record(pdf)
    if text is None:
        return None
    record = SignedRecord.from_json(text)
    first = survey.records.get(record.id)
    if first is None or record.id not in owners or record.id in done:
        return None
    if first.digest != sha256(pdf).digest():
        raise CannotRestore(f"Record {first.number} was changed meanwhile.")
    done.add(record.id)
    return record


def _keep(desk: Desk, client_id: str, record: SignedRecord, pdf: bytes) -> None:
    row = tables.Record(
        id=record.id,
        client_id=client_id,
        form=record.form_id,
        version=record.form_version,
        channel=record.channel,
        signed_at=signed_at(record),
        submission=record.id,
    )
    keeping_records.keep_record(desk, client_id, record, pdf, row=row, did=Did.REBUILT_RECORD)


def _end(desk: Desk, index: Index | None, owners: Mapping[str, str], survey: Survey) -> None:
    """What was taken back, by the index; and all that somebody allowed of whom something is not known."""
    ended = set()
    for one in index.endings if index else ():
        if one.record in owners:
            _add_ending(desk, one.record, one.question, one.how, one.said, datetime.fromisoformat(one.at))
            ended.add((one.record, one.question))
    for record, client in owners.items():
        if client in survey.uncertain and (record, "") not in ended:
            _add_ending(desk, record, "", TAKEN_BACK, NOT_KNOWN, desk.now)
    desk.session.flush()


def _add_ending(desk: Desk, record: str, question: str, how: str, said: str, at: datetime) -> None:
    desk.session.add(
        tables.Ending(
            id=new_id(), record_id=record, question=question, how=how, said=said, at=at, by=desk.by.id
        )
    )


def _fill(desk: Desk, groups: Mapping[str, tuple[Carried, ...]]) -> None:
    """What the records filled in elsewhere, in the order in which they were signed."""
    for client, made in groups.items():
        for one in made:
            row = desk.session.get_one(tables.Record, one.id)
            record = keeping_records.open_record(desk, row)
            fill(desk, client, desk.practice.catalog.form(one.form, one.version), record.answers, one.made)
