"""A process is killed while it backs up, restores, or gives a client a new key: whole, or not at all."""

import multiprocessing
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from kiosk.settings import Settings
from kiosk.vault import KeyCosts, Vault, tables
from kiosk.vault.backup import backup, restore
from kiosk.vault.did import Did
from kiosk.vault.key_files import beside
from kiosk.vault.rekeying import rekey
from kiosk.vault.restoring import check_document
from tests.practices import NOON, PASSPHRASE, Clock
from tests.vault.small import add_client, add_document, names, small_vault

FORK = multiprocessing.get_context("fork")  # a child that is there at once, and is killed in what it does
CLIENTS = ("ada", "ben")


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with small_vault(tmp_path / "practice") as made:
        for client in CLIENTS:
            add_client(made, client)
        with made.transaction() as store:
            for number in range(30):
                add_document(store, "ada", f"page-{number}", bytes([number]) * 30_000)
        made.engine.dispose()  # a child inherits no connection
        yield made


def child_of(vault: Vault, does: Callable[[Vault], object]) -> None:
    """With a store of its own, in the child."""
    own = Vault(Settings.load(vault.settings.instance), Clock(NOON), KeyCosts(8, 1, 1))
    own.keyring.set(vault.keyring.master())
    does(own)


def killed(vault: Vault, does: Callable[[Vault], object], after: float) -> bool:
    """Returns whether it was done before the kill came."""
    vault.engine.dispose()
    child = FORK.Process(target=child_of, args=(vault, does))
    child.start()
    time.sleep(after)
    child.kill()
    child.join()
    return child.exitcode == 0


def how_long(vault: Vault, does: Callable[[Vault], object]) -> float:
    begin = time.monotonic()
    vault.engine.dispose()
    child = FORK.Process(target=child_of, args=(vault, does))
    child.start()
    child.join()
    assert child.exitcode == 0
    return time.monotonic() - begin


def moments(rounds: int, span: float) -> Iterator[tuple[int, float]]:
    """Spread over the whole of what is done, and beyond, for a machine that is busy: each by chance."""
    chance = random.Random(26)
    for number in range(rounds):
        yield number, span * 1.5 * (number + chance.random()) / rounds


def acknowledged(vault: Vault, number: int) -> str:
    """A line in the trail that is written for certain."""
    with vault.transaction() as store:
        store.audit("test", "", "test", Did.SIGNED, "record", f"written-{number}")
    return f"written-{number}"


def whole(vault: Vault, written: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    with vault.transaction() as store:
        assert store.session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert written <= set(store.session.scalars(select(tables.AuditEntry.object)))
        ids = list(store.session.scalars(select(tables.Document.id)))
    assert len(ids) == 30 + len(CLIENTS)
    assert all(check_document(vault, document_id) for document_id in ids)
    assert names(vault) == ["Client ada", "Client ben"]
    assert vault.verify_audit().ok


def restored_whole(file: Path, back: Path, written: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    restore(file, back, PASSPHRASE, NOON)
    whole_instance(back, written)
    shutil.rmtree(back)


def whole_instance(back: Path, written: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    practice = Vault(Settings.load(back), Clock(NOON), KeyCosts(8, 1, 1))
    practice.unlock(PASSPHRASE)
    whole(practice, written)
    practice.close()


def killed_while_backing_up(vault: Vault, folder: Path, rounds: int) -> set[bool]:
    folder.mkdir()
    span = how_long(vault, lambda own: backup(own, folder / "first"))
    written, ends = set(), set()
    for number, after in moments(rounds, span):
        written.add(acknowledged(vault, number))
        file = folder / f"b{number}"
        done = killed(vault, lambda own, file=file: backup(own, file), after)
        ends.add(file.exists())
        assert file.exists() or not done
        if file.exists():
            assert beside(file).exists()
            restored_whole(file, folder.parent / "back", written)
        whole(vault, written)
    assert backup(vault, folder / "last").verified
    assert not [path for path in folder.iterdir() if path.name.startswith(".")], "the next one clears up"
    assert not (vault.settings.instance / ".backing-up").exists()
    restored_whole(folder / "last", folder.parent / "back", written)
    return ends


def killed_while_restoring(vault: Vault, folder: Path, rounds: int) -> set[bool]:
    folder.mkdir()
    file, back = folder / "b", folder / "back"
    assert backup(vault, file).verified
    span = how_long(vault, lambda own: restore(file, back, PASSPHRASE, NOON))
    shutil.rmtree(back)
    ends = set()
    for _, after in moments(rounds, span):
        done = killed(vault, lambda own: restore(file, back, PASSPHRASE, NOON), after)
        there = back.exists() and any(back.iterdir())
        ends.add(there)
        assert there or not done
        if there:
            whole_instance(back)
            shutil.rmtree(back)
    restored_whole(file, back)
    assert {path.name for path in folder.iterdir()} == {"b", "b.keys"}, "what was left is cleared up"
    return ends


def killed_while_rekeying(vault: Vault, folder: Path, rounds: int) -> set[bool]:
    def gives_a_new_key(own: Vault) -> None:
        with own.transaction() as store:
            rekey(store, "ada")
        own.scrub()

    def key_of() -> str:
        with vault.transaction() as store:
            return store.session.get_one(tables.ClientKey, "ada").id

    folder.mkdir()
    assert backup(vault, folder / "before").verified
    span, ends, written = how_long(vault, gives_a_new_key), set(), set()
    for number, after in moments(rounds, span):
        written.add(acknowledged(vault, number))
        before = key_of()
        done = killed(vault, gives_a_new_key, after)
        ends.add(key_of() != before)
        assert key_of() != before or not done
        whole(vault, written)
    assert backup(vault, folder / "after").verified
    beside(folder / "before").unlink()
    restored_whole(folder / "before", folder / "back")
    return ends


WAYS = (killed_while_backing_up, killed_while_restoring, killed_while_rekeying)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_killed_happened_whole_or_not_at_all(
    vault: Vault, tmp_path: Path, way: Callable[[Vault, Path, int], set[bool]]
) -> None:
    assert way(vault, tmp_path / "out", 2)


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
def test_forty_kills_leave_nothing_half_done(
    vault: Vault, tmp_path: Path, way: Callable[[Vault, Path, int], set[bool]]
) -> None:
    assert way(vault, tmp_path / "out", 40) == {True, False}
