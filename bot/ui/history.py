"""Looking for a card among a channel's messages: the only proof, once its nonce is forgotten."""

import logging
from datetime import datetime, timedelta

import discord
from discord.abc import Messageable

from bot.domain.ports import Posted
from bot.domain.task import Task
from bot.ui.card_buttons import card_mark
from bot.ui.post_errors import translated

log = logging.getLogger(__name__)

#: How far back our clock may differ from Discord's, and how many messages are looked through from either end.
SKEW = timedelta(minutes=1)
HISTORY = 2000


async def find_card(channel: Messageable, task: Task, since: datetime, own_id: int | None) -> Posted | None:
    """Look for a card of this task that is not older than `since`; `own_id` is the bot's own user. Raises PostError."""
    after = discord.Object(discord.utils.time_snowflake(since - SKEW))
    found = await _search(channel, task, after, None, own_id)
    if found is None and task.notice_id is not None and task.notice_id < after.id:
        # Our clock may have been wrong then. Discord's own numbers tell: no card is older than its queued line.
        found = await _search(channel, task, discord.Object(task.notice_id), after, own_id)
    return found


async def _search(
    channel: Messageable, task: Task, after: discord.Object, before: discord.Object | None, own_id: int | None
) -> Posted | None:
    """Look for the card among the messages between two numbers; of very many, at both ends.

    The newest first, where the last try was; the first try was at the other end.
    """
    for oldest_first in (False, True):
        looked_at = 0
        async with translated():
            # Backwards, discord.py would go on past `after` to the limit: the end is ours to notice.
            start = after if oldest_first else None
            async for message in channel.history(limit=HISTORY, after=start, before=before, oldest_first=oldest_first):
                if message.id <= after.id:
                    return None
                if _is_card(message, task, own_id):
                    return Posted(message.channel.id, message.id)
                looked_at += 1
        if looked_at < HISTORY:
            return None
    log.warning("history is too long: posting may repeat", extra={"task": task.id, "messages": 2 * HISTORY})
    return None


def _is_card(message: discord.Message, task: Task, own_id: int | None) -> bool:
    if message.author.id != own_id:
        return False
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    return any(getattr(child, "custom_id", None) == card_mark(task.id) for row in rows for child in row.children)
