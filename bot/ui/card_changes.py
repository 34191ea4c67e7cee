"""Bringing a posted card up to date: the number of likes on its button, a track's new title."""

import logging
import re

import discord

from bot.domain.errors import PostError
from bot.domain.ports import Posted
from bot.ui.card_view import view_of
from bot.ui.post_errors import translated
from bot.ui.services import services_of
from bot.ui.text import length, shown

log = logging.getLogger(__name__)

_LONGEST_CONTENT, _LONGEST_TITLE = 2000, 250


async def show_likes(interaction: discord.Interaction, posted: Posted, task_id: str, likes: int) -> None:
    """Show the number on the card's button; best effort."""
    services = services_of(interaction)
    task = await services.tasks.get(task_id)
    if posted.message_id is None or task is None:
        return
    channel = interaction.client.get_partial_messageable(posted.channel_id)
    view = view_of(services.submit.offers, task, await services.tracks.of(task_id), likes)
    try:
        async with translated():
            await channel.get_partial_message(posted.message_id).edit(view=view)
    except PostError as error:
        log.info("card not changed", extra={"task": task_id, "reason": str(error)})


async def retitle(client: discord.Client, posted: Posted, number: int, title: str) -> bool:
    """Show a track's new title on its card; say whether it stands there now. Its files keep their names."""
    if posted.message_id is None:
        return False
    channel = client.get_partial_messageable(posted.channel_id)
    try:
        async with translated():
            message = await channel.fetch_message(posted.message_id)
            content, embeds = retitled(message.content, number, title), message.embeds
            changed = [_with_title(embed, number, title) for embed in embeds]
            if content == message.content and not any(changed):
                return False
            await message.channel.get_partial_message(message.id).edit(  # type: ignore[union-attr]
                content=content, embeds=embeds, allowed_mentions=discord.AllowedMentions.none()
            )
    except PostError as error:
        log.info("card not renamed", extra={"message_id": posted.message_id, "reason": str(error)})
        return False
    return True


def retitled(content: str, number: int, title: str) -> str:
    """Return a card's text with a track's title changed in its line, where it has one and there is room."""
    pattern = re.compile(rf"^{number} · \*\*.*\*\*", re.MULTILINE)
    changed = pattern.sub(lambda _: f"{number} · **{shown(title, 100)}**", content, count=1)
    return changed if length(changed) <= _LONGEST_CONTENT else content


def _with_title(embed: discord.Embed, number: int, title: str) -> bool:
    """Change the title of this track's embed; say whether it is this track's.

    The cover is named as the attachment it is: by the address that Discord gave it, it would be shown twice.
    """
    if embed.image.url:
        embed.set_image(url=f"attachment://{embed.image.url.partition('?')[0].rpartition('/')[2]}")
    ours = (embed.title or "").startswith(f"{number} · ")
    if ours:
        embed.title = f"{number} · {shown(title, _LONGEST_TITLE)}"
    return ours
