"""Commands that a member can click, by the ids Discord gave them when they were synced."""

import json
from collections.abc import Sequence

import discord
from discord import app_commands

from bot.ui.services import services_of
from bot.ui.words.account import Mention


def fact_name(application_id: int | None) -> str:
    """Return the name of the fact that keeps the ids."""
    return f"command ids of {application_id}"


def written(synced: Sequence[app_commands.AppCommand]) -> str:
    """Return the ids as the fact keeps them."""
    return json.dumps({command.name: command.id for command in synced})


async def mentions(interaction: discord.Interaction) -> Mention:
    """Return what mentions commands; a command whose id is not known is only written out."""
    kept = await services_of(interaction).recall(fact_name(interaction.application_id))
    ids: dict[str, int] = json.loads(kept or "{}")

    def mention(command: str) -> str:
        number = ids.get(command.split()[0])
        return f"`/{command}`" if number is None else f"</{command}:{number}>"

    return mention
