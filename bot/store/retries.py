"""Failed tasks that a provider makes again, on the same row."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from bot.domain.task import State, Task
from bot.store.database import Database
from bot.store.moves import first_ask
from bot.store.rows import many_tasks, maybe_ms, move, one_task, to_ms

#: So many failed tasks are chosen from.
_MOST = 100


class SqliteRetries:
    """The port `Retries` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def failed(self, member_id: int) -> Sequence[Task]:
        """See `ports_tracks.Retries`."""
        where = f"member_id = ? AND state = 'failed' ORDER BY created_at DESC, rowid DESC LIMIT {_MOST}"
        return await self._database.read(lambda db: many_tasks(db, where, member_id))

    async def begin(self, task_id: str, now: datetime, ask_at: datetime) -> bool:
        """See `ports_tracks.Retries`. Two presses cannot both begin it."""

        def job(db: sqlite3.Connection) -> bool:
            if one_task(db, "id = ? AND state = 'failed'", task_id) is None:
                return False
            db.execute("UPDATE tasks SET attempt = attempt + 1 WHERE id = ?", (task_id,))
            return _with_it_again(db, task_id, now, ask_at)

        return await self._database.write(job)

    async def bound(self, task_id: str, provider_task_id: str, now: datetime, ask_at: datetime) -> None:
        """See `ports_tracks.Retries`. Its old job may have ended it meanwhile: completed, it keeps that one's id."""

        def job(db: sqlite3.Connection) -> None:
            task = one_task(db, "id = ?", task_id)
            if task is None:
                return
            if task.state is State.COMPLETED:
                if provider_task_id != task.provider_task_id:
                    _note_earlier(db, task, provider_task_id)
                return
            rebind(db, task, provider_task_id)
            _with_it_again(db, task_id, now, ask_at)
            db.execute(
                "UPDATE tasks SET ask_at = ?, tell_at = ? WHERE id = ? AND state = 'submitted'",
                (first_ask(db, task_id, provider_task_id, ask_at), to_ms(now), task_id),
            )

        await self._database.write(job)

    async def give_back(self, task: Task) -> None:
        """See `ports_tracks.Retries`. Whether the failure is still to be told stays as it was."""

        def job(db: sqlite3.Connection) -> None:
            before = {"failure": task.failure, "detail": task.detail, "finished_at": maybe_ms(task.finished_at)}
            asked = {"attempt": task.attempt, "asked_at": maybe_ms(task.asked_at), "ask_at": None}
            move(db, task.id, State.FAILED, **before, **asked)

        await self._database.write(job)


def rebind(db: sqlite3.Connection, task: Task, provider_task_id: str) -> None:
    """Bind another id of the provider's to a task; the one it had is kept as an earlier one."""
    if provider_task_id == task.provider_task_id:
        return
    known = "DELETE FROM earlier_jobs WHERE provider = ? AND provider_task_id = ?"
    db.execute(known, (task.provider, provider_task_id))
    db.execute("UPDATE tasks SET provider_task_id = ? WHERE id = ?", (provider_task_id, task.id))
    if task.provider_task_id is not None:
        _note_earlier(db, task, task.provider_task_id)


def _note_earlier(db: sqlite3.Connection, task: Task, provider_task_id: str) -> None:
    db.execute("INSERT OR IGNORE INTO earlier_jobs VALUES (?, ?, ?)", (task.provider, provider_task_id, task.id))


def _with_it_again(db: sqlite3.Connection, task_id: str, now: datetime, ask_at: datetime) -> bool:
    """Move a failed task to submitted, as if it had been asked for just now."""
    fresh = {"failure": "", "detail": "", "finished_at": None, "failed_asks": 0, "progress": None}
    return move(db, task_id, State.SUBMITTED, **fresh, asked_at=to_ms(now), ask_at=to_ms(ask_at))
