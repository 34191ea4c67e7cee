"""A provider that speaks real HTTP to the vendor that pretends to be its own, with a gateway between them if wanted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from bot.domain.task import Task
from bot.providers.http import HttpProvider, provider_session
from bot.providers.jobs import HttpJobs
from tests.parts import API_KEY, MORNING
from tests.providers.vendor import Pretend, Vendor


@dataclass
class Reached:
    """A vendor that is up, and the provider that asks it."""

    vendor: Vendor
    server: Pretend
    provider: HttpProvider
    session: aiohttp.ClientSession

    @property
    def jobs(self) -> HttpJobs:
        """The job management."""
        return HttpJobs(self.provider, self.vendor.jobs)

    @property
    def task_id(self) -> str:
        """The vendor's own id of its newest task."""
        return list(self.server.tasks)[-1]

    def asked(self) -> list[str]:
        """Return what the vendor was asked, as method and path."""
        return [f"{request.method} {request.path}" for request in self.server.requests]

    async def accepted(self, task: Task) -> str:
        """Ask for a task whose result comes later; return the provider's id of the task."""
        answer = await self.provider.submit(task)
        assert isinstance(answer, str)
        return answer

    async def download(self, address: str) -> tuple[str, bytes]:
        """Ask for exactly that address; return type and bytes."""
        async with self.session.get(URL(address, encoded=True)) as answer:
            assert answer.status == 200
            return answer.content_type, await answer.read()


@asynccontextmanager
async def reached(vendor: Vendor, *, api_key: str = API_KEY, gateway: int | None = None) -> AsyncIterator[Reached]:
    """Open both. `gateway`: an HTTP status that stands in for every answer of the vendor."""
    async with (
        vendor.pretend(None, MORNING.timestamp) as server,
        provider_session() as session,
        _between(server, session, gateway) as address,
    ):
        yield Reached(vendor, server, HttpProvider(vendor.wire(api_key), session, address, None), session)


@asynccontextmanager
async def _between(server: Pretend, session: aiohttp.ClientSession, status: int | None) -> AsyncIterator[str]:
    """Yield where the vendor is reached: directly, or through what passes each call on and loses its answer."""
    if status is None:
        yield server.base_url
        return

    async def pass_on(request: web.Request) -> web.Response:
        headers: dict[str, Any] = {name: request.headers[name] for name in request.headers if name != "Host"}
        address, body = server.base_url + request.path_qs, await request.read()
        async with session.request(request.method, address, data=body, headers=headers) as answer:
            await answer.read()
        return web.Response(status=status, text="<html>")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", pass_on)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
