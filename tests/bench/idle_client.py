"""The smallest bot that discord.py allows, connected and idle: what the memory of ours is measured against."""

import asyncio
import os

import discord
import yarl
from discord.ext import commands


class IdleClient(commands.Bot):
    """Has our intents, and does nothing."""

    async def on_ready(self) -> None:
        """Say so."""
        print("ready", flush=True)


async def main() -> None:
    """Run until killed."""
    discord.http.Route.BASE = os.environ["DISCORD_API_URL"]
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
    async with IdleClient(commands.when_mentioned, intents=discord.Intents(guilds=True)) as client:
        await client.start(os.environ["DISCORD_TOKEN"])


if __name__ == "__main__":
    asyncio.run(main())
