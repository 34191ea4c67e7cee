"""What all buttons about one task share: their meaning is in their `custom_id`, nothing is kept in memory."""

import re
from typing import Any, Self

import discord

from bot.ui.failures import answer_failure

#: The part of a template that every such button ends with.
TASK_ID = r"(?P<task_id>[0-9a-z]{12})"


class TaskButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template="unused"):
    """A button about one task. discord.py only logs what a dynamic item raises, so failures are answered here."""

    label: str
    style = discord.ButtonStyle.secondary
    prefix: str

    def __init__(self, task_id: str, label: str = "", more: str = "") -> None:
        self.task_id = task_id
        custom_id = f"{self.prefix}:{task_id}{more}"
        super().__init__(discord.ui.Button(label=label or self.label, style=self.style, custom_id=custom_id))

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
