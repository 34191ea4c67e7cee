"""What signed callbacks say, and what is made of it: results one by one, and the status decides."""

import json
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.domain.track import Completed, Update
from bot.store.database import Database
from tests.callback_desk import Desk, completed, failed, open_desk, result
from tests.parts import Clock


@pytest.fixture
async def desk(database: Database, clock: Clock) -> AsyncIterator[Desk]:
    async with open_desk(database, clock) as opened:
        yield opened


def body(status: str, **fields: Any) -> bytes:
    return json.dumps({"task_id": "mm-1", "status": status, **fields}).encode()


async def test_a_completed_task_gets_its_tracks_in_order_and_is_ready_to_be_posted(desk: Desk) -> None:
    task = await desk.task()
    answer = await desk.callback(task.key, completed("mm-1", result("a", title="One"), result("b", title="Two")))
    assert (answer.status, answer.body) == (204, b"")
    row = desk.row(task)
    assert (row["state"], row["delivery"], row["missing"], row["ask_at"]) == ("completed", "ready", 0, None)
    assert desk.titles(task) == ["One", "Two"]
    assert desk.told == ["news"]


async def test_a_failed_task_is_told_with_the_providers_words(desk: Desk) -> None:
    task = await desk.task()
    assert (await desk.callback(task.key, failed())).status == 204
    row = desk.row(task)
    assert (row["state"], row["failure"], row["detail"]) == ("failed", "provider", "no capacity")
    assert row["tell_at"] is not None


@pytest.mark.parametrize(
    "fields",
    [{}, {"results": None}, {"results": []}, {"results": {}}, {"results": "x"}, {"results": [{}, None, 1]}],
)
async def test_completed_without_a_result_is_asked_for_once_and_then_failed(desk: Desk, fields: Any) -> None:
    task = await desk.task()
    assert (await desk.callback(task.key, body("completed", **fields))).status == 204
    assert desk.row(task)["ask_at"] == desk.clock().timestamp() * 1000
    assert (desk.row(task)["state"], desk.told) == ("submitted", ["ask"])
    await desk.intake.apply(Update("musicmint", "mm-1", Completed(())))
    assert (desk.row(task)["state"], desk.row(task)["failure"]) == ("failed", "empty")


BROKEN_RESULTS = {
    "without an address": {"id": "bad", "title": "Bad"},
    "with an empty address": result("bad", audio_url=""),
    "with a number as address": result("bad", audio_url=7),
    "with null as address": result("bad", audio_url=None),
    "that is null": None,
    "that is text": "https://files.example/bad.mp3",
    "that is an array": [],
}


async def test_a_broken_result_counts_as_missing_and_the_good_one_is_kept(
    desk: Desk, subtests: pytest.Subtests
) -> None:
    for number, (kind, broken) in enumerate(BROKEN_RESULTS.items()):
        with subtests.test(kind):
            task = await desk.task(f"mm-{number}")
            whole = completed(f"mm-{number}", broken, result("good", title="Good"))
            assert (await desk.callback(task.key, whole)).status == 204
            assert (desk.titles(task), desk.row(task)["missing"]) == (["Good"], 1)


@pytest.mark.parametrize("count", [1, 2, 4, 5, 1000])
async def test_any_number_of_results_is_kept(desk: Desk, count: int) -> None:
    task = await desk.task()
    results = [{"audio_url": f"https://files.example/{n}.mp3", "title": str(n)} for n in range(count)]
    assert (await desk.callback(task.key, completed("mm-1", *results))).status == 204
    assert desk.titles(task) == [str(n) for n in range(count)]


ODD_FIELDS = {
    "duration": ["90", None, True, -1, 0, 1e300, 10**400, [], {}],
    "expire_at": ["soon", None, True, -1, 0, 1.5, 2**63, 10**400, [], {}],
    "title": [None, 1, [], {}, ""],
    "tags": [None, 1, ["lofi"], {}],
    "prompt": [None, 1, [], {}],
    "image_url": [None, 1, [], {}],
    "id": [None, 1, [], {}],
}


