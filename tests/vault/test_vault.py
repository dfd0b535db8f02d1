"""The vault: nothing readable without the key, nothing openable anywhere but where it was written."""

import socket
import threading
import time
from dataclasses import replace
from datetime import timedelta
from multiprocessing.connection import Client
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update

from kiosk import access
from kiosk.actions.clients import change_profile, profile_of
from kiosk.actions.practice import now
from kiosk.errors import Damaged, KioskError, Locked, SettingsError, WrongPassphrase
from kiosk.settings import Settings
from kiosk.vault import OFFICE, Field, KeyCosts, Vault, erased, lockfile, migrations, tables, tombstone
from kiosk.vault.did import Did
from kiosk.vault.engine import database_url, make_engine, wal_is_safe
from kiosk.vault.keyring import KeyLink, KeyRing, KeyServer
from tests.practices import PASSPHRASE, People


def test_a_ciphertext_opens_only_where_it_was_written(people: People) -> None:
    vault = people.practice.vault
    with vault.transaction() as store:
        for owner in ("rose", "theo"):
            store.new_client_key(owner)
        sealed = store.seal("rose", Field.PROFILE, "row", b"words")
        assert store.open("rose", Field.PROFILE, "row", sealed) == b"words"
        for owner, field, row in (
            ("theo", Field.PROFILE, "row"),
            ("rose", Field.DRAFT, "row"),
            ("rose", Field.PROFILE, "other"),
        ):
            with pytest.raises(Damaged) as damaged:
                store.open(owner, field, row, sealed)
            assert damaged.value.row == row
        for place in range(len(sealed)):
            changed = bytearray(sealed)
            changed[place] ^= 1
            with pytest.raises(Damaged):
                store.open("rose", Field.PROFILE, "row", bytes(changed))
        with pytest.raises(Damaged):
            store.open("rose", Field.PROFILE, "row", b"")


def test_locking_forgets_keys_and_names(people: People) -> None:
    people.visit()
    vault = people.practice.vault
    with vault.transaction() as store:
        assert vault.names.find(store, "rose")
    vault.lock()
    assert not vault.names.found
    with pytest.raises(Locked), vault.transaction():
        pass
    with pytest.raises(WrongPassphrase):
        vault.unlock("not the passphrase")
    vault.unlock(PASSPHRASE)
    with vault.transaction() as store:
        assert vault.names.find(store, "rose")


@pytest.mark.parametrize(
    ("asked", "found"),
    [("delia", 1), ("ZAMORA", 1), ("ruíz", 1), ("ruiz del", 1), ("hee", 1), ("unhee", 0), ("d", 0), ("", 0)],
)
def test_a_name_is_found_by_the_beginnings_of_its_words(people: People, asked: str, found: int) -> None:
    people.visit("Délia Zamora Ruiz")
    people.visit("Sun-hee Bae")
    with people.practice.vault.transaction() as store:
        assert len(people.practice.vault.names.find(store, asked)) == found


