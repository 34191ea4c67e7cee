"""How the pretend MusicAPI shows sonic clips: when asked, and in its signed webhooks."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.callbacks import Callback, Sign
from bot.sandbox.lyrics import write_lyrics
from bot.sandbox.musicapi_rules import SonicOrder
from bot.sandbox.musicapi_tasks import PretendTask, Song

COMPLETED, FAILED = "song.completed", "song.failed"


def clips(task: PretendTask, order: SonicOrder) -> dict[str, Any]:
    """Answer a get."""
    return _envelope([_clip(task, order, song) for song in task.songs])


def webhook(task: PretendTask, order: SonicOrder, event: str, sign: Callable[[str, str], Sign]) -> Callback:
    """Write the webhook of an event; it names no task, only clips.

    `sign` makes the headers from the event's name and the delivery's id.
    """
    more = {
        "negative_tags": order.negative_tags,
        "style_weight": order.style_weight,
        "weirdness_constraint": order.weirdness_constraint,
    }
    # The page's own sample has the length as a string here, although a get answers with a number.
    told = [{**_clip(task, order, song), **more, "duration": f"{song.seconds:.2f}"} for song in task.songs]
    body = json.dumps(_envelope(told), ensure_ascii=False, separators=(",", ":")).encode()
    return Callback(order.webhook_url, body, sign(event, secrets.token_hex(16)))


def headers(body: bytes, event: str, delivery: str, timestamp: int, secret: str) -> Mapping[str, str]:
    """Sign the bytes together with the time of sending."""
    signed = str(timestamp).encode() + b"." + body
    return {
        "X-Webhook-Id": delivery,
        "Idempotency-Key": delivery,
        "X-Webhook-Event": event,
        "X-Webhook-Timestamp": str(timestamp),
        "X-Webhook-Signature": "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest(),
    }


def _envelope(clips: list[dict[str, Any]]) -> dict[str, Any]:
    return {"code": 200, "data": clips, "message": "success"}


def _clip(task: PretendTask, order: SonicOrder, song: Song) -> dict[str, Any]:
    return {
        "clip_id": song.id,
        "state": song.state,
        "title": order.song_title,
        "tags": order.tags,
        "lyrics": _lyrics(order),
        "gpt_description_prompt": order.gpt_description_prompt,
        "mv": order.mv,
        "audio_url": song.audio_url,
        "image_url": song.image_url,
        "video_url": "",
        "duration": round(song.seconds),
        "created_at": datetime.fromtimestamp(task.created_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _lyrics(order: SonicOrder) -> str:
    if order.make_instrumental:
        return ""
    return order.prompt if order.has_own_lyrics else write_lyrics(order.text)
