"""How soon the first answer comes when many members type /generate at once, and whether anybody gets none.

    uv run python -m tests.bench.answers [--members 20] [--rounds 10]

The bot is the real `minstrel run` process, Discord is the small one of `tests/wire`, and the music provider is the
pretend one, all on loopback. In each round every member types the command at the same moment; the next round begins
when all have an answer, while the tracks of the rounds before are called back, fetched and posted.

The time goes from the dispatch of the interaction to the arrival of its first answer. Ends with 1 if the 99th
percentile is over 300 ms or anybody was lost: no answer within Discord's three seconds, another answer than the queued
line, or no task stored.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox.behaviour import Behaviour
from bot.sandbox.musicmint import PretendMusicMint
from tests.bench.figures import Figure, report
from tests.parts import API_KEY, SECRET, QuickStudio, short_mp3, small_jpeg
from tests.whole.process import BotProcess
from tests.wire.interactions import Interaction
from tests.wire.server import WireDiscord
from tests.wire.world import Channel, Member

#: The promise, in milliseconds.
MOST = 300.0
#: How long the pretend provider takes for a task, in seconds: long enough for rounds to overlap with deliveries.
TASK_SECONDS = 0.5
#: No limit of the bot's own shall stand in the way.
SETTINGS = {"MEMBER_AT_ONCE": "100", "MEMBER_PER_DAY": "10000", "LOG_LEVEL": "INFO"}


@dataclass
class Waits:
    """The waits in milliseconds, and how many members were lost."""

    each: list[float] = field(default_factory=list)
    lost: int = 0

    @property
    def p99(self) -> float:
        """The 99th percentile."""
        return statistics.quantiles(self.each, n=100, method="inclusive")[98] if len(self.each) > 1 else sum(self.each)

    @property
    def good(self) -> bool:
        """Whether the promise was kept."""
        return bool(self.each) and not self.lost and self.p99 <= MOST

    def __str__(self) -> str:
        if not self.each:
            return f"no answer at all, lost {self.lost}"
        return (
            f"{len(self.each)} answers: median {statistics.median(self.each):.0f} ms, p99 {self.p99:.0f} ms,"
            f" worst {max(self.each):.0f} ms, lost {self.lost}"
        )


async def measure(members: int, rounds: int, folder: Path) -> Waits:
    """Run the bot, have `members` type at once, `rounds` times."""
    short_mp3(440), short_mp3(550), small_jpeg()  # made once, before anything is timed
    vendor = PretendMusicMint(API_KEY, SECRET, behaviour=Behaviour(seconds=TASK_SECONDS), studio=QuickStudio())
    async with WireDiscord() as discord, vendor:
        guild = discord.add_guild("Guild")
        channel = discord.add_channel(guild, "music")
        people = [discord.add_member(guild, f"member {number}") for number in range(members)]
        bot = BotProcess(discord, vendor, folder, **SETTINGS)
        try:
            await bot.start()
            waits = Waits()
            for _ in range(rounds):
                await _round(discord, channel, people, waits)
            waits.lost = max(waits.lost, members * rounds - _stored(bot))
        finally:
            await bot.end()
    return waits


async def _round(discord: WireDiscord, channel: Channel, people: list[Member], waits: Waits) -> None:
    """Everybody types at once; all answers are waited for."""
    sent = [(time.monotonic(), await _type(discord, member, channel)) for member in people]
    waiting = [interaction.answered(discord.answer_window + 1) for _, interaction in sent]
    await asyncio.gather(*waiting, return_exceptions=True)
    for at, interaction in sent:
        arrival = _arrival(discord, interaction)
        if arrival is None or not _is_queued_line(interaction):
            waits.lost += 1
        else:
            waits.each.append((arrival - at) * 1000)


async def _type(discord: WireDiscord, member: Member, channel: Channel) -> Interaction:
    return await discord.command(member, channel, "generate", prompt=f"rain on the roof of {member.name}")


def _arrival(discord: WireDiscord, interaction: Interaction) -> float | None:
    """Return when the first answer arrived; None where none did that Discord took."""
    path = f"/interactions/{interaction.id}/{interaction.token}/callback"
    return next((request.at for request in discord.requests if request.path == path and interaction.response), None)


def _is_queued_line(interaction: Interaction) -> bool:
    return interaction.message is not None and not interaction.ephemeral


def _stored(bot: BotProcess) -> int:
    [(count,)] = bot.rows("SELECT count(*) FROM tasks")
    assert isinstance(count, int)
    return count


def figures(quick: bool = False) -> list[Figure]:
    """Measure the promise."""
    return [_figure(20, 3 if quick else 10)]


def _figure(members: int, rounds: int) -> Figure:
    with tempfile.TemporaryDirectory() as folder:
        waits = asyncio.run(measure(members, rounds, Path(folder)))
    limit = f"p99 ≤ {MOST:.0f} ms, nobody lost"
    return Figure(f"first answer, {members} members at once", limit, str(waits), waits.good)


def main() -> int:
    """Measure and print; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.answers")
    parser.add_argument("--members", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    return report([_figure(options.members, options.rounds)])


if __name__ == "__main__":
    sys.exit(main())
