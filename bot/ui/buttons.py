"""Buttons that work for ever: their meaning is in their `custom_id`, nothing is kept in memory."""

import re
from typing import Any, Self

import discord

from bot.ui import words
from bot.ui.failures import answer_failure
from bot.ui.services import services_of

_TASK_ID = r"(?P<task_id>[0-9a-z]{12})"


class TaskButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template="unused"):
    """A button about one task. discord.py only logs what a dynamic item raises, so failures are answered here."""

    label: str
    style = discord.ButtonStyle.secondary
    prefix: str

    def __init__(self, task_id: str) -> None:
        self.task_id = task_id
        super().__init__(discord.ui.Button(label=self.label, style=self.style, custom_id=f"{self.prefix}:{task_id}"))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button of a message that is already in Discord."""
        return cls(match["task_id"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do what the button says."""
        try:
            await self.pressed(interaction)
        except Exception as error:  # answered to the member, and logged with a number
            await answer_failure(interaction, error)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Do what this button is for."""
        raise NotImplementedError


class CancelButton(TaskButton, template=rf"cancel:{_TASK_ID}"):
    """Takes a task back, by the member who asked for it."""

    label, prefix = words.CANCEL, "cancel"

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Cancel, and say honestly on the queued line what that means."""
        services = services_of(interaction)
        before = await services.submit.cancel(self.task_id, interaction.user.id)
        task = await services.tasks.get(self.task_id)
        if before is None or task is None:
            await interaction.response.send_message(words.TOO_LATE, ephemeral=True)
            return
        services.answers.forget(self.task_id)
        await interaction.response.edit_message(content=words.cancelled(task, before), view=None)


class DetailsButton(TaskButton, template=rf"details:{_TASK_ID}"):
    """Shows what was asked for."""

    label, prefix = words.DETAILS, "details"

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Answer ephemerally."""
        task = await services_of(interaction).tasks.get(self.task_id)
        text = words.GONE if task is None else words.details(task)
        await interaction.response.send_message(text, ephemeral=True)


#: Registered with the client, so that they work on messages of any earlier run.
BUTTONS: tuple[type[TaskButton], ...] = (CancelButton, DetailsButton)


def queued_view(task_id: str) -> discord.ui.View:
    """Return the buttons of a queued line."""
    return discord.ui.View(timeout=None).add_item(CancelButton(task_id))


def card_view(task_id: str) -> discord.ui.View:
    """Return the buttons of a card."""
    return discord.ui.View(timeout=None).add_item(DetailsButton(task_id))


def card_mark(task_id: str) -> str:
    """Return the `custom_id` by which a card of this task is known in a channel's history."""
    return f"{DetailsButton.prefix}:{task_id}"
