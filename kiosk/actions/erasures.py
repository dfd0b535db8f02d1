"""What the owner sees of erasures: who may be erased, what was asked for, where one is complete."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from forms.periods import years_after
from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import keeping, words
from kiosk.actions.archiving import ArchiveRow, archive_row
from kiosk.actions.clients import profile_of
from kiosk.actions.erasing import obstacles
from kiosk.actions.key_care import keys_gone_since, keys_out_there
from kiosk.vault import tables
from kiosk.vault.did import Did
from kiosk.vault.states import VisitState

MOST_LISTED = 50
MARK_LETTERS = 6


@dataclass(frozen=True)
class ClientRow:
    id: str
    name: str
    born: str
    note: str = ""


@dataclass(frozen=True)
class DoneRow:
    """An erasure that was done, and what may still open what older backups and archives hold.

    `waits` are words for what ends by itself, by `latest` at the latest; `out_of_reach` are key files that
    somebody has to destroy, each with its backup. `complete_on` is the day since which nothing is.
    """

    id: str
    on: str
    archives: tuple[ArchiveRow, ...]
    waits: tuple[str, ...]
    latest: str | None
    out_of_reach: tuple[tuple[str, str], ...]
    complete_on: str | None

    @property
    def complete(self) -> bool:
        return self.complete_on is not None


@dataclass(frozen=True)
class Overview:
    asked: tuple[ClientRow, ...]
    due: tuple[ClientRow, ...]
    more_due: bool
    done: tuple[DoneRow, ...]
    keep_years: int


def overview(by: Actor) -> Overview:
    """Erasures that wait for somebody's yes, clients who may be erased now, and erasures that were done."""
    with access.transaction(by, Purpose.ERASE) as desk:
        asked = tuple(_asked_rows(desk))
        due = tuple(_due(desk, {row.id for row in asked}))
        desk.audit(Did.SHOWED_NAMES, "erasures", "")
        return Overview(
            asked,
            due[:MOST_LISTED],
            len(due) > MOST_LISTED,
            tuple(_done_row(desk, row) for row in desk.session.scalars(_done())),
            desk.practice.settings.keep_years,
        )


def waiting(desk: Desk) -> int:
    """How many erasures somebody asked for and nobody agreed to yet."""
    asked = select(func.count()).where(
        tables.Erasure.called_off_at.is_(None), tables.Erasure.done_at.is_(None)
    )
    return desk.session.scalar(asked) or 0


def incomplete(desk: Desk) -> int:
    """How many of the latest erasures an archive or a key file still keeps from being complete."""
    return sum(not _done_row(desk, row).complete for row in desk.session.scalars(_done()))


def found(by: Actor, text: str) -> tuple[ClientRow, ...]:
    """Clients by the beginning of any of their names."""
    with access.transaction(by, Purpose.ERASE) as desk:
        desk.audit(Did.SEARCHED_CLIENTS, "search", "")
        return tuple(_row(desk, hit.client_id) for hit in by.practice.vault.names.find(desk, text))


def _row(desk: Desk, client_id: str, note: str = "") -> ClientRow:
    profile = profile_of(desk, client_id)
    zone = desk.practice.settings.time_zone
    return ClientRow(client_id, profile.name, words.day(profile.born, zone) if profile.born else "", note)


def _asked_rows(desk: Desk) -> Iterator[ClientRow]:
    zone = desk.practice.settings.time_zone
    rows = desk.session.execute(
        select(tables.Erasure, tables.Staff.name)
        .join(tables.Staff, tables.Staff.id == tables.Erasure.asked_by)
        .where(tables.Erasure.called_off_at.is_(None), tables.Erasure.done_at.is_(None))
        .order_by(tables.Erasure.asked_at)
    )
    for erasure, who in rows:
        yield _row(desk, erasure.client_id, f"{who}, {words.day(erasure.asked_at, zone)}")


def _due(desk: Desk, asked: set[str]) -> Iterator[ClientRow]:
    """Whom nothing keeps any more; one more than is listed, to say that there are more."""
    count = 0
    for client in desk.session.scalars(_long_known(desk)):
        if client.id not in asked and next(obstacles(desk, client), None) is None:
            zone = desk.practice.settings.time_zone
            since = words.day(keeping.kept_until(desk, client).until, zone)
            yield _row(desk, client.id, f"kept until {since}")
            count += 1
            if count > MOST_LISTED:
                return


def _long_known(desk: Desk) -> Select[tables.Client]:
    """Who was entered long enough ago, and was not here since: the few that the exact rule is asked about."""
    begin, _ = words.day_bounds(
        years_after(desk.local_now.date(), -desk.practice.settings.keep_years),
        desk.practice.settings.time_zone,
    )
    later = select(tables.Visit.id).where(
        tables.Visit.client_id == tables.Client.id,
        tables.Visit.at > begin + keeping.A_WEEK,
        tables.Visit.state != VisitState.NOT_COME,
    )
    return (
        select(tables.Client)
        .where(tables.Client.erased_at.is_(None), tables.Client.held_at.is_(None))
        .where(tables.Client.made_at <= begin + keeping.A_WEEK, ~later.exists())
        .order_by(tables.Client.made_at)
    )


def _done() -> Select[tables.Erasure]:
    return (
        select(tables.Erasure)
        .where(tables.Erasure.done_at.is_not(None))
        .order_by(tables.Erasure.done_at.desc())
        .limit(MOST_LISTED)
    )


def _done_row(desk: Desk, row: tables.Erasure) -> DoneRow:
    if row.done_at is None:
        raise ValueError("only an erasure that was done")
    holding = desk.session.scalars(
        select(tables.Archive)
        .join(tables.ArchivedClient, tables.ArchivedClient.archive_id == tables.Archive.id)
        .where(tables.ArchivedClient.client_id == row.client_id)
        .order_by(tables.Archive.made_at)
    ).all()
    archives = [archive for archive in holding if archive.destroyed_at is None]
    zone = desk.practice.settings.time_zone
    keys = keys_out_there(desk, row.done_at)
    ends = [one.until for one in keys if one.until is not None]
    return DoneRow(
        id=row.id,
        on=words.day(row.done_at, zone),
        archives=tuple(archive_row(desk, archive) for archive in archives),
        waits=tuple(dict.fromkeys(one.where for one in keys if one.until is not None)),
        latest=words.day(max(ends), zone) if ends else None,
        out_of_reach=tuple((one.backup_id, one.where) for one in keys if one.until is None),
        complete_on=None if archives or keys else words.day(_last(desk, row.done_at, holding), zone),
    )


def _last(desk: Desk, done_at: datetime, archives: Iterable[tables.Archive]) -> datetime:
    """The last moment of a complete erasure: here, of an archive that held them, or of a key file."""
    moments = (done_at, keys_gone_since(desk, done_at), *(archive.destroyed_at for archive in archives))
    return max(moment for moment in moments if moment is not None)
