"""Discord as the flows know it: posts cards, finds them again, and keeps queued lines true."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import aiohttp
import discord
from discord.abc import Messageable

from bot.domain.errors import AlreadyPosted, CannotPost, PostError, PostLater, TokenRefused
from bot.domain.ports import Place, Posted
from bot.domain.task import OPEN, Origin, State, Task
from bot.domain.track import FetchedTrack
from bot.ui import words
from bot.ui.answers import Answers
from bot.ui.buttons import queued_view
from bot.ui.card import Card, full_card, plain_card
from bot.ui.card_buttons import card_mark, card_view

log = logging.getLogger(__name__)

#: Bytes one file may have where nothing else is known. https://docs.discord.com/developers/reference#uploading-files
DEFAULT_UPLOAD = 10 * 1024 * 1024
#: An upload may take this long, and a second more for so many bytes.
UPLOAD_SECONDS, UPLOAD_BYTES_A_SECOND, LONGEST_UPLOAD = 60.0, 50_000, 900.0
#: How far back our clock may differ from Discord's, and how many messages are looked through.
SKEW = timedelta(minutes=1)
HISTORY = 2000
#: Discord's answer to the nonce of a message that was deleted since; and "this user takes no direct messages".
UNKNOWN_MESSAGE = 10008
#: What a message without files and embeds may still get past: missing permissions, size, a bad or filtered embed.
_PLAINER_HELPS = {50013, 40005, 50035, 200000, 0}


class DiscordPoster:
    """The port `Poster`."""

    def __init__(self, client: discord.Client, answers: Answers) -> None:
        self._client, self._answers = client, answers

    def upload_limit(self, origin: Origin) -> int:
        """See `ports.Poster`. A server's boosts raise it; the member's own Nitro does not count for a bot."""
        guild = self._client.get_guild(origin.guild_id) if origin.guild_id else None
        return DEFAULT_UPLOAD if guild is None else guild.filesize_limit

    async def post(self, task: Task, tracks: Sequence[FetchedTrack], more: int, place: Place, nonce: str) -> Posted:
        """See `ports.Poster`. Where files or embeds are refused, plain text with links is tried."""
        card = full_card(task, tracks, more, self.upload_limit(task.origin))
        if place is Place.EPHEMERAL:
            return await self._reveal(task, card)
        channel = await self._channel(task, place)
        try:
            return await _send(channel, card, task, nonce)
        except CannotPost as refused:
            if refused.code not in _PLAINER_HELPS:
                raise
            log.warning("posting without files", extra={"task": task.id, "reason": str(refused)})
            return await _send(channel, plain_card(task, tracks, more), task, nonce)

    async def find(self, task: Task, place: Place, since: datetime) -> Posted | None:
        """See `ports.Poster`."""
        if place is Place.EPHEMERAL:
            return None
        channel = await self._channel(task, place)
        if not self._can_read_history(task, place):
            log.warning("history cannot be read: posting may repeat", extra={"task": task.id})
            return None
        after = discord.Object(discord.utils.time_snowflake(since - SKEW))
        async with _translated():
            async for message in channel.history(limit=HISTORY, after=after, oldest_first=True):
                if self._is_card(message, task):
                    return Posted(message.channel.id, message.id)
        return None

    async def point(self, task: Task, posted: Posted) -> None:
        """See `ports.Poster`."""
        self._answers.forget(task.id)
        if posted.message_id is None:
            return
        here = posted.channel_id == task.origin.channel_id
        text = words.posted(task, _link(task, posted)) if here else words.posted_directly(task)
        await self.rewrite(task, text)

    async def rewrite(self, task: Task, text: str) -> None:
        """Change the queued line, if there is one; best effort."""
        if task.notice_id is None:
            return
        try:
            await self._edit_line(task, task.notice_id, text)
        except PostError as error:
            log.info("queued line not changed", extra={"task": task.id, "reason": str(error)})

    async def remove(self, channel_id: int, message_id: int) -> bool:
        """Delete a message of ours; say whether it is gone now, be it by this or by somebody before."""
        message = self._client.get_partial_messageable(channel_id).get_partial_message(message_id)
        try:
            async with _translated():
                await message.delete()
        except AlreadyPosted:  # Discord does not know the message any more
            return True
        except PostError as error:
            log.warning("message not deleted", extra={"message_id": message_id, "reason": str(error)})
            return False
        return True

    async def tell(self, task: Task, nonce: str) -> None:
        """See `ports.Poster`."""
        text = words.how_it_stands(task)
        if await self._tell_in_place(task, text):
            return
        if task.state is not State.FAILED:
            return  # a passing state is worth an edit, not a message of its own
        place = Place.DIRECT if task.request.private else Place.CHANNEL
        async with _translated():
            channel = await self._channel(task, place)
            await channel.send(text, nonce=nonce, allowed_mentions=_only_member(task), suppress_embeds=True)

    async def _tell_in_place(self, task: Task, text: str) -> bool:
        """Change the first answer, if there is one that can be changed; say whether that worked."""
        answer = self._answers.of(task.id)
        try:
            if answer is not None:
                async with _translated():
                    await answer.edit_original_response(content=text, view=_line_view(task))
                return True
            if task.notice_id is not None:
                await self._edit_line(task, task.notice_id, text)
                return True
        except (CannotPost, AlreadyPosted) as error:
            log.info("queued line is out of reach", extra={"task": task.id, "reason": str(error)})
        return False

    async def _edit_line(self, task: Task, notice_id: int, text: str) -> None:
        line = self._origin(task).get_partial_message(notice_id)
        async with _translated():
            await line.edit(content=text, view=_line_view(task), allowed_mentions=discord.AllowedMentions.none())

    async def _reveal(self, task: Task, card: Card) -> Posted:
        """Turn the ephemeral first answer into the card: an edit, so that doing it twice is doing it once."""
        answer = self._answers.of(task.id)
        if answer is None:
            raise CannotPost("the interaction has ended")
        async with _translated(card.size()):
            message = await answer.edit_original_response(
                content=card.content, embeds=card.embeds, attachments=card.files(), view=card_view(task.id)
            )
        return Posted(message.channel.id, None)

    async def _channel(self, task: Task, place: Place) -> Messageable:
        if place is Place.CHANNEL:
            return self._origin(task)
        async with _translated():
            return await self._client.create_dm(discord.Object(task.origin.member_id))

    def _origin(self, task: Task) -> discord.PartialMessageable:
        """Return the channel it was asked for in; nothing is fetched, so this works without a gateway."""
        return self._client.get_partial_messageable(task.origin.channel_id, guild_id=task.origin.guild_id)

    def _can_read_history(self, task: Task, place: Place) -> bool:
        """Without the permission Discord answers with an empty history, not with an error."""
        guild = self._client.get_guild(task.origin.guild_id) if task.origin.guild_id else None
        if guild is None or place is Place.DIRECT:
            return True
        channel = guild.get_channel_or_thread(task.origin.channel_id)
        return channel is None or channel.permissions_for(guild.me).read_message_history

    def _is_card(self, message: discord.Message, task: Task) -> bool:
        if self._client.user is None or message.author.id != self._client.user.id:
            return False
        rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
        return any(getattr(child, "custom_id", None) == card_mark(task.id) for row in rows for child in row.children)


async def _send(channel: Messageable, card: Card, task: Task, nonce: str) -> Posted:
    async with _translated(card.size()):
        message = await channel.send(
            card.content,
            embeds=card.embeds,
            files=card.files(),
            view=card_view(task.id),
            nonce=nonce,
            allowed_mentions=_only_member(task),
        )
    return Posted(message.channel.id, message.id)


def _only_member(task: Task) -> discord.AllowedMentions:
    return discord.AllowedMentions(
        everyone=False, roles=False, replied_user=False, users=[discord.Object(task.origin.member_id)]
    )


def _line_view(task: Task) -> discord.ui.View | None:
    """Return the buttons of a queued line: as long as nothing has come of the task, it can be taken back."""
    return queued_view(task.id) if task.state in OPEN else None


def _link(task: Task, posted: Posted) -> str:
    return f"https://discord.com/channels/{task.origin.guild_id or '@me'}/{posted.channel_id}/{posted.message_id}"


@asynccontextmanager
async def _translated(upload: int = 0) -> AsyncIterator[None]:
    """Turn what Discord and the network answer into the words of the flows. `upload`: bytes that are sent."""
    try:
        async with asyncio.timeout(min(UPLOAD_SECONDS + upload / UPLOAD_BYTES_A_SECOND, LONGEST_UPLOAD)):
            yield
    except discord.RateLimited as error:
        raise PostLater("rate limited", error.retry_after) from error
    except discord.HTTPException as error:
        raise _post_error(error) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise PostLater(type(error).__name__) from error


def _post_error(error: discord.HTTPException) -> PostError:
    reason = f"HTTP {error.status}, code {error.code}"
    if error.status == 429 or error.status >= 500:
        return PostLater(reason)
    if error.code == UNKNOWN_MESSAGE:
        return AlreadyPosted(reason)
    if error.status == 401:
        # 50027 is an interaction's token that has died, not the bot's.
        return CannotPost(reason, error.code) if error.code == 50027 else TokenRefused(reason)
    if error.code == 0 and error.status == 403:
        return PostLater(reason)  # not in Discord's own words: something before it (Cloudflare) said no
    return CannotPost(reason, error.code)
