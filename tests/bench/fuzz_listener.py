"""The listener for the fuzz: the real parts on a real file, in a process of its own that tells of itself when asked.

Reads words on standard input, answers each with a line of JSON: `fresh` makes tasks that wait for callbacks, `state`
tells memory, rows and what was set off. The log goes to standard error, as in the program.
"""

import asyncio
import ctypes
import gc
import json
import sqlite3
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.callbacks import CallbackListener, listening
from bot.flows.intake import Intake
from bot.logs import set_up_logs
from bot.providers.musicmint import MusicMint
from bot.store.database import Database, open_database
from bot.store.news import SqliteNews
from bot.store.submissions import SqliteSubmissions
from tests.callback_desk import OLD_SECRET
from tests.parts import API_KEY, SECRET, make_task

FRESH = 20
TABLES = ("tasks", "tracks", "callbacks", "strays")


class Counts:
    """What the listener set off: wakes of its workers, connections of its own."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        sys.addaudithook(self._audit)

    def _audit(self, event: str, _arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            self.seen["connections"] += 1

    def note(self, what: str) -> None:
        self.seen[what] += 1


def now() -> datetime:
    return datetime.now(UTC)


async def fresh(database: Database) -> list[dict[str, str | None]]:
    """Store tasks: every second one has the vendor's answer already."""
    store, made = SqliteSubmissions(database), []
    for number in range(FRESH):
        task = make_task(now=now())
        name = f"mm-{task.id}" if number % 2 else None
        await store.accept(task, per_day=10**6, at_once=10**6, hold=timedelta(0))
        await store.claim_waiting(now(), 10**6)
        if name is not None:
            await store.submitted(task.id, name, now() + timedelta(hours=1))
        made.append({"id": task.id, "key": task.key, "name": f"mm-{task.id}"})
    return made


def memory() -> int:
    """Return the bytes this process really holds, after giving back what it does not need."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


async def state(database: Database, counts: Counts) -> dict[str, Any]:
    def rows(db: sqlite3.Connection) -> dict[str, int]:
        return {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}

    integrity = await database.read(lambda db: db.execute("PRAGMA quick_check").fetchone()[0])
    return {"rows": await database.read(rows), "set_off": counts.seen, "integrity": integrity, "memory": memory()}


async def words() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def serve(file: Path) -> None:
    """Serve until standard input ends."""
    counts = Counts()
    async with open_database(file) as database:
        news = SqliteNews(database)
        intake = Intake(news, now, on_news=lambda: counts.note("news"), on_ask=lambda: counts.note("asks"))
        wire = MusicMint(API_KEY, [SECRET.encode(), OLD_SECRET.encode()], 7)
        listener = CallbackListener({wire.contract.name: wire}, intake, now)
        async with listening(listener, "127.0.0.1", 0, 15.0) as port:
            print(json.dumps({"port": port}), flush=True)
            reader = await words()
            while word := (await reader.readline()).decode().strip():
                answer = await (fresh(database) if word == "fresh" else state(database, counts))
                print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    set_up_logs("INFO", "json", [SECRET, OLD_SECRET, API_KEY])
    asyncio.run(serve(Path(sys.argv[1])))
