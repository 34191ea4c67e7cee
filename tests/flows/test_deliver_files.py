"""A card comes whatever becomes of its files: tried again, asked for anew, linked, or honestly told."""

from datetime import timedelta

import pytest

from bot.domain.ports import Recorded
from bot.domain.task import Task
from bot.flows.deliver import FETCH_FOR
from bot.store.tracks import SqliteTracks
from tests.file_server import Answer, breaking_off, endless, reset, sending, serving
from tests.flows.stage import Stage
from tests.flows.test_deliver import deliver_all
from tests.test_downloads import files_of_at_most
from tests.wire.world import Json

MIB = 1024 * 1024


async def with_address(stage: Stage, address: str) -> Task:
    """A member's task is completed, and its audio is said to be at `address`; the vendor has no other to give."""
    task = await stage.completed()
    await at(stage, task, address)
    stage.bench.vendor.tasks.clear()
    return task


async def at(stage: Stage, task: Task, address: str) -> None:
    await stage.bench.database.write(
        lambda db: db.execute("UPDATE tracks SET audio_url = ? WHERE task_id = ?", (address, task.id)).rowcount
    )


def told(card: Json) -> list[str]:
    """Return what a card says about the file of each of its tracks."""
    return [part["value"] for embed in card["embeds"] for part in embed["fields"] if part["name"] == "File"]


@pytest.mark.parametrize(
    "address",
    ["http://files.example/1.mp3", "https://a:b@files.example/1.mp3", "https://10.0.0.1/1.mp3", "file:///etc/passwd"],
)
async def test_an_address_that_is_refused_is_told_and_never_linked_or_tried_again(stage: Stage, address: str) -> None:
    task = await with_address(stage, address)
    assert await stage.deliver.step()
    [card] = stage.cards()
    assert [len(told(card)), card["attachments"]] == [2, []]
    assert address.partition(":")[2] not in str(card)
    assert await stage.row(task) == ("sent", "")


async def test_a_file_over_the_limit_is_linked(stage: Stage) -> None:
    async with serving(endless) as server:
        await with_address(stage, server.at("/1.mp3"))
        assert await stage.deliver.step()
    [card] = stage.cards()
    assert card["attachments"] == []
    assert [server.at("/1.mp3") in text and "too large" in text for text in told(card)] == [True, True]


@pytest.mark.parametrize(
    "answer",
    [breaking_off(declared=MIB, sent=1000), reset, sending(b"", 429), sending(b"", 500)],
    ids=["breaks off", "reset", "429", "500"],
)
async def test_what_failed_for_now_is_tried_again_with_growing_waits_for_an_hour(stage: Stage, answer: Answer) -> None:
    waits: list[timedelta] = []
    async with serving(answer) as server:
        task = await with_address(stage, server.at("/1.mp3"))
        while (await stage.row(task))[0] != "sent":
            assert await stage.deliver.step()
            if due := await stage.bench.deliveries.next_delivery():
                waits.append(due - stage.bench.clock())
                stage.bench.clock.now = due
    assert waits == sorted(waits)
    assert len(set(waits)) > 4
    assert FETCH_FOR <= sum(waits, timedelta()) < FETCH_FOR + timedelta(minutes=15)
    assert all(server.at("/1.mp3") in text for text in told(stage.cards()[0]))


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_fresh_addresses_are_asked_for_once_and_used(stage: Stage, status: int) -> None:
    task = await stage.completed()
    async with serving(sending(b"", status)) as server:
        await at(stage, task, server.at("/old.mp3"))
        before = len(stage.bench.vendor.requests)
        assert await stage.deliver.step()
        assert {*server.paths()} == {"/old.mp3"}
    assert len(stage.bench.vendor.requests) == before + 1
    assert len(stage.cards()[0]["attachments"]) == 2


