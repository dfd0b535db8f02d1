"""Checking in at the tablet: by a visit's code and the birth date, by hand-over, or by name."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from forms.profile import guardians_own
from forms.signers import AS_PARENT
from kiosk import access
from kiosk.access import Actor, Desk, Sitting
from kiosk.actions import drafts, once, witnessing, words
from kiosk.actions.at_tablet import end_sitting, end_sittings, off_tablet
from kiosk.actions.clients import profile_of, read_birth_date
from kiosk.actions.passing import under_day_s_key
from kiosk.errors import Invalid, SittingEnded
from kiosk.vault import Field, new_id, tables
from kiosk.vault.did import Did
from kiosk.vault.states import VisitState

# Left out: what looks or sounds like another (0 O, 1 I L, 5 S, 2 Z, 8 B, U V).
CODE_LETTERS = "34679ACDEFGHJKMNPQRTWXY"
CODE_LENGTH = 7  # 23^7 = 3.4e9; tries are slowed down, and a code works only around its visit
BIRTH_DATE_MISSES = 2
HAND_OVER_LASTS = timedelta(hours=4)  # where that is past midnight; otherwise to the end of the day
OPEN_STATES = (VisitState.EXPECTED, VisitState.ARRIVED, VisitState.ON_TABLET)

WRONG_CODE = "This code does not open anything right now. Check it, or ask us at the desk."
NO_CODE = "Enter the code."
WRONG_BIRTH_DATE = "This does not match. Check the date and try once more."
SEE_DESK = ("Please come to the desk.", "We will help you from there.")


def new_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def spoken(code: str) -> str:
    """`4K7M-9QX`: in two groups, as it is read out."""
    return f"{code[:4]}-{code[4:]}"


def code_mac(desk: Desk, code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter in CODE_LETTERS)
    return desk.mac("visit_code", plain)


def by_code(tablet: Actor, code: str, lang: str) -> str:
    """Begin a sitting for the visit that a code opens; returns the sitting's token.

    A wrong code, a used-up one and one that is not yet open are answered in the same words.
    Raises Invalid, or TooManyTries.
    """
    if not code.strip():
        raise Invalid({"code": NO_CODE})
    with access.transaction(tablet) as desk:
        access.throttle.check(desk, "visit_code", tablet.id)
        visit = _visit_by_code(desk, code)
        if visit is None:
            access.throttle.miss(desk, "visit_code", tablet.id)
            desk.audit(Did.MISSED_CODE, "tablet", tablet.id, outcome="refused")
            token = None
        else:
            token = _begin(desk, visit, lang)
            desk.audit(Did.GAVE_CODE, "visit", visit.id)
    if token is None:
        raise Invalid({"code": WRONG_CODE})
    return token


def _visit_by_code(desk: Desk, code: str) -> tables.Visit | None:
    visit = desk.session.scalar(select(tables.Visit).where(tables.Visit.code_mac == code_mac(desk, code)))
    if visit is None or visit.state not in OPEN_STATES or visit.code_from is None or visit.code_until is None:
        return None
    if _missed(desk, visit) >= BIRTH_DATE_MISSES:  # made since, and nobody was seen: the desk opens it
        return None
    return visit if visit.code_from <= desk.now <= visit.code_until else None


def is_handed(tablet: Actor) -> bool:
    """Whether the desk has handed a visit to this tablet; says nothing about whose."""
    with access.transaction(tablet) as desk:
        return _handed_visit(desk, tablet) is not None


def by_hand_over(tablet: Actor, lang: str) -> str:
    """Begin the sitting of the visit that the desk has handed to this tablet. Raises SittingEnded."""
    with access.transaction(tablet) as desk:
        visit = _handed_visit(desk, tablet)
        if visit is None:
            raise SittingEnded()
        token = _begin(desk, visit, lang)
        desk.audit(Did.GAVE_CODE, "visit", visit.id, reason="handed over")
    return token


def another(sitting: Sitting) -> bool:
    """Whether whoever signed here for somebody else may go on with the next visit handed to this tablet."""
    with access.transaction(sitting.tablet) as desk:
        return _signs_for_another(desk, sitting) and _handed_visit(desk, sitting.tablet) is not None


def go_on(sitting: Sitting) -> str:
    """End this sitting and begin that of the next handed visit, with what is the guardian's own.

    Nothing tells on either file of the other. Raises SittingEnded where there is nobody to go on for.
    """
    with access.transaction(sitting.tablet) as desk:
        visit = _handed_visit(desk, sitting.tablet)
        if visit is None or not _signs_for_another(desk, sitting):
            raise SittingEnded()
        own = guardians_own(profile_of(desk, _client_of(desk, sitting)).places)
        end_sitting(desk, desk.session.get_one(tables.Sitting, sitting.id), "finished")
        token = _begin(desk, visit, sitting.lang, own)
        desk.audit(Did.GAVE_CODE, "visit", visit.id, reason="handed over")
    return token


def _client_of(desk: Desk, sitting: Sitting) -> str:
    return desk.session.get_one(tables.Visit, sitting.visit_id).client_id


def _signs_for_another(desk: Desk, sitting: Sitting) -> bool:
    began = desk.session.get_one(tables.Sitting, sitting.id).began_at
    signed = select(tables.Record.id).where(
        tables.Record.visit_id == sitting.visit_id,
        tables.Record.signed_at >= began,
        tables.Record.signer.in_(AS_PARENT),
    )
    return desk.session.scalar(signed.limit(1)) is not None


def _handed_visit(desk: Desk, tablet: Actor) -> tables.Visit | None:
    """The first visit that waits for this tablet, of those whose hand-over lasts."""
    return desk.session.scalar(
        select(tables.Visit)
        .where(tables.Visit.tablet_id == tablet.id, tables.Visit.state == VisitState.ON_TABLET)
        .where(hand_over_lasts(desk))
        .where(~_open_sitting_on(tablet.id))
        .order_by(tables.Visit.at)
        .limit(1)
    )


def hand_over_lasts(desk: Desk) -> ColumnElement[bool]:
    """Of a visit that waits for a tablet: whether it can still be begun there."""
    begin, end = words.day_bounds(desk.local_now.date(), desk.practice.settings.time_zone)
    handed = func.coalesce(tables.Visit.handed_at, tables.Visit.arrived_at)
    return (handed >= min(begin, desk.now - HAND_OVER_LASTS)) & (handed < end)


def _open_sitting_on(tablet_id: str):  # type: ignore[no-untyped-def]  # an SQL expression
    return (
        select(tables.Sitting.id)
        .where(tables.Sitting.tablet_id == tablet_id, tables.Sitting.visit_id == tables.Visit.id)
        .where(tables.Sitting.ended_at.is_(None), tables.Sitting.known_at.is_not(None))
        .exists()
    )


def _begin(desk: Desk, visit: tables.Visit, lang: str, carried: Mapping[str, Any] | None = None) -> str:
    """A tablet holds at most one client. Who is known elsewhere stays until the birth date is right here."""
    sat = tables.Sitting
    unknown = (sat.visit_id == visit.id) & sat.known_at.is_(None)
    end_sittings(desk, "replaced", (sat.tablet_id == desk.by.id) | unknown)
    token, sitting_id = secrets.token_urlsafe(32), new_id()
    desk.session.add(
        tables.Sitting(
            id=sitting_id,
            token_hash=sha256(token.encode()).hexdigest(),
            tablet_id=desk.by.id,
            visit_id=visit.id,
            lang=lang,
            misses=_missed(desk, visit),
            began_at=desk.now,
            seen_at=desk.now,
            carried_sealed=(
                desk.seal_json(under_day_s_key(desk), Field.CARRIED, sitting_id, dict(carried))
                if carried
                else None
            ),
        )
    )
    return token


def _missed(desk: Desk, visit: tables.Visit) -> int:
    """How often the birth date was missed in the visit's sittings: beginning anew forgets none of it."""
    most = select(func.max(tables.Sitting.misses)).where(
        tables.Sitting.visit_id == visit.id, tables.Sitting.known_at.is_(None)
    )
    return desk.session.scalar(most) or 0


