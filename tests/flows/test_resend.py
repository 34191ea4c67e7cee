"""A track that was set aside is posted after all, once, whatever its earlier tries left behind."""

from datetime import timedelta

import pytest

from bot.domain.task import Task
from bot.flows.deliver import POST_FOR
from bot.store.tellings import SqliteTellings
from tests.flows.stage import POST, Stage
from tests.wire.world import USUAL, Permission


async def set_aside(stage: Stage) -> Task:
    """Return a task that is made and could be posted nowhere."""
    task = await stage.completed()
    stage.wire.permit(stage.channel, Permission(0))
    stage.member.takes_direct_messages = False
    await stage.deliver.step()
    assert (await stage.row(task))[0] == "set_aside"
    return task


async def test_it_is_posted_once_the_channel_is_open_again(stage: Stage) -> None:
    task = await set_aside(stage)
    stage.wire.permit(stage.channel, USUAL)
    assert await stage.deliver.resend(task.id, stage.member.id)
    assert await SqliteTellings(stage.bench.database).to_tell(stage.bench.clock(), 9) == []
    assert await stage.deliver.step()
    assert len(stage.cards()) == 1
    assert await stage.row(task) == ("sent", "")


async def test_still_refused_it_is_set_aside_again(stage: Stage) -> None:
    task = await set_aside(stage)
    for _ in range(3):
        assert await stage.deliver.resend(task.id, stage.member.id)
        assert await stage.deliver.step()
        stage.bench.clock.advance(hours=1)
        assert (await stage.row(task))[0] == "set_aside"
    assert [due.id for due in await SqliteTellings(stage.bench.database).to_tell(stage.bench.clock(), 9)] == [task.id]


async def test_only_what_is_set_aside_is_taken_up_and_only_by_its_member(stage: Stage) -> None:
    task = await set_aside(stage)
    assert not await stage.deliver.resend(task.id, stage.member.id + 1)
    assert await stage.deliver.resend(task.id, stage.member.id)
    assert not await stage.deliver.resend(task.id, stage.member.id), "it is ready already"
    claimed = await stage.bench.deliveries.claim(stage.bench.clock(), timedelta(hours=1))
    assert claimed is not None
    assert not await stage.deliver.resend(task.id, stage.member.id), "it is being sent"
    await stage.bench.deliveries.sent(task.id, 1, 2, stage.bench.clock())
    assert not await stage.deliver.resend(task.id, stage.member.id), "it is sent"


@pytest.mark.parametrize("hours", [0, 24 * 3], ids=["at once", "days later"])
async def test_a_card_that_an_earlier_try_made_is_found_and_not_posted_again(stage: Stage, hours: int) -> None:
    task = await stage.completed()
    stage.wire.fault(*POST, when="after", times=1, reset=True)
    await stage.deliver.step()
    stage.wire.fault("GET", "/channels/{channel_id}/messages", times=3, status=503)
    for _ in range(2):
        stage.bench.clock.advance(seconds=POST_FOR.total_seconds())
        await stage.deliver.step()
    assert (await stage.row(task))[0] == "set_aside"
    stage.bench.clock.advance(hours=hours)
    stage.wire.advance(POST_FOR.total_seconds())
    assert await stage.deliver.resend(task.id, stage.member.id)
    for _ in range(9):
        await stage.deliver.step()
        stage.bench.clock.advance(minutes=1)
    assert len(stage.cards()) == 1
    assert await stage.row(task) == ("sent", "")


async def test_patience_begins_anew(stage: Stage) -> None:
    task = await set_aside(stage)
    stage.wire.permit(stage.channel, USUAL)
    stage.bench.clock.advance(days=5)
    await stage.deliver.resend(task.id, stage.member.id)
    stage.wire.fault(*POST, status=503, times=2)
    await stage.deliver.step()
    assert (await stage.row(task))[0] == "ready"
    stage.bench.clock.advance(seconds=POST_FOR.total_seconds() - 1)
    await stage.deliver.step()
    assert (await stage.row(task))[0] == "ready"
    stage.bench.clock.advance(minutes=10)
    await stage.deliver.step()
    assert await stage.row(task) == ("sent", "")


async def test_files_that_expired_meanwhile_are_told_without_a_dead_link(stage: Stage) -> None:
    task = await set_aside(stage)
    stage.wire.permit(stage.channel, USUAL)
    stage.bench.clock.advance(days=400)
    await stage.deliver.resend(task.id, stage.member.id)
    asked = len(stage.bench.vendor.requests)
    await stage.deliver.step()
    [card] = stage.cards()
    assert "not at the music service any more" in str(card["embeds"])
    assert stage.bench.vendor.base_url not in str(card)
    assert len(stage.bench.vendor.requests) == asked + 1, "fresh addresses were asked for"


async def test_a_direct_message_whose_answer_was_lost_is_not_followed_by_a_card_in_the_channel(stage: Stage) -> None:
    task = await stage.completed()
    stage.wire.permit(stage.channel, Permission(0))
    conversation = stage.wire.dm(stage.member)
    stage.wire.fault("POST", f"/channels/{conversation.id}/messages", when="after", reset=True)
    await stage.deliver.step()
    assert (await stage.row(task))[0] == "ready"
    stage.wire.permit(stage.channel, USUAL)
    stage.bench.clock.advance(seconds=5)
    await stage.deliver.step()
    assert stage.cards() == []
    assert len(stage.cards(conversation)) == 1
    assert await stage.row(task) == ("sent", "")


async def test_every_refusal_doubles_the_wait_before_the_next_try_up_to_an_hour(stage: Stage) -> None:
    task, clock = await set_aside(stage), stage.bench.clock
    waits: list[float] = []
    for _ in range(9):
        waits.append(((await stage.bench.task(task.id)).resend_at(clock()) - clock()).total_seconds() / 60)
        clock.advance(minutes=waits[-1], seconds=-1)
        assert await stage.deliver.resend(task.id, stage.member.id) is (waits[-1] == 0)
        clock.advance(seconds=1)
        if waits[-1]:
            assert await stage.deliver.resend(task.id, stage.member.id)
        assert await stage.deliver.step()
    assert waits == [0, 1, 2, 4, 8, 16, 32, 60, 60]


async def test_many_presses_cost_few_refusals(stage: Stage) -> None:
    task = await set_aside(stage)
    before = len(stage.wire.requests)
    for _ in range(20):
        await stage.deliver.resend(task.id, stage.member.id)
        await stage.deliver.step()
    refused = [request.status for request in stage.wire.requests[before:] if request.status in (401, 403)]
    assert refused == [403, 403], "one in the channel, which is not asked twice, and one for the direct message"


async def test_a_clock_that_was_ahead_when_it_was_set_aside_locks_nobody_out(stage: Stage) -> None:
    task = await set_aside(stage)
    await stage.deliver.resend(task.id, stage.member.id)
    await stage.deliver.step()
    stage.bench.clock.advance(days=-30)
    assert await stage.deliver.resend(task.id, stage.member.id)
