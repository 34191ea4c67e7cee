"""Styles to choose from while somebody types: what members used most, then what the providers suggest."""

import discord
from discord import app_commands

from bot.domain.ports_library import Scope
from bot.ui.services import services_of
from bot.ui.viewing import viewer_of

#: Discord shows at most so many choices, of so many characters.
_CHOICES, _LONGEST = 25, 100


async def offered(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Return the styles that hold what is typed so far. Any other may be typed as well."""
    services = services_of(interaction)
    scope = Scope.MINE if interaction.guild_id is None else Scope.SERVER
    used = await services.library.styles(viewer_of(interaction), scope)
    known = dict.fromkeys((*used, *(style.lower() for style in await services.presets.styles())))
    wanted = typed.strip().lower()
    found = [style for style in known if wanted in style and 0 < len(style) <= _LONGEST]
    return [app_commands.Choice(name=style, value=style) for style in found[:_CHOICES]]
