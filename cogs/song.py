"""`/song`: a track with words of one's own."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.asking import check_permissions
from bot.ui.modals import song_modal
from bot.ui.voices import MAX_PERSONA, chosen, offered


class Song(commands.Cog):
    """Opens the modal; `bot/ui/modals.py` takes it up."""

    @app_commands.command(description="Make a song with your own words")
    @app_commands.describe(persona="Whose voice sings: choose from the list, or make one with /persona create")
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def song(
        self, interaction: discord.Interaction, persona: app_commands.Range[str, 1, MAX_PERSONA] = ""
    ) -> None:
        """Open it."""
        check_permissions(interaction)  # before somebody writes four thousand characters for nothing
        await interaction.response.send_modal(song_modal(await chosen(interaction, persona)))

    @song.autocomplete("persona")
    async def _personas(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await offered(interaction, typed)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Song())
