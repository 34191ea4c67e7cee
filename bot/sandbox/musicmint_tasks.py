"""The life of a task at the pretend MusicMint: accepted, worked on, ended, called back about."""

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.behaviour import Behaviour
from bot.sandbox.callbacks import Callback
from bot.sandbox.lyrics import write_lyrics
from bot.sandbox.music import Fit
from bot.sandbox.musicmint_clips import RESULTS, SONG_RESULTS, Clip, Clips, check, rework
from bot.sandbox.musicmint_rules import NOT_FOUND, Order
from bot.sandbox.recipes import Recipe, Song
from bot.sandbox.refusal import Refusal
from bot.sandbox.studio import Recording, Studio
from bot.sandbox.uploads import mark
from bot.sandbox.workshop import DAY, Workshop, WorkshopTask

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
    #: The clip that is worked on.
    clip: Clip | None = None

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
        self.clips = Clips(now)
        #: The tracks that personas were made from, by the persona's id.
        self.personas: dict[str, Clip] = {}
        #: How each sound that was put online is made, by its mark.
        self.marks: dict[bytes, Recipe] = {}
        self._secret = signing_secret

    def accept(self, order: Order) -> PretendTask:
        """Take an order; raise Refusal where it names a clip or a persona that there is not."""
        clip = self.clips.sounding(order.clip_id) if order.clip_id else None
        if clip is not None:
            check(order, clip)
        if order.persona_id and order.persona_id not in self.personas:
            raise Refusal("persona not found", 404, NOT_FOUND)
        return self.add(PretendTask(secrets.token_hex(12), order, int(self._now() * 1000), clip=clip))

    def process(self, task: PretendTask) -> None:
        """Move a task that waits on to processing."""
        if task.status == "queuing":
            task.status = "processing"

    def callback(self, task: PretendTask) -> Callback:
        """Write the callback of a task that has ended."""
        return Callback(task.order.callback_url, task.callback_body(), self._signature)

    def publish(self, name: str, audio: bytes, recipe: Recipe, expires: float) -> str:
        """Put a sound online, to be recognised when it comes back; return its address."""
        self.marks[mark(audio)] = recipe
        return self._online(name, audio, expires)

    async def _make(self, task: PretendTask) -> tuple[list[Recording], str | None]:
        order, clip = task.order, task.clip
        count = RESULTS.get(order.endpoint, SONG_RESULTS)
        if order.endpoint == "lyrics/generate":
            return await self._made(order.song_title, (_nothing() for _ in range(count)))
        if order.endpoint == "music/generate" and clip is None:
            return await self._record(self._words(order), order.song_title, count)
        making = (asyncio.to_thread(rework, order, clip, variation) for variation in range(count))
        return await self._made(order.endpoint, making)

    def _words(self, order: Order) -> str:
        """Give the words of a song; one that a persona sings is in the manner of the persona's track too."""
        if not order.persona_id:
            return order.words
        return f"{order.words} {self.personas[order.persona_id].result['tags']}".strip()

    def _close(self, task: PretendTask, recordings: list[Recording], error: str | None) -> list[Callback]:
        task.status, task.error = "completed" if error is None else "failed", error
        task.results = [self._clip(task, recording).result for recording in recordings]
        return [self.callback(task)] if task.order.callback_url else []

    def _clip(self, task: PretendTask, recording: Recording) -> Clip:
        """Put the files of one track online and remember it."""
        clip_id = f"clip-{secrets.token_hex(6)}"
        expires = self._now() + task.order.retention_days * DAY
        result = {"id": clip_id, "audio_url": "", "image_url": "", **_described(task)}
        result |= {"duration": round(recording.seconds, 2), "expire_at": int(expires * 1000)}
        if not recording.audio:
            return self.clips.add(Clip(result, None, expires))
        # A studio that does not compose gives a sound of somebody else: only its length is known.
        recipe = recording.recipe or Song(mark(recording.audio).hex(), fit=Fit(recording.seconds))
        result["audio_url"] = self.publish(f"{clip_id}.mp3", recording.audio, recipe, expires)
        result["image_url"] = self._online(f"{clip_id}.jpg", recording.cover, expires)
        return self.clips.add(Clip(result, recipe, expires, recording.cover))

    def _signature(self, body: bytes) -> Mapping[str, str]:
        """Sign the raw bytes, if the key was made with a secret."""
        if self._secret is None:
            return {}
        secret = "not the " + self._secret if self._told.bad_signature else self._secret
        return {"X-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


async def _nothing() -> Recording:
    """Record nothing: lyrics are read."""
    return Recording(b"", b"", 0.0)


def _described(task: PretendTask) -> dict[str, Any]:
    """Give title, style and words of a task's results; what its order leaves out comes from the clip."""
    order = task.order
    if order.endpoint == "lyrics/generate":
        return {"title": order.song_title, "tags": order.style, "prompt": write_lyrics(order.text)}
    old = task.clip.result if task.clip else {"title": order.song_title, "tags": "", "prompt": ""}
    return {
        "title": order.title.strip() or old["title"],
        "tags": order.tags or old["tags"],
        "prompt": order.text or old["prompt"],
    }
