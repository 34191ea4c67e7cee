"""A pretend MusicMint that is up, a client that holds its key, a listener for its callbacks, and ears."""

import asyncio
import hashlib
import hmac
import io
import json
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import aiohttp
import av
import numpy as np
import numpy.typing as npt
from aiohttp import web

from bot.sandbox.music import Fit
from bot.sandbox.musicmint import Behaviour, PretendMusicMint
from bot.sandbox.recipes import Song
from bot.sandbox.studio import Recording, Studio, recorded

KEY = "sk-mm-test"
SECRET = "a secret of the test"
DAY = 86400
PROMPT = {"prompt": "a slow waltz"}


class QuickStudio:
    """Make bytes that tell what they were made from; count the work."""

    def __init__(self) -> None:
        self.made: list[tuple[str, str, int]] = []

    def record(self, words: str, title: str, variation: int) -> Recording:
        self.made.append((words, title, variation))
        name = f"{words} {variation}".encode()
        return Recording(b"audio of " + name, b"cover of " + name, 60.5 + variation)


class PatientStudio(QuickStudio):
    """Work until told that it is enough."""

    def __init__(self) -> None:
        super().__init__()
        self.enough = threading.Event()

    def record(self, words: str, title: str, variation: int) -> Recording:
        self.enough.wait()
        return super().record(words, title, variation)


class ShortStudio:
    """Compose real music, but only three seconds of it, and once for all tests."""

    def record(self, words: str, title: str, variation: int) -> Recording:
        return short_song(words, variation)


@cache
def short_song(words: str, variation: int) -> Recording:
    return recorded(Song(words, variation, Fit(3.0)), b"cover of " + words.encode())


class BrokenStudio:
    def record(self, words: str, title: str, variation: int) -> Recording:
        raise RuntimeError("the piano fell down")


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


class Desk:
    """A vendor that is up, and a client that holds its key."""

    def __init__(self, vendor: PretendMusicMint, session: aiohttp.ClientSession) -> None:
        self.vendor = vendor
        self.session = session

    async def post(self, path: str, body: Any = None, key: str | None = KEY) -> tuple[int, dict[str, Any]]:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        data = None if body is None else json.dumps(body)
        async with self.session.post(self.vendor.base_url + path, data=data, headers=headers) as answer:
            return answer.status, await answer.json()

    async def create(self, **fields: Any) -> str:
        status, envelope = await self.post("/api/v1/music/generate", {**PROMPT, **fields})
        assert (status, envelope["code"]) == (200, 0)
        task_id: str = envelope["data"]["task_id"]
        return task_id

    async def get(self, path: str, **query: str) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with self.session.get(self.vendor.base_url + path, params=query, headers=headers) as answer:
            return answer.status, await answer.json()

    async def made(self, endpoint: str, **fields: Any) -> list[dict[str, Any]]:
        """Have a create done; return its results."""
        status, envelope = await self.post(f"/api/v1/{endpoint}", fields)
        assert (status, envelope["code"]) == (200, 0), envelope
        await self.vendor.finish(envelope["data"]["task_id"])
        task = await self.look(envelope["data"]["task_id"])
        assert task["status"] == "completed", task
        results: list[dict[str, Any]] = task["results"]
        return results

    async def song(self, **fields: Any) -> dict[str, Any]:
        """Have a song made; return its first result."""
        return (await self.made("music/generate", **{"prompt": "night drive", "tags": "rock", **fields}))[0]

    async def file(self, url: str) -> bytes:
        async with self.session.get(url) as answer:
            assert answer.status == 200
            return await answer.read()

    async def heard(self, result: dict[str, Any]) -> "Sound":
        return decode(await self.file(result["audio_url"]))

    async def look(self, task_id: str) -> dict[str, Any]:
        status, envelope = await self.post(f"/api/v1/task/{task_id}")
        assert (status, envelope["code"]) == (200, 0)
        data: dict[str, Any] = envelope["data"]
        return data


@asynccontextmanager
async def desk(
    *,
    secret: str | None = SECRET,
    studio: Studio | None = None,
    now: Callable[[], float] | None = None,
    **knobs: Any,
) -> AsyncIterator[Desk]:
    behaviour = Behaviour(**{"seconds": None, "time_scale": 0.0001, **knobs})
    vendor = PretendMusicMint(KEY, secret, behaviour=behaviour, studio=studio or QuickStudio(), now=now or Clock())
    async with vendor, aiohttp.ClientSession() as session:
        yield Desk(vendor, session)


class Listener:
    """Take callbacks; answer with each of the given statuses in turn, and 204 from then on."""

    def __init__(self, statuses: list[int], silent: bool) -> None:
        self.url = ""
        self.statuses = statuses
        self.bodies: list[bytes] = []
        self.headers: list[Mapping[str, str]] = []
        self.signatures: list[str | None] = []
        self.times: list[float] = []
        self.called = asyncio.Event()
        self.answering = asyncio.Event()
        if not silent:
            self.answering.set()

    async def called_before(self, create: asyncio.Task[Any]) -> None:
        """Wait for the first callback, which has to come before the create is answered; not for ever."""
        called = asyncio.create_task(self.called.wait())
        try:
            await asyncio.wait({create, called}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
            assert not create.done(), create
            assert called.done(), "no callback came"
        finally:
            called.cancel()

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        self.headers.append(request.headers.copy())
        self.signatures.append(request.headers.get("X-Signature"))
        self.times.append(asyncio.get_running_loop().time())
        self.called.set()
        await self.answering.wait()
        status = self.statuses.pop(0) if self.statuses else 204
        return web.Response(status=status, headers={"Location": self.url} if status == 307 else {})


@asynccontextmanager
async def listening(*statuses: int, silent: bool = False) -> AsyncIterator[Listener]:
    """Open a listener that answers with these statuses first; a silent one not before it is told to."""
    listener = Listener(list(statuses), silent)
    app = web.Application()
    app.router.add_post("/callbacks/k", listener.take)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}/callbacks/k"
    try:
        yield listener
    finally:
        listener.answering.set()
        await runner.cleanup()


Sound = npt.NDArray[np.float32]
RATE = 44_100


def decode(audio: bytes) -> Sound:
    """Play a file; one row for each channel."""
    with av.open(io.BytesIO(audio), mode="r") as file:
        resampler = av.AudioResampler(format="fltp", rate=RATE)
        frames = [out.to_ndarray() for frame in file.decode(audio=0) for out in resampler.resample(frame)]
    return np.concatenate(frames, axis=1)


def alike(first: Sound, second: Sound) -> float:
    """Correlate two sounds: 1 for the same, about 0 for different ones. An MP3 may begin up to 50 ms late."""
    count = min(first.shape[1], second.shape[1])
    one, other = first[0, :count], second[0, :count]
    spectrum = np.fft.rfft(one, 2 * count) * np.conj(np.fft.rfft(other, 2 * count))
    near = np.fft.irfft(spectrum)[np.r_[-2205:2206]]
    return float(near.max() / max(1e-9, np.linalg.norm(one) * np.linalg.norm(other)))


def seconds(sound: Sound, start: float, end: float) -> Sound:
    return sound[:, round(start * RATE) : round(end * RATE)]


def signed(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
