"""Between the door and the tablet: who has arrived, codes, handing a visit to a tablet and taking it back."""

from datetime import timedelta

from sqlalchemy import select

from kiosk import access
from kiosk.access import MAY, Actor, Purpose
from kiosk.actions import drafts
from kiosk.actions.check_in import code_mac, new_code, spoken
from kiosk.actions.visits import own_visit, the_visit
from kiosk.errors import NotFound
from kiosk.vault import tables
from kiosk.vault.did import Did
from kiosk.vault.states import VisitState

CODE_OPENS_BEFORE = timedelta(hours=2)
CODE_CLOSES_AFTER = timedelta(hours=4)


def make_code(by: Actor, visit_id: str) -> str:
    """A new code for a visit, in the words that are read out; an older one stops working."""
    with access.transaction(by, Purpose.HAND_TABLET) as desk:
        visit = the_visit(desk, visit_id)
        code = new_code()
        visit.code_mac = code_mac(desk, code)
        visit.code_from = min(visit.at - CODE_OPENS_BEFORE, desk.now)
        visit.code_until = max(visit.at, desk.now) + CODE_CLOSES_AFTER
        drafts.offer_again(desk, visit)
        desk.audit(Did.MADE_CODE, "visit", visit.id)
        return spoken(code)


def arrived(by: Actor, visit_id: str) -> None:
    with access.transaction(by, Purpose.HAND_TABLET) as desk:
        visit = the_visit(desk, visit_id)
        if visit.state == VisitState.EXPECTED:
            visit.state, visit.arrived_at = VisitState.ARRIVED, desk.now
            desk.audit(Did.MARKED_ARRIVED, "visit", visit.id)


def match_arrival(by: Actor, arrival_id: str, visit_id: str) -> None:
    """Say that who checked in by name is the client of this visit. Raises NotFound."""
    with access.transaction(by, Purpose.HAND_TABLET) as desk:
        arrival = desk.session.get(tables.Arrival, arrival_id)
        if arrival is None:
            raise NotFound()
        visit = the_visit(desk, visit_id)
        arrival.done_at = desk.now
        if visit.state == VisitState.EXPECTED:
            visit.state, visit.arrived_at = VisitState.ARRIVED, arrival.at
        desk.audit(Did.MATCHED_ARRIVAL, "visit", visit.id)


def hand(by: Actor, visit_id: str, tablet_id: str) -> None:
    """Hand a visit to a tablet; there the birth date is asked before anything shows. Raises NotFound."""
    with access.transaction(by, Purpose.HAND_TABLET) as desk:
        visit = the_visit(desk, visit_id)
        tablet = desk.session.get(tables.Tablet, tablet_id)
        if tablet is None or tablet.revoked_at is not None:
            raise NotFound()
        visit.state, visit.tablet_id = VisitState.ON_TABLET, tablet.id
        visit.arrived_at = visit.arrived_at or desk.now
        visit.help_asked_at = None
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
        for sitting in desk.session.scalars(
            select(tables.Sitting).where(
                tables.Sitting.visit_id == visit.id, tables.Sitting.ended_at.is_(None)
            )
        ):
            sitting.ended_at = desk.now
            sitting.signature_sealed = sitting.carried_sealed = None
        visit.tablet_id, visit.help_asked_at = None, None
        if visit.state == VisitState.ON_TABLET:
            visit.state = VisitState.ARRIVED
        desk.audit(Did.TOOK_TABLET_BACK, "visit", visit.id)
