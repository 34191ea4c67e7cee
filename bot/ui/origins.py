"""Where the card is of what something was made from."""

from collections.abc import Awaitable, Callable

from bot.domain.ports import Cards, Posted, Submissions
from bot.domain.task import Task

#: Returns the address of the card that a task's source came on; empty where none may be shown.
OriginLink = Callable[[Task], Awaitable[str]]


async def no_origin(task: Task) -> str:
    """Return no address: for a poster that knows no cards."""
    return ""


class Origins:
    """Looks the cards up."""

    def __init__(self, tasks: Submissions, cards: Cards) -> None:
        self._tasks, self._cards = tasks, cards

    async def link(self, task: Task) -> str:
        """Return the address of the card that a task's source came on, if whoever sees the new card may see that."""
        source = task.request.source
        origin = await self._tasks.get(source.task_id) if source and source.task_id else None
        posted = await self._cards.posted(origin.id) if origin else None
        if origin is None or posted is None or posted.message_id is None:
            return ""
        at_home = posted.channel_id == origin.origin.channel_id
        if not _same_eyes(task, origin, at_home=at_home):
            return ""
        return _address(posted, origin.origin.guild_id if at_home else None)


def _same_eyes(task: Task, origin: Task, *, at_home: bool) -> bool:
    """Say whether a link leads nobody to what is not for them. `at_home`: its card is where it was asked for."""
    here, there = task.origin, origin.origin
    if (task.request.private or here.guild_id is None) and here.member_id == there.member_id:
        return True
    return at_home and not origin.request.private and here.guild_id is not None and here.guild_id == there.guild_id


def _address(posted: Posted, guild_id: int | None) -> str:
    return f"https://discord.com/channels/{guild_id or '@me'}/{posted.channel_id}/{posted.message_id}"