WRITTEN = {
    "Łukasz Nowak": ("lukasz nowak", "ŁUKASZ NOWAK"),
    "Søren Dahl": ("soren dahl", "Dahl Søren"),
    "Lukasz Weiss": ("Łukasz Weiß",),
    "Anne\N{NON-BREAKING HYPHEN}Marie Lee": ("anne-marie lee", "Anne Marie Lee", "annemarie lee"),
    "Sean O\N{RIGHT SINGLE QUOTATION MARK}Brien": ("sean o'brien", "sean obrien"),
    "Mary J. Doe": ("mary j doe", "Doe Mary J."),
    "Sun-hee Bae": ("sunhee bae", "sun hee bae", "bae sun\N{MINUS SIGN}hee"),
    "Sunhee Park": ("sun-hee park",),
    "Ana-Lucía Ruiz-Vega": ("analucia ruiz vega", "ana lucia ruizvega", "Analucía Ruiz-Vega"),
    "Þóra Æsa Guðrún": ("thora aesa gudrun",),
    "Anne\N{SOFT HYPHEN}marie Roe": ("annemarie roe",),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_who_is_typed_plainly_is_found_by_a_beginning_and_by_the_whole_name(
    people: People, name: str
) -> None:
    """The whole name opens somebody in an emergency, and somebody who is not one's own."""
    for one in WRITTEN:
        people.visit(one)
    names = people.practice.vault.names
    with people.practice.vault.transaction() as store:
        for typed in (name, *WRITTEN[name]):
            assert [hit.name for hit in names.find(store, typed)] == [name], typed
            assert [hit.name for hit in names.called(store, typed)] == [name], typed
            assert names.called(store, typed.split()[0]) == (), typed
            assert names.called(store, f"{typed} {typed}") == (), typed


@pytest.mark.parametrize("typed", ["", " ", "-", "sunhee sun hee bae", "sunhee hee bae", "bae", "sun-hee"])
def test_no_part_of_a_name_nor_more_than_it_is_the_whole_name(people: People, typed: str) -> None:
    people.visit("Sun-hee Bae")
    with people.practice.vault.transaction() as store:
        assert people.practice.vault.names.called(store, typed) == ()


@pytest.mark.parametrize(
    ("asked", "nicknames", "found"),
    [
        ("4/27/1956", False, True),
        ("1956-04-27", False, True),
        ("04.27.1956 okafor", False, True),
        ("27/4/1956", False, False),
        ("4/28/1956", False, False),
        ("okafor 1956", False, True),
        ("okafor 1957", False, False),
        ("0142", False, True),
        ("(512) 555-0142", False, False),
        ("555-0142", False, True),
        ("142", False, False),
        ("theo 0142", False, True),
        ("sun 0142", False, False),
        ("bill", False, False),
        ("bill", True, True),
        ("bill 0142", True, True),
        ("billy", True, True),
        ("bil", True, False),
    ],
)
def test_a_client_is_found_by_birth_date_last_digits_and_nickname(
    people: People, asked: str, nicknames: bool, found: bool
) -> None:
    visit = people.visit("Theo William Okafor")
    with people.practice.vault.transaction() as store:
        client_id = store.session.get_one(tables.Visit, visit).client_id
    with access.transaction(people.system) as desk:
        profile = profile_of(desk, client_id)
        change_profile(desk, client_id, replace(profile, places={"client.phone": "512 555-0142"}))
    with people.practice.vault.transaction() as store:
        hits = people.practice.vault.names.find(store, asked, nicknames=nicknames)
    assert bool(hits) == found


def test_a_client_is_found_who_was_entered_just_before_somebody_looked(people: People) -> None:
    """The moment of a transaction is taken before its turn comes, or a clock is set back."""
    vault = people.practice.vault
    people.visit("Theo Okafor")
    with vault.transaction() as store:
        assert vault.names.find(store, "theo")
    people.clock.forward(seconds=-20)
    people.visit("Sun-hee Bae")
    with vault.transaction() as store:
        assert vault.names.find(store, "bae")


def test_a_client_is_found_who_was_entered_after_the_clock_was_set_back(people: People) -> None:
    vault = people.practice.vault
    people.visit("Theo Okafor")
    with vault.transaction() as store:
        assert vault.names.find(store, "theo")
    people.clock.forward(hours=-2)
    people.visit("Sun-hee Bae")
    people.clock.forward(hours=3)  # nobody looked meanwhile
    with vault.transaction() as store:
        (found,) = vault.names.find(store, "bae")
    people.clock.forward(hours=-2)
    with vault.transaction() as store:
        tombstone.erase(store.session, found.client_id, store.now)
        store.audit("system", "", "test", Did.ERASED, "client", found.client_id)
    with vault.transaction() as store:
        assert not vault.names.find(store, "bae")


def test_who_is_erased_again_by_an_older_list_is_found_in_no_process(people: People) -> None:
    vault = people.practice.vault
    people.visit("Theo Okafor")
    with vault.transaction() as store:
        (found,) = vault.names.find(store, "theo")
    people.clock.forward(hours=2)
    people.visit("Sun-hee Bae")
    with vault.transaction() as store:
        assert vault.names.find(store, "bae")
    with vault.transaction() as store:
        assert erased.apply(store, {found.client_id: store.now - timedelta(days=3)})
    with vault.transaction() as store:
        assert not vault.names.find(store, "theo")
        row = store.session.get_one(tables.Client, found.client_id)
        assert row.erased_at == store.now - timedelta(days=3), "since when it is so is not forgotten"


def test_whose_key_is_destroyed_is_not_found_and_hides_nobody(people: People) -> None:
    people.visit("Theo Okafor")
    people.visit("Sun-hee Bae")
    vault = people.practice.vault
    with vault.transaction() as store:
        gone = vault.names.find(store, "theo")[0].client_id
        store.session.delete(store.session.get_one(tables.ClientKey, gone))
    vault.lock()
    vault.unlock(PASSPHRASE)
    with vault.transaction() as store:
        assert not vault.names.find(store, "theo")
        assert vault.names.find(store, "bae")


def test_four_hundred_increments_at_once_are_four_hundred(people: People) -> None:
    vault = people.practice.vault
    with vault.transaction() as store:
        store.session.add(tables.Miss(key="counter", count=0, last_at=store.now))

    def count() -> None:
        for _ in range(50):
            with vault.transaction() as store:
                store.session.get_one(tables.Miss, "counter").count += 1

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with vault.transaction() as store:
        assert store.session.get_one(tables.Miss, "counter").count == 400


@pytest.mark.parametrize(
    ("version", "safe"),
    [((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 6), False),
     ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 52, 0), False), ((3, 53, 4), True)],
)  # fmt: skip
def test_wal_is_used_only_where_its_bug_is_mended(version: tuple[int, int, int], safe: bool) -> None:
    assert wal_is_safe(version) == safe


