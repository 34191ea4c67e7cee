"""Completed tasks on their way into Discord."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.task import Delivery, Task
from bot.domain.track import Track
from bot.store.database import Database
from bot.store.news import insert_tracks
from bot.store.rows import earliest, many_tasks, move_delivery, one_task, read_track, to_ms


class SqliteDeliveries:
    """The port `Deliveries` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, now: datetime, lease: timedelta) -> Task | None:
        """See `ports.Deliveries`. A claim is a lease: `deliver_at` is when it runs out, and the row is free again."""

        def job(db: sqlite3.Connection) -> Task | None:
            task = one_task(db, "deliver_at <= ? ORDER BY deliver_at, created_at LIMIT 1", to_ms(now))
            if task is None:
                return None
            db.execute(
                "UPDATE tasks SET delivery = 'sending', deliver_at = ?, tries = tries + 1,"
                " first_try_at = coalesce(first_try_at, ?) WHERE id = ?",
                (to_ms(now + lease), to_ms(now), task.id),
            )
            # As it was before: `first_try_at` is None for the very first try.
            return task

        return await self._database.write(job)

    async def next_delivery(self) -> datetime | None:
        """See `ports.Deliveries`."""
        return await self._database.read(lambda db: earliest(db, "deliver_at"))

    async def tracks(self, task_id: str) -> Sequence[Track]:
        """See `ports.Deliveries`."""
        query = "SELECT * FROM tracks WHERE task_id = ? ORDER BY number"
        return await self._database.read(lambda db: [read_track(row) for row in db.execute(query, (task_id,))])

    async def refresh(self, task_id: str, tracks: Sequence[Track]) -> None:
        """See `ports.Deliveries`. A title stays: its member may have given it while the card was set aside."""

        def job(db: sqlite3.Connection) -> None:
            query = "SELECT number, title FROM tracks WHERE task_id = ?"
            titles = {row["number"]: row["title"] for row in db.execute(query, (task_id,))}
            db.execute("DELETE FROM tracks WHERE task_id = ?", (task_id,))
            numbered = enumerate(tracks, start=1)
            insert_tracks(
                db, task_id, [replace(track, title=titles.get(number, track.title)) for number, track in numbered]
            )

        await self._database.write(job)

    async def sent(self, task_id: str, channel_id: int, message_id: int | None, now: datetime) -> None:
        """See `ports.Deliveries`. What is due to be told is in the same commit, so that a kill cannot lose it."""
        await self._database.write(
            lambda db: move_delivery(
                db,
                task_id,
                Delivery.SENT,
                tell_at=None if message_id is None else to_ms(now),
                sent_channel_id=channel_id,
                message_id=message_id,
                sent_at=to_ms(now),
                deliver_at=None,
                set_aside_reason="",
            )
        )

    async def put_back(self, task_id: str, until: datetime) -> None:
        """See `ports.Deliveries`."""
        await self._database.write(
            lambda db: move_delivery(db, task_id, Delivery.READY, deliver_at=to_ms(until)),
        )

    async def refused(self, task_id: str, reason: str) -> None:
        """See `ports.Deliveries`."""
        statement = "UPDATE tasks SET set_aside_reason = ? WHERE id = ?"
        await self._database.write(lambda db: db.execute(statement, (reason, task_id)).rowcount)

    async def set_aside(self, task_id: str, reason: str, now: datetime) -> None:
        """See `ports.Deliveries`. The queued line is to say so, in the same commit."""
        stamp = to_ms(now)
        columns = {"set_aside_reason": reason, "deliver_at": None, "tell_at": stamp, "set_aside_at": stamp}

        def job(db: sqlite3.Connection) -> None:
            if move_delivery(db, task_id, Delivery.SET_ASIDE, **columns):
                db.execute("UPDATE tasks SET set_asides = set_asides + 1 WHERE id = ?", (task_id,))

        await self._database.write(job)

    async def all_set_aside(self, member_id: int) -> Sequence[Task]:
        """See `ports.Deliveries`."""
        where = "member_id = ? AND delivery = 'set_aside' ORDER BY created_at DESC, rowid DESC"
        return await self._database.read(lambda db: many_tasks(db, where, member_id))

    async def resend(self, task_id: str, member_id: int, now: datetime) -> bool:
        """See `ports.Deliveries`. The reason stays: with it, every place is searched before anything is posted."""

        def job(db: sqlite3.Connection) -> bool:
            # Others may become ready too, one that is being sent above all: a second press must not put it back.
            mine = one_task(db, "id = ? AND member_id = ? AND delivery = 'set_aside'", task_id, member_id)
            if mine is None or mine.resend_at(now) > now:
                return False
            fresh = {"first_try_at": None, "tries": 0, "tell_at": None}
            return move_delivery(db, task_id, Delivery.READY, deliver_at=to_ms(now), **fresh)

        return await self._database.write(job)
