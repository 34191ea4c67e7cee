"""Posting a track after all that had been set aside."""

from collections.abc import Sequence

import discord

from bot.domain.ports import Posted
from bot.domain.task import Delivery, Task
from bot.ui.cancelling import offered, own
from bot.ui.services import Services, services_of
from bot.ui.words import track as words


async def resend(interaction: discord.Interaction, typed: str) -> None:
    """Take a set-aside track up again, and answer the member alone. Raises NotYours."""
    services, member_id = services_of(interaction), interaction.user.id
    mine = await services.deliver.set_aside(member_id)
    if not typed and len(mine) == 1:
        text = await _resend(services, mine[0])
    elif task := await own(services, typed, member_id):
        text = await _resend(services, task)
    elif mine:
        text = words.NO_SUCH_TRACK if typed else words.WHICH_ONE
    else:
        text = words.NOTHING_SET_ASIDE
    await interaction.response.send_message(text, ephemeral=True, suppress_embeds=True)


async def choices(interaction: discord.Interaction, typed: str) -> Sequence[Task]:
    """Return the member's tracks that are set aside and hold the words typed so far, the newest first."""
    return offered(await services_of(interaction).deliver.set_aside(interaction.user.id), typed)


async def _resend(services: Services, task: Task) -> str:
    if await services.deliver.resend(task.id, task.origin.member_id):
        return words.resending(task, directly=services.deliver.may_go_directly(task))
    # Read again: between the look and the press it may have been taken up.
    task = await services.tasks.get(task.id) or task
    if task.delivery is Delivery.SET_ASIDE:
        return words.too_soon(task, task.resend_at(services.clock()))
    posted = await services.cards.posted(task.id)
    return words.not_set_aside(task, "" if posted is None or posted.message_id is None else _link(task, posted))


def _link(task: Task, posted: Posted) -> str:
    guild = task.origin.guild_id if posted.channel_id == task.origin.channel_id else None
    return f"https://discord.com/channels/{guild or '@me'}/{posted.channel_id}/{posted.message_id}"
