"""The listener as an HTTP server: sizes, deadlines, slow and broken senders, methods and paths."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress

import pytest

from bot.callbacks import LARGEST_BODY
from bot.store.database import Database
from tests.callback_desk import Desk, Line, completed, open_desk, request, signed
from tests.parts import Clock

BODY = completed()
SIGNED = f"X-Signature: {signed(BODY)}"
LENGTH = f"Content-Length: {len(BODY)}"
CHUNKED = "Transfer-Encoding: chunked"
GIB = f"Content-Length: {1 << 30}"


@pytest.fixture
async def desk(database: Database, clock: Clock) -> AsyncIterator[Desk]:
    async with open_desk(database, clock) as opened:
        yield opened


def chunks(body: bytes, size: int) -> bytes:
    """Return `body` in chunks of `size`, without the last one that ends it."""
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


END = b"0\r\n\r\n"


def padded(length: int) -> bytes:
    """Return a good body of exactly so many bytes."""
    return BODY + b" " * (length - len(BODY))


async def test_a_body_of_exactly_the_limit_is_accepted_declared_or_chunked(desk: Desk) -> None:
    task = await desk.task()
    body = padded(LARGEST_BODY)
    right = f"X-Signature: {signed(body)}"
    declared = await desk.post(task.key, body, right)
    in_chunks = await desk.say(request(task.key, right, CHUNKED), chunks(body, 30_000), END)
    assert (declared.status, in_chunks.status) == (204, 204)
    assert desk.row(task)["state"] == "completed"


async def test_one_byte_more_is_413_declared_or_chunked(desk: Desk) -> None:
    task = await desk.task()
    body = padded(LARGEST_BODY + 1)
    right = f"X-Signature: {signed(body)}"
    declared = await desk.post(task.key, body, right)
    in_chunks = await desk.say(request(task.key, right, CHUNKED), chunks(body, 30_000), END)
    assert (declared.status, in_chunks.status) == (413, 413)
    assert desk.row(task)["state"] == "submitted"


@pytest.mark.parametrize("expect", [(), ("Expect: 100-continue",)])
async def test_a_gigabyte_that_is_only_announced_is_413_at_once(desk: Desk, expect: tuple[str, ...]) -> None:
    task = await desk.task()
    assert (await desk.say(request(task.key, SIGNED, GIB, *expect))).status == 413


async def test_a_body_without_end_is_413_once_the_limit_is_passed(desk: Desk) -> None:
    task = await desk.task()
    async with await desk.line() as line:
        await line.send(request(task.key, SIGNED, CHUNKED), chunks(b" " * (LARGEST_BODY + 1), 65_536))
        assert (await line.answer()).status == 413


@pytest.mark.parametrize("length", [CHUNKED, "Content-Length: 20000000"], ids=["chunked", "declared"])
async def test_of_20_mb_no_more_than_the_limit_and_a_buffer_is_kept(desk: Desk, length: str) -> None:
    task = await desk.task()
    piece = chunks(b" " * 65_536, 65_536)
    async with await desk.line() as line:
        await line.send(request(task.key, SIGNED, length))
        with most_memory() as peak:
            sending = asyncio.create_task(send_all(line, [piece] * 305))
            assert (await line.answer()).status == 413
            await line.rest()
        await sending
    assert peak[0] < 4_000_000  # what is on its way between the two ends counts as well
    assert desk.row(task)["state"] == "submitted"


async def test_a_sender_that_asks_first_is_told_to_go_on(desk: Desk) -> None:
    task = await desk.task()
    async with await desk.line() as line:
        await line.send(request(task.key, SIGNED, LENGTH, "Expect: 100-continue"))
        assert (await line.answer()).status == 100
        await line.send(BODY)
        assert (await line.answer()).status == 204


async def send_all(line: Line, pieces: list[bytes]) -> None:
    """Send piece after piece, as fast as they are taken."""
    with suppress(ConnectionError):
        for piece in pieces:
            await line.send(piece)


@contextmanager
def most_memory() -> Iterator[list[int]]:
    """Yield a list which at the end holds how many bytes more than at the start were held at once."""
    peak: list[int] = []
    tracemalloc.start()
    try:
        yield peak
        peak.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


async def drip(line: Line) -> None:
    """Send a byte now and then, without end; the pace is the attack."""
    while True:
        await line.send(b" ")
        await asyncio.sleep(0.01)


async def test_a_body_that_drips_is_408_at_the_deadline_and_can_be_sent_again(database: Database, clock: Clock) -> None:
    async with open_desk(database, clock, body_seconds=0.1) as desk:
        task = await desk.task()
        async with await desk.line() as line:
            await line.send(request(task.key, SIGNED, LENGTH))
            dripping = asyncio.create_task(drip(line))
            answer = await line.answer()
            dripping.cancel()
        assert (answer.status, answer.headers["connection"]) == (408, "close")
        assert desk.row(task)["state"] == "submitted"
        assert (await desk.callback(task.key, BODY)).status == 204


@pytest.mark.parametrize(
    "before", [b"", b"POST /callbacks/musicmint/k HTTP/1.1\r\nX-Long: "], ids=["silent", "dripping"]
)
async def test_a_connection_without_a_whole_header_is_closed(database: Database, clock: Clock, before: bytes) -> None:
    async with open_desk(database, clock, keepalive=0.1) as desk, await desk.line() as line:
        await line.send(before)
        dripping = asyncio.create_task(drip(line)) if before else None
        assert await line.rest() == b""
        if dripping is not None:
            dripping.cancel()


async def test_a_kept_connection_that_begins_a_second_header_and_stops_is_closed(
    database: Database, clock: Clock
) -> None:
    async with open_desk(database, clock, keepalive=0.1) as desk, await desk.line() as line:
        task = await desk.task()
        await line.send(request(task.key, SIGNED, LENGTH), BODY)
        assert (await line.answer()).status == 204
        await line.send(b"POST /callbacks/musicmint/k HTTP/1.1\r\n")
        assert await line.rest() == b""


async def test_many_half_open_connections_do_not_hold_up_a_good_callback(desk: Desk) -> None:
    task = await desk.task()
    lines = [await desk.line() for _ in range(100)]
    for line in lines:
        await line.send(request(task.key, SIGNED, LENGTH), BODY[:1])
    answer = await asyncio.wait_for(desk.callback(task.key, BODY), 1)
    for line in lines:
        line.hang_up()
    assert answer.status == 204


@pytest.mark.parametrize(
    "cut",
    [(LENGTH, BODY[:-1]), (LENGTH, b""), (CHUNKED, chunks(BODY, 100)), (CHUNKED, b"ff\r\n{")],
    ids=["a byte short", "only the header", "no last chunk", "within a chunk"],
)
async def test_a_body_that_is_cut_off_leaves_nothing(desk: Desk, cut: tuple[str, bytes]) -> None:
    task = await desk.task()
    before = desk.trace()
    async with await desk.line() as line:
        await line.send(request(task.key, SIGNED, cut[0]), cut[1])
    assert (await desk.callback("nobodys-key", b"{")).status == 400  # by now the other end has been noticed
    assert desk.trace() == before


async def test_a_body_of_one_byte_chunks_is_a_body_like_any_other(desk: Desk) -> None:
    task = await desk.task()
    assert (await desk.say(request(task.key, SIGNED, CHUNKED), chunks(BODY, 1), END)).status == 204
    assert desk.titles(task) == ["Tin Roof"]


async def test_two_callbacks_in_one_packet_are_both_answered_in_order(desk: Desk) -> None:
    first, second = await desk.task("mm-1"), await desk.task("mm-2")
    other = completed("mm-2")
    async with await desk.line() as line:
        await line.send(
            request(first.key, "X-Signature: wrong", LENGTH), BODY,
            request(second.key, f"X-Signature: {signed(other)}", f"Content-Length: {len(other)}"), other,
        )  # fmt: skip
        assert [(await line.answer()).status, (await line.answer()).status] == [401, 204]
    assert [desk.row(task)["state"] for task in (first, second)] == ["submitted", "completed"]


async def test_another_method_is_405(desk: Desk, subtests: pytest.Subtests) -> None:
    task = await desk.task()
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"):
        with subtests.test(method):
            async with await desk.line() as line:
                await line.send(request(task.key, SIGNED, "Content-Length: 0", "Connection: close", method=method))
                answer = await line.rest()
            assert answer.startswith(b"HTTP/1.1 405 ")
            assert b"\r\nAllow: POST\r\n" in answer


PATHS = [
    "/callbacks/musicmint/{key}/",
    "//callbacks/musicmint/{key}",
    "/callbacks//musicmint/{key}",
    "/callbacks/musicmint//{key}",
    "/callbacks/musicmint/../musicmint/{key}",
    "/x/../callbacks/musicmint/{key}",
    "/callbacks/musicmint/%2e%2e/{key}",
    "/callbacks/musicmint/{key}%00",
    "/callbacks/musicmint/{key}%2f",
    "/callbacks/musicmint/%ff",
    "/callbacks/musicmint/",
    "/callbacks/musicmint",
    "/callbacks/unknown/{key}",
    "/CALLBACKS/musicmint/{key}",
    "/",
]


async def test_another_path_is_404_and_never_a_redirect(desk: Desk, subtests: pytest.Subtests) -> None:
    task = await desk.task()
    before = desk.trace()
    for path in PATHS:
        with subtests.test(path):
            head = f"POST {path.format(key=task.key)} HTTP/1.1\r\nHost: x\r\n{SIGNED}\r\n{LENGTH}\r\n\r\n"
            answer = await desk.say(head.encode(), BODY)
            assert (answer.status, "location" in answer.headers) == (404, False)
            assert desk.trace() == before


async def test_what_is_meant_for_another_path_or_method_is_counted_and_told_once(desk: Desk) -> None:
    for number in range(20):
        assert (await desk.say(f"GET /{number} HTTP/1.1\r\nHost: x\r\n\r\n".encode())).status == 404
        assert (await desk.say(b"GET /callbacks/musicmint/k HTTP/1.1\r\nHost: x\r\n\r\n")).status == 405
    assert [line["kind"] for line in desk.log.about("callback refused")] == ["404", "405"]


async def test_alive_is_all_that_the_health_page_says(desk: Desk) -> None:
    answer = await desk.say(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (answer.status, answer.body) == (200, b"ok\n")
    assert (await desk.say(b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")).status == 405


OTHER_HEADERS = [
    "Content-Type: application/json; charset=utf-16",
    "Content-Type: application/x-www-form-urlencoded",
    'Content-Type: ;;="',
    "X-Anything: else",
    "X-Forwarded-For: 127.0.0.1",
    "Forwarded: for=127.0.0.1;host=localhost;proto=https",
    "X-Forwarded-Host: localhost",
    "X-Real-IP: 127.0.0.1",
    "Upgrade: websocket",
]


async def test_no_other_header_matters(desk: Desk, subtests: pytest.Subtests) -> None:
    for number, header in enumerate(OTHER_HEADERS):
        with subtests.test(header):
            task = await desk.task(f"mm-{number}")
            body = completed(f"mm-{number}")
            wrong = await desk.post(task.key, body, header, f"X-Signature: {'0' * 64}")
            right = await desk.post(task.key, body, header, f"X-Signature: {signed(body)}")
            assert (wrong.status, right.status) == (401, 204)
            assert desk.row(task)["state"] == "completed"


@pytest.mark.parametrize(
    "first",
    [
        "POST {path} HTTP/1.0",
        "POST {path} HTTP/1.1\r\nHost: localhost",
        "POST http://evil.example{path} HTTP/1.1\r\nHost: evil",
    ],
)
async def test_host_and_version_do_not_matter(desk: Desk, first: str) -> None:
    task = await desk.task()
    head = first.format(path=f"/callbacks/musicmint/{task.key}")
    answers = [
        await desk.say(f"{head}\r\n{signature}\r\n{LENGTH}\r\n\r\n".encode(), BODY)
        for signature in (f"X-Signature: {'0' * 64}", SIGNED)
    ]
    assert [answer.status for answer in answers] == [401, 204]
