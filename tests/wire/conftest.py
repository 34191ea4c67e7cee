"""Give each test a small Discord and a real discord.py client that is connected to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import discord as dpy
import pytest
import yarl

from .example_bot import ExampleBot
from .server import WireDiscord


@contextmanager
def redirected(discord: WireDiscord) -> Iterator[None]:
    """Have discord.py find Discord at the small one, and undo it afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dpy.http.Route, "BASE", discord.api_url)
        patch.setattr(dpy.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(discord.gateway_url))
        yield


@asynccontextmanager
async def running(discord: WireDiscord) -> AsyncIterator[ExampleBot]:
    """Run the example bot against the small Discord until the block ends."""
    bot = ExampleBot()
    with redirected(discord):
        task = asyncio.create_task(bot.start(discord.token))
        try:
            await discord.connected()
            await bot.wait_until_ready()
            yield bot
        finally:
            await bot.close()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def discord() -> AsyncIterator[WireDiscord]:
    """A small Discord without anything in it."""
    async with WireDiscord() as server:
        yield server


@pytest.fixture
async def bot(discord: WireDiscord) -> AsyncIterator[ExampleBot]:
    """The example bot, connected."""
    async with running(discord) as client:
        yield client
