"""What stays of somebody who was erased: that somebody was here, and nothing of who."""

import pytest
from sqlalchemy import func, select

from kiosk.actions import handing
from kiosk.errors import NotFound
from kiosk.vault import Field, Vault, tables
from kiosk.vault.sealed_columns import OFFICE, SEALED_COLUMNS
from kiosk.vault.tombstone import erase
from tests.practices import ALLOWS_HER_DAUGHTER, People


@pytest.fixture
def vault(people: People) -> Vault:
    return people.practice.vault


def client_named(vault: Vault, name: str) -> str:
    with vault.transaction() as store:
        return vault.names.find(store, name)[0].client_id


def rows(vault: Vault) -> dict[str, int | None]:
    with vault.transaction() as store:
        return {
            table.name: store.session.scalar(select(func.count()).select_from(table))
            for table in tables.Base.metadata.sorted_tables
        }


def test_every_encrypted_column_stands_in_the_one_table() -> None:
    written = {
        (mapper.class_, column.key)
        for mapper in tables.Base.registry.mappers
        for column in mapper.column_attrs
        if column.key.endswith("_sealed")
    }
    listed = {(sealed.column.class_, sealed.column.key) for sealed in SEALED_COLUMNS}
    assert listed == written
    of_keys = {Field.CLIENT_KEY, Field.MASTER_KEY, Field.BACKUP, Field.BACKUP_KEYS, Field.ARCHIVE}
    assert [sealed.field for sealed in SEALED_COLUMNS] == [field for field in Field if field not in of_keys]


def test_nothing_that_was_sealed_about_somebody_stays_and_every_row_does(
    people: People, vault: Vault
) -> None:
    visit = people.visit("Rose Nyberg")
    people.signs(people.sits_down(visit), "emergency_contact", ALLOWS_HER_DAUGHTER)
    people.visit("Theo Okafor", at="14:00")
    handing.make_code(people.desk, visit)
    rose, theo = client_named(vault, "rose"), client_named(vault, "theo")
    before = rows(vault)
    with vault.transaction() as store:
        key_id = store.session.get_one(tables.ClientKey, rose).id
        assert erase(store.session, rose, store.now) == (key_id,)
        held = {sealed.field: list(sealed.kept(store.session, rose)) for sealed in SEALED_COLUMNS}
    assert not any(held.values())
    assert rows(vault) == before
    assert vault.verify_audit().ok
    with vault.transaction() as store:
        client, key = (
            store.session.get_one(tables.Client, rose),
            store.session.get_one(tables.ClientKey, rose),
        )
        assert (client.profile_sealed, key.wrapped, key.destroyed_at) == (b"", b"", client.erased_at)
        assert store.session.get_one(tables.Visit, visit).code_mac is None
        assert set(
            store.session.scalars(select(tables.Document.mac).where(tables.Document.owner == rose))
        ) == {""}
        with pytest.raises(NotFound):
            store.seal(rose, Field.PROFILE, rose, b"words")
        assert store.open_json(
            theo, Field.PROFILE, theo, store.session.get_one(tables.Client, theo).profile_sealed
        )


def test_a_name_is_found_no_more_in_any_process(people: People, vault: Vault) -> None:
    people.visit("Rose Nyberg")
    rose = client_named(vault, "nyb")
    other = Vault(vault.settings, vault.clock, vault.key_costs)
    other.keyring.set(vault.keyring.master())
    assert client_named(other, "nyb") == rose
    people.clock.forward(hours=1)
    with vault.transaction() as store:
        erase(store.session, rose, store.now)
    for process in (vault, other):
        with process.transaction() as store:
            assert process.names.find(store, "nyb") == ()
            with pytest.raises(NotFound):
                store.seal(rose, Field.PROFILE, rose, b"the key that this process had unwrapped before")
    other.close()


def test_who_is_erased_twice_was_erased_the_first_time(people: People, vault: Vault) -> None:
    people.visit("Rose Nyberg")
    rose = client_named(vault, "nyb")
    with vault.transaction() as store:
        first, at = erase(store.session, rose, store.now), store.now
    people.clock.forward(days=3)
    with vault.transaction() as store:
        assert erase(store.session, rose, store.now) == first
        assert store.session.get_one(tables.Client, rose).erased_at == at


def test_the_office_is_nobody_to_erase(vault: Vault) -> None:
    for owner in (OFFICE, "nobody"):
        with vault.transaction() as store, pytest.raises(NotFound):
            erase(store.session, owner, store.now)
