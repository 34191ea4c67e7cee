"""Queued lines that do not say yet what happened to their task."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.task import Task
from bot.store.allowance import place
from bot.store.database import Database
from bot.store.rows import earliest, many_tasks, maybe_ms, to_ms


class SqliteTellings:
    """The port `Tellings` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def to_tell(self, now: datetime, limit: int) -> Sequence[Task]:
        """See `ports.Tellings`."""
        where = "tell_at <= ? ORDER BY tell_at LIMIT ?"
        return await self._database.read(lambda db: many_tasks(db, where, to_ms(now), limit))

    async def told(self, task: Task) -> None:
        """See `ports.Tellings`. What came meanwhile is still to be told."""
        statement = (
            "UPDATE tasks SET tell_at = NULL"
            " WHERE id = ? AND state = ? AND delivery = ? AND provider = ? AND tell_at IS ?"
        )
        values = (task.id, task.state.value, task.delivery.value, task.provider, maybe_ms(task.tell_at))
        await self._database.write(lambda db: db.execute(statement, values).rowcount)

    async def tell_later(self, task_id: str, until: datetime | None) -> None:
        """See `ports.Tellings`."""
        statement = "UPDATE tasks SET tell_at = ? WHERE id = ? AND tell_at IS NOT NULL"
        await self._database.write(lambda db: db.execute(statement, (maybe_ms(until), task_id)).rowcount)

    async def place(self, task_id: str) -> int | None:
        """See `ports.Tellings`."""
        return await self._database.read(lambda db: place(db, task_id))

    async def next_telling(self) -> datetime | None:
        """See `ports.Tellings`."""
        return await self._database.read(lambda db: earliest(db, "tell_at"))
