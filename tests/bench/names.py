"""Finding clients by name: our index in memory against a blind index in the database, in the same run.

`python -m tests.bench.names 1000000` measures one size, in a process of its own, and prints JSON. The blind
index is what one would have instead: of each word of a name, a keyed hash of each of its beginnings.
"""

import gc
import hmac
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count, islice
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import insert, text

from kiosk.actions.practice import now
from kiosk.settings import Settings
from kiosk.vault import Field, KeyCosts, Store, Vault, new_id, tables
from kiosk.vault.asked import LEAST_LETTERS, folded
from kiosk.vault.cipher import KEY_BYTES, seal
from kiosk.vault.engine import DATABASE_FILE
from kiosk.vault.names import MOST

SIZES = (1_000, 100_000)
SEARCHES = 40
AT_ONCE = 10_000
BEGINNINGS = range(LEAST_LETTERS, 9)  # how many letters of a word the blind index keeps
MAC_BYTES = 8
SYLLABLES = (
    "an be da el fi go ha in jo ka li ma na or pe ro sa ta ul vi wen zo ber den lin mar son ton".split()
)

Names = dict[str, str]  # by the client's id


def people(number: int) -> Iterator[str]:
    """Names as uneven as names are: few that many bear, and many that few bear."""
    rng = random.Random(11)
    given, family = _words(rng, 400), _words(rng, 20_000)
    firsts, lasts = (
        rng.choices(words, [1 / (rank + 3) for rank in range(len(words))], k=number)
        for words in (given, family)
    )
    return (f"{first} {last}" for first, last in zip(firsts, lasts, strict=True))


def _words(rng: random.Random, number: int) -> list[str]:
    return ["".join(rng.choices(SYLLABLES, k=rng.choice((2, 3, 4)))).title() for _ in range(number)]


