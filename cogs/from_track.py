"""What all commands that are made from a track share: their options, and what stands beside them."""

from collections.abc import Callable
from typing import Any, TypeVar

import discord
from discord import app_commands

from bot.domain.task import MAX_LYRICS, MAX_PROMPT, MAX_STYLE, MAX_TITLE, Kind
from bot.ui.elsewhere import named
from bot.ui.reworking import makers, rework
from cogs.track import offered

F = TypeVar("F", bound=Callable[..., Any])

#: A link to a card, in angle brackets, is the longest thing to be pasted.
Typed = app_commands.Range[str, 1, 100]
Time = app_commands.Range[str, 1, 12]
Prompt = app_commands.Range[str, 1, MAX_PROMPT]
Style = app_commands.Range[str, 1, MAX_STYLE]
Title = app_commands.Range[str, 1, MAX_TITLE]
Lyrics = app_commands.Range[str, 1, MAX_LYRICS]

_DESCRIPTIONS = {
    "track": "Which one: choose from the list, or paste a link to its card or a task id",
    "audio": "Or a file of yours: MP3, WAV, FLAC, OGG or M4A, up to 25 MB and 8 minutes",
    "at": "Where to go on, such as 1:23 or 83 seconds; else at its end",
    "start": "From when, such as 1:23 or 83 seconds",
    "end": "Until when, such as 1:40 or 100 seconds",
    "prompt": "What should happen from there on",
    "style": "Style words, such as: lofi, jazz trio, 90s techno",
    "title": "What to call it",
    "lyrics": "The words to sing",
    "private": "Show it to me alone",
    "provider": "Who is to make it; choose from the list, or leave it to me",
}


def from_track(command: F) -> F:
    """Describe the options of a command, offer tracks and providers, and say where it may be typed."""
    names = set(command.__annotations__) & set(_DESCRIPTIONS)
    described = app_commands.describe(**{name: _DESCRIPTIONS[name] for name in names})(command)
    offering = app_commands.autocomplete(track=offered, provider=_providers)(described)
    installed = app_commands.allowed_installs(guilds=True, users=False)(offering)
    return app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)(installed)


async def ask_for(interaction: discord.Interaction, kind: Kind, provider: str, **wishes: Any) -> None:
    """Ask for what was typed."""
    await rework(interaction, kind, provider=named(interaction, provider), **wishes)


async def _providers(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer who makes what the command is called after."""
    assert interaction.command is not None
    return makers(interaction, Kind(interaction.command.name), typed)
