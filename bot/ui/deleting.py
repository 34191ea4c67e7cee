"""Deleting a card: by the member who asked for it or a moderator, after asking once."""

import logging

import discord

from bot.domain.errors import NotATrack, NotYours
from bot.domain.task import Task
from bot.ui.services import services_of
from bot.ui.words import cards

log = logging.getLogger(__name__)


async def ask_to_delete(interaction: discord.Interaction, task_id: str, view: discord.ui.View) -> None:
    """Ask ephemerally; `view` holds the button that goes on. Raises NotYours, NotATrack."""
    await _check(interaction, task_id)
    posted = await services_of(interaction).cards.posted(task_id)
    if posted is not None and posted.message_id is None:
        await interaction.response.send_message(cards.DISMISS, ephemeral=True)
        return
    await interaction.response.send_message(cards.DELETE_QUESTION, view=view, ephemeral=True)


async def delete(interaction: discord.Interaction, task_id: str) -> None:
    """Delete the card from Discord, and say so where the question was. Raises NotYours, NotATrack."""
    task = await _check(interaction, task_id)
    services = services_of(interaction)
    posted = await services.cards.posted(task_id)
    if posted is None:
        raise NotATrack
    # First: Discord wants an answer within three seconds, whatever the deleting takes.
    await interaction.response.edit_message(content=cards.DELETING, view=None)
    gone = posted.message_id is not None and await services.poster.remove(posted.channel_id, posted.message_id)
    if gone:
        await services.cards.deleted(task_id, services.clock())
        # Only now: its audio goes there as well.
        services.vendor_jobs.delete(task)
        await services.poster.rewrite(task, cards.deleted(task))
        log.info("card deleted", extra={"task": task_id, "by_owner": interaction.user.id == task.origin.member_id})
    await interaction.edit_original_response(content=cards.DELETED if gone else cards.NOT_DELETED)


async def _check(interaction: discord.Interaction, task_id: str) -> Task:
    """Return the task, if whoever pressed may delete its card."""
    task = await services_of(interaction).tasks.get(task_id)
    if task is None:
        raise NotATrack
    moderates = interaction.guild_id is not None and interaction.permissions.manage_messages
    here = interaction.guild_id == task.origin.guild_id
    if interaction.user.id != task.origin.member_id and not (moderates and here):
        raise NotYours
    return task