async def test_a_title_that_its_member_gave_meanwhile_outlives_fresh_addresses(stage: Stage) -> None:
    task = await stage.completed()
    await SqliteTracks(stage.bench.database).rename(task.id, 1, "Harbour Lights")
    async with serving(sending(b"", 404)) as server:
        await at(stage, task, server.at("/old.mp3"))
        assert await stage.deliver.step()
    [card] = stage.cards()
    assert "Harbour Lights" in str(card["embeds"][0]["title"])
    first, second = await stage.bench.deliveries.tracks(task.id)
    assert first.title == "Harbour Lights"
    assert second.title not in ("", "Harbour Lights")
    assert server.at("/old.mp3") not in (first.audio_url, second.audio_url)


async def test_files_that_are_gone_with_their_provider_are_told_of_on_the_card(stage: Stage) -> None:
    async with serving(sending(b"", 404)) as server:
        task = await with_address(stage, server.at("/1.mp3"))
        stage.bench.providers.clear()
        assert await stage.deliver.step()
    assert await stage.row(task) == ("sent", "")
    assert len(told(stage.cards()[0])) == 2


@pytest.mark.parametrize("body", [b"<!doctype html>", b'{"code": 404}', b""], ids=["html", "json", "empty"])
async def test_what_is_no_music_is_asked_for_anew_and_never_posted(stage: Stage, body: bytes) -> None:
    async with serving(sending(body, headers={"Content-Type": "audio/mpeg"})) as server:
        await with_address(stage, server.at("/1.mp3"))
        assert await stage.deliver.step()
    [card] = stage.cards()
    assert (card["attachments"], len(told(card))) == ([], 2)


async def test_what_has_expired_is_asked_for_once_and_fetched_where_it_is_there_after_all(stage: Stage) -> None:
    task = await stage.completed()
    await stage.bench.database.write(
        lambda db: db.execute("UPDATE tracks SET expires_at = 1 WHERE task_id = ?", (task.id,)).rowcount
    )
    before = len(stage.bench.vendor.requests)
    assert await stage.deliver.step()
    assert len(stage.bench.vendor.requests) == before + 1
    assert len(stage.cards()[0]["attachments"]) == 2


async def test_without_an_end_it_is_tried(stage: Stage) -> None:
    task = await stage.completed()
    await stage.bench.database.write(
        lambda db: db.execute("UPDATE tracks SET expires_at = NULL WHERE task_id = ?", (task.id,)).rowcount
    )
    assert await stage.deliver.step()
    assert len(stage.cards()[0]["attachments"]) == 2


async def test_on_a_full_disk_it_is_tried_again_and_callbacks_are_taken_in_meanwhile(stage: Stage) -> None:
    task = await stage.completed()
    other = await stage.accepted(stage.channel)
    assert await stage.bench.submit.step()
    theirs = (await stage.bench.task(other.id)).provider_task_id
    assert theirs is not None
    await stage.bench.finish(theirs)
    async with serving(sending(b"ID3" + bytes(6 * MIB))) as server:
        await at(stage, task, server.at("/1.mp3"))
        with files_of_at_most(5 * MIB):
            assert await stage.deliver.step()
            assert await stage.row(task) == ("ready", "")
            assert await stage.bench.call_back(other.key, theirs) is Recorded.NEWS
        stage.bench.clock.advance(minutes=1)
        await deliver_all(stage)
    assert await stage.row(task) == ("sent", "")
    assert len(stage.cards()) == 2


async def test_a_callback_a_week_late_is_told_to_have_come_too_late_for_its_files(stage: Stage) -> None:
    task = await stage.accepted(stage.channel)
    assert await stage.bench.submit.step()
    theirs = (await stage.bench.task(task.id)).provider_task_id
    assert theirs is not None
    await stage.bench.finish(theirs)
    late = stage.bench.callback(task.key, theirs)
    stage.bench.vendor.tasks.clear()
    stage.bench.clock.advance(days=400)
    for _ in range(3):
        await stage.bench.reconcile.step()
        stage.bench.clock.advance(minutes=5)
    assert await stage.tell.step()
    assert await stage.bench.intake.apply(late) is Recorded.NEWS
    await deliver_all(stage)
    notice, card = stage.wire.messages(stage.channel)
    assert "did not work out" in notice["content"]
    assert ["not at the music service any more" in text for text in told(card)] == [True, True]
    assert stage.bench.vendor.base_url not in str(card)
    assert await stage.row(task) == ("sent", "")
