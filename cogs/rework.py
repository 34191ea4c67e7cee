"""`/extend`, `/cover`, `/remaster`, `/vocals`, `/infill` and `/sample`: a track made from another one or a file."""

from discord.ext import commands

from bot.domain.task import Kind
from cogs.from_track import AT, AUDIO, END, LYRICS, PROMPT, START, STYLE, TITLE, TRACK, add, from_track


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    made = (
        from_track(
            Kind.EXTEND,
            "Let a track go on, from its end or from a time you choose",
            *(TRACK, AUDIO, AT, PROMPT, STYLE, TITLE, LYRICS),
        ),
        from_track(
            Kind.COVER,
            "Sing a track again, in another style or with other words",
            *(TRACK, AUDIO, STYLE, LYRICS, TITLE),
        ),
        from_track(Kind.REMASTER, "Make a track sound louder and clearer", TRACK, AUDIO),
        from_track(Kind.VOCALS, "Sing over a track", TRACK, AUDIO, LYRICS, STYLE, START, END),
        from_track(Kind.INFILL, "Make a part of a track anew", START.needed, END.needed, TRACK, AUDIO, LYRICS, STYLE),
        from_track(
            Kind.SAMPLE,
            "Make a song from a melody you hum or play, or from a part of a track",
            *(AUDIO, TRACK, START, END),
        ),
    )
    add(bot.tree, __name__, made)
