"""What members do with posted cards."""

import sqlite3
from datetime import datetime

from bot.domain.errors import NotATrack
from bot.domain.ports import Posted
from bot.store.database import Database
from bot.store.removed_words import note_removed
from bot.store.rows import to_ms


class SqliteCards:
    """The port `Cards` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def like(self, task_id: str, member_id: int, now: datetime) -> int:
        """See `ports.Cards`."""

        def job(db: sqlite3.Connection) -> int:
            if db.execute("SELECT 1 FROM tasks WHERE id = ?", (task_id,)).fetchone() is None:
                raise NotATrack
            taken_back = db.execute("DELETE FROM likes WHERE task_id = ? AND member_id = ?", (task_id, member_id))
            if not taken_back.rowcount:
                db.execute("INSERT INTO likes VALUES (?, ?, ?)", (task_id, member_id, to_ms(now)))
            return _count(db, task_id)

        return await self._database.write(job)

    async def likes(self, task_id: str) -> int:
        """See `ports.Cards`."""
        return await self._database.read(lambda db: _count(db, task_id))

    async def extra(self, task_id: str) -> str:
        """See `ports.Cards`."""
        query = "SELECT extra FROM tracks WHERE task_id = ? ORDER BY number LIMIT 1"
        row = await self._database.read(lambda db: db.execute(query, (task_id,)).fetchone())
        return "" if row is None else str(row["extra"])

    async def posted(self, task_id: str) -> Posted | None:
        """See `ports.Cards`."""
        query = (
            "SELECT sent_channel_id, message_id FROM tasks WHERE id = ? AND delivery = 'sent' AND deleted_at IS NULL"
        )
        row = await self._database.read(lambda db: db.execute(query, (task_id,)).fetchone())
        return None if row is None else Posted(row["sent_channel_id"], row["message_id"])

    async def deleted(self, task_id: str, now: datetime) -> None:
        """See `ports.Cards`."""

        def job(db: sqlite3.Connection) -> None:
            db.execute("UPDATE tasks SET deleted_at = ?, tell_at = NULL WHERE id = ?", (to_ms(now), task_id))
            note_removed(db)

        await self._database.write(job)


def _count(db: sqlite3.Connection, task_id: str) -> int:
    return int(db.execute("SELECT count(*) FROM likes WHERE task_id = ?", (task_id,)).fetchone()[0])
