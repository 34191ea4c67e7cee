"""What `/track` does to one track: shows, renames, likes and deletes it."""

import discord

from bot.domain.ports import Posted
from bot.domain.ports_library import Entry
from bot.ui.card_buttons import DeleteButton
from bot.ui.card_changes import retitle, show_likes
from bot.ui.library_track import show_track
from bot.ui.services import services_of
from bot.ui.text import clean, shown
from bot.ui.tracks import found
from bot.ui.viewing import viewer_of
from bot.ui.words import track as words


async def show(interaction: discord.Interaction, typed: str) -> None:
    """Show a track, with a link to its card, to the member alone."""
    if entry := await found(interaction, typed, finished=False):
        await show_track(interaction, viewer_of(interaction), f"{entry.task_id}-{entry.number}")


async def rename(interaction: discord.Interaction, typed: str, title: str) -> None:
    """Give a track of the member's own another title. Raises BadOption, NotYours."""
    entry = await found(interaction, typed)
    if entry is None:
        return
    title = clean(title) if shown(title, 1) else ""
    await services_of(interaction).rename.rename(entry.task_id, entry.number, interaction.user.id, title)
    # First: Discord wants an answer within three seconds, whatever the card takes.
    await interaction.response.send_message(words.renamed(title), ephemeral=True)
    posted = await _posted(interaction, entry)
    if posted is not None and not await retitle(interaction.client, posted, entry.number, title):
        await interaction.edit_original_response(content=words.renamed_but_card(title))


async def like(interaction: discord.Interaction, typed: str) -> None:
    """Like a track's card, or take the like back, as its button does."""
    entry = await found(interaction, typed)
    if entry is None:
        return
    services = services_of(interaction)
    before = await services.cards.likes(entry.task_id)
    likes = await services.cards.like(entry.task_id, interaction.user.id, services.clock())
    await interaction.response.send_message(words.liked(entry, likes, taken_back=likes < before), ephemeral=True)
    if posted := await _posted(interaction, entry):
        await show_likes(interaction, posted, entry.task_id, likes)


async def delete(interaction: discord.Interaction, typed: str) -> None:
    """Ask whether to delete a track's card, as its button does. Raises NotYours."""
    entry = await found(interaction, typed)
    if entry is None:
        return
    if await _posted(interaction, entry) is None:
        await interaction.response.send_message(words.NO_CARD, ephemeral=True)
        return
    await DeleteButton(entry.task_id).pressed(interaction)


async def _posted(interaction: discord.Interaction, entry: Entry) -> Posted | None:
    return await services_of(interaction).cards.posted(entry.task_id)
