"""What the bot may do in one channel, permission by permission."""

from collections.abc import Iterator, Mapping
from typing import Any

import discord

from bot.doctor.report import Line, fail, note, ok
from bot.doctor.rest import DiscordRest, NoAnswer, Refused
from bot.settings import Settings
from bot.ui.permissions import shown_name, to_work

CHANNEL = "channel"
UNKNOWN_CHANNEL = 10003
MISSING_ACCESS = 50001

_THREADS = {kind.value for kind in (discord.ChannelType.news_thread, discord.ChannelType.public_thread,
                                    discord.ChannelType.private_thread)}  # fmt: skip
_DIRECT = {discord.ChannelType.private.value, discord.ChannelType.group.value}
_NOT_WRITABLE = {kind.value for kind in (discord.ChannelType.category, discord.ChannelType.forum,
                                         discord.ChannelType.media)}  # fmt: skip


async def look_at_channel(rest: DiscordRest, settings: Settings, channel_id: int, user_id: int) -> list[Line]:
    """Return a line for each permission the bot needs in the channel."""
    try:
        return [line async for line in _look(rest, settings, channel_id, user_id)]
    except Refused as error:
        return [_closed(channel_id, error)]
    except NoAnswer as error:
        return [fail(CHANNEL, f"Discord cannot be asked about {channel_id} ({error})", "Try again in some minutes")]
    except (KeyError, ValueError, TypeError) as error:
        detail = f"Discord's answer about {channel_id} cannot be read ({type(error).__name__})"
        return [fail(CHANNEL, detail, "Try again in some minutes")]


async def _look(rest: DiscordRest, settings: Settings, channel_id: int, user_id: int) -> Any:
    channel = await rest.object(f"/channels/{channel_id}")
    if channel["type"] in _DIRECT:
        yield note(CHANNEL, f"{channel_id} is a direct conversation: there are no permissions in it")
        return
    if channel["type"] in _NOT_WRITABLE:
        yield fail(CHANNEL, f"{channel_id} holds no messages itself", "Name a text channel, or a thread in it")
        return
    guild = await rest.object(f"/guilds/{channel['guild_id']}")
    member = await rest.object(f"/guilds/{channel['guild_id']}/members/{user_id}")
    if settings.allowed_guilds and int(guild["id"]) not in settings.allowed_guilds:
        yield fail(CHANNEL, f"its server {guild['id']} is not among ALLOWED_GUILDS", "Add it there")
    thread = channel["type"] in _THREADS
    place = await rest.object(f"/channels/{channel['parent_id']}") if thread else channel
    for line in _permission_lines(_allowed(guild, place, member), thread=thread):
        yield line


def _permission_lines(allowed: discord.Permissions, *, thread: bool) -> Iterator[Line]:
    for name in to_work(thread=thread):
        if getattr(allowed, name):
            yield ok(_called(name), "given")
        else:
            yield _missing(name)


def _missing(name: str) -> Line:
    shown = shown_name(name)
    remedy = f"Allow {shown} for the bot's role in the channel's settings, page Permissions"
    return fail(_called(name), "not given in this channel", remedy)


def _called(name: str) -> str:
    return f"permission {shown_name(name)}"


def _closed(channel_id: int, error: Refused) -> Line:
    if error.code == MISSING_ACCESS:
        return _missing("view_channel")
    if error.code == UNKNOWN_CHANNEL:
        remedy = "Copy its id anew (Developer Mode, right click, Copy Channel ID), and install the bot in its server"
        return fail(CHANNEL, f"Discord knows no channel {channel_id}", remedy)
    return fail(CHANNEL, f"Discord refuses to tell about {channel_id} ({error})", "Try again in some minutes")


def _allowed(guild: Mapping[str, Any], channel: Mapping[str, Any], member: Mapping[str, Any]) -> discord.Permissions:
    """Compute as Discord does: https://docs.discord.com/developers/topics/permissions#permission-overwrites"""
    user_id, roles = member["user"]["id"], {guild["id"], *member["roles"]}
    allowed = discord.Permissions.none()
    for role in guild["roles"]:
        if role["id"] in roles:
            allowed.value |= int(role["permissions"])
    if guild["owner_id"] == user_id or allowed.administrator:
        return discord.Permissions.all()
    overwrites = {entry["id"]: entry for entry in channel.get("permission_overwrites", [])}
    for ids in ({guild["id"]}, roles - {guild["id"]}, {user_id}):
        entries = [overwrites[one] for one in ids if one in overwrites]
        denied, given = _union(entries, "deny"), _union(entries, "allow")
        allowed.value = (allowed.value & ~denied) | given
    return allowed


def _union(entries: list[Mapping[str, Any]], field: str) -> int:
    bits = 0
    for entry in entries:
        bits |= int(entry[field])
    return bits
