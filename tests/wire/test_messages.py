"""Messages of the small Discord: nonces, files, permissions, history, limits."""

from __future__ import annotations

import aiohttp
import discord as dpy
import pytest

from .example_bot import ExampleBot, card, cover, cover_embed, song
from .server import WireDiscord
from .world import USUAL, Channel, Permission

P = Permission
MEBIBYTE = 1024 * 1024


@pytest.fixture
def channel(discord: WireDiscord) -> Channel:
    return discord.add_channel(discord.add_guild(), "music")


@pytest.fixture
def place(channel: Channel, bot: ExampleBot) -> dpy.PartialMessageable:
    return bot.get_partial_messageable(channel.id)


async def test_the_same_nonce_returns_the_first_message_even_with_files(
    discord: WireDiscord, channel: Channel, place: dpy.PartialMessageable
) -> None:
    first = await place.send("one", nonce="n", file=song())
    second = await place.send("two", nonce="n", file=song())
    assert first.id == second.id
    assert second.content == "one"
    assert len(discord.messages(channel)) == 1


async def test_a_nonce_is_forgotten_after_its_window(
    discord: WireDiscord, channel: Channel, place: dpy.PartialMessageable
) -> None:
    await place.send("one", nonce="n")
    discord.advance(discord.nonce_window)
    await place.send("two", nonce="n")
    assert [message["content"] for message in discord.messages(channel)] == ["one", "two"]


async def test_the_nonce_of_a_deleted_message_is_an_unknown_message(
    discord: WireDiscord, channel: Channel, place: dpy.PartialMessageable
) -> None:
    await place.send("one", nonce="n")
    discord.delete_message(discord.messages(channel)[0])
    with pytest.raises(dpy.NotFound) as caught:
        await place.send("one", nonce="n")
    assert caught.value.code == 10008
    assert discord.messages(channel) == []


async def test_the_nonce_is_echoed_once_and_not_kept_in_the_history(
    discord: WireDiscord, place: dpy.PartialMessageable
) -> None:
    sent = await place.send("one", nonce="n")
    assert sent.nonce == "n"
    assert (await place.fetch_message(sent.id)).nonce is None


async def test_a_file_shown_by_an_embed_is_no_attachment_but_an_address(
    discord: WireDiscord, channel: Channel, place: dpy.PartialMessageable
) -> None:
    sent = await place.send(embed=cover_embed("t"), files=[song(), cover()])
    assert [file.filename for file in sent.attachments] == ["song.mp3"]
    [held] = discord.messages(channel)
    assert discord.file(held["attachments"][0]) == b"ID3 sound"
    assert discord.file(held["embeds"][0]["thumbnail"]) == b"jpeg"
    assert discord.requests[-1].files == [("song.mp3", 9), ("cover.jpg", 4)]


async def test_addresses_expire_and_are_fresh_when_asked_for_anew(
    discord: WireDiscord, place: dpy.PartialMessageable
) -> None:
    sent = await place.send(file=song())
    assert await sent.attachments[0].read() == b"ID3 sound"
    discord.uploads.expire_links()
    with pytest.raises(dpy.NotFound):
        await sent.attachments[0].read()
    assert await (await place.fetch_message(sent.id)).attachments[0].read() == b"ID3 sound"


async def test_an_odd_file_name_is_changed_so_that_an_embed_misses_it(place: dpy.PartialMessageable) -> None:
    sent = await place.send(file=song("a song (1).mp3"))
    assert sent.attachments[0].filename == "a_song__1_.mp3"
    with pytest.raises(dpy.HTTPException) as caught:
        await place.send(embed=dpy.Embed().set_image(url="attachment://my%20cover.jpg"), file=song("my cover.jpg"))
    assert caught.value.code == 50035


