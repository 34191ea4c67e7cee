"""Menus, rows of components, files that are read in parts, and members who may do less than everything."""

import aiohttp
import discord as dpy
import pytest

from .example_bot import ExampleBot
from .interactions import Answer
from .server import WireDiscord
from .world import EVERYTHING, USUAL, Channel, Json, Member, Permission

MENU: Json = {"type": 3, "custom_id": "pick:t1", "options": [{"label": "Cover", "value": "cover"}]}


@pytest.fixture
def channel(discord: WireDiscord) -> Channel:
    return discord.add_channel(discord.add_guild(), "music")


@pytest.fixture
def member(discord: WireDiscord, channel: Channel) -> Member:
    return discord.add_member(channel.guild, "ada")


def button(number: int) -> Json:
    return {"type": 2, "style": 2, "label": "x", "custom_id": f"again:t{number}"}


async def post(discord: WireDiscord, channel: Channel, *rows: list[Json]) -> tuple[int, Json]:
    """Post a message with rows of components over bare HTTP; return the status and the body."""
    body = {"content": "card", "components": [{"type": 1, "components": row} for row in rows]}
    headers = {"Authorization": f"Bot {discord.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{discord.api_url}/channels/{channel.id}/messages", json=body) as reply,
    ):
        return reply.status, await reply.json(content_type=None)


async def test_a_row_holds_five_buttons_or_one_menu(discord: WireDiscord, channel: Channel) -> None:
    assert (await post(discord, channel, [MENU], [button(number) for number in range(5)]))[0] == 200
    assert discord.messages_with(channel, "again:t4") == discord.messages(channel)
    assert discord.messages_with(channel, "again:t5") == []


@pytest.mark.parametrize(
    "row",
    [
        [MENU, button(1)],
        [button(number) for number in range(6)],
        [MENU | {"options": [*MENU["options"], *MENU["options"]]}],
        [MENU | {"options": []}],
    ],
    ids=["a menu beside a button", "six buttons", "an option twice", "no option"],
)
async def test_a_row_that_discord_would_not_draw_is_refused(
    discord: WireDiscord, channel: Channel, row: list[Json]
) -> None:
    status, body = await post(discord, channel, row)
    assert (status, body["code"]) == (400, 50035)
    assert discord.messages(channel) == []


async def test_only_what_a_menu_offers_can_be_chosen(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot
) -> None:
    await post(discord, channel, [MENU])
    (message,) = discord.messages(channel)
    with pytest.raises(ValueError, match="offers only"):
        await discord.choose(member, message, "pick:t1", "extend")
    with pytest.raises(ValueError, match="is of type 3"):
        await discord.press(member, message, "pick:t1")


async def test_a_menu_of_another_time_opens_a_modal_for_any_member(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot
) -> None:
    await post(discord, channel, [MENU])
    (message,) = discord.messages(channel)
    stranger = discord.add_member(channel.guild, "bob")
    for who in (member, stranger):
        opened = await (await discord.choose(who, message, "pick:t1", "cover")).answered()
        assert opened.response is not None
        assert opened.response.type is Answer.MODAL
    assert discord.violations == []


async def test_a_bot_is_told_what_a_member_may_do(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot
) -> None:
    assert member.permissions == EVERYTHING
    for permissions in (EVERYTHING, USUAL):
        member.permissions = permissions
        await (await discord.command(member, channel, "library browse")).answered()
    assert [heard.permissions.manage_messages for heard in bot.heard] == [True, False]
    assert Permission.MANAGE_MESSAGES not in USUAL


async def test_a_file_can_be_read_in_parts(discord: WireDiscord) -> None:
    attached = discord.attach("in.mp3", b"0123456789").attachment
    assert attached["content_type"] == "audio/mpeg"
    async with aiohttp.ClientSession() as session:
        async with session.get(attached["url"], headers={"Range": "bytes=2-4"}) as part:
            assert (part.status, await part.read()) == (206, b"234")
            assert part.headers["Content-Range"] == "bytes 2-4/10"
        discord.uploads.expire_links()
        async with session.get(attached["url"], headers={"Range": "bytes=2-4"}) as late:
            assert late.status == 404


async def test_autocomplete_is_told_what_is_filled_in_already(
    discord: WireDiscord, channel: Channel, member: Member, bot: ExampleBot
) -> None:
    await discord.autocomplete(member, channel, "find", "track", "ab", level=3)
    (heard,) = bot.heard
    assert heard.type is dpy.InteractionType.autocomplete
    assert (heard.namespace.track, heard.namespace.level) == ("ab", 3)
