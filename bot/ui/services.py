"""What buttons and modals may use, found from any interaction."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import discord

from bot.domain.ports import Cards, Clock, Limits, Submissions
from bot.domain.ports_admin import Usages
from bot.domain.ports_jobs import Jobs
from bot.domain.ports_library import Library, Shelves
from bot.domain.ports_members import Lines, Members, Queue
from bot.domain.ports_tracks import Tracks
from bot.domain.task import Kind, Task
from bot.flows.deliver import Deliver
from bot.flows.my_data import MyData
from bot.flows.personas import MemberPersonas
from bot.flows.presets import StylePresets
from bot.flows.rename import Rename
from bot.flows.retry import Retry
from bot.flows.submit import Submit
from bot.flows.vendor_facts import Models
from bot.flows.vendor_jobs import VendorJobs
from bot.media.probe import Probe
from bot.ui.answers import Answers


class Messages(Protocol):
    """What may be done to messages of ours; `DiscordPoster` does it."""

    async def remove(self, channel_id: int, message_id: int) -> bool:
        """Delete a message; say whether it is gone now."""

    async def rewrite(self, task: Task, text: str) -> None:
        """Change the queued line, if there is one; best effort."""


class PostedLines(Messages, Protocol):
    """The same, and what belongs under a queued line."""

    def line_view(self, task: Task) -> discord.ui.View | None:
        """Return the buttons under the queued line of a task, as it stands."""


@dataclass(frozen=True, slots=True)
class Services:
    """The flows and the little else that what a member presses may call."""

    submit: Submit
    deliver: Deliver
    tasks: Submissions
    cards: Cards
    poster: PostedLines
    answers: Answers
    clock: Clock
    queue: Queue
    lines: Lines
    members: Members
    library: Library
    shelves: Shelves
    tracks: Tracks
    rename: Rename
    retry: Retry
    vendor_jobs: VendorJobs
    #: What each configured provider can do with its jobs; what it cannot, it says when asked.
    jobs: Mapping[str, Jobs]
    presets: StylePresets
    personas: MemberPersonas
    models: Models
    usages: Usages
    my_data: MyData
    probe: Probe
    limits: Limits
    #: How long the words of an ended task are kept; 0: until they are deleted.
    prompt_retention_days: int
    #: Where reports go, besides the log.
    report_channel: int | None
    #: Small facts of the bot itself, by name.
    recall: Callable[[str], Awaitable[str | None]]
    #: When this process began, and when each provider last called it back.
    started_at: datetime
    last_callback: Mapping[str, datetime]

    @property
    def labels(self) -> Mapping[str, str]:
        """The names that people read, of the configured providers."""
        return {offer.name: offer.label for offer in self.submit.offers}

    def usually(self, provider: str, kind: Kind) -> timedelta:
        """How long a task takes there; at one that is not configured any more, as long as at the preferred one."""
        known = {offer.name: offer for offer in self.submit.offers}
        return known.get(provider, self.submit.offers[0]).usually_for(kind)

    def rests_until(self, provider: str) -> datetime | None:
        """Until when a provider is not asked; None where it may be."""
        rests = [self.submit.health.rest(offer) for offer in self.submit.offers if offer.name == provider]
        return next((rest.until for rest in rests if rest), None)


def services_of(interaction: discord.Interaction) -> Services:
    """Return the services of the client an interaction came in at."""
    services = getattr(interaction.client, "services", None)
    assert isinstance(services, Services)
    return services
