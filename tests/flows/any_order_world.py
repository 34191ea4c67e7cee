"""A world for the state machine: the real store and flows; the vendor and Discord answer when they are told to."""

import asyncio
import hashlib
import hmac
import json
import sqlite3
import tempfile
from collections.abc import Awaitable, Coroutine
from contextlib import AsyncExitStack, closing
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.domain.contract import Answer
from bot.domain.errors import CannotPost, PostLater
from bot.domain.ports import Limits, Posted, Recorded
from bot.domain.source import Source
from bot.domain.task import Kind, Origin, Request, Task
from bot.flows.deliver import Deliver
from bot.flows.intake import Intake
from bot.flows.reconcile import Reconcile
from bot.flows.submit import Submit
from bot.flows.tell import Tell
from bot.providers.musicmint import MusicMint
from bot.store.database import Database, open_database
from bot.store.deliveries import SqliteDeliveries
from bot.store.migrate import migrate
from bot.store.moves import recover
from bot.store.news import SqliteNews
from bot.store.submissions import SqliteSubmissions
from bot.store.tellings import SqliteTellings
from tests.flows.any_order_others import Channels, FilesAtHand, Question, Questions, Vendor
from tests.parts import ADA, API_KEY, CHANNEL, GUILD, SECRET, Clock

#: A track of the vendor's own, and a file that it has to be handed first.
_OWN = Source("Tin Roof", 100.0, provider="musicmint", clip_id="clip-1")
SOURCES = {Kind.COVER: Source("hum", audio_url="https://cdn.example/hum.wav"), Kind.STEMS: _OWN, Kind.WAV: _OWN}

#: The lines of `Submit` beside that of songs.
LINES = {"at once": Answer.RESULT, "free": Answer.FREE_RESULT}

#: Writes down every single move in the transaction that makes it.
DIARY = """
CREATE TABLE moves (number INTEGER PRIMARY KEY, task_id TEXT, kind TEXT, before TEXT, after TEXT);
CREATE TRIGGER state_moves AFTER UPDATE OF state ON tasks WHEN old.state <> new.state BEGIN
    INSERT INTO moves (task_id, kind, before, after) VALUES (old.id, 'state', old.state, new.state); END;
CREATE TRIGGER delivery_moves AFTER UPDATE OF delivery ON tasks WHEN old.delivery <> new.delivery BEGIN
    INSERT INTO moves (task_id, kind, before, after) VALUES (old.id, 'delivery', old.delivery, new.delivery); END;
"""


