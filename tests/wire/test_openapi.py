"""Every request is held against Discord's own description of its API."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import discord as dpy
import pytest
from discord import ui

from . import habits
from .example_bot import ExampleBot, card, cover, cover_embed, song
from .openapi import description
from .server import WireDiscord
from .world import Channel, Guild, Member


async def send_everything(bot: ExampleBot, guild: Guild, channel: Channel, member: Member) -> None:
    """Send, change, read and delete messages in every way discord.py has for it."""
    place = bot.get_partial_messageable(channel.id)
    allowed = dpy.AllowedMentions(users=[dpy.Object(member.id)], replied_user=True)
    first = await place.send("x", embed=cover_embed("t"), files=[song(), cover()], view=card("t"), nonce="n" * 25)
    answered = dpy.MessageReference(message_id=first.id, channel_id=channel.id, guild_id=guild.id)
    second = await place.send("x", reference=answered, allowed_mentions=allowed, silent=True, suppress_embeds=True)
    await second.edit(content="y", allowed_mentions=allowed, attachments=[song()], suppress=True)
    await place.get_partial_message(second.id).edit(content="z", embed=None, view=None, attachments=[])
    await place.send(view=layout(), files=[song(), cover()])
    [_ async for _ in place.history(limit=3, before=second, after=first)]
    [_ async for _ in place.history(limit=3, around=second)]
    await (await place.fetch_message(second.id)).delete()
    async with place.typing():
        pass


def layout() -> ui.LayoutView:
    """Return a view with a component of every kind."""
    view = ui.LayoutView(timeout=None)
    section: ui.Section[Any] = ui.Section(ui.TextDisplay("s"), accessory=ui.Thumbnail("attachment://cover.jpg"))
    gallery: ui.MediaGallery[Any] = ui.MediaGallery(dpy.MediaGalleryItem("attachment://cover.jpg", description="art"))
    row: ui.ActionRow[Any] = ui.ActionRow(ui.Button(label="b", custom_id="b", emoji="🎵"))
    file: ui.File[Any] = ui.File("attachment://song.mp3")
    return view.add_item(ui.Container(section, gallery, ui.Separator(), file, row, accent_colour=5))


async def read_everything(bot: ExampleBot, guild: Guild, channel: Channel, member: Member) -> None:
    """Ask for people, places, commands and the gateway."""
    await (await bot.create_dm(dpy.Object(member.id))).send("hello")
    await bot.fetch_user(member.id)
    await bot.fetch_channel(channel.id)
    await bot.fetch_guild(guild.id)
    await bot.application_info()
    await bot.tree.fetch_commands()
    await bot.tree.sync(guild=dpy.Object(guild.id))
    await bot.http.get_bot_gateway()


async def answer_everything(discord: WireDiscord, bot: ExampleBot, channel: Channel, member: Member) -> None:
    """Answer interactions in every way, and change and delete the answers."""
    allowed = dpy.AllowedMentions(users=[dpy.Object(member.id)])
    await (await discord.command(member, channel, "echo", text="x")).settled()
    await (await discord.command(member, channel, "form")).answered()
    await discord.autocomplete(member, channel, "find", "track", "x")
    hearing = asyncio.create_task(bot.wait_for("interaction"))
    held = await discord.command(member, channel, "silent")
    interaction = await hearing
    await interaction.response.send_message("x", allowed_mentions=allowed, ephemeral=True)
    await interaction.edit_original_response(
        content="y", attachments=[song()], allowed_mentions=allowed, view=card("t")
    )
    further = await interaction.followup.send("x", file=song(), allowed_mentions=allowed, wait=True)
    await further.edit(content="y", attachments=[song()], allowed_mentions=allowed, embeds=[dpy.Embed(title="t")])
    await interaction.followup.fetch_message(further.id)
    await further.delete()
    hook = dpy.Webhook.partial(discord.application_id, held.token, client=bot)
    await hook.edit_message("@original", content="after a restart", attachments=[song()])  # type: ignore[call-overload]
    await (await interaction.original_response()).delete()


@pytest.fixture
async def guild(discord: WireDiscord) -> Guild:
    return discord.add_guild()


@pytest.fixture
async def channel(discord: WireDiscord, guild: Guild) -> Channel:
    return discord.add_channel(guild)


@pytest.fixture
async def driven(discord: WireDiscord, guild: Guild, channel: Channel, bot: ExampleBot) -> WireDiscord:
    """A small Discord after a client has used every route."""
    member = discord.add_member(guild)
    await send_everything(bot, guild, channel, member)
    await read_everything(bot, guild, channel, member)
    await answer_everything(discord, bot, channel, member)
    return discord


async def test_discord_py_keeps_to_the_description_apart_from_its_habits(driven: WireDiscord) -> None:
    assert driven.violations == []
    assert [str(request) for request in driven.requests if (request.status or 999) >= 300] == []


async def test_every_habit_is_one_that_discord_py_has(driven: WireDiscord, monkeypatch: pytest.MonkeyPatch) -> None:
    for habit in habits.HABITS:
        for route in habit.routes:
            others = [other for other in habits.HABITS if other != habit]
            monkeypatch.setattr(habits, "HABITS", others)
            method, _, template = route.partition(" ")
            operation = description().operation(method, template)
            assert operation is not None
            bodies = [request.json for request in driven.sent(method, template)]
            assert any([*description().complaints(operation, body, [], [])] for body in bodies), (habit, route)
            monkeypatch.undo()


@pytest.mark.parametrize(
    ("body", "blamed"),
    [
        ({"embeds": [{"title": 5}]}, "embeds.0.title"),
        ({"content": "x", "nonce": "n" * 40}, "nonce"),
        ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title"),
        ({"embeds": [{"image": {"url": "no address"}}]}, "embeds.0.image.url"),
        ({"content": "x", "attachments": [{"id": 1.5}]}, "attachments.0.id"),
        ({"content": "x", "message_reference": {"message_id": "abc"}}, "message_reference.message_id"),
        (
            {"components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "x" * 81, "custom_id": "a"}]}]},
            "components.0.components.0.label",
        ),
    ],
)
async def test_a_real_violation_is_named_and_refused(
    discord: WireDiscord, channel: Channel, body: dict[str, object], blamed: str
) -> None:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {discord.token}"}) as session:
        answer = await session.post(f"{discord.api_url}/channels/{channel.id}/messages", json=body)
    assert answer.status == 400
    [violation] = discord.violations
    assert violation.startswith(f"POST /channels/{{channel_id}}/messages: {blamed}: ")
    assert discord.messages(channel) == []


@pytest.mark.parametrize(
    ("method", "path", "words"),
    [
        ("GET", "/nothing/like/this", "describes no such route"),
        ("DELETE", "/gateway", "describes no such route"),
        ("GET", "/voice/regions", "not modelled"),
        ("GET", "/users/@me?page=2", "query parameter 'page' is unknown"),
    ],
)
async def test_a_route_or_parameter_outside_the_description_is_a_violation(
    discord: WireDiscord, method: str, path: str, words: str
) -> None:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {discord.token}"}) as session:
        answer = await session.request(method, discord.api_url + path)
    assert answer.status in (400, 404)
    [violation] = discord.violations
    assert words in violation


async def test_a_file_under_a_wrong_field_name_is_a_violation(discord: WireDiscord, channel: Channel) -> None:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", '{"content": "x"}')
    form.add_field("song", b"ID3", filename="song.mp3")
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {discord.token}"}) as session:
        await session.post(f"{discord.api_url}/channels/{channel.id}/messages", data=form)
    assert "form field 'song' is unknown" in discord.violations[0]
