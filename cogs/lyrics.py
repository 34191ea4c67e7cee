"""`/lyrics`: words to sing, from what they are to be about."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.task import MAX_PROMPT, Kind, Request
from bot.ui import styles
from bot.ui.asking import ask
from bot.ui.elsewhere import MAX_PROVIDER, choices, named

#: Of the two that go to a provider as one; see `MAX_STYLE`.
MAX_OF_STYLE, MAX_OF_MOOD = 150, 48


class Lyrics(commands.Cog):
    """What a member types to get words."""

    @app_commands.command(description="Write lyrics, to be edited and sung")
    @app_commands.describe(
        about="What they should be about: a night train, my grandmother's garden",
        style="The style of the song, such as: folk, rap",
        mood="Their mood, such as: hopeful, sad",
        private="Show them to me alone",
        provider="Who is to write them; choose from the list, or leave it to me",
    )
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def lyrics(
        self,
        interaction: discord.Interaction,
        about: app_commands.Range[str, 1, MAX_PROMPT],
        style: app_commands.Range[str, 1, MAX_OF_STYLE] = "",
        mood: app_commands.Range[str, 1, MAX_OF_MOOD] = "",
        private: bool = False,
        provider: app_commands.Range[str, 1, MAX_PROVIDER] = "",
    ) -> None:
        """Ask for them."""
        how = ", ".join(filter(None, (style.strip(), mood.strip())))
        request = Request(about.strip(), how, private=private, kind=Kind.LYRICS)
        await ask(interaction, request, wanted=named(interaction, provider))

    @lyrics.autocomplete("style")
    async def _styles(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await styles.offered(interaction, typed)

    @lyrics.autocomplete("provider")
    async def _providers(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(interaction, Request(str(interaction.namespace.about or ""), kind=Kind.LYRICS), typed)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Lyrics())
