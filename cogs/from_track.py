"""What all commands that are made from a track share: their options, and what is done with them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from inspect import Parameter, Signature
from typing import Any

import discord
from discord import app_commands

from bot.domain.task import MAX_LYRICS, MAX_PROMPT, MAX_STYLE, MAX_TITLE, Kind
from bot.ui.elsewhere import named
from bot.ui.reworking import makers, rework
from cogs.track import offered


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a command. `name`: that of `rework`; `shown`: what it is called, where that is something else."""

    name: str
    type: Any
    description: str
    default: Any = ""
    shown: str = ""

    @property
    def needed(self) -> "Option":
        """The same, where the command cannot do without it."""
        return replace(self, default=Parameter.empty)


#: A link to a card, in angle brackets, is the longest thing to be pasted.
_Typed = app_commands.Range[str, 1, 100]
_Time = app_commands.Range[str, 1, 12]

TRACK = Option("track", _Typed, "Which one: choose from the list, or paste a link to its card or a task id")
AUDIO = Option(
    "audio",
    discord.Attachment | None,
    "A file of yours in place of a track: MP3, WAV, FLAC, OGG or M4A, up to 25 MB and 8 minutes",
    default=None,
)
AT = Option("start", _Time, "Where to go on: 1:23, or 83 for so many seconds; else at its end", shown="at")
START = Option("start", _Time, "From when: 1:23, or 83 for so many seconds")
END = Option("end", _Time, "Until when: 1:40, or 100 for so many seconds")
PROMPT = Option("prompt", app_commands.Range[str, 1, MAX_PROMPT], "What should happen from there on")
STYLE = Option("style", app_commands.Range[str, 1, MAX_STYLE], "Style words, such as: lofi, jazz trio, 90s techno")
TITLE = Option("title", app_commands.Range[str, 1, MAX_TITLE], "What to call it")
LYRICS = Option("lyrics", app_commands.Range[str, 1, MAX_LYRICS], "The words to sing")
_PRIVATE = Option("private", bool, "Show it to me alone", default=False)
_PROVIDER = Option("provider", _Typed, "Who is to make it; choose from the list, or leave it to me")


def from_track(kind: Kind, description: str, *options: Option) -> app_commands.Command[Any, ..., None]:
    """Return the command of a kind, with these options in this order, and with those that all have after them."""
    options = (*options, _PRIVATE, _PROVIDER)

    async def ask_for(interaction: discord.Interaction, provider: str = "", **wishes: Any) -> None:
        await rework(interaction, kind, provider=named(interaction, provider), **wishes)

    # discord.py reads a command's options from the signature of what it calls, and passes them by name.
    head = Parameter("interaction", Parameter.POSITIONAL_ONLY, annotation=discord.Interaction)
    vars(ask_for)["__signature__"] = Signature([head, *map(_parameter, options)])
    described = app_commands.describe(**{one.name: one.description for one in options})(ask_for)
    renamed = app_commands.rename(**{one.name: one.shown for one in options if one.shown})(described)
    offering = app_commands.autocomplete(track=offered, provider=_providers)(renamed)
    installed = app_commands.allowed_installs(guilds=True, users=False)(offering)
    placed = app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)(installed)
    return app_commands.command(name=kind.value, description=description)(placed)


def add(
    tree: app_commands.CommandTree[Any], module: str, commands: Iterable[app_commands.Command[Any, ..., None]]
) -> None:
    """Add commands that were made here as those of the module that they are taken away with."""
    for command in commands:
        command.module = module
        tree.add_command(command)


def _parameter(option: Option) -> Parameter:
    return Parameter(option.name, Parameter.KEYWORD_ONLY, default=option.default, annotation=option.type)


async def _providers(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer who makes what the command is called after."""
    assert interaction.command is not None
    return makers(interaction, Kind(interaction.command.name), typed)
