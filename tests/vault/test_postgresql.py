"""The store on PostgreSQL: transactions take turns as on SQLite, and who only came second is not sent away.

A server of its own, with nothing in it; skipped where none is installed.
"""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import insert, text

from kiosk.errors import KioskError, Locked, StoreBusy
from kiosk.settings import Settings
from kiosk.vault import Field, KeyCosts, Vault, engine, large, tables
from kiosk.vault.did import Did
from tests.practices import NOON, PASSPHRASE, Clock
from tests.vault.small import SETTINGS, add_client, body_of

NEW = "a quite new passphrase"


def programs() -> Path:
    found = [Path(one).parent for one in [shutil.which("initdb")] if one]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if not found:
        pytest.skip("no PostgreSQL is installed here")
    return found[0]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Its address. PostgreSQL refuses to run as root, who then becomes its own user."""
    pytest.importorskip("psycopg")
    folder, own = programs(), os.name == "posix" and os.geteuid() == 0
    user = "postgres" if own else None
    with TemporaryDirectory(prefix="kiosk-pg-") as place:
        if own:
            shutil.chown(place, "postgres")
        data = f"{place}/data"

        def run(*command: str) -> None:
            subprocess.run([f"{folder}/{command[0]}", *command[1:]], user=user, cwd=place, check=True,
                           stdout=subprocess.DEVNULL)  # fmt: skip

        run("initdb", "-D", data, "-U", "kiosk", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {place} -c listen_addresses='' -c fsync=off"
        run("pg_ctl", "-D", data, "-l", f"{place}/log", "-w", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://kiosk@/postgres?host={place}"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")


@pytest.fixture
def vault(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    emptied = engine.make_engine(server)
    with emptied.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    emptied.dispose()
    monkeypatch.setenv("DATABASE_URL", server)
    (tmp_path / "practice.toml").write_text(SETTINGS, encoding="utf-8")
    made = Vault(Settings.load(tmp_path), Clock(NOON), KeyCosts(8, 1, 1))
    made.create(PASSPHRASE)
    yield made
    made.close()


def beside(vault: Vault) -> Vault:
    """As another process has it open."""
    other = Vault(vault.settings, vault.clock, KeyCosts(8, 1, 1))
    other.keyring.set(vault.keyring.master())
    return other


def test_of_many_transactions_at_once_none_is_lost_and_the_trail_holds(vault: Vault) -> None:
    with vault.transaction() as store:
        store.session.add(tables.Miss(key="counter", count=0, last_at=store.now))
    troubles: list[Exception] = []

    def work(own: Vault) -> None:
        for number in range(30):
            try:
                with own.transaction() as store:
                    store.session.get_one(tables.Miss, "counter").count += 1
                    store.audit("somebody", "", "test", Did.SIGNED, "record", str(number))
            except Exception as trouble:
                troubles.append(trouble)

    other = beside(vault)
    threads = [threading.Thread(target=work, args=(own,)) for own in (vault, vault, other, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert not troubles
    report = vault.verify_audit()
    assert (report.ok, report.entries) == (True, 120)
    with vault.transaction() as store:
        assert store.session.get_one(tables.Miss, "counter").count == 120


def test_who_waits_too_long_for_a_turn_is_told_so_in_words(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_MS", 100)
    other = beside(vault)
    with vault.transaction(), pytest.raises(StoreBusy), other.transaction():
        raise AssertionError("two have a turn at once")
    with other.transaction() as store:
        assert store.practice_id()
    other.close()


@pytest.mark.parametrize("state", ["40001", "40P01", "23505"])
def test_what_another_program_does_at_the_same_time_is_said_in_words(vault: Vault, state: str) -> None:
    with pytest.raises(KioskError, match="Another program is holding"), vault.transaction() as store:
        store.session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$"))


def test_who_holds_the_key_before_writes_nothing_after_a_rotation(vault: Vault) -> None:
    other = beside(vault)
    add_client(other, "ada")
    vault.rotate_master_key(NEW)
    with pytest.raises(Locked, match="new key"):
        add_client(other, "ben")
    other.unlock(NEW)
    add_client(other, "ben", b"signed paper")
    assert body_of(vault, "of-ben") == b"signed paper"
    other.close()


def test_a_large_document_stands_in_its_row(vault: Vault) -> None:
    add_client(vault, "ada")
    clear = os.urandom(3_000_000)
    with vault.transaction() as store:
        row = {"id": "a scan", "owner": "ada", "kind": "scan", "media_type": "application/pdf", "mac": "",
               "made_at": store.now, "body_sealed": large.room(store.session, 0)}  # fmt: skip
        store.session.execute(insert(tables.Document).values(row))
        store.seal_document("ada", "a scan", clear)
    with vault.transaction() as store:
        kept = store.session.get_one(tables.Document, "a scan")
        assert store.open("ada", Field.DOCUMENT, "a scan", kept.body_sealed) == clear
