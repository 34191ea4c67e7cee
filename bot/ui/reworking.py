"""Working on a track: the one way, whether of a command, an entry of its card's menu, or a modal."""

from dataclasses import replace

import discord

from bot.domain.errors import CannotMake
from bot.domain.task import Kind, Request, Task
from bot.ui.asking import ask
from bot.ui.services import services_of
from bot.ui.sources import find_source, of_file_again, read_time
from bot.ui.words import elsewhere as words

#: Discord shows at most so many choices.
_CHOICES = 25


async def rework(
    interaction: discord.Interaction,
    kind: Kind,
    *,
    track: str = "",
    audio: discord.Attachment | None = None,
    start: str = "",
    end: str = "",
    prompt: str = "",
    style: str = "",
    title: str = "",
    lyrics: str = "",
    private: bool = False,
    provider: str = "",
) -> None:
    """Ask for something to be made from a track or a file. Raises Refusal, and then nothing is kept.

    What is private makes something private. `provider`: the name of the one the member chose; else it is the one that
    made the track, while it can.
    """
    wish = Request(prompt.strip(), style.strip(), title.strip(), lyrics=lyrics.strip(), kind=kind)
    wish = replace(wish, start=_time(start), end=_time(end))
    check_makes(interaction, kind)
    found = await find_source(interaction, track, audio)
    wish = replace(wish, source=found.source, private=private or found.private)
    await ask(interaction, wish, wanted=provider, rather=found.source.provider)


async def rework_again(interaction: discord.Interaction, task: Task) -> None:
    """Ask for the same once more, from the same source as it is now. Raises Refusal."""
    request, source = task.request, task.request.source
    assert source is not None
    if not source.task_id:
        services = services_of(interaction)
        source = of_file_again(services.submit.offers, request, source, services.clock())
        request = replace(request, source=source)
    else:
        found = await find_source(interaction, f"{source.task_id}-{source.number}")
        request = replace(request, source=found.source, private=request.private or found.private)
    await ask(interaction, request, parent_id=task.id, rather=task.provider)


def check_makes(interaction: discord.Interaction, kind: Kind) -> None:
    """Raise CannotMake where no provider makes such things, before anything is looked at."""
    if not any(kind in offer.makes for offer in services_of(interaction).submit.offers):
        raise CannotMake("", kind)


def makers(interaction: discord.Interaction, kind: Kind, typed: str) -> list[discord.app_commands.Choice[str]]:
    """Return the providers that make such things, as choices while somebody types."""
    makes = [offer for offer in services_of(interaction).submit.offers if kind in offer.makes]
    fitting = [offer for offer in makes if typed.strip().casefold() in f"{offer.label} {offer.name}".casefold()]
    return [discord.app_commands.Choice(name=words.choice(one), value=one.name) for one in fitting[:_CHOICES]]


def _time(text: str) -> float | None:
    return read_time(text) if text.strip() else None
