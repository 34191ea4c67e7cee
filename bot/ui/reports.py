"""What members report to whoever runs the bot: into the log, and into the operator's channel."""

import logging
import re
import secrets
from dataclasses import dataclass

import aiohttp
import discord

from bot.domain.errors import BadOption
from bot.domain.ports_members import Message
from bot.ui.services import Services, services_of
from bot.ui.text import plain
from bot.ui.words import account as words

log = logging.getLogger(__name__)

#: Characters of a report, all of which the log gets.
LONGEST = 1000
_TASK_ID = re.compile(r"[0-9a-z]{12}")
_MESSAGE_LINK = re.compile(r"https://(?:\w+\.)?discord(?:app)?\.com/channels/(?:@me|\d{1,20})/(\d{1,19})/(\d{1,19})/?")


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `track` is what the member wrote; `task_id` the track it stands for, where that is known."""

    number: str
    member_id: int
    track: str
    task_id: str | None
    what: str


async def report(interaction: discord.Interaction, what: str, track: str) -> None:
    """Take a report in: first the log, then the answer, then the operator's channel. Raises BadOption."""
    if not what:
        raise BadOption("what", LONGEST, 0)
    services = services_of(interaction)
    task_id = await _task_id(services, track)
    made = Report(secrets.token_hex(4), interaction.user.id, track, task_id, what)
    # A warning, so that it is not lost where LOG_LEVEL leaves information out.
    log.warning(
        "report",
        extra={
            "report": made.number,
            "member": made.member_id,
            "task": task_id,
            "track": plain(track, 200),
            "text": plain(what, LONGEST),
        },
    )
    await interaction.response.send_message(words.reported(made.number, bool(track and not task_id)), ephemeral=True)
    if services.report_channel is not None:
        await _post(interaction.client, services.report_channel, made)


async def _post(client: discord.Client, channel_id: int, made: Report) -> None:
    """The member has the number already and the log has the report: a closed channel only loses the message."""
    text = words.report_for_operator(made.number, made.member_id, made.task_id, made.track, made.what)
    channel = client.get_partial_messageable(channel_id)
    try:
        await channel.send(text, allowed_mentions=discord.AllowedMentions.none(), suppress_embeds=True)
    except (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError) as error:
        log.warning("report not posted: check REPORT_CHANNEL", extra={"report": made.number, "reason": str(error)})


async def _task_id(services: Services, track: str) -> str | None:
    """Return the id of the track that a task id or a link to its message stands for."""
    if _TASK_ID.fullmatch(track):
        return None if await services.tasks.get(track) is None else track
    if link := _MESSAGE_LINK.fullmatch(track):
        message = Message(int(link[1]), int(link[2]))
        if max(message.channel_id, message.message_id) < 2**63:
            return await services.members.task_of(message)
    return None
