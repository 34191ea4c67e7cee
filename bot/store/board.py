"""What waits and what is in the works, as one member may see it."""

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from bot.domain.ports_members import Board, Mine
from bot.domain.task import Task
from bot.store.allowance import IN_THE_WORKS, WAITING
from bot.store.database import Database
from bot.store.rows import many_tasks

#: Each condition names a partial index: neither a million old tasks are looked at, nor all of one member's.
_UNKNOWN = "ask_at IS NOT NULL AND state = 'unknown'"
#: What can be taken back. The plus: SQLite would take the index of all the member ever asked for.
_CANCELLABLE = (
    f"SELECT id FROM tasks WHERE {WAITING} AND +member_id = ?1"
    f" UNION ALL SELECT id FROM tasks WHERE {IN_THE_WORKS} AND member_id = ?1"
    f" UNION ALL SELECT id FROM tasks WHERE {_UNKNOWN} AND +member_id = ?1"
)
#: Made, and not posted yet.
_ON_ITS_WAY = (
    "SELECT id FROM tasks WHERE deliver_at IS NOT NULL AND delivery IN ('ready', 'sending') AND +member_id = ?1"
)


class SqliteQueue:
    """The port `Queue` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seen_by(self, member_id: int, resting: Collection[str] = frozenset()) -> Board:
        """See `ports_members.Queue`."""
        return await self._database.read(lambda db: _board(db, member_id, resting))

    async def cancellable(self, member_id: int) -> Sequence[Task]:
        """See `ports_members.Queue`."""
        where = f"id IN ({_CANCELLABLE}) ORDER BY created_at DESC, rowid DESC"
        return await self._database.read(lambda db: many_tasks(db, where, member_id))


def _board(db: sqlite3.Connection, member_id: int, resting: Collection[str]) -> Board:
    query = f"SELECT id, member_id, provider FROM tasks WHERE {WAITING} ORDER BY created_at, rowid"
    line = db.execute(query).fetchall()
    places = _places(line, member_id, resting)
    where = f"id IN ({_CANCELLABLE} UNION ALL {_ON_ITS_WAY}) ORDER BY created_at, rowid"
    return Board(
        mine=[Mine(task, places.get(task.id), task.provider in resting) for task in many_tasks(db, where, member_id)],
        others_waiting=sum(row["member_id"] != member_id for row in line),
        others_working=_count(db, IN_THE_WORKS, member_id) + _count(db, _UNKNOWN, member_id),
    )


def _places(line: Sequence[sqlite3.Row], member_id: int, resting: Collection[str]) -> Mapping[str, int]:
    """Number the member's own: by what holds them back, their own limit or a provider that rests for all."""
    places: dict[str, int] = {}
    own, at = 0, defaultdict[str, int](int)
    for row in line:
        mine = row["member_id"] == member_id
        own += mine
        at[row["provider"]] += 1
        if mine:
            places[row["id"]] = at[row["provider"]] if row["provider"] in resting else own
    return places


def _count(db: sqlite3.Connection, where: str, but_not: int) -> int:
    return int(db.execute(f"SELECT count(*) FROM tasks WHERE {where} AND member_id != ?", (but_not,)).fetchone()[0])
