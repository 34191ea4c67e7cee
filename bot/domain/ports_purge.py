"""What purging needs from the store."""

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Protocol

#: The rows of a server the bot has left are kept for so long: being thrown out may be a slip of the hand.
GRACE = timedelta(days=7)


class Purging(Protocol):
    """What goes by age. Each call that removes is one small commit, and says whether it found anything to do."""

    async def left(self, guild_id: int, now: datetime, purge_at: datetime) -> None:
        """The bot has left a server; one that is noted already keeps its first moment."""

    async def returned(self, guild_id: int) -> None:
        """The bot is back in a server: nothing of it is to go."""

    async def present(self, guild_ids: Set[int], now: datetime, purge_at: datetime) -> int:
        """These are all servers the bot is in: note the others and the returned; return how many are newly left."""

    async def close_waiting(self, now: datetime) -> int:
        """Fail tasks of left servers that no provider was asked for; return how many."""

    async def remove_left(self, now: datetime, again_at: datetime) -> bool:
        """Remove some rows of a server whose time is over. What is still open there is looked at `again_at`."""

    async def remove_words(self, finished_before: datetime, now: datetime) -> int:
        """Empty the texts of some tasks that ended before; return of how many."""

    async def remove_leftovers(self, now: datetime) -> int:
        """Remove some strays, and times that count against nobody's day any more; return how many."""

    async def clear_removed(self) -> bool:
        """Take a step towards removed words standing in no file any more; say whether that led anywhere."""

    async def has_removed(self) -> bool:
        """Say whether something was removed that may still stand in a file, by age or at a member's wish."""

    async def next_server(self) -> datetime | None:
        """Return when the next left server's rows are due."""

    async def next_words(self) -> datetime | None:
        """Return when the oldest task that still has its words ended."""

    async def next_leftover(self) -> datetime | None:
        """Return when the next stray or spent time is too old."""

    async def has_waiting(self) -> bool:
        """Say whether there is a waiting task of a left server."""