def forget_misses(desk: Desk, visit: tables.Visit) -> None:
    """For the desk, which has seen who is there, and for a birth date that was right."""
    desk.session.execute(
        update(tables.Sitting)
        .where(tables.Sitting.visit_id == visit.id, tables.Sitting.misses > 0)
        .values(misses=0)
    )


def page_number(sitting: Sitting) -> int:
    """Which page for the birth date is to be sent next: each serves for one try."""
    with access.transaction(sitting.tablet) as desk:
        return _page_number(desk, sitting.visit_id)


def _page_number(desk: Desk, visit_id: str) -> int:
    """As many as there were misses in the visit, those too that were forgotten: it only grows."""
    missed = select(func.count()).where(
        tables.AuditEntry.object == visit_id, tables.AuditEntry.did == Did.MISSED_BIRTH_DATE
    )
    return desk.session.scalar(missed) or 0


def birth_date(sitting: Sitting, raw: Mapping[str, str]) -> None:
    """Open what is known to whoever knows the birth date.

    A page that was sent before is not looked at again: a double tap on a wrong date is one miss.

    Raises Invalid for what is no date and for the first miss, SittingEnded at the second.
    """
    with access.transaction(sitting.tablet) as desk:
        born = read_birth_date(raw, words.local(desk.now, desk.practice.settings.time_zone).date())
        row = desk.session.get_one(tables.Sitting, sitting.id)
        if row.ended_at is not None or row.visit_id is None:
            raise SittingEnded()
        if raw.get("try", "") in map(str, range(_page_number(desk, row.visit_id))):
            raise Invalid({"month": WRONG_BIRTH_DATE})
        visit = desk.session.get_one(tables.Visit, row.visit_id)
        on_file = profile_of(desk, visit.client_id).born
        right = on_file is not None and compare_digest(on_file.isoformat(), born.isoformat())
        if right:
            _let_in(desk, row, visit)
        else:
            _turn_away(desk, row, visit)
        missed_out = row.ended_at is not None
    if missed_out:
        raise SittingEnded(*SEE_DESK)
    if not right:
        raise Invalid({"month": WRONG_BIRTH_DATE})


