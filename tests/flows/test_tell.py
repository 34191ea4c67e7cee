"""A failure reaches the member, once, where they are."""

from bot.flows.deliver import POST_FOR
from bot.flows.tell import GIVE_UP_AFTER
from tests.flows.stage import EDIT, POST, Stage


async def test_a_failure_is_told_in_a_message_where_there_is_no_queued_line(stage: Stage) -> None:
    stage.bench.vendor.behaviour.status = 402
    task = await stage.accepted(stage.channel)
    await stage.bench.submit.step()
    stage.wire.fault(*POST, when="after", times=1, reset=True)
    await stage.tell.step()
    stage.bench.clock.advance(minutes=1)
    await stage.tell.step()
    [notice] = stage.wire.messages(stage.channel)
    assert "credits" in notice["content"]
    assert not await stage.tell.step()
    assert (await stage.bench.task(task.id)).failure == "credits"


async def test_with_a_bad_token_a_failure_is_told_later_and_seldom_tried(stage: Stage) -> None:
    stage.bench.vendor.behaviour.status = 402
    await stage.accepted(stage.channel)
    await stage.bench.submit.step()
    stage.wire.fault(*POST, status=401, times=1)
    await stage.tell.step()
    stage.bench.clock.advance(minutes=29)
    assert not await stage.tell.step()
    stage.bench.clock.advance(minutes=1)
    assert await stage.tell.step()
    assert len(stage.wire.messages(stage.channel)) == 1


async def test_a_private_failure_is_told_directly(stage: Stage) -> None:
    stage.bench.vendor.behaviour.status = 402
    await stage.accepted(stage.channel, private=True)
    await stage.bench.submit.step()
    await stage.tell.step()
    assert stage.wire.messages(stage.channel) == []
    assert len(stage.wire.messages(stage.wire.dm(stage.member))) == 1


async def test_a_card_after_a_failure_notice_is_a_message_of_its_own(stage: Stage) -> None:
    task = await stage.accepted(stage.channel)
    assert await stage.bench.submit.step()
    theirs = (await stage.bench.task(task.id)).provider_task_id
    assert theirs is not None
    stage.bench.clock.advance(hours=3)
    await stage.bench.reconcile.step()
    await stage.tell.step()
    await stage.bench.finish(theirs)
    await stage.bench.call_back(task.key, theirs)
    await stage.deliver.step()
    assert [bool(message["attachments"]) for message in stage.wire.messages(stage.channel)] == [False, True]


async def test_a_card_whose_line_could_not_be_changed_at_first_is_pointed_at_later(stage: Stage) -> None:
    await stage.line_of(await stage.completed())
    await stage.deliver.step()
    stage.wire.fault(*EDIT, status=503)
    assert await stage.tell.step()
    assert not await stage.tell.step()
    stage.bench.clock.advance(minutes=1)
    assert await stage.tell.step()
    first, second = stage.wire.sent(*EDIT)
    [card] = stage.cards()
    assert (first.status, first.json) == (503, second.json)
    assert card["id"] in second.json["content"]
    assert not await stage.tell.step()


async def set_aside_at_last(stage: Stage) -> None:
    """Discord was away for all the time a card is tried."""
    task = await stage.completed()
    await stage.line_of(task)
    stage.wire.fault(*POST, status=503, times=2)
    await stage.deliver.step()
    stage.bench.clock.advance(seconds=POST_FOR.total_seconds() + 1)
    await stage.deliver.step()
    assert (await stage.row(task))[0] == "set_aside"


async def test_a_card_set_aside_after_two_days_is_told_although_discord_is_still_away(stage: Stage) -> None:
    await set_aside_at_last(stage)
    stage.wire.fault(*EDIT, status=503, times=1)
    assert await stage.tell.step()
    stage.bench.clock.advance(minutes=1)
    assert await stage.tell.step()
    [_, line] = stage.wire.sent(*EDIT)
    assert "could not post it: Discord could not be reached for long" in line.json["content"]
    assert not await stage.tell.step()


async def test_a_line_that_can_never_be_changed_is_given_up_a_day_after_the_news(stage: Stage) -> None:
    await set_aside_at_last(stage)
    stage.wire.fault(*EDIT, status=503, times=99)
    assert await stage.tell.step()
    stage.bench.clock.advance(seconds=GIVE_UP_AFTER.total_seconds())
    assert await stage.tell.step()
    stage.bench.clock.advance(minutes=1)
    assert await stage.tell.step()
    stage.bench.clock.advance(days=9)
    assert not await stage.tell.step()
