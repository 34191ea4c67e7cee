"""Answer the routes of channels, messages, people, commands and the application."""

from __future__ import annotations

from typing import Any

from . import payloads
from .api import Api, Call
from .errors import ApiError, invalid
from .gateway import Gateway
from .messages import Draft, Messages
from .world import Channel, ChannelKind, Json, Message, MessageFlag, Permission, World

CHANNEL = "/channels/{channel_id}"
MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = "/channels/{channel_id}/messages/{message_id}"
COMMANDS = "/applications/{application_id}/commands"
GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"
P = Permission


class Rest:
    """The routes that need the bot's token."""

    def __init__(self, world: World, messages: Messages, gateway: Gateway) -> None:
        #: How often commands have been synced.
        self.syncs = 0
        #: How often the bot has shown itself typing.
        self.typing = 0
        self._world = world
        self._messages = messages
        self._gateway = gateway

    def register(self, api: Api) -> None:
        """Have `api` answer by these routes."""
        api.routes |= {
            ("GET", "/users/@me"): lambda call: payloads.bot_user(self._world),
            ("GET", "/oauth2/applications/@me"): lambda call: payloads.application(self._world),
            ("GET", "/applications/@me"): lambda call: payloads.application(self._world),
            ("GET", "/gateway"): lambda call: {"url": self._gateway.url},
            ("GET", "/gateway/bot"): self._gateway_bot,
            ("GET", "/users/{user_id}"): lambda call: payloads.user(self._world.member(call.params["user_id"])),
            ("GET", "/users/@me/guilds"): self._guilds,
            ("GET", "/guilds/{guild_id}"): self._get_guild,
            ("GET", "/guilds/{guild_id}/members/{user_id}"): self._guild_member,
            ("POST", "/users/@me/channels"): self._open_dm,
            ("GET", CHANNEL): lambda call: payloads.channel(self._channel(call), self._world.bot_user_id),
            ("PATCH", CHANNEL): self._change_channel,
            ("POST", "/channels/{channel_id}/typing"): self._type,
            ("GET", MESSAGES): self._history,
            ("POST", MESSAGES): self._send,
            ("GET", MESSAGE): self._get_message,
            ("PATCH", MESSAGE): self._edit,
            ("DELETE", MESSAGE): self._delete,
            ("GET", COMMANDS): lambda call: self._commands(call, "global"),
            ("PUT", COMMANDS): lambda call: self._sync(call, "global"),
            ("GET", GUILD_COMMANDS): lambda call: self._commands(call, call.params["guild_id"]),
            ("PUT", GUILD_COMMANDS): lambda call: self._sync(call, call.params["guild_id"]),
        }

    def _gateway_bot(self, call: Call) -> Json:
        return {"url": self._gateway.url, "shards": 1, "session_start_limit": self._gateway.start_limit}

    def _get_guild(self, call: Call) -> Json:
        guild = self._world.guilds.get(int(call.params["guild_id"]))
        if guild is None:
            raise ApiError(10004)
        return payloads.guild(guild, self._world)

    def _guilds(self, call: Call) -> list[Json]:
        return [payloads.guild_of_mine(guild) for guild in self._world.guilds.values()]

    def _guild_member(self, call: Call) -> Json:
        guild = self._get_guild(call)
        if call.params["user_id"] == str(self._world.bot_user_id):
            return payloads.member(payloads.bot_user(self._world))
        member = self._world.member(call.params["user_id"])
        if member.guild is None or str(member.guild.id) != guild["id"]:
            raise ApiError(10007)
        return payloads.member(payloads.user(member))

    def _open_dm(self, call: Call) -> Json:
        member = self._world.member(call.json["recipient_id"])
        return payloads.channel(self._world.dm(member), self._world.bot_user_id)

    def _channel(self, call: Call) -> Channel:
        channel = self._world.channel(call.params["channel_id"])
        if not channel.allows(P.VIEW_CHANNEL):
            raise ApiError(50001)
        return channel

    def _change_channel(self, call: Call) -> Json:
        channel = self._channel(call)
        if channel.kind is not ChannelKind.THREAD or (channel.locked and not channel.allows(P.MANAGE_THREADS)):
            raise ApiError(50013)
        channel.archived = call.fields.get("archived", channel.archived)
        return payloads.channel(channel, self._world.bot_user_id)

    def _type(self, call: Call) -> None:
        self._may_send(self._channel(call))
        self.typing += 1

    def _may_send(self, channel: Channel) -> None:
        in_thread = channel.kind is ChannelKind.THREAD
        if not channel.allows(P.SEND_MESSAGES_IN_THREADS if in_thread else P.SEND_MESSAGES):
            raise ApiError(50013)
        if channel.archived or (channel.locked and not channel.allows(P.MANAGE_THREADS)):
            raise ApiError(50083)
        if channel.recipient is None:
            return
        if not channel.recipient.takes_direct_messages:
            raise ApiError(50007)
        if channel.recipient.guild is None:
            raise ApiError(50278)

    def _send(self, call: Call) -> Json:
        channel = self._channel(call)
        self._may_send(channel)
        payload = call.fields
        draft = Draft(payload, call.uploads, channel.upload_limit)
        message = self._messages.send(channel, draft, self._facts(payload, channel))
        return self._messages.render(message, nonce=payload.get("nonce"))

    def _facts(self, payload: Json, channel: Channel) -> Json:
        """Return the fields of a reply, or nothing; the message replied to may be gone if the request says so."""
        reference = payload.get("message_reference")
        if not reference:
            return {}
        if not channel.allows(P.READ_MESSAGE_HISTORY):
            raise ApiError(160002)
        if int(reference["message_id"]) in channel.messages:
            kept = {"message_id": str(reference["message_id"]), "channel_id": str(channel.id), "type": 0}
            return {"type": 19, "message_reference": kept}
        if reference.get("fail_if_not_exists", True):
            raise invalid("message_reference", "Unknown message")
        return {}

    def _history(self, call: Call) -> list[Json]:
        channel = self._channel(call)
        limit = int(call.query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise invalid("limit", "Value should be between 1 and 100.")
        if not channel.allows(P.READ_MESSAGE_HISTORY):
            # Discord's surprise: no error, but nothing to see.
            return []
        public = sorted(m.id for m in channel.messages.values() if m.seen_only_by is None)
        chosen = _chosen(public, call.query, limit)
        return [self._messages.render(channel.messages[message_id]) for message_id in reversed(chosen)]

    def _message(self, call: Call) -> Message:
        """Return the message of a call; what is ephemeral is unknown to these routes."""
        channel = self._channel(call)
        message = channel.messages.get(int(call.params["message_id"]))
        if message is None or message.seen_only_by is not None:
            raise ApiError(10008)
        return message

    def _get_message(self, call: Call) -> Json:
        message = self._message(call)
        if not message.channel.allows(P.READ_MESSAGE_HISTORY):
            raise ApiError(50001)
        return self._messages.render(message)

    def _own(self, message: Message) -> bool:
        return bool(message.author["id"] == str(self._world.bot_user_id))

    def _edit(self, call: Call) -> Json:
        message = self._message(call)
        if not self._own(message):
            raise ApiError(50005)
        if MessageFlag.LOADING in message.flags:
            # Whether Discord lets it is not documented, so nothing may rest on it.
            raise ApiError(10008)
        draft = Draft(call.fields, call.uploads, message.channel.upload_limit)
        return self._messages.render(self._messages.edit(message, draft))

    def _delete(self, call: Call) -> None:
        message = self._message(call)
        if not self._own(message) and not message.channel.allows(P.MANAGE_MESSAGES):
            raise ApiError(50013)
        self._messages.delete(message)

    def _scope(self, call: Call) -> None:
        if call.params["application_id"] != str(self._world.application_id):
            raise ApiError(10002)

    def _sync(self, call: Call, scope: str) -> list[Json]:
        self._scope(call)
        self.syncs += 1
        return self._world.sync(scope, call.json or [])

    def _commands(self, call: Call, scope: str) -> list[Json]:
        self._scope(call)
        return list(self._world.commands.get(scope, {}).values())


def _chosen(ids: list[int], query: dict[str, Any], limit: int) -> list[int]:
    """Return the up to `limit` ids a history request asks for, rising."""
    if "around" in query:
        pivot, half = int(query["around"]), limit // 2
        older = [i for i in ids if i < pivot][-half:] if half else []
        return older + [i for i in ids if i >= pivot][: limit - len(older)]
    if "after" in query:
        return [i for i in ids if i > int(query["after"])][:limit]
    before = int(query.get("before", 2**64))
    return [i for i in ids if i < before][-limit:]
