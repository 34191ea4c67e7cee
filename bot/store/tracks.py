"""Finished tracks: which of them a member may mean, and their titles."""

import json
import sqlite3
from collections.abc import Mapping

import msgspec

from bot.domain.ports_library import Scope, Viewer
from bot.domain.ports_tracks import Offer
from bot.domain.task import Request
from bot.domain.track import Track
from bot.store.database import Database
from bot.store.library_search import visible
from bot.store.rows import read_track

#: So many of the member's own and of the channel's are offered; what is older is found by its words.
MOST_RECENT = 200

_OFFER = (
    "SELECT library.id, library.task_id, library.number, tasks.request, tracks.title, tracks.style"
    " FROM library JOIN tasks ON tasks.id = library.task_id"
    " JOIN tracks ON tracks.task_id = library.task_id AND tracks.number = library.number"
)


class SqliteTracks:
    """The port `Tracks` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recent(self, viewer: Viewer, *, own: bool) -> list[Offer]:
        """See `ports_tracks.Tracks`."""
        scopes = (Scope.MINE,) if own else (Scope.MINE, Scope.CHANNEL)

        def job(db: sqlite3.Connection) -> list[Offer]:
            found = {row["id"]: row for scope in scopes for row in _rows(db, viewer, scope)}
            return [_offer(found[one]) for one in sorted(found, reverse=True)]

        return await self._database.read(job)

    async def card_deleted(self, viewer: Viewer, task_id: str) -> bool:
        """See `ports_tracks.Tracks`. Of others' cards only those in the channel it is asked in are spoken of.

        And only to members who may read what was posted there: others never could see the card.
        """
        query = (
            "SELECT EXISTS (SELECT 1 FROM tasks WHERE id = :task AND deleted_at IS NOT NULL AND (member_id = :member"
            " OR (guild_id = :guild AND channel_id = :channel AND sent_channel_id = :channel"
            " AND :channel IN (SELECT value FROM json_each(:channels))"
            " AND NOT coalesce(json_extract(request, '$.private'), 0))))"
        )
        values = {
            "task": task_id,
            "member": viewer.member_id,
            "guild": viewer.guild_id,
            "channel": viewer.channel_id,
            "channels": json.dumps(sorted(viewer.channels)),
        }
        return await self._database.read(lambda db: bool(db.execute(query, values).fetchone()[0]))

    async def of(self, task_id: str) -> Mapping[int, Track]:
        """See `ports_tracks.Tracks`."""
        query = "SELECT * FROM tracks WHERE task_id = ? ORDER BY number"
        rows = await self._database.read(lambda db: db.execute(query, (task_id,)).fetchall())
        return {row["number"]: read_track(row) for row in rows}

    async def rename(self, task_id: str, number: int, title: str) -> bool:
        """See `ports_tracks.Tracks`. Triggers keep the library's words true."""
        statement = "UPDATE tracks SET title = ? WHERE task_id = ? AND number = ?"
        changed = await self._database.write(lambda db: db.execute(statement, (title, task_id, number)).rowcount)
        return changed == 1

    async def reword(self, task_id: str, number: int, lyrics: str) -> bool:
        """See `ports_tracks.Tracks`. The same triggers find it by its new words."""
        statement = "UPDATE tracks SET lyrics = ? WHERE task_id = ? AND number = ?"
        changed = await self._database.write(lambda db: db.execute(statement, (lyrics, task_id, number)).rowcount)
        return changed == 1


def _rows(db: sqlite3.Connection, viewer: Viewer, scope: Scope) -> list[sqlite3.Row]:
    condition, values = visible(viewer, scope)
    query = f"{_OFFER} WHERE {condition} AND library.status = 'finished' ORDER BY library.id DESC LIMIT {MOST_RECENT}"
    return db.execute(query, values).fetchall()


def _offer(row: sqlite3.Row) -> Offer:
    request = msgspec.json.decode(row["request"], type=Request)
    return Offer(
        row["task_id"], row["number"], row["title"] or request.title, row["style"] or request.style, request.about
    )
