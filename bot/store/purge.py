"""What is removed by age, in steps that hold nobody up."""

import sqlite3
from collections.abc import Set
from datetime import datetime

from bot.domain.errors import Failure
from bot.store.allowance import DAY
from bot.store.database import Database
from bot.store.moves import fail
from bot.store.news import STRAY_DAYS
from bot.store.removed_words import RemovedWords, note_removed
from bot.store.rows import encode_request, many_tasks, maybe_from_ms, to_ms

#: Rows that one commit removes or empties at most: a member's command that waits behind it does not notice.
AT_A_TIME = 500

#: `callbacks` has no part in any of this: what was taken in once is known for good.
_ENDED = "state IN ('failed', 'completed', 'cancelled')"
#: As the index `tasks_with_words` has it.
_WITH_WORDS = f"words_removed_at IS NULL AND {_ENDED} AND delivery IN ('none', 'sent')"
#: A server's tasks may be many, those that wait are few: hence the index by name.
_WAITING = (
    "SELECT id FROM tasks INDEXED BY tasks_due WHERE due_at IS NOT NULL AND state = 'waiting'"
    " AND guild_id IN (SELECT guild_id FROM left_servers)"
)
#: From one server to the next in the index, without a look at each of its tasks.
_SERVERS = (
    "WITH RECURSIVE servers (id) AS (SELECT min(guild_id) FROM tasks WHERE guild_id IS NOT NULL UNION ALL"
    " SELECT (SELECT min(guild_id) FROM tasks WHERE guild_id > servers.id) FROM servers WHERE servers.id IS NOT NULL)"
    " SELECT id FROM servers WHERE id IS NOT NULL UNION SELECT guild_id FROM personas WHERE guild_id IS NOT NULL"
)


class SqlitePurging:
    """The port `Purging` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database, self._removed = database, RemovedWords(database)

    async def left(self, guild_id: int, now: datetime, purge_at: datetime) -> None:
        """See `ports_purge.Purging`."""
        await self._database.write(lambda db: _note_left(db, guild_id, now, purge_at))

    async def returned(self, guild_id: int) -> None:
        """See `ports_purge.Purging`."""
        await self._database.write(lambda db: _forget_server(db, guild_id))

    async def present(self, guild_ids: Set[int], now: datetime, purge_at: datetime) -> int:
        """See `ports_purge.Purging`."""

        def job(db: sqlite3.Connection) -> int:
            known = {row["guild_id"] for row in db.execute("SELECT guild_id FROM left_servers")}
            for guild_id in known & guild_ids:
                _forget_server(db, guild_id)
            left = {row["id"] for row in db.execute(_SERVERS)} - guild_ids - known
            for guild_id in left:
                _note_left(db, guild_id, now, purge_at)
            return len(left)

        return await self._database.write(job)

    async def close_waiting(self, now: datetime) -> int:
        """See `ports_purge.Purging`."""

        def job(db: sqlite3.Connection) -> int:
            waiting = [row["id"] for row in db.execute(f"{_WAITING} LIMIT {AT_A_TIME}")]
            return sum(fail(db, task_id, Failure.LEFT, "", now) for task_id in waiting)

        return await self._database.write(job)

    async def remove_left(self, now: datetime, again_at: datetime) -> bool:
        """See `ports_purge.Purging`. The server is forgotten with the last of its tasks."""

        def job(db: sqlite3.Connection) -> bool:
            query = "SELECT guild_id FROM left_servers WHERE purge_at <= ? ORDER BY purge_at LIMIT 1"
            row = db.execute(query, (to_ms(now),)).fetchone()
            if row is None:
                return False
            if not _remove_some(db, row["guild_id"]):
                _end_or_wait(db, row["guild_id"], again_at)
            return True

        return await self._database.write(job)

    async def remove_words(self, finished_before: datetime, now: datetime) -> int:
        """See `ports_purge.Purging`. A track's title stays: it is the name it was posted under."""

        def job(db: sqlite3.Connection) -> int:
            where = f"{_WITH_WORDS} AND finished_at <= ? ORDER BY finished_at LIMIT {AT_A_TIME}"
            tasks = many_tasks(db, where, to_ms(finished_before))
            emptied = [(encode_request(task.request.without_words), to_ms(now), task.id) for task in tasks]
            db.executemany("UPDATE tasks SET request = ?, detail = '', words_removed_at = ? WHERE id = ?", emptied)
            db.executemany(
                "UPDATE tracks SET lyrics = '', style = '', extra = '' WHERE task_id = ?", [(one.id,) for one in tasks]
            )
            if tasks:
                note_removed(db)
            return len(tasks)

        return await self._database.write(job)

    async def remove_leftovers(self, now: datetime) -> int:
        """See `ports_purge.Purging`."""

        def job(db: sqlite3.Connection) -> int:
            return _remove_aged(db, "strays", "received_at", to_ms(now - STRAY_DAYS)) + _remove_aged(
                db, "spent", "created_at", to_ms(now - DAY)
            )

        return await self._database.write(job)

    async def clear_removed(self) -> bool:
        """See `ports_purge.Purging`."""
        return await self._removed.clear()

    async def has_removed(self) -> bool:
        """See `ports_purge.Purging`."""
        return await self._removed.waiting()

    async def next_server(self) -> datetime | None:
        """See `ports_purge.Purging`."""
        return await self._database.read(lambda db: _earliest(db, "SELECT min(purge_at) FROM left_servers"))

    async def next_words(self) -> datetime | None:
        """See `ports_purge.Purging`."""
        query = f"SELECT min(finished_at) FROM tasks WHERE {_WITH_WORDS}"
        return await self._database.read(lambda db: _earliest(db, query))

    async def next_leftover(self) -> datetime | None:
        """See `ports_purge.Purging`."""

        def job(db: sqlite3.Connection) -> datetime | None:
            stray = _earliest(db, "SELECT min(received_at) FROM strays")
            spent = _earliest(db, "SELECT min(created_at) FROM spent")
            ends = [stray and stray + STRAY_DAYS, spent and spent + DAY]
            return min((end for end in ends if end), default=None)

        return await self._database.read(job)

    async def has_waiting(self) -> bool:
        """See `ports_purge.Purging`."""
        return await self._database.read(lambda db: db.execute(f"{_WAITING} LIMIT 1").fetchone() is not None)