async def test_an_edit_keeps_the_listed_files_and_adds_new_ones(
    discord: WireDiscord, channel: Channel, place: dpy.PartialMessageable
) -> None:
    sent = await place.send(embed=cover_embed("t"), files=[song(), song("b.mp3"), cover()], view=card("t1"))
    await sent.edit(content="new", attachments=[sent.attachments[1], song("c.mp3", b"c")])
    [held] = discord.messages(channel)
    assert [file["filename"] for file in held["attachments"]] == ["b.mp3", "c.mp3"]
    assert discord.file(held["embeds"][0]["thumbnail"]) == b"jpeg"
    assert held["components"]
    with pytest.raises(KeyError):
        discord.file(sent.attachments[0].url)


async def test_a_refused_edit_changes_nothing(
    discord: WireDiscord, channel: Channel, place: dpy.PartialMessageable
) -> None:
    sent = await place.send("old", file=song())
    with pytest.raises(dpy.HTTPException):
        await sent.edit(content="x" * 2001, attachments=[])
    [held] = discord.messages(channel)
    assert (held["content"], len(held["attachments"])) == ("old", 1)


@pytest.mark.parametrize(("tier", "size", "fits"), [(0, 10, True), (0, 11, False), (2, 11, True)])
async def test_the_servers_boost_tier_limits_each_file(
    discord: WireDiscord, bot: ExampleBot, tier: int, size: int, fits: bool
) -> None:
    channel = discord.add_channel(discord.add_guild(tier=tier))
    place = bot.get_partial_messageable(channel.id)
    if fits:
        await place.send(file=song(content=bytes(size * MEBIBYTE)))
        return
    with pytest.raises(dpy.HTTPException) as caught:
        await place.send(file=song(content=bytes(size * MEBIBYTE)))
    assert (caught.value.status, caught.value.code) == (413, 40005)


@pytest.mark.parametrize(
    ("missing", "code"), [(P.VIEW_CHANNEL, 50001), (P.SEND_MESSAGES, 50013), (P.ATTACH_FILES, 50013)]
)
async def test_a_missing_permission_is_refused_by_its_code(
    discord: WireDiscord, channel: Channel, place: dpy.PartialMessageable, missing: Permission, code: int
) -> None:
    discord.permit(channel, USUAL & ~missing)
    with pytest.raises(dpy.Forbidden) as caught:
        await place.send("x", file=song())
    assert caught.value.code == code


async def test_without_embed_links_the_embed_is_silently_left_out(
    discord: WireDiscord, channel: Channel, place: dpy.PartialMessageable
) -> None:
    discord.permit(channel, USUAL & ~P.EMBED_LINKS)
    await place.send("x", embed=cover_embed("t"), file=cover())
    [held] = discord.messages(channel)
    assert held["embeds"] == []
    assert [file["filename"] for file in held["attachments"]] == ["cover.jpg"]


async def test_without_the_history_permission_the_history_is_empty(
    discord: WireDiscord, channel: Channel, place: dpy.PartialMessageable
) -> None:
    await place.send("x")
    assert len([message async for message in place.history()]) == 1
    discord.permit(channel, USUAL & ~P.READ_MESSAGE_HISTORY)
    assert [message async for message in place.history()] == []


async def test_the_history_pages_forward_back_and_around(
    discord: WireDiscord, channel: Channel, place: dpy.PartialMessageable
) -> None:
    member = discord.add_member(channel.guild)
    ids = [int(discord.say(member, channel, str(number))["id"]) for number in range(120)]
    pivot = dpy.Object(ids[9])
    assert [m.id async for m in place.history(limit=None, after=pivot)] == ids[10:]
    assert [m.id async for m in place.history(limit=5, before=pivot)] == ids[8:3:-1]
    assert sorted([m.id async for m in place.history(limit=5, around=pivot)]) == ids[7:12]


