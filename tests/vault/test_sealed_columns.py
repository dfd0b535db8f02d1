"""Whatever is sealed opens in its own place only: no other row, column or client, wherever it is moved to."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from kiosk.actions import check_in, sittings
from kiosk.errors import Damaged
from kiosk.vault import OFFICE, Field, Store, passing
from kiosk.vault.sealed_columns import SEALED_COLUMNS
from tests.practices import ALLOWS_HER_DAUGHTER, BORN, NOON, People, confirmed_once, reopened

DRAWN = '{"width": 600, "height": 150, "strokes": [[[10, 10, 0, 0.5], [90, 90, 9, 0.5], [200, 20, 20, 0.5]]]}'


@dataclass(frozen=True)
class Place:
    owner: str
    field: Field
    row: str


def test_no_two_kinds_of_ciphertext_share_a_name_that_is_bound_into_them() -> None:
    """They are not the columns' names: a column may be renamed, what it holds is bound to the name it had.

    That they stay as they were is `test_yesterday.py`'s; that no column is missing, `test_tombstone.py`'s.
    """
    assert len({field.value for field in Field}) == len(Field.__members__), "an alias would be the same one"
    assert len({sealed.field for sealed in SEALED_COLUMNS}) == len(SEALED_COLUMNS)


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    """With something in every column: paper confirmed, a form begun, a signature drawn, an arrival."""
    shutil.copytree(confirmed_once(), tmp_path / "practice")
    for people in reopened(tmp_path / "practice", NOON):
        check_in.by_name(people.tablet, {"name": "Rose Nyberg", **BORN})
        sitting = people.sits_down(people.visit("Theo Okafor"))
        people.signs(sitting, "emergency_contact", ALLOWS_HER_DAUGHTER, way="drawn", strokes=DRAWN)
        sittings.answer(sitting, "referral_thanks", "who", MultiDict({"referred_by-name": "Ann Other"}))
        yield people


def kept(store: Store) -> dict[Place, bytes]:
    """All ciphertexts where they lie; a column in which nothing lies yet gets one that is made here."""
    found: dict[Place, bytes] = {}
    for column in SEALED_COLUMNS:
        wanted = select(column.row, column.column, column.under).where(column.column.is_not(None))
        rows = store.session.execute(wanted).all()
        today = {"day": passing.of_day(store.now)}
        places = {
            Place(today.get(owner, owner), column.field, row): sealed for row, sealed, owner in rows if sealed
        }
        if not places:
            place = Place(OFFICE, column.field, "a row")
            places = {place: store.seal(place.owner, place.field, place.row, b"words")}
        found |= places
    return found


def refused(store: Store, place: Place, sealed: bytes) -> None:
    """And the row is named."""
    with pytest.raises(Damaged) as damaged:
        store.open(place.owner, place.field, place.row, sealed)
    assert damaged.value.row == place.row


def test_what_is_moved_to_any_other_place_or_changed_by_one_bit_is_refused(people: People) -> None:
    with people.practice.vault.transaction() as store:
        here = kept(store)
        assert len({place.field for place in here}) == len(SEALED_COLUMNS)
        assert len({place.owner for place in here}) >= 3, "two clients and the office"
        for number, (place, sealed) in enumerate(here.items()):
            store.open(place.owner, place.field, place.row, sealed)
            for other in here:
                if other != place:
                    refused(store, other, sealed)
            changed = bytearray(sealed)
            changed[number * 7919 % len(sealed)] ^= 1 << number % 8
            refused(store, place, bytes(changed))
