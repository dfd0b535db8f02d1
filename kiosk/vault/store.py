"""The vault: one practice's store, locked or unlocked, and its transactions."""

import hmac
import json
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from kiosk.errors import Damaged, KioskError, Locked, NotFound
from kiosk.settings import Settings
from kiosk.vault import audit, keys, large, migrations, recovery
from kiosk.vault.audit import AuditReport
from kiosk.vault.cipher import KEY_BYTES, Field, is_sealed, open_sealed, seal, seal_in_pieces
from kiosk.vault.did import Did
from kiosk.vault.engine import DATABASE_FILE, database_url, make_engine
from kiosk.vault.keyring import KeyRing
from kiosk.vault.keys import KeyCosts, Wrap
from kiosk.vault.names import NameIndex
from kiosk.vault.sealed_columns import OFFICE
from kiosk.vault.tables import AuditEntry, ClientKey, KeyWrap, OfficeItem, Staff, SupersededKey

PASSPHRASE, RECOVERY, STAFF = "passphrase", "recovery", "staff"  # the ways to open a practice

EARLIER_BACKUP_KEYS = "earlier_backup_keys"  # an office item
ID_BYTES = 16
# Asked in every transaction: plain words, for a mapped row takes six times as long.
OFFICE_KEY = f"SELECT wrapped FROM {ClientKey.__tablename__} WHERE owner = '{OFFICE}'"  # noqa: S608  # our own names
NEW_KEY = ("The practice has a new key.", "Open it again, with its new passphrase. Nothing was changed.")


def new_id() -> str:
    """128 random bits, safe in an address."""
    return urlsafe_b64encode(secrets.token_bytes(ID_BYTES)).rstrip(b"=").decode()


