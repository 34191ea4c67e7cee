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
#: As it may stand in JSON that no library would write: odd numbers, escapes, keys that come twice, depth.
odd_texts = st.sampled_from(
    [
        "NaN",
        "-Infinity",
        "1e999",
        "9" * 5000,
        r'"\ud800"',
        r'"\u0000"',
        '"\x00"',
        "01",
        "[" * 2000,
        '{"a":' * 2000,
        "tru",
        "",
    ]
)
odd_names = st.sampled_from(["task_id", "status", "results", "error", "extra", r"task_id\u0000", r"\ud800"])
odd_fields = st.tuples(odd_names, odd_texts | values.map(json.dumps)).map(lambda field: '"{}": {}'.format(*field))
odd_objects = st.lists(odd_fields, max_size=6).map(lambda fields: "{" + ", ".join(fields) + "}")
spoilt = st.tuples(st.integers(0, 300), st.integers(0, 9), st.binary(max_size=9)).map(
    lambda parts: spliced(parts, BODY)
)

#: What may stand in a header without ending it.
signs = st.characters(max_codepoint=255, exclude_characters="\r\n")
known = st.sampled_from(
    ["X-Signature", "x-signature", "Content-Type", "Content-Encoding", "Accept", "Host", "Connection"]
)
tokens = st.text("ABCxyz019-_.!#$%&'*+^`|~", min_size=1, max_size=20)
lines = st.tuples(known | tokens | st.text(signs, max_size=10), st.text(signs, max_size=60)).map(": ".join)

bodies = st.binary(max_size=200) | st.builds(json.dumps, callbacks | values).map(str.encode)


@pytest.fixture
async def desk(database: Database, clock: Clock) -> AsyncIterator[Desk]:
    async with open_desk(database, clock, body_seconds=0.05, keepalive=0.05) as opened:
        yield opened


def spliced(parts: tuple[int, int, bytes], whole: bytes) -> bytes:
    """Return `whole` with some of its bytes replaced by others."""
    start, length, other = parts
    return whole[:start] + other + whole[start + length :]


@many
@given(body=odd_objects.map(str.encode) | spoilt)
async def test_any_signed_json_however_odd_is_204_or_400(desk: Desk, body: bytes) -> None:
    task = await desk.task(None)
    assert (await desk.callback(task.key, body)).status in (204, 400)
    desk.assert_calm()


@many
@given(headers=st.lists(lines, max_size=6), is_signed=st.booleans())
async def test_any_headers_never_make_a_fault_of_ours(desk: Desk, headers: list[str], is_signed: bool) -> None:
    task = await desk.task(None)
    before = desk.trace()
    signature = [f"X-Signature: {signed(BODY)}"] if is_signed else []
    async with await desk.line() as line:
        await line.send(request(task.key, *headers, *signature, f"Content-Length: {len(BODY)}"), BODY)
        status = (await line.first_line())[9:12]
    assert status in (b"", b"204", b"400", b"401", b"408", b"417")
    assert is_signed or desk.trace() == before
    desk.assert_calm()


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
