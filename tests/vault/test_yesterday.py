"""What was kept yesterday opens today: stored once with fixed keys, and never made anew.

A test that fails here says that a practice would lose what it holds. The names in `Field`, the purposes of
keys and the form of what is hashed are mended then, not these values. Only what is new is added: for a new
field, `seal(KEY, OWNER, field, ROW, KEPT).hex()`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import select, update

from kiosk.access import Actor, Desk, Practice, screens, second_factor
from kiosk.actions import documents
from kiosk.actions.practice import offered_forms
from kiosk.vault import OFFICE, Field, Vault, archive, backup_file, erased, key_files, keys, recovery, tables
from kiosk.vault.cipher import open_sealed
from kiosk.vault.did import Did
from kiosk.vault.engine import DATABASE_FILE
from kiosk.vault.keys import Wrap
from tests.practices import PASSPHRASE
from tests.vault.small import SETTINGS, small_vault

FILES = Path(__file__).parent / "yesterday"
KEY, OWNER, ROW, KEPT = bytes(range(32)), "a client", "a row", b"yesterday"
MASTER, OFFICES_KEY, CODE = bytes(range(32, 64)), bytes(range(64, 96)), bytes(range(20))

SEALED: Mapping[Field, str] = {
    Field.PROFILE: "9d532026010491ea9709683fb7e200b50af51729ef84fe2f293450f91ffa9fca42e61a2a58",
    Field.ARRIVAL: "024903769aa84c25050306fe6d3f1881ffc176fbbe2c4e3fd31e353d0968e8c277fb7fea09",
    Field.DRAFT: "4701a861ee4de11f706c48917ce5b7b230578a5315ae70392f1c8fe34f81d39a8017bc3784",
    Field.SIGNATURE: "8182f73d618f6084dfd449dafb8c747431080bc5ff184d1f2b36c016736773f73a89cae0b1",
    Field.CARRIED: "e893903c35dc6cb4907b6e246a05f74e20b3a5806573a02d7cb2e07b0d7ec23f8ff773d5d9",
    Field.DOCUMENT: "0f57f1fe47522fcd909e51d81d17a765a92689a446fcc07da0aafb2fa5a649fe42b00afbb6",
    Field.RECORD: "17fa0936f334be1d31e44cc04e27fbe8adde47e2310b88210fd80160b5eae4fa35a2417086",
    Field.READING_READ: "d427d8d4065ca1e1765d11172572be18a51309f3c82545775192918ed37a9634f4f604953d",
    Field.READING_SEEN: "cb1032d26f41328dba1bbe638edc04f1295b563355321d52c24af6be5b29852b55783ded20",
    Field.READING_CONFIRMED: "5aadf00a37746358e2350245740c97d6bbdb6644c0d83518c4714d6ce131d0f659e3ec61de",
    Field.OFFICE_ITEM: "7d1d34e7542ec290f834b41e854dc7a706eda70aa0a438eaf287e09827fb1e1390f3de6257",
    Field.STAFF_TOTP: "697dc6fb7f661bacf428e83ac7a163ba681fb548478b50aedd386cba14bd0874e66c40c6e0",
    Field.DECLARED_REASON: "cc7d9b55ccb9440a4250ee012bc27aa47b7bdaf2f34e5b21cff7d625343cc65b54a9be4f80",
    Field.CLIENT_KEY: "7ca2be702527e132cbf92c97ab6174d957d5d1efa460dcb638ed5ddd5757b6dd08245d167f",
    Field.MASTER_KEY: "7c9c5c673450685453c9b42d9fb69730914cf4f29e11b9aa27e349758cd0218182dfb70370",
    Field.BACKUP: "9a8e4e2e5f732986d07edc179ebb4b149eb1bf93492e61e02d4482640dc2935463b93675e2",
    Field.BACKUP_KEYS: "e69b42b457f835b92f704f5632422442c55dc2d7892b3554293ac5820d933f7be2a23deced",
    Field.ARCHIVE: "11208d080e5ddbfc02bff1eb90f8a061e888a255c91f8c5699ef99e181d82ef2d9177d6f29",
}
OFFICES_KEY_WRAPPED = (
    "2f85318372851d7f8f062137637b19bf2fe0d83081ad641edb84035e8a5d"
    "6812b1a586ca2003158fb17660fdaa55dbc2be8cbd4766d6db95237153be"
)
BY_PASSPHRASE = Wrap(
    '{"name": "argon2id", "salt": "cb5b9545f38f64851652620c930e9610", "memory_kib": 8, '
    '"passes": 1, "lanes": 1}',
    bytes.fromhex(
        "0fda67354cbd0fa5c75600323b256a8e08532eaf9ef1559ae936815dd0bc"
        "58d614e44e09f7d8520f5a1f402463555f6c6d6e33286df8fd81b0514953"
    ),
)
BY_CODE = Wrap(
    '{"name": "hkdf-sha256", "salt": "0f1b445faab86d21a2789c525e9e2e63"}',
    bytes.fromhex(
        "396f1d239374e5c2e08aed58b8e5c5e2fb849bc6c8ed86c64ab282a377fb"
        "aa74f6f86e138505b07d56f667699dffbf7897dc02c610e5c15d8a8e3f83"
    ),
)
PRINTED_CODE = "000G-40R4-0M30-E209-185G-R38E-1W81-24GK-A9H5"


@pytest.mark.parametrize("field", Field)
def test_what_each_field_held_opens(field: Field) -> None:
    assert open_sealed(KEY, OWNER, field, ROW, bytes.fromhex(SEALED[field])) == KEPT


def test_the_passphrase_and_the_printed_code_of_yesterday_open_the_practice() -> None:
    assert recovery.read(PRINTED_CODE) == CODE
    assert keys.unwrap_any((BY_CODE, BY_PASSPHRASE), PASSPHRASE) == MASTER
    assert keys.unwrap_any((BY_PASSPHRASE, BY_CODE), PRINTED_CODE) == MASTER


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    """The one whose master key and office's key are known."""
    with small_vault(tmp_path / "practice") as made:
        with made.transaction() as store:
            known = {"wrapped": bytes.fromhex(OFFICES_KEY_WRAPPED)}
            store.session.execute(
                update(tables.ClientKey).where(tables.ClientKey.owner == OFFICE).values(known)
            )
        made.keyring.set(MASTER)
        yield made


