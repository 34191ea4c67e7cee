"""`/stems`, `/midi`, `/wav`, `/timeline` and `/waveform`: what is taken out of a track."""

from discord.ext import commands

from bot.domain.task import Kind
from cogs.from_track import AUDIO, END, START, TRACK, add, from_track


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    made = (
        from_track(Kind.STEMS, "Get the singing of a track without the music", TRACK, AUDIO, START, END),
        from_track(Kind.MIDI, "Get the notes of a track as a MIDI file", TRACK, AUDIO),
        from_track(Kind.WAV, "Get a track as a WAV, for editing", TRACK, AUDIO),
        from_track(Kind.TIMELINE, "Get the words of a track with their times, for players and videos", TRACK, AUDIO),
        from_track(Kind.WAVEFORM, "Get a picture of how loud a track is, from its beginning to its end", TRACK, AUDIO),
    )
    add(bot.tree, __name__, made)
