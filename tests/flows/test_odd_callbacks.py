"""What odd but rightly signed callbacks become in Discord: the tracks there are, and an honest line about the rest."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.domain.task import Task
from tests.callback_desk import signed
from tests.flows.stage import Stage
from tests.wire.world import Json

Results = list[Any]
TELLING = "@everyone <@1> **bold** [x](https://evil.example) " + "capacity " * 12_000


async def called_back(stage: Stage, change: Callable[[Results], Results]) -> Task:
    """A member asked, and the vendor calls back with other results than it has."""
    task = await stage.accepted(stage.channel)
    assert await stage.bench.submit.step()
    theirs = (await stage.bench.task(task.id)).provider_task_id
    assert theirs is not None
    await stage.bench.finish(theirs)
    body = json.loads(stage.bench.vendor.tasks[theirs].callback_body())
    await take_in(stage, task, {**body, "results": change(body["results"])})
    return task


async def take_in(stage: Stage, task: Task, fields: dict[str, Any]) -> None:
    """Hand a callback in as its bytes and their signature."""
    body = json.dumps(fields).encode()
    bench = stage.bench
    update = bench.wire.read_callback([("x-signature", signed(body))], body, task.key, bench.clock())
    await bench.intake.apply(update)


async def card(stage: Stage) -> Json:
    """Deliver; return the one message there is."""
    while await stage.deliver.step():
        pass
    (only,) = stage.wire.messages(stage.channel)
    return only


def parts(message: Json) -> tuple[int, int]:
    """Return how many tracks and how many covers a card shows; Discord lists a picture in an embed only there."""
    audio = [file for file in message["attachments"] if file["filename"].endswith(".mp3")]
    return len(audio), sum("image" in embed for embed in message["embeds"])


@pytest.mark.parametrize("broken", [{"id": "bad"}, {"id": "bad", "audio_url": 7}, None], ids=str)
async def test_a_broken_result_is_told_on_the_card_of_the_good_one(stage: Stage, broken: object) -> None:
    await called_back(stage, lambda results: [broken, results[0]])
    message = await card(stage)
    assert parts(message) == (1, 1)
    assert "1 of the results came without music." in message["content"]


@pytest.mark.parametrize(("count", "shown"), [(1, 1), (2, 2), (4, 4), (5, 4), (1000, 4)])
async def test_a_card_shows_up_to_four_tracks_and_tells_of_the_rest(stage: Stage, count: int, shown: int) -> None:
    await called_back(stage, lambda results: [results[0]] * count)
    message = await card(stage)
    assert parts(message) == (shown, shown)
    rest = f"{count - shown} more came with them; a card shows 4."
    assert (rest in message["content"]) == (count > shown)


async def test_a_task_that_stays_without_results_is_told_as_failed(stage: Stage) -> None:
    task = await called_back(stage, lambda _results: [])
    stage.bench.vendor.behaviour.body = b'{"code":0,"data":{"id":"x","status":"completed","results":[]}}'
    assert await stage.bench.reconcile.step()
    assert await stage.tell.step()
    (notice,) = stage.wire.messages(stage.channel)
    assert "did not work out" in notice["content"]
    assert (await stage.bench.task(task.id)).failure == "empty"


@pytest.mark.parametrize("error", [..., TELLING], ids=["no error", "a long one with markup"])
async def test_the_reason_of_a_failure_is_told_plain_short_and_without_mentions(stage: Stage, error: Any) -> None:
    task = await stage.accepted(stage.channel)
    assert await stage.bench.submit.step()
    fields = {"task_id": (await stage.bench.task(task.id)).provider_task_id, "status": "failed", "error": error}
    await take_in(stage, task, {name: value for name, value in fields.items() if value is not ...})
    assert await stage.tell.step()
    (notice,) = stage.wire.messages(stage.channel)
    assert [mentioned["id"] for mentioned in notice["mentions"]] == [str(stage.member.id)]
    assert (notice["mention_everyone"], notice["embeds"]) == (False, [])
    assert ("It said" in notice["content"]) == (error is not ...)
    said = notice["content"].partition("It said")[2]
    assert len(said) < 700
    assert not any(markup in said for markup in ("**", "[x](", " @everyone", "“@everyone", "<@1>", "https://"))
