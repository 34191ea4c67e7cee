"""Let tests wait for changes, and move the time that Discord's deadlines are measured in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Clock:
    """Discord's clock for windows and deadlines, in seconds; it can be moved forward."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Return the time now; only differences mean anything."""
        return time.monotonic() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self._ahead += seconds


class Changes:
    """Wakes whoever waits for a condition, each time anything in Discord has changed."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def announce(self) -> None:
        """Have every waiting condition looked at again."""
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, condition: Callable[[], T], timeout: float, what: Callable[[], str]) -> T:
        """Return the first true value of `condition`; after `timeout` seconds TimeoutError, saying `what`."""
        try:
            async with asyncio.timeout(timeout):
                while not (value := condition()):
                    await self._next()
                return value
        except TimeoutError:
            raise TimeoutError(f"not within {timeout:g} s: {what()}") from None

    async def _next(self) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)
