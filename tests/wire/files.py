"""Take uploads in as a stream, keep their bytes on disk, and hand out addresses that expire."""

from __future__ import annotations

import asyncio
import json
import mimetypes
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from aiohttp import BodyPartReader, web

from .errors import ApiError
from .world import Json

CHUNK = 64 * 1024


@dataclass(frozen=True)
class Upload:
    """One file of a multipart request; `size` in bytes."""

    field: str
    name: str
    size: int
    content_type: str
    path: Path


@dataclass
class Body:
    """What a request carried: its JSON (None without any) and its files in order."""

    json: Any = None
    uploads: list[Upload] = field(default_factory=list)


class Files:
    """The bytes of all attachments, in `folder`; their addresses start with `base_url`."""

    def __init__(self, folder: Path) -> None:
        self.base_url = ""
        #: Bytes a second at which uploads are read; None: as fast as they come.
        self.upload_rate: float | None = None
        self._folder = folder
        self._count = 0
        self._paths: dict[str, Path] = {}
        self._signature = 1

    async def receive(self, request: web.Request) -> Body:
        """Read a request's body; refuse with 50109 what is not JSON."""
        if request.content_type == "multipart/form-data":
            return await self._receive_multipart(request)
        raw = await request.read()
        if not raw:
            return Body()
        if request.content_type != "application/json":
            raise ApiError(50109, message=f"content type {request.content_type!r} is not understood")
        return Body(_parse(raw))

    async def _receive_multipart(self, request: web.Request) -> Body:
        body = Body({})
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise ApiError(50109, message="nested multipart is not understood")
            if part.name == "payload_json":
                body.json = _parse(await part.read())
            else:
                body.uploads.append(await self._spool(part))
        return body

    async def _spool(self, part: BodyPartReader) -> Upload:
        size = 0
        with self._new_file() as file:
            while chunk := await part.read_chunk(CHUNK):
                size += len(chunk)
                file.write(chunk)
                if self.upload_rate:
                    await asyncio.sleep(len(chunk) / self.upload_rate)
            path = Path(file.name)
        kind = part.headers.get("Content-Type", "")
        return Upload(part.name or "", part.filename or "", size, kind, path)

    @contextmanager
    def _new_file(self) -> Iterator[BinaryIO]:
        self._count += 1
        with (self._folder / f"upload-{self._count}").open("wb") as file:
            yield file

    def write(self, content: bytes) -> Path:
        """Keep `content` as a file."""
        with self._new_file() as file:
            file.write(content)
            return Path(file.name)

    def keep(self, attachment_id: int, channel_id: int, name: str, path: Path, description: str | None) -> Json:
        """Make a file an attachment, and return its object with the unsigned address."""
        name = safe_name(name)
        self._paths[str(attachment_id)] = path
        url = f"{self.base_url}/attachments/{channel_id}/{attachment_id}/{name}"
        shape = {
            "id": str(attachment_id),
            "filename": name,
            "size": path.stat().st_size,
            "content_type": mimetypes.guess_type(name)[0] or "application/octet-stream",
            "url": url,
            "proxy_url": url,
        }
        return shape | ({"description": description} if description else {})

    def discard(self, uploads: list[Upload]) -> None:
        """Remove uploads that no message took."""
        for upload in uploads:
            upload.path.unlink(missing_ok=True)

    def forget(self, attachments: list[Json]) -> None:
        """Remove the bytes of attachments."""
        for attachment in attachments:
            self._paths.pop(attachment["id"]).unlink(missing_ok=True)

    def read(self, url: str) -> bytes:
        """Return the bytes behind an attachment's address, expired or not; KeyError for a foreign one."""
        return self._path(url.removeprefix(f"{self.base_url}/")).read_bytes()

    def _path(self, address: str) -> Path:
        match = re.fullmatch(r"attachments/\d+/(\d+)/[^?]+(\?.*)?", address)
        if match is None:
            raise KeyError(address)
        return self._paths[match[1]]

    def expire_links(self) -> None:
        """Let every address given out so far run out; messages asked for anew carry fresh ones."""
        self._signature += 1

    def signed(self, shape: Any) -> Any:
        """Return a copy of `shape` in which every address of ours is signed as of now."""
        if isinstance(shape, dict):
            return {key: self.signed(value) for key, value in shape.items()}
        if isinstance(shape, list):
            return [self.signed(value) for value in shape]
        if isinstance(shape, str) and shape.startswith(f"{self.base_url}/attachments/"):
            return f"{shape}?ex=7fffffff&is=0&hm={self._signature:x}"
        return shape

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer a download; 404 as text once the address has expired."""
        try:
            path = self._path(f"attachments/{request.match_info['rest']}")
        except KeyError:
            return web.Response(status=404, text="This content is no longer available.")
        if request.query.get("hm") != f"{self._signature:x}":
            return web.Response(status=404, text="This content is no longer available.")
        return web.FileResponse(path)


def safe_name(name: str) -> str:
    """Return a file's name as Discord stores it: other than `A-Za-z0-9_.-` becomes `_`."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name) or "unknown"


def _parse(raw: bytes | bytearray) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise ApiError(50109) from None
