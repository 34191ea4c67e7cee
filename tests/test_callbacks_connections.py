"""However many connections are held open, a good callback finds room, and one that is being answered is kept."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.connections import FEW_CONNECTIONS
from bot.store.database import Database
from tests.callback_desk import Desk, Line, completed, open_desk, request, signed
from tests.parts import Clock

MOST = 16
BODY = completed()
HEAD = (f"X-Signature: {signed(BODY)}", f"Content-Length: {len(BODY)}")


@pytest.fixture
async def desk(database: Database, clock: Clock) -> AsyncIterator[Desk]:
    async with open_desk(database, clock, most_connections=MOST) as opened:
        yield opened


@contextlib.asynccontextmanager
async def held(desk: Desk, number: int, first: bytes = b"") -> AsyncIterator[list[Line]]:
    """Open so many connections, say `first` on each, and hold them."""
    lines = []
    for _ in range(number):
        lines.append(await desk.line())
        with contextlib.suppress(ConnectionError):
            await lines[-1].send(first)
    try:
        yield lines
    finally:
        for line in lines:
            line.hang_up()


HALVES = {
    "silent": b"",
    "half a header": request("k", *HEAD)[:-2],
    "half a body": request("k", *HEAD) + BODY[:1],
}


@pytest.mark.parametrize("first", HALVES.values(), ids=HALVES)
async def test_a_good_callback_finds_room_among_many_open_connections(desk: Desk, first: bytes) -> None:
    task = await desk.task()
    async with held(desk, 10 * MOST, first):
        assert (await desk.callback(task.key, BODY)).status == 204
        assert len(desk.listener.connections) <= MOST


async def test_the_most_silent_is_closed_and_the_one_that_spoke_last_is_kept(desk: Desk) -> None:
    first, second = await desk.task("mm-1"), await desk.task("mm-2")
    other = completed("mm-2")
    silent, kept = await desk.line(), await desk.line()
    async with silent, kept, held(desk, MOST - 2):
        await kept.send(request(first.key, *HEAD), BODY)
        assert (await kept.answer()).status == 204
        async with held(desk, 1):
            assert await silent.rest() == b""
            length = f"Content-Length: {len(other)}"
            await kept.send(request(second.key, f"X-Signature: {signed(other)}", length), other)
            assert (await kept.answer()).status == 204


async def test_a_callback_that_waits_for_its_commit_is_not_closed(desk: Desk) -> None:
    task = await desk.task()
    async with await desk.line() as line:
        with desk.locked():
            await line.send(request(task.key, *HEAD), BODY)
            async with held(desk, 4 * MOST):
                answer = asyncio.create_task(line.answer())
                assert (await desk.say(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")).status == 200
                assert not answer.done()
        assert (await answer).status in (204, 503)


async def test_many_callbacks_one_after_the_other_close_nothing(desk: Desk) -> None:
    task = await desk.task()
    async with await desk.line() as quiet:
        for _ in range(3 * MOST):
            await desk.callback(task.key, BODY)
        await quiet.send(request(task.key, *HEAD), BODY)
        assert (await quiet.answer()).status == 204


def in_memory() -> int:
    """Return how many connections this process holds in memory, open or not."""
    gc.collect()
    return sum(isinstance(one, web.RequestHandler) for one in gc.get_objects())


async def test_connections_that_have_ended_are_forgotten(database: Database, clock: Clock) -> None:
    before = in_memory()
    async with open_desk(database, clock) as desk, held(desk, 10):
        for _ in range(5 * FEW_CONNECTIONS):
            assert (await desk.say(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")).status == 200
        assert 10 <= len(desk.listener.connections) <= 11
        assert in_memory() - before <= FEW_CONNECTIONS + 2 * 12
