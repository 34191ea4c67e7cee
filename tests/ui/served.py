"""Files of the simulated Discord at addresses that lead somewhere, for bots and vendors that fetch them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web
from simcord.backend.cdn import CDN_BASE, CdnStore

from bot.domain.task import Request
from tests.file_server import FileServer, serving
from tests.ui.conftest import Carded, Show
from tests.ui.submits import rows

_RANGE = re.compile(r"bytes=(\d+)-(\d+)")


class ServedCdn(CdnStore):
    """Keeps files as SimCord's own does, and names them by addresses on loopback."""

    base = ""

    def store_attachment(
        self, attachment_id: int, channel_id: int, filename: str, data: bytes, description: str | None
    ) -> dict[str, Any]:
        made = super().store_attachment(attachment_id, channel_id, filename, data, description)
        made["url"] = made["proxy_url"] = str(made["url"]).replace(CDN_BASE, self.base)
        self._blobs[made["url"]] = data
        return made

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer with a file, or the part of it that is asked for."""
        data = self.get(self.base + request.path)
        if data is None:
            return web.Response(status=404)
        if wanted := _RANGE.fullmatch(request.headers.get("Range", "")):
            return web.Response(status=206, body=data[int(wanted[1]) : int(wanted[2]) + 1])
        return web.Response(body=data)


@asynccontextmanager
async def served(show: Show) -> AsyncIterator[FileServer]:
    """Have the files of a simulated Discord fetched from loopback."""
    cdn = ServedCdn()
    async with serving(cdn.answer) as server:
        cdn.base = server.base
        show.world.backend.cdn = cdn
        yield server


def newest(show: Show) -> Request:
    """Return what was asked for last."""
    ((request,),) = rows(show, "SELECT request FROM tasks ORDER BY rowid DESC LIMIT 1")
    return msgspec.json.decode(request, type=Request)


def first_id(show: Show) -> str:
    """Return the id of what was asked for first."""
    return str(rows(show, "SELECT id FROM tasks ORDER BY rowid LIMIT 1")[0][0])


def tasks(show: Show) -> int:
    """Return how many there are."""
    return len(rows(show, "SELECT 1 FROM tasks"))


def menu(carded: Carded, number: int = 1) -> dict[str, Any]:
    """Return the menu of a track as Discord holds it."""
    held = carded.show.world.message(carded.show.world.channel.id, carded.card().id)
    parts = [part for row in held.components for part in row["components"]]
    wanted = f"more:{first_id(carded.show)}:{number}"
    found: dict[str, Any] = next(part for part in parts if part.get("custom_id") == wanted)
    return found
