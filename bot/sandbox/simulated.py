"""A simulated Discord in this process (SimCord), with a server, a channel and a member, on a running clock."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import simcord


class WallClock:
    """SimCord's clock, running: by itself it stands still until a test moves it."""

    def __init__(self) -> None:
        self._ahead = 0.0

    @property
    def elapsed(self) -> float:
        """Return seconds since some moment. Not `time.monotonic`, which SimCord replaces."""
        return time.perf_counter() + self._ahead

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    def advance(self, seconds: float) -> None:
        """Jump."""
        self._ahead += seconds


class SimulatedDiscord:
    """Where a client logs in instead of at Discord. `env` and what lives in it exist while it is attached."""

    env: simcord.Env
    guild: Any
    channel: Any
    member: Any

    @asynccontextmanager
    async def attach(self, client: discord.Client) -> AsyncIterator[None]:
        """Log the client in here."""
        self.env = simcord.Env(client, check_errors=False)
        self.backend.clock = WallClock()
        async with client:
            await self.env.start()
            self.guild = self.env.create_guild("Minstrel's Rest")
            self.channel = self.guild.create_text_channel("music")
            self.member = self.guild.add_member(self.env.create_user("ada"))
            try:
                yield
            finally:
                await self.env.shutdown()

    @property
    def backend(self) -> Any:
        """Return what this Discord holds."""
        return self.env.backend

    def message(self, channel_id: int, message_id: int) -> Any:
        """Return a message as it is held. Its `content`, `embeds`, `attachments` are Discord's own shapes."""
        return self.backend.get_message(channel_id, message_id)

    def file(self, attachment: dict[str, Any]) -> bytes:
        """Return the bytes of an uploaded file."""
        data: bytes = self.backend.cdn.get(attachment["url"])
        return data

    async def until(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        """Wait, in real time, until `condition` holds; it is looked at after each event. Raises TimeoutError."""
        happened = asyncio.Event()

        def listen(_event: str, _payload: Any) -> None:
            happened.set()

        self.backend.subscribers.append(listen)
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    await happened.wait()
                    happened.clear()
        finally:
            self.backend.subscribers.remove(listen)
