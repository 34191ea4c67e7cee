"""Interactions with the small Discord: commands, answers, buttons, forms, tokens."""

from __future__ import annotations

import aiohttp
import discord as dpy
import pytest

from .example_bot import ExampleBot, card, song
from .interactions import Answer, Interaction
from .server import WireDiscord
from .world import Channel, Json, Member


@pytest.fixture
def channel(discord: WireDiscord) -> Channel:
    return discord.add_channel(discord.add_guild(), "music")


@pytest.fixture
def member(discord: WireDiscord, channel: Channel) -> Member:
    return discord.add_member(channel.guild, "ada")


async def answer(discord: WireDiscord, interaction: Interaction, **body: object) -> tuple[int, Json]:
    """Answer an interaction over bare HTTP; return the status and the body."""
    url = f"{discord.api_url}/interactions/{interaction.id}/{interaction.token}/callback"
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as reply:
        return reply.status, await reply.json(content_type=None) or {}


async def test_a_command_is_answered_with_a_message(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot
) -> None:
    interaction = await (await discord.command(member, channel, "echo", text="hello")).answered()
    assert interaction.response is not None
    assert interaction.response.type is Answer.MESSAGE
    assert (interaction.ephemeral, interaction.loading, interaction.failed) == (False, False, False)
    message = await interaction.settled()
    assert message == discord.messages(channel)[0]
    assert discord.file(message["attachments"][0]) == b"ID3 sound"


@pytest.mark.parametrize("private", [False, True])
async def test_a_deferred_answer_is_thinking_until_it_is_edited(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot, private: bool
) -> None:
    hold = discord.hold("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/@original", when="before")
    interaction = await discord.command(member, channel, "later", text="done", private=private)
    await hold.reached()
    assert (interaction.loading, interaction.ephemeral) == (True, private)
    hold.release()
    assert (await interaction.settled())["content"] == "done"
    await discord.wait_for(lambda: interaction.followups)
    assert [bool(m["flags"] & 64) for m in discord.messages(channel)] == [private, private]


async def test_ephemeral_messages_are_out_of_reach_of_the_channels_routes(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot
) -> None:
    interaction = await discord.command(member, channel, "later", text="done", private=True)
    message = await interaction.settled()
    place = bot.get_partial_messageable(channel.id)
    assert [found async for found in place.history()] == []
    with pytest.raises(dpy.NotFound) as caught:
        await place.get_partial_message(int(message["id"])).edit(content="x")
    assert caught.value.code == 10008
    with pytest.raises(LookupError):
        await discord.press(discord.add_member(channel.guild, "bob"), message, "again:t2")


@pytest.mark.parametrize(
    ("line", "options"),
    [("nothing", {}), ("echo", {"text": "x", "more": 1}), ("library", {}), ("library search", {})],
)
async def test_what_is_not_synced_cannot_be_typed(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot, line: str, options: Json
) -> None:
    with pytest.raises(LookupError):
        await discord.command(member, channel, line, **options)


