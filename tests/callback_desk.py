"""A callback listener that is open on a real store, and a hand that writes the bytes of HTTP itself."""

import asyncio
import hashlib
import hmac
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from bot.callbacks import CallbackListener, listening
from bot.domain.task import Task
from bot.flows.intake import Intake
from bot.providers.musicmint import MusicMint
from bot.store.database import Database
from bot.store.news import SqliteNews
from bot.store.submissions import SqliteSubmissions
from tests.parts import API_KEY, SECRET, Clock, make_task
from tests.written_log import WrittenLog, writing_log

OLD_SECRET = "the signing secret of last year"
#: No answer on loopback takes this long, in seconds; a test that waits for one that never comes ends here.
PATIENCE = 5.0


def signed(body: bytes, secret: str = SECRET) -> str:
    """Return what the vendor writes into X-Signature."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def result(clip_id: str = "clip-1", **changes: Any) -> dict[str, Any]:
    """Return one result as the vendor documents it, with changes."""
    whole = {
        "id": clip_id,
        "audio_url": f"https://files.example/{clip_id}.mp3",
        "image_url": f"https://files.example/{clip_id}.jpg",
        "title": "Tin Roof",
        "duration": 91.2,
        "tags": "lofi, rain",
        "prompt": "rain on a tin roof",
        "expire_at": 1_799_604_800_000,
    }
    return whole | changes


def completed(task_id: str = "mm-1", *results: Any) -> bytes:
    """Return the body of a callback that a task is done."""
    return json.dumps({"task_id": task_id, "status": "completed", "results": results or [result()]}).encode()


def failed(task_id: str = "mm-1", error: str = "no capacity") -> bytes:
    """Return the body of a callback that a task failed."""
    return json.dumps({"task_id": task_id, "status": "failed", "error": error}).encode()


@dataclass(frozen=True)
class Answer:
    """What the listener said; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Line:
    """One connection to the listener."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up()

    async def send(self, *parts: bytes) -> None:
        """Write bytes as they are."""
        self._writer.write(b"".join(parts))
        await self._writer.drain()

    def hang_up(self) -> None:
        """Close it from this side."""
        self._writer.close()

    async def answer(self) -> Answer:
        """Read one answer and nothing beyond it."""
        async with asyncio.timeout(PATIENCE):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status, *lines = head.rstrip().split("\r\n")
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
            body = await self._reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(status.split()[1]), headers, body)

    async def first_line(self) -> bytes:
        """Read the first line of whatever comes; nothing where the listener just closes."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self._reader.readline()
            except ConnectionResetError:
                return b""

    async def rest(self) -> bytes:
        """Read until the listener closes the connection."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self._reader.read()
            except ConnectionResetError:
                return b""


class Desk:
    """The listener on its port, and everything that can be seen of it."""

    def __init__(self, database: Database, file: str, clock: Clock, log: WrittenLog, **seconds: float) -> None:
        self.database, self.clock, self.log = database, clock, log
        self.file = file
        self.told: list[str] = []
        self.happened = asyncio.Event()
        self.intake = Intake(
            SqliteNews(database), clock, on_news=lambda: self._tell("news"), on_ask=lambda: self._tell("ask")
        )
        wire = MusicMint(API_KEY, [SECRET.encode(), OLD_SECRET.encode()], 7)
        self.listener = CallbackListener({wire.contract.name: wire}, self.intake, clock, **seconds)
        self.port = 0
        self._keys: list[str] = []

    def _tell(self, what: str) -> None:
        self.told.append(what)
        self.happened.set()

    async def task(self, provider_task_id: str | None = "mm-1") -> Task:
        """Store a task that the vendor was asked for; without an id, its answer has not come yet."""
        task = make_task(now=self.clock())
        store = SqliteSubmissions(self.database)
        await store.accept(task, per_day=1000, at_once=1000, hold=timedelta(0))
        await store.claim_waiting(self.clock(), 1000)
        if provider_task_id is not None:
            await store.submitted(task.id, provider_task_id, self.clock() + timedelta(minutes=3))
        self._keys.append(task.key)
        return task

    async def line(self) -> Line:
        """Open a connection."""
        return Line(*await asyncio.open_connection("127.0.0.1", self.port))

    async def say(self, *parts: bytes) -> Answer:
        """Send bytes on a connection of their own; return the first answer."""
        async with await self.line() as line:
            await line.send(*parts)
            return await line.answer()

    async def post(self, key: str, body: bytes, *headers: str) -> Answer:
        """Post a callback with exactly these headers (and the two that HTTP needs)."""
        return await self.say(request(key, *headers, f"Content-Length: {len(body)}"), body)

    async def callback(self, key: str, body: bytes, secret: str = SECRET) -> Answer:
        """Post a callback as the vendor does."""
        return await self.post(key, body, "Content-Type: application/json", f"X-Signature: {signed(body, secret)}")

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Ask the file through a connection of its own: it sees what is committed, and only that."""
        with closing(sqlite3.connect(self.file)) as second:
            second.row_factory = sqlite3.Row
            return second.execute(query, values).fetchall()

    def row(self, task: Task) -> sqlite3.Row:
        """Return a task's committed row."""
        return self.rows("SELECT * FROM tasks WHERE id = ?", task.id)[0]

    def titles(self, task: Task) -> list[str]:
        """Return the titles of a task's committed tracks, in their order."""
        rows = self.rows("SELECT title FROM tracks WHERE task_id = ? ORDER BY number", task.id)
        return [row["title"] for row in rows]

    def trace(self) -> tuple[list[tuple[object, ...]], ...]:
        """Return all that callbacks can leave in the database, to compare before with after."""
        tables = ("tasks", "tracks", "callbacks", "strays")
        return tuple([tuple(row) for row in self.rows(f"SELECT * FROM {table}")] for table in tables)

    def assert_calm(self) -> None:
        """Nothing that was sent made a fault of ours, and no secret got into the log."""
        self.log.assert_calm()
        for secret in (SECRET, OLD_SECRET, API_KEY, *self._keys):
            assert secret not in self.log.text

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the write lock, as another program would."""
        with closing(sqlite3.connect(self.file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield


def request(key: str, *headers: str, method: str = "POST") -> bytes:
    """Return the head of a request to a callback address."""
    lines = [f"{method} /callbacks/musicmint/{key} HTTP/1.1", "Host: bot.example", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1")


@asynccontextmanager
async def open_desk(
    database: Database,
    clock: Clock,
    *,
    keepalive: float = 15.0,
    calm: bool = True,
    **seconds: float,
) -> AsyncIterator[Desk]:
    """Join the parts as the app does. At the end the log must be calm, unless a fault of ours was meant."""
    file = await database.read(lambda db: str(db.execute("PRAGMA database_list").fetchone()["file"]))
    with writing_log() as log:
        desk = Desk(database, file, clock, log, **seconds)
        async with listening(desk.listener, "127.0.0.1", 0, keepalive) as desk.port:
            yield desk
        if calm:
            desk.assert_calm()
