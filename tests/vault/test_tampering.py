"""Somebody changes what is kept, on the disk or in a backup: it is noticed, each time."""

import hashlib
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from kiosk.errors import Damaged, KioskError
from kiosk.vault import Field, Store, Vault, tables
from kiosk.vault.audit import AuditReport
from kiosk.vault.backup import backup, restore
from kiosk.vault.did import Did
from kiosk.vault.key_files import beside
from kiosk.vault.restoring import check_document
from kiosk.vault.tables import AuditEntry
from tests.practices import NOON, PASSPHRASE
from tests.vault.small import add_client, add_document, reopened, small_vault

QUICK, LONG = 20, 1_000


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with small_vault(tmp_path / "practice") as made:
        add_client(made, "ada", b"%PDF of hers" * 500)
        with made.transaction() as store:
            for number in range(40):
                add_document(store, "ada", f"note-{number}", bytes([number]) * 200)
                store.audit("staff", "front_desk", "test", Did.SIGNED, "record", f"r{number}")
        yield made


def flipped(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def flips_in_documents(vault: Vault, trials: int) -> None:
    chance = random.Random(12)
    with vault.transaction() as store:
        kept = {row.id: row.body_sealed for row in store.session.scalars(select(tables.Document))}
    put = update(tables.Document)
    for _ in range(trials):
        document = chance.choice(sorted(kept))
        with vault.transaction() as store:
            body = flipped(kept[document], chance)
            store.session.execute(put.where(tables.Document.id == document).values(body_sealed=body))
        with pytest.raises(Damaged, match=document):
            check_document(vault, document)
        with vault.transaction() as store:
            here = put.where(tables.Document.id == document)
            store.session.execute(here.values(body_sealed=kept[document]))
    assert all(check_document(vault, document) for document in kept)


def test_one_bit_that_was_changed_in_a_document_is_noticed(vault: Vault) -> None:
    flips_in_documents(vault, QUICK)


@pytest.mark.long
def test_a_thousand_bits_that_were_changed_are_noticed(vault: Vault) -> None:
    flips_in_documents(vault, LONG)


def edits(session: Session, chance: random.Random, last: int) -> None:
    column = chance.choice(("actor", "role", "device", "did", "kind", "object", "outcome", "reason", "mac"))
    seq = chance.randint(1, last)
    was = session.scalar(select(getattr(AuditEntry, column)).where(AuditEntry.seq == seq))
    session.execute(update(AuditEntry).where(AuditEntry.seq == seq).values({column: f"{was}x"}))


def deletes(session: Session, chance: random.Random, last: int) -> None:
    session.execute(delete(AuditEntry).where(AuditEntry.seq == chance.randint(1, last - 1)))


def deletes_and_renumbers(session: Session, chance: random.Random, last: int) -> None:
    seq = chance.randint(1, last - 1)
    session.execute(delete(AuditEntry).where(AuditEntry.seq == seq))
    for later in range(seq + 1, last + 1):
        session.execute(update(AuditEntry).where(AuditEntry.seq == later).values(seq=later - 1))


def reorders(session: Session, chance: random.Random, last: int) -> None:
    one, other = chance.sample(range(1, last + 1), 2)
    for seq, to in ((one, -1), (other, one), (-1, other)):
        session.execute(update(AuditEntry).where(AuditEntry.seq == seq).values(seq=to))


def inserts(session: Session, chance: random.Random, last: int) -> None:
    """A forged entry, chained to the one before, its hash guessed; those after move on by one."""
    seq = chance.randint(1, last)
    for later in range(last, seq, -1):
        session.execute(update(AuditEntry).where(AuditEntry.seq == later).values(seq=later + 1))
    row = session.execute(select(AuditEntry.__table__).where(AuditEntry.seq == seq)).one()._asdict()
    mac = hashlib.sha256(chance.randbytes(8)).hexdigest()
    session.execute(insert(AuditEntry).values({**row, "seq": seq + 1, "previous": row["mac"], "mac": mac}))


def cuts_off(session: Session, chance: random.Random, last: int) -> None:
    session.execute(delete(AuditEntry).where(AuditEntry.seq > last - chance.randint(1, last - 1)))


Tampering = Callable[[Session, random.Random, int], None]
TAMPERING: tuple[Tampering, ...] = (edits, deletes, deletes_and_renumbers, reorders, inserts, cuts_off)


def seen(vault: Vault, tampers: Tampering, chance: random.Random) -> AuditReport:
    """What a walk says, with the head that was noted before; nothing of it is written."""
    with Session(vault.engine) as session:
        store = Store(session, vault.keyring, vault.clock())
        head = store.verify_audit().head
        last = session.scalar(select(func.max(AuditEntry.seq))) or 0
        tampers(session, chance, last)
        session.expire_all()
        report = store.verify_audit(head[:16])
        session.rollback()
    return report


@pytest.mark.parametrize("tampers", TAMPERING)
def test_a_trail_that_was_changed_is_noticed(vault: Vault, tampers: Tampering) -> None:
    chance = random.Random(13)
    assert not any(seen(vault, tampers, chance).ok for _ in range(4))
    assert vault.verify_audit().ok


@pytest.mark.long
@pytest.mark.parametrize("tampers", TAMPERING)
def test_a_trail_that_was_changed_five_hundred_times_is_noticed(vault: Vault, tampers: Tampering) -> None:
    chance = random.Random(14)
    assert not any(seen(vault, tampers, chance).ok for _ in range(500))


def test_an_older_database_in_the_place_of_this_one_is_noticed_by_a_noted_head(
    vault: Vault, tmp_path: Path
) -> None:
    vault.scrub()
    vault.engine.dispose()
    shutil.copytree(vault.settings.instance, tmp_path / "older")
    with vault.transaction() as store:
        store.audit("staff", "front_desk", "test", Did.SIGNED, "record", "later")
    noted = vault.verify_audit().head[:16]
    with reopened(tmp_path / "older") as older:
        assert older.verify_audit().ok, "by itself it is as good as new"
        report = older.verify_audit(noted)
    assert (report.ok, report.reason) == (False, "the noted head is not in it any more")


def refused(vault: Vault, file: Path, back: Path, trials: int) -> None:
    """Changed and cut files of both kinds: none is restored, and none leaves anything."""
    chance = random.Random(15)
    for target in (file, beside(file)):
        whole = target.read_bytes()
        for number in range(trials):
            cut = whole[: chance.randrange(len(whole))]
            target.write_bytes(flipped(whole, chance) if number % 2 else cut)
            with pytest.raises(KioskError):
                restore(file, back, PASSPHRASE, NOON)
            assert not back.exists()
        target.write_bytes(whole)
    with pytest.raises(KioskError):
        restore(file, back, "not this passphrase", NOON)
    restore(file, back, PASSPHRASE, NOON)


def test_a_backup_or_key_file_that_was_changed_or_cut_is_refused(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert backup(vault, tmp_path / "out" / "b").verified
    refused(vault, tmp_path / "out" / "b", tmp_path / "back", 8)


@pytest.mark.long
def test_four_hundred_changed_or_cut_files_are_refused(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert backup(vault, tmp_path / "out" / "b").verified
    refused(vault, tmp_path / "out" / "b", tmp_path / "back", 200)


def writes(vault: Vault, more: threading.Semaphore, stop: threading.Event, acknowledged: list[int]) -> None:
    """Somebody who works: each number is a document and a line in the trail, together or not at all."""
    while not stop.is_set():
        if not more.acquire(timeout=0.05):
            continue
        number = len(acknowledged)
        with vault.transaction() as store:
            add_document(store, "ada", f"load-{number:05}", b"%d" % number * 50)
            store.audit("staff", "front_desk", "test", Did.SIGNED, "record", f"load-{number:05}")
        acknowledged.append(number)
        stop.wait(0.003)


def loaded(vault: Vault) -> tuple[list[str], list[str], str]:
    """The documents of the load, its lines in the trail, and a hash over what the documents say."""
    said = hashlib.sha256()
    with vault.transaction() as store:
        rows = select(tables.Document).where(tables.Document.id.like("load-%")).order_by(tables.Document.id)
        ids = []
        for row in store.session.scalars(rows):
            ids.append(row.id)
            said.update(store.open(row.owner, Field.DOCUMENT, row.id, row.body_sealed))
        lines = select(AuditEntry.object).where(AuditEntry.object.like("load-%")).order_by(AuditEntry.seq)
        return ids, list(store.session.scalars(lines)), said.hexdigest()


def restored_under_load(vault: Vault, tmp_path: Path, points: int) -> None:
    """Each restored practice is the store as it was at one moment between begin and end of its backup."""
    stop, more, acknowledged = threading.Event(), threading.Semaphore(0), list[int]()
    chance = random.Random(16)
    writer = threading.Thread(target=writes, args=(vault, more, stop, acknowledged))
    writer.start()
    try:
        for number in range(points):
            more.release(40)
            stop.wait(chance.random() / 10)
            least = len(acknowledged)
            assert backup(vault, tmp_path / f"b{number}").verified
            most = len(acknowledged) + 1
            back = tmp_path / f"back{number}"
            restore(tmp_path / f"b{number}", back, PASSPHRASE, NOON)
            with reopened(back) as practice:
                ids, lines, said = loaded(practice)
            assert least <= len(ids) <= most
            assert ids == lines == [f"load-{one:05}" for one in range(len(ids))]
            clear = b"".join(b"%d" % one * 50 for one in range(len(ids)))
            assert said == hashlib.sha256(clear).hexdigest()
            shutil.rmtree(back)
    finally:
        stop.set()
        writer.join()
    assert vault.verify_audit().ok


def test_a_backup_under_load_is_the_store_as_it_was_at_one_moment(vault: Vault, tmp_path: Path) -> None:
    restored_under_load(vault, tmp_path, 2)


@pytest.mark.long
def test_fifty_backups_under_load_are_restored_as_they_were(vault: Vault, tmp_path: Path) -> None:
    restored_under_load(vault, tmp_path, 50)