@cache
def empty_file() -> bytes:
    """Return a new database with the diary in it; made once, for it costs many flushes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "empty.sqlite3"
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            migrate(connection, file)
            connection.executescript(DIARY)
        return file.read_bytes()


class Watched:
    """A database that says when nobody waits for it, and how often it has answered."""

    def __init__(self, database: Database) -> None:
        self._database, self._waiting, self.answered = database, 0, 0
        self.changed = asyncio.Event()

    async def write(self, job: Any) -> Any:
        return await self._counted(self._database.write(job))

    async def read(self, job: Any) -> Any:
        return await self._counted(self._database.read(job))

    async def _counted(self, work: Awaitable[Any]) -> Any:
        self._waiting += 1
        try:
            return await work
        finally:
            self._waiting -= 1
            self.answered += 1
            self.changed.set()

    async def idle(self, most: int | None = None) -> None:
        """Wait until everybody who used it has gone on as far as possible, or for `most` answers."""
        goal = None if most is None else self.answered + most
        while goal is None or self.answered < goal:
            for _ in range(4):  # a task that was just made, or just answered, has its turn
                await asyncio.sleep(0)
            if not self._waiting:
                return
            self.changed.clear()
            await self.changed.wait()


class World:
    """Everything that lives through a crash, and the flows, which do not."""

    def __init__(self, file: Path) -> None:
        self.file, self.clock, self.questions = file, Clock(), Questions()
        self.began = self.clock()
        self.vendor, self.channels = Vendor(self.questions), Channels(self.questions, self.clock)
        self.wire = MusicMint(API_KEY, [SECRET.encode()], 7)
        self._steps: list[asyncio.Task[bool]] = []

    async def begin(self) -> None:
        """Start on an empty file."""
        self.file.write_bytes(empty_file())
        self._eye = sqlite3.connect(self.file)
        self._eye.row_factory = sqlite3.Row
        await self._open()

    async def _open(self) -> None:
        self._stack = AsyncExitStack()
        database = await self._stack.enter_async_context(open_database(self.file))
        self.database: Any = Watched(database)
        news, providers = SqliteNews(self.database), {"musicmint": self.vendor}
        self.intake = Intake(news, self.clock, lambda: None, lambda: None)
        submissions, limits = SqliteSubmissions(self.database), Limits(3, 99, frozenset())
        self.submit = Submit(submissions, providers, limits, self.intake, self.clock, lambda: None)
        self.reconcile = Reconcile(news, providers, self.intake, self.clock)
        self.deliver = Deliver(
            SqliteDeliveries(self.database),
            providers,
            FilesAtHand(),
            self.channels,
            self.clock,
            dm_fallback=True,
            on_end=lambda: None,
        )
        self.tell = Tell(SqliteTellings(self.database), self.channels, self.clock, self.submit.health.stays_away)
        now, may_repeat = self.clock(), self.submit.may_repeat
        await database.write(lambda db: recover(db, now, may_repeat))

    async def crash_and_restart(self) -> None:
        """Everything but the file is gone; whatever was under way is cut off where it is."""
        for step in self._steps:
            step.cancel()
        await asyncio.gather(*self._steps, return_exceptions=True)
        self._steps.clear()
        await self._stack.aclose()
        await self._open()

    async def end(self) -> None:
        self._eye.close()
        await self._stack.aclose()

    async def start(self, step: Coroutine[Any, Any, bool], most: int | None = None) -> None:
        """Run a step as far as it gets by itself, or for so many answers of the store."""
        self._steps.append(asyncio.create_task(step))
        await self.settle(most)

    async def settle(self, most: int | None = None) -> None:
        await self.database.idle(most)
        for step in [step for step in self._steps if step.done()]:
            self._steps.remove(step)
            step.result()

    def step(self, name: str) -> Coroutine[Any, Any, bool]:
        """Return one step of a flow, by its name."""
        flows = {"submit": self.submit, "deliver": self.deliver, "reconcile": self.reconcile, "tell": self.tell}
        return self.submit.step(LINES[name]) if name in LINES else flows[name].step()

    async def accept(self, kind: Kind) -> Task:
        prompt = "rain" if kind in (Kind.SONG, Kind.COVER) else ""
        request = Request(prompt, kind=kind, source=SOURCES.get(kind))
        accepted = await self.submit.accept(request, Origin(ADA, CHANNEL, GUILD), "musicmint")
        await self.submit.answered(accepted.task.id, 42)
        return accepted.task

    async def call_back(self, key: str, body: bytes) -> Recorded:
        signature = hmac.digest(SECRET.encode(), body, "sha256").hex()
        return await self.intake.apply(self.wire.read_callback([("x-signature", signature)], body, key, self.clock()))

    async def answer_post(self, question: Question, how: str) -> None:
        """Post the card or not, and say so or not."""
        made = self.channels.make(*question.about) if how in ("posted", "answer lost") else None
        await question.say(_post_answer(how, made))

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Ask the file by a connection of its own, which sees what is committed and nothing else."""
        return self._eye.execute(query, values).fetchall()

    def row(self, task: Task) -> sqlite3.Row:
        return self.rows("SELECT * FROM tasks WHERE id = ?", task.id)[0]

    def state(self, task: Task) -> str:
        return str(self.row(task)["state"])

    def alarms(self) -> list[tuple[Any, ...]]:
        """Return the tasks that something is still to happen to."""
        query = (
            "SELECT id, state, delivery, due_at, ask_at, tell_at, deliver_at FROM tasks"
            " WHERE coalesce(due_at, ask_at, tell_at, deliver_at) IS NOT NULL"
        )
        return [tuple(row) for row in self.rows(query)]

    @staticmethod
    def digest(body: bytes) -> bytes:
        return hashlib.sha256(body).digest()

    def age(self, task: Task) -> timedelta:
        """Return how long ago the vendor was asked."""
        return timedelta(milliseconds=self.clock().timestamp() * 1000 - self.row(task)["asked_at"])


def _post_answer(how: str, made: Posted | None) -> object:
    if how == "posted":
        return made
    return CannotPost("50013") if how == "refused" else PostLater(how)


def callback_body(name: str, status: str, version: int) -> bytes:
    """Return a callback; another version of it says the same with another title."""
    results = [{"id": "c", "audio_url": "https://files.example/c.mp3", "title": f"{name} take {version}"}]
    body = {"task_id": name, "status": "completed" if status == "empty" else status, "version": version}
    return json.dumps(body | ({"results": results} if status == "completed" else {})).encode()
