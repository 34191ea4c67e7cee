"""Whether anything is lost or doubled when the bot is killed at any instant, and started again.

    uv run python -m tests.bench.kills --kills 1000 [--jobs 2] [--outage short|long|both] [--resume] [--seed 1]

The bot is the real `minstrel run` process, Discord is the small one of `tests/wire`, and the music provider is the
pretend one, all on loopback. Members ask for tunes; the bot is ended by SIGKILL at seeded random instants and while
the other side holds something in its hand (`kill_instants.py`), and started again, after a short outage or after one
that is longer than Discord remembers a nonce. After some kills a world is left to settle and counted in Discord's own
messages (`kill_count.py`); then comes a new one.

Lost: a task that the vendor accepted, without a card and without an honest notice. Doubled: two cards of one task, or
two creates. Orphaned: a line that never says how it ended, or a card that the store does not know. Two things are
counted apart: a private card that was being shown at the kill may come once more as a direct message
(docs/architecture.md), and a card that a moderator deleted before the bot had recorded it may come again after a long
outage.

`--resume` adds to the totals of the runs before, until there are `--kills` of them. Ends with 1 if anything went wrong.
"""

import argparse
import asyncio
import sys
import time
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.kill_tally import Tally
from tests.bench.kill_world import OUTAGES
from tests.whole.process import ROOT

#: Kills in one world; then a fresh one.
KILLS_A_WORLD = 25
#: What `--resume` goes on from.
TOTALS = ROOT / ".bench" / "kills.json"
#: Kills of a quick run, for the table of all benches.
QUICK = 50


async def kill(kills: int, jobs: int, outage: str, seed: int, totals: Path | None = None) -> Tally:
    """Run worlds, `jobs` at a time, until there are `kills` with those in the file `totals`; return all together."""
    tally = Tally.read(totals) if totals else Tally()
    planned, number = tally.kills, tally.worlds

    async def job() -> None:
        nonlocal planned, number
        while planned < kills:
            some = min(KILLS_A_WORLD, kills - planned)
            planned, number = planned + some, number + 1
            _add(tally, await _world(seed * 100_000 + number, some, outage), totals)

    before, began = tally.seconds, time.monotonic()
    await asyncio.gather(*(job() for _ in range(jobs)))
    # Of worlds side by side the time counts once.
    tally.seconds = before + time.monotonic() - began
    _keep(tally, totals)
    return tally


def _add(tally: Tally, world: Tally, totals: Path | None) -> None:
    tally.add(world)
    _keep(tally, totals)
    print(f"  so far: {tally}", flush=True)


def _keep(tally: Tally, totals: Path | None) -> None:
    if totals:
        totals.parent.mkdir(parents=True, exist_ok=True)
        totals.write_text(tally.dump())


async def _world(seed: int, kills: int, outage: str) -> Tally:
    """Run one world in a process of its own, and print what it has to say."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.kill_world"),
        *("--seed", str(seed), "--kills", str(kills), "--outage", outage),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    *said, figures = (await process.stdout.read()).decode().splitlines() or [""]
    await process.wait()
    for line in said:
        print(line, flush=True)
    if not figures.startswith("{"):
        print(f"seed {seed}: the world itself broke: {figures}", flush=True)
        return Tally(worlds=1, kills=kills, unsound=1)
    return Tally.load(figures)


def figures(quick: bool = False) -> list[Figure]:
    """Run some kills; see `tests.bench.figures`."""
    tally = asyncio.run(kill(QUICK if quick else 1000, 2, "both", seed=int(time.time())))
    print(tally.report())
    return [Figure("killed at any instant: nothing lost, nothing doubled", "0 lost, 0 doubled", str(tally), tally.good)]


def main() -> int:
    """Run, print the histograms and the summary as the last line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.kills")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--outage", choices=OUTAGES, default="both")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help=f"go on from {TOTALS.relative_to(ROOT)}")
    options = parser.parse_args()
    if not options.resume:
        TOTALS.unlink(missing_ok=True)
    tally = asyncio.run(kill(options.kills, options.jobs, options.outage, options.seed, TOTALS))
    print(tally.report())
    print(f"{tally.seconds / max(tally.kills, 1):.2f} s for each kill, {tally.worlds} worlds")
    print(tally)
    return 0 if tally.good else 1


if __name__ == "__main__":
    sys.exit(main())
