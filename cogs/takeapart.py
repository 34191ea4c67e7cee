"""`/stems`, `/midi`, `/wav`, `/timeline` and `/waveform`: what is taken out of a track."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.task import Kind
from cogs.from_track import Time, Typed, ask_for, from_track

_WHOLE = {
    Kind.MIDI: "Get the notes of a track as a MIDI file",
    Kind.WAV: "Get a track as a WAV, for editing",
    Kind.TIMELINE: "Get the words of a track with their times, for players and videos",
    Kind.WAVEFORM: "Get a picture of how loud a track is, from its beginning to its end",
}


@app_commands.command(description="Get the singing of a track without the music")
@from_track
async def stems(
    interaction: discord.Interaction,
    track: Typed = "",
    audio: discord.Attachment | None = None,
    start: Time = "",
    end: Time = "",
    private: bool = False,
    provider: Typed = "",
) -> None:
    """Ask for it."""
    times = {"start": start, "end": end}
    await ask_for(interaction, Kind.STEMS, provider, track=track, audio=audio, private=private, **times)


def of_a_whole_track(kind: Kind, description: str) -> app_commands.Command[Any, ..., None]:
    """Return the command that takes this out of a track as it is."""

    @app_commands.command(name=kind.value, description=description)
    @from_track
    async def take(
        interaction: discord.Interaction,
        track: Typed = "",
        audio: discord.Attachment | None = None,
        private: bool = False,
        provider: Typed = "",
    ) -> None:
        await ask_for(interaction, kind, provider, track=track, audio=audio, private=private)

    return take


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    for command in (stems, *(of_a_whole_track(kind, description) for kind, description in _WHOLE.items())):
        bot.tree.add_command(command)
