"""A bare relay, to measure the bot against: the least that turns a vendor's callback into a message.

It checks the signature, says 204, fetches the files to disk and posts one message with them. It has no store, writes no
tags, looks at no colours, limits nothing, and what goes wrong is lost. It shares no code with the bot.
"""

import asyncio
import hashlib
import hmac
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import aiohttp
import discord
from aiohttp import web


class Relay:
    """Takes callbacks in and posts what they bring."""

    def __init__(self, session: aiohttp.ClientSession, channel: discord.PartialMessageable, secret: bytes) -> None:
        self._session, self._channel, self._secret = session, channel, secret
        self._posting: set[asyncio.Task[None]] = set()

    async def receive(self, request: web.Request) -> web.Response:
        """Answer a callback; its tracks are posted afterwards."""
        body = await request.read()
        expected = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(request.headers.get("X-Signature", ""), expected):
            return web.Response(status=401)
        posting = asyncio.create_task(self._post(json.loads(body)["results"]))
        self._posting.add(posting)
        posting.add_done_callback(self._posting.discard)
        return web.Response(status=204)

    async def _post(self, results: list[dict[str, Any]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for number, result in enumerate(results, start=1):
                paths += [Path(folder, f"{number}.mp3"), Path(folder, f"{number}.jpg")]
                await self._fetch(result["audio_url"], paths[-2])
                await self._fetch(result["image_url"], paths[-1])
            await self._channel.send("ready", files=[discord.File(path) for path in paths])

    async def _fetch(self, address: str, target: Path) -> None:
        async with self._session.get(address, raise_for_status=True) as response:
            with target.open("wb") as file:
                async for chunk in response.content.iter_chunked(64 * 1024):
                    file.write(chunk)


async def main() -> None:
    """Run until killed; say "ready" once callbacks are taken in."""
    discord.http.Route.BASE = os.environ["DISCORD_API_URL"]
    async with discord.Client(intents=discord.Intents(guilds=True)) as client, aiohttp.ClientSession() as session:
        await client.login(os.environ["DISCORD_TOKEN"])
        channel = client.get_partial_messageable(int(os.environ["RELAY_CHANNEL"]))
        app = web.Application()
        app.router.add_post("/", Relay(session, channel, os.environ["RELAY_SECRET"].encode()).receive)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(os.environ["LISTEN_PORT"])).start()
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
