"""How soon a called-back track is posted, against a bare relay and against polling, and what memory that takes.

    uv run python -m tests.bench.delivery

The bot is the real `minstrel run`, the relay is `tests/bench/relay.py`, both processes of their own. The small Discord
and the pretend vendor, which serves the files, share the process of the bench: how much of each measured time was their
own work is said beside it. It is the same for both, and far less than the real Discord and the real way there take, so
it does not flatter the bot.

The time goes from the moment the callback's request is made to the moment the message exists. Pairs are interleaved,
and the first is not counted: both programs load what they need for it. For the vendor's own polling loop (ask every
five seconds, as its documentation says; here begun at evenly spread moments) the time to notice is real, and the time
to fetch and post is that of the bare relay.
"""

import asyncio
import statistics
import sys
import time
from dataclasses import dataclass
from operator import attrgetter

import aiohttp

from tests.bench import memory
from tests.bench.figures import Figure, report
from tests.bench.scene import POST_MESSAGE, Scene, SizedStudio, companion, leave_open, opened
from tests.parts import API_KEY, SECRET
from tests.whole.process import PATIENCE, free_port, until
from tests.wire.world import Channel

#: What one track has, in bytes; and for the slow uploads, in bytes a second.
TRACK, SLOW = 3_000_000, 200_000
#: The promises: so many times the relay's time, and so many milliseconds to an acknowledgement.
MOST_TIMES, MOST_MILLISECONDS = 1.5, 100.0
#: The vendor's advice, in seconds.
POLL_EVERY = 5.0
#: Uploads at a time.
AT_A_TIME = 3


@dataclass(frozen=True)
class Posting:
    """One delivery: seconds to the first sign of its upload, to its message, and of work in the bench's own process."""

    seen: float
    made: float
    own: float


@dataclass(frozen=True)
class Race:
    """The deliveries of the bot and of the relay, in pairs."""

    ours: list[Posting]
    bare: list[Posting]

    @property
    def times(self) -> float:
        """How many times as long as the relay the bot took: the median over the pairs."""
        return statistics.median(ours.made / bare.made for ours, bare in zip(self.ours, self.bare, strict=True))


async def race(pairs: int) -> Race:
    """Deliver the same tracks by the bot and by the relay, in turns."""
    async with opened(SizedStudio(TRACK)) as scene:
        tasks = await leave_open(scene, pairs + 1)
        await scene.start()
        await _all_asked(scene, len(tasks))
        relayed = scene.discord.add_channel(scene.guild, "relayed")
        port = free_port()
        async with companion("tests.bench.relay", **_relay_settings(scene, relayed, port)):
            found = Race([], [])
            for number, task in enumerate(tasks):
                again = scene.at_vendor(pairs + 1 + number, f"http://127.0.0.1:{port}/")
                if number % 2:
                    found.ours.append(await _ours(scene, task))
                    found.bare.append(await _deliver(scene, again, relayed))
                else:
                    found.bare.append(await _deliver(scene, again, relayed))
                    found.ours.append(await _ours(scene, task))
    return Race(found.ours[1:], found.bare[1:])


def _relay_settings(scene: Scene, channel: Channel, port: int) -> dict[str, str]:
    return {
        "DISCORD_API_URL": scene.discord.api_url,
        "DISCORD_TOKEN": scene.discord.token,
        "LISTEN_PORT": str(port),
        "RELAY_CHANNEL": str(channel.id),
        "RELAY_SECRET": SECRET,
    }


async def _ours(scene: Scene, task: str) -> Posting:
    before = scene.delivered()
    posting = await _deliver(scene, task, scene.channels[0])
    await until(lambda: scene.delivered() > before)
    return posting


async def _deliver(scene: Scene, task: str, channel: Channel) -> Posting:
    """Have the vendor finish a task and call back; wait for the message."""
    await scene.vendor.finish(task)
    before, requests, work = len(channel.messages), len(scene.discord.requests), time.process_time()
    start = time.monotonic()
    calling = asyncio.create_task(scene.vendor.resend(task))
    await scene.discord.wait_for(lambda: len(channel.messages) > before, PATIENCE)
    made, own = time.monotonic() - start, time.process_time() - work
    assert await calling == 204
    upload = next(r for r in scene.discord.requests[requests:] if r.method == "POST" and r.route == POST_MESSAGE[1])
    return Posting(upload.at - start, made, own)


async def _all_asked(scene: Scene, count: int) -> None:
    """Wait until the bot, just started, has asked for what was open; after that it rests."""
    await until(lambda: len(scene.asked()) >= count)