def test_keys_of_one_purpose_are_the_same_as_yesterday(vault: Vault) -> None:
    """What wraps clients' keys opened the office's; the rest is what stored things are found or proved by."""
    with vault.transaction() as store:
        assert (
            vault.keyring.key("backup").hex()
            == "6bc29735e55a8e5a59921451f9e99779876c6938876f2b4f9a5a36c48fe8a55e"
        )
        assert key_files.key_name(vault.keyring.key("backup")) == "ab5fecc7b10e7139"
        assert store.practice_id() == "98c2fd8317d36a87b3b33d6f33a89caa"
        assert store.erased_key().hex() == "fb5da0e04fa058f2c80f1ec0ec7239eb2307af0b40ba10d580871093091a31bc"
        assert (
            store.mac("a purpose", "a text")
            == "8f035caf794df443d528d387e117dc56f6a2271a3fd02c35ea3c83226f796612"
        )


def test_what_is_kept_as_a_keyed_hash_is_known_again(vault: Vault) -> None:
    """A document by its content, a PIN, a code to print: they live as long as the practice."""
    practice = Practice(vault.settings, vault, offered_forms(vault.settings))
    with vault.transaction() as store:
        desk = Desk(store, Actor(practice, "ruth", "Ruth Hale", frozenset(), "test", "staff"))
        ruth = tables.Staff(id="ruth")
        assert (
            documents.content_mac(desk, b"kept yesterday")
            == "2736036cc8d228efe798bb42735f2c3efa0d1231418df432edd3211db7ac2e0a"
        )
        assert (
            screens.pin_mac(desk, "ruth", "2580")
            == "9c26f52a47d06fd9a2e3aa3930f9a05d5c2033cecc640ed97cafd2d7a57a1e40"
        )
        assert (
            second_factor._code_mac(desk, ruth, "ABCDE-23456")
            == "a9b0e2a3b38f047477e9d5e330d011e97784d9d30bc19463159c08aa452a6c12"
        )


def test_a_trail_of_yesterday_holds(vault: Vault) -> None:
    """Two links of it, as they would be written now: the form of what is hashed, and its key."""
    with vault.transaction() as store:
        store.audit("ruth", "owner", "127.0.0.1", Did.OPENED_CARD, "visit", "v1", "done", "a reason")
        store.audit("system", "system", "server", Did.ADDED_CLIENT, "client", "ada")
        store.session.flush()
        entries = store.session.scalars(select(tables.AuditEntry).order_by(tables.AuditEntry.seq)).all()
        assert [entry.mac for entry in entries] == [
            "bb5bec9e50ee0328ebfd019d1f0b2d42fa50e3fefa98f403564baf56bb090255",
            "5ae1c894a34e87a03ab039fe0292f3f1278d82172203665cac8b83f832e5c876",
        ]


def test_a_backup_and_its_key_file_open_with_the_passphrase_and_with_the_code(tmp_path: Path) -> None:
    file = FILES / "practice.kiosk-backup"
    head = key_files.read_head(key_files.beside(file))
    assert head is not None
    for number, secret in enumerate((PASSPHRASE, PRINTED_CODE)):
        (opened,) = key_files.all_that_open([head], secret)
        assert opened.master == MASTER
        assert opened.wrapped
        back = tmp_path / str(number)
        backup_file.unpack(file, backup_file.read_head(file), opened.backup_keys[0], back)
        assert (back / DATABASE_FILE).read_bytes() == b"a database of yesterday, in three pieces"
        assert (back / "practice.toml").read_text(encoding="utf-8") == SETTINGS
        assert (back / "forms" / "own.toml").read_text(encoding="utf-8") == 'id = "own"\n'


def test_an_archive_opens_with_its_code() -> None:
    held = {one.name: one.body for one in archive.read(FILES / "records.kiosk-archive", PRINTED_CODE)}
    assert held == {"practice.toml": SETTINGS.encode(), "records/000001.pdf": b"%PDF of yesterday"}


def test_a_list_of_the_erased_is_believed(vault: Vault) -> None:
    with vault.transaction() as store:
        assert set(erased.read(FILES / "erased.list", store)) == {"a-key-that-was-destroyed"}
