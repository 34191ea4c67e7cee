"""The listener: takes in providers' signed callbacks, has them committed, and only then says 204."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import hdrs, web
from aiohttp.http import HttpProcessingError

from bot.domain.errors import BadCallback, BadSignature, StartRefused, StoreUnavailable
from bot.domain.ports import CallbackReader, Clock
from bot.flows.intake import Intake
from bot.logs import Seldom

log = logging.getLogger(__name__)

#: A callback is a few kilobytes. In bytes, and in seconds for its body to arrive: aiohttp has no deadline of its own.
LARGEST_BODY = 256 * 1024
BODY_SECONDS = 3.0
#: A commit that takes longer is left to the provider's next try. MusicMint waits 10 s for an answer.
COMMIT_SECONDS = 5.0
RETRY_AFTER = {"Retry-After": "10"}

#: How a body breaks off, with aiohttp's C parser and with its Python one.
_BROKEN_OFF = (web.RequestPayloadError, HttpProcessingError, ConnectionError)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Headers = list[tuple[str, str]]


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
    ) -> None:
        self._readers, self._intake, self._clock = readers, intake, clock
        self._seldom = seldom or Seldom()
        self._body_seconds, self._commit_seconds = body_seconds, commit_seconds
        self._draining = False

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_get("/healthz", _alive)
        for name, reader in self._readers.items():
            # No other characters are in a key, so nothing else gets as far as the database.
            path = f"/callbacks/{name}/{{key:[A-Za-z0-9_-]+}}" if reader.contract.keyed else f"/callbacks/{name}"
            app.router.add_post(path, self._receiver(name), expect_handler=_expect)
        return app

    def drain(self) -> None:
        """Take nothing in any more."""
        self._draining = True

    def _receiver(self, provider: str) -> Handler:
        async def receive(request: web.Request) -> web.Response:
            try:
                return await self._receive(request, provider)
            except web.HTTPException as answer:
                self._refused(provider, str(answer.status))
                raise
            except Exception:  # no input may give a traceback, and no fault of ours a lost callback
                log.exception("callback failed unexpectedly", extra={"provider": provider})
                return _later()

        return receive

    async def _receive(self, request: web.Request, provider: str) -> web.Response:
        if self._draining:
            return _later()
        body = await _read_body(request, self._body_seconds)
        key = request.match_info.get("key")
        headers = [(name.lower(), value) for name, value in request.headers.items()]
        try:
            async with asyncio.timeout(self._commit_seconds):
                # Shielded: a commit that outlasts this answer is news all the same, and wakes whoever waits for it.
                return await asyncio.shield(self._take_in(provider, key, headers, body))
        except TimeoutError as error:
            return self._unavailable(provider, error)

    async def _take_in(self, provider: str, key: str | None, headers: Headers, body: bytes) -> web.Response:
        try:
            return await self._decide(provider, key, headers, body)
        except StoreUnavailable as error:
            return self._unavailable(provider, error)

    async def _decide(self, provider: str, key: str | None, headers: Headers, body: bytes) -> web.Response:
        try:
            update = self._readers[provider].read_callback(headers, body, key, self._clock())
        except BadSignature as error:
            self._refused(provider, f"401 {error}")
            return web.Response(status=401, text="unauthorized\n")
        except BadCallback as error:
            self._refused(provider, f"400 {error}")
            if key is not None:
                await self._intake.unreadable(key)
            return web.Response(status=400, text="not a callback\n")
        if update is not None:
            await self._intake.apply(update)
        return web.Response(status=204)

    def _unavailable(self, provider: str, error: Exception) -> web.Response:
        self._refused(provider, f"503 {type(error).__name__}")
        return _later()

    def _refused(self, provider: str, kind: str) -> None:
        """Count a refusal; write at most one line a minute for each kind, whatever anybody sends."""
        if count := self._seldom(kind[:60]):
            log.warning("callback refused", extra={"provider": provider, "kind": kind[:200], "count": count})


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _expect(request: web.Request) -> web.StreamResponse | None:
    """Answer `Expect: 100-continue` from the header alone where the body is too large to be wanted."""
    _check_declared(request)
    if request.headers.get(hdrs.EXPECT, "").lower() != "100-continue":
        return web.Response(status=417)
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0
    return None


def _check_declared(request: web.Request) -> None:
    if request.content_length is not None and request.content_length > LARGEST_BODY:
        raise web.HTTPRequestEntityTooLarge(LARGEST_BODY, request.content_length)


async def _read_body(request: web.Request, seconds: float) -> bytes:
    """Return the very bytes that were sent. Raises the HTTP answers 400, 408 and 413."""
    _check_declared(request)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > LARGEST_BODY:
                    raise web.HTTPRequestEntityTooLarge(LARGEST_BODY, len(body))
    except TimeoutError:
        answer = web.HTTPRequestTimeout()
        answer.force_close()
        raise answer from None
    except _BROKEN_OFF as error:
        raise web.HTTPBadRequest from error
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
        site = web.TCPSite(runner, host, port, backlog=1024)
        try:
            await site.start()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StartRefused(
                f"Cannot listen on {host}:{port} ({reason}). Set LISTEN_HOST and LISTEN_PORT."
            ) from error
        bound: int = runner.addresses[0][1]
        log.info("listening for callbacks", extra={"host": host, "port": bound})
        yield bound
    finally:
        await runner.cleanup()
