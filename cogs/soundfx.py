"""`/soundfx`: a sound effect or a loop from a description."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.task import MAX_PROMPT, Kind, Request
from bot.ui.asking import ask
from bot.ui.elsewhere import MAX_PROVIDER, choices, named

#: As the music services name them.
TYPES = [app_commands.Choice(name=name, value=name) for name in ("loop", "one-shot")]
#: From the slowest to the fastest that any of them takes.
SLOWEST, FASTEST = 20, 400
#: The longest names of keys are like "F# minor".
MAX_KEY = 20


class SoundFx(commands.Cog):
    """What a member types to get a single sound."""

    @app_commands.command(description="Make a sound effect or a loop")
    @app_commands.describe(
        description="What it should sound like: a door in an old house, a shaker",
        type="Whether it is to be repeated (loop) or heard once (one-shot)",
        bpm="Beats per minute, for a loop that fits your music",
        key="Its key, such as: C, F#, Am",
        private="Show it to me alone",
        provider="Who is to make it; choose from the list, or leave it to me",
    )
    @app_commands.choices(type=TYPES)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def soundfx(
        self,
        interaction: discord.Interaction,
        description: app_commands.Range[str, 1, MAX_PROMPT],
        type: str = "",
        bpm: app_commands.Range[int, SLOWEST, FASTEST] | None = None,
        key: app_commands.Range[str, 1, MAX_KEY] = "",
        private: bool = False,
        provider: app_commands.Range[str, 1, MAX_PROVIDER] = "",
    ) -> None:
        """Ask for it."""
        request = Request(
            description.strip(),
            private=private,
            kind=Kind.SOUND,
            sound_type=type,
            bpm=bpm,
            musical_key=key.strip(),
        )
        await ask(interaction, request, wanted=named(interaction, provider))

    @soundfx.autocomplete("provider")
    async def _providers(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(interaction, Request(str(interaction.namespace.description or ""), kind=Kind.SOUND), typed)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(SoundFx())
