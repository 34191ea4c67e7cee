"""How soon the bot is back at work after a restart with much left over, and how soon it ends with work in hand.

    uv run python -m tests.bench.restart

The bot is the real `minstrel run`, with a store that the store's own functions have filled. Times go from the making of
the process. The vendor takes a tenth of a second for each answer, as a real one far away does: how many are asked for
at a time is the bound on the rate, so this decides it.
"""

import asyncio
import math
import signal
import sys
import time
from dataclasses import dataclass

from tests.bench.figures import Figure, report
from tests.bench.scene import POST_MESSAGE, leave_completed, leave_open, opened
from tests.parts import QuickStudio
from tests.whole.process import PATIENCE

#: The promises, in seconds.
MOST_TO_POST, MOST_TO_ASK, MOST_TO_STOP = 5.0, 60.0, 20.0
#: Uploads at a time, and tasks that are asked for at a time.
UPLOADS, ASKS = 3, 8
VENDOR_SECONDS = 0.1
NEVER = math.inf


@dataclass(frozen=True)
class Asking:
    """When each task was first asked for, in seconds from the start, in the order of their age."""

    waits: list[float]

    @property
    def oldest_first(self) -> bool:
        """Whether no task was asked for before one that is older by more than are asked for at a time."""
        order = sorted(range(len(self.waits)), key=self.waits.__getitem__)
        return all(abs(place - number) < ASKS for place, number in enumerate(order))

    @property
    def most_a_second(self) -> int:
        """The most that were asked for within one second."""
        waits = sorted(wait for wait in self.waits if wait < NEVER)
        return max((sum(start <= wait < start + 1 for wait in waits) for start in waits), default=0)


async def first_posted(waiting: int) -> float:
    """Return after how many seconds the first of many waiting deliveries is posted."""
    async with opened(QuickStudio()) as scene:
        await leave_completed(scene, waiting)
        start = time.monotonic()
        await scene.bot.spawn()
        await scene.discord.wait_for(lambda: scene.posted, PATIENCE)
        return time.monotonic() - start


async def asked(open_tasks: int) -> Asking:
    """Return when each open task was asked for after the start."""
    async with opened(QuickStudio()) as scene:
        tasks = await leave_open(scene, open_tasks)
        scene.vendor.behaviour.answer_after = VENDOR_SECONDS
        start = time.time()
        await scene.bot.spawn()
        while len(set(scene.asked())) < open_tasks and time.time() < start + MOST_TO_ASK:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.2)
        times = [request.at - start for request in scene.vendor.requests]
        # Reversed, so that the first time of each is the one that stays.
        first = dict(zip(reversed(scene.asked()), reversed(times), strict=True))
        return Asking([first.get(task, NEVER) for task in tasks])


async def stopped() -> tuple[float, int]:
    """Return how long the bot takes to end with uploads in hand that are held, and its exit status."""
    async with opened(QuickStudio(), channels=UPLOADS) as scene:
        await leave_completed(scene, UPLOADS)
        hold = scene.discord.hold(*POST_MESSAGE, when="before")
        process = await scene.bot.spawn()
        await hold.reached(UPLOADS, PATIENCE)
        start = time.monotonic()
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(2 * MOST_TO_STOP):
            status = await process.wait()
        return time.monotonic() - start, status


def figures(quick: bool = False) -> list[Figure]:
    """Measure everything."""
    return asyncio.run(_measure(100 if quick else 1000))


async def _measure(count: int) -> list[Figure]:
    seconds = await first_posted(count)
    asking = await asked(count)
    ending, status = await stopped()
    return [
        Figure(
            f"start to the first card, {count:,} waiting",
            f"< {MOST_TO_POST:.0f} s",
            f"{seconds:.1f} s",
            seconds < MOST_TO_POST,
        ),
        _asking_figure(asking),
        Figure(
            f"SIGTERM to the end, {UPLOADS} uploads held",
            f"≤ {MOST_TO_STOP:.0f} s, status 0",
            f"{ending:.1f} s, status {status}",
            ending <= MOST_TO_STOP and status == 0,
        ),
    ]


def _asking_figure(asking: Asking) -> Figure:
    last = max(asking.waits)
    order = "oldest first" if asking.oldest_first else "NOT oldest first"
    return Figure(
        f"every open task asked for after the start, {len(asking.waits):,} open",
        f"≤ {MOST_TO_ASK:.0f} s, oldest first",
        f"{last:.1f} s, at most {asking.most_a_second} a second, {order}",
        last <= MOST_TO_ASK and asking.oldest_first,
    )


if __name__ == "__main__":
    sys.exit(report(figures()))
