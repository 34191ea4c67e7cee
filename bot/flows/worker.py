"""A loop that outlives its worst round, sleeps until something is due, and ends in order."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.errors import StoreLost, StoreUnavailable
from bot.domain.ports import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")

#: A wall clock may jump: no sleep is longer than this, whatever is stored. In seconds.
LONGEST_SLEEP = 30.0
#: What is overdue and could not be done is held up by a limit; whatever lifts it wakes the worker.
OVERDUE_SLEEP = 5.0
#: After an error that nobody foresaw, or a write that the disk did not take.
ERROR_SLEEP = 1.0


class Worker:
    """Calls `step` until it finds nothing to do, then sleeps until it is woken or the next thing is due.

    `step` says whether it did something; `next_due` tells when there will be something to do. `parallel` runs that
    many of them side by side.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], Awaitable[bool]],
        next_due: Callable[[], Awaitable[datetime | None]],
        clock: Clock,
        parallel: int = 1,
    ) -> None:
        self.name = name
        self._step, self._next_due, self._clock, self._parallel = step, next_due, clock, parallel
        self._wake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def start(self) -> list[asyncio.Task[None]]:
        """Start the loops."""
        return [asyncio.create_task(self._forever(), name=f"{self.name}-{number}") for number in range(self._parallel)]

    def stop(self) -> None:
        """End each loop after the step it is in."""
        self._stopping = True
        self._wake.set()

    async def _forever(self) -> None:
        while not self._stopping:
            self._wake.clear()  # before the round, so that news during it is not lost
            sleep = await self._round()
            if not self._stopping:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), sleep)

    async def _round(self) -> float:
        """Do all there is to do; return for how many seconds to sleep."""
        try:
            while not self._stopping and await self._step():
                pass
            due = await self._next_due()
        except StoreLost:
            self.stop()
            return 0.0
        except StoreUnavailable as error:
            log.error("store unavailable, trying again", extra={"worker": self.name, "reason": str(error)})
            return ERROR_SLEEP
        except Exception:  # the loop outlives any one round
            log.exception("round failed", extra={"worker": self.name})
            return ERROR_SLEEP
        if due is None:
            return LONGEST_SLEEP
        left = (due - self._clock()).total_seconds()
        return min(left, LONGEST_SLEEP) if left > 0 else OVERDUE_SLEEP


def lasts(until: datetime | None, longest: timedelta, now: datetime) -> bool:
    """Say whether a pause is not over yet. One that ends further off than its longest was set by another clock."""
    return until is not None and timedelta(0) < until - now <= longest


async def insist(write: Callable[[], Awaitable[T]]) -> T:
    """Repeat `write` until the disk takes it: what the other side has done must not be forgotten. Raises StoreLost."""
    while True:
        try:
            return await write()
        except StoreLost:
            raise
        except StoreUnavailable as error:
            log.error("store unavailable, trying again", extra={"reason": str(error)})
            await asyncio.sleep(ERROR_SLEEP)
