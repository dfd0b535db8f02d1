"""Nothing of what was overwritten stays in the files: SQLite's log is written back and cut to nothing.

`secure_delete` overwrites what is deleted, but the log beside the database keeps older pages until it is cut
(measured: a deleted word stood once in it until the checkpoint, then nowhere).
"""

from sqlalchemy import Engine

TRIES = 3  # each waits as long as the engine waits for a lock


def scrub(engine: Engine) -> bool:
    """Whether the log is empty now; another process that reads may hold it for a while.

    A rollback journal and PostgreSQL keep no such log of ours.
    """
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        for _ in range(TRIES):
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            row = cursor.fetchone()
            if row is not None and not row[0]:
                return True
    finally:
        connection.close()
    return False
