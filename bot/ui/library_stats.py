"""The library in numbers, with a drawn chart."""

import asyncio
import io
from dataclasses import replace

import discord

from bot.domain.ports_library import Scope, Stats
from bot.ui.mentions import mentions
from bot.ui.services import services_of
from bot.ui.viewing import viewer_of
from bot.ui.words import library as words


async def show_stats(interaction: discord.Interaction, scope: Scope) -> None:
    """Answer with the numbers and their drawing, to the member alone."""
    services = services_of(interaction)
    scope = scope if interaction.guild_id is not None else Scope.MINE
    await interaction.response.defer(ephemeral=True, thinking=True)
    numbers = await services.library.stats(viewer_of(interaction), scope, services.clock())
    numbers = replace(numbers, providers=[(services.labels.get(one, one), times) for one, times in numbers.providers])
    if not numbers.tracks:
        text = words.nothing_counted(await mentions(interaction))
        await interaction.followup.send(text, ephemeral=True)
        return
    picture = await asyncio.to_thread(drawing, numbers)
    file = discord.File(io.BytesIO(picture), words.DRAWING_NAME, description=words.drawing_alt(numbers))
    embed = discord.Embed(title=words.stats_heading(scope), description=words.stats(numbers))
    embed.set_image(url=f"attachment://{words.DRAWING_NAME}")
    await interaction.followup.send(embed=embed, file=file, ephemeral=True)


def drawing(numbers: Stats) -> bytes:
    """Return the numbers as a picture."""
    from bot.ui.chart import Bars, draw  # what draws is not held in memory by a bot that never does

    by_week, by_kind, by_maker = words.drawing_titles()
    return draw(
        Bars(by_week, [(words.week_label(week), times) for week, times in numbers.weeks]),
        Bars(by_kind, [(words.kind_label(kind), times) for kind, times in numbers.kinds]),
        Bars(by_maker, [(one, times) for one, times in numbers.providers]),
    )
