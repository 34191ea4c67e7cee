"""From the command to the card, through real processes and sockets."""

import io

import av

from tests.whole.conftest import FIRST_ANSWER, POST_MESSAGE, Stage
from tests.whole.process import PATIENCE


async def test_a_command_becomes_a_card_with_tracks_and_covers(stage: Stage) -> None:
    await stage.bot.start()
    interaction = await stage.generate(prompt="rain on a tin roof", style="lofi", title="Tin Roof")
    assert interaction.message is not None
    assert "rain on a tin roof" in interaction.message["content"]
    await stage.vendor.finish(await stage.vendor_task())
    card = await stage.card()
    assert [mentioned["id"] for mentioned in card["mentions"]] == [str(stage.member.id)]
    assert [seconds_of(stage.discord.file(file)) > 0.9 for file in card["attachments"]] == [True, True]
    covers = [stage.discord.file(embed["image"]["url"]) for embed in card["embeds"]]
    assert [cover[:3] for cover in covers] == [b"\xff\xd8\xff"] * 2
    await stage.delivered()
    line = await queued_line_with(stage, "Here it is")
    assert card["id"] in line


async def test_it_takes_one_request_to_the_vendor_and_three_to_discord(stage: Stage) -> None:
    await stage.bot.start()
    before = len(stage.discord.requests)
    await stage.generate()
    await stage.vendor.finish(await stage.vendor_task())
    await queued_line_with(stage, "Here it is")
    made = [f"{request.method} {request.route}" for request in stage.discord.requests[before:]]
    assert len(made) == 3, made
    assert len(stage.vendor.requests) == 1


async def test_a_result_twenty_minutes_after_the_command_is_posted(stage: Stage) -> None:
    await stage.bot.start()
    interaction = await stage.generate()
    task = await stage.vendor_task()
    interaction.expire()
    stage.discord.advance(20 * 60)
    await stage.vendor.finish(task)
    await stage.card()
    await queued_line_with(stage, "Here it is")


async def test_a_direct_message_is_answered_in_the_same_place(stage: Stage) -> None:
    await stage.bot.start()
    conversation = stage.discord.dm(stage.member)
    await (await stage.discord.command(stage.member, conversation, "generate", prompt="a lullaby")).answered(PATIENCE)
    await stage.vendor.finish(await stage.vendor_task())
    assert await stage.card(conversation)
    assert stage.cards() == []


async def test_a_private_track_is_seen_by_the_member_alone(stage: Stage) -> None:
    await stage.bot.start()
    interaction = await stage.generate(private=True)
    assert interaction.ephemeral
    await stage.vendor.finish(await stage.vendor_task())
    await stage.delivered()
    assert interaction.message is not None
    assert interaction.message["attachments"]
    assert interaction.message["embeds"]
    assert not interaction.message["flags"] & 4, "embeds are not suppressed"
    buttons = interaction.message["components"][-1]["components"]
    delete = next(button["custom_id"] for button in buttons if button["label"] == "Delete")
    pressed = await stage.discord.press(stage.member, interaction.message, delete)
    await pressed.answered(PATIENCE)
    assert pressed.message is not None
    assert "Only you can see this one" in pressed.message["content"]
    assert all(message["flags"] & 64 for message in stage.discord.messages(stage.channel))
    assert stage.discord.messages(stage.discord.dm(stage.member)) == []


async def test_a_private_track_comes_directly_after_a_restart(stage: Stage) -> None:
    await stage.bot.start()
    await stage.generate(private=True)
    task = await stage.vendor_task()
    await stage.bot.remembers("SELECT 1 FROM tasks WHERE state = 'submitted'")
    await stage.bot.kill()
    await stage.bot.start()
    await stage.vendor.finish(task)
    assert await stage.card(stage.discord.dm(stage.member))
    assert stage.cards() == []


async def test_a_cancelled_task_is_not_posted(stage: Stage) -> None:
    await stage.bot.start()
    interaction = await stage.generate()
    task = await stage.vendor_task()
    await stage.bot.remembers("SELECT 1 FROM tasks WHERE state = 'submitted'")
    assert interaction.message is not None
    button = interaction.message["components"][-1]["components"][0]["custom_id"]
    pressed = await stage.discord.press(stage.member, interaction.message, button)
    await pressed.answered(PATIENCE)
    await stage.vendor.finish(task)
    await stage.vendor.settled()
    assert [callback.status for callback in stage.vendor.callbacks_sent] == [204]
    assert stage.bot.rows("SELECT state, delivery FROM tasks") == [("cancelled", "none")]
    assert stage.discord.sent(*POST_MESSAGE) == []


async def test_a_failure_is_told_on_the_queued_line(stage: Stage) -> None:
    stage.vendor.behaviour.fail_with = "no capacity @everyone"
    await stage.bot.start()
    await stage.generate()
    await stage.vendor.finish(await stage.vendor_task())
    line = await queued_line_with(stage, "did not work out")
    assert "no capacity" in line
    assert "@everyone" not in line.replace("\\@everyone", "")
    assert stage.discord.sent(*POST_MESSAGE) == []


async def test_a_first_answer_that_was_given_and_lost_keeps_the_task(stage: Stage) -> None:
    stage.discord.fault(*FIRST_ANSWER, when="after", status=502, times=1)
    await stage.bot.start()
    await stage.discord.command(stage.member, stage.channel, "generate", prompt="rain")
    await stage.vendor.finish(await stage.vendor_task())
    assert await stage.card()
    assert stage.creates() == 1


async def test_an_answer_that_came_too_late_takes_the_task_with_it(stage: Stage) -> None:
    stage.discord.fault(*FIRST_ANSWER, code=10062)
    await stage.bot.start()
    await stage.discord.command(stage.member, stage.channel, "generate", prompt="rain")
    await stage.discord.wait_for(lambda: len(stage.discord.sent(*FIRST_ANSWER)) >= 2, PATIENCE)
    assert stage.bot.rows("SELECT state FROM tasks") == []
    assert stage.creates() == 0


async def test_a_card_that_cannot_be_posted_is_told_on_the_queued_line(stage: Stage) -> None:
    stage.discord.fault(*POST_MESSAGE, code=50001, times=9)
    stage.member.takes_direct_messages = False
    await stage.bot.start()
    await stage.generate()
    await stage.vendor.finish(await stage.vendor_task())
    assert await queued_line_with(stage, "could not post it")


async def test_commands_are_synced_only_when_they_changed(stage: Stage) -> None:
    await stage.bot.start()
    assert await stage.bot.stop() == 0
    await stage.bot.start()
    assert stage.discord.syncs == 1


async def test_a_gateway_that_refuses_at_first_is_tried_again(stage: Stage) -> None:
    stage.discord.refuse_gateway(times=1)
    stage.discord.fault("GET", "/users/@me", status=503)
    await stage.bot.start()
    assert (await stage.generate()).message


async def queued_line_with(stage: Stage, words: str) -> str:
    """Wait until the first message of the channel says `words`, and return it."""

    def line() -> str:
        content: str = stage.discord.messages(stage.channel)[0]["content"]
        return content if words in content else ""

    return await stage.discord.wait_for(line, PATIENCE)


def seconds_of(audio: bytes) -> float:
    """Return the length of an MP3 by decoding all of it."""
    with av.open(io.BytesIO(audio)) as file:
        frames = list(file.decode(audio=0))
        return sum(frame.samples for frame in frames) / frames[0].sample_rate
