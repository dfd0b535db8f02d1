"""What is kept for a while only: what was said at the door, and scans that nobody keeps."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.vault import passing, tables
from kiosk.vault.states import PageState, ScanState

DAYS_KEPT = timedelta(days=7)  # more than a clock is wrong by, and less than anybody needs
LET_GO = (PageState.RETURNED, PageState.RESCAN_ASKED)
LET_GO_DAYS = timedelta(days=30)
AN_HOUR = timedelta(hours=1)

_looked: dict[Path, datetime] = {}


def under_day_s_key(desk: Desk) -> str:
    """Who owns what is said today; the first of a day makes its key."""
    owner = passing.of_day(desk.now)
    if desk.session.get(tables.ClientKey, owner) is None:
        desk.new_client_key(owner)
    return owner


def under_key_of_its_own(desk: Desk, scan_id: str) -> str:
    owner = passing.of_scan(scan_id)
    desk.new_client_key(owner)
    return owner


def forget(by: Actor) -> bool:
    """A job of the worker, once an hour: destroy the keys of days that are over, and of scans let go of."""
    instance, now = by.practice.settings.instance, by.practice.vault.clock()
    if instance in _looked and abs(now - _looked[instance]) < AN_HOUR:
        return False
    _looked[instance] = now
    with access.transaction(by, Purpose.LOOK_AFTER) as desk:
        over = [key.owner for key in passing.living(desk.session, passing.DAY) if _is_over(desk, key.owner)]
        let_go = [passing.of_scan(scan_id) for scan_id in desk.session.scalars(_let_go(desk))]
        for owner in (*over, *let_go):
            passing.destroy(desk.session, owner, desk.now)
        return bool(over or let_go)


def _is_over(desk: Desk, owner: str) -> bool:
    return passing.day_of(owner) < (desk.now - DAYS_KEPT).date()


def _let_go(desk: Desk):  # type: ignore[no-untyped-def]  # a query
    """Scans read long ago, every page of which went back to somebody or was asked for once more."""
    kept = select(tables.ScanPage.id).where(
        tables.ScanPage.scan_id == tables.Scan.id, tables.ScanPage.state.not_in(LET_GO)
    )
    pages = select(tables.ScanPage.id).where(tables.ScanPage.scan_id == tables.Scan.id)
    return (
        select(tables.Scan.id)
        .join(tables.Document, tables.Document.id == tables.Scan.document_id)
        .where(tables.Scan.state == ScanState.READ, tables.Scan.received_at < desk.now - LET_GO_DAYS)
        .where(tables.Document.body_sealed != b"", pages.exists(), ~kept.exists())
    )
