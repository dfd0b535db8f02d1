"""The master key in memory, in each process; and how unlocking and locking reach them all.

One process (the supervisor) holds a KeyServer; every other holds a KeyLink to it. The key travels over a
local connection that both ends authenticate, never through the environment or the disk.
"""

import logging
import threading
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener

from kiosk.errors import Locked
from kiosk.vault.keys import subkey

log = logging.getLogger(__name__)

LOCK = b"lock"
RETRY_SECONDS = 0.3


class KeyRing:
    """Holds the master key while the practice is unlocked, and what was derived from it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._master: bytes | None = None
        self._cache: dict[str, bytes] = {}
        self.on_change: list[Callable[[bytes | None], None]] = []
        self.on_forget: list[Callable[[], None]] = []

    @property
    def is_unlocked(self) -> bool:
        return self._master is not None

    def set(self, master: bytes | None, *, announce: bool = True) -> None:
        """Take or drop the key; whatever was derived from an earlier one is forgotten."""
        with self._lock:
            self._master = master
            self._cache.clear()
        for forget in list(self.on_forget):
            forget()
        if announce:
            for tell in list(self.on_change):
                tell(master)

    def drop(self, master: bytes) -> None:
        """Forget this key, unless there is another one by now."""
        if self._master == master:
            self.set(None)

    def master(self) -> bytes:
        """Raises Locked."""
        master = self._master
        if master is None:
            raise Locked()
        return master

    def key(self, name: str, make: Callable[[], bytes] | None = None) -> bytes:
        """A derived key, or one that `make` unwraps; kept until the practice is locked. Raises Locked."""
        master = self.master()
        with self._lock:
            if name in self._cache:
                return self._cache[name]
        found = make() if make else subkey(master, name)
        with self._lock:
            if self._master is master:
                self._cache[name] = found
        return found

    def forget(self, name: str) -> None:
        with self._lock:
            self._cache.pop(name, None)


class KeyServer:
    """Holds the key for all processes of one `kiosk serve`, and passes each change on."""

    def __init__(self, address: str, authkey: bytes) -> None:
        self._listener = Listener(address, authkey=authkey)
        self._links: list[Connection] = []
        self._lock = threading.Lock()
        self._master: bytes | None = None
        self._stopped = threading.Event()

    def start(self, master: bytes | None = None) -> None:
        self._master = master
        threading.Thread(target=self._accept, name="key-server", daemon=True).start()

    @property
    def master(self) -> bytes | None:
        return self._master

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                link = self._listener.accept()
            except (OSError, EOFError):  # who asked died meanwhile: whoever comes next is answered
                self._stopped.wait(RETRY_SECONDS)
                continue
            except Exception:  # a stranger without the authkey
                log.warning({"event": "a connection to the key server was refused"})
                continue
            if self._greet(link):
                threading.Thread(target=self._listen, args=(link,), name="key-link", daemon=True).start()

    def _greet(self, link: Connection) -> bool:
        """Say the key; whether somebody was still there to hear it."""
        with self._lock:
            try:
                link.send_bytes(self._master or LOCK)
            except OSError:
                link.close()
                return False
            self._links.append(link)
        return True

    def _listen(self, link: Connection) -> None:
        while True:
            try:
                said = link.recv_bytes(1024)
            except (OSError, EOFError):
                with self._lock:
                    if link in self._links:
                        self._links.remove(link)
                return
            self.set(None if said == LOCK else said)

    def set(self, master: bytes | None) -> None:
        """Tell every process, at once."""
        with self._lock:
            self._master = master
            for link in list(self._links):
                try:
                    link.send_bytes(master or LOCK)
                except OSError:
                    self._links.remove(link)

    def stop(self) -> None:
        self._stopped.set()
        self._listener.close()
        with self._lock:
            for link in self._links:
                link.close()


class KeyLink:
    """Keeps one process's keyring current with the server's, and passes its own changes on."""

    def __init__(self, address: str, authkey: bytes, keyring: KeyRing) -> None:
        self._address, self._authkey, self._keyring = address, authkey, keyring
        self._link: Connection | None = None
        self._stopped = threading.Event()
        keyring.on_change.append(self._tell)

    def start(self) -> None:
        threading.Thread(target=self._run, name="key-link", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()
        if self._link is not None:
            self._link.close()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with Client(self._address, authkey=self._authkey) as self._link:
                    while True:
                        said = self._link.recv_bytes(1024)
                        self._keyring.set(None if said == LOCK else said, announce=False)
            except (OSError, EOFError, AuthenticationError):
                self._stopped.wait(RETRY_SECONDS)

    def _tell(self, master: bytes | None) -> None:
        if self._link is not None:
            self._link.send_bytes(master or LOCK)
