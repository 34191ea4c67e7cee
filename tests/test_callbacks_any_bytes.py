"""Whatever bytes come: no answer of 5xx, no traceback, and without the signature nothing is touched."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.store.database import Database
from tests.callback_desk import Desk, completed, open_desk, request, signed
from tests.parts import Clock

BODY = completed()

#: The desk is one for all examples of a test: it has to bear whatever came before.
many = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

texts = st.text(max_size=20)
leaves = st.none() | st.booleans() | st.integers(-(10**400), 10**400) | st.floats() | texts
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4))
fields = ("id", "audio_url", "image_url", "title", "duration", "tags", "prompt", "expire_at")
results = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(fields, values)) | values, max_size=4)
callbacks = st.fixed_dictionaries(
    {"task_id": st.just("mm-1") | values, "status": st.sampled_from(["completed", "failed", "processing"]) | values},
    optional={"results": results | values, "error": values, "extra": values},
)
bodies = st.binary(max_size=200) | st.builds(json.dumps, callbacks | values).map(str.encode)


@pytest.fixture
async def desk(database: Database, clock: Clock) -> AsyncIterator[Desk]:
    async with open_desk(database, clock, body_seconds=0.05, keepalive=0.05) as opened:
        yield opened


@many
@given(body=bodies)
async def test_any_signed_body_is_204_or_400(desk: Desk, body: bytes) -> None:
    task = await desk.task(None)
    assert (await desk.callback(task.key, body)).status in (204, 400)
    desk.assert_calm()


@many
@given(body=bodies, signature=st.binary(max_size=80).filter(lambda raw: not {0, 10, 13} & set(raw)))
async def test_any_body_without_its_signature_is_401_or_no_http_and_touches_nothing(
    desk: Desk, body: bytes, signature: bytes
) -> None:
    before = desk.trace()
    answer = await desk.post("k", body, f"X-Signature: {signature.decode('latin-1')}")
    assert answer.status in (400, 401)
    assert (desk.trace(), desk.told) == (before, [])
    desk.assert_calm()


def spliced(parts: tuple[int, int, bytes], whole: bytes) -> bytes:
    """Return `whole` with some of its bytes replaced by others."""
    start, length, other = parts
    return whole[:start] + other + whole[start + length :]


@many
@given(parts=st.tuples(st.integers(0, 400), st.integers(0, 30), st.binary(max_size=30)))
async def test_any_bytes_in_the_middle_of_a_request_never_make_a_fault_of_ours(
    desk: Desk, parts: tuple[int, int, bytes]
) -> None:
    task = await desk.task(None)
    head = request(task.key, f"X-Signature: {signed(BODY)}", f"Content-Length: {len(BODY)}")
    async with await desk.line() as line:
        await line.send(spliced(parts, head + BODY))
        assert not (await line.first_line()).startswith(b"HTTP/1.1 5")
    desk.assert_calm()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 500), max_size=6))
async def test_a_request_may_come_in_any_pieces(desk: Desk, cuts: list[int]) -> None:
    task = await desk.task(None)
    whole = request(task.key, f"X-Signature: {signed(BODY)}", f"Content-Length: {len(BODY)}") + BODY
    edges = [0, *sorted({cut for cut in cuts if cut < len(whole)}), len(whole)]
    async with await desk.line() as line:
        for start, end in itertools.pairwise(edges):
            await line.send(whole[start:end])
            await asyncio.sleep(0)
        assert (await line.answer()).status == 204
