"""`/generate`: a track from a description."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.task import MAX_PROMPT, MAX_STYLE, MAX_TITLE, Request
from bot.ui import styles
from bot.ui.asking import ask
from bot.ui.elsewhere import MAX_PROVIDER, choices, named
from bot.ui.voices import MAX_PERSONA, offered, voice


class Generate(commands.Cog):
    """What a member types to get music."""

    @app_commands.command(description="Make music from a description")
    @app_commands.describe(
        prompt="What it should sound like: mood, place, instruments, story",
        style="Style words, such as: lofi, jazz trio, 90s techno",
        instrumental="No singing",
        title="What to call it",
        persona="Whose voice sings: choose from the list, or make one with /persona create",
        private="Show it to me alone",
        provider="Who is to make it; choose from the list, or leave it to me",
    )
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def generate(
        self,
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 1, MAX_PROMPT],
        style: app_commands.Range[str, 1, MAX_STYLE] = "",
        instrumental: bool = False,
        title: app_commands.Range[str, 1, MAX_TITLE] = "",
        persona: app_commands.Range[str, 1, MAX_PERSONA] = "",
        private: bool = False,
        provider: app_commands.Range[str, 1, MAX_PROVIDER] = "",
    ) -> None:
        """Ask for it."""
        request = Request(
            prompt.strip(),
            style.strip(),
            title.strip(),
            instrumental=instrumental,
            private=private,
            persona_id=await voice(interaction, persona),
        )
        await ask(interaction, request, wanted=named(interaction, provider))

    @generate.autocomplete("style")
    async def _styles(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await styles.offered(interaction, typed)

    @generate.autocomplete("persona")
    async def _personas(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await offered(interaction, typed, provider=named(interaction, interaction.namespace.provider or ""))

    @generate.autocomplete("provider")
    async def _providers(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        given = interaction.namespace
        prompt, style, title = (str(text or "") for text in (given.prompt, given.style, given.title))
        request = Request(
            prompt, style, title, instrumental=given.instrumental is True, persona_id=str(given.persona or "")
        )
        return choices(interaction, request, typed)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Generate())
