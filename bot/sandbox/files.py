"""The file addresses of a pretend vendor: public to whoever knows them, until they expire."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from aiohttp import web

from bot.sandbox.behaviour import Behaviour

CONTENT_TYPES = {
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".m4a": "audio/mp4",
    ".jpg": "image/jpeg",
}

#: A slow download comes in this many parts.
PARTS = 8


@dataclass(frozen=True, slots=True)
class FileRequest:
    """Record one download; `at` is the vendor's clock, in seconds."""

    method: str
    path: str
    at: float


@dataclass(frozen=True, slots=True)
class _File:
    data: bytes
    expires: float


class Files:
    """Keep files under addresses that cannot be guessed, and serve them."""

    def __init__(self, behaviour: Behaviour, now: Callable[[], float]) -> None:
        self.requests: list[FileRequest] = []
        self._behaviour = behaviour
        self._now = now
        self._files: dict[str, _File] = {}

    def keep(self, name: str, data: bytes, expires: float) -> str:
        """Keep a file (its suffix tells the type, its name is used as it is) until that second; return its path."""
        path = f"/files/{secrets.token_urlsafe(16)}/{name}"
        self._files[path] = _File(data, expires)
        return path

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one download: the bytes, 404 where nothing ever was, 410 where something has expired."""
        # As it stands in the address, percent signs and all: a client that tidies an address asks for another file.
        path = request.raw_path.partition("?")[0]
        self.requests.append(FileRequest(request.method, path, self._now()))
        suffix = PurePosixPath(path).suffix
        if (status := self._behaviour.file_status.get(suffix)) is not None:
            return web.Response(status=status)
        if (file := self._files.get(path)) is None:
            return web.Response(status=404)
        if file.expires <= self._now():
            return web.Response(status=410)
        if self._behaviour.file_seconds or self._behaviour.cut_files:
            return await self._trickle(request, file.data, CONTENT_TYPES[suffix])
        return web.Response(body=file.data, content_type=CONTENT_TYPES[suffix])

    async def _trickle(self, request: web.Request, data: bytes, content_type: str) -> web.StreamResponse:
        """Send the bytes slowly, and only half of them where downloads are to break off."""
        response = web.StreamResponse()
        response.content_type = content_type
        response.content_length = len(data)
        await response.prepare(request)
        for part in range(PARTS):
            if self._behaviour.cut_files and part == PARTS // 2:
                cut(request)
                break
            await asyncio.sleep(self._behaviour.file_seconds / PARTS)
            await response.write(data[part * len(data) // PARTS : (part + 1) * len(data) // PARTS])
        return response


def cut(request: web.Request) -> None:
    """Close the connection of a request under it; what was written so far still goes out."""
    if request.transport is not None:
        request.transport.close()
