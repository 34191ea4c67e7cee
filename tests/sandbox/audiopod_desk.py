"""A pretend AudioPod that is up, a client that holds its key, and a listener for its webhooks."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from bot.sandbox.audiopod import Behaviour, PretendAudioPod

from .musicmint_desk import BrokenStudio, Clock, QuickStudio

KEY = "ap_test"
SECRET = "whsec_of_the_test"
MUSIC = "/api/v1/music"


class Answer:
    """What came back: the status, the headers and the JSON."""

    def __init__(self, status: int, headers: Mapping[str, str], body: Any) -> None:
        self.status, self.headers, self.body = status, headers, body


class Desk:
    """A vendor that is up, and a client that holds its key."""

    def __init__(self, vendor: PretendAudioPod, session: aiohttp.ClientSession, clock: Clock) -> None:
        self.vendor, self.session, self.clock = vendor, session, clock

    async def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, **query: Any
    ) -> Answer:
        headers = {"X-API-Key": KEY} if headers is None else headers
        data = None if body is None else json.dumps(body)
        url = self.vendor.base_url + path
        async with self.session.request(method, url, data=data, headers=headers, params=query) as answer:
            return Answer(answer.status, answer.headers, await answer.json())

    async def create(self, task: str = "text2music", **fields: Any) -> int:
        answer = await self.ask("POST", f"{MUSIC}/{task}", {"prompt": "a slow waltz", "format": "mp3", **fields})
        assert answer.status == 200, answer.body
        job_id: int = answer.body["job"]["id"]
        return job_id

    async def made(self, task: str = "text2music", **fields: Any) -> int:
        """Create a job and let it end."""
        job_id = await self.create(task, **fields)
        await self.vendor.finish(job_id)
        return job_id

    async def look(self, job_id: int) -> dict[str, Any]:
        answer = await self.ask("GET", f"{MUSIC}/jobs/{job_id}/status")
        assert answer.status == 200, answer.body
        body: dict[str, Any] = answer.body
        return body

    async def ids(self, **query: Any) -> list[int]:
        answer = await self.ask("GET", f"{MUSIC}/jobs", **query)
        assert answer.status == 200, answer.body
        return [job["id"] for job in answer.body]


@asynccontextmanager
async def desk(
    *,
    studio: QuickStudio | BrokenStudio | None = None,
    webhook_url: str | None = None,
    balance_cents: int = 10_000,
    calls_per_minute: int | None = None,
    **knobs: Any,
) -> AsyncIterator[Desk]:
    clock = Clock()
    vendor = PretendAudioPod(
        KEY,
        SECRET,
        webhook_url=webhook_url,
        behaviour=Behaviour(**{"seconds": None, "time_scale": 0.00001, **knobs}),
        studio=studio or QuickStudio(),
        balance_cents=balance_cents,
        calls_per_minute=calls_per_minute,
        now=clock,
    )
    async with vendor, aiohttp.ClientSession() as session:
        yield Desk(vendor, session, clock)


class Listener:
    """Take events; answer with each of the given statuses in turn, and 204 from then on."""

    def __init__(self, statuses: list[int]) -> None:
        self.url = ""
        self.statuses = statuses
        self.bodies: list[bytes] = []
        self.headers: list[Mapping[str, str]] = []
        self.times: list[float] = []

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        self.headers.append(request.headers.copy())
        self.times.append(asyncio.get_running_loop().time())
        return web.Response(status=self.statuses.pop(0) if self.statuses else 204)


@asynccontextmanager
async def listening(*statuses: int) -> AsyncIterator[Listener]:
    listener = Listener(list(statuses))
    app = web.Application()
    app.router.add_post("/callbacks/audiopod", listener.take)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}/callbacks/audiopod"
    try:
        yield listener
    finally:
        await runner.cleanup()


def signature(headers: Mapping[str, str], body: bytes, secret: str = SECRET) -> str:
    signed = headers["X-AudioPod-Timestamp"].encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
