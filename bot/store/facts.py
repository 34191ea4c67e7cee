"""Small facts the bot keeps about itself."""

from bot.store.database import Database


class SqliteFacts:
    """Named texts that outlive the process."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> str | None:
        """Return the fact, or None."""
        query = "SELECT value FROM facts WHERE name = ?"
        row = await self._database.read(lambda db: db.execute(query, (name,)).fetchone())
        return None if row is None else str(row["value"])

    async def put(self, name: str, value: str) -> None:
        """Keep the fact."""
        statement = "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        await self._database.write(lambda db: db.execute(statement, (name, value)).rowcount)
