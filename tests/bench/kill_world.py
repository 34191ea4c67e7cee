"""One world of the kill bench: a small Discord, a vendor and a bot that is killed many times, then counted.

    python -m tests.bench.kill_world --seed 7 --kills 25 --outage both

prints what went wrong, and in its last line the figures as JSON.
"""

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox.behaviour import Behaviour
from bot.sandbox.musicmint import PretendMusicMint
from tests.bench.kill_count import Count
from tests.bench.kill_instants import EARLY, IDLE, INSTANTS, STARTING, Scene, deck
from tests.bench.kill_members import Members
from tests.bench.kill_relay import Relay
from tests.bench.kill_tally import Tally
from tests.parts import API_KEY, SECRET, QuickStudio, short_mp3, small_jpeg
from tests.whole.process import PATIENCE, BotProcess, until
from tests.wire.server import WireDiscord

OUTAGES = ("short", "long", "both")
#: No limit of a day shall stand in the way; the usual two at once make others wait.
SETTINGS = {"MEMBER_PER_DAY": "10000", "LOG_LEVEL": "INFO"}
#: A long outage, in seconds: Discord has forgotten every nonce.
LONG = 600
#: After this, in seconds, the bot gives up a task of which nothing can be heard.
GIVEN_UP = 1900
#: The vendor's waits between attempts at a callback are shortened to this part: 0.3 s, 0.6 s, 1.2 s, 3 s, 6 s.
TIME_SCALE = 0.01
#: Seconds that an instant may keep us waiting before the bot is killed all the same.
LONGEST_WAIT = 3.0

AT_THE_KILL = (
    "SELECT CASE state WHEN 'completed' THEN 'completed, ' || delivery ELSE state END, count(*) FROM tasks"
    " WHERE state NOT IN ('cancelled', 'failed') AND delivery <> 'sent' GROUP BY 1"
)
UNSETTLED = (
    "SELECT 1 FROM tasks WHERE state IN ('waiting', 'submitting', 'submitted') OR deliver_at IS NOT NULL"
    " OR tell_at IS NOT NULL"
)
ROWS = (
    "SELECT id, state, delivery, attempt, notice_id, provider_task_id, failure, tries, message_id, first_try_at,"
    " tell_at, ask_at, deliver_at FROM tasks WHERE json_extract(request, '$.title') = '{}'"
)


