"""What members have open of the library, kept so that its buttons outlive a restart."""

import secrets
import sqlite3
from datetime import datetime, timedelta

import msgspec

from bot.domain.ports_library import Query, Shelf
from bot.store.database import Database
from bot.store.rows import to_ms

#: After so long, the member types the command again.
KEPT_FOR = timedelta(days=30)
#: How many that are too old go with each new one: more than come, so the table never grows by them.
_AT_A_TIME = 20


class SqliteShelves:
    """The port `Shelves` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, member_id: int, query: Query, now: datetime) -> Shelf:
        """See `ports_library.Shelves`."""
        shelf = Shelf(secrets.token_hex(8), query)

        def job(db: sqlite3.Connection) -> Shelf:
            old = f"SELECT id FROM shelves WHERE created_at < ? ORDER BY created_at LIMIT {_AT_A_TIME}"
            db.execute(f"DELETE FROM shelves WHERE id IN ({old})", (to_ms(now - KEPT_FOR),))
            written = msgspec.json.encode(query).decode()
            db.execute("INSERT INTO shelves VALUES (?, ?, ?, ?)", (shelf.id, member_id, written, to_ms(now)))
            return shelf

        return await self._database.write(job)

    async def get(self, shelf_id: str, member_id: int, now: datetime) -> Shelf | None:
        """See `ports_library.Shelves`."""
        statement = "SELECT query FROM shelves WHERE id = ? AND member_id = ? AND created_at >= ?"
        values = (shelf_id, member_id, to_ms(now - KEPT_FOR))
        row = await self._database.read(lambda db: db.execute(statement, values).fetchone())
        return None if row is None else Shelf(shelf_id, msgspec.json.decode(row["query"], type=Query))
