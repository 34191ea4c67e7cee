"""`/help`: what to type, by example."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.mentions import mentions
from bot.ui.words.account import help_text


class Help(commands.Cog):
    """The way in for a newcomer."""

    @app_commands.command(description="Show what this bot can do, by example")
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def help(self, interaction: discord.Interaction) -> None:
        """Show it to the member alone."""
        await interaction.response.send_message(help_text(await mentions(interaction)), ephemeral=True)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Help())