@pytest.mark.parametrize(
    ("line", "options", "words"),
    [
        ("echo", {}, "needs"),
        ("echo", {"text": 1}, "does not take"),
        ("later", {"text": "x" * 21}, "characters"),
        ("library browse", {"sort": "odd"}, "offers only"),
    ],
)
async def test_a_value_that_the_client_refuses_cannot_be_typed(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot, line: str, options: Json, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        await discord.command(member, channel, line, **options)


async def test_a_command_for_servers_is_not_offered_in_direct_messages(
    discord: WireDiscord, member: Member, bot: ExampleBot
) -> None:
    with pytest.raises(LookupError):
        await discord.command(member, discord.dm(member), "find", track="x")


async def test_a_command_works_in_a_direct_conversation(discord: WireDiscord, member: Member, bot: ExampleBot) -> None:
    interaction = await discord.command(member, discord.dm(member), "library browse", sort="new")
    assert (await interaction.settled())["content"] == "by new"


async def test_an_attached_file_can_be_downloaded_by_the_bot(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot
) -> None:
    interaction = await discord.command(member, channel, "silent", upload=discord.attach("in.mp3", b"12345"))
    assert (await interaction.settled())["content"] == "in.mp3 5"


async def test_autocomplete_returns_the_bots_choices(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot
) -> None:
    choices = await discord.autocomplete(member, channel, "find", "track", "ab")
    assert choices == [{"name": "ab 1", "value": "1"}, {"name": "ab 2", "value": "2"}]


async def test_buttons_change_their_message_at_once_or_later(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot
) -> None:
    await bot.get_partial_messageable(channel.id).send("card", view=card("t9"))
    pressed = await discord.press(member, discord.messages(channel)[0], "again:t9")
    assert (await pressed.settled())["content"] == "again t9"
    await (await discord.press(member, discord.messages(channel)[0], "defer:t9")).answered()
    await discord.wait_for(lambda: discord.messages(channel)[0]["content"] == "changed later")
    with pytest.raises(LookupError):
        await discord.press(member, discord.messages(channel)[0], "again:t9")


async def test_a_menu_opens_a_form_and_the_form_is_submitted(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot
) -> None:
    await bot.get_partial_messageable(channel.id).send("card", view=card("t9"))
    chosen = await (await discord.choose(member, discord.messages(channel)[0], "pick:t9", "cover")).answered()
    assert chosen.modal is not None
    assert chosen.modal["title"] == "cover"
    audio = [discord.attach("in.wav", b"123")]
    boxes = {"prompt": "rain", "style": ["jazz"], "voice": "low", "private": True, "audio": audio}
    submitted = await discord.submit_modal(chosen, **boxes)
    told = (await submitted.settled())["content"]
    assert told == "prompt=rain voice=low private=True style=['jazz'] audio=in.wav:3"
    with pytest.raises(ValueError, match="required"):
        await discord.submit_modal(chosen, **(boxes | {"prompt": ""}))
    with pytest.raises(LookupError):
        await discord.submit_modal(chosen, **(boxes | {"other": "x"}))


async def test_a_second_answer_is_refused(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot
) -> None:
    interaction = await discord.command(member, channel, "silent")
    assert await answer(discord, interaction, type=4, data={"content": "one"}) == (204, {})
    status, body = await answer(discord, interaction, type=4, data={"content": "two"})
    assert (status, body["code"]) == (400, 40060)


async def test_an_answer_after_three_seconds_comes_too_late(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot
) -> None:
    interaction = await discord.command(member, channel, "silent")
    assert not interaction.failed
    discord.advance(3)
    assert interaction.failed
    status, body = await answer(discord, interaction, type=5)
    assert (status, body["code"]) == (404, 10062)


async def test_whoever_waits_for_a_failure_is_woken_when_the_time_is_up(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot
) -> None:
    discord.answer_window = 0.1
    interaction = await discord.command(member, channel, "silent")
    await discord.wait_for(lambda: interaction.failed, timeout=2)


async def test_a_wrong_kind_of_answer_is_refused(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot
) -> None:
    interaction = await discord.command(member, channel, "silent")
    for kind in (6, 7, 8):
        data: Json = {"choices": []} if kind == 8 else {}
        assert (await answer(discord, interaction, type=kind, data=data))[1]["code"] == 50035
    assert interaction.response is None


@pytest.mark.parametrize("expire", [Interaction.expire, lambda interaction: interaction.clock.advance(15 * 60 + 3)])
async def test_a_dead_token_is_refused_but_the_message_can_still_be_edited_by_the_channel(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot, expire: object
) -> None:
    interaction = await discord.command(member, channel, "echo", text="queued")
    message = await interaction.settled()
    assert callable(expire)
    expire(interaction)
    with pytest.raises(dpy.HTTPException) as caught:
        await bot.heard[0].edit_original_response(content="x")
    assert (caught.value.status, caught.value.code) == (401, 50027)
    partial = bot.get_partial_messageable(channel.id).get_partial_message(int(message["id"]))
    await partial.edit(content="done")
    assert (await interaction.settled())["content"] == "done"


async def test_an_original_answer_can_be_fetched_changed_and_deleted(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot
) -> None:
    interaction = await discord.command(member, channel, "library browse")
    await interaction.settled()
    original = await bot.heard[0].original_response()
    await original.edit(content="more", attachments=[song()])
    assert (await interaction.settled())["content"] == "more"
    await original.delete()
    assert interaction.message is None
    with pytest.raises(dpy.NotFound):
        await bot.heard[0].edit_original_response(content="x")


async def test_the_members_own_upload_limit_counts_in_answers(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot
) -> None:
    member.nitro_limit = 500 * 1024 * 1024
    await (await discord.command(member, channel, "library browse")).settled()
    assert bot.heard[0].filesize_limit == member.nitro_limit
