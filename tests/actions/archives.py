"""Archives for tests: small sealed PDFs that carry a record, and a practice that is rebuilt from them."""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pypdf import PdfWriter
from sqlalchemy import select

from forms.decisions import Signing, decisions_of
from forms.signed import Signature, SignedRecord
from forms.versions import content_hash
from kiosk import access
from kiosk.access import Actor, Practice, Role
from kiosk.actions import archiving, rebuilding, records, sources
from kiosk.actions.clients import Profile, add_client, profile_of
from kiosk.actions.endings import endings_on_file
from kiosk.actions.practice import NewStaff, offered_forms, system
from kiosk.actions.records import decisions_on_file
from kiosk.actions.sealing import seal_key
from kiosk.settings import Settings
from kiosk.vault import KeyCosts, Vault, new_id, tables
from pdf.record import DATA_FILE
from pdf.seal import seal
from tests.practices import PASSPHRASE, People

CHEAP = KeyCosts(8, 1, 1)


def quiet(_doing: str, _number: int, _of: int) -> None:
    """Nobody watches."""


def owner_of(people: People) -> Actor:
    return people._staff("ruth")


def light_pdf(record: SignedRecord) -> bytes:
    """One empty page that carries the record: a real one takes a third of a second to lay out."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.add_attachment(DATA_FILE, record.to_json().encode())
    writer.write(out)
    return out.getvalue()


@dataclass
class Files:
    """Puts records on file as the tablet does, and quickly."""

    people: People

    def client(self, name: str, born: datetime | None = None) -> str:
        with access.transaction(self.people.system) as desk:
            return add_client(desk, Profile(name, born.date() if born else None))

    def signs(
        self,
        client: str,
        form_id: str,
        answers: dict[str, Any],
        at: datetime,
        *,
        carries_client: bool = True,
        sealed: bool = True,
    ) -> str:
        """Returns the record's id."""
        form = self.people.practice.catalog.form(form_id)
        with access.transaction(self.people.system) as desk:
            profile = profile_of(desk, client)
            record_id = new_id()
            record = SignedRecord(
                id=record_id,
                practice="Meadow Lane",
                client_name=profile.name,
                client_born=profile.born.isoformat() if profile.born else "",
                form_id=form.id,
                form_version=form.version,
                form_title=form.title.say("en"),
                form_hash=content_hash(form),
                lang="en",
                shown=(),
                answers=answers,
                decisions=decisions_of(form, answers, Signing(record_id, at, "en", "tablet")),
                take_back="Tell us.",
                signature=Signature("typed", profile.name, (), 0.0, 0.0, at.isoformat(), "I do.", "client"),
                evidence={"signed_at_local": at.isoformat()},
                channel="tablet",
                supersedes=None,
                client=client,
            )
            if not carries_client:
                record = replace(record, client="")
            row = tables.Record(
                id=record.id,
                client_id=client,
                form=form.id,
                version=form.version,
                channel="tablet",
                signed_at=at,
                submission=record.id,
            )
            pdf = light_pdf(record)
            pdf = seal(pdf, seal_key(desk), at) if sealed else pdf
            records.keep_record(desk, client, record, pdf, row=row)
            return record.id


def archived(people: People, file: Path) -> archiving.Made:
    return archiving.make(people.system, file, quiet)


def wanted(source: sources.Source, **more: Any) -> rebuilding.Wanted:
    settings = source.beside.settings or b'practice_name = "Found"\ntime_zone = "America/Chicago"\n'
    owner = NewStaff("ruth", "Ruth Meadows", (Role.OWNER,), PASSPHRASE)
    return rebuilding.Wanted(PASSPHRASE, owner, settings.decode(), **more)


def rebuilt(
    source: sources.Source, folder: Path, clock: Callable[[], datetime], **more: Any
) -> tuple[rebuilding.Report, Practice]:
    """The caller closes the practice's vault."""
    report = rebuilding.rebuild(source, folder, wanted(source, **more), clock, on_step=quiet, key_costs=CHEAP)
    settings = Settings.load(folder)
    practice = Practice(settings, Vault(settings, clock, CHEAP), offered_forms(settings))
    practice.vault.unlock(PASSPHRASE)
    return report, practice


def allowed(practice: Practice) -> dict[str, tuple[Any, ...]]:
    """By client: all that was decided, and all that has ended."""
    with access.transaction(system(practice)) as desk:
        return {client: _of(desk, client) for client in desk.session.scalars(select(tables.Client.id)).all()}


def _of(desk: access.Desk, client: str) -> tuple[Any, ...]:
    decisions = sorted(decisions_on_file(desk, client), key=lambda one: (one.record, one.question, one.says))
    ends = {key: tuple(ends) for key, ends in endings_on_file(desk, client).items()}
    return tuple(decisions), ends
