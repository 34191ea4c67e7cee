"""The bot is killed at bad moments and started again: one card, one create, nothing lost."""

import asyncio

import pytest

from bot.sandbox.behaviour import Behaviour
from tests.whole.conftest import CREATE, FIRST_ANSWER, POST_MESSAGE, Stage
from tests.whole.process import PATIENCE, until


async def test_killed_before_the_provider_was_asked(stage: Stage) -> None:
    hold = stage.discord.hold(*FIRST_ANSWER, when="after")
    await stage.bot.start()
    await stage.discord.command(stage.member, stage.channel, "generate", prompt="rain")
    await hold.reached()
    await stage.bot.kill()
    assert stage.creates() == 0
    hold.release()
    await stage.bot.start()
    await finish_and_see_one_card(stage)


async def test_killed_while_the_provider_holds_its_answer(stage: Stage) -> None:
    hold = stage.vendor.hold_creates()
    await stage.bot.start()
    await stage.generate()
    await hold.reached()
    await stage.bot.kill()
    hold.drop()
    await stage.bot.start()
    assert stage.bot.rows("SELECT state FROM tasks") == [("unknown",)]
    await finish_and_see_one_card(stage)


async def test_killed_after_the_callback_was_acknowledged(stage: Stage) -> None:
    hold = stage.discord.hold(*POST_MESSAGE, when="before")
    await ask_and_finish(stage)
    await until(lambda: [callback.status for callback in stage.vendor.callbacks_sent] == [204])
    await stage.bot.kill()
    hold.release()
    await stage.bot.start()
    await see_one_card(stage)


async def test_killed_while_discord_holds_its_answer_to_the_card(stage: Stage) -> None:
    await post_and_kill(stage)
    await stage.bot.start()
    await stage.delivered()
    assert len(stage.discord.sent(*POST_MESSAGE)) == 1, "it is looked for before it is posted again"
    await see_one_card(stage)


async def test_killed_while_discord_holds_its_answer_and_away_for_long(stage: Stage) -> None:
    await post_and_kill(stage)
    stage.bot.age(600)
    stage.discord.advance(600)
    await stage.bot.start()
    await stage.delivered()
    assert len(stage.discord.sent(*POST_MESSAGE)) == 1, "the card was found in the history"
    await see_one_card(stage)


async def test_away_for_long_before_anything_was_posted(stage: Stage) -> None:
    hold = stage.discord.hold(*POST_MESSAGE, when="before")
    await ask_and_finish(stage)
    await hold.reached()
    await stage.bot.kill()
    hold.release()
    stage.bot.age(600)
    await stage.bot.start()
    await see_one_card(stage)


async def test_a_card_that_was_deleted_meanwhile_is_not_posted_again(stage: Stage) -> None:
    await post_and_kill(stage)
    stage.discord.delete_message(stage.cards()[0])
    await stage.bot.start()
    await stage.delivered()
    assert stage.cards() == []
    assert stage.discord.messages(stage.discord.dm(stage.member)) == []


async def test_killed_before_the_queued_line_points_at_the_card(stage: Stage) -> None:
    hold = stage.discord.hold("PATCH", "/channels/{channel_id}/messages/{message_id}", when="before")
    await ask_and_finish(stage)
    await hold.reached()
    await stage.bot.kill()
    hold.release()
    assert line_saying(stage, "Here it is") == ""
    await stage.bot.start()
    assert await stage.discord.wait_for(lambda: line_saying(stage, "Here it is"), PATIENCE)
    await see_one_card(stage)


async def test_callbacks_that_never_come_are_made_good_by_asking(stage: Stage) -> None:
    stage.vendor.behaviour.callbacks = 0
    await ask_and_finish_while_down(stage)
    await stage.bot.start()
    await see_one_card(stage)


