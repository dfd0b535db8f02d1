"""Tablets: paired by a short code from the desk, known by a token until they are revoked."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import bindparam, delete, select, update

from kiosk.access import throttle
from kiosk.access.actors import Actor, Desk, Practice, Sitting, transaction
from kiosk.access.policy import Purpose
from kiosk.access.sessions import leave_browser, nobody, token_hash
from kiosk.errors import Invalid, NotPaired, SittingEnded
from kiosk.vault import tables
from kiosk.vault.did import Did

CODE_LETTERS = "34679ACDEFGHJKMNPQRTWXY"
CODE_LENGTH = 8
ID_LETTERS = 32  # 128 bits
SAVE_SEEN_EVERY = timedelta(seconds=5)

# Built once: every request of a tablet asks both.
_sat = tables.Sitting
PAIRED = select(tables.Tablet.id, tables.Tablet.name).where(
    tables.Tablet.token_hash == bindparam("token"), tables.Tablet.revoked_at.is_(None)
)
SEATED = select(_sat.id, _sat.visit_id, _sat.known_at, _sat.lang, _sat.seen_at).where(
    _sat.token_hash == bindparam("token"),
    _sat.tablet_id == bindparam("tablet"),
    _sat.ended_at.is_(None),
    _sat.visit_id.is_not(None),
)

WRONG = "This code does not pair a tablet. Ask the desk for a new one."


@dataclass(frozen=True)
class TabletRow:
    id: str
    name: str
    paired_at: str


def make_pairing(by: Actor, tablet_name: str) -> str:
    """A code that pairs one tablet, for as long as the setting says. Raises Invalid, NotAllowed."""
    name = " ".join(tablet_name.split())
    if not name:
        raise Invalid({"tablet_name": "Give the tablet a name, for example Tablet 1."})
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    with transaction(by, Purpose.PAIR_TABLET) as desk:
        desk.session.execute(delete(tables.Pairing).where(tables.Pairing.ends_at < desk.now))
        desk.session.add(
            tables.Pairing(
                code_mac=desk.mac("pairing", code),
                made_by=by.id,
                tablet_name=name,
                ends_at=desk.now + timedelta(seconds=by.practice.settings.pairing_seconds),
            )
        )
        desk.audit(Did.OFFERED_PAIRING, "tablet", "new")
    return code


def tablet_to_be(by: Actor, code: str) -> str:
    """The id that a tablet will have once it is paired by this code; nobody comes by it to the code."""
    with transaction(by, Purpose.PAIR_TABLET) as desk:
        return _id_by(desk, code)


def _id_by(desk: Desk, code: str) -> str:
    return desk.mac("tablet", code)[:ID_LETTERS]


def pair(
    practice: Practice, code: str, device: str, staff_token: str | None = None, machine: str | None = None
) -> str:
    """Pair whoever gives the code; returns the tablet's token. Raises Invalid, TooManyTries.

    A tablet is handed to clients: whoever of the staff was signed in at this browser is signed out.
    """
    plain = "".join(letter for letter in code.upper() if letter in CODE_LETTERS)
    with transaction(nobody(practice, device)) as desk:
        throttle.check(desk, "pairing", device)
        row = desk.session.get(tables.Pairing, desk.mac("pairing", plain))
        longest = timedelta(seconds=practice.settings.pairing_seconds)  # or the clock was set back
        if row is None or not timedelta() <= row.ends_at - desk.now <= longest:
            throttle.miss(desk, "pairing", device)
            token = None
        else:
            token = secrets.token_urlsafe(32)
            tablet_id = _id_by(desk, plain)
            desk.session.delete(row)
            desk.session.add(
                tables.Tablet(
                    id=tablet_id, name=row.tablet_name, token_hash=token_hash(token), paired_at=desk.now
                )
            )
            leave_browser(desk, staff_token, machine)
            desk.audit(Did.PAIRED_TABLET, "tablet", tablet_id)
    if token is None:
        raise Invalid({"code": WRONG})
    return token


def paired_tablets(by: Actor) -> tuple[TabletRow, ...]:
    with transaction(by, Purpose.PAIR_TABLET) as desk:
        rows = desk.session.scalars(
            select(tables.Tablet).where(tables.Tablet.revoked_at.is_(None)).order_by(tables.Tablet.paired_at)
        )
        zone = ZoneInfo(by.practice.settings.time_zone)
        return tuple(
            TabletRow(
                row.id, row.name, format_date(row.paired_at.astimezone(zone), "d MMMM yyyy", locale="en")
            )
            for row in rows
        )


def tablet_of(practice: Practice, token: str | None) -> Actor:
    """Which tablet holds this token. Raises NotPaired."""
    with transaction(nobody(practice, "tablet")) as desk:
        return _tablet(desk, practice, token)


def sitting_of(tablet: Actor, token: str | None) -> Sitting:
    """The sitting at this tablet that holds this token; idle ones end. Raises SittingEnded."""
    with transaction(tablet) as desk:
        return _sitting(desk, tablet, token)


def seated(
    practice: Practice, tablet_token: str | None, sitting_token: str | None, *, by_itself: bool = False
) -> tuple[Actor, Sitting | SittingEnded]:
    """Tablet and sitting in one look, for a request needs both; what a page asks `by_itself` keeps nobody
    seated. Raises NotPaired."""
    with transaction(nobody(practice, "tablet")) as desk:
        tablet = _tablet(desk, practice, tablet_token)
        try:
            return tablet, _sitting(desk, tablet, sitting_token, by_itself=by_itself)
        except SittingEnded as ended:
            return tablet, ended


def _tablet(desk: Desk, practice: Practice, token: str | None) -> Actor:
    row = None
    if token:
        row = desk.session.execute(PAIRED, {"token": token_hash(token)}).one_or_none()
    if row is None:
        raise NotPaired()
    return Actor(practice, id=row.id, name=row.name, roles=frozenset(), device=row.id, kind="tablet")


def _sitting(desk: Desk, tablet: Actor, token: str | None, *, by_itself: bool = False) -> Sitting:
    row = None
    if token:
        asked = {"token": token_hash(token), "tablet": tablet.id}
        row = desk.session.execute(SEATED, asked).one_or_none()
    idle = timedelta(seconds=tablet.practice.settings.idle_clear_seconds)
    if row is None or abs(desk.now - row.seen_at) > idle:  # a clock that is set back makes nobody stay
        raise SittingEnded()
    if not by_itself and desk.now - row.seen_at > SAVE_SEEN_EVERY:
        # `where` and not the object: a sitting ended meanwhile is not brought back to life.
        desk.session.execute(
            update(tables.Sitting)
            .where(tables.Sitting.id == row.id, tables.Sitting.ended_at.is_(None))
            .values(seen_at=desk.now)
        )
    return Sitting(row.id, row.visit_id, row.known_at is not None, row.lang, tablet)


def still_here(sitting: Sitting) -> None:
    """Somebody answered that they are still there: the idle time begins anew."""
    with transaction(sitting.tablet) as desk:
        desk.session.execute(
            update(tables.Sitting)
            .where(tables.Sitting.id == sitting.id, tables.Sitting.ended_at.is_(None))
            .values(seen_at=desk.now)
        )
