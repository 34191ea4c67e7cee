"""The small Discord's sockets: connecting, breaking, killing, holding and failing."""

from __future__ import annotations

import asyncio
import errno
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import discord as dpy
import pytest

from . import example_bot
from .conftest import redirected, running
from .example_bot import ExampleBot
from .server import WireDiscord
from .world import Channel, Permission

POST = ("POST", "/channels/{channel_id}/messages")


@pytest.fixture
def channel(discord: WireDiscord) -> Channel:
    return discord.add_channel(discord.add_guild(tier=2), "music")


@asynccontextmanager
async def process(discord: WireDiscord, channel: Channel, nonce: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the example bot as a process; it posts one message once it is connected. Ends by a kill."""
    where = (discord.api_url, discord.gateway_url, discord.token, str(channel.id), nonce)
    root = Path(__file__).parents[2]
    command = (sys.executable, "-m", example_bot.__name__, *where)
    bot = await asyncio.create_subprocess_exec(*command, cwd=root, stderr=asyncio.subprocess.DEVNULL)
    try:
        yield bot
    finally:
        if bot.returncode is None:
            bot.kill()
        await bot.wait()


async def test_a_client_sees_the_guilds_channels_and_permissions(discord: WireDiscord, channel: Channel) -> None:
    async with running(discord) as bot:
        seen = bot.get_channel(channel.id)
        assert isinstance(seen, dpy.TextChannel)
        mine = seen.permissions_for(seen.guild.me)
        assert (mine.attach_files, mine.embed_links, mine.manage_messages) == (True, True, False)
        assert seen.guild.filesize_limit == 50 * 1024 * 1024
        assert bot.application_id == discord.application_id
    assert discord.syncs == 1
    assert discord.violations == []


async def test_a_change_of_permissions_reaches_a_connected_client(
    discord: WireDiscord, channel: Channel, bot: ExampleBot
) -> None:
    joined = asyncio.create_task(bot.wait_for("guild_join"))
    discord.permit(channel, Permission.VIEW_CHANNEL)
    discord.add_guild("Other")
    # Events keep their order: with the later one, the earlier one has arrived.
    await joined
    seen = bot.get_channel(channel.id)
    assert isinstance(seen, dpy.TextChannel)
    assert not seen.permissions_for(seen.guild.me).send_messages


async def test_a_wrong_token_is_refused_by_rest_and_gateway(discord: WireDiscord) -> None:
    client = dpy.Client(intents=dpy.Intents.none())
    with redirected(discord):
        async with client:
            with pytest.raises(dpy.LoginFailure):
                await client.login("wrong")
    async with aiohttp.ClientSession() as session, session.ws_connect(discord.gateway_url) as socket:
        await socket.receive_json()
        await socket.send_json({"op": 2, "d": {"token": "wrong", "intents": 1}})
        assert (await socket.receive()).data == 4004


async def test_a_dropped_connection_is_resumed_with_what_was_missed(
    discord: WireDiscord, channel: Channel, bot: ExampleBot
) -> None:
    member = discord.add_member(channel.guild)
    discord.drop_gateway()
    interaction = await discord.command(member, channel, "library browse")
    assert (await interaction.settled())["content"] == "by new"
    assert (discord.gateway.identifies, discord.gateway.resumes) == (1, 1)


async def test_a_refused_connection_is_tried_again(discord: WireDiscord, bot: ExampleBot) -> None:
    discord.refuse_gateway(times=1)
    discord.drop_gateway()
    await discord.wait_for(lambda: discord.gateway.resumes == 1, timeout=15)
    assert discord.gateway.live


async def test_connected_waits_for_the_next_client_each_time(discord: WireDiscord) -> None:
    for _ in range(2):
        async with running(discord):
            pass
    assert discord.gateway.identifies == 2
    with pytest.raises(TimeoutError):
        await discord.connected(timeout=0.05)


async def test_a_killed_process_posts_once_with_the_same_nonce(discord: WireDiscord, channel: Channel) -> None:
    hold = discord.hold(*POST, when="after")
    async with process(discord, channel, "task-1") as first:
        await discord.connected()
        await hold.reached()
        first.kill()
        await first.wait()
        await discord.wait_for(lambda: not discord.gateway.live)
    assert len(discord.messages(channel)) == 1
    hold.release()
    async with process(discord, channel, "task-1"):
        await discord.connected()
        await discord.wait_for(lambda: len(discord.sent(*POST)) == 2 and discord.sent(*POST)[1].status)
    assert [message["content"] for message in discord.messages(channel)] == ["from a process"]


async def test_a_request_held_before_the_work_has_done_nothing(
    discord: WireDiscord, channel: Channel, bot: ExampleBot
) -> None:
    hold = discord.hold(*POST, when="before")
    sending = asyncio.create_task(bot.get_partial_messageable(channel.id).send("held"))
    assert (await hold.reached()).status is None
    assert discord.messages(channel) == []
    hold.release()
    assert (await sending).content == "held"
    assert discord.sent(*POST)[0].status == 200


async def test_the_server_closes_at_once_while_a_request_is_held() -> None:
    async with WireDiscord() as discord:
        channel = discord.add_channel(discord.add_guild())
        hold = discord.hold(*POST)
        session = aiohttp.ClientSession(headers={"Authorization": f"Bot {discord.token}"})
        url = f"{discord.api_url}/channels/{channel.id}/messages"
        sending = asyncio.create_task(session.post(url, json={"content": "held"}))
        await hold.reached()
        started = time.monotonic()
    assert time.monotonic() - started < 1
    await asyncio.gather(sending, return_exceptions=True)
    await session.close()


async def test_an_upload_cut_off_half_way_leaves_no_message(discord: WireDiscord, channel: Channel) -> None:
    host, port = discord.api_url.split("/")[2].split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = f"POST /api/v10/channels/{channel.id}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bot {discord.token}\r\n"
    part = '--b\r\nContent-Disposition: form-data; name="files[0]"; filename="a.mp3"\r\n\r\nhalf of it'
    kind = "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 9999\r\n\r\n"
    writer.write((head + kind + part).encode())
    await discord.wait_for(lambda: discord.sent(*POST))
    writer.close()
    await writer.wait_closed()
    await discord.wait_for(lambda: discord.sent(*POST)[0].cut_off)
    assert discord.messages(channel) == []


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        ({"code": 50013}, dpy.Forbidden, 50013),
        ({"code": 10003}, dpy.NotFound, 10003),
        ({"status": 401}, dpy.HTTPException, 0),
        ({"status": 503, "body": "<html>cloud</html>"}, dpy.DiscordServerError, 0),
        ({"status": 429, "body": "<html>banned</html>"}, dpy.HTTPException, 0),
    ],
)
async def test_a_fault_reaches_the_client_as_discord_would_send_it(
    discord: WireDiscord,
    channel: Channel,
    bot: ExampleBot,
    answer: dict[str, Any],
    error: type[dpy.HTTPException],
    code: int,
) -> None:
    fault = discord.fault(*POST, **answer)
    with pytest.raises(error) as caught:
        await bot.get_partial_messageable(channel.id).send("x")
    assert caught.value.code == code
    assert (fault.given, discord.messages(channel)) == (1, [])


async def test_a_rate_limit_is_waited_for_and_a_long_one_is_raised(
    discord: WireDiscord, channel: Channel, bot: ExampleBot
) -> None:
    discord.fault(*POST, retry_after=0.01)
    await bot.get_partial_messageable(channel.id).send("x")
    assert [request.status for request in discord.sent(*POST)] == [429, 200]
    discord.fault(*POST, retry_after=3600)
    with pytest.raises(dpy.RateLimited):
        await bot.get_partial_messageable(channel.id).send("x")


async def test_a_reset_after_the_work_leaves_the_message_there(
    discord: WireDiscord, channel: Channel, bot: ExampleBot
) -> None:
    discord.fault(*POST, when="after", reset=True)
    with pytest.raises(aiohttp.ClientOSError) as caught:
        await bot.get_partial_messageable(channel.id).send("there", nonce="n")
    assert caught.value.errno == errno.ECONNRESET
    assert [message["content"] for message in discord.messages(channel)] == ["there"]


async def test_a_fault_can_be_meant_for_one_channel_only(
    discord: WireDiscord, channel: Channel, bot: ExampleBot
) -> None:
    assert channel.guild is not None
    other = discord.add_channel(channel.guild, "other")
    discord.fault("POST", f"/channels/{channel.id}/messages", code=50001, times=9)
    await bot.get_partial_messageable(other.id).send("fine")
    with pytest.raises(dpy.Forbidden):
        await bot.get_partial_messageable(channel.id).send("not")
