"""What counts against a member's day and against what runs at once."""

import sqlite3
from datetime import datetime, timedelta

from bot.domain.errors import TooManyToday
from bot.store.rows import from_ms, to_ms

DAY = timedelta(days=1)

#: What counts against MEMBER_PER_DAY: not what failed, nor what was taken back before it was asked for.
COUNTS = "state != 'failed' AND (state != 'cancelled' OR asked_at IS NOT NULL)"
#: What counts against MEMBER_AT_ONCE. An unknown task does not: it may stay so for half an hour.
IN_THE_WORKS = "state IN ('submitting', 'submitted')"
#: What waits. It names its partial index first, so that not a single old task is looked at.
WAITING = "due_at IS NOT NULL AND state = 'waiting'"


def counted(db: sqlite3.Connection, member_id: int, now: datetime, limit: int) -> list[datetime]:
    """Return when the member asked for what counts in the day up to `now`, the newest first, at most `limit`."""
    # Not what lies ahead: a clock that was put back must not lock a member out until it has caught up.
    since, until = to_ms(now - DAY) + 1, to_ms(now)
    rows = db.execute(
        f"SELECT created_at FROM tasks WHERE member_id = ? AND created_at BETWEEN ? AND ? AND {COUNTS}"
        " UNION ALL SELECT created_at FROM personas WHERE member_id = ? AND created_at BETWEEN ? AND ?"
        " UNION ALL SELECT created_at FROM spent WHERE member_id = ? AND created_at BETWEEN ? AND ?"
        " ORDER BY created_at DESC LIMIT ?",
        (*(member_id, since, until) * 3, limit),
    )
    return [from_ms(row["created_at"]) for row in rows]


def check_day(db: sqlite3.Connection, member_id: int, now: datetime, per_day: int) -> None:
    """Raise TooManyToday where the member has asked for so much already. Forgets the times that count no more."""
    drop_old_spent(db, now)
    times = counted(db, member_id, now, per_day)
    if len(times) >= per_day:
        raise TooManyToday(per_day, times[-1] + DAY)


def waiting(db: sqlite3.Connection, member_id: int) -> int:
    """Return how many of the member's tasks wait."""
    # The plus: SQLite would take the index of all the member ever asked for.
    return _count(db, f"{WAITING} AND +member_id = ?", member_id)


def place(db: sqlite3.Connection, task_id: str, among: str = "provider") -> int | None:
    """Return which one it is of all that wait and have the same in the column `among`; None where it does not wait."""
    query = (
        f"SELECT count(*) FROM tasks, (SELECT {among}, created_at, rowid AS number FROM tasks"
        # The plus: as above.
        f" WHERE id = ? AND {WAITING}) AS this WHERE {WAITING} AND +tasks.{among} = this.{among}"
        " AND (tasks.created_at, tasks.rowid) <= (this.created_at, this.number)"
    )
    return int(db.execute(query, (task_id,)).fetchone()[0]) or None


def in_the_works(db: sqlite3.Connection, member_id: int) -> int:
    """Return how many of the member's tasks are being made."""
    return _count(db, f"{IN_THE_WORKS} AND member_id = ?", member_id)


def _count(db: sqlite3.Connection, where: str, member_id: int) -> int:
    return int(db.execute(f"SELECT count(*) FROM tasks WHERE {where}", (member_id,)).fetchone()[0])


def note_spent(db: sqlite3.Connection, member_id: int, now: datetime) -> None:
    """Keep the times of what counts, and nothing else, of rows that are about to be deleted."""
    db.execute(
        f"INSERT INTO spent SELECT member_id, created_at FROM tasks WHERE member_id = ? AND created_at BETWEEN ? AND ?"
        f" AND {COUNTS} UNION ALL"
        " SELECT member_id, created_at FROM personas WHERE member_id = ? AND created_at BETWEEN ? AND ?",
        (member_id, to_ms(now - DAY) + 1, to_ms(now)) * 2,
    )


def drop_old_spent(db: sqlite3.Connection, now: datetime) -> None:
    """Forget the times that count no more."""
    db.execute("DELETE FROM spent WHERE created_at <= ?", (to_ms(now - DAY),))
