"""`/queue` and `/cancel`: what waits, and taking it back."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui import words
from bot.ui.cancelling import meant, offered, take_back
from bot.ui.mentions import mentions
from bot.ui.services import services_of
from bot.ui.words import queue as queue_words


class Queue(commands.Cog):
    """What a member types while they wait."""

    @app_commands.command(description="Show what of yours is in the works, and how many others wait")
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def queue(self, interaction: discord.Interaction) -> None:
        """Show it to the member alone."""
        services = services_of(interaction)
        board = await services.queue.seen_by(interaction.user.id, services.submit.resting)
        generate = (await mentions(interaction))("generate")
        text = queue_words.queue(board, services.clock(), services.usually, generate)
        await interaction.response.send_message(text, ephemeral=True)

    @app_commands.command(description="Take back something you asked for")
    @app_commands.describe(task="Which one: choose from the list, or paste a task id")
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def cancel(self, interaction: discord.Interaction, task: app_commands.Range[str, 1, 100]) -> None:
        """Cancel, answer the member alone, and say it on the queued line as its button does."""
        services = services_of(interaction)
        found = await meant(services, task, interaction.user.id)
        if found is None:
            mine = await services.queue.cancellable(interaction.user.id)
            text = queue_words.NO_SUCH_TASK if mine else queue_words.NOTHING_TO_CANCEL
            await interaction.response.send_message(text, ephemeral=True)
            return
        taken = await take_back(services, found.id, interaction.user.id)
        await interaction.response.send_message(words.TOO_LATE if taken is None else taken.text, ephemeral=True)
        if taken is not None:
            await services.lines.taken_back(taken.task, taken.before)

    @cancel.autocomplete("task")
    async def _tasks(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        mine = await services_of(interaction).queue.cancellable(interaction.user.id)
        return [app_commands.Choice(name=queue_words.choice(task), value=task.id) for task in offered(mine, typed)]


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Queue())
