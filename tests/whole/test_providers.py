"""Each provider with the bot as a process: one command, one card; a kill during a create; a vendor that is down."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.providers.vendor import Pretend, Vendor
from tests.providers.vendors import AUDIOPOD, STUDIO, VENDORS
from tests.whole.conftest import is_audio
from tests.whole.process import FORKED, PATIENCE, BotProcess, free_port, until
from tests.wire.server import WireDiscord
from tests.wire.world import Channel, Json, Member


@dataclass
class Stage:
    """A Discord with a channel and a member, one vendor, and a bot that knows no other."""

    discord: WireDiscord
    server: Pretend
    bot: BotProcess
    channel: Channel
    member: Member

    async def generate(self) -> None:
        """Have the member type the command and see the queued line."""
        interaction = await self.discord.command(self.member, self.channel, "generate", prompt="rain on a tin roof")
        await interaction.answered(PATIENCE)

    async def accepted(self, number: int = 1) -> str:
        """Wait until the vendor has so many tasks, and the bot knows of them; return the newest one's id."""
        await until(lambda: len(self.server.tasks) == number)
        known = "SELECT count(*) FROM tasks WHERE provider_task_id IS NOT NULL"
        await until(lambda: self.bot.rows(known) == [(number,)])
        return list(self.server.tasks)[-1]

    def cards(self) -> list[Json]:
        """Return the messages with music."""
        messages = self.discord.messages(self.channel)
        return [message for message in messages if any(is_audio(file) for file in message["attachments"])]

    async def one_card(self) -> Json:
        """Wait until a card is delivered; return it, and there is no other."""
        await until(lambda: self.bot.rows("SELECT count(*) FROM tasks WHERE delivery = 'sent'") == [(1,)])
        (card,) = self.cards()
        return card

    async def says(self, words: str) -> None:
        """Wait until a line says something."""
        await self.discord.wait_for(
            lambda: [one for one in self.discord.messages(self.channel) if words in one["content"].casefold()], PATIENCE
        )

    def look_ups(self) -> int:
        """Return how often the vendor was asked how a task stands."""
        return sum("/task/" in request.path or request.path.endswith("/status") for request in self.server.requests)


@asynccontextmanager
async def stage(vendor: Vendor, discord: WireDiscord, folder: Path) -> AsyncIterator[Stage]:
    """Open everything, with the bot not started yet."""
    guild, port = discord.add_guild("Guild"), free_port()
    channel, member = discord.add_channel(guild, "music"), discord.add_member(guild, "ada")
    address, name = f"http://127.0.0.1:{port}", vendor.wire("").contract.name
    async with vendor.pretend(f"{address}/callbacks/{name}", time.time) as server:
        settings = {"PUBLIC_URL": address, "LISTEN_PORT": str(port), **vendor.settings(server.base_url)}
        bot = BotProcess(discord, None, folder, **settings)
        bot.command = FORKED
        try:
            yield Stage(discord, server, bot, channel, member)
        finally:
            await bot.end()


@pytest.mark.parametrize("vendor", VENDORS, ids=str)
async def test_one_command_is_one_card_and_a_vendor_that_is_down_is_told_of(
    vendor: Vendor, discord: WireDiscord, tmp_path: Path
) -> None:
    async with stage(vendor, discord, tmp_path) as here:
        await here.bot.start()
        await here.generate()
        await here.server.finish(await here.accepted())
        if vendor is STUDIO:
            # It is asked for every five seconds, and at once after a start.
            await here.bot.kill()
            await here.bot.start()
        card = await here.one_card()
        assert sum(map(is_audio, card["attachments"])) == vendor.tracks
        assert here.look_ups() == (vendor in (STUDIO, AUDIOPOD))
        here.server.behaviour.status = 500
        await here.generate()
        await here.says("no answer came from the music service")
        assert len(here.server.tasks) == len(here.cards()) == 1


async def test_a_job_whose_create_was_cut_off_by_a_kill_is_found_by_its_name(
    discord: WireDiscord, tmp_path: Path
) -> None:
    async with stage(AUDIOPOD, discord, tmp_path) as here:
        await here.bot.start()
        hold = here.server.hold_creates()
        await here.generate()
        job = await hold.reached()
        await here.bot.kill()
        hold.drop()
        assert here.bot.rows("SELECT state, provider_task_id FROM tasks") == [("submitting", None)]
        await here.bot.start()
        assert await here.accepted() == job
        assert here.bot.rows("SELECT state, provider_task_id FROM tasks") == [("submitted", job)]
        await until(here.look_ups)
        before = here.look_ups()
        await here.server.finish(job)
        await here.one_card()
        assert here.look_ups() == before + 1
        creates = [request for request in here.server.requests if request.method == "POST"]
        assert (len(creates), len(here.server.tasks)) == (1, 1)
