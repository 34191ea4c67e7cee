"""How soon callbacks are acknowledged, and how many, against a bare listener in the same run.

    uv run python -m tests.bench.intake

The listener on a real store, and a bare one that reads, verifies and answers, are processes of their own; this one
sends bytes made beforehand, each a rightly signed callback of a task that is open. What is compared takes turns, and
medians over the turns count, so that a busy machine does not decide. Every answer must be the right one.
"""

import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from bot.providers.signing import sign_hex
from bot.store.database import open_database
from tests.bench.busy import judged, stretch
from tests.bench.figures import Figure, report
from tests.bench.listeners import allow_descriptors, listener
from tests.bench.load import Load, post
from tests.bench.old_tasks import add_open
from tests.bench.slow_flush import SLOWNESS, slow_flush
from tests.parts import SECRET

#: The promises: milliseconds, seconds, and shares of a bare listener.
MOST_P99, MOST_BURST, LEAST_SHARE, MOST_BESIDE = 50.0, 1.0, 0.5, 100.0
#: Connections for the acknowledgement and for the throughput, callbacks in a round, and in the burst.
LINES, MANY_LINES, ROUND, BURST = 32, 128, 1500, 1000
#: How many connections are held half open, and how many good callbacks are sent meanwhile, one after the other.
HALF_OPEN, BESIDE = 2000, 100
#: The answers.
TAKEN, REFUSED = b"204", b"401"


