"""Write servers, channels and people the way Discord's API shows them."""

from __future__ import annotations

from typing import Any

from .world import Channel, ChannelKind, Guild, Json, Member, World

JOINED = "2020-01-01T00:00:00+00:00"
#: Every permission bit Discord has given out so far.
ALL_BITS = (1 << 53) - 1
#: The person who owns the application and every server.
OWNER = 1


def user(member: Member) -> Json:
    """Return a person's user object."""
    return _user(member.id, member.name, bot=False)


def bot_user(world: World) -> Json:
    """Return the bot's own user object."""
    return _user(world.bot_user_id, "Minstrel", bot=True)


def _user(user_id: int, name: str, *, bot: bool) -> Json:
    return {
        "id": str(user_id),
        "username": name,
        "discriminator": "0",
        "global_name": None if bot else name.title(),
        "avatar": None,
        "bot": bot,
        "system": False,
        "public_flags": 0,
        "flags": 0,
        "mfa_enabled": False,
        "verified": True,
        "email": None,
        "locale": "en-US",
    }


def member(user_object: Json, permissions: int | None = None) -> Json:
    """Return a member object, with the computed permissions where an interaction shows them."""
    shape: Json = {
        "user": user_object,
        "nick": None,
        "avatar": None,
        "roles": [],
        "joined_at": JOINED,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }
    if permissions is not None:
        shape["permissions"] = str(permissions)
    return shape


def channel(of: Channel, bot_id: int) -> Json:
    """Return a channel object; what the bot may do is an overwrite, from which clients compute it too."""
    shape: Json = {"id": str(of.id), "type": int(of.kind), "last_message_id": _last_message_id(of), "flags": 0}
    if of.kind is ChannelKind.DM:
        assert of.recipient is not None
        return shape | {"recipients": [user(of.recipient)]}
    assert of.guild is not None
    shape |= {"guild_id": str(of.guild.id), "name": of.name, "position": 0, "nsfw": False, "rate_limit_per_user": 0}
    if of.kind is ChannelKind.THREAD:
        return shape | _thread(of, bot_id)
    return shape | {"parent_id": None, "topic": None, "permission_overwrites": [_overwrite(of, bot_id)]}


def _last_message_id(of: Channel) -> str | None:
    public = [message_id for message_id, message in of.messages.items() if message.seen_only_by is None]
    return str(max(public)) if public else None


def _overwrite(of: Channel, bot_id: int) -> Json:
    allow = int(of.permissions)
    return {"id": str(bot_id), "type": 1, "allow": str(allow), "deny": str(ALL_BITS & ~allow)}


def _thread(of: Channel, bot_id: int) -> Json:
    assert of.parent is not None
    state = {"archived": of.archived, "locked": of.locked, "auto_archive_duration": 1440, "archive_timestamp": JOINED}
    return {
        "parent_id": str(of.parent.id),
        "owner_id": str(bot_id),
        "thread_metadata": state,
        "message_count": len(of.messages),
        "member_count": 1,
        "total_message_sent": len(of.messages),
    }


def guild(of: Guild, world: World) -> Json:
    """Return a whole server as GUILD_CREATE shows it to a bot with the guilds intent."""
    inside = world.channels_of(of)
    bot_id = world.bot_user_id
    return _guild_facts(of) | {
        "large": False,
        "joined_at": JOINED,
        "member_count": 1 + sum(person.guild is of for person in world.members.values()),
        "members": [member(bot_user(world))],
        "channels": [channel(c, bot_id) for c in inside if c.kind is not ChannelKind.THREAD],
        "threads": [channel(c, bot_id) for c in inside if c.kind is ChannelKind.THREAD and not c.archived],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def guild_of_mine(of: Guild) -> Json:
    """Return a server as the list of the bot's own servers shows it."""
    return {
        "id": str(of.id),
        "name": of.name,
        "icon": None,
        "banner": None,
        "owner": False,
        "permissions": "0",
        "features": [],
    }


def _guild_facts(of: Guild) -> Json:
    return {
        "id": str(of.id),
        "name": of.name,
        "owner_id": str(OWNER),
        "premium_tier": of.tier,
        "premium_subscription_count": 0,
        "roles": [_everyone(of)],
        "emojis": [],
        "stickers": [],
        "features": [],
        "icon": None,
        "description": None,
        "preferred_locale": "en-US",
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "system_channel_flags": 0,
        "afk_timeout": 300,
    }


def _everyone(of: Guild) -> Json:
    return {
        "id": str(of.id),
        "name": "@everyone",
        "permissions": "0",
        "position": 0,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def application(world: World) -> Json:
    """Return the bot's application object."""
    return {
        "id": str(world.application_id),
        "name": "Minstrel",
        "icon": None,
        "description": "",
        "summary": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "owner": _user(OWNER, "owner", bot=False),
        "team": None,
        "flags": 0,
        "install_params": None,
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
    }


def interaction_place(of: Channel, who: Member, world: World) -> Json:
    """Return the part of an interaction that says where it happens, to whom, and what the bot may do there."""
    place: Json = {
        "channel_id": str(of.id),
        "channel": channel(of, world.bot_user_id),
        "attachment_size_limit": max(of.upload_limit, who.nitro_limit),
        "locale": "en-US",
        "entitlements": [],
    }
    return place | (_direct(who) if of.guild is None else _in_guild(of, of.guild, who))


def _direct(who: Member) -> dict[str, Any]:
    return {
        "user": user(who),
        "context": 1,
        "authorizing_integration_owners": {"0": "0"},
        "app_permissions": str(ALL_BITS),
    }


def _in_guild(of: Channel, guild: Guild, who: Member) -> dict[str, Any]:
    return {
        "guild_id": str(guild.id),
        "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
        "guild_locale": "en-US",
        "member": member(user(who), int(who.permissions)),
        "context": 0,
        "authorizing_integration_owners": {"0": str(guild.id)},
        "app_permissions": str(int(of.permissions)),
    }
