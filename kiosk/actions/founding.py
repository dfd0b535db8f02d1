"""A new practice, whole or not at all: by one command, or page by page in the browser.

Of a first start in the browser nothing is on the disk before the owner has typed the recovery code back from
the printed sheet: a practice whose owner is locked out cannot come to be, and a power cut before that moment
leaves an empty folder.
"""

import hmac
import json
import os
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import available_timezones

from forms.catalog import load_catalog
from kiosk import access
from kiosk.access import Practice, Role
from kiosk.actions import first_steps, words
from kiosk.actions.practice import NewStaff, check_passphrase, found, offered_forms, system
from kiosk.errors import Invalid, TooManyTries, WrongRecoveryCode
from kiosk.settings import CHOICES, FILE, Settings
from kiosk.vault import KeyCosts, Vault, folder, recovery
from kiosk.vault import engine as databases
from pdf.recovery_sheet import RecoverySheet
from pdf.recovery_sheet import recovery_sheet as pdf_of

SETTINGS = """\
# The practice's settings; docs/settings.md explains every one.
practice_name = {name}
time_zone = {zone}
languages = {languages}
paper_size = {paper}
"""
OWNERS_ROLES = (Role.OWNER, Role.FRONT_DESK, Role.THERAPIST)
LONGEST = 80
WORD_LETTERS = "34679ACDEFGHJKMNPQRTWXY"
WORD_LENGTH = 8
MOST_TRIES = 20
TIME_ZONE = "America/New_York"
LOCAL_TIME = Path("/etc/localtime")
CONTINENTS = (
    "Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class NewPractice:
    name: str
    time_zone: str
    languages: tuple[str, ...] = ("en", "es")
    paper_size: str = "letter"


def found_in(
    instance: Path,
    new: NewPractice,
    owner: NewStaff,
    clock: Clock,
    *,
    code: bytes | None = None,
    costs: KeyCosts | None = None,
) -> bytes:
    """Make a practice in this folder and return its master key; after a power cut it is whole, or not there.

    The owner's own passphrase is, at first, the practice's. Raises Invalid, KioskError.
    """
    check_passphrase(owner.passphrase)
    with folder.founding(instance) as beside:
        (beside / FILE).write_text(settings_of(new), encoding="utf-8")
        settings = Settings.load(beside)
        forms = offered_forms(replace(settings, instance=instance))
        practice = Practice(settings, Vault(settings, clock, costs), forms)
        try:
            found(practice, owner.passphrase, [owner], code)
            with access.transaction(system(practice)) as desk:
                first_steps.ask_for(desk)
            master = practice.vault.keyring.master()
        finally:
            practice.vault.close()
        databases.refuse_unfinished(beside)
    return master


def settings_of(new: NewPractice) -> str:
    """What `practice.toml` says of it."""
    return SETTINGS.format(
        name=json.dumps(new.name, ensure_ascii=False),
        zone=json.dumps(new.time_zone),
        languages=json.dumps(new.languages),
        paper=json.dumps(new.paper_size),
    )


def new_word() -> str:
    """What the terminal says and the browser is asked for: `7K3M-Q9WX`."""
    letters = "".join(secrets.choice(WORD_LETTERS) for _ in range(WORD_LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


class FirstStart:
    """A first start page by page, all of it in memory; `announce` is told the key of what was made."""

    def __init__(
        self,
        instance: Path,
        word: str,
        clock: Clock,
        announce: Callable[[bytes], None],
        costs: KeyCosts | None = None,
    ) -> None:
        self._instance, self._word, self._clock, self._announce = instance, word, clock, announce
        self._costs = costs
        self._tries, self._token = 0, ""
        self._code = recovery.new_code()
        self._lock = threading.Lock()
        self.practice: NewPractice | None = None
        self.owner: NewStaff | None = None
        self.made = False

    @property
    def step(self) -> str:
        """The page that is next; one after another, none is left out."""
        if self.made:
            return "ready"
        if self.practice is None:
            return "practice"
        return "owner" if self.owner is None else "sheet"

    def enter(self, typed: str) -> str:
        """Take the word from the terminal; returns what the browser is known by from now on.

        Whoever knows the word may come again, from another browser; the one before is let go.
        Raises Invalid, and TooManyTries once somebody has guessed for long enough.
        """
        with self._lock:
            if self._tries >= MOST_TRIES:
                raise TooManyTries("The word was tried too often.", "Stop `kiosk serve` and start it again.")
            if not hmac.compare_digest(_letters(typed), _letters(self._word)):
                self._tries += 1
                raise Invalid({"word": "This is not the word that the terminal says. Look at it once more."})
            self._token = secrets.token_urlsafe(32)
            return self._token

    def knows(self, token: str) -> bool:
        return bool(self._token) and hmac.compare_digest(token, self._token)

    def name_practice(self, name: str, zone: str, languages: Sequence[str], paper: str) -> None:
        """Raises Invalid."""
        given, wrong = " ".join(name.split()), {}
        if not given or len(given) > LONGEST:
            wrong["name"] = f"Give the practice's name, in up to {LONGEST} letters."
        if not any(zone in zones for zones in time_zones().values()):
            wrong["zone"] = "Choose where the practice is."
        spoken = tuple(lang for lang in offered_languages() if lang in languages)
        if not spoken:
            wrong["languages"] = "Choose at least one language."
        if paper not in CHOICES["paper_size"]:
            wrong["paper"] = "Choose the size of the paper in the printer."
        if wrong:
            raise Invalid(wrong)
        self.practice = NewPractice(given, zone, spoken, paper)

    def name_owner(self, name: str, sign_in: str, passphrase: str, again: str) -> None:
        """Raises Invalid."""
        given, short, wrong = " ".join(name.split()), " ".join(sign_in.split()), {}
        if not given or len(given) > LONGEST:
            wrong["owner"] = "Give your full name."
        if not short or len(short) > LONGEST:
            wrong["sign_in"] = "Give a short name to sign in with, for example your first name."
        try:
            check_passphrase(passphrase)
        except Invalid as weak:
            wrong.update(weak.problems)
        if passphrase != again:
            wrong["again"] = "The two are not the same. Type the passphrase once more."
        if wrong:
            raise Invalid(wrong)
        self.owner = NewStaff(short, given, OWNERS_ROLES, passphrase)

    def sheet(self) -> bytes:
        """The recovery sheet of the practice that is about to be, as a PDF to print."""
        if self.practice is None:
            raise Invalid({"name": "The practice has no name yet."})
        made = words.day(self._clock(), self.practice.time_zone)
        sheet = RecoverySheet(self.practice.name, recovery.written(self._code), made)
        return pdf_of(sheet, self.practice.paper_size)

    def confirm(self, typed: str) -> None:
        """The code was typed back from the paper: now, and at once, the practice is made.

        Raises Invalid for another code, KioskError where it cannot be made.
        """
        with self._lock:
            if self.made:
                return  # sent twice
            if self.practice is None or self.owner is None:
                raise Invalid({"code": "Something is missing yet. Go back to the beginning."})
            try:
                right = hmac.compare_digest(recovery.read(typed), self._code)
            except WrongRecoveryCode:
                right = False
            if not right:
                wrong = WrongRecoveryCode()
                raise Invalid({"code": f"{wrong.message} {wrong.next_step}"})
            master = found_in(
                self._instance, self.practice, self.owner, self._clock, code=self._code, costs=self._costs
            )
            self.made, self.owner = True, None
            self._code = b""
            self._announce(master)


def offered_languages() -> tuple[str, ...]:
    """Those that the shipped forms speak."""
    return tuple(sorted({lang for form in load_catalog().current() for lang in form.languages}))


@cache
def time_zones() -> Mapping[str, tuple[str, ...]]:
    """Every time zone that is called by a place, by continent."""
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(available_timezones()):
        continent = name.partition("/")[0]
        if continent in CONTINENTS:
            found[continent] = (*found.get(continent, ()), name)
    return found


def own_time_zone() -> str:
    """This machine's, where it says one; else the first of the country that the forms were made for."""
    zone = os.environ.get("TZ", "")
    if not zone and LOCAL_TIME.is_symlink():
        zone = str(LOCAL_TIME.readlink()).partition("zoneinfo/")[2]
    return zone if any(zone in zones for zones in time_zones().values()) else TIME_ZONE


def _letters(typed: str) -> bytes:
    return "".join(letter for letter in typed.upper() if letter.isalnum()).encode()
