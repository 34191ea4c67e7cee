"""Personas as members see them: made from a track, listed, and deleted."""

from collections.abc import Mapping
from typing import Any

import discord

from bot.domain.errors import ProviderError
from bot.domain.ports_library import Entry
from bot.domain.ports_personas import MAX_NAME, Clip
from bot.domain.task import Origin
from bot.ui.modals import TakesUp, Wish
from bot.ui.services import services_of
from bot.ui.text import clean, shown
from bot.ui.tracks import meant
from bot.ui.voices import moderates
from bot.ui.words import persona as words

PERSONA = "persona"


async def create(interaction: discord.Interaction, track: str, name: str) -> None:
    """Make one of a track that the member may see. Raises Refusal.

    It is answered at once, and told later what came of it: the provider may take minutes.
    """
    entry = await meant(interaction, track)
    await interaction.response.defer(ephemeral=True, thinking=True)
    name = clean(name) if shown(name, MAX_NAME) else ""
    try:
        made = await services_of(interaction).personas.create(
            _origin(interaction), await _clip(interaction, entry), name
        )
    except ProviderError as error:
        text = words.not_made(error.failure, error.said)
    else:
        text = words.made(made)
    await interaction.followup.send(text, ephemeral=True)


async def show_all(interaction: discord.Interaction) -> None:
    """Show what may be used in this place, to the member alone."""
    services = services_of(interaction)
    known = await services.personas.here(interaction.user.id, interaction.guild_id)
    text = words.listed(known, services.labels, services.clock()) if known else words.NONE_HERE
    await interaction.response.send_message(text, ephemeral=True)


async def delete(interaction: discord.Interaction, typed: str) -> None:
    """Forget one, by its owner or a moderator, and say what is left at its provider. Raises Refusal."""
    services = services_of(interaction)
    persona = await services.personas.delete(
        typed, interaction.user.id, interaction.guild_id, moderates=moderates(interaction)
    )
    label = services.labels.get(persona.provider, persona.provider)
    await interaction.response.send_message(words.deleted(persona, label), ephemeral=True)


async def open_modal(interaction: discord.Interaction, track: str) -> None:
    """Ask for the name of a persona of a track, `<task id>-<number>`. Raises Refusal."""
    entry = await meant(interaction, track)
    services_of(interaction).personas.check(await _clip(interaction, entry))
    modal = Wish(words.MODAL_TITLE, f"{PERSONA}:{entry.task_id}-{entry.number}")
    modal.line("name", words.NAME, MAX_NAME, hint=words.NAME_HINT)
    await interaction.response.send_modal(modal)


async def take_up(interaction: discord.Interaction, track: str, values: Mapping[str, Any]) -> None:
    """Make what the modal was filled with. Raises Refusal."""
    await create(interaction, track, str(values.get("name") or ""))


MODALS: Mapping[str, TakesUp] = {PERSONA: take_up}


async def _clip(interaction: discord.Interaction, entry: Entry) -> Clip:
    track = (await services_of(interaction).tracks.of(entry.task_id))[entry.number]
    return Clip(entry.provider, track.clip_id, entry.kind, track.expires_at)


def _origin(interaction: discord.Interaction) -> Origin:
    assert interaction.channel_id is not None
    return Origin(interaction.user.id, interaction.channel_id, interaction.guild_id)
