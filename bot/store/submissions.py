"""Tasks on their way to a provider: accepted, claimed, bound, lost, failed, cancelled."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.errors import Failure, NotYours, SamePress
from bot.domain.ports import Accepted, Busyness
from bot.domain.source import Source
from bot.domain.task import Kind, State, Task
from bot.store.allowance import IN_THE_WORKS, WAITING, check_day, in_the_works, place, waiting
from bot.store.database import Database
from bot.store.moves import bind, fail
from bot.store.rows import earliest, encode_request, many_tasks, move, one_task, to_ms

#: A second press on "again" within this time is the same press.
SAME_PRESS = timedelta(seconds=10)

#: Of a request as stored: its kind, and the request without what an upload adds to it, and without an address that is
#: another each time.
_KIND = "coalesce(json_extract(request, '$.kind'), 'song')"
_AS_ASKED = (
    "json_remove({}, '$.source.provider', '$.source.clip_id', '$.source.seconds', '$.source.audio_url',"
    " '$.source.expires_at')"
)


class SqliteSubmissions:
    """The port `Submissions` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def accept(self, task: Task, *, per_day: int, at_once: int, hold: timedelta, away: bool = False) -> Accepted:
        """See `ports.Submissions`. Counting and inserting are one transaction, so two commands cannot both be last."""

        def job(db: sqlite3.Connection) -> Accepted:
            _check_press(db, task)
            check_day(db, task.origin.member_id, task.created_at, per_day)
            ahead = waiting(db, task.origin.member_id) + in_the_works(db, task.origin.member_id)
            _insert(db, task, due_at=to_ms(task.created_at + hold), held_at=to_ms(task.created_at) if away else None)
            return Accepted(task, ahead if ahead >= at_once else 0, place(db, task.id) if away else None)

        return await self._database.write(job)

    async def answered(self, task_id: str, notice_id: int | None, now: datetime) -> None:
        """See `ports.Submissions`."""
        statement = (
            "UPDATE tasks SET notice_id = ?, due_at = CASE WHEN due_at IS NULL THEN NULL ELSE ? END WHERE id = ?"
        )
        await self._database.write(lambda db: db.execute(statement, (notice_id, to_ms(now), task_id)).rowcount)

    async def withdraw(self, task_id: str) -> None:
        """See `ports.Submissions`."""
        statement = "DELETE FROM tasks WHERE id = ? AND state = 'waiting'"
        await self._database.write(lambda db: db.execute(statement, (task_id,)).rowcount)

    async def worked_for(self, member_id: int, guild_ids: frozenset[int]) -> bool:
        """See `ports.Submissions`."""
        marks = ", ".join("?" * len(guild_ids))
        query = f"SELECT EXISTS (SELECT 1 FROM tasks WHERE member_id = ? AND guild_id IN ({marks}))"
        return await self._database.read(
            lambda db: bool(db.execute(query, (member_id, *guild_ids)).fetchone()[0]),
        )

    async def claim_waiting(
        self,
        now: datetime,
        at_once: int,
        leaving_out: Collection[str] = frozenset(),
        kinds: Collection[Kind] = frozenset(Kind),
    ) -> Task | None:
        """See `ports.Submissions`."""
        marks = ", ".join("?" * len(leaving_out))

        def job(db: sqlite3.Connection) -> Task | None:
            task = one_task(
                db,
                f"due_at <= ? AND provider NOT IN ({marks}) AND {_of_kinds(kinds)}"
                " AND (SELECT count(*) FROM tasks AS other WHERE other.member_id = tasks.member_id"
                f" AND other.{IN_THE_WORKS}) < ? ORDER BY created_at, rowid LIMIT 1",
                to_ms(now),
                *leaving_out,
                at_once,
            )
            if task is None:
                return None
            move(db, task.id, State.SUBMITTING, asked_at=to_ms(now), due_at=None)
            db.execute("UPDATE tasks SET submit_tries = submit_tries + 1 WHERE id = ?", (task.id,))
            return one_task(db, "id = ?", task.id)

        return await self._database.write(job)

    async def next_waiting(self, kinds: Collection[Kind] = frozenset(Kind)) -> datetime | None:
        """See `ports.Submissions`."""
        return await self._database.read(lambda db: earliest(db, "due_at", _of_kinds(kinds)))

    async def uploaded(self, task_id: str, source: Source) -> bool:
        """See `ports.Submissions`."""
        statement = (
            "UPDATE tasks SET request = json_set(request, '$.source.provider', ?, '$.source.clip_id', ?,"
            " '$.source.seconds', ?, '$.source.expires_at', ?) WHERE id = ? AND state = 'submitting'"
        )
        ends = None if source.expires_at is None else source.expires_at.isoformat()
        values = (source.provider, source.clip_id, source.seconds, ends, task_id)
        return await self._database.write(lambda db: db.execute(statement, values).rowcount == 1)

    async def waiting_at(self, provider: str, now: datetime) -> Sequence[Task]:
        """See `ports.Submissions`."""
        where = f"{WAITING} AND (due_at <= ? OR submit_tries > 0) AND provider = ? ORDER BY created_at, rowid"
        return await self._database.read(lambda db: many_tasks(db, where, to_ms(now), provider))

    async def busyness(self) -> Mapping[str, Busyness]:
        """See `ports.Submissions`. Both counts name a partial index: not a single old task is looked at."""
        query = "SELECT provider, count(*) AS number FROM tasks WHERE {} GROUP BY provider"

        def job(db: sqlite3.Connection) -> Mapping[str, Busyness]:
            counts = [
                {row["provider"]: int(row["number"]) for row in db.execute(query.format(where))}
                for where in (WAITING, IN_THE_WORKS)
            ]
            waiting_there, working = counts
            names = waiting_there.keys() | working.keys()
            return {name: Busyness(waiting_there.get(name, 0), working.get(name, 0)) for name in names}

        return await self._database.read(job)

    async def submitted(self, task_id: str, provider_task_id: str, ask_at: datetime) -> bool:
        """See `ports.Submissions`. A task that moved on meanwhile (called back, cancelled) still gets its id bound."""
        return await self._database.write(lambda db: bind(db, task_id, provider_task_id, ask_at))

    async def wait(self, task_id: str, until: datetime) -> None:
        """See `ports.Submissions`."""
        await self._database.write(lambda db: move(db, task_id, State.WAITING, due_at=to_ms(until), asked_at=None))

    async def hold(self, provider: str, now: datetime) -> None:
        """See `ports.Submissions`. What is held back for its first answer is not on show yet."""
        statement = (
            "UPDATE tasks SET tell_at = :now, held_at = :now"
            f" WHERE {WAITING} AND provider = :provider AND held_at IS NULL AND (due_at <= :now OR submit_tries > 0)"
        )
        values = {"now": to_ms(now), "provider": provider}
        await self._database.write(lambda db: db.execute(statement, values).rowcount)

    async def move(
        self, task_id: str, provider: str, now: datetime, until: datetime, at_once: int, away: bool
    ) -> Accepted | None:
        """See `ports.Submissions`. Its line is told `until` then, unless whoever asks for this has `shown` it."""
        statement = (
            "UPDATE tasks SET provider = :provider, due_at = :until, tell_at = :until, held_at = :held,"
            f" submit_tries = 0 WHERE id = :id AND {WAITING} AND provider != :provider"
        )
        held = to_ms(now) if away else None
        values = {"provider": provider, "until": to_ms(until), "held": held, "id": task_id}

        def job(db: sqlite3.Connection) -> Accepted | None:
            moved = db.execute(statement, values).rowcount == 1
            task = one_task(db, "id = ?", task_id) if moved else None
            if task is None:
                return None
            ahead = in_the_works(db, task.origin.member_id) + (place(db, task_id, "member_id") or 1) - 1
            return Accepted(task, ahead if ahead >= at_once else 0, place(db, task_id) if away else None)

        return await self._database.write(job)

    async def shown(self, task_id: str, provider: str, now: datetime) -> None:
        """See `ports.Submissions`. What came meanwhile is still to be told."""
        statement = (
            "UPDATE tasks SET due_at = :now, tell_at = NULL"
            f" WHERE id = :id AND {WAITING} AND provider = :provider AND tell_at > :now"
        )
        values = {"now": to_ms(now), "provider": provider, "id": task_id}
        await self._database.write(lambda db: db.execute(statement, values).rowcount)

    async def lost(self, task_id: str, now: datetime, ask_at: datetime) -> None:
        """See `ports.Submissions`."""
        await self._database.write(
            lambda db: move(db, task_id, State.UNKNOWN, tell_at=to_ms(now), ask_at=to_ms(ask_at))
        )

    async def fail(self, task_id: str, failure: Failure, detail: str, now: datetime, waiting_at: str = "") -> bool:
        """See `ports.Submissions`."""

        def job(db: sqlite3.Connection) -> bool:
            if waiting_at and one_task(db, f"id = ? AND {WAITING} AND provider = ?", task_id, waiting_at) is None:
                return False
            return fail(db, task_id, failure, detail, now)

        return await self._database.write(job)

    async def cancel(self, task_id: str, member_id: int, now: datetime) -> State | None:
        """See `ports.Submissions`."""

        def job(db: sqlite3.Connection) -> State | None:
            task = one_task(db, "id = ?", task_id)
            if task is None:
                return None
            if task.origin.member_id != member_id:
                raise NotYours
            alarms = {"due_at": None, "ask_at": None, "tell_at": None, "finished_at": to_ms(now)}
            return task.state if move(db, task_id, State.CANCELLED, **alarms) else None

        return await self._database.write(job)

    async def get(self, task_id: str) -> Task | None:
        """See `ports.Submissions`."""
        return await self._database.read(lambda db: one_task(db, "id = ?", task_id))


