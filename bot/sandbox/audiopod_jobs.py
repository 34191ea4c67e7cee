"""The life of a job at the pretend AudioPod: paid for, made, ended, told about, tried again, deleted."""

import asyncio
import hashlib
import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.audiopod_account import Wallet, price
from bot.sandbox.audiopod_rules import Order
from bot.sandbox.audiopod_webhooks import Webhooks
from bot.sandbox.behaviour import Behaviour
from bot.sandbox.callbacks import Callback
from bot.sandbox.files import Files
from bot.sandbox.refusal import Refusal
from bot.sandbox.sounds import make_sound
from bot.sandbox.studio import Recording, Studio
from bot.sandbox.synth import encode_mp3
from bot.sandbox.workshop import Workshop, WorkshopTask

log = logging.getLogger(__name__)

FIRST_ID = 904_001
USER = "user-of-the-sandbox"
#: Seconds to wait after each delivery that was not acknowledged: five attempts, then it is a dead letter.
RETRY_AFTER = (60, 120, 240, 480)
#: How long files are kept is not documented.
FOR_EVER = float("inf")


@dataclass
class PretendJob(WorkshopTask):
    """Hold what the vendor knows of one job."""

    order: Order
    created: float
    display_name: str
    thumbnail_url: str | None
    audio_duration: float | None
    status: str = "PENDING"
    progress: float | None = None
    output_urls: dict[str, str] = field(default_factory=dict)
    completed: float | None = None
    error: str | None = None
    liked: bool = False

    @property
    def number(self) -> int:
        """Give its id as the vendor writes it."""
        return int(self.id)

    def described(self) -> dict[str, Any]:
        """Write it as a `MusicGenerationJob`."""
        job = {
            "id": self.number,
            "task": self.order.task,
            "status": self.status,
            "progress": self.progress,
            "output_url": self.output_urls.get(self.order.get("format", "flac")),
            "output_urls": self.output_urls or None,
            "display_name": self.display_name,
            "audio_duration": self.audio_duration,
            "created_at": moment(self.created),
            "user_id": USER,
            "thumbnail_url": self.thumbnail_url,
        }
        return {**job, **self._outcome()}

    def _outcome(self) -> dict[str, Any]:
        """Give the fields that a job has only once it has ended."""
        if self.error is not None:
            return {"error_message": self.error}
        if self.status != "COMPLETED" or self.completed is None:
            return {}
        outcome: dict[str, Any] = {"completed_at": moment(self.completed), "actual_seeds": self._seeds()}
        if self.order.get("calculate_quality", True):
            outcome["quality_score"] = 0.8
        if self.order.get("generate_lrc", False):
            lines = [line for line in self.order.lyrics.splitlines() if line.strip()]
            outcome["lrc_content"] = "\n".join(f"[00:{2 * n:02}.00]{line}" for n, line in enumerate(lines[:30]))
        return outcome

    def _seeds(self) -> list[int]:
        """Give the seed asked for, else one that follows from the id; one for each of the batch."""
        asked = self.order.get("seed", -1)
        first = asked if asked != -1 else int(hashlib.sha256(self.id.encode()).hexdigest()[:6], 16)
        return [first + n for n in range(self.order.get("batch_size", 1))]


class JobFiles(Files):
    """Files that can be taken offline."""

    def drop(self, url: str) -> None:
        """Forget the file at an address."""
        self._files.pop(urlsplit(url).path, None)


class AudioPodWorkshop(Workshop[PretendJob]):
    """Do the work of the pretend AudioPod."""

    files: JobFiles

    def __init__(
        self, webhooks: Webhooks, wallet: Wallet, behaviour: Behaviour, studio: Studio, now: Callable[[], float]
    ) -> None:
        super().__init__(behaviour, studio, now, RETRY_AFTER)
        self.files = JobFiles(behaviour, now)
        self._webhooks, self._wallet = webhooks, wallet
        self._ids = itertools.count(FIRST_ID)

    def accept(self, order: Order) -> PretendJob:
        """Reserve the price of an order and queue it; raise BalanceUsedUp."""
        self._wallet.reserve(price(order.seconds))
        job_id, thumbnail = str(next(self._ids)), order.get("thumbnail_url")
        return self.add(PretendJob(job_id, order, self._now(), order.display_name, thumbnail, order.seconds))

    def retry(self, job: PretendJob) -> PretendJob:
        """Queue a failed job again under its id; the price that its failure gave back is all that it costs."""
        if job.status != "FAILED":
            raise Refusal(f"Only failed jobs can be retried; this one is {job.status}.", 400)
        self._wallet.take(price(job.order.seconds))
        job.status, job.progress, job.error = "PENDING", None, None
        job.ended, job.told = asyncio.Event(), asyncio.Event()
        return self.add(job)

    def delete(self, job: PretendJob) -> None:
        """Forget a job and its files; one that runs ends without a word."""
        del self.tasks[job.id]
        for url in job.output_urls.values():
            self.files.drop(url)

    def process(self, task: PretendJob) -> None:
        """Move a job that waits on to processing."""
        if task.status == "PENDING":
            task.status, task.progress = "PROCESSING", 50

    def cancel(self, job: PretendJob) -> None:
        """End a job as cancelled, which only the webhooks' page knows of."""
        if not job.ended.is_set():
            job.status = "CANCELLED"
            self._end(job, [], None)

    def announce(self, callbacks: list[Callback]) -> None:
        """Send callbacks about something that is no job here, in the background."""
        for callback in callbacks:
            self._in_background(self.callbacks.deliver(callback, asyncio.Event()))

    async def _make(self, task: PretendJob) -> tuple[list[Recording], str | None]:
        order = task.order
        if order.task != "text2samples" or self._told.fail_with is not None:
            return await self._record(order.words, order.text[:40], 1)
        return [await asyncio.to_thread(_sound, order)], None

    def _close(self, task: PretendJob, recordings: list[Recording], error: str | None) -> list[Callback]:
        if task.id not in self.tasks:
            return []
        if recordings:
            self._publish(task, recordings[0])
        elif task.status != "CANCELLED":
            task.status, task.error = "FAILED", error
        if not recordings:
            self._wallet.take(-price(task.order.seconds))
        ending = {"COMPLETED": "completed", "FAILED": "failed", "CANCELLED": "cancelled"}[task.status]
        event: dict[str, Any] = {"job_id": task.number, "job_type": "music_generation", "status": ending}
        if error is not None:
            event |= {"error_message": error, "failure_reason": "generation_failed"}
        return self._webhooks.event(f"job.{ending}", event)

    def _publish(self, job: PretendJob, recording: Recording) -> None:
        """Put the MP3 online. Other formats are not made here: their address is given when asked for, and is empty."""
        mp3 = self._online(f"{job.id}.mp3", recording.audio, FOR_EVER)
        asked = job.order.get("format", "flac")
        job.output_urls = {asked: mp3.removesuffix("mp3") + asked, "mp3": mp3}
        job.status, job.progress, job.completed = "COMPLETED", 100, self._now()
        job.audio_duration = round(recording.seconds, 2)


def _sound(order: Order) -> Recording:
    """Make a sound effect; it has no cover."""
    piece = make_sound(
        order.text, loop=order.loop, bpm=order.tempo, key=order.get("keyscale", ""), seconds=order.seconds
    )
    return Recording(encode_mp3(piece), b"", piece.seconds)


def moment(seconds: float) -> str:
    """Write a moment as the vendor does."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