@pytest.mark.parametrize(
    "parts",
    [
        {"content": "x" * 2001},
        {"embeds": [{"description": "x" * 3001}, {"description": "y" * 3000}]},
        {"components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "a", "custom_id": "a"}] * 2}]},
        {"components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "a"}]}]},
        {"components": [{"type": 1, "components": [{"type": 2, "style": 5, "url": "https://x.org"}]}]},
        {"flags": 1 << 15, "content": "x", "components": [{"type": 10, "content": "y"}]},
        {"flags": 1 << 15, "components": [{"type": 10, "content": "y" * 2001}, {"type": 10, "content": "y" * 2000}]},
        {"content": "x", "attachments": [{"id": "3", "filename": "never-sent.mp3"}]},
    ],
)
async def test_what_is_over_a_limit_is_an_invalid_form_body(
    discord: WireDiscord, channel: Channel, parts: dict[str, object]
) -> None:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {discord.token}"}) as session:
        answer = await session.post(f"{discord.api_url}/channels/{channel.id}/messages", json=parts)
        assert (answer.status, (await answer.json())["code"]) == (400, 50035)
    assert discord.messages(channel) == []
    assert discord.violations == []


async def test_only_those_whom_the_allowed_mentions_name_are_pinged(
    discord: WireDiscord, channel: Channel, place: dpy.PartialMessageable
) -> None:
    ada, bob = discord.add_member(channel.guild, "ada"), discord.add_member(channel.guild, "bob")
    allowed = dpy.AllowedMentions(users=[dpy.Object(ada.id)])
    await place.send(f"<@{ada.id}> <@{bob.id}> @everyone", allowed_mentions=allowed)
    await place.send(f"<@{ada.id}> <@{bob.id}>")
    pinged = [[user["username"] for user in message["mentions"]] for message in discord.messages(channel)]
    assert pinged == [["ada"], []]


async def test_a_direct_message_needs_an_open_door_and_a_shared_server(
    discord: WireDiscord, channel: Channel, bot: ExampleBot
) -> None:
    open_, shut = discord.add_member(channel.guild, "ada"), discord.add_member(channel.guild, "bob")
    stranger = discord.add_member(None, "eve")
    shut.takes_direct_messages = False
    await (await bot.create_dm(dpy.Object(open_.id))).send("hello")
    assert [message["content"] for message in discord.messages(discord.dm(open_))] == ["hello"]
    codes = []
    for member in (shut, stranger):
        with pytest.raises(dpy.Forbidden) as caught:
            await (await bot.create_dm(dpy.Object(member.id))).send("hello")
        codes.append(caught.value.code)
    assert codes == [50007, 50278]


async def test_a_reply_to_a_lost_message_is_sent_without_it(
    discord: WireDiscord, channel: Channel, place: dpy.PartialMessageable
) -> None:
    lost = dpy.MessageReference(message_id=1, channel_id=channel.id, fail_if_not_exists=False)
    assert (await place.send("x", reference=lost)).reference is None
    strict = dpy.MessageReference(message_id=1, channel_id=channel.id)
    with pytest.raises(dpy.HTTPException):
        await place.send("x", reference=strict)


async def test_an_archived_thread_takes_messages_only_once_unarchived(
    discord: WireDiscord, channel: Channel, bot: ExampleBot
) -> None:
    thread = await bot.fetch_channel(discord.add_thread(channel, archived=True).id)
    assert isinstance(thread, dpy.Thread)
    with pytest.raises(dpy.HTTPException) as caught:
        await thread.send("x")
    assert caught.value.code == 50083
    await thread.edit(archived=False)
    await thread.send("x")


async def test_a_deleted_channel_and_a_lost_server_are_out_of_reach(
    discord: WireDiscord, channel: Channel, bot: ExampleBot
) -> None:
    assert channel.guild is not None
    other = discord.add_channel(channel.guild)
    discord.delete_channel(channel)
    discord.remove_bot(channel.guild)
    codes = []
    for gone in (channel, other):
        with pytest.raises(dpy.HTTPException) as caught:
            await bot.get_partial_messageable(gone.id).send("x")
        codes.append(caught.value.code)
    assert codes == [10003, 50001]


async def test_slow_uploads_are_read_at_the_rate_asked_for(
    discord: WireDiscord, channel: Channel, place: dpy.PartialMessageable
) -> None:
    discord.uploads.upload_rate = 1_000_000
    started = discord.clock.now()
    await place.send(file=song(content=bytes(200_000)))
    assert discord.clock.now() - started >= 0.2
