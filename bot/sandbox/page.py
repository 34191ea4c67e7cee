"""The demo's page: the simulated Discord in a browser, by SimCord's Preview, one for each room."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import discord
from aiohttp import web

from bot.domain.errors import StartRefused
from bot.sandbox.simulated import SimulatedDiscord

HOST = "127.0.0.1"
#: How long the bot must have been quiet before what it did is shown, in seconds: one change to the page, not three.
QUIET = 0.15
#: How much of the page is Discord, in pixels; the browser's window is filled in any case.
WIDTH, HEIGHT = 1100, 900

_WELCOME = (
    "Welcome! Type `/generate` below, press Enter, say what it should sound like, press Enter again. "
    "Or `/song`, to have your own lyrics sung."
)
_WHO = " At the top you choose who you are."


@dataclass(frozen=True, slots=True)
class Room:
    """A channel of the demo, and who may be seen in it."""

    path: str
    name: str
    channel: Any
    viewers: list[Any]


def furnish(world: SimulatedDiscord) -> list[Room]:
    """Give the server two more members, one of them a moderator, and a second channel; return all rooms."""
    world.backend.edit_bot_profile("Minstrel")
    moderators = world.guild.create_role("Moderators", permissions=discord.Permissions(manage_messages=True))
    ada = world.member
    bo = world.guild.add_member(world.env.create_user("bo"))
    cleo = world.guild.add_member(world.env.create_user("cleo"), nick="cleo (moderator)", roles=[moderators])
    everyone = [ada, bo, cleo]
    second = world.guild.create_text_channel("late-night", topic="A second channel")
    direct = ada.user
    return [
        Room("music", "#music", world.channel, everyone),
        Room("late-night", "#late-night", second, everyone),
        Room("direct", "direct messages", direct.dm_channel, [direct]),
    ]


@asynccontextmanager
async def open_page(world: SimulatedDiscord, port: int) -> AsyncIterator[tuple[str, "asyncio.Future[None]"]]:
    """Serve the rooms in a browser; yield the address, and what is done when the visitor ends the session.

    Raises StartRefused where the port is taken.
    """
    rooms = furnish(world)
    previews: dict[str, Any] = {}
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(_front_door(previews, port))
        await _welcome(world, rooms, address)
        for room in reversed(rooms):  # the first one last: SimCord takes the last for its own
            # SimCord guards against two previews at a time; they do not disturb each other, so the guard is lifted.
            world.env._preview = None
            preview = world.env.preview(
                room.channel,
                viewers=room.viewers,
                layout="channel",
                width=WIDTH,
                height=HEIGHT,
                timezone=_time_zone(),
            )
            previews[room.path] = await stack.enter_async_context(preview)
        ended = asyncio.ensure_future(_any_closed(previews.values()))
        stack.callback(ended.cancel)
        await stack.enter_async_context(_current(world, list(previews.values())))
        yield address, ended


@asynccontextmanager
async def _front_door(previews: dict[str, Any], port: int) -> AsyncIterator[str]:
    """Serve short addresses: each preview's own ends with a key that changes with every start."""

    async def enter(request: web.Request) -> web.Response:
        preview = previews.get(request.match_info.get("room", "music"))
        if preview is None:
            raise web.HTTPNotFound
        raise web.HTTPFound(preview.url)

    app = web.Application()
    app.add_routes([web.get("/", enter), web.get("/{room}", enter)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, HOST, port).start()
        except OSError as error:
            raise StartRefused(f"Port {port} cannot be used ({error.strerror}). Choose another with --port.") from error
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _welcome(world: SimulatedDiscord, rooms: list[Room], address: str) -> None:
    """Have somebody say in each channel what to type, and where the other rooms are."""
    for room in rooms:
        others = [f"[{other.name}]({address}/{other.path})" for other in rooms if other is not room]
        elsewhere = f"\nElsewhere: {' · '.join(others)}"
        if room.channel.guild is None:
            world.backend.create_message(room.channel.id, world.backend.bot_user.id, _WELCOME + elsewhere)
        else:
            await room.viewers[-1].send(room.channel, _WELCOME + _WHO + elsewhere)


async def _any_closed(previews: Iterable[Any]) -> None:
    waiting = [asyncio.ensure_future(preview.wait_closed()) for preview in previews]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()


class _Watched(list[Any]):
    """SimCord's record of all requests and events, which tells when it grows.

    Its subscribers would not do: they are not told of ephemeral messages.
    """

    def __init__(self, told: Iterable[Any], tell: Callable[[], None]) -> None:
        super().__init__(told)
        self._tell = tell

    def append(self, entry: Any) -> None:
        """Keep an entry, and tell."""
        super().append(entry)
        kind, name, *_ = entry
        if kind == "GATEWAY" or not name.startswith("GET "):
            self._tell()


@asynccontextmanager
async def _current(world: SimulatedDiscord, previews: list[Any]) -> AsyncIterator[None]:
    """Show what the bot's loops post; by itself a preview shows only what its visitor caused."""
    changed = asyncio.Event()
    outdated: dict[Any, int] = {}

    def mark() -> None:
        """Remember what each page showed before this change: what it shows anew after it needs no help."""
        for preview in previews:
            preview._advance_presentation_time()
            outdated.update({page.id: page.revision for page in preview._pages.values()})
        changed.set()

    async def keep() -> None:
        while True:
            await changed.wait()
            while changed.is_set():
                changed.clear()
                await asyncio.sleep(QUIET)
            if any(preview._active_action is not None for preview in previews):
                changed.set()  # the visitor's own action shows its result; then look again
                continue
            for preview in previews:
                _publish(preview, outdated)
            outdated.clear()

    world.backend.transcript = _Watched(world.backend.transcript, mark)
    keeping = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


def _publish(preview: Any, outdated: dict[Any, int]) -> None:
    """Show each outdated page anew.

    Not by `preview.refresh()`: that pauses inside an operation of SimCord's, and what the visitor presses during it is
    refused in a way which leaves the page unusable. This runs in one go, so nothing can overlap with it.
    """
    for page in tuple(preview._pages.values()):
        if page.revision == outdated.get(page.id):
            preview._publish(page, reason="refresh")


def _time_zone() -> str:
    """Return the name of this computer's time zone, UTC where it has none that is known."""
    zone = os.environ.get("TZ", "").lstrip(":")
    if not zone:
        _, _, zone = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")
    try:
        return ZoneInfo(zone).key
    except (KeyError, ValueError, OSError):
        return "UTC"
