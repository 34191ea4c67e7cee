"""Work out whom a message pings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from . import payloads
from .world import Json, Member, Message, Permission, World

#: What is parsed when a request names no allowed mentions.
MESSAGE_DEFAULT: Json = {"parse": ["users", "roles", "everyone"], "replied_user": True}
#: The same, for answers to interactions.
INTERACTION_DEFAULT: Json = {"parse": ["users"], "replied_user": True}


def apply(message: Message, allowed: Json | None, default: Json, world: World) -> None:
    """Set a message's `mentions`, `mention_roles` and `mention_everyone`."""
    rule = default if allowed is None else allowed
    text = " ".join(texts(message.data))
    users = [world.members[int(found)] for found in _named(r"<@!?(\d+)>", text) if int(found) in world.members]
    pinged = [user for user in users if _lets(rule, "users", str(user.id))]
    pinged += [user for user in _answered(message, rule, world) if user not in pinged]
    everyone = re.search(r"@(everyone|here)\b", text) and "everyone" in (rule.get("parse") or [])
    message.data["mentions"] = [payloads.user(user) for user in pinged]
    message.data["mention_roles"] = [role for role in _named(r"<@&(\d+)>", text) if _lets(rule, "roles", role)]
    message.data["mention_everyone"] = bool(everyone) and message.channel.allows(Permission.MENTION_EVERYONE)


def texts(shape: Any) -> Iterator[str]:
    """Yield the texts of a message that can ping: its content and its text displays, not its embeds."""
    if isinstance(shape, list):
        for part in shape:
            yield from texts(part)
    elif isinstance(shape, dict):
        if isinstance(shape.get("content"), str):
            yield shape["content"]
        yield from texts(shape.get("components") or [])


def _named(pattern: str, text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(pattern, text)))


def _lets(rule: Json, kind: str, target: str) -> bool:
    return kind in (rule.get("parse") or []) or target in map(str, rule.get(kind) or [])


def _answered(message: Message, rule: Json, world: World) -> list[Member]:
    reference = message.data.get("message_reference")
    if not reference or not rule.get("replied_user"):
        return []
    original = message.channel.messages.get(int(reference["message_id"]))
    author = world.members.get(int(original.author["id"])) if original else None
    return [author] if author else []
