"""The owner's view of the trail: who did what to whose record, when, from where, and with what result.

The trail holds ids only. Names of clients are looked up for this screen, and that look is in the trail.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select

from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import words
from kiosk.actions.clients import name_on_file
from kiosk.actions.trail_query import Wanted, clients_of, entries
from kiosk.vault import tables
from kiosk.vault.did import Did
from kiosk.vault.names import Found
from kiosk.vault.tables import AuditEntry

PAGE = 50
AT_ONCE = 1_000  # rows of an export between two transactions, so that it holds nobody up
NOT_STAFF = {"system": "the practice itself", "nobody": "somebody not signed in"}
# What entries are about, and why, where the trail's own short word would say nothing to the owner.
THINGS = {
    "record": "signed form",
    "reading": "value on paper",
    "sitting": "time at the tablet",
    "declared": "access with a reason",
}
REASONS = {
    "tablet": "on the tablet",
    "paper": "on paper",
    "browser": "sent from the browser",
    "inbox": "from the inbox folder",
    "by itself": "closed by itself",
    "enough": "the client had enough for today",
    "finished": "all was done",
    "stopped": "the client stopped",
    "idle": "nobody touched it",
    "too long": "it had lasted three hours",
    "missed": "the birth date was wrong too often",
    "elsewhere": "went on at another tablet",
    "replaced": "somebody else began there",
    "taken back": "the tablet was taken back",
}
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so


@dataclass(frozen=True)
class EntryRow:
    seq: int
    day: str
    time: str
    who: str
    role: str
    device: str
    did: str
    what: str
    client: str
    outcome: str
    refused: bool


@dataclass(frozen=True)
class Trail:
    rows: tuple[EntryRow, ...]
    entries: int
    newer: int | None
    older: int | None
    people: tuple[tuple[str, str], ...]
    client: str


def find_clients(by: Actor, name: str) -> tuple[Found, ...]:
    """Whose trail is looked for, by the beginning of any of their names."""
    with access.transaction(by, Purpose.SEE_TRAIL) as desk:
        desk.audit(Did.SEARCHED_CLIENTS, "search", "")
        return by.practice.vault.names.find(desk, name)


def view(by: Actor, wanted: Wanted) -> Trail:
    """One page of the trail, the latest first."""
    with access.transaction(by, Purpose.SEE_TRAIL) as desk:
        people = _people(desk)
        found = entries(desk, wanted, PAGE + 1)
        more, found = len(found) > PAGE, found[:PAGE]
        if wanted.after is not None:
            found.reverse()
        rows = _rows(desk, found, dict(people))
        total = desk.session.scalar(select(func.max(AuditEntry.seq))) or 0
        _note_look(desk, wanted, Did.LOOKED_AT_TRAIL, wanted.kind)
        has_newer = more if wanted.after is not None else wanted.before is not None
        has_older = more if wanted.after is None else bool(found)
        return Trail(
            rows=rows,
            entries=total,
            newer=found[0].seq if found and has_newer else None,
            older=found[-1].seq if found and has_older else None,
            people=people,
            client=name_on_file(desk, wanted.client_id) if wanted.client_id else "",
        )


def _note_look(desk: Desk, wanted: Wanted, did: Did, reason: str) -> None:
    kind = "client" if wanted.client_id else "trail"
    desk.audit(did, kind, wanted.client_id, reason=reason)


def export(by: Actor, wanted: Wanted, *, names: bool = False) -> Iterator[str]:
    """All that is asked for as CSV, the latest first. Names of clients only where asked, and it is noted."""
    with access.transaction(by, Purpose.EXPORT_TRAIL) as desk:
        until = desk.session.scalar(select(func.max(AuditEntry.seq))) or 0
        _note_look(desk, wanted, Did.EXPORTED_TRAIL, "with names of clients" if names else "")
    return _lines(by, replace(wanted, before=until + 1, after=None), names)


def _lines(by: Actor, wanted: Wanted, names: bool) -> Iterator[str]:
    columns = ["entry", "when", "who", "role", "from", "did", "kind", "id", "result", "reason"]
    yield "\ufeff" + _line([*columns, *(["client"] if names else [])])
    while True:
        with access.transaction(by, Purpose.EXPORT_TRAIL) as desk:
            people, found = dict(_people(desk)), entries(desk, wanted, AT_ONCE)
            called = clients_of(desk, found) if names else {}
            yield "".join(_csv_row(desk, row, people, called if names else None) for row in found)
        if len(found) < AT_ONCE:
            return
        wanted = replace(wanted, before=found[-1].seq)


def _csv_row(desk: Desk, row: AuditEntry, people: dict[str, str], called: dict[int, str] | None) -> str:
    at = words.local(row.at, desk.practice.settings.time_zone).isoformat(timespec="seconds")
    cells = [
        *(str(row.seq), at, people.get(row.actor, row.actor), row.role, row.device),
        *(row.did, row.kind, row.object, row.outcome, row.reason),
    ]
    return _line([*cells, *([called.get(row.seq, "")] if called is not None else [])])


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return out.getvalue()


def _people(desk: Desk) -> tuple[tuple[str, str], ...]:
    """Everybody who may stand in the trail: who works or worked here, the tablets, and who is nobody."""
    staff = desk.session.scalars(select(tables.Staff).order_by(tables.Staff.name))
    tablets = desk.session.scalars(select(tables.Tablet).order_by(tables.Tablet.name))
    return (
        *((row.id, row.name) for row in staff),
        *((row.id, row.name) for row in tablets),
        *NOT_STAFF.items(),
    )


def _rows(desk: Desk, found: Sequence[AuditEntry], people: dict[str, str]) -> tuple[EntryRow, ...]:
    zone, called = desk.practice.settings.time_zone, clients_of(desk, found)
    return tuple(
        EntryRow(
            seq=row.seq,
            day=words.short_day(row.at, zone),
            time=words.exact_time(row.at, zone),
            who=people.get(row.actor, "somebody who is gone"),
            role=row.role.replace("_", " "),
            device=people.get(row.device, row.device),
            did=row.did,
            what=_what(row, people),
            client=called.get(row.seq, ""),
            outcome=row.outcome,
            refused=row.outcome in ("refused", "damaged"),
        )
        for row in found
    )


def _what(row: AuditEntry, people: dict[str, str]) -> str:
    """Our own words about it: which thing, or whom of the staff, and the reason where one is noted."""
    thing = people.get(row.object, THINGS.get(row.kind, row.kind)) if row.object else ""
    reason = REASONS.get(row.reason, row.reason)
    return ": ".join(part.replace("_", " ") for part in (thing, reason) if part)
