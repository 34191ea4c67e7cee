"""The demo: the bot, its own code unchanged, on a simulated Discord and pretend providers."""

import asyncio
import json
import os
import socket
import sys
import tempfile
import time
import webbrowser
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from simcord.backend.errors import SetupError

from bot.domain.errors import StartRefused
from bot.sandbox.discord_files import files_served
from bot.sandbox.page import open_page
from bot.sandbox.simulated import SimulatedDiscord
from bot.sandbox.vendors import vendors_running
from bot.settings import Settings, read_settings
from bot.settings.providers import NAMES

#: How long the whole way may take before the demo gives up, in seconds.
PATIENCE = 50.0
#: How long a pretend provider seems to work, in seconds: while nobody watches, and before a visitor's eyes.
WORK_SECONDS, WATCHED_SECONDS = 1.0, 5.0


class OpensApp(Protocol):
    """`bot.app.open_app`. It is passed in: the sandbox itself knows only the outside of the bot."""

    def __call__(
        self, settings: Settings, attach: Callable[[Any], AbstractAsyncContextManager[None]]
    ) -> AbstractAsyncContextManager[object]:
        """Open the whole bot."""


async def once(open_app: OpensApp, prompt: str, out: Path, provider: str, family: str) -> None:
    """Let a member type `/generate`, write the posted files to `out`, and print as JSON what Discord holds.

    Only this provider is configured.

    Raises StartRefused where no card came, or where it could not be kept.
    """
    _make_folder(out)
    world, port = SimulatedDiscord(), _free_port()
    async with vendors_running([provider], WORK_SECONDS, _public_url(port), family) as running:
        with tempfile.TemporaryDirectory(prefix="minstrel-demo-") as data_dir:
            async with open_app(_settings(running.settings, port, data_dir), world.attach):
                started, before = time.perf_counter(), len(world.env.http_requests)
                card = await _generate(world, prompt)
                result = {
                    "task": _task_id(card),
                    "provider": provider,
                    "channel_id": str(card.channel_id),
                    "message_id": str(card.id),
                    "content": card.content,
                    "embeds": card.embeds,
                    "files": _save(world, card, out),
                    "discord_requests": len(world.env.http_requests) - before,
                    "provider_requests": len(running.vendors[provider].requests),
                    "seconds": round(time.perf_counter() - started, 2),
                }
    print(json.dumps(result, ensure_ascii=False, indent=2))


async def stay(open_app: OpensApp, port: int, provider: str, family: str, *, browser: bool) -> None:
    """Show the simulated Discord in a browser until cancelled, or until the visitor ends the session there.

    Raises StartRefused where the port is taken.
    """
    async with furnished(open_app, provider, family) as world, open_page(world, port) as (address, ended):
        print(f"Minstrel's demo: {address}   (Ctrl-C ends it)")
        print("Type first, at the bottom of the page: /generate, Enter, lofi rain over Lisbon, Enter", flush=True)
        if browser and has_display():
            await asyncio.to_thread(webbrowser.open, address)
        await ended


@asynccontextmanager
async def furnished(
    open_app: OpensApp, provider: str, family: str = "", seconds: float = WATCHED_SECONDS
) -> AsyncIterator[SimulatedDiscord]:
    """Run the bot on a simulated Discord whose files can be fetched, with every vendor, this one as the preferred."""
    world, listening = SimulatedDiscord(), _free_port()
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(vendors_running(NAMES, seconds, _public_url(listening), family))
        data_dir = stack.enter_context(tempfile.TemporaryDirectory(prefix="minstrel-demo-"))
        settings = _settings({**running.settings, "DEFAULT_PROVIDER": provider}, listening, data_dir)
        await stack.enter_async_context(open_app(settings, world.attach))
        world.backend.cdn = await stack.enter_async_context(files_served())
        yield world


def has_display() -> bool:
    """Say whether a browser would have a screen; without one, a browser for terminals might take ours."""
    return sys.platform != "linux" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


async def _generate(world: SimulatedDiscord, prompt: str) -> Any:
    """Type the command, wait until the queued line has been edited, and return the card."""
    try:
        typed = await world.member.slash(world.channel, "generate", prompt=prompt)
    except SetupError as error:  # what Discord's own client would not have sent
        raise StartRefused(f"Discord would not send that: {error}") from error
    if typed.ephemeral:
        raise StartRefused(f"The bot refused: {typed.response.content}")
    line = world.message(world.channel.id, typed.response.id)
    try:
        await world.until(lambda: line.edited_timestamp is not None, PATIENCE)
    except TimeoutError:
        raise StartRefused(f"No card came within {PATIENCE:.0f} seconds.") from None
    messages = [world.message(world.channel.id, one.id) for one in world.channel.history()]
    cards = [message for message in messages if message.attachments]
    if not cards:
        raise StartRefused(f"No card came. The queued line says: {line.content}")
    return cards[-1]


def _task_id(card: Any) -> str:
    """Read the task id off the card's first button; menus stand above it."""
    custom_id: str = card.components[-1]["components"][0]["custom_id"]
    return custom_id.rpartition(":")[2]


def _save(world: SimulatedDiscord, card: Any, out: Path) -> list[dict[str, Any]]:
    """Write all uploaded files to `out` and describe them."""
    files = []
    for attachment in card.attachments:
        path = out / attachment["filename"]
        path.write_bytes(world.file(attachment))
        files.append(
            {
                "name": attachment["filename"],
                "size": path.stat().st_size,
                "content_type": attachment.get("content_type"),
                "path": str(path),
            }
        )
    return files


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartRefused(f"The folder {out} cannot be made ({error.strerror}). Choose another with --out.") from error


def _settings(of_vendors: Mapping[str, str], port: int, data_dir: str) -> Settings:
    return read_settings(
        {
            "DISCORD_TOKEN": "demo",
            "DATA_DIR": data_dir,
            "PUBLIC_URL": _public_url(port),
            "LISTEN_PORT": str(port),
            "DOWNLOAD_ALLOW": "127.0.0.0/8",
            **of_vendors,
        }
    )


def _public_url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
