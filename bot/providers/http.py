"""The only HTTP to providers: sends calls, with time-outs, and repeats what is safe to repeat."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import aiohttp
import stamina

from bot.domain.contract import Answer, Contract, Worth
from bot.domain.errors import AnswerLost, NotAccepted, Rejected, TaskGone
from bot.domain.task import Task
from bot.domain.track import Completed, Outcome, Uploaded
from bot.providers.wire import Call, Question, Reply, Wire

log = logging.getLogger(__name__)

T = TypeVar("T")

# Its own lines would go past our log set-up; what comes of a look-up is logged by whoever asked.
stamina.instrumentation.set_on_retry_hooks(())

#: In bytes: a longer answer is read in a thread, as that takes longer than all else may be held up.
_LARGE = 64 * 1024

TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=45)

#: No connection was made, so nothing was asked.
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
_NO_ANSWER = (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError, OSError)


class HttpProvider:
    """The port `Provider` for any vendor whose dialect is a `Wire`."""

    def __init__(self, wire: Wire, session: aiohttp.ClientSession, base_url: str, public_url: str | None) -> None:
        self._wire, self._session = wire, session
        self._base_url = base_url.rstrip("/")
        self._public_url = public_url.rstrip("/") if public_url else None
        self._reading = asyncio.Lock()

    @property
    def contract(self) -> Contract:
        """See `ports.Provider`."""
        return self._wire.contract

    @property
    def calls_back(self) -> bool:
        """See `ports.Provider`."""
        return self._public_url is not None and self.contract.callbacks is not Worth.NOTHING

    async def submit(self, task: Task) -> str | Completed:
        """See `ports.Provider`. Sent once, whatever happens, as it may be charged; but for what is free by contract."""
        kind = task.request.kind
        if kind not in self.contract.makes:
            # A setting may have changed since it was asked for.
            raise Rejected(f"not sent: {self.contract.label} makes no {kind}")

        def read(reply: Reply) -> str | Completed:
            return self._wire.read_submit(task, reply)

        call = self._wire.submit(task, self._callback_url(task))
        if self.contract.answer(kind) is Answer.FREE_RESULT:
            return await self.ask(call, read)
        return await self._made_of(await self.send(call), read)

    async def upload(self, audio_url: str) -> Uploaded:
        """See `ports.Provider`. Sent once: whether it is sent again is for the caller to say."""
        return await self.do(self._offered(self._wire.upload(audio_url), "files"))

    async def make_persona(self, name: str, clip_id: str) -> str:
        """See `ports.Provider`. Sent once: each one sent makes another."""
        return await self.do(self._offered(self._wire.persona(name, clip_id), "personas"))

    async def look_up(self, provider_task_id: str) -> Outcome:
        """See `ports.Provider`. Asking costs nothing, so a lost answer is asked for again."""
        return await self.ask(self._wire.look_up(provider_task_id), self._wire.read_look_up)

    async def find_lost(self, task: Task) -> str | None:
        """See `ports.Provider`."""
        search = self._wire.find_lost(task)
        return None if search is None else await self.ask(search.call, search.read)

    def _callback_url(self, task: Task) -> str | None:
        if self._public_url and self.contract.keyed:
            return callback_address(self._public_url, self.contract.name, task.key)
        return None

    def _offered(self, question: Question[T] | None, what: str) -> Question[T]:
        if question is None:
            raise Rejected(f"not sent: {self.contract.label} takes no {what}")
        return question

    async def do(self, question: Question[T]) -> T:
        """Send what changes something: once. Raises ProviderError."""
        return await self._made_of(await self.send(question.call), question.read)

    async def check_key(self) -> None:
        """Ask for something that only a good key is given, at no cost. Raises ProviderError."""
        self._wire.read_check_key(await self.send(self._wire.check_key()))

    async def ask(self, call: Call, read: Callable[[Reply], T]) -> T:
        """Send a call that changes nothing, again where its answer was lost; return what `read` makes of the reply.

        Raises ProviderError.
        """
        async for attempt in stamina.retry_context(on=_worth_repeating, attempts=3, wait_initial=0.2, wait_max=2):
            with attempt:
                return await self._made_of(await self.send(call), read)
        raise AssertionError("stamina returns or raises")

    async def _made_of(self, reply: Reply, read: Callable[[Reply], T]) -> T:
        """Return what `read` makes of a reply. Large ones are read one at a time: what they hold fills the memory."""
        if len(reply.body) <= _LARGE:
            return read(reply)
        async with self._reading:
            return await asyncio.to_thread(read, reply)

    async def send(self, call: Call) -> Reply:
        """Send `call` and return the whole reply. Raises NotAccepted if it surely never left, else AnswerLost."""
        try:
            async with self._session.request(
                call.method,
                self._base_url + call.path,
                data=call.body,
                headers=dict(self._wire.headers),
                allow_redirects=False,
                timeout=self._session.timeout if call.limit is None else _patient(call.limit),
            ) as response:
                body = await _read(response, call.largest)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status, headers, body)
        except _NOT_SENT as error:
            raise NotAccepted(f"no connection: {type(error).__name__}") from error
        except _NO_ANSWER as error:
            raise AnswerLost(f"no answer: {type(error).__name__}") from error


def callback_address(base: str, provider: str, key: str) -> str:
    """Return where a provider calls back about the task with this key."""
    return f"{base.rstrip('/')}/callbacks/{provider}/{key}"


def _worth_repeating(error: Exception) -> bool:
    return isinstance(error, AnswerLost | NotAccepted) and not isinstance(error, TaskGone)


def _patient(limit: float) -> aiohttp.ClientTimeout:
    """Return the time-outs of a call that the vendor answers in its own time; a connection is there as fast as any."""
    return aiohttp.ClientTimeout(total=limit, sock_connect=TIMEOUT.sock_connect, sock_read=limit)


async def _read(response: aiohttp.ClientResponse, largest: int) -> bytes:
    body = bytearray(await response.content.read(largest))
    while chunk := await response.content.read(largest):
        body += chunk
        if len(body) > largest:
            raise aiohttp.ClientPayloadError("answer too large")
    return bytes(body)


@asynccontextmanager
async def provider_session() -> AsyncIterator[aiohttp.ClientSession]:
    """Open the session for all providers.

    Each call has a connection of its own: a kept one that the other side has just closed breaks off without telling
    whether a create arrived, and every such create would have to count as unknown.
    """
    connector = aiohttp.TCPConnector(force_close=True, limit=50)
    async with aiohttp.ClientSession(
        connector=connector, timeout=TIMEOUT, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        yield session
