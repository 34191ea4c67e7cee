"""Choosing a persona: what a command's option offers, and which one is meant."""

import discord
from discord import app_commands

from bot.domain.ports_personas import Persona, key_of
from bot.ui.services import services_of
from bot.ui.words import persona as words

#: Of whatever is typed in place of a persona's name.
MAX_PERSONA = 100
#: How many choices Discord shows.
_CHOICES = 25


async def offered(
    interaction: discord.Interaction, typed: str, *, provider: str = ""
) -> list[app_commands.Choice[str]]:
    """Offer what may be used here; of one provider, if that is chosen already."""
    known = [one for one in await _here(interaction) if one.persona_id and provider in ("", one.provider)]
    return _choices(interaction, known, typed)


async def offered_to_delete(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer what the member may delete."""
    all_of_them = moderates(interaction)
    mine = [one for one in await _here(interaction) if all_of_them or one.member_id == interaction.user.id]
    return _choices(interaction, mine, typed)


async def chosen(interaction: discord.Interaction, typed: str) -> str:
    """Return our id of the persona that is meant; empty where none is. Raises BadPersona."""
    return (await _meant(interaction, typed)).id if typed.strip() else ""


async def voice(interaction: discord.Interaction, typed: str) -> str:
    """Return its provider's own name of the persona that is meant; empty where none is. Raises BadPersona."""
    return (await _meant(interaction, typed)).persona_id if typed.strip() else ""


def moderates(interaction: discord.Interaction) -> bool:
    """Say whether the member may delete what others have in this server."""
    return interaction.guild_id is not None and interaction.permissions.manage_messages


async def _meant(interaction: discord.Interaction, typed: str) -> Persona:
    return await services_of(interaction).personas.usable(typed, interaction.user.id, interaction.guild_id)


async def _here(interaction: discord.Interaction) -> list[Persona]:
    return list(await services_of(interaction).personas.here(interaction.user.id, interaction.guild_id))


def _choices(interaction: discord.Interaction, known: list[Persona], typed: str) -> list[app_commands.Choice[str]]:
    wanted, me = key_of(typed), interaction.user.id
    found = [one for one in known if wanted in one.key]
    return [app_commands.Choice(name=words.choice(one, me), value=one.id) for one in found[:_CHOICES]]
