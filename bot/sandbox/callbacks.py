"""A pretend vendor's outgoing callbacks: one POST, repeated on a schedule until it is acknowledged."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp

from bot.sandbox.behaviour import Behaviour

#: Make the headers (a signature) that go with these bytes; called for every attempt.
Sign = Callable[[bytes], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Callback:
    """Hold what is to be sent, and where."""

    url: str
    body: bytes
    sign: Sign


@dataclass(frozen=True, slots=True)
class SentCallback:
    """Record one attempt: what was sent, and the status or the error that came back."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    status: int | None
    error: str | None = None

    @property
    def acknowledged(self) -> bool:
        """Say whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


class CallbackSender:
    """Send callbacks; after each attempt that was not acknowledged, wait as many seconds as the schedule says."""

    def __init__(self, behaviour: Behaviour, retry_after: Sequence[float]) -> None:
        self.sent: list[SentCallback] = []
        self._behaviour = behaviour
        self._retry_after = retry_after

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def deliver(self, callback: Callback, tried: asyncio.Event) -> None:
        """Send until acknowledged or given up, then repeat as told; `tried` is set after one attempt, good or bad."""
        try:
            if self._behaviour.callbacks and await self._persist(callback, tried):
                for _ in range(self._behaviour.callbacks - 1):
                    await self.send(callback)
        finally:
            tried.set()

    async def _persist(self, callback: Callback, tried: asyncio.Event) -> bool:
        """Keep to the schedule; say whether the callback was acknowledged in the end."""
        for delay in (0, *self._retry_after):
            await asyncio.sleep(delay * self._behaviour.time_scale)
            sent = await self.send(callback)
            tried.set()
            if sent.acknowledged:
                return True
        return False

    async def send(self, callback: Callback) -> SentCallback:
        """Make one attempt and record it."""
        headers = {"Content-Type": "application/json", **callback.sign(callback.body)}
        try:
            status, problem = await self._post(callback.url, callback.body, headers), None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            status, problem = None, repr(error)
        sent = SentCallback(callback.url, callback.body, headers, status, problem)
        self.sent.append(sent)
        return sent

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        timeout = aiohttp.ClientTimeout(total=self._behaviour.callback_timeout)
        async with self._session.post(
            url, data=body, headers=headers, timeout=timeout, allow_redirects=False
        ) as answer:
            return answer.status