def in_lots(names: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    rest = iter(names)
    while lot := list(islice(rest, AT_ONCE)):
        yield lot


def settle(vault: Vault, names: Names) -> None:
    """Each client with a key of their own, sealed as the store does it, but many at once."""
    entered = (now() - timedelta(days=1000) + timedelta(seconds=n) for n in count())
    for lot in in_lots(names.items()):
        with vault.transaction() as store:
            rows = [_rows(vault, client_id, name, next(entered)) for client_id, name in lot]
            store.session.execute(insert(tables.ClientKey), [key for key, _ in rows])
            store.session.execute(insert(tables.Client), [client for _, client in rows])


def _rows(vault: Vault, owner: str, name: str, at: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    key = os.urandom(KEY_BYTES)
    profile = json.dumps({"name": name, "born": "1971-11-03", "lang": "en", "places": {}}).encode()
    wrapped = seal(vault.keyring.key("wrap"), owner, Field.CLIENT_KEY, owner, key)
    sealed = seal(key, owner, Field.PROFILE, owner, profile)
    return (
        {"id": new_id(), "owner": owner, "wrapped": wrapped, "made_at": at},
        {"id": owner, "profile_sealed": sealed, "made_at": at, "changed_at": at},
    )


@dataclass(frozen=True)
class Blind:
    """The other way: no names in memory, keyed hashes of their beginnings at rest."""

    vault: Vault

    def build(self, names: Names) -> None:
        with self.vault.transaction() as store:
            store.session.execute(
                text("create table blind (mac blob, client text, primary key (mac, client)) without rowid")
            )
        for lot in in_lots(names.items()):
            rows = [{"m": mac, "c": client} for client, name in lot for mac in self._macs(name)]
            with self.vault.transaction() as store:
                store.session.execute(text("insert into blind values (:m, :c)"), rows)

    def _macs(self, name: str) -> set[bytes]:
        words = folded(name).split()
        return {self._mac(word[:size]) for word in words for size in BEGINNINGS if len(word) >= size}

    def _mac(self, start: str) -> bytes:
        return hmac.digest(self.vault.keyring.key("mac"), start.encode(), sha256)[:MAC_BYTES]

    def find(self, store: Store, asked: str) -> list[str]:
        """The same ten as ours: each that may be meant is decrypted, to be sure of it and to sort."""
        wanted = folded(asked).split()
        macs = {f"m{n}": self._mac(word[: max(BEGINNINGS)]) for n, word in enumerate(wanted)}
        each = (f"select client from blind where mac = :{name}" for name in macs)
        hits = store.session.scalars(text(" intersect ".join(each)), macs).all()
        names = (self._name(store, client_id) for client_id in hits)
        found = [name for name in names if _fits(name, wanted)]
        return sorted(found, key=folded)[:MOST]

    @staticmethod
    def _name(store: Store, client_id: str) -> str:
        row = store.session.get_one(tables.Client, client_id)
        return str(store.open_json(client_id, Field.PROFILE, client_id, row.profile_sealed)["name"])


def _fits(name: str, wanted: list[str]) -> bool:
    words = folded(name).split()
    return all(any(word.startswith(start) for word in words) for start in wanted)


def questions(names: Names) -> list[str]:
    """What somebody types at the desk: three letters of a word, or of two."""
    rng = random.Random(12)
    asked = []
    for name in rng.sample(list(names.values()), SEARCHES):
        first, last = name.split()
        asked.append(rng.choice((last[:3], f"{first[:3]} {last[:3]}")))
    return asked


def took(do: Callable[[], object]) -> float:
    """In milliseconds."""
    begun = time.perf_counter()
    do()
    return (time.perf_counter() - begun) * 1000


def resident_mb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def compare(number: int, folder: Path) -> dict[str, float]:
    """All figures of one size. Both ways must give the same names."""
    (folder / "practice.toml").write_text('practice_name = "A"\ntime_zone = "UTC"\n', encoding="utf-8")
    vault = Vault(Settings.load(folder), now, KeyCosts(8, 1, 1))
    vault.create("a passphrase")
    names = {new_id(): name for name in people(number)}
    settle(vault, names)
    asked, blind, figures = questions(names), Blind(vault), {}
    before = resident_mb()
    with vault.transaction() as store:
        figures["build"] = took(lambda: vault.names.find(store, "no such name"))
    figures["memory_mb"] = resident_mb() - before
    size = (folder / DATABASE_FILE).stat().st_size
    figures["blind_build"] = took(lambda: blind.build(names))
    _checkpoint(vault)
    figures["blind_mb"] = ((folder / DATABASE_FILE).stat().st_size - size) / 1e6
    ours, theirs = [], []
    for one in asked:
        with vault.transaction() as store:
            ours.append(took(lambda: vault.names.find(store, one)))  # noqa: B023
            found = [hit.name for hit in vault.names.find(store, one)]
        with vault.transaction() as store:
            theirs.append(took(lambda: blind.find(store, one)))  # noqa: B023
            assert blind.find(store, one) == found, one
    figures |= {"search": median(ours), "search_worst": max(ours)}
    figures |= {"blind_search": median(theirs), "blind_search_worst": max(theirs)}
    vault.close()
    return figures


def _checkpoint(vault: Vault) -> None:
    with vault.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")


def measure() -> list[dict[str, Any]]:
    rows = []
    for size in SIZES:
        command = [sys.executable, "-m", "tests.bench.names", str(size)]
        said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        rows += [
            _row(f"names of {size:,}: build against a blind index", said["build"], said["blind_build"]),
            _row(f"names of {size:,}: search against a blind index", said["search"], said["blind_search"]),
        ]
    return rows


def _row(what: str, ours: float, plain: float) -> dict[str, Any]:
    return {"what": what, "ours": ours, "plain": plain, "unit": "ms"}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        said = compare(int(sys.argv[1]), Path(scratch))
    print(json.dumps({name: round(figure, 2) for name, figure in said.items()}))
