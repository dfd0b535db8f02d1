"""Every address of the URL map, with every id that there is for what it asks."""

from collections.abc import Iterator, Mapping
from itertools import product

from sqlalchemy import select
from werkzeug.routing import Rule

from kiosk import access
from kiosk.vault import tables
from tests.practices import People

MODELS = {
    "visit_id": tables.Visit,
    "sheet_id": tables.Sheet,
    "page_id": tables.ScanPage,
    "reading_id": tables.Reading,
    "record_id": tables.Record,
    "batch_id": tables.ShredBatch,
    "tablet_id": tables.Tablet,
    "access_id": tables.DeclaredAccess,
    "client_id": tables.Client,
    "arrival_id": tables.Arrival,
    "archive_id": tables.Archive,
    "backup_id": tables.Backup,
    "staff_id": tables.Staff,
    "session_id": tables.StaffSession,
}
OTHERS = {"form": ["emergency_contact"], "page": ["who"], "number": ["1"], "name": ["none.woff2"]}


def addresses(rule: Rule, ids: Mapping[str, list[str]]) -> Iterator[str]:
    names = sorted(rule.arguments)
    for values in product(*(ids[name] for name in names)):
        address = rule.rule.replace("<int:number>", "1")
        for name, value in zip(names, values, strict=True):
            address = address.replace(f"<{name}>", value)
        yield address


def ids_of(people: People, most: int) -> dict[str, list[str]]:
    """Up to `most` for each argument; one that is nobody's where there is none."""
    with access.transaction(people.system) as desk:
        found = {name: list(desk.session.scalars(select(model.id)))[:most] for name, model in MODELS.items()}
        days = [day.isoformat() for day in desk.session.scalars(select(tables.DayHead.day))][:most]
    return {name: ids or ["none"] for name, ids in {**found, "day": days}.items()} | OTHERS
