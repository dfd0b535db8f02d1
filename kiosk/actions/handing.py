"""Between the door and the tablet: who has arrived, codes, handing a visit to a tablet and taking it back."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select

from kiosk import access
from kiosk.access import MAY, Actor, Desk, Purpose
from kiosk.actions import drafts, words
from kiosk.actions.at_tablet import end_sittings, off_tablet
from kiosk.actions.check_in import code_mac, forget_misses, hand_over_lasts, new_code, spoken
from kiosk.actions.visits import own_visit, the_visit
from kiosk.errors import NotFound
from kiosk.vault import tables
from kiosk.vault.did import Did
from kiosk.vault.states import VisitState

CODE_OPENS_BEFORE = timedelta(hours=2)
CODE_CLOSES_AFTER = timedelta(hours=4)


def make_code(by: Actor, visit_id: str) -> str:
    """A new code for a visit, in the words that are read out; an older one stops working.

    Made ahead, for the appointment card, it opens only around its visit, or once its client has arrived; for
    who is here, at once. Ahead nobody has been seen: misses of the birth date are forgotten for who is here.
    """
    with access.transaction(by, Purpose.HAND_TABLET) as desk:
        visit = the_visit(desk, visit_id)
        code = new_code()
        visit.code_mac = code_mac(desk, code)
        visit.code_from = visit.at - CODE_OPENS_BEFORE
        visit.code_until = max(visit.at, desk.now) + CODE_CLOSES_AFTER
        if _is_now(desk, visit):
            _open_code(desk, visit)
            forget_misses(desk, visit)
        drafts.offer_again(desk, visit)
        desk.audit(Did.MADE_CODE, "visit", visit.id)
        return spoken(code)


def _is_now(desk: Desk, visit: tables.Visit) -> bool:
    """Whether a visit is of today, or its client is here although it is not."""
    here = visit.state in (VisitState.ARRIVED, VisitState.ON_TABLET)
    begin, end = words.day_bounds(desk.local_now.date(), desk.practice.settings.time_zone)
    return here or begin <= visit.at < end


def _open_code(desk: Desk, visit: tables.Visit) -> None:
    """A code that was made ahead opens now: its client is here."""
    if visit.code_from is not None:
        visit.code_from = min(visit.code_from, desk.now)


def arrived(by: Actor, visit_id: str) -> None:
    with access.transaction(by, Purpose.HAND_TABLET) as desk:
        visit = the_visit(desk, visit_id)
        if visit.state == VisitState.EXPECTED:
            _come(desk, visit, desk.now)
            desk.audit(Did.MARKED_ARRIVED, "visit", visit.id)


def _come(desk: Desk, visit: tables.Visit, at: datetime) -> None:
    visit.state, visit.arrived_at = VisitState.ARRIVED, at
    _open_code(desk, visit)


def match_arrival(by: Actor, arrival_id: str, visit_id: str) -> None:
    """Say that who checked in by name is the client of this visit. Raises NotFound."""
    with access.transaction(by, Purpose.HAND_TABLET) as desk:
        arrival = desk.session.get(tables.Arrival, arrival_id)
        if arrival is None:
            raise NotFound()
        visit = the_visit(desk, visit_id)
        arrival.done_at = desk.now
        if visit.state == VisitState.EXPECTED:
            _come(desk, visit, arrival.at)
        desk.audit(Did.MATCHED_ARRIVAL, "visit", visit.id)


def hand(by: Actor, visit_id: str, tablet_id: str) -> None:
    """Hand a visit to a tablet; there the birth date is asked before anything shows, and nothing elsewhere.

    It can be begun for the rest of the day, and past midnight where the day is nearly over. Raises NotFound.
    """
    with access.transaction(by, Purpose.HAND_TABLET) as desk:
        visit = the_visit(desk, visit_id)
        tablet = desk.session.get(tables.Tablet, tablet_id)
        if tablet is None or tablet.revoked_at is not None:
            raise NotFound()
        end_sittings(
            desk, "elsewhere", tables.Sitting.visit_id == visit.id, tables.Sitting.tablet_id != tablet.id
        )
        visit.state, visit.tablet_id = VisitState.ON_TABLET, tablet.id
        visit.handed_at, visit.arrived_at = desk.now, visit.arrived_at or desk.now
        visit.help_asked_at = None
        _open_code(desk, visit)
        forget_misses(desk, visit)
        drafts.offer_again(desk, visit)
        desk.audit(Did.HANDED_TABLET, "visit", visit.id)


def helped(by: Actor, visit_id: str) -> None:
    """Somebody went to who asked for help: the mark is taken away, everywhere. Raises NotFound."""
    with access.transaction(by, Purpose.HELP) as desk:
        sees_all = bool(by.roles & MAY[Purpose.SEE_TODAY])
        visit = the_visit(desk, visit_id) if sees_all else own_visit(desk, visit_id)
        visit.help_asked_at = None
        desk.audit(Did.WAS_HELPED, "visit", visit.id)


def take_back(by: Actor, visit_id: str) -> None:
    """Clear a visit from its tablet; what was signed stands, the draft stays with the visit."""
    with access.transaction(by, Purpose.HAND_TABLET) as desk:
        visit = the_visit(desk, visit_id)
        end_sittings(desk, "taken back", tables.Sitting.visit_id == visit.id)
        off_tablet(visit)
        visit.help_asked_at = None
        desk.audit(Did.TOOK_TABLET_BACK, "visit", visit.id)


def take_back_lapsed(by: Actor) -> bool:
    """What nobody began in its time waits for no tablet any more, at the desk as at the tablet itself."""
    begun = exists().where(tables.Sitting.visit_id == tables.Visit.id, tables.Sitting.ended_at.is_(None))
    with access.transaction(by, Purpose.LOOK_AFTER) as desk:
        lapsed = desk.session.scalars(
            select(tables.Visit)
            .where(tables.Visit.state == VisitState.ON_TABLET)
            .where(~hand_over_lasts(desk), ~begun)
        ).all()
        for visit in lapsed:
            off_tablet(visit)
            desk.audit(Did.TOOK_TABLET_BACK, "visit", visit.id, reason="lapsed")
        return bool(lapsed)


def revoke(by: Actor, tablet_id: str) -> None:
    """The tablet opens nothing from this moment on, who sat at it is cleared, and no visit waits for it.

    Raises NotFound.
    """
    with access.transaction(by, Purpose.PAIR_TABLET) as desk:
        row = desk.session.get(tables.Tablet, tablet_id)
        if row is None or row.revoked_at is not None:
            raise NotFound()
        row.revoked_at = desk.now
        end_sittings(desk, "unpaired", tables.Sitting.tablet_id == row.id)
        for visit in desk.session.scalars(select(tables.Visit).where(tables.Visit.tablet_id == row.id)):
            off_tablet(visit)
        desk.audit(Did.REVOKED_TABLET, "tablet", row.id)
