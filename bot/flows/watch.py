"""Keeping an eye on what goes on under the bot: a clock that jumps, a loop that stands still, a file that is gone."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.errors import StoreUnavailable
from bot.domain.ports import Clock

log = logging.getLogger(__name__)

#: How often to look, in seconds.
EVERY = 1.0
#: Less is a clock being put right gently, and does no harm.
JUMP = timedelta(seconds=30)
#: For so long, in seconds, the loop may be busy with one thing before it counts.
STOOD_STILL = 1.0


class Times(Protocol):
    """The stored times of work in hand."""

    async def move(self, by: timedelta, now: datetime) -> int:
        """Move them by a jump of the clock, which now says `now`; return how many tasks that were."""


def since_boot() -> float:
    """Return seconds that no clock setting touches, and that go on while the machine sleeps, where that is known."""
    boot_clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_clock is None else time.clock_gettime(boot_clock)


class Watch:
    """Looks every second. `look_at_files` sees whether the database's files are still there; `seldom` counts lines."""

    def __init__(
        self,
        times: Times,
        look_at_files: Callable[[], None],
        seldom: Callable[[str], int],
        clock: Clock,
        elapsed: Callable[[], float] = since_boot,
    ) -> None:
        self._times, self._look_at_files, self._clock, self._elapsed = times, look_at_files, clock, elapsed
        self._seldom = seldom
        self._stopping = asyncio.Event()
        self._now, self._looked = clock(), elapsed()
        #: How often the loop stood still.
        self.stood_still = 0

    def start(self) -> list[asyncio.Task[None]]:
        """Start looking."""
        return [asyncio.create_task(self._forever(), name="watch")]

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()

    async def look(self) -> None:
        """Compare the clocks, and see to the files."""
        now, elapsed = self._clock(), self._elapsed()
        jump = (now - self._now) - timedelta(seconds=elapsed - self._looked)
        if abs(jump) > JUMP:
            tasks = await self._times.move(jump, now)
            log.warning("the clock jumped", extra={"seconds": round(jump.total_seconds()), "tasks": tasks})
        self._now, self._looked = now, elapsed
        self._look_at_files()

    async def _forever(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            due = loop.time() + EVERY
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), EVERY)
            self._count(loop.time() - due)
            try:
                await self.look()
            except StoreUnavailable:
                pass  # looked again in a second: the jump is not forgotten until the times are put right
            except Exception:  # the watch outlives whatever it sees
                log.exception("watch failed")

    def _count(self, late: float) -> None:
        if late < STOOD_STILL:
            return
        self.stood_still += 1
        if count := self._seldom("stood still"):
            log.warning("the event loop stood still", extra={"seconds": round(late, 1), "count": count})
