"""How it stands with the bot and its providers, put together for `/status`."""

from importlib.metadata import version

import discord

from bot.ui.services import services_of
from bot.ui.words import status as words


async def status(interaction: discord.Interaction) -> str:
    """Return the answer to `/status`; it names no member and nothing that was asked for."""
    services = services_of(interaction)
    standings = await services.submit.standings()
    models, last = await services.models.known(), services.last_callback
    names = [one.contract.name for one in standings]
    lines = [words.provider(one, last.get(name), models.get(name)) for one, name in zip(standings, names, strict=True)]
    return "\n".join([*lines, words.bot(version("minstrel"), services.started_at)])
