"""A pretend vendor's outgoing callbacks: one POST, repeated on a schedule until it is acknowledged."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp

from bot.sandbox.behaviour import Behaviour

#: Seconds to wait after each attempt that was not acknowledged; after the last the vendor gives up.
RETRY_AFTER = (30, 60, 120, 300, 600)


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
    """Send callbacks, with the headers (a signature) that `sign` makes for their bytes."""

    def __init__(self, behaviour: Behaviour, sign: Callable[[bytes], Mapping[str, str]]) -> None:
        self.sent: list[SentCallback] = []
        self._behaviour = behaviour
        self._sign = sign

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def deliver(self, url: str, body: bytes, tried: asyncio.Event) -> None:
        """Send until acknowledged or given up, then repeat as told; `tried` is set after one attempt."""
        if self._behaviour.callbacks and await self._persist(url, body, tried):
            for _ in range(self._behaviour.callbacks - 1):
                await self.send(url, body)
        tried.set()

    async def _persist(self, url: str, body: bytes, tried: asyncio.Event) -> bool:
        """Keep to the schedule; say whether the callback was acknowledged in the end."""
        for delay in (0, *RETRY_AFTER):
            await asyncio.sleep(delay * self._behaviour.time_scale)
            sent = await self.send(url, body)
            tried.set()
            if sent.acknowledged:
                return True
        return False

    async def send(self, url: str, body: bytes) -> SentCallback:
        """Make one attempt and record it."""
        headers = {"Content-Type": "application/json", **self._sign(body)}
        try:
            status, problem = await self._post(url, body, headers), None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            status, problem = None, repr(error)
        sent = SentCallback(url, body, headers, status, problem)
        self.sent.append(sent)
        return sent

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        timeout = aiohttp.ClientTimeout(total=self._behaviour.callback_timeout)
        async with self._session.post(
            url, data=body, headers=headers, timeout=timeout, allow_redirects=False
        ) as answer:
            return answer.status
