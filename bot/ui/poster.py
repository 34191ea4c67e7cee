"""Discord as the flows know it: posts cards, finds them again, and keeps queued lines true."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import discord
from discord.abc import Messageable

from bot.domain.contract import Contract
from bot.domain.errors import AlreadyPosted, CannotPost, PostError
from bot.domain.ports import Place, Posted
from bot.domain.task import Origin, State, Task
from bot.domain.track import FetchedTrack
from bot.ui.answers import Answers
from bot.ui.card import Card, Look, make_card
from bot.ui.card_view import view_of
from bot.ui.elsewhere import Elsewhere, elsewhere_view
from bot.ui.history import find_card
from bot.ui.lines import line_text, line_view
from bot.ui.origins import OriginLink, no_origin
from bot.ui.post_errors import (
    ARCHIVED_THREAD,
    BLOCKED_BY_RULES,
    INVALID_FORM,
    MISSING_PERMISSIONS,
    TOO_LARGE,
    translated,
)

log = logging.getLogger(__name__)

Offers = Callable[[], Sequence[Contract]]

#: Bytes one file may have where nothing else is known. https://docs.discord.com/developers/reference#uploading-files
DEFAULT_UPLOAD = 10 * 1024 * 1024
#: What a message without files and embeds may still get past: missing permissions, size, a bad embed. 0 is no code of
#: Discord's: something before it found the request too large or too odd.
_PLAINER_HELPS = {MISSING_PERMISSIONS, TOO_LARGE, INVALID_FORM, 0}


class DiscordPoster:
    """The port `Poster`.

    `labels`: the providers' names as people read them; `elsewhere`: who else could make it; `offers`: what can be made
    from its tracks, and by whom; `origin_link`: where the card is of what it was made from.
    """

    def __init__(
        self,
        client: discord.Client,
        answers: Answers,
        labels: Mapping[str, str],
        elsewhere: Elsewhere = lambda task: (),
        offers: Offers = tuple,
        origin_link: OriginLink = no_origin,
    ) -> None:
        self._client, self._answers, self._labels, self._elsewhere = client, answers, labels, elsewhere
        self._offers, self._origin_link = offers, origin_link

    def upload_limit(self, origin: Origin) -> int:
        """See `ports.Poster`. A server's boosts raise it; the member's own Nitro does not count for a bot."""
        guild = self._client.get_guild(origin.guild_id) if origin.guild_id else None
        return DEFAULT_UPLOAD if guild is None else guild.filesize_limit

    async def post(self, task: Task, tracks: Sequence[FetchedTrack], more: int, place: Place, nonce: str) -> Posted:
        """See `ports.Poster`. A place that refuses the card is shown less of it, twice at most."""
        limit = DEFAULT_UPLOAD if place is Place.DIRECT else self.upload_limit(task.origin)
        origin = await self._origin_link(task)
        view = view_of(self._offers(), task, [one.number for one in tracks])
        look, send = self._look(task, place), await self._way(task, place, nonce, view)
        while True:
            try:
                return await send(make_card(task, tracks, more, limit, look, self._labels, origin))
            except CannotPost as refused:
                less = _less(look, refused.code)
                if less == look:
                    raise
                # A form that Discord finds invalid is a fault of ours.
                level = logging.ERROR if refused.code == INVALID_FORM else logging.WARNING
                log.log(level, "card refused, showing less", extra={"task": task.id, "reason": str(refused)})
                look = less

    async def _way(
        self, task: Task, place: Place, nonce: str, view: discord.ui.View
    ) -> Callable[[Card], Awaitable[Posted]]:
        """Return what brings a card to the place."""
        if place is Place.EPHEMERAL:
            return lambda card: self._reveal(task, card, view)
        channel = await self._channel(task, place)
        if place is Place.CHANNEL and task.origin.guild_id is not None:
            return lambda card: self._send_reopening(channel, card, task, nonce, view)
        return lambda card: _send(channel, card, task, nonce, view)

    async def _send_reopening(
        self, channel: Messageable, card: Card, task: Task, nonce: str, view: discord.ui.View
    ) -> Posted:
        """Send; a thread that has been archived is opened again where the bot may."""
        try:
            return await _send(channel, card, task, nonce, view)
        except CannotPost as refused:
            if refused.code != ARCHIVED_THREAD or not await self._reopen(task):
                raise
        return await _send(channel, card, task, nonce, view)

    async def _reopen(self, task: Task) -> bool:
        """Take a thread out of the archive; say whether that worked. A locked one takes Manage Threads."""
        try:
            async with translated():
                thread = await self._client.fetch_channel(task.origin.channel_id)
                if isinstance(thread, discord.Thread):
                    await thread.edit(archived=False)
        except CannotPost as refused:
            log.info("thread not reopened", extra={"task": task.id, "reason": str(refused)})
            return False
        return True

    def _look(self, task: Task, place: Place) -> Look:
        """Return how much of the card the place takes, as far as its permissions are known."""
        known = self._permissions(task) if place is Place.CHANNEL else None
        return Look() if known is None else Look(files=known.attach_files, embeds=known.embed_links)

    async def find(self, task: Task, place: Place, since: datetime) -> Posted | None:
        """See `ports.Poster`."""
        if place is Place.EPHEMERAL:
            return None
        channel = await self._channel(task, place)
        if not self._can_read_history(task, place):
            log.warning("history cannot be read: posting may repeat", extra={"task": task.id})
            return None
        own_id = None if self._client.user is None else self._client.user.id
        return await find_card(channel, task, since, own_id)

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
            async with translated():
                await message.delete()
        except AlreadyPosted:  # Discord does not know the message any more
            return True
        except PostError as error:
            log.warning("message not deleted", extra={"message_id": message_id, "reason": str(error)})
            return False
        return True

    async def tell(self, task: Task, nonce: str, place: int | None) -> None:
        """See `ports.Poster`."""
        text = line_text(task, place, self._labels)
        if await self._tell_in_place(task, text):
            return
        if task.state is not State.FAILED:
            return  # a passing state is worth an edit, not a message of its own
        async with translated():
            channel = await self._channel(task, Place.DIRECT if task.request.private else Place.CHANNEL)
            await channel.send(
                text,
                nonce=nonce,
                view=elsewhere_view(task, self._elsewhere) or discord.utils.MISSING,
                allowed_mentions=_only_member(task),
                suppress_embeds=True,
            )

    async def _tell_in_place(self, task: Task, text: str) -> bool:
        """Change the first answer, if there is one that can be changed; say whether that worked."""
        answer = self._answers.of(task.id)
        try:
            if answer is not None:
                async with translated():
                    await answer.edit_original_response(content=text, view=self.line_view(task))
                return True
            if task.notice_id is not None:
                await self._edit_line(task, task.notice_id, text)
                return True
        except (CannotPost, AlreadyPosted) as error:
            log.info("queued line is out of reach", extra={"task": task.id, "reason": str(error)})
        return False

    async def _edit_line(self, task: Task, notice_id: int, text: str) -> None:
        line = self._origin(task).get_partial_message(notice_id)
        async with translated():
            await line.edit(content=text, view=self.line_view(task), allowed_mentions=discord.AllowedMentions.none())

    def line_view(self, task: Task) -> discord.ui.View | None:
        """Return the buttons under the queued line of a task, as it stands."""
        return line_view(task, self._elsewhere)

    async def _reveal(self, task: Task, card: Card, view: discord.ui.View) -> Posted:
        """Turn the ephemeral first answer into the card: an edit, so that doing it twice is doing it once."""
        answer = self._answers.of(task.id)
        if answer is None:
            raise CannotPost("the interaction has ended")
        try:
            async with translated(card.size()):
                message = await answer.edit_original_response(
                    content=card.content, embeds=card.embeds, attachments=card.files(), view=view
                )
        except AlreadyPosted as gone:  # the answer was deleted, and the card was never in it
            raise CannotPost(str(gone)) from gone
        self._answers.forget(task.id)
        return Posted(message.channel.id, None)

    async def _channel(self, task: Task, place: Place) -> Messageable:
        if place is Place.CHANNEL:
            return self._origin(task)
        async with translated():
            return await self._client.create_dm(discord.Object(task.origin.member_id))

    def _origin(self, task: Task) -> discord.PartialMessageable:
        """Return the channel it was asked for in; nothing is fetched, so this works without a gateway."""
        return self._client.get_partial_messageable(task.origin.channel_id, guild_id=task.origin.guild_id)

    def _can_read_history(self, task: Task, place: Place) -> bool:
        """Without the permission Discord answers with an empty history, not with an error."""
        known = self._permissions(task) if place is Place.CHANNEL else None
        return known is None or known.read_message_history

    def _permissions(self, task: Task) -> discord.Permissions | None:
        """Return what the bot may do in the channel; None where the gateway has not told."""
        guild = self._client.get_guild(task.origin.guild_id) if task.origin.guild_id else None
        channel = guild.get_channel_or_thread(task.origin.channel_id) if guild else None
        if guild is None or channel is None or (isinstance(channel, discord.Thread) and channel.parent is None):
            return None
        return channel.permissions_for(guild.me)


def _less(look: Look, code: int | None) -> Look:
    """Return what a place that refused `look` may still take; the same where nothing less would help."""
    if code == BLOCKED_BY_RULES:
        return replace(look, embeds=False, words=False)
    return replace(look, files=False, embeds=False) if code in _PLAINER_HELPS else look


async def _send(channel: Messageable, card: Card, task: Task, nonce: str, view: discord.ui.View) -> Posted:
    async with translated(card.size()):
        message = await channel.send(
            card.content,
            embeds=card.embeds,
            files=card.files(),
            view=view,
            nonce=nonce,
            allowed_mentions=_only_member(task),
        )
    return Posted(message.channel.id, message.id)


def _only_member(task: Task) -> discord.AllowedMentions:
    return discord.AllowedMentions(
        everyone=False, roles=False, replied_user=False, users=[discord.Object(task.origin.member_id)]
    )
