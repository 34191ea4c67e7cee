"""MusicAPI's documented answers, as files, and the dialect that reads them."""

import hashlib
import hmac
from datetime import datetime
from pathlib import Path

from bot.domain.task import Kind
from bot.domain.track import Update
from bot.providers.musicapi import MusicApi
from bot.providers.wire import Reply
from tests.parts import API_KEY, MORNING, SECRET, make_task

SAMPLES = Path(__file__).parents[1] / "samples" / "musicapi"
TASK_ID = "c41f7d20-5b1e-4a52-9d0e-1f6a3b7c8d90"
KEY = "the-key-of-a-task"

SONIC = MusicApi(API_KEY, SECRET.encode(), studio=False)
STUDIO = MusicApi(API_KEY, SECRET.encode(), studio=True)

A_SONG, LYRICS = make_task(), make_task(kind=Kind.LYRICS)


def sample(name: str) -> bytes:
    """Return the bytes of one sample."""
    return (SAMPLES / f"{name}.json").read_bytes()


def reply(body: bytes, status: int = 200, **headers: str) -> Reply:
    """Return an answer of the vendor; `retry_after` stands for `retry-after`."""
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def secret_of(key: str, setting: str = SECRET) -> bytes:
    """Return the secret that the vendor was given with the request of this key."""
    return hmac.new(setting.encode(), key.encode(), hashlib.sha256).hexdigest().encode()


def signed(body: bytes, at: datetime = MORNING, secret: bytes = secret_of(KEY)) -> list[tuple[str, str]]:
    """Return the headers that the vendor sends with a webhook."""
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return [("x-webhook-timestamp", stamp), ("x-webhook-signature", f"sha256={digest}")]


def called_back(body: bytes, at: datetime = MORNING) -> Update:
    """Return what a rightly signed webhook says."""
    return SONIC.read_callback(signed(body, at), body, KEY, MORNING)
