"""`/track`: what a member does with one of their tracks."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.resending import choices, resend
from bot.ui.words import track as words


class Track(commands.Cog):
    """What a member types about one track."""

    track = app_commands.Group(
        name="track",
        description="Do something with one of your tracks",
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )

    @track.command(name="resend", description="Have a track posted that could not be posted before")
    @app_commands.describe(track="Which one: choose from the list, or paste a task id")
    async def resend(self, interaction: discord.Interaction, track: app_commands.Range[str, 1, 100] = "") -> None:
        """Take it up again."""
        await resend(interaction, track)

    @resend.autocomplete("track")
    async def _set_aside(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [
            app_commands.Choice(name=words.choice(task), value=task.id) for task in await choices(interaction, typed)
        ]


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Track())
