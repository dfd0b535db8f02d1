"""A real practice with a clock one can set, and people who do what people do, in one line each."""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from kiosk import access
from kiosk.access import Actor, Practice, Role, Sitting
from kiosk.actions import check_in, confirming, handing, paper, reading_scans, signing, sittings, visits
from kiosk.actions import practice as founding
from kiosk.actions.at_tablet import Step
from kiosk.settings import Settings
from kiosk.vault import KeyCosts, Vault, tables
from kiosk.vault.engine import DATABASE_FILE
from pdf.field_map import FieldMap
from tests import pen

OWN_FORMS = Path(__file__).parent / "own_forms"
PASSPHRASE = "a long enough passphrase"
NOON = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)  # a Monday, noon in Chicago
BORN = {"month": "4", "day": "27", "year": "1956"}

ALLOWS_HER_DAUGHTER: Mapping[str, Any] = {
    "contact-name": "Kirsten Nyberg",
    "contact-relation": "daughter",
    "contact-phone": "512 555 0142",
    "may_call_emergency": "allow",
    "may_speak_worried": "refuse",
    "may_tell_health": "refuse",
}

SHARED = "KIOSK_TESTS_SHARED"  # names a folder of what one process makes for all


@contextmanager
def shared_folder() -> Iterator[None]:
    """The folder, for this process and those that it starts, until this one is done."""
    with TemporaryDirectory(prefix="kiosk-tests-") as folder:
        os.environ[SHARED] = folder
        yield


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **more: float) -> None:
        self.now += timedelta(**more)


@dataclass
class People:
    """The people of one practice, and what they do in one line each."""

    practice: Practice
    clock: Clock
    desk: Actor = field(init=False)
    therapist: Actor = field(init=False)
    tablet: Actor = field(init=False)
    system: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.system = founding.system(self.practice)
        self.desk, self.therapist = self._staff("dorothy"), self._staff("sophia")
        self.tablet = self.pair()

    def _staff(self, sign_in: str) -> Actor:
        with access.transaction(self.system) as desk:
            row = desk.session.scalars(select(tables.Staff).where(tables.Staff.sign_in == sign_in)).one()
            roles = frozenset(Role(role) for role in row.roles.split())
            return Actor(self.practice, row.id, row.name, roles, "test", "staff")

    def pair(self) -> Actor:
        code = access.make_pairing(self.desk, "Tablet")
        return access.tablet_of(self.practice, access.pair(self.practice, code, "test"))

    def visit(self, name: str = "Rose Nyberg", at: str = "12:30", **more: str) -> str:
        data = {"name": name, **BORN, "therapist": self.therapist.id, "date": "2026-11-23", "time": at}
        return visits.add(self.desk, MultiDict({**data, **more}))

    def sits_down(self, visit_id: str, tablet: Actor | None = None) -> Sitting:
        """With the visit's code and the birth date."""
        chosen = tablet or self.tablet
        token = check_in.by_code(chosen, handing.make_code(self.desk, visit_id), "en")
        sitting = access.sitting_of(chosen, token)
        check_in.birth_date(sitting, BORN)
        return access.sitting_of(chosen, token)

    def answers(self, sitting: Sitting, form: str, given: Mapping[str, Any]) -> Step:
        """All pages of a form, to its check page."""
        with access.transaction(sitting.tablet):
            step = Step("page", form, self.practice.catalog.form(form).pages[0].id)
        while step.to == "page":
            said = sittings.answer(sitting, form, step.page, MultiDict(given))
            assert isinstance(said, Step), said.problems
            step = said
        return step

    def signs(self, sitting: Sitting, form: str, given: Mapping[str, Any], **data: str) -> Step:
        assert self.answers(sitting, form, given).to == "check"
        signing.certify(sitting, form)
        view = signing.to_sign(sitting, form)
        typed = {"way": "typed", "typed_name": view.name, "submission": view.submission}
        return signing.sign(sitting, form, {**typed, **data})

    def prints(self, visit_id: str, form: str = "emergency_contact") -> tuple[bytes, tables.Sheet]:
        pdf = paper.print_sheets(self.desk, visit_id, [form])
        with access.transaction(self.system) as desk:
            latest = select(tables.Sheet).order_by(tables.Sheet.printed_at.desc(), tables.Sheet.id)
            rows = desk.session.scalars(latest).all()
            return pdf, next(row for row in rows if row.visit_id == visit_id and row.form == form)

    def fills_in(self, pdf: bytes, sheet: tables.Sheet, *, signs: bool = True) -> list[pen.Image.Image]:
        """With a pen: the daughter may be called, and nothing else."""
        filled = pen.Sheet.printed(pdf, FieldMap.from_json(sheet.field_map))
        for question in ("may_call_emergency", "may_speak_worried", "may_tell_health"):
            filled.tick(question, str(ALLOWS_HER_DAUGHTER[question]))
        filled.tick("_signer", "self")
        if signs:
            filled.sign()
        return [pen.scanned(page) for page in filled.pages]

    def scans(self, data: bytes) -> str:
        scan_id = paper.receive(self.desk, data).scan_id
        reading_scans.read_next(self.system)
        return scan_id

    def brings_paper(self, visit_id: str, *, signs: bool = True) -> str:
        """Printed, filled in, scanned and read; returns the sheet that waits for a person."""
        pdf, sheet = self.prints(visit_id)
        self.scans(pen.as_pdf(self.fills_in(pdf, sheet, signs=signs)))
        return sheet.id

    def confirms(self, sheet_id: str, typed: Mapping[str, str] | None = None, **seen: str) -> None:
        """Value by value: what stands on the sheet, unless said otherwise."""
        while (value := confirming.view(self.desk, sheet_id).value) is not None:
            if value.further:
                confirming.nothing_further(self.desk, value.reading_id)
            else:
                self.confirms_one(value, typed, **seen)

    def confirms_one(
        self, value: confirming.ValueView, typed: Mapping[str, str] | None = None, **seen: str
    ) -> None:
        sees = {"_signature": "signed", "_signer": "self", **ALLOWS_HER_DAUGHTER, **seen}
        writes = {"contact.name": "Kirsten Nyberg", "contact.phone": "512 555 0142", **(typed or {})}
        question, part = self.asked(value.reading_id)
        if value.stage == "type":
            confirming.confirm(self.desk, value.reading_id, writes.get(f"{question}.{part}", ""))
        else:
            confirming.say(self.desk, value.reading_id, sees.get(question, ""))

    def asked(self, reading_id: str) -> tuple[str, str]:
        with access.transaction(self.system) as desk:
            row = desk.session.get_one(tables.Reading, reading_id)
            return row.question, row.part

    def sheet(self, sheet_id: str) -> tables.Sheet:
        with access.transaction(self.system) as desk:
            return desk.session.get_one(tables.Sheet, sheet_id)

    def count(self, table: type[tables.Base]) -> int:
        with access.transaction(self.system) as desk:
            return len(desk.session.scalars(select(table)).all())