def _of_kinds(kinds: Collection[Kind]) -> str:
    """Return the condition for tasks of these kinds; most often they are all there are, and no request is read."""
    names = ", ".join(f"'{kind.value}'" for kind in sorted(kinds))
    return "1" if len(kinds) == len(Kind) else f"{_KIND} IN ({names})"


def _check_press(db: sqlite3.Connection, task: Task) -> None:
    """A finger that slips twice means once."""
    if task.parent_id is None:
        return
    query = (
        "SELECT 1 FROM tasks WHERE parent_id = ? AND member_id = ? AND created_at BETWEEN ? AND ?"
        f" AND {_AS_ASKED.format('request')} = {_AS_ASKED.format('?')} AND provider = ?"
    )
    since, until = to_ms(task.created_at - SAME_PRESS) + 1, to_ms(task.created_at)
    values = (task.parent_id, task.origin.member_id, since, until, encode_request(task.request), task.provider)
    if db.execute(query, values).fetchone() is not None:
        raise SamePress


def _insert(db: sqlite3.Connection, task: Task, due_at: int, held_at: int | None) -> None:
    db.execute(
        "INSERT INTO tasks (id, key, provider, request, member_id, channel_id, guild_id, state, attempt,"
        " created_at, parent_id, due_at, held_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            task.id,
            task.key,
            task.provider,
            encode_request(task.request),
            task.origin.member_id,
            task.origin.channel_id,
            task.origin.guild_id,
            task.state.value,
            task.attempt,
            to_ms(task.created_at),
            task.parent_id,
            due_at,
            held_at,
        ),
    )
