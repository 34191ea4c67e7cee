"""Discord refuses, through the real process: the track reaches somebody, or is set aside, told, and posted later."""

from bot.domain.task import State
from tests.whole.conftest import FIRST_ANSWER, POST_MESSAGE, Stage
from tests.whole.process import PATIENCE, until
from tests.wire.world import USUAL, Channel, Json, Permission


async def made(stage: Stage, channel: Channel | None = None) -> None:
    """The member asks, and the vendor is done."""
    before = set(stage.vendor.tasks)
    place = channel or stage.channel
    asked = await stage.discord.command(stage.member, place, "generate", prompt="rain", title="Turnip Waltz")
    await asked.answered(PATIENCE)
    await until(lambda: set(stage.vendor.tasks) - before)
    [task] = set(stage.vendor.tasks) - before
    await stage.bot.remembers(f"SELECT 1 FROM tasks WHERE provider_task_id = '{task}'")
    await stage.vendor.finish(task)


async def direct_card(stage: Stage) -> Json:
    """Wait for the card in the member's direct messages."""
    return await stage.card(stage.discord.dm(stage.member))


async def line_saying(stage: Stage, words: str) -> str:
    """Wait until the queued line says so, and return it."""

    def line() -> str:
        content: str = stage.discord.messages(stage.channel)[0]["content"]
        return content if words in content else ""

    return await stage.discord.wait_for(line, PATIENCE)


async def start_and_permit(stage: Stage, permissions: Permission) -> None:
    """Have the member ask while all is well, then change what the bot may do, then let the vendor be done."""
    await stage.bot.start()
    await stage.generate(title="Turnip Waltz")
    task = await stage.vendor_task()
    stage.discord.permit(stage.channel, permissions)
    await stage.discord.command(stage.member, stage.channel, "queue")  # heard after the change
    await stage.discord.wait_for(lambda: len(stage.discord.sent(*FIRST_ANSWER)) == 2, PATIENCE)
    await stage.vendor.finish(task)


async def test_without_attach_files_the_links_are_posted_and_nothing_is_refused(stage: Stage) -> None:
    await start_and_permit(stage, USUAL & ~Permission.ATTACH_FILES)
    await stage.delivered()
    card = stage.discord.messages(stage.channel)[-1]
    assert card["attachments"] == []
    assert card["content"].count("Listen here") == 2
    assert [request.status for request in stage.discord.sent(*POST_MESSAGE)] == [200]


async def test_without_embed_links_the_text_says_it_and_the_music_stays(stage: Stage) -> None:
    await start_and_permit(stage, USUAL & ~Permission.EMBED_LINKS)
    card = await stage.card()
    assert "Turnip Waltz" in card["content"]
    assert [file["filename"].rpartition(".")[2] for file in card["attachments"]] == ["mp3", "mp3"]


async def test_thrown_out_of_the_server_the_track_comes_directly(stage: Stage) -> None:
    await stage.bot.start()
    await stage.generate()
    task = await stage.vendor_task()
    assert stage.channel.guild is not None
    stage.discord.remove_bot(stage.channel.guild)
    await stage.vendor.finish(task)
    await direct_card(stage)
    await stage.delivered()
    assert stage.cards() == []


async def test_thrown_out_and_without_a_way_to_the_member_it_is_recorded(stage: Stage) -> None:
    await stage.bot.start()
    await stage.generate()
    task = await stage.vendor_task()
    assert stage.channel.guild is not None
    stage.discord.remove_bot(stage.channel.guild)
    stage.member.guild = None
    await stage.vendor.finish(task)
    await stage.bot.remembers("SELECT 1 FROM tasks WHERE delivery = 'set_aside' AND set_aside_reason LIKE '%50278%'")
    assert len(stage.discord.sent(*POST_MESSAGE)) <= 4


async def test_what_was_set_aside_is_told_kept_over_a_kill_and_posted_at_a_command(stage: Stage) -> None:
    await stage.bot.start()
    refused = stage.discord.fault(*POST_MESSAGE, code=50001, times=99)
    stage.member.takes_direct_messages = False
    await made(stage)
    assert "/track resend" in await line_saying(stage, "could not post it")
    await stage.bot.kill()
    await stage.bot.start()
    refused.times = 0
    [choice] = await stage.discord.autocomplete(stage.member, stage.channel, "track resend", "track", "")
    assert choice["name"] == "rain (I may not see the channel)"
    typed = await stage.discord.command(stage.member, stage.channel, "track resend", track=choice["value"])
    await typed.answered(PATIENCE)
    assert typed.ephemeral
    card = await stage.card()
    assert card["id"] in await line_saying(stage, "Here it is")
    assert len(stage.cards()) == 1


async def test_one_card_that_always_fails_holds_up_no_other(stage: Stage) -> None:
    await stage.bot.start()
    failing = stage.discord.fault("POST", f"/channels/{stage.channel.id}/messages", times=999, status=503)
    await made(stage)
    await stage.discord.wait_for(lambda: failing.given, PATIENCE)
    assert stage.channel.guild is not None
    other = stage.discord.add_channel(stage.channel.guild, "other")
    await made(stage, other)
    await stage.card(other)
    assert stage.cards() == []
    await stage.bot.remembers("SELECT 1 FROM tasks WHERE delivery IN ('ready', 'sending')")


async def test_callbacks_are_acknowledged_while_an_upload_is_slow(stage: Stage) -> None:
    await stage.bot.start()
    stage.discord.uploads.upload_rate = 8_000
    await made(stage)
    upload = await stage.discord.wait_for(lambda: stage.discord.sent(*POST_MESSAGE), PATIENCE)
    await made(stage)
    await until(lambda: [callback.status for callback in stage.vendor.callbacks_sent] == [204, 204])
    assert upload[0].status is None, "the upload was still under way"
    stage.discord.uploads.upload_rate = None
    await stage.delivered(2)
    assert len(stage.cards()) == 2
    assert stage.bot.rows("SELECT DISTINCT state FROM tasks") == [(State.COMPLETED.value,)]


async def test_a_queued_line_that_was_deleted_does_not_keep_the_card_back(stage: Stage) -> None:
    await stage.bot.start()
    await stage.generate()
    task = await stage.vendor_task()
    stage.discord.delete_message(stage.discord.messages(stage.channel)[0])
    await stage.vendor.finish(task)
    await stage.card()
    await stage.delivered()
    assert len(stage.cards()) == 1
