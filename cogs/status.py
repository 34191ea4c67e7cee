"""`/status`: whether the bot and what it makes music with are well."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.status import status


class Status(commands.Cog):
    """For everybody."""

    @app_commands.command(description="Show what makes the music, whether it rests, and how much waits")
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def status(self, interaction: discord.Interaction) -> None:
        """Show it to the member alone."""
        await interaction.response.send_message(await status(interaction), ephemeral=True)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Status())
