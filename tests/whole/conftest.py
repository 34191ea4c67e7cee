"""A small Discord, a pretend vendor and the bot as a process, for each test."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.sandbox.musicmint import PretendMusicMint
from tests.whole.process import FORKED, PATIENCE, BotProcess, until
from tests.wire.interactions import Interaction
from tests.wire.server import WireDiscord
from tests.wire.world import Channel, Json, Member

CREATE = "/api/v1/music/generate"
FIRST_ANSWER = ("POST", "/interactions/{interaction_id}/{interaction_token}/callback")
POST_MESSAGE = ("POST", "/channels/{channel_id}/messages")


@dataclass
class Stage:
    """Everything there is: Discord with a channel and a member, the vendor, and the bot."""

    discord: WireDiscord
    vendor: PretendMusicMint
    bot: BotProcess
    channel: Channel
    member: Member

    async def generate(self, prompt: str = "rain on a tin roof", **options: object) -> Interaction:
        """Have the member type the command and see the queued line."""
        interaction = await self.discord.command(self.member, self.channel, "generate", prompt=prompt, **options)
        await interaction.answered(PATIENCE)
        return interaction

    def creates(self) -> int:
        """Return how often the vendor was asked for music."""
        return sum(request.path == CREATE for request in self.vendor.requests)

    def cards(self, channel: Channel | None = None) -> list[Json]:
        """Return the cards in a channel: the messages with music."""
        messages = self.discord.messages(channel or self.channel)
        return [message for message in messages if any(is_audio(file) for file in message["attachments"])]

    async def card(self, channel: Channel | None = None) -> Json:
        """Wait for the first card, and return it."""
        found = await self.discord.wait_for(lambda: self.cards(channel), PATIENCE)
        return found[0]

    async def delivered(self, count: int = 1) -> None:
        """Wait until the bot has recorded so many deliveries."""
        await until(lambda: self.bot.rows("SELECT count(*) FROM tasks WHERE delivery = 'sent'") == [(count,)])

    async def vendor_task(self) -> str:
        """Wait until the vendor has accepted a task; return its id there."""
        await until(lambda: self.vendor.tasks)
        return next(iter(self.vendor.tasks))


def is_audio(attachment: Json) -> bool:
    """Say whether an attachment is a track."""
    return str(attachment["filename"]).endswith(".mp3")


@pytest.fixture
def command() -> tuple[str, ...] | None:
    """Start bots the quick way; tests of the process itself say otherwise."""
    return FORKED


@pytest.fixture
async def stage(
    discord: WireDiscord, vendor: PretendMusicMint, tmp_path: Path, command: tuple[str, ...] | None
) -> AsyncIterator[Stage]:
    """Everything, with the bot not started yet."""
    guild = discord.add_guild("Guild")
    channel, member = discord.add_channel(guild, "music"), discord.add_member(guild, "ada")
    bot = BotProcess(discord, vendor, tmp_path)
    bot.command = command
    try:
        yield Stage(discord, vendor, bot, channel, member)
    finally:
        await bot.end()
