"""`/task`: what a member does about one of their tasks."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.retrying import choices, retry
from bot.ui.words import task as words


class Task(commands.Cog):
    """What a member types about one task."""

    task = app_commands.Group(
        name="task",
        description="Do something about what you asked for",
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )

    @task.command(name="retry", description="Have something made again that did not work out")
    @app_commands.describe(task="Which one: choose from the list, or paste a task id")
    async def retry(self, interaction: discord.Interaction, task: app_commands.Range[str, 1, 100] = "") -> None:
        """Have it made again, or ask whether to."""
        await retry(interaction, task)

    @retry.autocomplete("task")
    async def _failed(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [
            app_commands.Choice(name=words.choice(task), value=task.id) for task in await choices(interaction, typed)
        ]


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Task())
