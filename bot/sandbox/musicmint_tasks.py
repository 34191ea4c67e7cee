"""The life of a task at the pretend MusicMint: accepted, worked on, ended, called back about."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.behaviour import Behaviour
from bot.sandbox.callbacks import Callback
from bot.sandbox.musicmint_rules import Order
from bot.sandbox.studio import Recording, Studio
from bot.sandbox.workshop import DAY, Workshop, WorkshopTask

RESULTS_PER_TASK = 2
#: Seconds to wait after each callback that was not acknowledged; after the last the vendor gives up.
RETRY_AFTER = (30, 60, 120, 300, 600)


@dataclass
class PretendTask(WorkshopTask):
    """Hold what the vendor knows of one task; `created_at` is in milliseconds."""

    order: Order
    created_at: int
    status: str = "queuing"
    results: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None

    def outcome(self) -> dict[str, Any]:
        """Give the fields that a task has only once it has ended."""
        if self.status == "completed":
            return {"results": self.results}
        return {"error": self.error} if self.status == "failed" else {}

    def callback_body(self) -> bytes:
        """Write the callback: no envelope, and the id is called task_id."""
        callback = {"task_id": self.id, "status": self.status, **self.outcome()}
        return json.dumps(callback, ensure_ascii=False, separators=(",", ":")).encode()


class MusicMintWorkshop(Workshop[PretendTask]):
    """Do the work of the pretend MusicMint."""

    def __init__(
        self, signing_secret: str | None, behaviour: Behaviour, studio: Studio, now: Callable[[], float]
    ) -> None:
        super().__init__(behaviour, studio, now, RETRY_AFTER)
        #: The finished results of all tasks, by their id.
        self.music: dict[str, dict[str, Any]] = {}
        self._secret = signing_secret

    def accept(self, order: Order) -> PretendTask:
        """Take an order."""
        return self.add(PretendTask(secrets.token_hex(12), order, int(self._now() * 1000)))

    def process(self, task: PretendTask) -> None:
        """Move a task that waits on to processing."""
        if task.status == "queuing":
            task.status = "processing"

    def callback(self, task: PretendTask) -> Callback:
        """Write the callback of a task that has ended."""
        return Callback(task.order.callback_url, task.callback_body(), self._signature)

    async def _make(self, task: PretendTask) -> tuple[list[Recording], str | None]:
        return await self._record(task.order.words, task.order.song_title, RESULTS_PER_TASK)

    def _close(self, task: PretendTask, recordings: list[Recording], error: str | None) -> list[Callback]:
        task.status, task.error = "completed" if error is None else "failed", error
        task.results = [self._result(task.order, recording) for recording in recordings]
        self.music.update((result["id"], result) for result in task.results)
        return [self.callback(task)] if task.order.callback_url else []

    def _result(self, order: Order, recording: Recording) -> dict[str, Any]:
        """Put the files of one track online and describe it."""
        clip_id = f"clip-{secrets.token_hex(6)}"
        expires = self._now() + order.retention_days * DAY
        return {
            "id": clip_id,
            "audio_url": self._online(f"{clip_id}.mp3", recording.audio, expires),
            "image_url": self._online(f"{clip_id}.jpg", recording.cover, expires),
            "title": order.song_title,
            "duration": round(recording.seconds, 2),
            "tags": order.tags,
            "prompt": order.text,
            "expire_at": int(expires * 1000),
        }

    def _signature(self, body: bytes) -> Mapping[str, str]:
        """Sign the raw bytes, if the key was made with a secret."""
        if self._secret is None:
            return {}
        secret = "not the " + self._secret if self._told.bad_signature else self._secret
        return {"X-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}
