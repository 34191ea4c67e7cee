"""A member's data as a file, and the button that deletes it."""

import gzip
import io
import re
from contextlib import suppress
from typing import Any, Self

import discord

from bot.ui.failures import answer_failure
from bot.ui.services import services_of
from bot.ui.words import account as words


async def export_file(interaction: discord.Interaction) -> discord.File:
    """Return everything that is kept about the member as a JSON file, packed where Discord would not take it."""
    data, name = await services_of(interaction).my_data.export(interaction.user.id), "my-data.json"
    if len(data) > interaction.filesize_limit:
        data, name = gzip.compress(data), f"{name}.gz"
    return discord.File(io.BytesIO(data), name)


class DeleteMyData(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"my-data-delete:(?P<cards>[01])"):
    """Deletes the data of whoever presses it; carries the choice, so that it works after a restart."""

    def __init__(self, cards: bool) -> None:
        self.cards = cards
        super().__init__(
            discord.ui.Button(
                label=words.DELETE_WITH_CARDS if cards else words.DELETE,
                style=discord.ButtonStyle.danger,
                custom_id=f"my-data-delete:{int(cards)}",
            )
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button of a message that is already in Discord."""
        return cls(match["cards"] == "1")

    async def callback(self, interaction: discord.Interaction) -> None:
        """Delete. discord.py only logs what a dynamic item raises, so failures are answered here."""
        try:
            # The button goes first: deleting messages may take minutes, and is not to be pressed twice.
            await interaction.response.edit_message(content=words.DELETING, view=None)
            done = await services_of(interaction).my_data.delete(interaction.user.id, cards=self.cards)
            await interaction.edit_original_response(content=words.deleted(done))
        except Exception as error:  # answered to the member, and logged with a number
            await answer_failure(interaction, error)
            with suppress(discord.HTTPException):
                await interaction.edit_original_response(content=words.NOT_DELETED, view=confirm_view(self.cards))


def confirm_view(cards: bool) -> discord.ui.View:
    """Return the one button under the question."""
    return discord.ui.View(timeout=None).add_item(DeleteMyData(cards))
