"""What buttons and modals may use, found from any interaction."""

from dataclasses import dataclass

import discord

from bot.domain.ports import Clock, Submissions
from bot.flows.submit import Submit
from bot.ui.answers import Answers


@dataclass(frozen=True, slots=True)
class Services:
    """The flows and the little else that what a member presses may call."""

    submit: Submit
    tasks: Submissions
    answers: Answers
    clock: Clock
    default_provider: str


def services_of(interaction: discord.Interaction) -> Services:
    """Return the services of the client an interaction came in at."""
    services = getattr(interaction.client, "services", None)
    assert isinstance(services, Services)
    return services
