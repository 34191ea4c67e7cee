"""What tests are made of: a clock that is moved, a quick studio, and tasks."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import lameenc
import numpy as np
from PIL import Image

from bot.domain.task import Origin, Request, State, Task, new_key, new_task_id
from bot.domain.track import Track
from bot.sandbox.studio import Recording

MORNING = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
API_KEY = "sk-mm-for-the-tests"
SECRET = "a signing secret for tests"
ADA, BOB = 1001, 1002
GUILD, CHANNEL = 2001, 3001


class Clock:
    """A wall clock that stands still until it is moved."""

    def __init__(self, now: datetime = MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        """Move it, like `advance(minutes=3)`."""
        self.now += timedelta(**parts)


@cache
def short_mp3(pitch: int = 440, seconds: float = 1.0) -> bytes:
    """Return a real MP3 of one tone."""
    times = np.arange(int(44_100 * seconds)) / 44_100
    tone = (np.sin(2 * np.pi * pitch * times) * 12_000).astype(np.int16)
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(64)
    encoder.set_in_sample_rate(44_100)
    encoder.set_channels(1)
    encoder.silence()
    return bytes(encoder.encode(tone.tobytes()) + encoder.flush())


@cache
def small_jpeg(colour: tuple[int, int, int] = (200, 60, 40), side: int = 64) -> bytes:
    """Return a real JPEG of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(file, "JPEG")
    return file.getvalue()


class QuickStudio:
    """Makes real, tiny files for the pretend vendor."""

    def record(self, words: str, title: str, variation: int) -> Recording:
        return Recording(short_mp3(440 + 110 * variation), small_jpeg((200, 60, 40 + variation)), 1.0)


def make_task(prompt: str = "rain on a tin roof", *, now: datetime = MORNING, **changes: object) -> Task:
    """Return a fresh task of Ada's; `changes` are fields of Task, Origin or Request."""
    origin = Origin(ADA, CHANNEL, GUILD)
    request = Request(prompt)
    own = {name: changes[name] for name in changes if name in Task.__dataclass_fields__}
    place = {name: changes[name] for name in changes if name in Origin.__dataclass_fields__}
    wish = {name: changes[name] for name in changes if name in Request.__dataclass_fields__}
    task = Task(
        id=new_task_id(),
        key=new_key(),
        provider="musicmint",
        request=replace(request, **wish),  # type: ignore[arg-type]
        origin=replace(origin, **place),  # type: ignore[arg-type]
        state=State.WAITING,
        attempt=1,
        created_at=now,
    )
    return replace(task, **own)  # type: ignore[arg-type]


def make_track(clip_id: str = "clip-1", **changes: object) -> Track:
    """Return a track; `changes` are its fields."""
    track = Track(clip_id, f"https://files.example/{clip_id}.mp3", f"https://files.example/{clip_id}.jpg", "Tin Roof")
    return replace(track, **changes)  # type: ignore[arg-type]
