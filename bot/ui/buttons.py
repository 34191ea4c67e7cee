"""The button of a queued line."""

import discord

from bot.ui import words
from bot.ui.cancelling import take_back
from bot.ui.services import services_of
from bot.ui.task_button import TASK_ID, TaskButton


class CancelButton(TaskButton, template=rf"cancel:{TASK_ID}"):
    """Takes a task back, by the member who asked for it."""

    label, prefix = words.CANCEL, "cancel"

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Cancel, and say honestly on the queued line what that means."""
        services = services_of(interaction)
        taken = await take_back(services, self.task_id, interaction.user.id)
        if taken is None:
            await interaction.response.send_message(words.TOO_LATE, ephemeral=True)
            return
        services.answers.forget(self.task_id)
        await interaction.response.edit_message(content=taken.text, view=None)


def queued_view(task_id: str) -> discord.ui.View:
    """Return the buttons of a queued line."""
    return discord.ui.View(timeout=None).add_item(CancelButton(task_id))
