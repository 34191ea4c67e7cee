"""The permissions the bot needs, known in this one place, and the install link that asks for exactly these."""

from collections.abc import Sequence

import discord

SCOPES = ("bot", "applications.commands")
AUTHORIZE = "https://discord.com/oauth2/authorize"

_TO_POST = ("view_channel", "attach_files", "embed_links")
_TO_SEND, _TO_SEND_IN_THREAD = "send_messages", "send_messages_in_threads"
#: After an outage the bot looks for a card of its own here; without this it may post a second one.
_TO_LOOK_BACK = "read_message_history"


def to_post(*, thread: bool) -> Sequence[str]:
    """Return the permissions without which a card cannot be posted, by Discord's names."""
    return (*_TO_POST, _TO_SEND_IN_THREAD if thread else _TO_SEND)


def to_work(*, thread: bool) -> Sequence[str]:
    """Return what a channel should give the bot: what posting takes, and looking back."""
    return (*to_post(thread=thread), _TO_LOOK_BACK)


def everything() -> discord.Permissions:
    """Return what the bot should be given when it is installed."""
    return discord.Permissions(**dict.fromkeys((*_TO_POST, _TO_SEND, _TO_SEND_IN_THREAD, _TO_LOOK_BACK), True))


def install_link(application_id: int) -> str:
    """Return the address at which a server's manager adds the bot."""
    return f"{AUTHORIZE}?client_id={application_id}&scope={'+'.join(SCOPES)}&permissions={everything().value}"


def shown_name(name: str) -> str:
    """Return a permission's name as Discord's settings show it."""
    return name.replace("_", " ").title().replace(" In ", " in ")
