"""The whole bot on a simulated Discord, with the pretend vendor; for what members type and press."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.app import open_app
from bot.sandbox.musicmint import PretendMusicMint
from bot.sandbox.simulated import SimulatedDiscord
from bot.settings import Settings, read_settings
from tests.parts import API_KEY, SECRET
from tests.whole.process import free_port


@dataclass
class Show:
    """A running bot, its Discord and its vendor."""

    world: SimulatedDiscord
    vendor: PretendMusicMint
    database: Path

    async def generate(self, prompt: str = "rain on a tin roof", **options: Any) -> Any:
        """The member types the command; return what came back."""
        return await self.world.member.slash(self.world.channel, "generate", prompt=prompt, **options)

    def add_member(self, name: str) -> Any:
        """Return another member of the server."""
        return self.world.guild.add_member(self.world.env.create_user(name))


@pytest.fixture
def changes() -> dict[str, str]:
    """Settings of a test that differ from the usual ones."""
    return {}


@pytest.fixture
def settings(vendor: PretendMusicMint, tmp_path: Path, changes: dict[str, str]) -> Settings:
    """What the bot is run with."""
    port = free_port()
    return read_settings(
        {
            "DISCORD_TOKEN": "simulated",
            "DATA_DIR": str(tmp_path),
            "MUSICMINT_BASE_URL": vendor.base_url,
            "MUSICMINT_API_KEY": API_KEY,
            "DOWNLOAD_ALLOW": "127.0.0.0/8",
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "LISTEN_PORT": str(port),
            "MUSICMINT_SIGNING_SECRET": SECRET,
            **changes,
        }
    )


@pytest.fixture
async def show(vendor: PretendMusicMint, settings: Settings) -> AsyncIterator[Show]:
    world = SimulatedDiscord()
    async with open_app(settings, world.attach):
        yield Show(world, vendor, settings.database)


@dataclass
class Carded:
    """A running bot whose member has a card."""

    show: Show
    line_id: int

    def messages(self) -> list[Any]:
        """Return the channel's messages, as they are held, oldest first."""
        world = self.show.world
        return [world.message(world.channel.id, one.id) for one in world.channel.history()]

    def card(self) -> Any:
        """Return the first card as a message one can press buttons of."""
        return next(one for one in self.show.world.channel.history() if one.attachments)

    def labels(self) -> list[str]:
        """Return what the card's buttons say."""
        held = self.show.world.message(self.show.world.channel.id, self.card().id)
        parts = [part for row in held.components for part in row["components"]]
        return [part["label"] for part in parts if "label" in part]

    def line(self) -> str:
        """Return what the queued line says."""
        content: str = self.show.world.message(self.show.world.channel.id, self.line_id).content
        return content


@pytest.fixture
async def carded(show: Show) -> Carded:
    """The bot, with a card of the member's already in the channel."""
    show.vendor.behaviour.seconds = 0.0
    typed = await show.generate("rain on a tin roof", style="lofi", title="Tin Roof")
    line = show.world.message(show.world.channel.id, typed.response.id)
    await show.world.until(lambda: line.edited_timestamp is not None)
    return Carded(show, line.id)
