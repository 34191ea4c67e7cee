"""Stand between the vendor and the bot's listener, and see each answer before the vendor does."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

#: Looks at the bytes of an answer at once, and says whether the vendor may have them.
Watch = Callable[[bytes], bool]


class Relay:
    """Pass callbacks on to `port`; nobody there is a closed connection, as with the bot itself."""

    def __init__(self) -> None:
        self.url = ""
        self.port = 0
        self.watch: Watch = lambda _answer: True
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for serving in tuple(self._serving):
            serving.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                bot_reader, bot_writer = await asyncio.open_connection("127.0.0.1", self.port)
                await self._both_ways(reader, writer, bot_reader, bot_writer)
        finally:
            await _close(writer)

    async def _both_ways(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        bot_reader: asyncio.StreamReader,
        bot_writer: asyncio.StreamWriter,
    ) -> None:
        """Pass bytes on until either side has had enough."""
        ways = [
            asyncio.create_task(_pass_on(reader, bot_writer, lambda _request: True)),
            asyncio.create_task(_pass_on(bot_reader, writer, lambda answer: self.watch(answer))),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            await _close(bot_writer)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, may: Watch) -> None:
    while data := await reader.read(65536):
        if not may(data):
            return
        writer.write(data)
        await writer.drain()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
