"""The database engine: a driver and a journal that lose nothing that was acknowledged.

SQLite's WAL-reset bug (3.7.0 to 3.51.2, fixed also in 3.50.7 and 3.44.6; 3.52.0 was withdrawn) may lose
committed data, so WAL is used only where it is fixed. Python's driver loses updates by default (of 400
concurrent read-then-write increments 100 were left), so transactions begin IMMEDIATE, by our own hand. On
PostgreSQL they take turns in the same way, by a lock that each waits for before it looks at anything.
A full disk, a folder that cannot be written and a database that another program holds are said in words.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, ExceptionContext, create_engine, event

from kiosk.errors import KioskError, StoreBusy, StoreFull, StoreReadOnly, StoreTrouble
from kiosk.settings import Settings

DATABASE_FILE = "practice.db"
BUSY_MS = 10_000

# Whose turn it is, of all who use one PostgreSQL database: an advisory lock of this number, as good as any.
TURN = 7_109_251
# What a stricter transaction sees is settled when it asks for the lock, and not when it has it.
ISOLATION = "READ COMMITTED"

# https://sqlite.org/rescode.html (the low byte) and PostgreSQL's SQLSTATE.
TROUBLES: Mapping[int | str, type[StoreTrouble]] = {
    5: StoreBusy,
    6: StoreBusy,
    8: StoreReadOnly,
    10: StoreTrouble,  # an error of the disk
    11: StoreTrouble,  # the file is damaged
    13: StoreFull,
    14: StoreReadOnly,  # a file beside the database cannot be made
    26: StoreTrouble,  # no database at all
    "53100": StoreFull,
    "25006": StoreReadOnly,
    "55P03": StoreBusy,
    # Two at once in one place, which waiting for a turn keeps apart: only another program's doing is left.
    "40001": StoreBusy,
    "40P01": StoreBusy,
    "23505": StoreBusy,
}


def database_url(settings: Settings) -> str:
    return os.environ.get("DATABASE_URL") or f"sqlite:///{settings.instance / DATABASE_FILE}"


def refuse_unfinished(folder: Path) -> None:
    """Raises KioskError where a closed database left a journal, which its file alone would lack."""
    for path in folder.glob(f"{DATABASE_FILE}-*"):
        raise KioskError(f"{path.name} was left beside the database.", "Try again, in an empty folder.")


def make_engine(url: str, *, foreign_keys: bool = True) -> Engine:
    """An engine for SQLite or PostgreSQL. Errors never print parameters."""
    if not url.startswith("sqlite"):
        engine = create_engine(url, hide_parameters=True, isolation_level=ISOLATION)
        _take_turns(engine)
    else:
        driver = _driver()
        engine = create_engine(url, hide_parameters=True, **({"module": driver} if driver else {}))
        _tame(engine, foreign_keys)
    event.listen(engine, "handle_error", _in_words)
    return engine


def _in_words(context: ExceptionContext) -> None:
    """Raises StoreTrouble for what a person can mend; anything else stays what it is."""
    said = context.original_exception
    code = getattr(said, "sqlstate", None) or getattr(said, "sqlite_errorcode", 0) & 0xFF
    if trouble := TROUBLES.get(code):
        raise trouble from None


def _driver() -> Any:
    """pysqlite3 carries an SQLite of its own, where it has wheels; None is the standard library's."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return None
    return dbapi2


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug."""
    if version[:2] == (3, 52) and version < (3, 52, 1):
        return False
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def _take_turns(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql(
            f"SET LOCAL lock_timeout = {BUSY_MS}; SELECT pg_advisory_xact_lock({TURN})"
        )


def _tame(engine: Engine, foreign_keys: bool) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        version = cursor.execute("select sqlite_version()").fetchone()[0]
        wal = wal_is_safe(tuple(int(part) for part in version.split(".")))  # type: ignore[arg-type]
        for pragma, value in (
            ("busy_timeout", BUSY_MS),
            ("journal_mode", "WAL" if wal else "TRUNCATE"),
            ("synchronous", "FULL" if wal else "EXTRA"),
            ("foreign_keys", "ON" if foreign_keys else "OFF"),
            ("secure_delete", "ON"),
            ("trusted_schema", "OFF"),
            *([("fullfsync", "ON")] if sys.platform == "darwin" else []),
        ):
            cursor.execute(f"PRAGMA {pragma}={value}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
