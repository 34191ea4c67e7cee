"""A pretend MusicAPI that is up, and a client that holds its key."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from yarl import URL

from bot.sandbox.musicapi import MusicApiBehaviour, PretendMusicApi
from bot.sandbox.studio import Studio

from .musicmint_desk import Clock, QuickStudio

KEY = "musicapi-test"
SONG = {"custom_mode": False, "mv": "sonic-v4-5", "gpt_description_prompt": "a slow waltz"}
OWN_LYRICS = {"custom_mode": True, "mv": "sonic-v4-5", "prompt": "la la"}
STUDIO_SONG = {
    "prompt": "slow waltz",
    "lyrics_type": "instrumental",
    "generation_quality": 0.75,
    "config": {"mode": "regular"},
}


class Desk:
    """A vendor that is up, and a client that holds its key."""

    def __init__(self, vendor: PretendMusicApi, session: aiohttp.ClientSession) -> None:
        self.vendor = vendor
        self.session = session

    async def call(self, method: str, path: str, body: Any = None, key: str | None = KEY) -> tuple[int, Any]:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        data = None if body is None else json.dumps(body)
        async with self.session.request(method, self.vendor.base_url + path, data=data, headers=headers) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str) -> tuple[int, Any]:
        return await self.call("GET", f"/api/v1{path}")

    async def post(self, path: str, body: Any = None) -> tuple[int, Any]:
        return await self.call("POST", f"/api/v1{path}", body)

    async def create(self, **fields: Any) -> str:
        status, answer = await self.post("/sonic/create", {**SONG, **fields})
        assert (status, answer["message"]) == (200, "success")
        task_id: str = answer["task_id"]
        return task_id

    async def create_studio(self, **fields: Any) -> str:
        status, answer = await self.post("/studio/create", {**STUDIO_SONG, **fields})
        assert (status, answer["code"]) == (200, "success")
        task_id: str = answer["data"]
        return task_id

    async def clips(self, task_id: str) -> list[dict[str, Any]]:
        status, answer = await self.get(f"/sonic/task/{task_id}")
        assert (status, answer["code"], answer["message"]) == (200, 200, "success")
        clips: list[dict[str, Any]] = answer["data"]
        return clips

    async def studio_task(self, task_id: str) -> dict[str, Any]:
        status, answer = await self.get(f"/studio/task/{task_id}")
        assert (status, answer["code"], answer["message"]) == (200, "success", "")
        data: dict[str, Any] = answer["data"]
        return data

    async def credits(self) -> tuple[int, int]:
        _, answer = await self.get("/get-credits")
        return answer["credits"], answer["extra_credits"]

    async def download(self, url: str) -> tuple[int, str, bytes]:
        """Ask for exactly that address."""
        async with self.session.get(URL(url, encoded=True)) as answer:
            return answer.status, answer.content_type, await answer.read()


@asynccontextmanager
async def desk(
    *,
    studio: Studio | None = None,
    now: Callable[[], float] | None = None,
    credits: int = 1000,
    extra_credits: int = 0,
    **knobs: Any,
) -> AsyncIterator[Desk]:
    behaviour = MusicApiBehaviour(**{"seconds": None, "time_scale": 0.0001, **knobs})
    vendor = PretendMusicApi(
        KEY,
        behaviour=behaviour,
        studio=studio or QuickStudio(),
        now=now or Clock(),
        credits=credits,
        extra_credits=extra_credits,
    )
    async with vendor, aiohttp.ClientSession() as session:
        yield Desk(vendor, session)


def signed(headers: Mapping[str, str], body: bytes, secret: str) -> str:
    """Sign as the page describes it."""
    message = headers["X-Webhook-Timestamp"].encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
