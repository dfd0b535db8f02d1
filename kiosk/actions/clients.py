"""A client's profile: what the practice knows, and the places that forms fill."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from forms import profile as known
from forms.definition import About, Answers, Form
from forms.kinds.date import month_in_digits
from kiosk.access import Desk, note_damage
from kiosk.actions import words
from kiosk.errors import Damaged, Erased, Invalid, NotFound
from kiosk.vault import Field, new_id
from kiosk.vault.tables import Client

NAME, BORN = "client.name", "client.born"
ERASED_NAME, DAMAGED = "Erased", "(damaged: ask the owner)"


@dataclass(frozen=True)
class Profile:
    """`places` are what forms fill; `renamed` is since when a place names somebody else than before.

    Of who is `erased` nothing else is known.
    """

    name: str
    born: date | None
    lang: str = "en"
    places: Mapping[str, Any] = field(default_factory=dict)
    renamed: Mapping[str, datetime] = field(default_factory=dict)
    erased: bool = False

    @property
    def initials(self) -> str:
        """For the counter, where others can see the screen."""
        return self.name if self.erased else words.initials(self.name)

    def to_plain(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "born": self.born.isoformat() if self.born else None,
            "lang": self.lang,
            "places": dict(self.places),
            "renamed": {place: at.isoformat() for place, at in self.renamed.items()},
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Profile":
        """Raises ValueError, KeyError, TypeError or AttributeError for what is no profile."""
        born = date.fromisoformat(plain["born"]) if plain["born"] else None
        renamed = {place: datetime.fromisoformat(at) for place, at in plain.get("renamed", {}).items()}
        return cls(plain["name"], born, plain["lang"], plain["places"], renamed)

    def all_places(self) -> dict[str, Any]:
        """The places with the client's own name and birth date among them."""
        own = {NAME: self.name, BORN: self.born.isoformat() if self.born else None}
        return {**self.places, **{place: value for place, value in own.items() if value}}


def profile_of(desk: Desk, client_id: str) -> Profile:
    """What is known of a client; of a tombstone, that it is one. Raises NotFound."""
    client = desk.session.get(Client, client_id)
    if client is None:
        raise NotFound()
    if client.erased_at is not None:
        return Profile(ERASED_NAME, None, erased=True)
    return Profile.from_plain(desk.open_json(client_id, Field.PROFILE, client_id, client.profile_sealed))


def refuse_erased(desk: Desk, client_id: str) -> None:
    """Raises Erased where nothing may happen any more with this client."""
    client = desk.session.get(Client, client_id)
    if client is not None and client.erased_at is not None:
        raise Erased()


def not_erased(owner: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """In a query: whose client is not a tombstone."""
    return ~select(Client.id).where(Client.id == owner, Client.erased_at.is_not(None)).exists()


def name_on_file(desk: Desk, client_id: str) -> str:
    """A client's name for a list in which one that cannot be read must not hide the others."""
    client = desk.session.get(Client, client_id)
    if client is None:
        return ERASED_NAME
    try:
        return profile_of(desk, client_id).name
    except Damaged as found:
        note_damage(desk, found.row)
        return DAMAGED


def about(desk: Desk, profile: Profile) -> About:
    """What conditions may ask of a client today."""
    settings = desk.practice.settings
    return About(words.local(desk.now, settings.time_zone).date(), profile.born, settings.age_of_majority)


def _sealed(desk: Desk, client_id: str, profile: Profile) -> bytes:
    return desk.seal_json(client_id, Field.PROFILE, client_id, profile.to_plain())


def add_client(desk: Desk, profile: Profile, client_id: str = "") -> str:
    """A client with a key of their own; under the id that they had, where they are rebuilt."""
    client_id = client_id or new_id()
    desk.new_client_key(client_id)
    desk.session.add(
        Client(
            id=client_id,
            profile_sealed=_sealed(desk, client_id, profile),
            made_at=desk.now,
            changed_at=desk.now,
        )
    )
    desk.session.flush()
    return client_id


def change_profile(desk: Desk, client_id: str, profile: Profile) -> None:
    client = desk.session.get_one(Client, client_id)
    client.profile_sealed = _sealed(desk, client_id, profile)
    client.changed_at = desk.now


def fill(desk: Desk, client_id: str, form: Form, answers: Answers, signed_at: datetime) -> None:
    """Write what a signed form filled in to the places where it is needed elsewhere."""
    profile = profile_of(desk, client_id)
    before = profile.all_places()
    after = known.written(form, answers, before, about(desk, profile))
    if after == before:
        return
    renamed = {**profile.renamed, **dict.fromkeys(known.renamed(before, after), signed_at)}
    name, born = after.pop(NAME, profile.name), after.pop(BORN, None)
    change_profile(
        desk,
        client_id,
        replace(
            profile,
            name=name,
            born=date.fromisoformat(born) if born else profile.born,
            places=after,
            renamed=renamed,
        ),
    )


def read_birth_date(raw: Mapping[str, str], today: date) -> date:
    """A birth date from its three boxes; a month may have its name. Raises Invalid, beside the first box."""
    boxes = {**raw, "month": month_in_digits(raw.get("month", ""))}
    try:
        year, month, day = (int(boxes.get(part, "").strip()) for part in ("year", "month", "day"))
        born = date(year, month, day)
    except ValueError:
        raise Invalid({"month": "Enter the birth date as three numbers, for example 4, 27, 1956."}) from None
    if not date(1900, 1, 1) <= born <= today:
        raise Invalid({"year": "Check the year of the birth date."})
    return born