async def test_callbacks_sent_while_the_bot_was_down_are_retried_and_make_one_card(stage: Stage) -> None:
    stage.vendor.behaviour.time_scale = 0.02
    await ask_and_finish_while_down(stage)
    await until(lambda: stage.vendor.callbacks_sent)
    await stage.bot.start()
    await stage.vendor.settled()
    assert stage.vendor.callbacks_sent[-1].status == 204
    await see_one_card(stage)


async def test_without_a_public_address_the_track_is_found_by_asking(stage: Stage) -> None:
    stage.bot.environ["PUBLIC_URL"] = ""
    stage.vendor.behaviour.seconds = 0.1
    await stage.bot.start()
    await stage.generate()
    await see_one_card(stage)
    create = next(request for request in stage.vendor.requests if request.path == CREATE)
    assert "callback_url" not in create.body
    assert stage.vendor.callbacks_sent == []


async def test_without_a_public_address_a_lost_answer_fails_at_once_and_honestly(stage: Stage) -> None:
    stage.bot.environ["PUBLIC_URL"] = ""
    hold = stage.vendor.hold_creates()
    await stage.bot.start()
    await stage.generate()
    await hold.reached()
    hold.drop()
    line = await stage.discord.wait_for(lambda: line_saying(stage, "may have been charged"), PATIENCE)
    assert line
    assert "Ask again" in str(stage.discord.messages(stage.channel)[0]["components"])
    assert stage.creates() == 1


@pytest.mark.parametrize("early", [False, True], ids=["after", "before the answer to the submit"])
async def test_the_same_callback_six_times_makes_one_card(stage: Stage, early: bool) -> None:
    turn(stage.vendor.behaviour, seconds=0.0, callbacks=6, early=early)
    await stage.bot.start()
    await stage.generate()
    await stage.vendor_task()
    await stage.vendor.settled()
    assert [callback.status for callback in stage.vendor.callbacks_sent] == [204] * 6
    await see_one_card(stage)


async def test_fifty_callbacks_at_once_make_one_card(stage: Stage) -> None:
    stage.vendor.behaviour.callbacks = 0
    await stage.bot.start()
    await stage.generate()
    task = await stage.vendor_task()
    await stage.vendor.finish(task)
    assert await asyncio.gather(*(stage.vendor.resend(task) for _ in range(50))) == [204] * 50
    await see_one_card(stage)


async def ask_and_finish(stage: Stage) -> None:
    """The member asks, and the vendor is done."""
    await stage.bot.start()
    await stage.generate()
    await stage.vendor.finish(await stage.vendor_task())


async def ask_and_finish_while_down(stage: Stage) -> None:
    """The member asks, the bot is killed once the vendor's id is stored, and the vendor is done meanwhile."""
    await stage.bot.start()
    await stage.generate()
    task = await stage.vendor_task()
    await stage.bot.remembers("SELECT 1 FROM tasks WHERE state = 'submitted'")
    await stage.bot.kill()
    await stage.vendor.finish(task)


async def finish_and_see_one_card(stage: Stage) -> None:
    await stage.vendor.finish(await stage.vendor_task())
    await see_one_card(stage)


async def see_one_card(stage: Stage) -> None:
    """The card is there, recorded, alone, and was asked for once; everything that waited is through."""
    await stage.card()
    await stage.delivered()
    assert await stage.bot.stop() == 0
    assert len(stage.cards()) == 1
    assert stage.creates() == 1
    assert stage.bot.rows("PRAGMA integrity_check") == [("ok",)]


async def post_and_kill(stage: Stage) -> None:
    """Kill the bot when the card is made and Discord has not said so yet."""
    hold = stage.discord.hold(*POST_MESSAGE, when="after")
    await ask_and_finish(stage)
    await hold.reached()
    await stage.bot.kill()
    hold.release()
    assert len(stage.cards()) == 1


def line_saying(stage: Stage, words: str) -> str:
    content: str = stage.discord.messages(stage.channel)[0]["content"]
    return content if words in content else ""


def turn(behaviour: Behaviour, **knobs: object) -> None:
    for name, value in knobs.items():
        setattr(behaviour, name, value)
