"""A vault with clients and documents and no more, for what needs no people: copied in no time."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from kiosk.settings import Settings
from kiosk.vault import Field, KeyCosts, Store, Vault, tables
from kiosk.vault.did import Did
from kiosk.vault.engine import DATABASE_FILE
from tests.practices import NOON, PASSPHRASE, Clock

SETTINGS = 'practice_name = "A"\ntime_zone = "UTC"\n'


@contextmanager
def small_vault(folder: Path, *, copied: bool = True) -> Iterator[Vault]:
    """`copied` ones are one practice, with the same keys; two that are strangers are made each anew."""
    folder.mkdir(parents=True)
    (folder / "practice.toml").write_text(SETTINGS, encoding="utf-8")
    vault = Vault(Settings.load(folder), Clock(NOON), KeyCosts(8, 1, 1))
    if copied:
        (folder / DATABASE_FILE).write_bytes(created())
        vault.unlock(PASSPHRASE)
    else:
        vault.create(PASSPHRASE)
    yield vault
    vault.close()


@cache
def created() -> bytes:
    with TemporaryDirectory(prefix="kiosk-small-") as folder:
        with small_vault(Path(folder) / "practice", copied=False) as vault:
            vault.scrub()
        return (Path(folder) / "practice" / DATABASE_FILE).read_bytes()


def add_client(vault: Vault, client_id: str, body: bytes = b"a page") -> None:
    """One who has a profile, a document and a line in the trail."""
    with vault.transaction() as store:
        store.new_client_key(client_id)
        profile = {"name": f"Client {client_id}", "born": None, "places": {}}
        sealed = store.seal_json(client_id, Field.PROFILE, client_id, profile)
        store.session.add(
            tables.Client(id=client_id, profile_sealed=sealed, made_at=store.now, changed_at=store.now)
        )
        store.session.flush()
        add_document(store, client_id, f"of-{client_id}", body)
        store.audit("system", "system", "server", Did.ADDED_CLIENT, "client", client_id)


def add_document(store: Store, owner: str, document_id: str, body: bytes) -> None:
    store.session.add(
        tables.Document(
            id=document_id,
            owner=owner,
            kind="page",
            media_type="image/png",
            mac=store.mac("document", hashlib.sha256(body).hexdigest()),
            body_sealed=store.seal(owner, Field.DOCUMENT, document_id, body),
            made_at=store.now,
        )
    )
    store.session.flush()


@contextmanager
def reopened(folder: Path, secret: str = PASSPHRASE) -> Iterator[Vault]:
    vault = Vault(Settings.load(folder), Clock(NOON), KeyCosts(8, 1, 1))
    vault.unlock(secret)
    yield vault
    vault.close()


def names(vault: Vault) -> list[str]:
    with vault.transaction() as store:
        return sorted(found.name for found in vault.names.find(store, "client"))


def body_of(vault: Vault, document_id: str) -> bytes:
    with vault.transaction() as store:
        row = store.session.get_one(tables.Document, document_id)
        return store.open(row.owner, Field.DOCUMENT, row.id, row.body_sealed)
