"""A file server on loopback that answers as a test tells it, and keeps what it was asked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import RawTestServer

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass
class FileServer:
    """Where it is, and what it was asked."""

    base: str = ""
    asked: list[web.BaseRequest] = field(default_factory=list)

    def at(self, path: str) -> str:
        """Return the address of a path."""
        return self.base + path

    def paths(self) -> list[str]:
        """Return the paths and queries it was asked for, byte for byte."""
        return [request.raw_path for request in self.asked]


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[FileServer]:
    """Serve on a free port; an answer under way ends when the other side goes."""
    server = FileServer()

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        server.asked.append(request)
        return await answer(request)

    async with RawTestServer(handle, host="127.0.0.1") as raw:
        server.base = f"http://127.0.0.1:{raw.port}"
        yield server


def sending(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer everything with `body`."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=body, status=status, headers=headers)

    return answer


def sending_each(bodies: Mapping[str, bytes]) -> Answer:
    """Answer each path with its body, and 404 for the rest."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        body = bodies.get(request.path)
        return web.Response(status=404) if body is None else web.Response(body=body)

    return answer


def redirecting(*locations: str, status: int = 302) -> Answer:
    """Redirect to each of `locations` in turn; after them comes the file."""
    left = list(locations)

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if left:
            return web.Response(status=status, headers={"Location": left.pop(0), "Set-Cookie": "who=you"})
        return web.Response(body=b"the file")

    return answer


async def endless(request: web.BaseRequest) -> web.StreamResponse:
    """Send without a declared length for as long as anybody listens."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(bytes(64 * 1024))


def breaking_off(declared: int, sent: int) -> Answer:
    """Declare more than is sent, then cut the connection."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(declared)})
        await response.prepare(request)
        await response.write(bytes(sent))
        assert request.transport is not None
        request.transport.close()
        return response

    return answer


async def silent_at_once(request: web.BaseRequest) -> web.StreamResponse:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


async def silent_after_the_headers(request: web.BaseRequest) -> web.StreamResponse:
    """Promise a file, and send nothing of it."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    return await silent_at_once(request)


async def a_byte_at_a_time(request: web.BaseRequest) -> web.StreamResponse:
    """Never be silent for long, and never be done."""
    response = web.StreamResponse(headers={"Content-Length": "1000000"})
    await response.prepare(request)
    while True:
        await response.write(b"\0")
        await asyncio.sleep(0.01)


async def reset(request: web.BaseRequest) -> web.StreamResponse:
    """Cut the connection in place of an answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
