"""The life of a task at the pretend MusicMint: accepted, worked on, ended, called back about."""

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from bot.sandbox.behaviour import Behaviour
from bot.sandbox.callbacks import CallbackSender
from bot.sandbox.files import Files
from bot.sandbox.musicmint_rules import Order
from bot.sandbox.studio import RecordedOnce, Recording, Studio

log = logging.getLogger(__name__)

RESULTS_PER_TASK = 2
DAY = 86400  # seconds


@dataclass
class PretendTask:
    """Hold what the vendor knows of one task; `created_at` is in milliseconds."""

    id: str
    order: Order
    created_at: int
    status: str = "queuing"
    results: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None
    #: Set when the task is completed or failed.
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    #: Set when its first callback has been tried, or none will ever be.
    told: asyncio.Event = field(default_factory=asyncio.Event)

    def outcome(self) -> dict[str, Any]:
        """Give the fields that a task has only once it has ended."""
        if self.status == "completed":
            return {"results": self.results}
        return {"error": self.error} if self.status == "failed" else {}

    def callback_body(self) -> bytes:
        """Write the callback: no envelope, and the id is called task_id."""
        callback = {"task_id": self.id, "status": self.status, **self.outcome()}
        return json.dumps(callback, ensure_ascii=False, separators=(",", ":")).encode()


class Workshop:
    """Take orders, make their tracks, keep the files and send the callbacks."""

    def __init__(
        self, signing_secret: str | None, behaviour: Behaviour, studio: Studio, now: Callable[[], float]
    ) -> None:
        self.tasks: dict[str, PretendTask] = {}
        #: The finished results of all tasks, by their id.
        self.music: dict[str, dict[str, Any]] = {}
        self.files = Files(behaviour, now)
        self.callbacks = CallbackSender(behaviour, self._signature)
        #: Where the files are served; known when the server is up.
        self.base_url = ""
        self._secret = signing_secret
        self._behaviour = behaviour
        self._recordings = RecordedOnce(studio)
        self._now = now
        self._jobs: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.callbacks.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        jobs = tuple(self._jobs)
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        await self._recordings.close()
        await self.callbacks.__aexit__(kind, error, trace)

    def accept(self, order: Order) -> PretendTask:
        """Take an order; unless tasks are ended by hand, its clock starts."""
        task = PretendTask(secrets.token_hex(12), order, int(self._now() * 1000))
        self.tasks[task.id] = task
        if self._behaviour.seconds is not None:
            self._in_background(self._live(task, self._behaviour.seconds))
        return task

    def process(self, task: PretendTask) -> None:
        """Move a task that waits on to processing."""
        if task.status == "queuing":
            task.status = "processing"

    async def finish(self, task: PretendTask) -> None:
        """Make what was ordered and end the task at once."""
        self._end(task, *await self._make(task))

    async def settled(self) -> None:
        """Wait until every task on the clock has ended and every callback is acknowledged or given up."""
        while self._jobs:
            done, _ = await asyncio.wait(self._jobs)
            for job in done:
                job.result()

    async def _live(self, task: PretendTask, seconds: float) -> None:
        """Let a task wait, run and end; the making counts towards its time."""
        clock = asyncio.get_running_loop().time
        end = clock() + seconds
        await asyncio.sleep(seconds / 4)
        self.process(task)
        made = await self._make(task)
        await asyncio.sleep(end - clock())
        self._end(task, *made)

    async def _make(self, task: PretendTask) -> tuple[list[dict[str, Any]], str | None]:
        """Give the results of a task, or none and the error it fails with."""
        if self._behaviour.fail_with is not None:
            return [], self._behaviour.fail_with
        order = task.order
        making = (self._recordings.record(order.words, order.song_title, n) for n in range(RESULTS_PER_TASK))
        try:
            recordings = await asyncio.gather(*making)
        except Exception as error:
            log.exception("The studio could not make task %s", task.id)
            return [], f"generation failed: {error}"
        return [self._result(order, recording) for recording in recordings], None

    def _result(self, order: Order, recording: Recording) -> dict[str, Any]:
        """Put the files of one track online and describe it."""
        clip_id = f"clip-{secrets.token_hex(6)}"
        expires = self._now() + order.retention_days * DAY
        audio = self.files.keep(f"{clip_id}.mp3", recording.audio, expires)
        cover = self.files.keep(f"{clip_id}.jpg", recording.cover, expires)
        return {
            "id": clip_id,
            "audio_url": self.base_url + audio,
            "image_url": self.base_url + cover,
            "title": order.song_title,
            "duration": round(recording.seconds, 2),
            "tags": order.tags,
            "prompt": order.text,
            "expire_at": int(expires * 1000),
        }

    def _end(self, task: PretendTask, results: list[dict[str, Any]], error: str | None) -> None:
        """End a task that has not ended, and begin to call back."""
        if task.ended.is_set():
            return
        task.status, task.results, task.error = "completed" if error is None else "failed", results, error
        self.music.update((result["id"], result) for result in results)
        task.ended.set()
        if url := task.order.callback_url:
            self._in_background(self.callbacks.deliver(url, task.callback_body(), task.told))
        else:
            task.told.set()

    def _signature(self, body: bytes) -> Mapping[str, str]:
        """Sign the raw bytes, if the key was made with a secret."""
        if self._secret is None:
            return {}
        secret = "not the " + self._secret if self._behaviour.bad_signature else self._secret
        return {"X-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        job = asyncio.create_task(work)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)
