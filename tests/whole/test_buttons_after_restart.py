"""What was in Discord before a SIGKILL works after it: buttons, and a modal that was open."""

from tests.whole.conftest import Stage
from tests.whole.process import PATIENCE, until
from tests.wire.interactions import Interaction
from tests.wire.world import USUAL, Json, Permission


async def killed_with_a_card(stage: Stage) -> Json:
    """The member has a card; the bot is killed and started again."""
    await stage.bot.start()
    await stage.generate()
    await stage.vendor.finish(await stage.vendor_task())
    card = await stage.card()
    await stage.delivered()
    await stage.bot.kill()
    await stage.bot.start()
    return card


def button(message: Json, label: str) -> str:
    """Return the custom id of a button by what it says."""
    found = [one for row in message["components"] for one in row["components"] if one.get("label") == label]
    return str(found[0]["custom_id"])


async def press(stage: Stage, message: Json, label: str) -> Interaction:
    pressed = await stage.discord.press(stage.member, message, button(message, label))
    await pressed.answered(PATIENCE)
    return pressed


async def test_a_like_is_counted(stage: Stage) -> None:
    card = await killed_with_a_card(stage)
    await press(stage, card, "Like")
    assert button(stage.cards()[0], "Like · 1")


async def test_again_asks_again(stage: Stage) -> None:
    card = await killed_with_a_card(stage)
    await press(stage, card, "Again")
    await until(lambda: stage.creates() == 2)
    assert stage.bot.rows("SELECT count(*) FROM tasks WHERE parent_id IS NOT NULL") == [(1,)]


async def test_details_are_told(stage: Stage) -> None:
    card = await killed_with_a_card(stage)
    told = await press(stage, card, "Details")
    assert told.ephemeral
    assert told.message is not None
    assert "rain on a tin roof" in told.message["content"]


async def test_the_question_whether_to_delete_all_data_is_answered(stage: Stage) -> None:
    await killed_with_a_card(stage)
    asked = await stage.discord.command(stage.member, stage.channel, "my-data delete")
    await asked.answered(PATIENCE)
    await stage.bot.kill()
    await stage.bot.start()
    assert asked.message is not None
    await press(stage, asked.message, "Delete my data")
    await until(lambda: stage.bot.rows("SELECT count(*) FROM tasks") == [(0,)])


async def test_delete_asks_and_deletes(stage: Stage) -> None:
    card = await killed_with_a_card(stage)
    asked = await press(stage, card, "Delete")
    assert asked.message is not None
    await press(stage, asked.message, "Yes, delete it")
    await stage.discord.wait_for(lambda: not stage.cards(), PATIENCE)


async def test_the_cancel_button_of_a_waiting_task_cancels(stage: Stage) -> None:
    await stage.bot.start()
    line = (await stage.generate()).message
    await stage.vendor_task()
    await stage.bot.kill()
    await stage.bot.start()
    assert line is not None
    await press(stage, line, "Cancel")
    assert stage.bot.rows("SELECT state FROM tasks") == [("cancelled",)]


async def test_a_song_that_was_being_written_is_taken_up(stage: Stage) -> None:
    await stage.bot.start()
    opened = await stage.discord.command(stage.member, stage.channel, "song")
    await opened.answered(PATIENCE)
    await stage.bot.kill()
    await stage.bot.start()
    sent = await stage.discord.submit_modal(opened, title="Roof", lyrics="[Verse]\nrain on the roof")
    await sent.answered(PATIENCE)
    await stage.vendor_task()
    create = stage.vendor.requests[0].body
    assert create["prompt"] == "[Verse]\nrain on the roof"


async def test_words_are_handed_back_even_where_no_file_may_be_posted(stage: Stage) -> None:
    await stage.bot.start()
    opened = await stage.discord.command(stage.member, stage.channel, "song")
    await opened.answered(PATIENCE)
    stage.discord.permit(stage.channel, USUAL & ~Permission.ATTACH_FILES)
    lyrics = "la " * 1000
    sent = await stage.discord.submit_modal(opened, lyrics=lyrics)
    await sent.answered(PATIENCE)
    await stage.discord.wait_for(lambda: lyrics.strip() in "".join(texts(stage)).replace("\n", ""), PATIENCE)
    assert "Attach Files" in texts(stage)[0]


def texts(stage: Stage) -> list[str]:
    """Return what all messages of the channel say, the ephemeral ones too."""
    return [str(message["content"]) for message in stage.discord.messages(stage.channel)]


async def test_a_remix_that_was_being_written_is_taken_up(stage: Stage) -> None:
    card = await killed_with_a_card(stage)
    opened = await press(stage, card, "Remix")
    await stage.bot.kill()
    await stage.bot.start()
    sent = await stage.discord.submit_modal(opened, prompt="snow on a tin roof")
    await sent.answered(PATIENCE)
    await until(lambda: stage.creates() == 2)
    assert stage.bot.rows("SELECT count(*) FROM tasks WHERE parent_id IS NOT NULL") == [(1,)]
