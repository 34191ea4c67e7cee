"""What all pretend vendors have in common over HTTP: the door, the record of what was asked, canned answers."""

import asyncio
import contextlib
import hmac
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, Self

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.behaviour import Behaviour, Hold
from bot.sandbox.callbacks import SentCallback
from bot.sandbox.files import FileRequest, cut
from bot.sandbox.refusal import Refusal
from bot.sandbox.workshop import T, Workshop

#: Seconds that answers under way are given at the close; 0 would mean for ever to aiohttp.
LAST_ANSWERS = 0.05


@dataclass(frozen=True, slots=True)
class Recorded:
    """Record one API request; `body` is its JSON, None where it was none, and `at` the vendor's clock."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    at: float
    query: Mapping[str, str]


class PretendVendor(ABC, Generic[T]):
    """Serve an API while entered; what it was asked and what it sent stays to be looked at."""

    def __init__(
        self, workshop: Workshop[T], behaviour: Behaviour, host: str, port: int, now: Callable[[], float]
    ) -> None:
        self.requests: list[Recorded] = []
        self.base_url = ""
        self._common_workshop, self._told = workshop, behaviour
        self._host, self._port, self._now = host, port, now
        self._hold: Hold | None = None
        self._answering: set[asyncio.Task[Any]] = set()

    @property
    def behaviour(self) -> Behaviour:
        """Give the knobs, to be turned at any time."""
        return self._told

    @property
    def tasks(self) -> dict[str, T]:
        """Give all tasks by their id, oldest first."""
        return self._common_workshop.tasks

    @property
    def callbacks_sent(self) -> list[SentCallback]:
        """Give every attempt at a callback, in the order sent."""
        return self._common_workshop.callbacks.sent

    @property
    def file_requests(self) -> list[FileRequest]:
        """Give every download, in the order asked."""
        return self._common_workshop.files.requests

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as opening:
            await opening.enter_async_context(self._common_workshop)
            runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=LAST_ANSWERS)
            opening.push_async_callback(runner.cleanup)
            await runner.setup()
            await web.TCPSite(runner, self._host, self._port).start()
            self.base_url = self._common_workshop.base_url = f"http://{self._host}:{runner.addresses[0][1]}"
            self._open = opening.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    def hold_creates(self, ending: str = "") -> Hold:
        """Hold back the answers to the creates from now on; their work is done all the same.

        A create is also a call whose answer is its result. `ending`: hold those alone whose path ends like this.
        """
        self._hold = Hold(ending)
        return self._hold

    def process(self, task_id: str) -> None:
        """Move a task that waits on to being worked on."""
        self._common_workshop.process(self.tasks[task_id])

    async def finish(self, task_id: str) -> None:
        """End a task now; its callbacks, if it wants any, go out in the background."""
        await self._common_workshop.finish(self.tasks[task_id])

    async def settled(self) -> None:
        """Wait until every task on the clock has ended and every callback is acknowledged or given up."""
        await self._common_workshop.settled()

    @abstractmethod
    def _routes(self) -> Iterable[web.RouteDef]:
        """Give the API's routes, all below /api/."""

    @abstractmethod
    def _check_key(self, request: web.Request) -> None:
        """Raise Refusal where the caller has no right to come in."""

    @abstractmethod
    def _refused(self, refusal: Refusal) -> web.Response:
        """Write a refusal as this vendor does."""

    async def _before_answer(self, request: web.Request, task: T) -> None:
        """Do what was told to come between the acceptance of a task and the answer to its create."""
        if self.behaviour.early:
            await self._common_workshop.finish(task)
            await task.told.wait()
        await self._hold_back(request, task.id)

    async def _hold_back(self, request: web.Request, made: str) -> None:
        """Keep back the answer to a call that made this, where that was told; cut it off where it is to be lost."""
        held = self._hold is not None and not self._hold.over and request.path.endswith(self._hold.ending)
        if self._hold is not None and held and not await self._hold.keep(made):
            cut(request)

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._in_flight, self._door])
        app.on_shutdown.append(self._drop_answers)
        app.add_routes([*self._routes(), web.get("/files/{token}/{name}", self._common_workshop.files.serve)])
        return app

    @web.middleware
    async def _in_flight(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Remember who is being answered."""
        answering = asyncio.current_task()
        assert answering is not None
        self._answering.add(answering)
        try:
            return await handler(request)
        finally:
            self._answering.discard(answering)

    async def _drop_answers(self, _: web.Application) -> None:
        """Cut off whoever is being answered; aiohttp would cancel them too, but not wait for it."""
        answering = tuple(self._answering)
        for answer in answering:
            answer.cancel()
        await asyncio.gather(*answering, return_exceptions=True)

    @web.middleware
    async def _door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Record each API call, misbehave as told, and write every refusal as the vendor does."""
        if not request.path.startswith("/api/"):
            return await handler(request)
        await self._record(request)
        await asyncio.sleep(self.behaviour.answer_after)
        if (canned := self._canned()) is not None:
            if self.behaviour.retry_after is not None:
                canned.headers["Retry-After"] = str(self.behaviour.retry_after)
            return canned
        try:
            self._check_key(request)
            return await handler(request)
        except Refusal as refusal:
            refusal.status = self.behaviour.error_status or refusal.status
            return self._refused(refusal)
        except web.HTTPException as error:
            return self._refused(Refusal(error.reason, error.status))

    async def _record(self, request: web.Request) -> None:
        body = parsed(await request.read())
        recorded = Recorded(
            request.method, request.path, request.headers.copy(), body, self._now(), dict(request.query)
        )
        self.requests.append(recorded)

    def _canned(self) -> web.Response | None:
        """Give the answer that every call gets while the vendor is told to be down or to talk nonsense."""
        told = self.behaviour
        if told.body is not None:
            return web.Response(status=told.status or 200, body=told.body, content_type="application/json")
        if told.status is not None:
            return self._refused(Refusal(f"HTTP status {told.status}", told.status))
        return None


def parsed(raw: bytes) -> Any:
    """Read JSON; None where the bytes are none."""
    try:
        return json.loads(raw)
    except ValueError:
        return None


def is_header(request: web.Request, name: str, expected: str) -> bool:
    """Say whether a request carries exactly this header, in a time that tells nothing of the key."""
    given = request.headers.get(name, "")
    return hmac.compare_digest(given.encode(errors="surrogateescape"), expected.encode())
