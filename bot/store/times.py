"""Putting stored times right after the wall clock has jumped: as if it had always gone as it goes now."""

import sqlite3
from datetime import datetime, timedelta

from bot.domain.ports_purge import GRACE
from bot.store.database import Database
from bot.store.rows import to_ms

#: No alarm is set for longer than the lease of a delivery. Whatever lies further ahead was set by another clock.
LONGEST_ALARM = timedelta(hours=1)
#: How old a first try to post is at least once its true age is unknown: too old to rely on the nonce alone, so the
#: history is searched.
DOUBTFUL_AGE = timedelta(minutes=5)

#: Work in hand is what has an alarm; each of these has a partial index.
_IN_HAND = "due_at IS NOT NULL OR ask_at IS NOT NULL OR tell_at IS NOT NULL OR deliver_at IS NOT NULL"
#: Removing is never hastened: after a jump back the true age of these times is unknown, and they stay as they are.
_PUT_OFF = "UPDATE left_servers SET purge_at = max(purge_at, min(purge_at + :by, :grace))"


class SqliteTimes:
    """The stored times of work in hand, and of what is to be removed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def move(self, by: timedelta, now: datetime) -> int:
        """Move the times of work in hand by a jump of the clock, which now says `now`; return how many tasks."""
        times = {
            "by": round(by.total_seconds() * 1000),
            "latest": to_ms(now + LONGEST_ALARM),
            "now": to_ms(now),
            "doubtful": to_ms(now - DOUBTFUL_AGE),
            "grace": to_ms(now + GRACE),
        }
        statement = (
            "UPDATE tasks SET due_at = min(due_at + :by, :latest), ask_at = min(ask_at + :by, :latest),"
            " tell_at = min(tell_at + :by, :latest), deliver_at = min(deliver_at + :by, :latest),"
            " asked_at = min(asked_at + :by, :now), first_try_at = min(first_try_at + :by, :doubtful)"
            f" WHERE {_IN_HAND}"
        )

        def job(db: sqlite3.Connection) -> int:
            db.execute(_PUT_OFF, times)
            return db.execute(statement, times).rowcount

        return await self._database.write(job)


def bring_back(db: sqlite3.Connection, now: datetime) -> None:
    """At the start: what lies in the future was written by a clock that has been put back since."""
    stamp, doubtful = to_ms(now), to_ms(now - DOUBTFUL_AGE)
    db.execute("UPDATE tasks SET tell_at = ? WHERE tell_at > ?", (stamp, stamp))
    db.execute(f"UPDATE tasks SET asked_at = ? WHERE ({_IN_HAND}) AND asked_at > ?", (stamp, stamp))
    db.execute(f"UPDATE tasks SET first_try_at = ? WHERE ({_IN_HAND}) AND first_try_at > ?", (doubtful, stamp))
