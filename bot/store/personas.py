"""Members' personas."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from bot.domain.ports_personas import MADE_WITHIN, MOST_PERSONAS, BadPersona, Persona, Trouble
from bot.store.allowance import check_day
from bot.store.database import Database
from bot.store.rows import from_ms, to_ms

#: As the index `personas_of_member` has it.
_OF_MEMBER = "member_id = ? AND coalesce(guild_id, 0) = coalesce(?, 0)"


class SqlitePersonas:
    """The port `Personas` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(self, persona: Persona, now: datetime, per_day: int) -> None:
        """See `ports_personas.Personas`."""
        await self._database.write(lambda db: _reserve(db, persona, now, per_day))

    async def made(self, own_id: str, persona_id: str) -> bool:
        """See `ports_personas.Personas`."""
        statement = "UPDATE personas SET persona_id = ? WHERE id = ?"
        return await self._database.write(lambda db: db.execute(statement, (persona_id, own_id)).rowcount == 1)

    async def not_made(self, own_id: str) -> None:
        """See `ports_personas.Personas`."""
        await self._database.write(lambda db: _remove(db, own_id))

    async def remove(self, own_id: str) -> bool:
        """See `ports_personas.Personas`."""

        def job(db: sqlite3.Connection) -> bool:
            db.execute("INSERT INTO spent SELECT member_id, created_at FROM personas WHERE id = ?", (own_id,))
            return _remove(db, own_id)

        return await self._database.write(job)

    async def here(self, member_id: int, guild_id: int | None) -> Sequence[Persona]:
        """See `ports_personas.Personas`."""
        where, values = (_OF_MEMBER, (member_id, None)) if guild_id is None else ("guild_id = ?", (guild_id,))
        query = f"SELECT * FROM personas WHERE {where} ORDER BY member_id != ?, name_key, created_at, id"
        return await self._database.read(lambda db: [_persona(row) for row in db.execute(query, (*values, member_id))])

    async def own_elsewhere(self, member_id: int, guild_id: int | None, key: str) -> bool:
        """See `ports_personas.Personas`."""
        query = "SELECT 1 FROM personas WHERE member_id = ? AND guild_id IS NOT ? AND ? IN (name_key, id) LIMIT 1"
        values = (member_id, guild_id, key)
        return await self._database.read(lambda db: db.execute(query, values).fetchone() is not None)


def _remove(db: sqlite3.Connection, own_id: str) -> bool:
    return db.execute("DELETE FROM personas WHERE id = ?", (own_id,)).rowcount == 1


def _reserve(db: sqlite3.Connection, persona: Persona, now: datetime, per_day: int) -> None:
    place = (persona.member_id, persona.guild_id)
    cut_off = f"DELETE FROM personas WHERE {_OF_MEMBER} AND name_key = ? AND persona_id = '' AND created_at <= ?"
    db.execute(cut_off, (*place, persona.key, to_ms(now - MADE_WITHIN)))
    keys = [row["name_key"] for row in db.execute(f"SELECT name_key FROM personas WHERE {_OF_MEMBER}", place)]
    if persona.key in keys:
        raise BadPersona(Trouble.NAME_TAKEN, persona.name)
    if len(keys) >= MOST_PERSONAS:
        raise BadPersona(Trouble.TOO_MANY)
    check_day(db, persona.member_id, now, per_day)
    row = (persona.id, *place, persona.name, persona.key, persona.provider, persona.persona_id, to_ms(now))
    db.execute("INSERT INTO personas VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)


def _persona(row: sqlite3.Row) -> Persona:
    return Persona(
        id=row["id"],
        name=row["name"],
        member_id=row["member_id"],
        guild_id=row["guild_id"],
        provider=row["provider"],
        persona_id=row["persona_id"],
        created_at=from_ms(row["created_at"]),
    )
