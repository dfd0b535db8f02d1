"""The sample practice: made by doing what people do, so that everything in it is real.

It keeps its passphrase and its sign-ins in its own instance folder, and says so. A practice never does.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from kiosk import access
from kiosk.access import Actor, Practice, Role
from kiosk.actions import card, check_in, day_book, endings, handing, signing, sittings, visits, words
from kiosk.actions import practice as founding
from kiosk.actions.at_tablet import Step
from kiosk.actions.clients import profile_of
from kiosk.actions.dues import due_of
from kiosk.errors import KioskError
from kiosk.settings import FILE, Settings
from kiosk.vault import Vault, folder, lockfile, tables
from kiosk.vault.engine import database_url
from kiosk.vault.migrations import upgrade
from kiosk.vault.states import VisitState

PASSPHRASE_FILE = "passphrase.txt"  # noqa: S105  # a file's name
SIGN_INS_FILE = "sign-ins.json"
RESTORED = "Serve it with `kiosk serve`, or start over with `kiosk demo --reset`."

SETTINGS = """\
# The sample practice. Every setting is explained in docs/settings.md.
practice_name = "Meadow Lane Massage"
time_zone = "America/Chicago"
languages = ["en", "es"]
paper_size = "letter"
cooling_days = 0  # a real practice waits 7 days or more
second_factor = "optional"  # a real practice asks everybody for it
demo = true
pairing_seconds = 3600  # the printed link lives an hour; elsewhere two minutes
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
    """Make the sample practice where it is not there yet; `reset` starts over.

    Removes only what the demo made, and only while nobody serves it. Raises KioskError for any other folder.
    """
    folder.refuse_what_the_demo_did_not_make(instance)
    if not reset and _is_complete(instance):
        return
    if not reset and _is_restored(instance):
        raise KioskError(f"{instance} holds a sample practice that was restored.", RESTORED)
    folder.mark_as_demo(instance)
    with lockfile.hold(instance):
        if reset or not _is_complete(instance):
            folder.empty_demo(instance, SIGN_INS_FILE)
            _make(instance)


def passphrase_beside(instance: Path) -> str | None:
    """The sample practice's passphrase; a restored one has none beside it."""
    path = instance / PASSPHRASE_FILE
    return path.read_text(encoding="utf-8") if path.exists() else None


def _is_complete(instance: Path) -> bool:
    return (instance / SIGN_INS_FILE).exists()


def _is_restored(instance: Path) -> bool:
    made_here = (instance / folder.MARKER).exists() or passphrase_beside(instance)
    return (instance / FILE).exists() and not made_here


def _make(instance: Path) -> None:
    (instance / folder.INBOX).mkdir()
    beside = instance / f"{FILE}.part"
    beside.write_text(SETTINGS, encoding="utf-8")
    beside.replace(instance / FILE)  # whole or not at all: it says whose folder this is
    passphrase = _new_passphrase()
    _write_secret(instance / PASSPHRASE_FILE, passphrase)
    calendar = Calendar()
    calendar.offset = -LAST_TIME
    settings = Settings.load(instance)
    practice = Practice(settings, Vault(settings, calendar), founding.offered_forms(settings))
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
    desk, sophia = staff(practice, "dorothy"), staff(practice, "sophia")
    tablet_token = access.pair(practice, access.make_pairing(desk, "Tablet 0"), "demo")
    for name, born in CLIENTS:
        visit_id = visits.add(desk, MultiDict(_visit_data(practice, name, born, sophia.id, 10)))
        if name == CLIENTS[0][0]:
            first = visit_id
        else:
            _set_state(desk, visit_id, VisitState.NOT_COME)
    signed = _sign(practice, tablet_token, handing.make_code(desk, first), CLIENTS[0][1])
    card.reviewed(sophia, first)
    _set_state(desk, first, VisitState.LEFT)
    for tablet in access.paired_tablets(desk):
        handing.revoke(desk, tablet.id)
    calendar.offset = -timedelta(days=4)
    endings.withdraw(desk, signed["clinician_release"])
    calendar.offset = timedelta()


def _sign(practice: Practice, tablet_token: str, code: str, born: date) -> dict[str, str]:
    """Walk a client through the forms of `PAST_ANSWERS`, skipping the others; returns form -> record."""
    tablet = access.tablet_of(practice, tablet_token)
    sitting = access.sitting_of(tablet, check_in.by_code(tablet, code, "en"))
    check_in.birth_date(sitting, {"month": str(born.month), "day": str(born.day), "year": str(born.year)})
    step = sittings.welcome(sitting).first
    while step.to != "done":
        step = _one_step(sitting, step)
    sittings.end(sitting, "finished")
    with access.transaction(tablet) as desk:
        rows = desk.session.execute(select(tables.Record.form, tables.Record.id))
        return dict(rows.all())


