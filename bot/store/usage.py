"""How much was asked for in a server of late, and by whom."""

import sqlite3
from datetime import datetime, timedelta

from bot.domain.ports_admin import Asked, ServerUsage
from bot.domain.task import State
from bot.store.database import Database
from bot.store.rows import to_ms

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
#: How many of those who ask most are named.
MOST_NAMED = 5

#: The index `tasks_of_server` begins with both, so what is older is not looked at.
_OF_LATE = "FROM tasks WHERE guild_id = :guild AND created_at > :month"
_ASKED = (
    f"SELECT provider, state, sum(created_at > :week) AS week, count(*) AS month {_OF_LATE}"
    " GROUP BY provider, state ORDER BY provider, state"
)
_MOST = (
    f"SELECT member_id, count(*) AS number {_OF_LATE} GROUP BY member_id ORDER BY number DESC, member_id"
    f" LIMIT {MOST_NAMED}"
)


class SqliteUsages:
    """The port `Usages` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_server(self, guild_id: int, now: datetime) -> ServerUsage:
        """See `ports_admin.Usages`."""
        values = {"guild": guild_id, "week": to_ms(now - WEEK), "month": to_ms(now - MONTH)}

        def job(db: sqlite3.Connection) -> ServerUsage:
            asked = [Asked(row[0], State(row[1]), row[2], row[3]) for row in db.execute(_ASKED, values)]
            return ServerUsage(asked, [(row[0], row[1]) for row in db.execute(_MOST, values)])

        return await self._database.read(job)
