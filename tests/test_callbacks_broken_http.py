"""What is not HTTP is turned away by the server itself: 400, no handler, no line in the log."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator

import pytest

from bot.store.database import Database
from tests.callback_desk import Desk, completed, open_desk, request, signed
from tests.parts import Clock

BODY = completed()
SIGNED = f"X-Signature: {signed(BODY)}"
LENGTH = f"Content-Length: {len(BODY)}"
CHUNKED = "Transfer-Encoding: chunked"


@pytest.fixture
async def desk(database: Database, clock: Clock) -> AsyncIterator[Desk]:
    async with open_desk(database, clock, body_seconds=0.1) as opened:
        yield opened


BROKEN = {
    "a length and chunks": (request("k", SIGNED, LENGTH, CHUNKED), b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)),
    "two equal lengths": (request("k", SIGNED, LENGTH, LENGTH), BODY),
    "two lengths": (request("k", SIGNED, LENGTH, "Content-Length: 3"), BODY),
    "a negative length": (request("k", SIGNED, "Content-Length: -1"), BODY),
    "a length that is no number": (request("k", SIGNED, "Content-Length: 1e3"), BODY),
    "a chunk size that is no number": (request("k", SIGNED, CHUNKED), b"zz\r\n{}\r\n0\r\n\r\n"),
    "an unknown transfer encoding": (request("k", SIGNED, "Transfer-Encoding: nonsense"), BODY),
    "a header of 20 KB": (request("k", SIGNED, LENGTH, f"X-Long: {'a' * 20_000}"), BODY),
    "500 headers": (request("k", SIGNED, LENGTH, *(f"X-{number}: a" for number in range(500))), BODY),
    "a NUL in a header": (request("k", SIGNED, LENGTH, "X-A: a\0b"), BODY),
    "a header without a colon": (request("k", SIGNED, LENGTH, "nonsense"), BODY),
    "a space before the colon": (request("k", LENGTH, SIGNED.replace(":", " :")), BODY),
    "bare line feeds": (request("k", SIGNED, LENGTH).replace(b"\r\n", b"\n"), BODY),
    "a path of 20 KB": (request("k" * 20_000, SIGNED, LENGTH), BODY),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500) + b"\r\n\r\n",),
    "another protocol": (b"SSH-2.0-OpenSSH_9.9\r\n\r\n",),
    "nothing but bytes": (bytes(range(256)) * 40,),
}


async def test_what_is_not_http_is_400_and_never_reaches_the_handler(desk: Desk, subtests: pytest.Subtests) -> None:
    before = desk.trace()
    lines = len(desk.log.lines)
    for kind, parts in BROKEN.items():
        with subtests.test(kind):
            async with await desk.line() as line:
                await line.send(*parts)
                assert (await line.answer()).status == 400
                await line.rest()
            assert desk.trace() == before
            assert len(desk.log.lines) == lines


async def test_chunks_that_break_later_are_refused_as_well(desk: Desk) -> None:
    task = await desk.task()
    async with await desk.line() as line:
        await line.send(request(task.key, SIGNED, CHUNKED), b"5\r\n%s\r\n" % BODY[:5])
        assert (await desk.callback("nobodys-key", b"{")).status == 400  # by now the first part has been read
        await line.send(b"zz\r\n%s\r\n0\r\n\r\n" % BODY[5:])
        # aiohttp's C parser tells the handler nothing of it, so there the deadline ends it.
        assert (await line.answer()).status in (400, 408)
    assert desk.row(task)["state"] == "submitted"


async def test_senders_who_leave_while_they_are_told_to_go_on_fill_no_log(desk: Desk) -> None:
    lines = len(desk.log.lines)
    await asyncio.to_thread(knock_and_run, desk.port, 50)
    assert (await desk.callback("nobodys-key", b"{")).status == 400  # by now the others have been seen to
    assert "Traceback" not in desk.log.text
    assert len(desk.log.lines) <= lines + 1


def knock_and_run(port: int, times: int) -> None:
    """Ask whether a body is wanted, and reset the connection before the answer; so many at once."""
    callers = [socket.create_connection(("127.0.0.1", port)) for _ in range(times)]
    for caller in callers:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        caller.sendall(request("abc", "Content-Length: 1", "Expect: 100-continue"))
    for caller in callers:
        caller.close()


async def test_a_good_callback_gets_through_between_broken_ones(desk: Desk) -> None:
    task = await desk.task()
    broken = [desk.say(*parts) for parts in BROKEN.values()]
    *refused, good = await asyncio.gather(*broken, desk.callback(task.key, BODY))
    assert {answer.status for answer in refused} == {400}
    assert good.status == 204