@dataclass
class Rounds:
    """The same load, several times."""

    loads: list[Load] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers in a second, the median."""
        return statistics.median(len(load.waits) / load.seconds for load in self.loads)

    @property
    def p99(self) -> float:
        """The median of the 99th percentiles."""
        return statistics.median(load.p99 for load in self.loads)

    @property
    def seconds(self) -> float:
        """How long a round took, the median."""
        return statistics.median(load.seconds for load in self.loads)

    @property
    def worst(self) -> float:
        """The longest wait of all."""
        return max(max(load.waits) for load in self.loads)


def _callbacks(names: Sequence[str], secret: str = SECRET) -> list[bytes]:
    """Return the bytes of one completed callback for each task of `add_open`."""
    return [_request(name, _body(name), secret) for name in names]


def _body(name: str) -> bytes:
    results = [
        {
            "id": f"clip-{name}-{number}",
            "audio_url": f"https://files.example/m/{name}-{number}.mp3",
            "image_url": f"https://files.example/m/{name}-{number}.jpg",
            "title": "Tin Roof",
            "duration": 94.72,
            "tags": "lofi, rain, mellow",
            "prompt": "rain on a tin roof",
            "expire_at": 1_999_999_999_000,
        }
        for number in (1, 2)
    ]
    return json.dumps({"task_id": f"mm-{name}", "status": "completed", "results": results}).encode()


def _request(name: str, body: bytes, secret: str) -> bytes:
    head = (
        f"POST /callbacks/musicmint/{name} HTTP/1.1\r\nHost: bot.example\r\nContent-Type: application/json\r\n"
        f"X-Signature: {sign_hex(secret.encode(), body)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _send(rounds: Rounds, port: int, requests: Sequence[bytes], lines: int, expected: bytes = TAKEN) -> None:
    """Do one more round. Every answer must be the right one: a fast refusal is no figure."""
    load = await post(port, requests, lines)
    if not load.all_are(expected, len(requests)):
        raise WrongAnswers(f"{len(requests)} × {expected.decode()} expected, answered: {load}")
    rounds.loads.append(load)


class WrongAnswers(Exception):
    """Other answers came, or fewer."""


class _Stage:
    """Open tasks in a store, and the callbacks that end them, each good for once."""

    def __init__(self, folder: Path, name: str, tasks: int) -> None:
        self.file, self.log = folder / f"{name}.sqlite3", folder / f"{name}.log"
        self._names = [f"{number:012d}" for number in range(tasks)]
        self._callbacks: Iterator[bytes] = iter(_callbacks(self._names))

    async def fill(self) -> None:
        """Make the store."""
        async with open_database(self.file):
            pass
        add_open(self.file, self._names)

    def take(self, count: int) -> list[bytes]:
        """Return callbacks that were not sent yet."""
        return list(islice(self._callbacks, count))


async def _soon(stage: _Stage, ours: int, bare: int, turns: int) -> Figure:
    """How soon an answer comes."""
    plain, good, stretches = Rounds(), Rounds(), []
    for _ in range(turns):
        stretches.append(stretch())
        requests = stage.take(ROUND)
        await _send(plain, bare, requests, LINES)
        await _send(good, ours, requests, LINES)
    measured = f"{good.p99:.0f} ms (bare {plain.p99:.0f} ms; worst of all {good.worst:.0f} ms)"
    return judged(
        f"acknowledgement, {LINES} connections",
        f"p99 ≤ {MOST_P99:.0f} ms",
        measured,
        times=good.p99 / MOST_P99,
        stretched=statistics.median(stretches),
    )


async def _many(stage: _Stage, ours: int, bare: int, turns: int) -> list[Figure]:
    """How many answers there are. In turns: the bare listener, ours, and ours with forged callbacks."""
    plain, good, forged = Rounds(), Rounds(), Rounds()
    false = _callbacks([f"{number:012d}" for number in range(ROUND)], "not the secret")
    for _ in range(turns):
        requests = stage.take(ROUND)
        await _send(plain, bare, requests, MANY_LINES)
        await _send(good, ours, requests, MANY_LINES)
        await _send(forged, ours, false, MANY_LINES, REFUSED)
    share, cost = _in_pairs(plain, good), _in_pairs(forged, good)
    measured = f"{share:.2f} ({good.rate:.0f} to {plain.rate:.0f} a second, {turns} pairs)"
    return [
        Figure("throughput", f"≥ {LEAST_SHARE} of a bare handler", measured, share >= LEAST_SHARE),
        Figure("a forged callback", "≤ 1 × the time of a good one", f"{cost:.2f} ×", cost <= 1),
    ]


def _in_pairs(some: Rounds, others: Rounds) -> float:
    """Return how long the one took in terms of the other: the median over the pairs."""
    return statistics.median(one.seconds / other.seconds for one, other in zip(some.loads, others.loads, strict=True))


async def _burst(stage: _Stage, port: int, turns: int, where: str) -> Figure:
    """A thousand callbacks at once, on a connection each that is opened then."""
    rounds, stretches = Rounds(), []
    for _ in range(turns):
        stretches.append(stretch())
        try:
            await _send(rounds, port, stage.take(BURST), BURST)
        except WrongAnswers as error:
            return Figure(f"{BURST} callbacks at once{where}", f"≤ {MOST_BURST:.0f} s", str(error), False)
    measured = f"{rounds.seconds:.2f} s (worst of {turns}: {max(load.seconds for load in rounds.loads):.2f} s)"
    return judged(
        f"{BURST} callbacks at once{where}",
        f"≤ {MOST_BURST:.0f} s",
        measured,
        times=rounds.seconds / MOST_BURST,
        stretched=statistics.median(stretches),
    )


async def _beside(stage: _Stage, port: int, what: str) -> Figure:
    """Good callbacks one after the other, each on a connection of its own, while something else goes on."""
    rounds, stretched = Rounds(), stretch()
    for request in stage.take(BESIDE):
        await _send(rounds, port, [request], 1)
    waits = [load.seconds * 1000 for load in rounds.loads]
    p99 = statistics.quantiles(waits, n=100, method="inclusive")[98]
    measured = f"p99 {p99:.0f} ms, median {statistics.median(waits):.0f} ms"
    promise, limit = f"a good callback beside {what}", f"< {MOST_BESIDE:.0f} ms"
    return judged(promise, limit, measured, times=p99 / MOST_BESIDE, stretched=stretched)


@asynccontextmanager
async def _half_open(port: int) -> AsyncIterator[list[asyncio.StreamWriter]]:
    """Hold connections on which half a request was sent."""
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(HALF_OPEN)]
    try:
        for _, writer in opened:
            writer.write(b"POST /callbacks/musicmint/x HTTP/1.1\r\nHost: bot.exam")
        yield [writer for _, writer in opened]
    finally:
        for _, writer in opened:
            writer.transport.abort()


async def _under_half_open(stage: _Stage, port: int) -> Figure:
    async with _half_open(port) as held:
        figure = await _beside(stage, port, f"{HALF_OPEN} half-open connections")
        there = sum(not writer.transport.is_closing() for writer in held)
    return Figure(figure.promise, figure.limit, f"{figure.measured} ({there} still open after it)", figure.met)


async def _under_forged(stage: _Stage, port: int) -> Figure:
    """While forged callbacks come as fast as sixteen connections bring them."""
    forged = _callbacks(["000000000000"], "not the secret") * ROUND

    async def flood() -> None:
        while True:
            await post(port, forged, 16)

    flooding = asyncio.create_task(flood())
    try:
        return await _beside(stage, port, "a flood of forged ones")
    finally:
        flooding.cancel()
        await asyncio.gather(flooding, return_exceptions=True)


async def _normal_disk(folder: Path, turns: int) -> list[Figure]:
    stage = _Stage(folder, "normal", 2 * turns * ROUND + turns * BURST + 2 * BESIDE)
    await stage.fill()
    async with AsyncExitStack() as stack:
        bare = await stack.enter_async_context(listener("bare", log=folder / "bare.log"))
        ours = await stack.enter_async_context(listener("ours", str(stage.file), log=stage.log))
        rows = [await _soon(stage, ours, bare, turns), *await _many(stage, ours, bare, turns)]
        rows.append(await _burst(stage, ours, turns, ""))
        rows.append(await _under_forged(stage, ours))
        rows.append(await _under_half_open(stage, ours))
    return rows


async def _slow_disk(folder: Path, turns: int) -> Figure:
    """The burst again, where a flush takes longer; that it does is seen from callbacks that come alone."""
    environ, where = slow_flush(folder), f", a disk flush takes {SLOWNESS} ms more"
    if environ is None:
        return Figure(f"{BURST} callbacks at once{where}", f"≤ {MOST_BURST:.0f} s", "no C compiler here", None)
    stage, alone = _Stage(folder, "slow", turns * BURST + BESIDE), Rounds()
    await stage.fill()
    async with listener("ours", str(stage.file), log=stage.log, environ=environ) as port:
        await _send(alone, port, stage.take(BESIDE), 1)
        figure = await _burst(stage, port, turns, where)
    least = min(alone.loads[0].waits)
    if least < SLOWNESS:
        return Figure(figure.promise, figure.limit, f"flushes were not slowed: one alone took {least:.0f} ms", None)
    each = statistics.median(alone.loads[0].waits)
    return Figure(figure.promise, figure.limit, f"{figure.measured}; one alone {each:.0f} ms", figure.met)


async def _measure(turns: int) -> list[Figure]:
    if not allow_descriptors():
        return [Figure("intake", "all of it", "this system allows too few open connections", None)]
    with tempfile.TemporaryDirectory() as name:
        return [*await _normal_disk(Path(name), turns), await _slow_disk(Path(name), turns)]


def figures(quick: bool = False) -> list[Figure]:
    """Measure the promises about acknowledging callbacks."""
    return asyncio.run(_measure(2 if quick else 7))


if __name__ == "__main__":
    sys.exit(report(figures()))
