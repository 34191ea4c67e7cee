"""Hold the servers, channels, members and messages of the small Discord."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import Any

from .errors import ApiError

Json = dict[str, Any]

#: Milliseconds of 2015-01-01, from which Discord counts.
EPOCH = 1_420_070_400_000
MEBIBYTE = 1024 * 1024
#: Largest file in bytes by boost tier.
UPLOAD_LIMITS = {0: 10 * MEBIBYTE, 1: 10 * MEBIBYTE, 2: 50 * MEBIBYTE, 3: 100 * MEBIBYTE}


class Permission(IntFlag):
    """The permissions that decide anything here."""

    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    SEND_MESSAGES_IN_THREADS = 1 << 38


P = Permission
#: What an install link with the usual permissions gives a bot.
USUAL = (
    P.VIEW_CHANNEL
    | P.SEND_MESSAGES
    | P.SEND_MESSAGES_IN_THREADS
    | P.EMBED_LINKS
    | P.ATTACH_FILES
    | P.READ_MESSAGE_HISTORY
    | P.USE_APPLICATION_COMMANDS
)
#: What whoever runs a server may do.
EVERYTHING = Permission(sum(Permission))


class ChannelKind(IntEnum):
    """Discord's numbers of the channel types."""

    TEXT = 0
    DM = 1
    THREAD = 11


class MessageFlag(IntFlag):
    """Discord's message flags that change what happens here."""

    SUPPRESS_EMBEDS = 1 << 2
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


@dataclass(eq=False)
class Guild:
    """A server; `tier` is its boost tier (0 to 3)."""

    id: int
    name: str
    tier: int = 0
    #: Words that its automatic moderation lets through nowhere in a message.
    forbidden: tuple[str, ...] = ()

    @property
    def upload_limit(self) -> int:
        """The largest file a bot may post, in bytes."""
        return UPLOAD_LIMITS[self.tier]


@dataclass(eq=False)
class Member:
    """A person; `nitro_limit` (bytes) raises what interactions of theirs may carry."""

    id: int
    name: str
    guild: Guild | None = None
    nitro_limit: int = 0
    takes_direct_messages: bool = True
    #: What they may do in the channels of their server.
    permissions: Permission = EVERYTHING


@dataclass(eq=False)
class Channel:
    """A text channel, thread or direct conversation, with what the bot may do in it."""

    id: int
    name: str
    kind: ChannelKind
    guild: Guild | None = None
    parent: Channel | None = None
    recipient: Member | None = None
    permissions: Permission = USUAL
    archived: bool = False
    locked: bool = False
    messages: dict[int, Message] = field(default_factory=dict)

    @property
    def upload_limit(self) -> int:
        """The largest file a bot may post here, in bytes."""
        return self.guild.upload_limit if self.guild else UPLOAD_LIMITS[0]

    def allows(self, permission: Permission) -> bool:
        """Tell whether the bot has the whole `permission`; in direct messages it has all."""
        return self.guild is None or permission in self.permissions


@dataclass(eq=False)
class Message:
    """A message: `data` is Discord's object of it, `files` all its attachments, also those an embed shows."""

    id: int
    channel: Channel
    author: Json
    data: Json
    files: list[Json] = field(default_factory=list)
    seen_only_by: Member | None = None

    @property
    def flags(self) -> MessageFlag:
        """The message's flags."""
        return MessageFlag(self.data["flags"])

    @property
    def exists(self) -> bool:
        """Whether nobody has deleted it."""
        return self.id in self.channel.messages


class World:
    """Everything Discord knows; it outlives every process of the bot."""

    def __init__(self) -> None:
        self._last_id = 0
        self.application_id = self.next_id()
        self.bot_user_id = self.application_id
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.members: dict[int, Member] = {}
        #: "global" or a guild's id -> its synced commands by name
        self.commands: dict[str, dict[str, Json]] = {}

    def next_id(self) -> int:
        """Return a new snowflake: larger than every earlier one, and telling the time of day."""
        now = int(time.time() * 1000) - EPOCH << 22
        self._last_id = max(now, self._last_id + 1)
        return self._last_id

    def add_guild(self, name: str, tier: int) -> Guild:
        """Make a server with boost `tier`, without channels."""
        guild = Guild(self.next_id(), name, tier)
        self.guilds[guild.id] = guild
        return guild

    def add_channel(self, channel: Channel) -> Channel:
        """Keep a new channel."""
        self.channels[channel.id] = channel
        return channel

    def add_member(self, name: str, guild: Guild | None) -> Member:
        """Make a person, in a server or in none that the bot shares."""
        member = Member(self.next_id(), name, guild)
        self.members[member.id] = member
        return member

    def dm(self, member: Member) -> Channel:
        """Return the direct conversation between the bot and `member`, opened on first use."""
        for channel in self.channels.values():
            if channel.kind is ChannelKind.DM and channel.recipient is member:
                return channel
        return self.add_channel(Channel(self.next_id(), member.name, ChannelKind.DM, recipient=member))

    def channels_of(self, guild: Guild) -> list[Channel]:
        """Return the channels and threads of a server."""
        return [channel for channel in self.channels.values() if channel.guild is guild]

    def channel(self, channel_id: str | int) -> Channel:
        """Return a channel; refuse with 10003 where there is none."""
        try:
            return self.channels[int(channel_id)]
        except (KeyError, ValueError):
            raise ApiError(10003) from None

    def member(self, user_id: str | int) -> Member:
        """Return a person; refuse with 10013 where there is none."""
        try:
            return self.members[int(user_id)]
        except (KeyError, ValueError):
            raise ApiError(10013) from None

    def sync(self, scope: str, commands: list[Json]) -> list[Json]:
        """Replace the commands of a scope and return them as they are kept; known names keep their ids."""
        known = self.commands.get(scope, {})
        kept = [self._command(command, known.get(command["name"])) for command in commands]
        self.commands[scope] = {command["name"]: command for command in kept}
        return kept

    def _command(self, command: Json, before: Json | None) -> Json:
        kept: Json = {"type": 1, "description": "", "default_member_permissions": None, "dm_permission": True}
        kept |= command
        kept["id"] = before["id"] if before else str(self.next_id())
        kept["application_id"] = str(self.application_id)
        kept["version"] = str(self.next_id())
        return kept

    def find_command(self, name: str, guild: Guild | None) -> Json:
        """Return the synced command a member would see under `name`; raise LookupError otherwise."""
        scopes = itertools.chain([str(guild.id)] if guild else [], ["global"])
        for scope in scopes:
            if name in self.commands.get(scope, {}):
                return self.commands[scope][name]
        raise LookupError(f"no command /{name} has been synced")
