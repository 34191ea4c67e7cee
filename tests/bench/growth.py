"""What a million old tasks cost: every step of the store, in an empty one and in a full one, in turns.

    uv run python -m tests.bench.growth

Both stores are real files behind the real ports. Each turn takes the same new tasks through the same steps, first in
the one, then in the other, and the medians over the turns are compared. In the full store each member has two
thousand old tasks of their own, so that what a member looks at is measured as well.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from bot.domain.ports import Recorded
from bot.domain.task import Task
from bot.domain.track import Completed, Update
from bot.store.board import SqliteQueue
from bot.store.database import Database, open_database
from bot.store.deliveries import SqliteDeliveries
from bot.store.members import SqliteMembers
from bot.store.moves import recover
from bot.store.news import SqliteNews
from bot.store.submissions import SqliteSubmissions
from bot.store.tellings import SqliteTellings
from tests.bench.figures import Figure, report
from tests.bench.old_tasks import FIRST_MEMBER, MEMBERS, add_old
from tests.parts import make_task, make_track

#: The promise: a full store may cost so many times an empty one. A look is a fraction of a millisecond, of which one
#: page more that is read makes a multiple: it may cost so many milliseconds more.
MOST, MOST_MORE = 1.2, 1.0
LOOKS = ("/queue", "/quota")
OLD = 1_000_000
#: The start with so many finished tasks may take so many seconds.
STARTS = {100_000: 2.0, OLD: 5.0}
#: Turns, and new tasks in each.
TURNS, TASKS = 31, 24
#: No limit of ours shall stand in the way.
PER_DAY, AT_ONCE = 100_000, 1_000
LEASE = timedelta(hours=1)

Times = dict[str, list[float]]


@dataclass
class Store:
    """The ports, on one database."""

    database: Database

    def __post_init__(self) -> None:
        self.submissions, self.news = SqliteSubmissions(self.database), SqliteNews(self.database)
        self.deliveries, self.queue = SqliteDeliveries(self.database), SqliteQueue(self.database)
        self.members = SqliteMembers(self.database)
        self.times: Times = defaultdict(list)

    async def timed(self, step: str, run: Callable[[Task], Awaitable[None]], tasks: Sequence[Task]) -> None:
        """Do one step for each task; note how long each took in the mean, in milliseconds."""
        began = time.perf_counter()
        for task in tasks:
            await run(task)
        self.times[step].append((time.perf_counter() - began) * 1000 / len(tasks))

    async def turn(self, tasks: Sequence[Task]) -> None:
        """Take new tasks through everything the store does for them."""
        await self.timed("/generate", self._generate, tasks)
        await self.timed("/queue", self._queue, tasks)
        await self.timed("/quota", self._quota, tasks)
        await self.timed("a callback", self._call_back, tasks)
        await self.timed("a delivery", self._deliver, tasks)

    async def _generate(self, task: Task) -> None:
        now = _now()
        await self.submissions.accept(task, per_day=PER_DAY, at_once=AT_ONCE, hold=timedelta(0))
        await self.submissions.answered(task.id, 77, now)
        claimed = await self.submissions.claim_waiting(_now(), AT_ONCE)
        assert claimed is not None
        assert await self.submissions.submitted(claimed.id, f"mm-{claimed.id}", now + timedelta(minutes=3))

    async def _queue(self, task: Task) -> None:
        assert (await self.queue.seen_by(task.origin.member_id)).mine

    async def _quota(self, task: Task) -> None:
        assert (await self.members.usage(task.origin.member_id, _now(), PER_DAY)).used

    async def _call_back(self, task: Task) -> None:
        tracks = (make_track(f"{task.id}-1"), make_track(f"{task.id}-2"))
        digest = sha256(task.id.encode()).digest()
        update = Update("musicmint", f"mm-{task.id}", Completed(tracks), key=task.key, digest=digest)
        assert await self.news.record(update, _now()) is Recorded.NEWS

    async def _deliver(self, _task: Task) -> None:
        task = await self.deliveries.claim(_now(), LEASE)
        assert task is not None
        assert len(await self.deliveries.tracks(task.id)) == 2
        await self.deliveries.sent(task.id, 3001, 88, _now())


def _now() -> datetime:
    return datetime.now(UTC)


def _tasks(turn: int) -> list[Task]:
    """Return new tasks, each of another of the members who have old ones."""
    first = turn * TASKS
    return [make_task(now=_now(), member_id=FIRST_MEMBER + (first + n) % MEMBERS) for n in range(TASKS)]


async def _compare(empty: Path, full: Path, turns: int) -> list[Figure]:
    async with open_database(empty) as one, open_database(full) as other:
        stores = [Store(one), Store(other)]
        for turn in range(turns):
            for store in stores:
                await store.turn(_tasks(turn))
            stores.reverse()
        stores.sort(key=lambda store: store.database is other)
    return [_figure(step, stores[0].times[step], stores[1].times[step]) for step in stores[0].times]


def _figure(step: str, empties: Sequence[float], fulls: Sequence[float]) -> Figure:
    promise, empty, full = f"growth, {OLD:,} old tasks: {step}", statistics.median(empties), statistics.median(fulls)
    if step in LOOKS:
        limit = f"≤ {MOST_MORE:.0f} ms more than an empty store"
        return Figure(
            promise, limit, f"{full - empty:.2f} ms ({empty:.2f} to {full:.2f} ms)", full - empty <= MOST_MORE
        )
    measured = f"{full / empty:.2f} × ({empty:.2f} to {full:.2f} ms)"
    return Figure(promise, f"≤ {MOST} × an empty store", measured, full / empty <= MOST)


async def _start(file: Path, old: int) -> Figure:
    """What a start asks of the store, up to the first look for something to deliver."""
    began = time.perf_counter()
    async with open_database(file) as database:
        await database.write(lambda db: recover(db, _now()))
        await SqliteSubmissions(database).next_waiting()
        await SqliteNews(database).next_ask()
        await SqliteTellings(database).next_telling()
        assert await SqliteDeliveries(database).claim(_now(), LEASE) is None
        seconds = time.perf_counter() - began
    return Figure(
        f"start of the store, {old:,} old tasks", f"< {STARTS[old]} s", f"{seconds:.2f} s", seconds < STARTS[old]
    )


async def _fill(file: Path) -> list[Figure]:
    """Fill the store step by step, and start it at each."""
    rows, there = [], 0
    async with open_database(file):
        pass
    for old in STARTS:
        add_old(file, there, old)
        rows.append(await _start(file, old))
        there = old
    return rows


async def _measure(turns: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        empty, full = Path(folder) / "empty.sqlite3", Path(folder) / "full.sqlite3"
        return [*await _fill(full), *await _compare(empty, full, turns)]


def figures(quick: bool = False) -> list[Figure]:
    """Measure the promises about growth."""
    return asyncio.run(_measure(7 if quick else TURNS))


if __name__ == "__main__":
    sys.exit(report(figures()))
