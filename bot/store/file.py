"""The database's file itself: made whole or not at all, and looked at, because SQLite writes to a deleted one too."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.domain.errors import StartRefused
from bot.store.migrate import migrate

#: How long emptying the log waits for a reader: every write waits behind it, and it can be tried again.
EMPTYING_SECONDS = 0.1


def prepare(path: Path) -> None:
    """Make the file where there is none. Raises StartRefused where there was one: SQLite would begin afresh."""
    log = wal_of(path)
    if not path.exists():
        if log.exists() and log.stat().st_size:
            raise StartRefused(f"{path} is gone, but its log {log.name} is not: restore both, or move the log away.")
        _create(path)
    elif path.stat().st_size == 0:
        raise StartRefused(f"The database {path} is empty (0 bytes): restore a backup, or delete it to begin afresh.")


def _create(path: Path) -> None:
    """Make it beside its place first: killed in between, there is still none, never an empty one."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
        migrate(connection, fresh)
    fresh.replace(path)


def wal_of(path: Path) -> Path:
    """Return SQLite's write-ahead log of the database at `path`."""
    return path.with_name(f"{path.name}-wal")


def write_log_back(connection: sqlite3.Connection) -> bool:
    """Write as much of the log back into the file as no reader still needs; say whether that was all."""
    busy, pages, written = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return not busy and pages == written


def empty_log(connection: sqlite3.Connection) -> bool:
    """Write the log back and cut it to nothing; say whether no reader was in the way."""
    patience = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute(f"PRAGMA busy_timeout = {EMPTYING_SECONDS * 1000:.0f}")
    try:
        return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        connection.execute(f"PRAGMA busy_timeout = {patience}")


class OpenFiles:
    """Remembers which files the connections have open, and says when those are not the ones at their paths."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = {file: _identity(file.stat()) for file in (path, wal_of(path))}
        self._size = 0

    def trouble(self) -> str:
        """Return what is wrong, or nothing. Costs two `stat`.

        That another program wrote into the file cannot be told: a backup's checkpoint does so rightly. But nobody makes
        it shorter except VACUUM, and `cp` of an older copy.
        """
        size = self._size  # before the look: the other thread may see the file grow meanwhile
        for file, known in self._known.items():
            try:
                now = file.stat()
            except OSError as error:
                return f"{file} is gone ({error.strerror})"
            if _identity(now) != known:
                return f"{file} was replaced by another file"
            if file == self._path:
                if now.st_size == 0:
                    return f"{file} was emptied"
                if now.st_size < size:
                    return f"{file} was cut short, or overwritten with an older copy"
                self._size = now.st_size
        return ""


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
