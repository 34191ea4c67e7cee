"""List what discord.py 2.7.1 writes otherwise than Discord describes it, and Discord takes all the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SEND = "POST /channels/{channel_id}/messages"
CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
FOLLOW_UP = "POST /webhooks/{webhook_id}/{webhook_token}"
CHANGES = (
    "PATCH /channels/{channel_id}/messages/{message_id}",
    "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original",
    "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}",
)


@dataclass(frozen=True)
class Habit:
    """On `routes`, a number at `where` ("*": each of a list) stands for the string of its digits."""

    where: str
    routes: tuple[str, ...]
    reason: str


HABITS = (
    Habit("attachments.*.id", (SEND, FOLLOW_UP, *CHANGES), "File.to_dict numbers new files with an int"),
    Habit("data.attachments.*.id", (CALLBACK,), "the same, in a first answer"),
    Habit("allowed_mentions.users.*", (SEND, FOLLOW_UP, *CHANGES), "AllowedMentions.to_dict keeps ids as int"),
    Habit("data.allowed_mentions.users.*", (CALLBACK,), "the same, in a first answer"),
    Habit("message_reference.message_id", (SEND,), "MessageReference.to_dict keeps ids as int"),
    Habit("message_reference.channel_id", (SEND,), "the same"),
    Habit("message_reference.guild_id", (SEND,), "the same"),
    Habit("recipient_id", ("POST /users/@me/channels",), "HTTPClient.start_private_message sends the id as int"),
)


def accustomed(method: str, template: str, body: Any) -> Any:
    """Return `body` the way Discord reads it; the original stays as it is."""
    for habit in HABITS:
        if f"{method} {template}" in habit.routes:
            body = _reread(body, habit.where.split("."))
    return body


def _reread(value: Any, steps: list[str]) -> Any:
    if not steps:
        return str(value) if type(value) is int else value
    step, rest = steps[0], steps[1:]
    if isinstance(value, list) and step == "*":
        return [_reread(part, rest) for part in value]
    if isinstance(value, dict) and step in value:
        return value | {step: _reread(value[step], rest)}
    return value
