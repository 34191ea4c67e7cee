"""Speak Discord's gateway: hello, identify, resume, events; to one bot at a time."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from aiohttp import WSMsgType, web

from . import payloads
from .waiting import Changes
from .world import Json, World

#: Seconds between a client's heartbeats.
HEARTBEAT = 41.25
WRONG_TOKEN = 4004


class Op(IntEnum):
    """Discord's numbers of the gateway messages."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    RESUME = 6
    RECONNECT = 7
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


@dataclass(eq=False)
class Session:
    """What one identify began; it outlives a lost connection, but not the next identify."""

    id: str = field(default_factory=lambda: secrets.token_hex(16))
    intents: int = 0
    events: list[Json] = field(default_factory=list)
    line: Line | None = None

    def dispatch(self, name: str, data: Any) -> None:
        """Give an event its number, keep it for a resume, and send it if somebody listens."""
        event = {"op": Op.DISPATCH, "s": len(self.events) + 1, "t": name, "d": data}
        self.events.append(event)
        if self.line is not None:
            self.line.send(event)


class Line:
    """One connection; what is sent waits in a queue, so that nobody has to wait for a slow or dead client."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self._request = request
        self._queue: asyncio.Queue[Json] = asyncio.Queue()

    def send(self, message: Json) -> None:
        """Queue one message."""
        self._queue.put_nowait(message)

    async def pump(self) -> None:
        """Write what is queued, until the connection breaks."""
        while True:
            message = await self._queue.get()
            try:
                await self.socket.send_str(json.dumps(message))
            except ConnectionError:
                return

    def cut(self) -> None:
        """Break the connection without a word."""
        if self._request.transport is not None:
            self._request.transport.abort()


class Gateway:
    """The gateway of `world`, for the bot with `token()`; `url` is where it listens."""

    def __init__(self, world: World, token: Callable[[], str], changes: Changes) -> None:
        self.url = ""
        #: How often a bot has identified.
        self.identifies = 0
        #: What `GET /gateway/bot` says of starts; a test sets it.
        self.start_limit: Any = {"total": 1000, "remaining": 1000, "reset_after": 3_600_000, "max_concurrency": 1}
        #: How often a bot has taken its session up again.
        self.resumes = 0
        #: How many connections are still to be refused (503).
        self.refusals = 0
        self.session: Session | None = None
        self._lines: set[Line] = set()
        self._world = world
        self._token = token
        self._changes = changes

    @property
    def live(self) -> bool:
        """Whether a bot is connected and has received READY."""
        return self.session is not None and self.session.line is not None

    def dispatch(self, name: str, data: Any) -> None:
        """Send an event to the bot; without a session it is lost, as with Discord."""
        if self.session is not None:
            self.session.dispatch(name, data)

    def drop(self, *, resumable: bool) -> None:
        """Break every connection; unless `resumable` the session is forgotten too."""
        if not resumable:
            self.session = None
        for line in set(self._lines):
            line.cut()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection to its end."""
        if self.refusals:
            self.refusals -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        line = Line(request, socket)
        self._lines.add(line)
        line.send({"op": Op.HELLO, "d": {"heartbeat_interval": int(HEARTBEAT * 1000)}})
        pump = asyncio.create_task(line.pump())
        try:
            await self._listen(line)
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
            self._hang_up(line)
        return socket

    def close(self) -> None:
        """End every connection."""
        self.refusals = 0
        for line in set(self._lines):
            line.cut()

    async def _listen(self, line: Line) -> None:
        async for message in line.socket:
            if message.type is WSMsgType.TEXT:
                await self._receive(line, message.json())

    async def _receive(self, line: Line, message: Json) -> None:
        match message["op"]:
            case Op.HEARTBEAT:
                line.send({"op": Op.HEARTBEAT_ACK})
            case Op.IDENTIFY | Op.RESUME if message["d"]["token"] != self._token():
                await line.socket.close(code=WRONG_TOKEN, message=b"Authentication failed.")
            case Op.IDENTIFY:
                self._identify(line, message["d"])
            case Op.RESUME:
                self._resume(line, message["d"])

    def _identify(self, line: Line, asked: Json) -> None:
        self.session = session = Session(intents=asked["intents"], line=line)
        session.dispatch("READY", self._ready(session, asked))
        for guild in list(self._world.guilds.values()):
            session.dispatch("GUILD_CREATE", payloads.guild(guild, self._world) | {"unavailable": False})
        self.identifies += 1
        self._changes.announce()

    def _ready(self, session: Session, asked: Json) -> Json:
        ready: Json = {
            "v": 10,
            "user": payloads.bot_user(self._world),
            "guilds": [{"id": str(guild_id), "unavailable": True} for guild_id in self._world.guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "application": {"id": str(self._world.application_id), "flags": 0},
        }
        return ready | ({"shard": asked["shard"]} if "shard" in asked else {})

    def _resume(self, line: Line, asked: Json) -> None:
        session = self.session
        if session is None or session.id != asked["session_id"]:
            line.send({"op": Op.INVALID_SESSION, "d": False})
            return
        for event in session.events[asked["seq"] or 0 :]:
            line.send(event)
        session.line = line
        session.dispatch("RESUMED", {})
        self.resumes += 1
        self._changes.announce()

    def _hang_up(self, line: Line) -> None:
        self._lines.discard(line)
        if self.session is not None and self.session.line is line:
            self.session.line = None
        self._changes.announce()
