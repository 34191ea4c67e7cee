"""MusicAPI's webhooks: signed with a secret per request (https://docs.musicapi.ai/webhook-guide)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from bot.domain.errors import BadCallback, BadSignature
from bot.domain.track import Changed, Outcome
from bot.providers.musicapi_answers import said_in
from bot.providers.musicapi_sonic import FAILED, read_clips
from bot.providers.signing import sign_hex, sign_stamped, verify_stamped
from bot.providers.wire import decode_callback

SIGNATURE_HEADER, STAMP_HEADER = "x-webhook-signature", "x-webhook-timestamp"

Headers = Sequence[tuple[str, str]]


def request_secret(setting: bytes, key: str) -> str:
    """Return the secret of one request: nothing is kept for it, and it is good for no other task."""
    return sign_hex(setting, key.encode())


def is_fresh(setting: bytes, headers: Headers, body: bytes, key: str | None, now: datetime) -> bool:
    """Verify a webhook; return whether its time is near. Raises BadSignature."""
    if not setting or not key:
        raise BadSignature("no secret for it")
    secret = request_secret(setting, key).encode()
    signatures = [value for name, value in headers if name == SIGNATURE_HEADER]
    stamps = [value for name, value in headers if name == STAMP_HEADER]
    return verify_stamped([secret], signatures, stamps, body, now)


def read_body(body: bytes) -> tuple[object, Outcome]:
    """Return the task id, if it says one, and the news. Raises BadCallback.

    There are several for one task: those with a clip that still streams are not the end. The body of a failure is not
    documented, so one without clips only says that something happened. The event's header is not signed.
    """
    decoded = decode_callback(body)
    if not isinstance(decoded, dict):
        raise BadCallback("no object")
    return decoded.get("task_id"), _outcome(decoded)


def _outcome(body: dict[str, Any]) -> Outcome:
    clips = body.get("data")
    return read_clips(clips, said_in(body)) if isinstance(clips, list) and clips else Changed()


def trial(setting: bytes, key: str, now: datetime) -> tuple[Mapping[str, str], bytes]:
    """Return headers and body of a webhook as the vendor would send it."""
    clip = {"clip_id": "minstrel-doctor", "state": FAILED, "error": "a trial by minstrel doctor"}
    body = msgspec.json.encode({"code": 200, "message": "success", "data": [clip]})
    stamp = str(int(now.timestamp()))
    event = sha256(body + key.encode() + stamp.encode()).hexdigest()[:32]
    headers = {
        "Content-Type": "application/json",
        "X-Webhook-Id": event,
        "Idempotency-Key": event,
        "X-Webhook-Event": "song.failed",
        "X-Webhook-Timestamp": stamp,
        "X-Webhook-Signature": sign_stamped(request_secret(setting, key).encode(), stamp, body),
    }
    return headers, body
