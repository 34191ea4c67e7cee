"""A provider, the vendor that pretends to be its own, the listener and the store: all but Discord."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp

from bot.callbacks import CallbackListener, listening
from bot.domain.contract import Worth
from bot.domain.ports import Limits
from bot.domain.task import Task
from bot.flows.intake import Intake
from bot.flows.reconcile import Reconcile
from bot.flows.submit import Submit
from bot.providers.http import HttpProvider, provider_session
from bot.store.database import Database
from bot.store.news import SqliteNews
from bot.store.submissions import SqliteSubmissions
from tests.parts import API_KEY, Clock, make_task
from tests.providers.vendor import Headers, Pretend, Vendor
from tests.providers.vendors import CALLING


@dataclass
class World:
    """Everything there is, with the flows moved by hand."""

    vendor: Vendor
    server: Pretend
    provider: HttpProvider
    store: SqliteSubmissions
    news: SqliteNews
    intake: Intake
    submit: Submit
    reconcile: Reconcile
    session: aiohttp.ClientSession
    address: str
    file: str
    clock: Clock
    #: What woke whom.
    told: list[str] = field(default_factory=list)

    async def accept(self) -> Task:
        """Have a member ask for something."""
        task = make_task(now=self.clock(), provider=self.provider.contract.name)
        await self.store.accept(task, per_day=100, at_once=100, hold=timedelta())
        await self.store.answered(task.id, 42, self.clock())
        return task

    async def submitted(self) -> Task:
        """Have it asked of the vendor."""
        task = await self.accept()
        assert await self.submit.step()
        return task

    @property
    def newest(self) -> str:
        """The vendor's own id of its newest task."""
        return list(self.server.tasks)[-1]

    async def called_back(self) -> list[int | None]:
        """Wait until the vendor has told all it has to tell; return what it was answered so far."""
        await self.server.settled()
        return [sent.status for sent in self.server.callbacks_sent]

    async def caught_up(self) -> None:
        """Ask for everything that is due now."""
        while await self.reconcile.step():
            pass

    async def post(self, key: str, body: bytes, headers: Headers, name: str = "") -> int:
        """Post a callback to an address of the listener."""
        name = name or self.provider.contract.name
        keyed = next(vendor.wire("").contract.keyed for vendor in CALLING if vendor.wire("").contract.name == name)
        url = f"{self.address}/callbacks/{name}" + (f"/{key}" if keyed else "")
        async with self.session.post(url, data=body, headers=headers) as answer:
            return answer.status

    def look_ups(self) -> int:
        """Return how often the vendor was asked how a task stands."""
        paths = [request.path for request in self.server.requests]
        return sum("/task/" in path or path.endswith("/status") for path in paths)

    def row(self, task: Task) -> sqlite3.Row:
        """Return a task's committed row, with the number of its tracks."""
        query = "SELECT *, (SELECT count(*) FROM tracks WHERE task_id = tasks.id) AS tracks FROM tasks WHERE id = ?"
        with closing(sqlite3.connect(self.file)) as second:
            second.row_factory = sqlite3.Row
            row: sqlite3.Row = second.execute(query, (task.id,)).fetchone()
            return row

    def trace(self) -> list[list[tuple[object, ...]]]:
        """Return all that callbacks can leave behind."""
        with closing(sqlite3.connect(self.file)) as second:
            tables = ("tasks", "tracks", "callbacks", "strays")
            return [second.execute(f"SELECT * FROM {table}").fetchall() for table in tables]


@asynccontextmanager
async def world(
    vendor: Vendor, database: Database, clock: Clock, *, vendors_clock: Clock | None = None
) -> AsyncIterator[World]:
    """Open everything; the listener reads the callbacks of all vendors."""
    file = await database.read(lambda db: str(db.execute("PRAGMA database_list").fetchone()["file"]))
    told: list[str] = []
    news = SqliteNews(database)
    intake = Intake(news, clock, on_news=lambda: told.append("news"), on_ask=lambda: told.append("ask"))
    readers = {one.wire("").contract.name: one.wire(API_KEY) for one in CALLING}
    listener = CallbackListener(readers, intake, clock)
    theirs = vendors_clock or clock
    async with listening(listener, "127.0.0.1", 0, 15.0) as port, provider_session() as session:
        address = f"http://127.0.0.1:{port}"
        wire = vendor.wire(API_KEY)
        account = None if wire.contract.keyed else f"{address}/callbacks/{wire.contract.name}"
        async with vendor.pretend(account, lambda: theirs().timestamp()) as server:
            provider = HttpProvider(wire, session, server.base_url, address)
            providers = {wire.contract.name: provider}
            store = SqliteSubmissions(database)
            submit = Submit(store, providers, Limits(100, 100, frozenset()), intake, clock, on_change=lambda: None)
            reconcile = Reconcile(news, providers, intake, clock)
            yield World(
                vendor, server, provider, store, news, intake, submit, reconcile, session, address, file, clock, told
            )


def asks(vendor: Vendor) -> bool:
    """Say whether its callbacks only say that something happened."""
    return vendor.wire("").contract.callbacks is Worth.HINT
