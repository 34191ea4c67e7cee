"""Many posts at once, by a client that does next to nothing: bytes made beforehand, and one look at each answer."""

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

#: Longer than any answer takes; a listener that has died must not be waited for.
PATIENCE = 30.0


@dataclass
class Load:
    """What came back: how many answers of each status, each wait in milliseconds, and the seconds of it all."""

    statuses: dict[bytes, int] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def all_are(self, status: bytes, count: int) -> bool:
        """Say whether there were exactly `count` answers, all with `status`."""
        return self.statuses == {status: count}

    def __str__(self) -> str:
        return ", ".join(f"{count} × {status.decode()}" for status, count in self.statuses.items()) or "nothing"

    @property
    def p99(self) -> float:
        """The 99th percentile of the waits."""
        return statistics.quantiles(self.waits, n=100, method="inclusive")[98]


class _Line(asyncio.Protocol):
    """One connection: sends a request, waits for its answer, sends the next; closes when none is left."""

    def __init__(self, requests: Iterator[bytes], load: Load) -> None:
        self._requests, self._load = requests, load
        self._got, self._at = b"", 0.0
        self.through = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            return
        self._got, self._at = b"", time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, end, body = self._got.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        self._load.waits.append((time.perf_counter() - self._at) * 1000)
        status = head[9:12]
        self._load.statuses[status] = self._load.statuses.get(status, 0) + 1
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.through.done():
            self.through.set_result(None)


def _length(head: bytes) -> int:
    """Return how long the body is; a 204 has none, and says nothing about it."""
    _, found, rest = head.lower().partition(b"content-length: ")
    return int(rest.partition(b"\r\n")[0]) if found else 0


async def post(port: int, requests: Sequence[bytes], lines: int) -> Load:
    """Send `requests` over so many connections at a time, opened now. One that breaks off leaves its answer out."""
    load, waiting = Load(), iter(requests)
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    async with asyncio.timeout(PATIENCE):
        opening = [loop.create_connection(lambda: _Line(waiting, load), "127.0.0.1", port) for _ in range(lines)]
        opened = await asyncio.gather(*opening)
        await asyncio.gather(*[line.through for _, line in opened])
    load.seconds = time.perf_counter() - began
    return load
