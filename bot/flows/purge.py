"""Removing what has had its time: rows of servers that were left, the words of old tasks, small leftovers."""

import logging
from collections.abc import Callable, Set
from datetime import datetime, timedelta

from bot.domain.ports import Clock
from bot.domain.ports_purge import GRACE, Purging
from bot.flows.watch import JUMP, since_boot
from bot.flows.worker import Worker, insist

log = logging.getLogger(__name__)

#: A task of such a server that is still open then is looked at again after this.
STILL_OPEN = timedelta(hours=1)
#: Nothing is removed by age until the wall clock has gone evenly for so long, in seconds that no clock setting touches:
#: what a clock that is days ahead removes cannot be brought back.
EVEN_FOR = 3600.0


class Purge:
    """One loop for all that goes by age, and the ear for servers that are left and come back to."""

    def __init__(
        self,
        store: Purging,
        clock: Clock,
        *,
        prompt_retention_days: int,
        on_closed: Callable[[], None],
        elapsed: Callable[[], float] = since_boot,
    ) -> None:
        self._store, self._clock, self._on_closed = store, clock, on_closed
        self._even = _EvenClock(clock, elapsed)
        #: How long words are kept; None: until somebody deletes them.
        self._keep_words = timedelta(days=prompt_retention_days) if prompt_retention_days else None
        #: Whether it is known which servers the bot is in. A return during an outage must not be found out too late.
        self._in_sight = False
        #: How often sight was lost: a comparison that takes longer than that tells of the past.
        self._losses = 0
        self.worker = Worker("purge", self.step, self.next_due, clock)

    async def left(self, guild_id: int) -> None:
        """The bot has left a server, or was thrown out."""
        now = self._clock()
        await insist(lambda: self._store.left(guild_id, now, now + GRACE))
        log.info("server left", extra={"server": guild_id})
        self.worker.wake()

    async def returned(self, guild_id: int) -> None:
        """The bot is in a server (again)."""
        await insist(lambda: self._store.returned(guild_id))

    async def present(self, guild_ids: Set[int]) -> None:
        """The bot is in these servers and in no others: what happened while nobody listened is found out here."""
        now = self._clock()
        losses = self._losses
        left = 0

        async def compare() -> None:
            nonlocal left
            left = await self._store.present(guild_ids, now, now + GRACE)

        await insist(compare)
        if left:
            log.info("servers were left meanwhile", extra={"servers": left})
        if losses == self._losses:
            self.in_sight()

    def in_sight(self) -> None:
        """Discord tells again of every server that is left or joined."""
        self._in_sight = True
        self.worker.wake()

    def out_of_sight(self) -> None:
        """The gateway is gone, and with it the news of servers: nothing of theirs is removed meanwhile."""
        self._in_sight = False
        self._losses += 1

    async def step(self) -> bool:
        """Remove a little of what is due; say whether there was anything."""
        return (
            await self._close_waiting()
            or await self._remove_servers()
            or await self._remove_words()
            or await self._remove_leftovers()
            # Last: what goes together is cleared away together. No age is looked at, so it waits for no clock.
            or await self._store.clear_removed()
        )

    async def next_due(self) -> datetime | None:
        """Return when there will be something to remove."""
        if await self._store.has_waiting() or await self._store.has_removed():
            return self._clock()
        if not self._even.is_even():
            return None  # whatever is due: looked at again after the longest sleep
        words = await self._store.next_words() if self._keep_words else None
        times = [
            await self._store.next_server() if self._in_sight else None,
            words + self._keep_words if words and self._keep_words else None,
            await self._store.next_leftover(),
        ]
        return min((time for time in times if time), default=None)

    async def _close_waiting(self) -> bool:
        """What waits for its turn is not asked for any more; what a provider has goes on, to a direct message."""
        if not await self._store.has_waiting():
            return False
        closed = await self._store.close_waiting(self._clock())
        log.info("waiting tasks of left servers closed", extra={"tasks": closed})
        self._on_closed()
        return closed > 0

    async def _remove_servers(self) -> bool:
        if not self._in_sight or not self._is_due(await self._store.next_server()):
            return False
        now = self._clock()
        return await self._store.remove_left(now, now + STILL_OPEN)

    async def _remove_words(self) -> bool:
        if self._keep_words is None:
            return False
        oldest = await self._store.next_words()
        now = self._clock()
        if oldest is None or not self._is_due(oldest + self._keep_words):
            return False
        return await self._store.remove_words(now - self._keep_words, now) > 0

    async def _remove_leftovers(self) -> bool:
        if not self._is_due(await self._store.next_leftover()):
            return False
        return await self._store.remove_leftovers(self._clock()) > 0

    def _is_due(self, time: datetime | None) -> bool:
        """Looked at before anything is written: a round without work costs no commit."""
        return self._even.is_even() and time is not None and time <= self._clock()


class _EvenClock:
    """Compares the wall clock with seconds that nobody sets."""

    def __init__(self, clock: Clock, elapsed: Callable[[], float]) -> None:
        self._clock, self._elapsed = clock, elapsed
        self._now, self._looked = clock(), elapsed()
        self._since = self._looked

    def is_even(self) -> bool:
        """Say whether there was no jump for long enough; the start counts as one."""
        now, looked = self._clock(), self._elapsed()
        if abs((now - self._now) - timedelta(seconds=looked - self._looked)) > JUMP:
            self._since = looked
        self._now, self._looked = now, looked
        return looked - self._since >= EVEN_FOR