def _note_left(db: sqlite3.Connection, guild_id: int, now: datetime, purge_at: datetime) -> None:
    db.execute("INSERT OR IGNORE INTO left_servers VALUES (?, ?, ?)", (guild_id, to_ms(now), to_ms(purge_at)))


def _forget_server(db: sqlite3.Connection, guild_id: int) -> None:
    db.execute("DELETE FROM left_servers WHERE guild_id = ?", (guild_id,))


def _remove_some(db: sqlite3.Connection, guild_id: int) -> int:
    """Remove personas of a server, and ended tasks with their tracks and likes; return how many of both."""
    ended = f"SELECT rowid FROM tasks WHERE guild_id = ? AND {_ENDED} AND delivery NOT IN ('ready', 'sending')"
    removed = db.execute(f"DELETE FROM tasks WHERE rowid IN ({ended} LIMIT {AT_A_TIME})", (guild_id,)).rowcount
    if removed:
        note_removed(db)
    its_personas = f"SELECT rowid FROM personas WHERE guild_id = ? LIMIT {AT_A_TIME}"
    personas = db.execute(f"DELETE FROM personas WHERE rowid IN ({its_personas})", (guild_id,)).rowcount
    return removed + personas


def _end_or_wait(db: sqlite3.Connection, guild_id: int, again_at: datetime) -> None:
    """Forget a server without tasks; with an open one, which goes on to its end, come back for it."""
    if db.execute("SELECT 1 FROM tasks WHERE guild_id = ? LIMIT 1", (guild_id,)).fetchone() is None:
        _forget_server(db, guild_id)
    else:
        db.execute("UPDATE left_servers SET purge_at = ? WHERE guild_id = ?", (to_ms(again_at), guild_id))


def _remove_aged(db: sqlite3.Connection, table: str, column: str, until: int) -> int:
    aged = f"SELECT rowid FROM {table} WHERE {column} <= ? LIMIT {AT_A_TIME}"
    return db.execute(f"DELETE FROM {table} WHERE rowid IN ({aged})", (until,)).rowcount


def _earliest(db: sqlite3.Connection, query: str) -> datetime | None:
    return maybe_from_ms(db.execute(query).fetchone()[0])
