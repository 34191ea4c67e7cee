"""`minstrel invite` prints the link that asks for exactly the permissions the bot needs."""

from urllib.parse import parse_qs, urlsplit

import discord as dpy
import pytest

from bot.doctor import invite
from bot.domain.errors import StartRefused
from bot.ui import permissions
from tests.doctor.conftest import command
from tests.wire.server import WireDiscord


async def test_with_nothing_but_a_token_it_prints_the_link_of_its_application() -> None:
    async with WireDiscord() as discord:
        environ = {"DISCORD_TOKEN": discord.token, "DISCORD_API_URL": discord.api_url}
        status, output = await command(environ, "invite")
        assert discord.violations == []
    assert status == 0
    address = urlsplit(output.strip())
    assert (address.scheme, address.netloc, address.path) == ("https", "discord.com", "/oauth2/authorize")
    query = parse_qs(address.query)
    assert query["client_id"] == [str(discord.application_id)]
    assert query["scope"] == ["bot applications.commands"]
    given = dpy.Permissions(int(query["permissions"][0]))
    assert {name for name, value in given if value} == {
        "read_messages",  # discord.py's other name for view_channel
        "send_messages",
        "send_messages_in_threads",
        "attach_files",
        "embed_links",
        "read_message_history",
    }


async def test_without_a_token_it_names_the_setting() -> None:
    status, output = await command({}, "invite")
    assert status == 2
    assert "DISCORD_TOKEN is not set" in output
    assert "MUSICMINT" not in output


async def test_a_bad_token_is_said_plainly_and_not_repeated() -> None:
    async with WireDiscord() as discord:
        with pytest.raises(StartRefused, match="Reset it in the Developer Portal") as caught:
            await invite("not.the.token", discord.api_url)
    assert "not.the.token" not in str(caught.value)


@pytest.mark.parametrize("thread", [False, True])
def test_the_link_gives_all_that_a_channel_or_thread_takes(thread: bool) -> None:
    assert all(getattr(permissions.everything(), name) for name in permissions.to_work(thread=thread))
    assert set(permissions.to_post(thread=thread)) < set(permissions.to_work(thread=thread))
