"""The HTTP to providers: a create is sent once, and each call stands alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.domain.errors import Rejected
from bot.providers.http import HttpProvider, provider_session
from bot.providers.musicmint import MusicMint
from tests.parts import make_task


@asynccontextmanager
async def answering(status: int, location: str = "") -> AsyncIterator[tuple[str, list[web.Request]]]:
    """A vendor that answers everything alike; yield its address and what it was asked."""
    asked: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request)
        body = {"code": 0, "data": {"task_id": "t", "id": "t", "status": "queuing"}}
        return web.json_response(body, status=status, headers={"Location": location} if location else {})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


async def test_a_create_that_is_redirected_is_not_sent_again_elsewhere() -> None:
    async with answering(307, "/elsewhere") as (address, asked), provider_session() as session:
        provider = HttpProvider(MusicMint("sk-mm-key", (), 7), session, address, None)
        with pytest.raises(Rejected):
            await provider.submit(make_task())
    assert len(asked) == 1


async def test_each_call_has_a_connection_of_its_own() -> None:
    async with answering(200) as (address, asked), provider_session() as session:
        provider = HttpProvider(MusicMint("sk-mm-key", (), 7), session, address, None)
        for _ in range(3):
            await provider.look_up("t")
    assert [request.headers.get("Connection") for request in asked] == ["close"] * 3
