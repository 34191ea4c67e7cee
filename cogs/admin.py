"""`/admin`: for those who manage a server."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.admin import show_usage


class Admin(commands.Cog):
    """What is typed about a whole server. Discord offers it to those who may manage that; it is checked again."""

    admin = app_commands.Group(
        name="admin",
        description="For those who manage this server",
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )

    @admin.command(description="Show how much this server has asked for of late, and who most")
    async def usage(self, interaction: discord.Interaction) -> None:
        """Show it."""
        await show_usage(interaction)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Admin())
