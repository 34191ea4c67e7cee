"""Signed bodies that are no callback: 400, and the task is asked for, so that its track is not lost."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.store.database import Database
from tests.callback_desk import Desk, completed, open_desk, result
from tests.parts import Clock

GOOD = completed()


@pytest.fixture
async def desk(database: Database, clock: Clock) -> AsyncIterator[Desk]:
    async with open_desk(database, clock) as opened:
        yield opened


def about(**fields: Any) -> bytes:
    """Return the good body with other fields; `...` takes one away."""
    whole = {**json.loads(GOOD), **fields}
    return json.dumps({name: value for name, value in whole.items() if value is not ...}).encode()


def with_number(number: bytes) -> bytes:
    """Return the good body with a number that `json` would not write, in a field nobody reads."""
    return GOOD[:-1] + b', "extra": ' + number + b"}"


UNREADABLE = {
    "empty": b"",
    "only spaces": b"  \n",
    "not JSON": b"task_id=mm-1&status=completed",
    "text after it": GOOD + b" x",
    "two of them": GOOD + GOOD,
    "a comma at the end": GOOD[:-1] + b",}",
    "cut off": GOOD[:-1],
    "single quotes": GOOD.replace(b'"', b"'"),
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "UTF-16": GOOD.decode().encode("utf-16"),
    "UTF-16 without a mark": GOOD.decode().encode("utf-16-le"),
    "UTF-32": GOOD.decode().encode("utf-32"),
    "invalid UTF-8": GOOD.replace(b"Tin Roof", b"Tin \xff Roof"),
    "overlong UTF-8": GOOD.replace(b"Tin Roof", b"Tin \xc0\xaf Roof"),
    "a surrogate in UTF-8": GOOD.replace(b"Tin Roof", b"Tin \xed\xa0\x80 Roof"),
    "a lone surrogate": GOOD.replace(b"Tin Roof", rb"Tin \ud800 Roof"),
    "the second half of a pair": GOOD.replace(b"Tin Roof", rb"Tin \udc00 Roof"),
    "a lone surrogate in the task_id": GOOD.replace(b"mm-1", rb"mm-1\udfff"),
    "a lone surrogate in a field nobody reads": with_number(rb'"\ud800"'),
    "a lone surrogate in an unknown name": GOOD[:-1] + rb', "\ud800": 1}',
    "a control character": GOOD.replace(b"Tin Roof", b"Tin\nRoof"),
    "an array": b"[" + GOOD + b"]",
    "a string": b'"completed"',
    "a number": b"1",
    "null": b"null",
    "true": b"true",
    "NaN": with_number(b"NaN"),
    "Infinity": with_number(b"Infinity"),
    "minus Infinity": with_number(b"-Infinity"),
    "1e999": with_number(b"1e999"),
    "5,000 digits": with_number(b"1" * 5000),
    "100,000 arrays": b"[" * 100_000,
    "100,000 arrays in an unknown field": with_number(b"[" * 100_000 + b"]" * 100_000),
    "20,000 objects in an unknown field": with_number(b'{"a":' * 20_000 + b"1" + b"}" * 20_000),
    "no task_id": about(task_id=...),
    "an empty task_id": about(task_id=""),
    "a task_id of spaces": about(task_id="   "),
    "a number as task_id": about(task_id=1),
    "true as task_id": about(task_id=True),
    "null as task_id": about(task_id=None),
    "an array as task_id": about(task_id=["mm-1"]),
    "an object as task_id": about(task_id={"id": "mm-1"}),
    "a task_id of 10,000 characters": about(task_id="m" * 10_000),
    "a NUL in the task_id": about(task_id="mm-1\0"),
    "a line feed in the task_id": about(task_id="mm-1\n"),
    "a direction mark in the task_id": about(task_id="mm-\u202e1"),
    "no status": about(status=...),
    "an unknown status": about(status="cancelled"),
    "a status in capitals": about(status="COMPLETED"),
    "a status with a NUL": about(status="completed\0"),
    "an empty status": about(status=""),
    "a number as status": about(status=2),
    "an envelope around it": json.dumps({"code": 0, "message": "ok", "data": json.loads(GOOD)}).encode(),
}


async def test_a_signed_body_that_is_no_callback_is_400_and_its_task_is_asked_for(
    desk: Desk, subtests: pytest.Subtests
) -> None:
    for number, (kind, body) in enumerate(UNREADABLE.items()):
        with subtests.test(kind):
            task = await desk.task(f"asked-{number}")
            desk.told.clear()
            assert (await desk.callback(task.key, body)).status == 400
            row = desk.row(task)
            assert (row["state"], row["ask_at"]) == ("submitted", desk.clock().timestamp() * 1000)
            assert desk.told == ["ask"]


async def test_an_unreadable_body_leaves_other_tasks_and_the_record_of_callbacks_alone(desk: Desk) -> None:
    task, other = await desk.task("mm-1"), await desk.task("mm-2")
    before = tuple(desk.row(other))
    assert (await desk.callback(task.key, b"{")).status == 400
    assert tuple(desk.row(other)) == before
    assert desk.rows("SELECT * FROM callbacks") == desk.rows("SELECT * FROM strays") == []


async def test_an_unreadable_body_for_no_key_of_ours_asks_for_nothing(desk: Desk) -> None:
    task = await desk.task()
    before = desk.trace()
    assert (await desk.callback("nobodys-key", b"{")).status == 400
    assert (desk.trace(), desk.told) == (before, [])
    assert desk.row(task)["state"] == "submitted"


async def test_an_unreadable_body_for_a_finished_task_asks_for_nothing(desk: Desk) -> None:
    task = await desk.task()
    await desk.callback(task.key, GOOD)
    before = desk.trace()
    assert (await desk.callback(task.key, b"{")).status == 400
    assert (desk.trace(), desk.told) == (before, ["news"])


async def test_an_unreadable_body_with_a_wrong_signature_asks_for_nothing(desk: Desk) -> None:
    task = await desk.task()
    before = desk.trace()
    assert (await desk.callback(task.key, b"{", "another secret altogether")).status == 401
    assert (desk.trace(), desk.told) == (before, [])


async def test_of_two_equal_keys_the_last_one_counts(desk: Desk) -> None:
    first, last = await desk.task("mm-1"), await desk.task("mm-2")
    body = b'{"task_id": "mm-1", "status": "failed",' + completed("mm-2", result()).removeprefix(b"{")
    assert (await desk.callback(first.key, body)).status == 204
    assert [desk.row(task)["state"] for task in (first, last)] == ["submitted", "completed"]


@pytest.mark.parametrize("status", ["queuing", "processing"])
async def test_a_status_on_the_way_is_204_and_changes_nothing(desk: Desk, status: str) -> None:
    task = await desk.task()
    before = tuple(desk.row(task))
    assert (await desk.callback(task.key, about(status=status, results=...))).status == 204
    assert (tuple(desk.row(task)), desk.told) == (before, [])


async def test_many_kinds_of_refusal_stay_few_lines(desk: Desk) -> None:
    task = await desk.task()
    for _ in range(3):
        for body in UNREADABLE.values():
            await desk.callback(task.key, body)
    lines = desk.log.about("callback refused")
    assert len(lines) == len({line["kind"] for line in lines}) < 20
    assert max(len(line) for line in desk.log.text.splitlines()) < 1000
