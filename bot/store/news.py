"""What providers say about tasks: recorded once, in one transaction."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.domain.errors import Failure
from bot.domain.ports import Recorded
from bot.domain.task import Kind, State, Task
from bot.domain.track import Changed, Completed, Failed, Outcome, Running, Track, Update, usable
from bot.store.database import Database
from bot.store.moves import bind, fail, to_correct
from bot.store.retries import rebind
from bot.store.rows import earliest, many_tasks, maybe_ms, move, one_task, to_ms

#: How many strays are kept, and for how long.
MOST_STRAYS = 10_000
STRAY_DAYS = timedelta(days=7)

_OPEN = "state IN ('submitting', 'submitted', 'unknown')"
#: A failed task may be asked for as well, after a hint that something came of it after all.
_MAY_BE_ASKED = "state IN ('submitting', 'submitted', 'unknown', 'failed')"


class SqliteNews:
    """The port `News` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, update: Update, now: datetime) -> Recorded:
        """See `ports.News`."""
        return await self._database.write(lambda db: _record(db, update, now))

    async def ask_soon(self, key: str, now: datetime) -> bool:
        """See `ports.News`."""
        statement = f"UPDATE tasks SET ask_at = ? WHERE key = ? AND {_OPEN}"
        return await self._database.write(lambda db: db.execute(statement, (to_ms(now), key)).rowcount == 1)

    async def due_to_ask(self, now: datetime, limit: int) -> Sequence[Task]:
        """See `ports.News`."""
        where = f"ask_at <= ? AND {_MAY_BE_ASKED} ORDER BY ask_at, created_at LIMIT ?"
        return await self._database.read(lambda db: many_tasks(db, where, to_ms(now), limit))

    async def asked(self, task_id: str, next_at: datetime, began: datetime, *, failed: bool) -> int:
        """See `ports.News`."""

        def job(db: sqlite3.Connection) -> int:
            db.execute(
                "UPDATE tasks SET ask_at = CASE WHEN ask_at > ? THEN min(ask_at, ?) ELSE ? END,"
                " failed_asks = CASE WHEN ? THEN failed_asks + 1 ELSE 0 END"
                # One that failed meanwhile is asked for no more, but after a hint.
                f" WHERE id = ? AND ({_OPEN} OR state = 'failed' AND ask_at IS NOT NULL)",
                (to_ms(began), to_ms(next_at), to_ms(next_at), failed, task_id),
            )
            row = db.execute("SELECT failed_asks FROM tasks WHERE id = ?", (task_id,)).fetchone()
            return 0 if row is None else int(row["failed_asks"])

        return await self._database.write(job)

    async def asked_again(self, task_id: str, began: datetime) -> None:
        """See `ports.News`."""
        statement = "UPDATE tasks SET ask_at = NULL WHERE id = ? AND state = 'failed' AND ask_at <= ?"
        await self._database.write(lambda db: db.execute(statement, (task_id, to_ms(began))).rowcount)

    async def found(self, task_id: str, provider_task_id: str, now: datetime) -> bool:
        """See `ports.News`."""
        return await self._database.write(lambda db: bind(db, task_id, provider_task_id, now))

    async def earlier_jobs(self, task_id: str) -> Sequence[str]:
        """See `ports.News`."""
        query = "SELECT provider_task_id FROM earlier_jobs WHERE task_id = ? ORDER BY provider_task_id"
        return await self._database.read(lambda db: [row[0] for row in db.execute(query, (task_id,))])

    async def next_ask(self) -> datetime | None:
        """See `ports.News`."""
        return await self._database.read(lambda db: earliest(db, "ask_at"))

    async def fail(self, task_id: str, failure: Failure, detail: str, now: datetime) -> bool:
        """See `ports.News`."""
        return await self._database.write(lambda db: fail(db, task_id, failure, detail, now))


def _record(db: sqlite3.Connection, update: Update, now: datetime) -> Recorded:
    found = _task_of(db, update)
    if found is None:
        return _earlier_or_stray(db, update, now)
    task_id, state, bound = found
    if update.digest is not None and not _first_time(db, update.digest, task_id, now):
        return Recorded.OLD
    if bound is None and update.provider_task_id is not None:
        db.execute("UPDATE tasks SET provider_task_id = ? WHERE id = ?", (update.provider_task_id, task_id))
    outcome = update.outcome
    if isinstance(outcome, Changed) and outcome.says and bound is None and update.provider_task_id is None:
        # There is nothing to ask by. It is signed, its time as well, and what was taken in once is known for good.
        outcome = outcome.says
    match _usable(db, task_id, outcome):
        case Running(progress):
            _note_progress(db, task_id, progress)
            return _still_running(db, task_id, State(state), now)
        case Failed(error):
            return _news(fail(db, task_id, Failure.PROVIDER, error, now))
        case Changed():
            return _ask_now(db, task_id, now, _MAY_BE_ASKED)
        case Completed(tracks) if not tracks:
            return _nothing_usable(db, task_id, update, now)
        case Completed(tracks, missing):
            return _news(_complete(db, task_id, tracks, missing, now))


def _task_of(db: sqlite3.Connection, update: Update) -> Any:
    """Return id, state and provider's id of the task an update is about, or None.

    The signed task id decides, the key only where no id is bound yet. Without a task id the key decides alone: whoever
    sends such news has signed for it. A whole task is far more to read than is needed.
    """
    wanted = "SELECT id, state, provider_task_id FROM tasks WHERE"
    if update.provider_task_id is None:
        return db.execute(f"{wanted} key = ? AND provider = ?", (update.key, update.provider)).fetchone()
    signed = f"{wanted} provider = ? AND provider_task_id = ?"
    bound = db.execute(signed, (update.provider, update.provider_task_id)).fetchone()
    if bound is not None or update.key is None:
        return bound
    by_key = f"{wanted} key = ? AND provider = ? AND provider_task_id IS NULL"
    return db.execute(by_key, (update.key, update.provider)).fetchone()


