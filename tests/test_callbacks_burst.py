"""A thousand callbacks at one moment, each on a connection of its own, are all taken in: many share one commit."""

import asyncio
import sqlite3
from contextlib import closing

from bot.connections import most_connections
from bot.domain.task import new_key
from bot.store.database import Database
from tests.callback_desk import Desk, completed, open_desk, request, signed
from tests.parts import Clock

BURST = 1000


async def open_tasks(desk: Desk) -> list[str]:
    """Store tasks that the vendor works on; return their keys."""
    keys = [new_key() for _ in range(BURST)]
    insert = (
        "INSERT INTO tasks (id, key, provider, request, member_id, channel_id, state, created_at, provider_task_id)"
        " VALUES (?, ?, 'musicmint', '{\"prompt\":\"rain\"}', 1, 2, 'submitted', 0, ?)"
    )
    rows = [(f"{number:012d}", key, f"mm-{number}") for number, key in enumerate(keys)]
    await desk.database.write(lambda db: db.executemany(insert, rows).rowcount)
    return keys


async def one(desk: Desk, now: asyncio.Event, key: str, number: int) -> bytes:
    """Connect, wait for the moment, send, and return the first line of the answer."""
    body = completed(f"mm-{number}")
    async with await desk.line() as line:
        await now.wait()
        await line.send(request(key, f"Content-Length: {len(body)}", f"X-Signature: {signed(body)}"), body)
        return await line.first_line()


def commits(desk: Desk) -> tuple[bytes, int]:
    """Return the mark of the write-ahead log, and count its commits: the last page of each tells the database's size.

    The mark changes when the log is begun anew, and the count with it.
    """
    with open(f"{desk.file}-wal", "rb") as log:
        head = log.read(32)
        page, salts = int.from_bytes(head[8:12]), head[16:24]
        frames = iter(lambda: log.read(24 + page), b"")
        return salts, sum(frame[4:8] != bytes(4) for frame in frames if frame[8:16] == salts)


async def test_a_thousand_at_one_moment_are_taken_in_and_share_commits(database: Database, clock: Clock) -> None:
    most_connections()  # lets this process open as many files as it may
    async with open_desk(database, clock) as desk:
        keys = await open_tasks(desk)
        with closing(sqlite3.connect(desk.file, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            # Whoever reads keeps the log from being begun anew, but for the first time.
            reader.execute("SELECT count(*) FROM tasks").fetchone()
            (mark, before), now = commits(desk), asyncio.Event()
            sending = [asyncio.create_task(one(desk, now, key, number)) for number, key in enumerate(keys)]
            await asyncio.sleep(0)
            now.set()
            answers = await asyncio.gather(*sending)
            mark_after, after = commits(desk)
            made = after - before if mark_after == mark else after
        assert {answer.split()[1] for answer in answers} == {b"204"}
        assert desk.rows("SELECT count(*) FROM tasks WHERE state = 'completed'")[0][0] == BURST
    # One commit each, at ten milliseconds a flush, would outlast the provider's patience.
    assert 0 < made < BURST / 4
