"""The sample practice: made by doing what people do, so that everything in it is real.

It keeps its passphrase and its sign-ins in its own instance folder, and says so. A practice never does.
"""

import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from forms.catalog import load_catalog
from kiosk import access
from kiosk.access import Actor, Practice, Role
from kiosk.actions import card, check_in, practice as founding, records, signing, sittings, visits, words
from kiosk.actions.at_tablet import Step
from kiosk.actions.dues import due_of
from kiosk.actions.clients import profile_of
from kiosk.settings import Settings
from kiosk.vault import Vault, tables
from kiosk.vault.states import VisitState

PASSPHRASE_FILE = "passphrase.txt"
SIGN_INS_FILE = "sign-ins.json"

SETTINGS = """\
# The sample practice. Every setting is explained in docs/settings.md.
practice_name = "Meadow Lane Massage"
time_zone = "America/Chicago"
languages = ["en", "es"]
paper_size = "letter"
cooling_days = 0  # a real practice waits 7 days or more
demo = true
"""


@dataclass(frozen=True)
class SignIn:
    role: str
    name: str
    passphrase: str


PEOPLE = (
    ("front_desk", "dorothy", "Dorothy Hale"),
    ("therapist", "sophia", "Sophia Petrov"),
    ("therapist", "jean", "Jean Abara"),
    ("owner", "ruth", "Ruth Meadows"),
)

CLIENTS = (
    ("Rose Nyberg", date(1948, 4, 27)),
    ("Delia Zamora Ruiz", date(1971, 11, 3)),
    ("Martin Kowalczyk", date(1984, 2, 19)),
    ("Sun-hee Bae", date(1996, 8, 8)),
    ("Paula Lindqvist", date(1959, 12, 30)),
    ("Theo Okafor", date(2001, 6, 14)),
)

LAST_TIME = timedelta(days=45)


class Calendar:
    """A clock that can be set, so that the sample practice has a past."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset


def ensure(instance: Path, reset: bool = False) -> None:
    """Make the sample practice where it is not there yet; `reset` starts over."""
    if reset and instance.exists():
        shutil.rmtree(instance)
    if (instance / SIGN_INS_FILE).exists():
        return
    if instance.exists():  # a making that was cut off
        shutil.rmtree(instance)
    instance.mkdir(parents=True)
    (instance / "inbox").mkdir()
    (instance / "practice.toml").write_text(SETTINGS, encoding="utf-8")
    passphrase = _new_passphrase()
    _write_secret(instance / PASSPHRASE_FILE, passphrase)
    calendar = Calendar()
    calendar.offset = -LAST_TIME
    settings = Settings.load(instance)
    practice = Practice(settings, Vault(settings, calendar), load_catalog())
    sign_ins = [SignIn(role, sign_in, _new_passphrase()) for role, sign_in, _ in PEOPLE]
    founding.found(
        practice,
        passphrase,
        [
            founding.NewStaff(sign_in, name, (Role(role),), made.passphrase)
            for (role, sign_in, name), made in zip(PEOPLE, sign_ins, strict=True)
        ],
    )
    _live_the_past(practice, calendar)
    practice.vault.lock()
    practice.vault.engine.dispose()
    _write_secret(instance / SIGN_INS_FILE, json.dumps([asdict(made) for made in sign_ins], indent=2))


def _new_passphrase() -> str:
    letters = check_in.CODE_LETTERS.lower()
    groups = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _live_the_past(practice: Practice, calendar: Calendar) -> None:
    """Six weeks ago everybody was entered; one client came, signed three forms, and was seen."""
    desk = staff(practice, "dorothy")
    sophia = staff(practice, "sophia")
    for name, born in CLIENTS:
        visit_id = visits.add(
            desk, MultiDict(_visit_data(practice, name, born, sophia.id, minutes_from_now=10))
        )
        if name == CLIENTS[0][0]:
            first = visit_id
        else:
            _not_come(desk, visit_id)
    signed = sign_typed(practice, first, CLIENTS[0][1], PAST_ANSWERS)
    card.reviewed(sophia, first)
    calendar.offset = -timedelta(days=4)
    records.withdraw(desk, signed["clinician_release"])
    calendar.offset = timedelta()


def _visit_data(
    practice: Practice, name: str, born: date, therapist_id: str, minutes_from_now: int
) -> dict[str, str]:
    at = words.local(practice.vault.clock(), practice.settings.time_zone)
    at = _within_day(at + timedelta(minutes=minutes_from_now), at.date())
    return {
        "name": name,
        "month": str(born.month),
        "day": str(born.day),
        "year": str(born.year),
        "therapist": therapist_id,
        "date": at.date().isoformat(),
        "time": f"{at:%H:%M}",
        "minutes": "60",
    }


def _within_day(at: datetime, day: date) -> datetime:
    if at.date() < day:
        return at.replace(year=day.year, month=day.month, day=day.day, hour=0, minute=5)
    if at.date() > day:
        return at.replace(year=day.year, month=day.month, day=day.day, hour=23, minute=50)
    return at


def _not_come(desk: Actor, visit_id: str) -> None:
    with access.transaction(desk) as store:
        store.session.get_one(tables.Visit, visit_id).state = VisitState.NOT_COME


PAST_ANSWERS: Mapping[str, Mapping[str, str | list[str]]] = {
    "emergency_contact": {
        "contact-name": "Kirsten Nyberg",
        "contact-relation": "daughter",
        "contact-phone": "555 0142",
        "may_call_emergency": "allow",
        "may_speak_worried": "allow",
        "may_tell_health": "refuse",
    },
    "clinician_release": {},
    "referral_thanks": {},
}


def staff(practice: Practice, sign_in: str) -> Actor:
    """One of the sample practice's people, as if signed in."""
    with access.transaction(founding.system(practice)) as desk:
        row = desk.session.scalars(select(tables.Staff).where(tables.Staff.sign_in == sign_in)).one()
        roles = frozenset(Role(role) for role in row.roles.split())
        return Actor(practice, id=row.id, name=row.name, roles=roles, device="demo", kind="staff")