def _earlier_or_stray(db: sqlite3.Connection, update: Update, now: datetime) -> Recorded:
    """Take in news under an id that a provider's own retry replaced, or note that it is about no task of ours.

    Of an earlier job only music counts, and it gets its id back; how the task stands is for the present one to say.
    """
    earlier = "id = (SELECT task_id FROM earlier_jobs WHERE provider = ? AND provider_task_id = ?)"
    task = one_task(db, earlier, update.provider, update.provider_task_id)
    if task is None or update.provider_task_id is None:
        _note_stray(db, update, now)
        return Recorded.STRAY
    if update.digest is not None and not _first_time(db, update.digest, task.id, now):
        return Recorded.OLD
    match usable(update.outcome, task.request.kind):
        case Changed():
            return _ask_now(db, task.id, now, _MAY_BE_ASKED)
        case Completed(tracks, missing) if tracks and _complete(db, task.id, tracks, missing, now):
            rebind(db, task, update.provider_task_id)
            return Recorded.NEWS
    return Recorded.OLD


def _first_time(db: sqlite3.Connection, digest: bytes, task_id: str, now: datetime) -> bool:
    statement = "INSERT OR IGNORE INTO callbacks (digest, task_id, received_at) VALUES (?, ?, ?)"
    return db.execute(statement, (digest, task_id, to_ms(now))).rowcount == 1


def _news(moved: bool) -> Recorded:
    return Recorded.NEWS if moved else Recorded.OLD


def _usable(db: sqlite3.Connection, task_id: str, outcome: Outcome) -> Outcome:
    """Return what is left of a result; the kind of the task is only read where that could be less."""
    if not isinstance(outcome, Completed) or all(track.audio_url for track in outcome.tracks):
        return outcome
    query = "SELECT coalesce(json_extract(request, '$.kind'), 'song') FROM tasks WHERE id = ?"
    return usable(outcome, Kind(db.execute(query, (task_id,)).fetchone()[0]))


def _note_progress(db: sqlite3.Connection, task_id: str, progress: int | None) -> None:
    """Keep how far it is, for `/queue`; what says nothing about it changes nothing."""
    if progress is not None:
        statement = "UPDATE tasks SET progress = :now WHERE id = :id AND progress IS NOT :now"
        db.execute(statement, {"now": progress, "id": task_id})


def _still_running(db: sqlite3.Connection, task_id: str, state: State, now: datetime) -> Recorded:
    """A sign of life: whatever became of the submit's answer, the provider has the task."""
    if state not in (State.SUBMITTING, State.UNKNOWN):
        return Recorded.OLD
    tell_at = to_correct(db, task_id, now)
    return _news(move(db, task_id, State.SUBMITTED, tell_at=tell_at, held_at=None, ask_at=to_ms(now)))


def _nothing_usable(db: sqlite3.Connection, task_id: str, update: Update, now: datetime) -> Recorded:
    """Called back without a track: ask once. Asked, and still none: failed."""
    if update.digest is None:
        return _news(fail(db, task_id, Failure.EMPTY, "", now))
    return _ask_now(db, task_id, now, _OPEN)


def _ask_now(db: sqlite3.Connection, task_id: str, now: datetime, states: str) -> Recorded:
    """Have a task asked for, if it is in one of `states`, which is SQL of ours."""
    # The asks that failed before a task did are not those after the hint.
    count = "CASE state WHEN 'failed' THEN 0 ELSE failed_asks END"
    statement = f"UPDATE tasks SET ask_at = ?, failed_asks = {count} WHERE id = ? AND {states}"
    changed = db.execute(statement, (to_ms(now), task_id))
    return Recorded.ASK if changed.rowcount else Recorded.OLD


def _complete(db: sqlite3.Connection, task_id: str, tracks: Sequence[Track], missing: int, now: datetime) -> bool:
    stamp = to_ms(now)
    moved = move(
        db,
        task_id,
        State.COMPLETED,
        delivery="ready",
        deliver_at=stamp,
        finished_at=stamp,
        missing=missing,
        ask_at=None,
        tell_at=None,
        due_at=None,
        # Of a failure that had its time, and was completed after all: the tracks bring new words.
        words_removed_at=None,
    )
    if moved:
        insert_tracks(db, task_id, tracks)
    return moved


def insert_tracks(db: sqlite3.Connection, task_id: str, tracks: Sequence[Track]) -> None:
    """Store a task's tracks in the provider's order, numbered from 1."""
    db.executemany(
        "INSERT INTO tracks (task_id, number, clip_id, audio_url, cover_url, title, style, lyrics, seconds,"
        " expires_at, extra) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                task_id,
                number,
                track.clip_id,
                track.audio_url,
                track.cover_url,
                track.title,
                track.style,
                track.lyrics,
                track.seconds,
                maybe_ms(track.expires_at),
                track.extra,
            )
            for number, track in enumerate(tracks, start=1)
        ],
    )


def _note_stray(db: sqlite3.Connection, update: Update, now: datetime) -> None:
    db.execute(
        "INSERT INTO strays (provider, provider_task_id, received_at) VALUES (?, ?, ?)",
        (update.provider, update.provider_task_id or "", to_ms(now)),
    )
    db.execute(
        "DELETE FROM strays WHERE received_at < ? OR id <= (SELECT max(id) FROM strays) - ?",
        (to_ms(now - STRAY_DAYS), MOST_STRAYS),
    )
