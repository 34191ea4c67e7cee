"""What one member has used, and their data: given out, and deleted."""

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from bot.domain.ports_members import Forgotten, Message, Usage, VendorJob
from bot.store.allowance import DAY, counted, in_the_works, note_spent, waiting
from bot.store.database import Database
from bot.store.removed_words import note_removed
from bot.store.rows import from_ms, to_ms

#: What a task's row holds that its owner is not given: the secret of its callback address.
NOT_EXPORTED = frozenset({"key"})
#: Discord's ids are larger than what JSON's readers take for a whole number.
_IDS = frozenset({"member_id", "channel_id", "guild_id", "notice_id", "sent_channel_id", "message_id"})
_ADDRESSES = frozenset({"audio_url", "cover_url"})
_ADDRESS = re.compile(r"\s*[a-z]+://", re.IGNORECASE)


class SqliteMembers:
    """The port `Members` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def usage(self, member_id: int, now: datetime, per_day: int) -> Usage:
        """See `ports_members.Members`."""

        def job(db: sqlite3.Connection) -> Usage:
            times = counted(db, member_id, now, per_day)
            return Usage(
                used=len(times),
                free_at=times[-1] + DAY if times else None,
                running=in_the_works(db, member_id),
                waiting=waiting(db, member_id),
            )

        return await self._database.read(job)

    async def export(self, member_id: int) -> Mapping[str, Any]:
        """See `ports_members.Members`. Every column goes out unless it is listed above, so a new one is not missed."""
        return await self._database.read(lambda db: _export(db, member_id))

    async def messages(self, member_id: int, until: datetime) -> Sequence[Message]:
        """See `ports_members.Members`."""
        query = (
            "SELECT created_at, sent_channel_id, message_id FROM tasks"
            " WHERE member_id = :member AND created_at <= :until AND message_id IS NOT NULL AND deleted_at IS NULL"
            " UNION ALL SELECT created_at, channel_id, notice_id FROM tasks"
            " WHERE member_id = :member AND created_at <= :until AND notice_id IS NOT NULL"
            " ORDER BY 1 DESC"
        )
        values = {"member": member_id, "until": to_ms(until)}
        return await self._database.read(lambda db: [Message(row[1], row[2]) for row in db.execute(query, values)])

    async def vendor_jobs(self, member_id: int, until: datetime) -> Sequence[VendorJob]:
        """See `ports_members.Members`. A task that was made again has left a job behind each time."""
        query = (
            "SELECT created_at, provider, provider_task_id FROM tasks"
            " WHERE member_id = :member AND created_at <= :until AND provider_task_id IS NOT NULL"
            " UNION ALL SELECT tasks.created_at, earlier_jobs.provider, earlier_jobs.provider_task_id"
            " FROM tasks JOIN earlier_jobs ON earlier_jobs.task_id = tasks.id"
            " WHERE member_id = :member AND tasks.created_at <= :until ORDER BY 1 DESC"
        )
        values = {"member": member_id, "until": to_ms(until)}
        return await self._database.read(lambda db: [VendorJob(row[1], row[2]) for row in db.execute(query, values)])

    async def forget(self, member_id: int, until: datetime) -> Forgotten:
        """See `ports_members.Members`."""

        def job(db: sqlite3.Connection) -> Forgotten:
            values = (member_id, to_ms(until))
            note_spent(db, member_id, until)
            likes = db.execute("DELETE FROM likes WHERE member_id = ? AND liked_at <= ?", values)
            db.execute("DELETE FROM shelves WHERE member_id = ? AND created_at <= ?", values)
            db.execute("DELETE FROM personas WHERE member_id = ? AND created_at <= ?", values)
            tasks = db.execute("DELETE FROM tasks WHERE member_id = ? AND created_at <= ?", values)
            note_removed(db)
            return Forgotten(tasks.rowcount, likes.rowcount)

        return await self._database.write(job)

    async def task_of(self, message: Message) -> str | None:
        """See `ports_members.Members`."""
        query = "SELECT id FROM tasks WHERE message_id = ? AND sent_channel_id = ?"
        values = (message.message_id, message.channel_id)
        row = await self._database.read(lambda db: db.execute(query, values).fetchone())
        return None if row is None else str(row["id"])


def _export(db: sqlite3.Connection, member_id: int) -> dict[str, Any]:
    def rows(query: str) -> list[dict[str, Any]]:
        return [_plain(row) for row in db.execute(query, (member_id,))]

    tracks = rows(
        "SELECT tracks.* FROM tracks JOIN tasks ON tasks.id = tracks.task_id WHERE tasks.member_id = ?"
        " ORDER BY tasks.created_at, tracks.task_id, number"
    )
    return {
        "member_id": str(member_id),
        "tasks": rows("SELECT * FROM tasks WHERE member_id = ? ORDER BY created_at, id"),
        "tracks": tracks,
        "earlier_jobs": rows(
            "SELECT earlier_jobs.* FROM earlier_jobs JOIN tasks ON tasks.id = task_id WHERE member_id = ?"
            " ORDER BY created_at, provider_task_id"
        ),
        "likes": rows("SELECT * FROM likes WHERE member_id = ? ORDER BY liked_at, task_id"),
        "shelves": rows("SELECT * FROM shelves WHERE member_id = ? ORDER BY created_at, id"),
        "personas": rows("SELECT * FROM personas WHERE member_id = ? ORDER BY created_at, id"),
        "spent": rows("SELECT * FROM spent WHERE member_id = ? ORDER BY created_at"),
    }


def _plain(row: sqlite3.Row) -> dict[str, Any]:
    return {name: _value(name, row[name]) for name in row.keys() if name not in NOT_EXPORTED}  # noqa: SIM118 - a Row iterates values


def _value(name: str, value: Any) -> Any:
    """Return a stored value as JSON's readers understand it: ids as text, times in words, the request opened."""
    if value is None:
        return None
    if name in _IDS:
        return str(value)
    if name.endswith("_at"):
        return from_ms(value).isoformat(timespec="milliseconds")
    if name in ("request", "query"):
        return json.loads(value)
    if name == "extra":
        return _opened(json.loads(value)) if value else {}
    return without_secrets(value) if name in _ADDRESSES else value


def _opened(value: Any, deepest: int = 20) -> Any:
    """Return what a provider told besides, with every address in it as those of the files are given out."""
    if isinstance(value, dict | list) and not deepest:
        return None
    if isinstance(value, dict):
        return {name: _opened(inner, deepest - 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_opened(inner, deepest - 1) for inner in value]
    return without_secrets(value) if isinstance(value, str) and _ADDRESS.match(value) else value


def without_secrets(address: str) -> str:
    """Leave out what an address may be signed with: whoever has it could use it in our name."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