async def notice_by_polling(loops: int) -> list[float]:
    """Return after how many seconds each of some polling loops notices that its task has ended."""
    async with opened(SizedStudio(TRACK)) as scene, aiohttp.ClientSession() as session:
        task = scene.at_vendor(0, "")
        phases = [number * POLL_EVERY / loops for number in range(loops)]
        polling = [asyncio.create_task(_poll(session, scene, task, phase)) for phase in phases]
        await asyncio.sleep(POLL_EVERY)
        ended = time.monotonic()
        await scene.vendor.finish(task)
        return [noticed - ended for noticed in await asyncio.gather(*polling)]


async def _poll(session: aiohttp.ClientSession, scene: Scene, task: str, phase: float) -> float:
    await asyncio.sleep(phase)
    headers = {"Authorization": f"Bearer {API_KEY}"}
    while True:
        async with session.post(f"{scene.vendor.base_url}/api/v1/task/{task}", headers=headers) as answer:
            if (await answer.json())["data"]["status"] == "completed":
                return time.monotonic()
        await asyncio.sleep(POLL_EVERY)


async def acknowledge_while_uploading(callbacks: int) -> list[float]:
    """Return how many milliseconds each callback waits for its 204 while three uploads crawl."""
    async with opened(SizedStudio(TRACK), channels=AT_A_TIME) as scene:
        tasks = await leave_open(scene, callbacks + AT_A_TIME)
        await scene.start()
        await _all_asked(scene, len(tasks))
        scene.discord.uploads.upload_rate = SLOW
        for task in tasks[:AT_A_TIME]:
            await _acknowledge(scene, task)
        await scene.discord.wait_for(lambda: len(scene.discord.sent(*POST_MESSAGE)) == AT_A_TIME, PATIENCE)
        waits = [await _acknowledge(scene, task) for task in tasks[AT_A_TIME:]]
        assert not scene.posted, "the uploads were meant to last until now"
    return waits


async def _acknowledge(scene: Scene, task: str) -> float:
    await scene.vendor.finish(task)
    start = time.monotonic()
    assert await scene.vendor.resend(task) == 204
    return (time.monotonic() - start) * 1000


def figures(quick: bool = False) -> list[Figure]:
    """Measure everything."""
    return asyncio.run(_measure(quick))


async def _measure(quick: bool) -> list[Figure]:
    raced = await race(5 if quick else 30)
    noticed = await notice_by_polling(20)
    waits = await acknowledge_while_uploading(50 if quick else 300)
    return [_against_relay(raced), _against_polling(raced, noticed), _acknowledgements(waits), *await memory.measure()]


def _against_relay(raced: Race) -> Figure:
    (seen, made, own), (bare_seen, bare_made, bare_own) = _medians(raced.ours), _medians(raced.bare)
    return Figure(
        "callback to posted, against a bare relay",
        f"≤ {MOST_TIMES} ×",
        f"{raced.times:.2f} × ({made:.0f} against {bare_made:.0f} ms; upload begun at {seen:.0f} and {bare_seen:.0f};"
        f" the bench's own work {own:.0f} and {bare_own:.0f}; {len(raced.ours)} pairs)",
        raced.times <= MOST_TIMES,
    )


def _medians(postings: list[Posting]) -> tuple[float, float, float]:
    """Return the milliseconds to the upload and to the message, and of the bench's own work."""
    seen, made, own = (statistics.median(map(attrgetter(name), postings)) * 1000 for name in ("seen", "made", "own"))
    return seen, made, own


def _against_polling(raced: Race, noticed: list[float]) -> Figure:
    ours = statistics.median(posting.made for posting in raced.ours)
    polling = statistics.mean(noticed) + statistics.median(posting.made for posting in raced.bare)
    return Figure(
        "callback to posted, against the vendor's polling loop",
        "sooner",
        f"{polling - ours:.2f} s sooner on average ({ours:.2f} s against {polling:.2f} s)",
        ours < polling,
    )


def _acknowledgements(waits: list[float]) -> Figure:
    p99 = statistics.quantiles(waits, n=100, method="inclusive")[98]
    return Figure(
        f"callbacks acknowledged while {AT_A_TIME} uploads crawl at {SLOW // 1000} KB/s",
        f"p99 < {MOST_MILLISECONDS:.0f} ms",
        f"p99 {p99:.0f} ms, worst {max(waits):.0f} ms of {len(waits)}",
        p99 < MOST_MILLISECONDS,
    )


if __name__ == "__main__":
    sys.exit(report(figures()))