def test_sqlite_is_told_what_it_must_keep_to(people: People) -> None:
    with people.practice.vault.engine.connect() as connection:
        said = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("foreign_keys", "secure_delete", "trusted_schema", "journal_mode", "synchronous")
        }
        version = connection.execute(text("select sqlite_version()")).scalar()
    assert said["foreign_keys"] == said["secure_delete"] == 1
    assert said["trusted_schema"] == 0
    wal = wal_is_safe(tuple(int(part) for part in str(version).split(".")))  # type: ignore[arg-type]
    assert (said["journal_mode"], said["synchronous"]) == (("wal", 2) if wal else ("truncate", 3))


@pytest.mark.parametrize("system", ["darwin", "linux"])
def test_a_mac_is_told_to_write_to_the_disk_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    monkeypatch.setattr("kiosk.vault.engine.sys.platform", system)
    engine = make_engine(f"sqlite:///{tmp_path / 'practice.db'}")
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA fullfsync")).scalar() == (system == "darwin")
    engine.dispose()


def test_the_audit_trail_says_where_it_was_changed(people: People) -> None:
    vault = people.practice.vault
    assert vault.verify_audit().ok
    with vault.transaction() as store:
        seqs = list(store.session.scalars(select(tables.AuditEntry.seq)))
    middle = seqs[len(seqs) // 2]
    spoils = (
        update(tables.AuditEntry).where(tables.AuditEntry.seq == middle).values(object="another"),
        update(tables.AuditEntry).where(tables.AuditEntry.seq == middle).values(seq=999),
        tables.AuditEntry.__table__.delete().where(tables.AuditEntry.seq == middle),  # type: ignore[attr-defined]
    )
    for spoil in spoils:
        with vault.engine.connect() as connection:
            connection.execute(spoil)
            report = audit_of(connection, vault)
            connection.rollback()
        assert not report.ok
        assert report.broken_at in (middle, middle + 1)
    assert vault.verify_audit().ok


def test_an_end_that_was_cut_off_shows_against_a_head_that_was_noted(people: People) -> None:
    people.visit()
    vault = people.practice.vault
    noted = vault.verify_audit().head[:16]
    people.visit("Theo Okafor")
    assert vault.verify_audit(noted).ok
    with vault.transaction() as store:
        at = store.session.scalars(
            select(tables.AuditEntry.seq).where(tables.AuditEntry.mac.startswith(noted))
        ).one()
        store.session.execute(delete(tables.AuditEntry).where(tables.AuditEntry.seq >= at))
    assert vault.verify_audit().ok, "by itself it cannot know"
    report = vault.verify_audit(noted)
    assert (report.ok, report.broken_at, report.reason) == (False, at, "the noted head is not in it any more")


def audit_of(connection, vault):  # type: ignore[no-untyped-def]
    from sqlalchemy.orm import Session

    from kiosk.vault.store import Store

    with Session(connection) as session:
        return Store(session, vault.keyring, vault.clock()).verify_audit()


def test_an_audit_entry_stands_or_falls_with_what_it_tells_of(people: People) -> None:
    before = people.practice.vault.verify_audit().entries
    with pytest.raises(ZeroDivisionError), people.practice.vault.transaction() as store:
        store.audit("somebody", "", "test", Did.SIGNED, "record", "r")
        raise ZeroDivisionError
    assert people.practice.vault.verify_audit().entries == before


def test_migrating_gives_the_tables_that_the_code_knows(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    url = f"sqlite:///{tmp_path / 'x.db'}"
    migrations.upgrade(url)
    engine = make_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.Base.metadata) == []
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    with pytest.raises(SettingsError, match="newer version"):
        migrations.upgrade(url)


def test_unlocking_and_locking_reach_another_process_within_a_second(tmp_path: Path) -> None:
    server = KeyServer(str(tmp_path / "key"), b"shared")
    server.start()
    rings = [KeyRing(), KeyRing()]
    links = [KeyLink(str(tmp_path / "key"), b"shared", ring) for ring in rings]
    for link in links:
        link.start()
    time.sleep(0.3)
    for master in (b"m" * 32, None, b"n" * 32):
        rings[0].set(master)
        until = time.monotonic() + 1
        while rings[1].is_unlocked != (master is not None) and time.monotonic() < until:
            time.sleep(0.01)
        assert rings[1].is_unlocked == (master is not None)
    assert rings[1].master() == b"n" * 32
    stranger = KeyRing()
    links.append(KeyLink(str(tmp_path / "key"), b"guessed", stranger))
    links[-1].start()
    time.sleep(0.4)
    assert not stranger.is_unlocked
    for link in links:
        link.stop()
    server.stop()


def test_the_key_server_goes_on_where_somebody_dies_while_connecting(tmp_path: Path) -> None:
    address = str(tmp_path / "key")
    server = KeyServer(address, b"shared")
    server.start(b"m" * 32)
    for _ in range(3):  # before it is known who it is
        with socket.socket(socket.AF_UNIX) as died:
            died.connect(address)
    for _ in range(300):  # before it has heard the key
        Client(address, authkey=b"shared").close()
    ring = KeyRing()
    link = KeyLink(address, b"shared", ring)
    link.start()
    until = time.monotonic() + 10
    while not ring.is_unlocked and time.monotonic() < until:
        time.sleep(0.01)
    assert ring.master() == b"m" * 32
    link.stop()
    server.stop()


def test_a_practice_is_served_once(people: People) -> None:
    instance = people.practice.settings.instance
    with lockfile.hold(instance), pytest.raises(KioskError, match="served already"):
        lockfile.hold(instance)
    lockfile.hold(instance).close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('practice_name = "A"', "time_zone is missing"),
        ('practice_name = "A"\ntime_zone = "Mars/Olympus"', "time_zone is no time zone"),
        ('practice_name = "A"\ntime_zone = "UTC"\nshade = "red"', "shade is not known"),
        ('practice_name = "A"\ntime_zone = "UTC"\ncolour = "red"', "colour is not written like #0f4b49"),
        (
            'practice_name = "A"\ntime_zone = "UTC"\ncolour = "#2f8f8b"',
            "colour is too light .* 3.4, and 7 is",
        ),
        (
            'practice_name = "A"\ntime_zone = "UTC"\nlogo = "../logo.png"',
            "logo is not the name of a PNG file",
        ),
        ('practice_name = "A"\ntime_zone = "UTC"\nlogo = "logo.svg"', "logo is not the name of a PNG file"),
        ('practice_name = "A"\ntime_zone = "UTC"\ncooling_days = "7"', "cooling_days is not of the type int"),
        ('practice_name = "A"\ntime_zone = "UTC"\nidle_clear_seconds = 60', "idle_clear_seconds is less"),
        ('practice_name = "A"\ntime_zone = "UTC"\npairing_seconds = 601', "pairing_seconds is more than 600"),
        ('practice_name = "A"\ntime_zone = "UTC"\npaper_size = "a5"', "paper_size is not one of"),
        ("practice_name = ", "cannot be read"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "practice.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=said):
        Settings.load(tmp_path)


def test_every_setting_is_explained() -> None:
    from dataclasses import fields

    page = Path("docs/settings.md").read_text(encoding="utf-8")
    for one in fields(Settings):
        assert one.name == "instance" or f"`{one.name}`" in page


def test_a_vault_made_with_real_costs_opens(tmp_path: Path) -> None:
    (tmp_path / "practice.toml").write_text('practice_name = "A"\ntime_zone = "UTC"\n', encoding="utf-8")
    vault = Vault(Settings.load(tmp_path), now, KeyCosts())
    vault.create(PASSPHRASE)
    vault.lock()
    vault.unlock(PASSPHRASE)
    assert database_url(vault.settings).endswith("practice.db")
    with vault.transaction() as store:
        assert store.mac("a", "b") != store.mac("a", "c")
        store.seal(OFFICE, Field.OFFICE_ITEM, "x", b"y")
    vault.close()
