"""The listener: takes in providers' signed callbacks, has them committed, and only then says 204."""

import asyncio
import functools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import hdrs, web
from aiohttp.http import HttpProcessingError

from bot.connections import MOST_CONNECTIONS, Connections
from bot.domain.errors import BadCallback, BadSignature, StartRefused, StoreUnavailable
from bot.domain.ports import Clock
from bot.domain.ports_outside import CallbackReader
from bot.flows.intake import Intake
from bot.logs import Seldom

log = logging.getLogger(__name__)

#: A callback is a few kilobytes. In bytes, and in seconds for its body to arrive: aiohttp has no deadline of its own.
LARGEST_BODY = 256 * 1024
BODY_SECONDS = 3.0
#: A commit that takes longer is left to the provider's next try. The least patient vendor waits 10 s for an answer.
COMMIT_SECONDS = 5.0
RETRY_AFTER = {"Retry-After": "10"}

#: How a body breaks off, with aiohttp's C parser and with its Python one.
_BROKEN_OFF = (web.RequestPayloadError, HttpProcessingError, ConnectionError)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ProviderHandler = Callable[[web.Request, str], Awaitable[web.StreamResponse | None]]
#: Recording what a callback says, not yet begun.
TakingIn = Coroutine[Any, Any, object]


class CallbackListener:
    """The routes. After `drain` every callback is answered with 503: the provider tries again."""

    def __init__(
        self,
        readers: Mapping[str, CallbackReader],
        intake: Intake,
        clock: Clock,
        seldom: Seldom | None = None,
        *,
        body_seconds: float = BODY_SECONDS,
        commit_seconds: float = COMMIT_SECONDS,
        most_connections: int = MOST_CONNECTIONS,
    ) -> None:
        self._readers, self._intake, self._clock = readers, intake, clock
        self._seldom = seldom or Seldom()
        self._body_seconds, self._commit_seconds = body_seconds, commit_seconds
        self._draining = False
        self.connections = Connections(most_connections)

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[self._count_strangers])
        app.router.add_get("/healthz", _alive)
        for name, reader in self._readers.items():
            # No other characters are in a key, so nothing else gets as far as the database.
            path = f"/callbacks/{name}/{{key:[A-Za-z0-9_-]+}}" if reader.contract.keyed else f"/callbacks/{name}"
            app.router.add_post(path, self._counting(name, self._receive), expect_handler=self._counting(name, _expect))
        return app

    def drain(self) -> None:
        """Take nothing in any more."""
        self._draining = True

    @web.middleware
    async def _count_strangers(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count what is meant for no path of ours; by status alone, because paths are without end."""
        try:
            return await handler(request)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as answer:
            self._refused("", str(answer.status))
            raise

    def _counting(self, provider: str, handle: ProviderHandler) -> Any:
        async def counting(request: web.Request) -> web.StreamResponse | None:
            try:
                return await handle(request, provider)
            except web.HTTPException as answer:
                self._refused(provider, str(answer.status))
                raise
            except ConnectionError:  # whoever sent it has gone: there is nobody to answer
                raise
            except Exception as error:  # no input may flood the log, and no fault of ours lose a callback
                if count := self._seldom(f"unexpected {type(error).__name__}"):
                    log.exception("callback failed unexpectedly", extra={"provider": provider, "count": count})
                return _later()

        return counting

    async def _receive(self, request: web.Request, provider: str) -> web.Response:
        if self._draining:
            return _later()
        body = await _read_body(request, self._body_seconds)
        with self.connections.in_hand(request.protocol):
            return await self._decide(request, provider, body)

    async def _decide(self, request: web.Request, provider: str, body: bytes) -> web.Response:
        key = request.match_info.get("key")
        headers = [(name.lower(), value) for name, value in request.headers.items()]
        try:
            update = self._readers[provider].read_callback(headers, body, key, self._clock())
        except BadSignature as error:
            self._refused(provider, f"401 {error}")
            return web.Response(status=401, text="unauthorized\n")
        except BadCallback as error:
            self._refused(provider, f"400 {error}")
            refusal = web.Response(status=400, text="not a callback\n")
            if key is None:
                return refusal
            return await self._once_committed(self._intake.unreadable(key), refusal, provider)
        if update is None:
            return web.Response(status=204)
        return await self._once_committed(self._intake.apply(update), web.Response(status=204), provider)

    async def _once_committed(self, taking_in: TakingIn, answer: web.Response, provider: str) -> web.Response:
        """Return `answer` once it is on disk, or 503.

        In a task of its own: a commit that outlasts its answer is news all the same, and wakes whoever waits for it.
        """
        task = asyncio.create_task(self._take_in(taking_in, answer, provider))
        await asyncio.wait([task], timeout=self._commit_seconds)
        return task.result() if task.done() else self._unavailable(provider, TimeoutError())

    async def _take_in(self, taking_in: TakingIn, answer: web.Response, provider: str) -> web.Response:
        try:
            await taking_in
        except StoreUnavailable as error:
            return self._unavailable(provider, error)
        return answer

    def _unavailable(self, provider: str, error: Exception) -> web.Response:
        self._refused(provider, f"503 {type(error).__name__}")
        return _later()

    def _refused(self, provider: str, kind: str) -> None:
        """Count a refusal; write at most one line a minute for each kind, whatever anybody sends."""
        if count := self._seldom(kind[:60]):
            log.warning("callback refused", extra={"provider": provider, "kind": kind[:200], "count": count})


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _expect(request: web.Request, _provider: str) -> web.StreamResponse | None:
    """Answer `Expect: 100-continue` from the header alone where the body is too large to be wanted."""
    _check_declared(request)
    if request.headers.get(hdrs.EXPECT, "").lower() != "100-continue":
        raise web.HTTPExpectationFailed
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0
    return None


def _check_declared(request: web.Request) -> None:
    if request.content_length is not None:
        _check_length(request.content_length)


def _check_length(length: int) -> None:
    if length > LARGEST_BODY:
        raise web.HTTPRequestEntityTooLarge(LARGEST_BODY, length)


async def _read_body(request: web.Request, seconds: float) -> bytes:
    """Return the very bytes that were sent. Raises the HTTP answers 400, 408 and 413."""
    _check_declared(request)
    body = bytearray()
    try:
        if request.content.is_eof():  # as a rule all of it came along with the header, and needs no deadline
            body += request.content.read_nowait()
        if not request.content.at_eof():
            async with asyncio.timeout(seconds):
                async for chunk in request.content.iter_any():
                    body += chunk
                    _check_length(len(body))
    except TimeoutError:
        answer = web.HTTPRequestTimeout()
        answer.force_close()
        raise answer from None
    except _BROKEN_OFF as error:
        raise web.HTTPBadRequest from error
    _check_length(len(body))
    return bytes(body)


def _later() -> web.Response:
    return web.Response(status=503, headers=RETRY_AFTER, text="try again\n")


@asynccontextmanager
async def listening(listener: CallbackListener, host: str, port: int, keepalive: float) -> AsyncIterator[int]:
    """Serve `listener`; yield the port. Requests in hand are finished at the end. Raises StartRefused."""
    runner = web.AppRunner(
        listener.application(),
        access_log=None,
        # The signature is over the bytes on the wire; unpacking before checking it would be an attack on the CPU.
        auto_decompress=False,
        keepalive_timeout=keepalive,
        lingering_time=1.0,
        shutdown_timeout=COMMIT_SECONDS,
    )
    await runner.setup()
    try:
        async with _accepting(runner, listener.connections, host, port) as bound:
            log.info("listening for callbacks", extra={"host": host, "port": bound})
            yield bound
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _accepting(runner: web.AppRunner, connections: Connections, host: str, port: int) -> AsyncIterator[int]:
    """Open the port. Not by aiohttp's own TCPSite, which takes connections in without end."""
    assert runner.server is not None
    opening = functools.partial(connections.opening, runner.server)
    # So many are accepted at one go: they must not use up by themselves what is kept free.
    backlog = min(1024, connections.most // 4)
    try:
        port_server = await asyncio.get_running_loop().create_server(opening, host, port, backlog=backlog)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StartRefused(f"Cannot listen on {host}:{port} ({reason}). Set LISTEN_HOST and LISTEN_PORT.") from error
    try:
        yield port_server.sockets[0].getsockname()[1]
    finally:
        port_server.close()
