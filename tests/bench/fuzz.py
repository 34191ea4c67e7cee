"""Whether anything that can be sent to the callback listener makes it fail, grow, tell, or stop listening.

    uv run python -m tests.bench.fuzz [--requests 100000] [--seed S]

The real listener with the real store runs in a process of its own; many connections send it requests of which nearly
half are rightly signed, in rounds: in each, the unsigned ones first, and nothing of them may be stored or set off. Good
callbacks go in all the while. Ends with 1 if there was an answer that is not allowed (5xx above all), a traceback or an
error in the log, more than a line a minute for each kind of refusal, more than 5 MiB of memory over what a run of the
same kind had settled at, anything stored or asked for by unsigned input, a connection of its own, or good callbacks
that wait for more than 100 ms at the median while an idle listener does not.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure
from tests.bench.fuzz_lines import Tally, good_ones, sender
from tests.bench.fuzz_process import ListenerProcess
from tests.bench.fuzz_requests import Make, Shot, Signed, slow, unsigned

#: What the listener tells of itself: its rows, what was set off, its memory.
State = dict[str, Any]
#: Requests of a whole run, and of a small one.
REQUESTS, QUICK = 100_000, 10_000
LINES = 24
#: So many more are open at first that are too slow.
SLOW = 8
ROUNDS = 10
#: Of all requests, these are rightly signed; and so many go ahead of what is measured.
SIGNED_PART, WARM_UP_PART = 0.45, 0.15
MOST_MEMORY = 5 * 1024 * 1024
#: The promise for a good callback, in milliseconds; a machine that is busy is given as many times its idle wait.
MOST_WAIT, MOST_TIMES = 100.0, 40.0
#: Ends by itself after so many seconds, whatever is left.
DEADLINE = 240.0


class Fuzz:
    """One run against one listener."""

    def __init__(self, listener: ListenerProcess, seed: int) -> None:
        self.listener, self.rng, self.signed = listener, random.Random(seed), Signed()
        self.tally, self.faults, self.waits = Tally(), list[str](), list[float]()
        self.began = time.monotonic()

    @property
    def over(self) -> bool:
        return time.monotonic() - self.began > DEADLINE

    async def rounds(self, requests: int, rounds: int) -> None:
        for _ in range(rounds):
            if not self.over:
                await self._round(requests // rounds)

    async def _round(self, requests: int) -> None:
        """Unsigned requests, which may leave no trace; then signed ones."""
        targets = await self.listener.fresh()
        with_signature = int(requests * SIGNED_PART)
        before = await self.listener.state()
        good = await self._volley(targets, requests - with_signature, unsigned)
        self._no_trace(before, await self.listener.state(), good)
        await self._volley(targets, with_signature, self.signed.shot)

    async def _volley(self, targets: list[dict[str, str]], requests: int, make: Make) -> int:
        """Send so many of one make over all lines; return how many good ones went in meanwhile."""
        left = requests

        def shots() -> Shot | None:
            nonlocal left
            left -= 1
            return None if left < 0 or self.over else make(self.rng, self.rng.choice(targets[1:]))

        stop = asyncio.Event()
        good = asyncio.create_task(good_ones(self.listener.port, targets[0], stop))
        await asyncio.gather(*(sender(self.listener.port, shots, self.tally) for _ in range(LINES)))
        stop.set()
        waits = await good
        self.waits += waits
        return len(waits)

    def _no_trace(self, before: State, after: State, good: int) -> None:
        expected = dict(before["rows"], callbacks=before["rows"]["callbacks"] + good)
        if after["rows"] != expected:
            self.faults.append(f"unsigned input was stored: {expected} became {after['rows']}")
        asks = [state["set_off"].get("asks", 0) for state in (before, after)]
        if asks[0] != asks[1]:
            self.faults.append("unsigned input had a task asked for")

    async def slow_ones(self, targets: list[dict[str, str]]) -> None:
        """Send requests that never come to their end, all at once."""
        shots = iter([slow(self.rng, target) for target in targets])
        await asyncio.gather(*(sender(self.listener.port, lambda: next(shots, None), self.tally) for _ in targets))

    async def idle_waits(self) -> list[float]:
        """Return the waits of good callbacks with nothing else going on."""
        stop, targets = asyncio.Event(), await self.listener.fresh()
        asyncio.get_running_loop().call_later(2.0, stop.set)
        return await good_ones(self.listener.port, targets[0], stop)


async def run(requests: int, seed: int, folder: Path) -> tuple[Fuzz, str]:
    """Run it all; return the run with its faults, and the summary."""
    async with ListenerProcess(folder) as listener:
        fuzz = Fuzz(listener, seed)
        idle = await fuzz.idle_waits()
        await fuzz.rounds(int(requests * WARM_UP_PART), 2)
        before = await listener.state()
        fuzz.waits.clear()
        slow_lines = asyncio.create_task(fuzz.slow_ones((await listener.fresh())[:SLOW]))
        await fuzz.rounds(requests - fuzz.tally.count(), ROUNDS)
        await slow_lines
        after = await listener.state()
    return fuzz, _judge(fuzz, requests, idle, before, after)


def _judge(fuzz: Fuzz, requests: int, idle: list[float], before: State, after: State) -> str:
    """Add what is wrong to the faults; return the summary."""
    faults, tally, log = fuzz.faults, fuzz.tally, fuzz.listener.log()
    grown, sent, of_them = after["memory"] - before["memory"], tally.count(), tally.count("signed")
    usual, loaded = statistics.median(idle), statistics.median(fuzz.waits)
    refusals = log.too_often(time.monotonic() - fuzz.began)
    checks = {
        f"{len(tally.wrong)} answers that are not allowed, the first: {tally.wrong[:1]}": bool(tally.wrong),
        f"only {sent} of {requests} in {DEADLINE:.0f} s": sent < requests,
        "under 40 % signed": of_them < 0.4 * sent,
        f"the log tells of {log.bad[:2]}": bool(log.bad),
        f"too many lines: {refusals}": bool(refusals),
        f"memory grew by {grown / 2**20:.1f} MiB": grown > MOST_MEMORY,
        "it connected to somebody": after["set_off"].get("connections", 0) > 0,
        f"good callbacks waited {loaded:.0f} ms": loaded > MOST_WAIT and loaded > MOST_TIMES * usual,
        f"quick_check: {after['integrity']}": after["integrity"] != "ok",
    }
    faults += [what for what, wrong in checks.items() if wrong]
    return (
        f"{sent} requests in {time.monotonic() - fuzz.began:.0f} s, {of_them / max(sent, 1):.0%} rightly signed;"
        f" memory {grown / 2**20:+.1f} MiB at {after['memory'] / 2**20:.0f}; log {log.size / 2**10:.0f} KiB,"
        f" {log.refusals} lines about refusals of {log.kinds} kinds; {len(fuzz.waits)} good callbacks:"
        f" median {loaded:.1f} ms ({loaded / usual:.1f} × idle), worst {max(fuzz.waits):.0f} ms (idle {max(idle):.0f});"
        f" {'ok' if not faults else 'FAILED'}"
    )


def figures(quick: bool = False) -> list[Figure]:
    """Send requests; see `tests.bench.figures`."""
    with tempfile.TemporaryDirectory() as folder:
        fuzz, summary = asyncio.run(run(QUICK if quick else REQUESTS, random.randrange(10**9), Path(folder)))
    return [Figure("any bytes at the listener", "no fault, memory +5 MiB at most", summary, not fuzz.faults)]


def main() -> int:
    """Run, print the mix and the summary; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fuzz")
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    seed = random.randrange(10**9) if options.seed is None else options.seed
    with tempfile.TemporaryDirectory() as folder:
        fuzz, summary = asyncio.run(run(options.requests, seed, Path(folder)))
    print(f"seed {seed}\n{fuzz.tally}")
    for fault in fuzz.faults:
        print(f"FAILED: {fault}")
    print(summary)
    return 1 if fuzz.faults else 0


if __name__ == "__main__":
    sys.exit(main())
