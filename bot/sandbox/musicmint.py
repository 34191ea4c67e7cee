"""A pretend MusicMint: its documented API over real HTTP, real audio files and real signed callbacks."""

import argparse
import asyncio
import contextlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox import musicmint_rules as rules
from bot.sandbox.behaviour import Behaviour, Hold
from bot.sandbox.callbacks import SentCallback
from bot.sandbox.files import FileRequest, cut
from bot.sandbox.musicmint_rules import Refusal
from bot.sandbox.musicmint_tasks import PretendTask, Workshop
from bot.sandbox.studio import HomeStudio, Studio

#: Seconds that answers under way are given at the close; 0 would mean for ever to aiohttp.
LAST_ANSWERS = 0.05

__all__ = ["Behaviour", "Hold", "PretendMusicMint", "PretendTask", "Recorded"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """Record one API request; `body` is its JSON, None where it was none, and `at` the vendor's clock."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    at: float


class PretendMusicMint:
    """Serve the API while entered; what it was asked and what it sent stays to be looked at."""

    def __init__(
        self,
        api_key: str,
        signing_secret: str | None,
        *,
        behaviour: Behaviour | None = None,
        studio: Studio | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._behaviour = behaviour or Behaviour()
        self.requests: list[Recorded] = []
        self.base_url = ""
        self._api_key = api_key
        self._host, self._port, self._now = host, port, now
        self._workshop = Workshop(signing_secret, self._behaviour, studio or HomeStudio(), now)
        self._hold: Hold | None = None
        self._answering: set[asyncio.Task[Any]] = set()

    @property
    def behaviour(self) -> Behaviour:
        """Give the knobs, to be turned at any time."""
        return self._behaviour

    @property
    def tasks(self) -> dict[str, PretendTask]:
        """Give all tasks by their id, oldest first."""
        return self._workshop.tasks

    @property
    def callbacks_sent(self) -> list[SentCallback]:
        """Give every attempt at a callback, in the order sent."""
        return self._workshop.callbacks.sent

    @property
    def file_requests(self) -> list[FileRequest]:
        """Give every download, in the order asked."""
        return self._workshop.files.requests

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as opening:
            await opening.enter_async_context(self._workshop)
            runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=LAST_ANSWERS)
            opening.push_async_callback(runner.cleanup)
            await runner.setup()
            await web.TCPSite(runner, self._host, self._port).start()
            self.base_url = self._workshop.base_url = f"http://{self._host}:{runner.addresses[0][1]}"
            self._open = opening.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    def hold_creates(self) -> Hold:
        """Hold back the answers to the creates from now on; their work is done all the same."""
        self._hold = Hold()
        return self._hold

    def process(self, task_id: str) -> None:
        """Move a task from queuing to processing."""
        self._workshop.process(self.tasks[task_id])

    async def finish(self, task_id: str) -> None:
        """End a task now; its callback, if it wants one, goes out in the background."""
        await self._workshop.finish(self.tasks[task_id])

    async def resend(self, task_id: str) -> int | None:
        """Send the callback of an ended task again; return the status answered, None where none was."""
        task = self.tasks[task_id]
        sent = await self._workshop.callbacks.send(task.order.callback_url, task.callback_body())
        return sent.status

    async def settled(self) -> None:
        """Wait until every task on the clock has ended and every callback is acknowledged or given up."""
        await self._workshop.settled()

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._in_flight, self._door])
        app.on_shutdown.append(self._drop_answers)
        app.add_routes(
            [
                web.post("/api/v1/music/generate", self._generate),
                web.post("/api/v1/music/{id}", self._get_music),
                web.post("/api/v1/task/{id}", self._get_task),
                web.post("/api/v1/tasks", self._list_tasks),
                web.get("/files/{token}/{name}", self._workshop.files.serve),
            ]
        )
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
        """Record each API call, misbehave as told, and put every refusal into an envelope."""
        if not request.path.startswith("/api/"):
            return await handler(request)
        await self._record(request)
        await asyncio.sleep(self.behaviour.answer_after)
        if (canned := self._canned()) is not None:
            return canned
        try:
            self._check_key(request)
            return await handler(request)
        except Refusal as refusal:
            return self._refused(refusal.code, str(refusal), self.behaviour.error_status or refusal.status)
        except web.HTTPException as error:
            return self._refused(error.status, error.reason, error.status)

    async def _record(self, request: web.Request) -> None:
        body = _parsed(await request.read())
        recorded = Recorded(request.method, request.path, request.headers.copy(), body, self._now())
        self.requests.append(recorded)

    def _canned(self) -> web.Response | None:
        """Give the answer that every call gets while the vendor is told to be down or to talk nonsense."""
        told = self.behaviour
        if told.body is not None:
            answer = web.Response(status=told.status or 200, body=told.body, content_type="application/json")
        elif told.code is not None:
            message = rules.MESSAGES.get(told.code, "refused")
            answer = self._refused(told.code, message, told.status or 403)
        elif told.status is not None:
            answer = self._refused(told.status, f"HTTP status {told.status}", told.status)
        else:
            return None
        if told.retry_after is not None:
            answer.headers["Retry-After"] = str(told.retry_after)
        return answer

    def _check_key(self, request: web.Request) -> None:
        expected = f"Bearer {self._api_key}"
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(errors="surrogateescape"), expected.encode()):
            raise Refusal(rules.BAD_KEY, "invalid AppKey", 401)

    async def _generate(self, request: web.Request) -> web.Response:
        task = self._workshop.accept(rules.read_order(_parsed(await request.read())))
        if self.behaviour.early:
            await self._workshop.finish(task)
            await task.told.wait()
        if self._hold is not None and not self._hold.over and not await self._hold.keep(task.id):
            cut(request)
        return self._ok({"task_id": task.id, "status": "queuing"})

    async def _get_task(self, request: web.Request) -> web.Response:
        if (task := self.tasks.get(request.match_info["id"])) is None:
            raise Refusal(rules.NOT_FOUND, "task not found", 404)
        return self._ok({"id": task.id, "status": task.status, "created_at": task.created_at, **task.outcome()})

    async def _list_tasks(self, request: web.Request) -> web.Response:
        page = rules.read_page(_parsed(await request.read() or b"{}"))
        wanted = rules.STATUS_NUMBERS.get(page.status)
        found = [task for task in reversed(self.tasks.values()) if wanted in (None, task.status)]
        start = (page.page - 1) * page.page_size
        items = [_listed(task) for task in found[start : start + page.page_size]]
        return self._ok({"items": items, "total": len(found), "page": page.page})

    async def _get_music(self, request: web.Request) -> web.Response:
        if (result := self._workshop.music.get(request.match_info["id"])) is None:
            raise Refusal(rules.NOT_FOUND, "music not found", 404)
        if result["expire_at"] <= self._now() * 1000:
            raise Refusal(rules.MUSIC_EXPIRED, "music has expired", 200)
        return self._ok(result)

    def _ok(self, data: dict[str, Any]) -> web.Response:
        envelope = {"code": 0, "message": "ok", "request_id": self._request_id(), "data": data}
        return web.json_response(envelope)

    def _refused(self, code: int, message: str, status: int) -> web.Response:
        envelope = {"code": code, "message": message, "request_id": self._request_id()}
        return web.json_response(envelope, status=status)

    def _request_id(self) -> str:
        return f"req-{int(self._now() * 1000)}"


def _parsed(raw: bytes) -> Any:
    """Read JSON; None where the bytes are none."""
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _listed(task: PretendTask) -> dict[str, Any]:
    """Describe a task as the list does: without its results."""
    item = {"id": task.id, "status": task.status, "created_at": task.created_at}
    return item if task.error is None else {**item, "error": task.error}


async def serve(vendor: PretendMusicMint, api_key: str, secret: str | None) -> None:
    """Run a vendor by itself until cancelled, and say how to reach it."""
    async with vendor:
        print(f"MusicMint, pretend: {vendor.base_url}", flush=True)
        print(f"AppKey: {api_key}", flush=True)
        print(f"Signing secret: {secret or 'none, callbacks are not signed'}", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Run `python -m bot.sandbox.musicmint` until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.musicmint", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--api-key", default="sk-mm-sandbox")
    parser.add_argument("--secret", help="the signing secret of the key; without it callbacks are not signed")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long a task takes")
    args = parser.parse_args()
    vendor = PretendMusicMint(args.api_key, args.secret, port=args.port, behaviour=Behaviour(seconds=args.seconds))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(vendor, args.api_key, args.secret))


if __name__ == "__main__":
    main()
