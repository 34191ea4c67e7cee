"""The files of the simulated Discord, at addresses on loopback: by themselves SimCord's lead nowhere."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

from aiohttp import web
from simcord.backend.cdn import CdnStore

HOST = "127.0.0.1"
_PATH = re.compile(r"/attachments/\d+/(?P<id>\d+)/", re.ASCII)


class ServedFiles(CdnStore):
    """Keeps files as SimCord's own store does, under addresses that can be fetched from."""

    def __init__(self) -> None:
        super().__init__()
        self.base_url = ""
        #: By the attachment's id: an address may come back in another spelling.
        self._addresses: dict[int, str] = {}

    def store_attachment(
        self, attachment_id: int, channel_id: int, filename: str, data: bytes, description: str | None
    ) -> dict[str, Any]:
        """Keep a file, and return it in Discord's own shape."""
        made = super().store_attachment(attachment_id, channel_id, filename, data, description)
        del self._blobs[made["url"]]
        address = f"{self.base_url}/attachments/{channel_id}/{attachment_id}/{quote(filename, safe='')}"
        self._addresses[attachment_id], self._blobs[address] = address, data
        return {**made, "url": address, "proxy_url": address}

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Answer with a file, or with the part of it that is asked for."""
        named = _PATH.match(request.path)
        data = self.get(self._addresses.get(int(named["id"]), "")) if named else None
        if data is None:
            raise web.HTTPNotFound
        try:
            wanted = request.http_range
        except ValueError as error:
            raise web.HTTPRequestRangeNotSatisfiable from error
        if not data or wanted == slice(None, None, 1):  # of nothing there is no part
            return web.Response(body=data, headers={"Accept-Ranges": "bytes"})
        start, stop, _ = wanted.indices(len(data))
        if start >= stop:
            raise web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{len(data)}"})
        return web.Response(
            status=206, body=data[start:stop], headers={"Content-Range": f"bytes {start}-{stop - 1}/{len(data)}"}
        )


@asynccontextmanager
async def files_served() -> AsyncIterator[ServedFiles]:
    """Serve what is kept there; a simulated Discord keeps its files so once this is its `backend.cdn`."""
    files = ServedFiles()
    app = web.Application()
    app.add_routes([web.get("/attachments/{rest:.*}", files.answer)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        files.base_url = f"http://{HOST}:{runner.addresses[0][1]}"
        yield files
    finally:
        await runner.cleanup()