def reopened(folder: Path, now: datetime) -> Iterator[People]:
    """A practice that was made before, from a copy of its folder."""
    clock = Clock(now)
    settings = Settings.load(folder)
    made = Practice(settings, Vault(settings, clock, KeyCosts(8, 1, 1)), founding.offered_forms(settings))
    made.vault.unlock(PASSPHRASE)
    yield People(made, clock)
    made.vault.close()


@cache
def confirmed_once() -> Path:
    """A practice with one confirmed sheet, to copy: paper takes its time, so one worker makes it for all."""
    shared = Path(os.environ[SHARED])
    with (shared / "confirmed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = shared / "confirmed"
        if not made.exists():
            for people in make_people(shared / "confirming"):
                sheet = people.brings_paper(people.visit())
                people.confirms(sheet)
                confirming.finish(people.desk, sheet)
            (shared / "confirming").rename(made)
    return made


def write_settings(
    folder: Path,
    more: str = "",
    *,
    own_forms: bool = True,
    second_factor: str = "optional",
    left_out: tuple[str, ...] = ("contact_details", "story_permission"),
) -> None:
    """A practice of the tests: five forms, the emergency contact's an own and shorter one."""
    (folder / "practice.toml").write_text(
        'practice_name = "Meadow Lane"\ntime_zone = "America/Chicago"\nhipaa_status = "not_covered"\n'
        f'second_factor = "{second_factor}"\n'
        f"forms_left_out = {list(left_out)}\n{more}",
        encoding="utf-8",
    )
    if own_forms:
        shutil.copytree(OWN_FORMS, folder / "forms")


def make_people(
    folder: Path,
    cooling_days: int = 7,
    *,
    more: str = "",
    own_forms: bool = True,
    second_factor: str = "optional",
    form: str = "",
    left_out: tuple[str, ...] = ("contact_details", "story_permission"),
) -> Iterator[People]:
    """`form` is the definition of one more form of the practice's own."""
    folder.mkdir()
    write_settings(
        folder,
        f"cooling_days = {cooling_days}\n{more}",
        own_forms=own_forms,
        second_factor=second_factor,
        left_out=left_out,
    )
    if form:
        (folder / "forms").mkdir(exist_ok=True)
        (folder / "forms" / "one_more.toml").write_text(form, encoding="utf-8")
    (folder / "inbox").mkdir()
    (folder / DATABASE_FILE).write_bytes(founded())
    yield from reopened(folder, NOON)


@cache
def founded() -> bytes:
    """The database of a practice whose people are entered: to make it takes as long as a whole test."""
    roles = (
        ("dorothy", Role.FRONT_DESK),
        ("sophia", Role.THERAPIST),
        ("jean", Role.THERAPIST),
        ("ruth", Role.OWNER),
    )
    staff = [founding.NewStaff(name, f"{name.title()} Hale", (role,), PASSPHRASE) for name, role in roles]
    with TemporaryDirectory(prefix="kiosk-founded-") as made_in:
        folder = Path(made_in)
        write_settings(folder)
        settings = Settings.load(folder)
        vault = Vault(settings, Clock(), KeyCosts(8, 1, 1))
        founding.found(Practice(settings, vault, founding.offered_forms(settings)), PASSPHRASE, staff)
        vault.scrub()
        vault.close()
        return (folder / DATABASE_FILE).read_bytes()