def _one_step(sitting: access.Sitting, step: Step) -> Step:
    given = PAST_ANSWERS.get(step.form)
    if given is None:
        return sittings.skip(sitting, step.form)
    match step.to:
        case "page":
            said = sittings.answer(sitting, step.form, step.page, MultiDict(given))
            if not isinstance(said, Step):
                raise RuntimeError(f"the sample answers do not fit {step.form}: {said.problems}")
            return said
        case "check":
            return signing.certify(sitting, step.form)
        case _:
            view = signing.to_sign(sitting, step.form)
            typed = {"way": "typed", "typed_name": view.name, "submission": view.submission}
            return signing.sign(sitting, step.form, typed)


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


def _set_state(desk: Actor, visit_id: str, state: VisitState) -> None:
    with access.transaction(desk) as store:
        store.session.get_one(tables.Visit, visit_id).state = state


PAST_ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "emergency_contact": {
        "contact-name": "Kirsten Nyberg",
        "contact-relation": "daughter",
        "contact-phone": "512 555 0142",
        "may_call_emergency": "allow",
        "may_speak_worried": "allow",
        "may_tell_health": "refuse",
    },
    "referral_thanks": {
        "referred_by-name": "Blanca Duarte",
        "referred_by-relation": "a friend",
        "gift_from-name": "Blanca Duarte",
        "gift_from-relation": "a friend",
        "may_thank": "allow",
        "how_to_thank": ["card"],
        "may_tell_giver": "refuse",
    },
    "clinician_release": {
        "has_clinician": "yes",
        "clinician-name": "Dr. Ellison",
        "clinician-role": "physician",
        "may_speak": "allow",
        "what_to_tell": ["treatment", "progress"],
        "which_way": "both",
        "for_what": "to treat my back",
        "ends_how": "on_day",
        "ends_on-month": "12",
        "ends_on-day": "31",
        "ends_on-year": str(datetime.now(UTC).year + 1),
    },
}


def staff(practice: Practice, sign_in: str) -> Actor:
    """One of the sample practice's people, as if signed in."""
    with access.transaction(founding.system(practice)) as desk:
        row = desk.session.scalars(select(tables.Staff).where(tables.Staff.sign_in == sign_in)).one()
        roles = frozenset(Role(role) for role in row.roles.split())
        return Actor(practice, id=row.id, name=row.name, roles=roles, device="demo", kind="staff")


def open_unlocked(instance: Path) -> Practice:
    """The sample practice, opened with the passphrase that lies beside it."""
    settings = Settings.load(instance)
    upgrade(database_url(settings))
    practice = Practice(settings, Vault(settings, Calendar()), founding.offered_forms(settings))
    practice.vault.unlock((instance / PASSPHRASE_FILE).read_text(encoding="utf-8"))
    return practice


# Minutes from now, and who comes to whom; the first has been here before.
TODAY = ((0, "sophia"), (20, "jean"), (45, "sophia"), (75, "jean"), (120, "sophia"), (165, "jean"))


def describe(instance: Path, base: str) -> dict[str, Any]:
    """Where everything is, who signs in how, and today's visits, each with a code made just now."""
    practice = open_unlocked(instance)
    try:
        desk = staff(practice, "dorothy")
        _fill_today(practice, desk)
        pairing = access.make_pairing(desk, "Tablet 1")
        return {
            "tablet": f"{base}/tablet/",
            "pair": f"{base}/pair/{pairing}",
            "desk": f"{base}/desk/",
            "therapist": f"{base}/therapist/",
            "sign_ins": json.loads((instance / SIGN_INS_FILE).read_text(encoding="utf-8")),
            "clients": [{"name": name, "born": born.isoformat()} for name, born in CLIENTS],
            "visits": _visits(desk),
        }
    finally:
        practice.vault.close()


def _fill_today(practice: Practice, desk: Actor) -> None:
    """A day that begins without visits gets them."""
    if visits.today(desk).visits:
        return
    for (minutes, therapist), (name, born) in zip(TODAY, CLIENTS, strict=True):
        found = next(row for row in visits.find_clients(desk, name) if row.name == name)
        data = _visit_data(practice, name, born, staff(practice, therapist).id, minutes)
        visits.add(desk, MultiDict({**data, "client_id": found.id}))


def _visits(desk: Actor) -> list[dict[str, Any]]:
    described = []
    with access.transaction(desk) as store:
        zone = desk.practice.settings.time_zone
        today = day_book.visits_of_day(store, words.local(store.now, zone).date())
        for visit in today:
            described.append(
                {
                    "id": visit.id,
                    "client": profile_of(store, visit.client_id).name,
                    "therapist": store.session.get_one(tables.Staff, visit.therapist_id).sign_in,
                    "at": words.local(visit.at, zone).isoformat(timespec="minutes"),
                    "due": [owed.form.id for owed in due_of(store, visit.client_id)],
                }
            )
    return [{"code": handing.make_code(desk, str(one["id"])), **one} for one in described]
