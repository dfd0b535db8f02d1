"""Tablets: paired by a short code from the desk, known by a token until they are revoked."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import Row, and_, bindparam, delete, select, update

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
LONGEST = timedelta(hours=3)  # why so long: docs/decisions/0015

# Built once: every request of a tablet asks for it and for who sits there, in one look.
_sat, _paired = tables.Sitting, tables.Tablet
SEATED = (
    select(
        _paired.id,
        _paired.name,
        _sat.id.label("sitting"),
        _sat.visit_id,
        _sat.known_at,
        _sat.lang,
        _sat.began_at,
        _sat.seen_at,
    )
    .outerjoin(
        _sat,
        and_(
            _sat.tablet_id == _paired.id,
            _sat.token_hash == bindparam("sitting_token"),
            _sat.ended_at.is_(None),
            _sat.visit_id.is_not(None),
        ),
    )
    .where(_paired.revoked_at.is_(None))
)
BY_TOKEN = SEATED.where(_paired.token_hash == bindparam("tablet_token"))
BY_TABLET = SEATED.where(_paired.id == bindparam("tablet"))

# Of a tablet, and of its sitting if there is one.
Found = Row[str, str, str, str | None, datetime | None, str, datetime, datetime]

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
    return seated(practice, token, None)[0]


def sitting_of(tablet: Actor, token: str | None) -> Sitting:
    """The sitting at this tablet that holds this token; idle and old ones end. Raises SittingEnded."""
    with transaction(tablet) as desk:
        asked = {"tablet": tablet.id, "sitting_token": _hash(token)}
        return _sitting(desk, tablet, desk.session.execute(BY_TABLET, asked).one_or_none())


def seated(
    practice: Practice, tablet_token: str | None, sitting_token: str | None, *, by_itself: bool = False
) -> tuple[Actor, Sitting | SittingEnded]:
    """Tablet and sitting in one look, for a request needs both; what a page asks `by_itself` keeps nobody
    seated. Raises NotPaired."""
    with transaction(nobody(practice, "tablet")) as desk:
        asked = {"tablet_token": _hash(tablet_token), "sitting_token": _hash(sitting_token)}
        row = desk.session.execute(BY_TOKEN, asked).one_or_none()
        if row is None:
            raise NotPaired()
        tablet = Actor(practice, id=row.id, name=row.name, roles=frozenset(), device=row.id, kind="tablet")
        try:
            return tablet, _sitting(desk, tablet, row, by_itself=by_itself)
        except SittingEnded as ended:
            return tablet, ended


def _hash(token: str | None) -> str | None:
    """None, which equals nothing, for who has none."""
    return token_hash(token) if token else None


def _sitting(desk: Desk, tablet: Actor, row: Found | None, *, by_itself: bool = False) -> Sitting:
    if row is None or row.sitting is None or why_over(desk, row.began_at, row.seen_at):
        raise SittingEnded()
    if not by_itself and desk.now - row.seen_at > SAVE_SEEN_EVERY:
        _touch(desk, row.sitting)
    return Sitting(row.sitting, row.visit_id, row.known_at is not None, row.lang, tablet)


def why_over(desk: Desk, began_at: datetime, seen_at: datetime) -> str | None:
    """`idle` or `too long`, of a sitting that is over; None while it holds.

    By either sign: a clock that is set back makes nobody stay.
    """
    if abs(desk.now - seen_at) > timedelta(seconds=desk.practice.settings.idle_clear_seconds):
        return "idle"
    return "too long" if abs(desk.now - began_at) > LONGEST else None


def _touch(desk: Desk, sitting_id: str) -> None:
    """`where` and not the object: a sitting ended meanwhile is not brought back to life."""
    desk.session.execute(
        update(_sat).where(_sat.id == sitting_id, _sat.ended_at.is_(None)).values(seen_at=desk.now)
    )