class World:
    """Everything in one folder and one event loop, and the bot beside it."""

    def __init__(self, scene: Scene, members: Members) -> None:
        self._scene, self._members = scene, members
        self._bot, self._dice = scene.bot, scene.dice
        self.tally = Tally(worlds=1)
        self.troubles: list[str] = []

    async def kill(self, instant: str, outage: str) -> None:
        """Start the bot, kill it at one instant, and let some time pass."""
        async with INSTANTS[instant](self._scene) as reached:
            await self._bot.spawn()
            work = asyncio.create_task(self._work(instant))
            came = await self._waited(reached(), work)
            if not self._bot.running and not self._bot.struck:
                self._wrong("the bot ended by itself")
            await self._bot.kill()
            await _cancelled(work)
        self.tally.instants[instant if came else f"{instant}: did not come"] += 1
        self._look()
        self._members.moderate()
        self._be_away(outage)

    async def settle(self) -> None:
        """Start the bot once more, and wait until it has nothing left to do; what nobody will ever tell is given up."""
        self._members.calm_down()
        await self._run_until_settled()
        if self._bot.rows("SELECT 1 FROM tasks WHERE state = 'unknown'"):
            self._bot.age(GIVEN_UP)
            await self._run_until_settled("SELECT 1 FROM tasks WHERE state = 'unknown'")

    def count(self) -> None:
        """Count in Discord's messages, and in the database's pages."""
        findings = Count(self._scene.discord, self._scene.vendor, self._members).findings()
        self.tally.tasks, self.tally.apart = findings.tasks, self.tally.apart + findings.apart
        for kind, tune, said in findings.bad:
            setattr(self.tally, kind, getattr(self.tally, kind) + 1)
            self.troubles.append(f"{kind}: {tune}: {said}\n{self._story(tune)}")
        self._check_integrity()
        self.troubles += [f"Discord: {violation}" for violation in self._scene.discord.violations]
        self.tally.unsound += len(self._scene.discord.violations)

    async def _work(self, instant: str) -> None:
        """Have members ask for tunes as soon as the bot is there."""
        await self._scene.connected()
        if instant not in (STARTING, IDLE):
            await self._members.type_some(self._dice.randint(1, 6), early=instant == EARLY)

    async def _waited(self, reached: Awaitable[object], work: asyncio.Task[None]) -> bool:
        """Wait for the instant, and say whether it came; the wait is counted from the connection."""
        instant = asyncio.ensure_future(reached)
        waits = {instant, asyncio.create_task(self._patience(work))}
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        came = instant.done() and instant.exception() is None
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
        return bool(came)

    async def _patience(self, work: asyncio.Task[None]) -> None:
        await asyncio.wait([work], timeout=PATIENCE)
        await asyncio.sleep(LONGEST_WAIT)

    def _look(self) -> None:
        """Note what the bot had in hand when it was killed."""
        self.tally.kills += 1
        if not self._stored():
            self.tally.states["no database yet"] += 1
            return
        rows = {str(state): int(str(number)) for state, number in self._bot.rows(AT_THE_KILL)}
        self.tally.states.update(rows or {"nothing in hand": 1})
        self.tally.in_hand += sum(rows.values())
        self.tally.kills_with_several += sum(rows.values()) > 1
        self._members.note_unrecorded()
        self._check_integrity()

    def _stored(self) -> bool:
        return self._bot.database.exists() and bool(self._bot.rows("SELECT 1 FROM sqlite_master WHERE name = 'tasks'"))

    def _check_integrity(self) -> None:
        found = self._bot.rows("PRAGMA integrity_check")
        if found != [("ok",)]:
            self._wrong(f"integrity_check: {found}")

    def _be_away(self, outage: str) -> None:
        kind = self._dice.choice(OUTAGES[:2]) if outage == "both" else outage
        setattr(self.tally, kind, getattr(self.tally, kind) + 1)
        if kind == "long":
            self._scene.discord.advance(LONG)
            self._members.forget_deleted()
            if self._stored():
                self._bot.age(LONG)

    async def _run_until_settled(self, also: str = "SELECT 1 WHERE 0") -> None:
        """Start the bot, wait until all is done, and end it as an operator does."""
        await self._bot.spawn()
        await self._scene.connected()
        try:
            await self._scene.vendor.settled()
            await until(lambda: not self._bot.rows(UNSETTLED) and not self._bot.rows(also))
            await self._scene.vendor.settled()
        except TimeoutError:
            self._wrong("it does not settle")
        if not self._bot.running:
            self._wrong("the bot ended by itself")
        elif status := await self._bot.stop():
            self._wrong(f"it ended with status {status}")

    def _wrong(self, said: str) -> None:
        self.tally.unsound += 1
        last = self._bot.log.read_text().splitlines()[-8:] if self._bot.log.exists() else []
        self.troubles.append("\n  ".join([said, *last]))

    def _story(self, tune: str) -> str:
        """Return the rows of a tune, and the lines of the log about them."""
        rows = self._bot.rows(ROWS.format(tune))
        log = self._bot.log.read_text().splitlines()
        about = [line for line in log if any(str(row[0]) in line for row in rows)]
        return "\n".join(f"    {line}" for line in [*map(str, rows), *about])


async def run(seed: int, plan: Sequence[tuple[str, str]], folder: Path) -> World:
    """Kill a bot at each (instant, outage) of the plan, let it settle, and count."""
    began = time.monotonic()
    async with _open(random.Random(seed), folder) as world:
        for instant, outage in plan:
            await world.kill(instant, outage)
        await world.settle()
        world.count()
        world.tally.seconds = time.monotonic() - began
    return world


@asynccontextmanager
async def _open(dice: random.Random, folder: Path) -> AsyncIterator[World]:
    short_mp3(440), short_mp3(550), small_jpeg()  # made once, before anything waits for them
    behaviour = Behaviour(time_scale=TIME_SCALE)
    vendor = PretendMusicMint(API_KEY, SECRET, behaviour=behaviour, studio=QuickStudio())
    async with WireDiscord() as discord, vendor, Relay() as relay:
        bot = BotProcess(discord, vendor, folder, PUBLIC_URL=relay.url, **SETTINGS)
        relay.port = bot.port
        members = Members(discord, behaviour, bot, dice, discord.add_guild("Guild"))
        try:
            yield World(Scene(discord, vendor, relay, bot, dice), members)
        finally:
            await bot.end()


async def _cancelled(work: asyncio.Task[None]) -> None:
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


def main() -> int:
    """Run one world; print its troubles, and its figures as the last line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.kill_world")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--outage", choices=OUTAGES, default="both")
    options = parser.parse_args()
    # The pretend vendor's server complains loudly about every client that dies while it downloads.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    plan = [(instant, options.outage) for instant in deck(random.Random(options.seed), options.kills)]
    with tempfile.TemporaryDirectory() as folder:
        world = asyncio.run(run(options.seed, plan, Path(folder)))
    for trouble in world.troubles:
        print(f"seed {options.seed}: {trouble}")
    print(world.tally.dump())
    return 0 if world.tally.good else 1


if __name__ == "__main__":
    sys.exit(main())