def _let_in(desk: Desk, row: tables.Sitting, visit: tables.Visit) -> None:
    end_sittings(desk, "elsewhere", tables.Sitting.visit_id == visit.id, tables.Sitting.id != row.id)
    forget_misses(desk, visit)
    access.throttle.forget(desk, "visit_code", desk.by.id)
    row.known_at = desk.now
    visit.state = VisitState.ON_TABLET
    visit.tablet_id = desk.by.id
    visit.arrived_at = visit.arrived_at or desk.now
    drafts.take_up(desk, visit)
    desk.audit(Did.GAVE_BIRTH_DATE, "visit", visit.id)


def _turn_away(desk: Desk, row: tables.Sitting, visit: tables.Visit) -> None:
    """Two misses end the sitting, the visit's code and a hand-over: only the desk opens it again.

    Who is known at another tablet stays there: whoever holds only the code sends nobody away.
    """
    row.misses += 1
    desk.audit(Did.MISSED_BIRTH_DATE, "visit", visit.id, outcome="refused")
    if row.misses >= BIRTH_DATE_MISSES:
        end_sitting(desk, row, "missed")
        visit.code_mac = None
        visit.help_asked_at = desk.now
        if visit.state == VisitState.ON_TABLET and witnessing.sitting_of(desk, visit.id) is None:
            off_tablet(visit)


def by_name(tablet: Actor, raw: Mapping[str, str]) -> None:
    """Note that somebody is here; the desk does the matching. The same for everybody, known or not.

    Raises Invalid for an empty name or an unreadable date.
    """
    name = " ".join(raw.get("name", "").split())
    with access.transaction(tablet) as desk:
        if not name:
            raise Invalid({"name": "Enter your name."})
        born = read_birth_date(raw, words.local(desk.now, desk.practice.settings.time_zone).date())
        arrival_id = once.submission_id(desk, "arrival", raw.get("submission") or new_id())
        if desk.session.get(tables.Arrival, arrival_id) is not None:
            return
        desk.session.add(
            tables.Arrival(
                id=arrival_id,
                said_sealed=desk.seal_json(
                    under_day_s_key(desk), Field.ARRIVAL, arrival_id, {"name": name, "born": born.isoformat()}
                ),
                at=desk.now,
            )
        )
        desk.audit(Did.CHECKED_IN_BY_NAME, "arrival", arrival_id)
