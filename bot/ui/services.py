"""What buttons and modals may use, found from any interaction."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import discord

from bot.domain.ports import Cards, Clock, Limits, Submissions
from bot.domain.ports_members import Lines, Members, Queue
from bot.domain.task import Task
from bot.flows.deliver import Deliver
from bot.flows.my_data import MyData
from bot.flows.submit import Submit
from bot.ui.answers import Answers


class Messages(Protocol):
    """What may be done to messages of ours; `DiscordPoster` does it."""

    async def remove(self, channel_id: int, message_id: int) -> bool:
        """Delete a message; say whether it is gone now."""

    async def rewrite(self, task: Task, text: str) -> None:
        """Change the queued line, if there is one; best effort."""


@dataclass(frozen=True, slots=True)
class Services:
    """The flows and the little else that what a member presses may call."""

    submit: Submit
    deliver: Deliver
    tasks: Submissions
    cards: Cards
    poster: Messages
    answers: Answers
    clock: Clock
    queue: Queue
    lines: Lines
    members: Members
    my_data: MyData
    limits: Limits
    retention_days: int
    #: How long the words of an ended task are kept; 0: until they are deleted.
    prompt_retention_days: int
    #: Where reports go, besides the log.
    report_channel: int | None
    #: Small facts of the bot itself, by name.
    recall: Callable[[str], Awaitable[str | None]]


def services_of(interaction: discord.Interaction) -> Services:
    """Return the services of the client an interaction came in at."""
    services = getattr(interaction.client, "services", None)
    assert isinstance(services, Services)
    return services
