"""Make chosen requests fail, or hold them, before or after Discord has done its work."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from .answers import json_answer
from .errors import REFUSALS
from .waiting import Changes

When = Literal["before", "after"]


@dataclass
class Recorded:
    """A request as it arrived; `status` is None until it has been answered, `files` are (name, bytes)."""

    method: str
    route: str
    path: str
    at: float
    query: dict[str, str] = field(default_factory=dict)
    json: Any = None
    files: list[tuple[str, int]] = field(default_factory=list)
    status: int | None = None
    #: Whether the client was gone before all of it had arrived.
    cut_off: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status or 'no answer yet'}"


@dataclass
class Selection:
    """Requests by method, and by template ("/channels/{channel_id}/messages") or exact path."""

    method: str
    route: str
    when: When

    def takes(self, request: Recorded, when: When) -> bool:
        """Tell whether it applies to `request` at this point."""
        return when == self.when and request.method == self.method and self.route in (request.route, request.path)


@dataclass
class Fault(Selection):
    """An answer given instead of Discord's, `times` times."""

    status: int = 500
    code: int = 0
    times: int = 1
    retry_after: float | None = None
    is_global: bool = False
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    reset: bool = False
    #: How often it has been given.
    given: int = 0

    def answer(self) -> web.Response:
        """Return the failing answer: the error object, or `body` as an HTML page like those of a proxy."""
        if self.body is not None:
            return web.Response(status=self.status, text=self.body, content_type="text/html", headers=self.headers)
        known = REFUSALS.get(self.code)
        body: dict[str, Any] = {"message": known[1] if known else f"{self.status}: fault", "code": self.code}
        # discord.py takes a 429 without "Via" for a ban by Cloudflare.
        headers = {"Via": "1.1 google"} | self.headers
        if self.retry_after is not None:
            body |= {"retry_after": self.retry_after, "global": self.is_global}
            headers |= {"Retry-After": f"{self.retry_after:g}"}
            headers |= {"X-RateLimit-Global": "true"} if self.is_global else {}
        return json_answer(body, self.status, headers)


@dataclass
class Hold(Selection):
    """Requests kept without an answer until `release`."""

    changes: Changes = field(default_factory=Changes)
    #: What has been caught so far.
    requests: list[Recorded] = field(default_factory=list)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    async def reached(self, count: int = 1, timeout: float = 10.0) -> Recorded:
        """Wait until `count` requests have been caught, and return the newest."""
        await self.changes.until(lambda: len(self.requests) >= count, timeout, lambda: f"hold of {self.route}")
        return self.requests[-1]

    def release(self) -> None:
        """Let go of what was caught, and catch no more."""
        self._released.set()

    async def catch(self, request: Recorded) -> None:
        """Keep one request until the release."""
        if self._released.is_set():
            return
        self.requests.append(request)
        self.changes.announce()
        await self._released.wait()


class Trouble:
    """All faults and holds in force."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._holds: list[Hold] = []

    def add(self, trouble: Fault | Hold) -> None:
        """Put a fault or hold into force."""
        if isinstance(trouble, Fault):
            self._faults.append(trouble)
        else:
            self._holds.append(trouble)

    async def meet(self, request: Recorded, when: When) -> Fault | None:
        """Hold `request` if it is to be held; then return the fault it is to meet, used up by one."""
        for hold in self._holds:
            if hold.takes(request, when):
                await hold.catch(request)
        for fault in self._faults:
            if fault.given < fault.times and fault.takes(request, when):
                fault.given += 1
                return fault
        return None

    def end(self) -> None:
        """Let everything go."""
        for hold in self._holds:
            hold.release()
        self._faults.clear()


def reset(request: web.Request) -> None:
    """Cut a request's connection with a TCP reset."""
    transport = request.transport
    if transport is None:
        return
    wire = transport.get_extra_info("socket")
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
