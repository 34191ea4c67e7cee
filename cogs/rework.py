"""`/extend`, `/cover`, `/remaster`, `/vocals`, `/infill` and `/sample`: a track made from another one or a file."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.task import Kind
from cogs.from_track import Lyrics, Prompt, Style, Time, Title, Typed, ask_for, from_track


class Rework(commands.Cog):
    """What a member types to have a track made from a track."""

    @app_commands.command(description="Let a track go on, from its end or from a time you choose")
    @from_track
    async def extend(
        self,
        interaction: discord.Interaction,
        track: Typed = "",
        audio: discord.Attachment | None = None,
        at: Time = "",
        prompt: Prompt = "",
        style: Style = "",
        title: Title = "",
        lyrics: Lyrics = "",
        private: bool = False,
        provider: Typed = "",
    ) -> None:
        """Ask for it."""
        words = {"prompt": prompt, "style": style, "title": title, "lyrics": lyrics}
        await ask_for(interaction, Kind.EXTEND, provider, track=track, audio=audio, private=private, start=at, **words)

    @app_commands.command(description="Sing a track again, in another style or with other words")
    @from_track
    async def cover(
        self,
        interaction: discord.Interaction,
        track: Typed = "",
        audio: discord.Attachment | None = None,
        style: Style = "",
        lyrics: Lyrics = "",
        title: Title = "",
        private: bool = False,
        provider: Typed = "",
    ) -> None:
        """Ask for it."""
        words = {"style": style, "lyrics": lyrics, "title": title}
        await ask_for(interaction, Kind.COVER, provider, track=track, audio=audio, private=private, **words)

    @app_commands.command(description="Make a track sound louder and clearer")
    @from_track
    async def remaster(
        self,
        interaction: discord.Interaction,
        track: Typed = "",
        audio: discord.Attachment | None = None,
        private: bool = False,
        provider: Typed = "",
    ) -> None:
        """Ask for it."""
        await ask_for(interaction, Kind.REMASTER, provider, track=track, audio=audio, private=private)

    @app_commands.command(description="Sing over a track")
    @from_track
    async def vocals(
        self,
        interaction: discord.Interaction,
        track: Typed = "",
        audio: discord.Attachment | None = None,
        lyrics: Lyrics = "",
        style: Style = "",
        start: Time = "",
        end: Time = "",
        private: bool = False,
        provider: Typed = "",
    ) -> None:
        """Ask for it."""
        wishes = {"lyrics": lyrics, "style": style, "start": start, "end": end}
        await ask_for(interaction, Kind.VOCALS, provider, track=track, audio=audio, private=private, **wishes)

    @app_commands.command(description="Make a part of a track anew")
    @from_track
    async def infill(
        self,
        interaction: discord.Interaction,
        start: Time,
        end: Time,
        track: Typed = "",
        audio: discord.Attachment | None = None,
        lyrics: Lyrics = "",
        style: Style = "",
        private: bool = False,
        provider: Typed = "",
    ) -> None:
        """Ask for it."""
        wishes = {"lyrics": lyrics, "style": style, "start": start, "end": end}
        await ask_for(interaction, Kind.INFILL, provider, track=track, audio=audio, private=private, **wishes)

    @app_commands.command(description="Make a song from a melody you hum or play, or from a part of a track")
    @from_track
    async def sample(
        self,
        interaction: discord.Interaction,
        audio: discord.Attachment | None = None,
        track: Typed = "",
        start: Time = "",
        end: Time = "",
        private: bool = False,
        provider: Typed = "",
    ) -> None:
        """Ask for it."""
        times = {"start": start, "end": end}
        await ask_for(interaction, Kind.SAMPLE, provider, track=track, audio=audio, private=private, **times)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Rework())