class Vault:
    """One practice's store in one process."""

    def __init__(
        self, settings: Settings, clock: Callable[[], datetime], key_costs: KeyCosts | None = None
    ) -> None:
        self.settings, self.clock = settings, clock
        self.key_costs = key_costs or KeyCosts()
        self.keyring = KeyRing()
        self.engine = make_engine(database_url(settings))
        self._opens: tuple[bytes, bytes] | None = None  # a master key, and what it was seen to open
        self.names = NameIndex()
        self.keyring.on_forget.append(self.names.forget)

    def create(self, passphrase: str, code: bytes | None = None) -> None:
        """Make the tables and the keys of a new practice, and unlock it; `code` is a recovery code of it.

        Raises KioskError where the database holds one.
        """
        if "DATABASE_URL" not in os.environ:  # SQLite's own would be readable by everybody on this machine
            (self.settings.instance / DATABASE_FILE).touch(mode=0o600)
        migrations.upgrade(database_url(self.settings))
        if self.wraps():
            raise KioskError("This database holds a practice already.", "Name another one, or restore it.")
        master = keys.new_master_key()
        kept = keys.wrap(master, passphrase, self.key_costs)
        with Session(self.engine) as session, session.begin():
            session.add(self._row(PASSPHRASE, kept))
            if code is not None:
                session.add(self._row(RECOVERY, keys.wrap_for_recovery(master, code)))
        self.keyring.set(master)
        with self.transaction() as store:
            store.new_client_key(OFFICE)

    def wraps(self) -> tuple[Wrap, ...]:
        """The practice's own: by its passphrase and by the recovery code."""
        return self._kept(select(KeyWrap).where(KeyWrap.way != STAFF).order_by(KeyWrap.made_at))

    def _kept(self, wanted: Select[KeyWrap]) -> tuple[Wrap, ...]:
        with Session(self.engine) as session, session.begin():
            return tuple(Wrap(row.parameters, row.wrapped) for row in session.scalars(wanted))

    def unlock(self, secret: str) -> None:
        """By the passphrase or the recovery code. Raises WrongPassphrase."""
        self.keyring.set(keys.unwrap_any(self.wraps(), secret))

    def unlock_as(self, sign_in: str, passphrase: str) -> None:
        """By the own passphrase of somebody whom the owner lets open the practice.

        As long for anybody else, and for a name that nobody has. Raises WrongPassphrase.
        """
        theirs = select(KeyWrap).join(Staff, Staff.id == KeyWrap.staff_id)
        theirs = theirs.where(Staff.sign_in == sign_in, Staff.left_at.is_(None), Staff.may_open)
        kept = self._kept(theirs) or (keys.wrap_of_nothing(self.key_costs),)
        self.keyring.set(keys.unwrap_any(kept, passphrase))

    def wrap_for_staff(self, staff_id: str, passphrase: str) -> None:
        """Their own passphrase opens the practice from now on, and the one before no more.

        None does where the owner has taken it back meanwhile. Raises Locked.
        """
        master = self.keyring.master()
        kept = keys.wrap(master, passphrase, self.key_costs)
        with self._session(master) as session:
            session.execute(delete(KeyWrap).where(KeyWrap.staff_id == staff_id))
            if session.get_one(Staff, staff_id).may_open:
                session.add(self._row(STAFF, kept, staff_id))

    def change_passphrase(self, passphrase: str) -> None:
        """The master key stays; only the old passphrase opens it no more. Raises Locked."""
        master = self.keyring.master()
        self._wrap_anew(master, PASSPHRASE, keys.wrap(master, passphrase, self.key_costs))

    def new_recovery_code(self) -> str:
        """A code to print; the one before opens nothing from now on but older backups. Raises Locked."""
        master, code = self.keyring.master(), recovery.new_code()
        self._wrap_anew(master, RECOVERY, keys.wrap_for_recovery(master, code))
        return recovery.written(code)

    def rotate_master_key(self, passphrase: str) -> str:
        """A new master key, opened by this passphrase and by the code that is returned.

        Every client's key is wrapped anew, in one transaction; no data is written anew. What opened the
        practice before opens only older backups; another process that holds the key before is told so at its
        next transaction. Raises Locked, Damaged.
        """
        before = self.keyring.master()
        old, master, code = self.keyring.key("wrap"), keys.new_master_key(), recovery.new_code()
        new = keys.subkey(master, "wrap")
        with self._session(before) as session:
            Store(session, self.keyring, self.clock()).keep_backup_key()
            for row in (*session.scalars(select(ClientKey)), *session.scalars(select(SupersededKey))):
                if row.wrapped:  # a destroyed key stays destroyed
                    key = open_sealed(old, row.owner, Field.CLIENT_KEY, row.owner, row.wrapped)
                    row.wrapped = seal(new, row.owner, Field.CLIENT_KEY, row.owner, key)
            session.execute(delete(KeyWrap))
            session.add(self._row(PASSPHRASE, keys.wrap(master, passphrase, self.key_costs)))
            session.add(self._row(RECOVERY, keys.wrap_for_recovery(master, code)))
        self.keyring.set(master)
        return recovery.written(code)

    def _wrap_anew(self, master: bytes, way: str, kept: Wrap) -> None:
        """One wrap a way: the new one and the end of the old one are written together."""
        with self._session(master) as session:
            session.execute(delete(KeyWrap).where(KeyWrap.way == way))
            session.add(self._row(way, kept))

    def _row(self, way: str, kept: Wrap, staff_id: str | None = None) -> KeyWrap:
        return KeyWrap(
            id=new_id(),
            way=way,
            staff_id=staff_id,
            parameters=kept.parameters,
            wrapped=kept.wrapped,
            made_at=self.clock(),
        )

    def scrub(self) -> None:
        """Carry the write-ahead log over and empty it: what was written anew is nowhere as it was."""
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.exec_driver_sql("BEGIN")

    def lock(self) -> None:
        self.keyring.set(None)

    @property
    def is_unlocked(self) -> bool:
        return self.keyring.is_unlocked

    @contextmanager
    def transaction(self) -> Iterator["Store"]:
        """All that happens inside is written, or nothing of it. Raises Locked."""
        with self._session(self.keyring.master()) as session:
            yield Store(session, self.keyring, self.clock())

    @contextmanager
    def _session(self, master: bytes) -> Iterator[Session]:
        """A transaction of who holds this master key. Raises Locked where another process made a new one."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            wrapped = session.connection().exec_driver_sql(OFFICE_KEY).scalar()
            if wrapped:  # neither being made nor being restored
                self._refuse_another_key(master, bytes(wrapped))
            yield session

    def _refuse_another_key(self, master: bytes, wrapped: bytes) -> None:
        """Whether the office's key opens by this master key; asked once for each that is seen.

        Raises Locked where one that opened was replaced, and Damaged where none ever did.
        """
        if self._opens == (master, wrapped):
            return
        try:
            open_sealed(keys.subkey(master, "wrap"), OFFICE, Field.CLIENT_KEY, OFFICE, wrapped)
        except Damaged:
            if self._opens is None or self._opens[0] != master:
                raise
            self.keyring.drop(master)
            raise Locked(*NEW_KEY) from None
        self._opens = master, wrapped

    def verify_audit(self, noted: str = "", noted_seq: int | None = None) -> AuditReport:
        with self.transaction() as store:
            return store.verify_audit(noted, noted_seq)

    def close(self) -> None:
        self.lock()
        self.engine.dispose()


class Store:
    """What one transaction may use: the session, one moment, sealing and the audit trail."""

    def __init__(self, session: Session, keyring: KeyRing, now: datetime) -> None:
        self.session, self.now = session, now
        self._keyring = keyring

    def new_client_key(self, owner: str) -> None:
        """A key of its own for a client, wrapped by the master key."""
        wrapped = self.wrapped(owner, os.urandom(KEY_BYTES))
        self.session.add(ClientKey(owner=owner, id=new_id(), wrapped=wrapped, made_at=self.now))
        self.session.flush()

    def wrapped(self, owner: str, key: bytes) -> bytes:
        """Somebody's key, as it is kept: under the master key."""
        return seal(self._keyring.key("wrap"), owner, Field.CLIENT_KEY, owner, key)

    def _key(self, owner: str) -> bytes:
        """By its id, which is asked for each time: another process may have changed or destroyed it.

        Raises NotFound where there is none, or none any more.
        """
        with self.session.no_autoflush:  # a row whose sealed column is being made is not whole yet
            row = self.session.get(ClientKey, owner)
        if row is None or not row.wrapped:
            raise NotFound()
        wrapped = row.wrapped

        def unwrap() -> bytes:
            return open_sealed(self._keyring.key("wrap"), owner, Field.CLIENT_KEY, owner, wrapped)

        return self._keyring.key(f"client:{row.id}", unwrap)

    def _office_key(self, name: str) -> bytes:
        """For what must outlive a master key: derived from the office's own, which rotation only rewraps."""
        return self._keyring.key(f"office:{name}", lambda: keys.subkey(self._key(OFFICE), name))

    def practice_id(self) -> str:
        """Says whose a backup, a key file or a list is; a new master key does not change it."""
        return self._office_key("practice").hex()[:32]

    def erased_key(self) -> bytes:
        """What the lists of the erased are authenticated by; a new master key does not change it."""
        return self._office_key("erased")

    def earlier_backup_keys(self) -> tuple[bytes, ...]:
        """What backups were sealed under before the master key was rotated, the latest first."""
        row = self.session.get(OfficeItem, EARLIER_BACKUP_KEYS)
        if row is None:
            return ()
        kept = self.open_json(OFFICE, Field.OFFICE_ITEM, row.name, row.value_sealed)
        return tuple(map(bytes.fromhex, kept))

    def keep_backup_key(self) -> None:
        """The present one joins those before, just before the master key is another."""
        self.set_earlier_backup_keys((self._keyring.key("backup"), *self.earlier_backup_keys()))

    def set_earlier_backup_keys(self, earlier: Sequence[bytes]) -> None:
        name, kept = EARLIER_BACKUP_KEYS, [key.hex() for key in earlier]
        sealed = self.seal_json(OFFICE, Field.OFFICE_ITEM, name, kept)
        self.session.merge(OfficeItem(name=name, value_sealed=sealed))
        self.session.flush()

    def seal(self, owner: str, field: Field, row: str, clear: bytes) -> bytes:
        """Encrypt under the owner's key, for this field of this row only."""
        return seal(self._key(owner), owner, field, row, clear)

    def open(self, owner: str, field: Field, row: str, sealed: bytes) -> bytes:
        """Raises Damaged where this is not what was sealed there."""
        return open_sealed(self._key(owner), owner, field, row, sealed)

    def seal_document(self, owner: str, document_id: str, clear: bytes) -> None:
        """Into its row, where there is room for it, and read back from there. Raises Damaged."""
        key, bound_to = self._key(owner), (owner, Field.DOCUMENT, document_id)
        large.write(self.session, document_id, seal_in_pieces(key, *bound_to, clear))
        with large.reading(self.session, document_id) as kept:
            if not is_sealed(key, *bound_to, clear, kept.read):
                raise Damaged(document_id)

    def seal_json(self, owner: str, field: Field, row: str, value: Any) -> bytes:
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return self.seal(owner, field, row, plain.encode())

    def open_json(self, owner: str, field: Field, row: str, sealed: bytes) -> Any:
        return json.loads(self.open(owner, field, row, sealed))

    def mac(self, purpose: str, text: str) -> str:
        """A keyed hash, for what is looked up without being kept: codes, tokens, equal files."""
        return hmac.new(self._office_key("mac"), f"{purpose}\x1f{text}".encode(), sha256).hexdigest()

    def audit(
        self,
        actor: str,
        role: str,
        device: str,
        did: Did,
        kind: str,
        object_id: str,
        outcome: str = "done",
        reason: str = "",
    ) -> None:
        """One link of the chain, in this transaction. `reason` is one of our own words, never a client's."""
        entry = AuditEntry(
            at=self.now,
            actor=actor,
            role=role,
            device=device,
            did=did,
            kind=kind,
            object=object_id,
            outcome=outcome,
            reason=reason,
        )
        audit.append(self.session, self._office_key("audit"), entry)

    def verify_audit(self, noted: str = "", noted_seq: int | None = None) -> AuditReport:
        """Walk the whole chain; `noted` is the beginning of a head that must still be in it."""
        return audit.verify(self.session, self._office_key("audit"), noted, noted_seq)
