"""From a member's wish to the queued line: the one way, whatever was typed or pressed."""

import logging

import discord

from bot.domain.errors import MissingPermissions
from bot.domain.ports import Accepted
from bot.domain.task import Origin, Request
from bot.ui import words
from bot.ui.buttons import queued_view
from bot.ui.permissions import to_post
from bot.ui.services import Services, services_of
from bot.ui.words import elsewhere as elsewhere_words

log = logging.getLogger(__name__)

#: Discord's answers after which the member surely saw no line: the interaction is unknown, its webhook or token too, or
#: the line itself is refused. Not 40060 (already acknowledged): an answer of ours may have been carried out and lost.
_SURELY_NOT_SHOWN = {10062, 10015, 50027, 50035, 50001, 50013}


async def ask(
    interaction: discord.Interaction,
    request: Request,
    parent_id: str | None = None,
    wanted: str = "",
    rather: str = "",
) -> None:
    """Accept a request and answer with the queued line. Raises Refusal, and then nothing is kept.

    `parent_id`: the task whose card it is asked for from. `wanted`: the provider the member chose, if any.
    `rather`: the provider of that task, which is kept while it can make it.

    The row is committed before the answer goes out, and the provider is asked after it. An answer that could surely not
    be given takes the row with it, since the member saw a failure and will try again.
    """
    services = services_of(interaction)
    if not request.private:
        check_permissions(interaction)
    if request.persona_id:
        # It means something to one provider only, and only where it was made.
        wanted = await services.personas.singer(request.persona_id, interaction.user.id, interaction.guild_id, wanted)
    if not wanted and services.submit.keeps(rather, request):
        wanted = rather
    accepted = await services.submit.accept(request, _origin(interaction), wanted, parent_id)
    notice_id: int | None = None
    try:
        notice_id = await _answer(interaction, accepted, services)
    except Exception as error:  # whatever it was, one of two things is true
        if isinstance(error, discord.HTTPException) and error.code in _SURELY_NOT_SHOWN:
            await services.submit.withdraw(accepted.task.id)
            raise
        # The line may be there or not: the task is committed and goes on, and its card will come.
        log.warning("first answer was lost", extra={"task": accepted.task.id, "reason": type(error).__name__})
    if request.private:
        # An ephemeral line can only be reached through its interaction.
        services.answers.keep(accepted.task.id, interaction)
        notice_id = None
    await services.submit.answered(accepted.task.id, notice_id)


def check_permissions(interaction: discord.Interaction) -> None:
    """Raise MissingPermissions where the bot may not post a card into the channel."""
    if interaction.guild_id is None:
        return
    threads = isinstance(interaction.channel, discord.Thread)
    missing = [name for name in to_post(thread=threads) if not getattr(interaction.app_permissions, name)]
    if missing:
        raise MissingPermissions(missing)


def _origin(interaction: discord.Interaction) -> Origin:
    assert interaction.channel_id is not None
    return Origin(interaction.user.id, interaction.channel_id, interaction.guild_id)


def queued_line(services: Services, accepted: Accepted) -> tuple[str, discord.ui.View | None]:
    """Return the first words of a queued line, and its buttons; another provider is offered where its own is busy."""
    task, now = accepted.task, services.clock()
    rests_until = services.rests_until(task.provider) or now
    done = max(now, rests_until) + services.usually(task.provider, task.request.kind)
    if accepted.place is None:
        return words.queued(task, accepted.ahead, done, rests=rests_until > now), queued_view(task.id)
    label = words.provider_name(task.provider, services.labels)
    return elsewhere_words.busy(task, label, accepted.place, done), services.poster.line_view(task)


async def _answer(interaction: discord.Interaction, accepted: Accepted, services: Services) -> int | None:
    task = accepted.task
    text, view = queued_line(services, accepted)
    response = await interaction.response.send_message(
        text,
        view=view or discord.utils.MISSING,
        ephemeral=task.request.private,
        # A private line becomes the card, whose embeds are wanted; what a member wrote is escaped in any case.
        suppress_embeds=not task.request.private,
        allowed_mentions=discord.AllowedMentions.none(),
    )
    return response.message_id
