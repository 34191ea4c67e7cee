"""The whole bot on a simulated Discord, with the pretend vendor; for what members type and press."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.app import open_app
from bot.sandbox.musicmint import PretendMusicMint
from bot.sandbox.simulated import SimulatedDiscord
from bot.settings import read_settings
from tests.parts import API_KEY


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
async def show(vendor: PretendMusicMint, tmp_path: Path, changes: dict[str, str]) -> AsyncIterator[Show]:
    settings = read_settings(
        {
            "DISCORD_TOKEN": "simulated",
            "DATA_DIR": str(tmp_path),
            "MUSICMINT_BASE_URL": vendor.base_url,
            "MUSICMINT_API_KEY": API_KEY,
            "DOWNLOAD_ALLOW": "127.0.0.0/8",
            **changes,
        }
    )
    world = SimulatedDiscord()
    async with open_app(settings, world.attach):
        yield Show(world, vendor, settings.database)
