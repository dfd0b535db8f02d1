"""Which entries of the trail somebody asks for, found by index among a million, and whose they are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select, union_all

from kiosk.access import Desk
from kiosk.actions import words
from kiosk.actions.clients import name_on_file
from kiosk.errors import Invalid
from kiosk.vault import tables
from kiosk.vault.did import DECLARED, KEYS, READS, Did
from kiosk.vault.tables import AuditEntry

DIGITS = 15  # of an entry's number, far more than there will be
REFUSALS = "refusals"
KINDS = (
    ("reads", "Only looked"),
    ("writes", "Changed something"),
    (REFUSALS, "Was refused"),
    ("keys", "Keys and signing in"),
    ("declared", "With a reason given"),
)
DIDS = {"reads": READS, "writes": frozenset(Did) - READS - KEYS, "keys": KEYS, "declared": DECLARED}


@dataclass(frozen=True)
class Wanted:
    """What the owner asks for. `before` and `after` are entries' numbers, for the next page and the last.

    `person`: what they did; and of the staff what was done about them, as a passphrase missed in their name.
    """

    person: str = ""
    kind: str = ""
    client_id: str = ""
    begin: date | None = None
    end: date | None = None
    before: int | None = None
    after: int | None = None

    def turned(self, before: str, after: str) -> "Wanted":
        """The page before or after an entry; a number that is none is the first page."""
        return replace(self, before=_number(before), after=_number(after))

    def about(self, client_id: str) -> "Wanted":
        return replace(self, client_id=client_id)


def _number(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() and len(given) <= DIGITS else None


def read_wanted(kind: str, person: str, client_id: str, begin: str, end: str) -> Wanted:
    """Raises Invalid for a day that is none, or a range that ends before it begins."""
    days, problems = {}, {}
    for name, given in (("begin", begin), ("end", end)):
        try:
            days[name] = date.fromisoformat(given) if given.strip() else None
        except ValueError:
            problems[name] = "Enter a day, for example 2026-11-23."
    if not problems and days["begin"] and days["end"] and days["begin"] > days["end"]:
        problems["end"] = "The last day is before the first."
    if problems:
        raise Invalid(problems)
    known = kind if kind == REFUSALS or kind in DIDS else ""
    return Wanted(person, known, client_id, days["begin"], days["end"])


def entries(desk: Desk, wanted: Wanted, most: int) -> list[AuditEntry]:
    """The entries asked for, in the order of the walk: downwards, or upwards from `after`.

    What has several ways to be found is asked for by one after another, each by its own index: else a rare
    act among a million would be looked for from end to end.
    """
    where, ways = _conditions(desk, wanted), _ways(wanted)
    up = wanted.after is not None
    order: ColumnElement[Any] = AuditEntry.seq.asc() if up else AuditEntry.seq.desc()
    if len(ways) > 1:
        each = [
            select(select(AuditEntry.seq).where(*way, *where).order_by(order).limit(most).subquery())
            for way in ways
        ]
        seqs = set(desk.session.scalars(union_all(*each)))  # one's own sign-in is found by both ways
        where, ways = [AuditEntry.seq.in_(sorted(seqs, reverse=not up)[:most])], [()]
    found = select(AuditEntry).where(*ways[0], *where).order_by(order).limit(most)
    return list(desk.session.scalars(found))


def _ways(wanted: Wanted) -> list[tuple[ColumnElement[bool], ...]]:
    """By each act, of whom it is asked; and by whom it was about, few enough to be sifted by their act."""
    dids = sorted(DIDS.get(wanted.kind, frozenset()))
    did_it = [AuditEntry.actor == wanted.person] if wanted.person else []
    if wanted.client_id:
        return [(*did_it, *([AuditEntry.did.in_(dids)] if dids else []))]
    ways = [(*did_it, AuditEntry.did == did) for did in dids] or [tuple(did_it)]
    if wanted.person:
        about = (AuditEntry.object == wanted.person, AuditEntry.kind == "staff")
        ways.append((*about, AuditEntry.did.in_(dids)) if dids else about)
    return ways


def _conditions(desk: Desk, wanted: Wanted) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if wanted.before is not None:
        where.append(AuditEntry.seq < wanted.before)
    if wanted.after is not None:
        where.append(AuditEntry.seq > wanted.after)
    if wanted.kind == REFUSALS:
        where.append(AuditEntry.outcome == "refused")
    if wanted.client_id:
        where.append(AuditEntry.object.in_(_ids_of(wanted.client_id)))
    if wanted.begin or wanted.end:
        where += _within(desk, wanted)
    return where


def _within(desk: Desk, wanted: Wanted) -> list[ColumnElement[bool]]:
    """By the days, and by the numbers between which they lie: the walk is by number."""
    zone, at = desk.practice.settings.time_zone, []
    if wanted.begin:
        at.append(AuditEntry.at >= words.day_bounds(wanted.begin, zone)[0])
    if wanted.end:
        at.append(AuditEntry.at < words.day_bounds(wanted.end, zone)[1])
    low, high = desk.session.execute(
        select(func.min(AuditEntry.seq), func.max(AuditEntry.seq)).where(*at)
    ).one()
    return [*at, AuditEntry.seq >= (low or 0), AuditEntry.seq <= (high or 0)]


def _ids_of(client_id: str) -> Any:
    """Every id by which the trail may speak of this client."""
    sheets = select(tables.Sheet.id).where(tables.Sheet.client_id == client_id)
    return union_all(
        select(tables.Client.id).where(tables.Client.id == client_id),
        select(tables.Visit.id).where(tables.Visit.client_id == client_id),
        select(tables.Record.id).where(tables.Record.client_id == client_id),
        select(tables.Sheet.id).where(tables.Sheet.client_id == client_id),
        select(tables.ScanPage.id).where(tables.ScanPage.sheet_id.in_(sheets)),
        select(tables.ScanPage.id)
        .join(tables.Document, tables.Document.id == tables.ScanPage.image_id)
        .where(tables.Document.owner == client_id, tables.ScanPage.sheet_id.is_(None)),
        select(tables.Reading.id).where(tables.Reading.sheet_id.in_(sheets)),
        select(tables.DeclaredAccess.id).where(tables.DeclaredAccess.client_id == client_id),
        select(tables.Erasure.id).where(tables.Erasure.client_id == client_id),
    )


def _whose(kind: str) -> Any:
    """The id and the client of what the trail calls by this kind; None where it is nobody's."""
    match kind:
        case "client" | "row":
            return select(tables.Client.id, tables.Client.id)
        case "visit":
            return select(tables.Visit.id, tables.Visit.client_id)
        case "record":
            return select(tables.Record.id, tables.Record.client_id)
        case "sheet":
            return select(tables.Sheet.id, tables.Sheet.client_id)
        case "page":
            return _whose_page()
        case "reading":
            return select(tables.Reading.id, tables.Sheet.client_id).join(
                tables.Sheet, tables.Sheet.id == tables.Reading.sheet_id
            )
        case "declared":
            return select(tables.DeclaredAccess.id, tables.DeclaredAccess.client_id)
        case "erasure":
            return select(tables.Erasure.id, tables.Erasure.client_id)
        case _:
            return None


def _whose_page() -> Any:
    """Its sheet's client; of a page without one, as one filed by hand, whose key its picture is under."""
    return (
        select(tables.ScanPage.id, tables.Client.id)
        .outerjoin(tables.Sheet, tables.Sheet.id == tables.ScanPage.sheet_id)
        .outerjoin(tables.Document, tables.Document.id == tables.ScanPage.image_id)
        .join(tables.Client, tables.Client.id == func.coalesce(tables.Sheet.client_id, tables.Document.owner))
    )


def clients_of(desk: Desk, found: Sequence[AuditEntry]) -> dict[int, str]:
    """The name of whom each entry is about, by the entry's number."""
    whose: dict[tuple[str, str], str] = {}
    for kind in {row.kind for row in found}:
        asked = _whose(kind)
        if asked is not None:
            ids = {row.object for row in found if row.kind == kind}
            rows = desk.session.execute(asked.where(asked.selected_columns[0].in_(ids)))
            whose |= {(kind, one): client for one, client in rows}
    names = {client: name_on_file(desk, client) for client in set(whose.values())}
    return {row.seq: names[whose[row.kind, row.object]] for row in found if (row.kind, row.object) in whose}