@pytest.mark.parametrize(("field", "values"), ODD_FIELDS.items(), ids=ODD_FIELDS.keys())
async def test_a_field_of_an_odd_type_or_value_is_absent_and_its_track_is_kept(
    desk: Desk, field: str, values: list[Any]
) -> None:
    task = await desk.task()
    columns = {"duration": "seconds", "expire_at": "expires_at", "tags": "style", "prompt": "lyrics"}
    columns |= {"image_url": "cover_url", "id": "clip_id"}
    column = columns.get(field, field)
    results = [result(**{field: value}) for value in values]
    assert (await desk.callback(task.key, completed("mm-1", *results))).status == 204
    stored = [row[column] for row in desk.rows("SELECT * FROM tracks ORDER BY number")]
    absent = None if column in ("seconds", "expires_at") else ""
    assert stored == [absent] * len(values)


async def test_an_end_in_seconds_is_recognised(desk: Desk) -> None:
    task = await desk.task()
    await desk.callback(task.key, completed("mm-1", result(expire_at=1_799_604_800)))
    assert desk.rows("SELECT expires_at FROM tracks")[0]["expires_at"] == 1_799_604_800_000
    assert desk.row(task)["missing"] == 0


async def test_unknown_fields_are_passed_over(desk: Desk) -> None:
    task = await desk.task()
    extra = {"version": 3, "nested": [{"a": [1, None]}], "": "x"}
    whole = body("completed", results=[result(**extra)], **extra)
    assert (await desk.callback(task.key, whole)).status == 204
    assert desk.titles(task) == ["Tin Roof"]


async def test_a_nul_is_taken_out_of_texts(desk: Desk) -> None:
    song, noise = await desk.task("mm-1"), await desk.task("mm-2")
    await desk.callback(
        song.key, completed("mm-1", result(title="Tin\0Roof", prompt="\0la", audio_url="https://a/\0b"))
    )
    await desk.callback(noise.key, failed("mm-2", "no\0capacity"))
    track = desk.rows("SELECT * FROM tracks")[0]
    assert (track["title"], track["lyrics"], track["audio_url"]) == ("TinRoof", "la", "https://a/b")
    assert desk.row(noise)["detail"] == "nocapacity"


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (..., ""),
        (None, ""),
        (5, ""),
        ({"a": 1}, ""),
        ("x" * 100_000, "x" * 300),
        ("@everyone **no**", "@everyone **no**"),
    ],
    ids=["absent", "null", "a number", "an object", "100 KB", "a mention"],
)
async def test_a_failure_is_kept_with_at_most_300_characters_of_its_reason(desk: Desk, error: Any, detail: str) -> None:
    task = await desk.task()
    fields = {} if error is ... else {"error": error}
    assert (await desk.callback(task.key, body("failed", **fields))).status == 204
    assert (desk.row(task)["state"], desk.row(task)["detail"]) == ("failed", detail)


@pytest.mark.parametrize("status", ["completed", "failed"])
async def test_the_status_decides_whatever_else_is_there(desk: Desk, status: str) -> None:
    task = await desk.task()
    assert (await desk.callback(task.key, body(status, results=[result()], error="no capacity"))).status == 204
    assert desk.row(task)["state"] == status
    assert len(desk.titles(task)) == (status == "completed")


async def test_the_same_results_in_other_bytes_or_another_order_are_a_duplicate(desk: Desk) -> None:
    task = await desk.task()
    results = [result(str(n), title=str(n)) for n in range(4)]
    await desk.callback(task.key, completed("mm-1", *results))
    before = (desk.row(task)["finished_at"], desk.titles(task))
    desk.clock.advance(minutes=1)
    random.Random(4).shuffle(results)
    again = completed("mm-1", *results)
    assert (await desk.callback(task.key, again)).status == 204
    assert (await desk.callback(task.key, json.dumps(json.loads(again), indent=1).encode())).status == 204
    assert (desk.row(task)["finished_at"], desk.titles(task)) == before
    assert desk.told == ["news"]
