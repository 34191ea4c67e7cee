"""Putting tracks into a store as the bot does, and looking into its library."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.ports_library import Query, Viewer
from bot.domain.task import Task
from bot.domain.track import Completed, Track, Update
from bot.store.database import Database
from bot.store.deliveries import SqliteDeliveries
from bot.store.library import SqliteLibrary
from bot.store.news import SqliteNews
from bot.store.submissions import SqliteSubmissions
from tests.parts import ADA, CHANNEL, GUILD, Clock, make_task, make_track

HERE = frozenset({CHANNEL})


@dataclass
class Shop:
    """A store with a clock that moves a minute with each task."""

    database: Database
    clock: Clock

    @property
    def library(self) -> SqliteLibrary:
        """Return the library."""
        return SqliteLibrary(self.database)

    async def ask(self, prompt: str = "rain", **changes: object) -> Task:
        """Commit a task, as the command does."""
        self.clock.advance(minutes=1)
        task = make_task(prompt, now=self.clock(), **changes)
        store = SqliteSubmissions(self.database)
        await store.accept(task, per_day=1000, at_once=1000, hold=timedelta())
        await store.answered(task.id, None, self.clock())
        return task

    async def make(
        self, prompt: str = "rain", *tracks: Track, posted_in: int | None = None, seen: bool = True, **changes: object
    ) -> Task:
        """Let a task run through to its card. `seen`: whether its card has an address."""
        task = await self.ask(prompt, **changes)
        store, clock = SqliteSubmissions(self.database), self.clock
        claimed = await store.claim_waiting(clock(), 1000)
        assert claimed is not None
        await store.submitted(claimed.id, f"theirs {claimed.id}", clock())
        outcome = Completed(tracks or (make_track(title="", seconds=60.0),))
        await SqliteNews(self.database).record(Update(task.provider, f"theirs {task.id}", outcome), clock())
        deliveries = SqliteDeliveries(self.database)
        await deliveries.claim(clock(), timedelta(days=1))
        place = task.origin.channel_id if posted_in is None else posted_in
        await deliveries.sent(task.id, place, 9000 + clock.now.minute if seen else None, clock())
        return task

    async def change(self, statement: str, *values: object) -> None:
        """Change rows behind the library's back."""
        await self.database.write(lambda db: db.execute(statement, values).rowcount)

    async def look(self, viewer: Viewer | None = None, **wanted: object) -> list[str]:
        """Return the prompts of a first page, as Ada sees it where she asks."""
        page = await self.library.page(viewer or ada(), replace(Query(), **wanted), 0)  # type: ignore[arg-type]
        return [entry.prompt for entry in page.entries]

    async def written(self) -> str:
        """Return everything the index and its table hold."""
        queries = ("SELECT * FROM library", "SELECT * FROM library_words")
        rows = await self.database.read(lambda db: [[tuple(row) for row in db.execute(query)] for query in queries])
        return json.dumps(rows)


def ada(**changes: object) -> Viewer:
    """Return Ada's eyes in her channel."""
    return replace(Viewer(ADA, CHANNEL, GUILD, HERE), **changes)  # type: ignore[arg-type]
