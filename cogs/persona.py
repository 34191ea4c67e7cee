"""`/persona`: voices made from tracks."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.ports_personas import MAX_NAME
from bot.ui import personas
from bot.ui.voices import MAX_PERSONA, offered_to_delete
from cogs.track import offered

#: A link to a card, in angle brackets, is the longest thing to be pasted.
_MAX_TRACK = 100


class Persona(commands.Cog):
    """What a member types about personas. All answers are for their eyes only."""

    persona = app_commands.Group(
        name="persona",
        description="Make voices from tracks, to sing other songs",
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )

    @persona.command(name="create", description="Make a persona: the voice of a track, to sing other songs")
    @app_commands.describe(
        track="Whose voice: choose a track from the list, or paste a link to its card", name="What to call it"
    )
    async def create(
        self,
        interaction: discord.Interaction,
        track: app_commands.Range[str, 1, _MAX_TRACK],
        name: app_commands.Range[str, 1, MAX_NAME],
    ) -> None:
        """Make it."""
        await personas.create(interaction, track, name)

    @persona.command(name="list", description="Show the personas that can be used here")
    async def show(self, interaction: discord.Interaction) -> None:
        """Show them."""
        await personas.show_all(interaction)

    @persona.command(name="delete", description="Delete one of your personas")
    @app_commands.describe(persona="Which one: choose from the list, or type its name")
    async def delete(self, interaction: discord.Interaction, persona: app_commands.Range[str, 1, MAX_PERSONA]) -> None:
        """Delete it."""
        await personas.delete(interaction, persona)

    @create.autocomplete("track")
    async def _tracks(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await offered(interaction, typed)

    @delete.autocomplete("persona")
    async def _deletable(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await offered_to_delete(interaction, typed)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Persona())
