"""Tells MusicAPI's good answers from its refusals (https://docs.musicapi.ai/error-handling)."""

import re
from typing import Any

from bot.domain.errors import (
    AnswerLost,
    CreditsSpent,
    KeyRefused,
    NoSubscription,
    NotAccepted,
    ProviderError,
    Rejected,
)
from bot.providers.reading import text
from bot.providers.wire import Reply, busy, decode_reply

#: In an answer's body: the task still runs. https://musicapi.ai/docs/quickstart-python
_NOT_READY_CODES, _NOT_READY = (102, 202), "not_ready"

#: In the body of a 200: it went wrong, and its credits come back. So the vendor's own `musicapi-sdk` reads it.
_FAILED = {"failed", "timeout", "forbidden", "api_error"}

#: A 403 is about the account or about the words that were sent; only its text tells. Refunded credits are neither.
_NO_CREDITS = re.compile(
    r"\b(insufficient|enough|no|out of)\s(\w+\s)?credits?\b|\bcredits? .*\b(insufficient|exhausted|used up)\b"
)
_NO_SUBSCRIPTION = re.compile(r"\bsubscri(ption|be)")
_NO_TASK = re.compile(r"\btask\b.*\b(not found|not exist)\b")


def answer(reply: Reply) -> dict[str, Any]:
    """Return the object that came back, where it is a success. Raises ProviderError."""
    body = _object(reply)
    status = _status(reply, body)
    if body is None:
        raise _without_words(reply)
    said = said_in(body)
    # Studio's code is a word: "success".
    good = text(body.get("code")).lower() in ("", "success") and text(body.get("type")) not in _FAILED
    if status < 300 and good:
        return body
    raise _refusal(reply, status, f"HTTP {reply.status}, code {str(body.get('code'))[:20]}: {said[:200]}", body)


def not_ready(reply: Reply) -> bool:
    """Say whether the answer to a look-up only says that the task still runs."""
    body = _object(reply) or {}
    return reply.status == 202 or body.get("code") in _NOT_READY_CODES or body.get("type") == _NOT_READY


def why_failed(reply: Reply) -> str | None:
    """Return what an answer to a look-up says went wrong with the task; None where it does not say so."""
    body = _object(reply) or {}
    return said_in(body) if reply.status < 300 and text(body.get("type")) in _FAILED else None


def is_gone(reply: Reply) -> bool:
    """Say whether the answer to a look-up says in words that there is no such task: by the vendor's page a 400."""
    return reply.status in (400, 404) and _NO_TASK.search(said_in(_object(reply) or {}).lower()) is not None


def said_in(body: dict[str, Any]) -> str:
    """Return an answer's own words. Where they stand depends on the call, says the vendor's `musicapi-sdk`."""
    return next(filter(None, (text(body.get(name)) for name in ("error", "message", "type"))), "")


def _object(reply: Reply) -> dict[str, Any] | None:
    try:
        body = decode_reply(reply)
    except AnswerLost:
        return None
    return body if isinstance(body, dict) else None


def _status(reply: Reply, body: dict[str, Any] | None) -> int:
    """Return the HTTP status, or the number in the body where only that tells of a refusal."""
    code = (body or {}).get("code")
    return code if reply.status < 300 and type(code) is int and code >= 300 else reply.status


def _without_words(reply: Reply) -> ProviderError:
    """Return the error for an answer without an object: a gateway's, or another service's."""
    if reply.status == 403:
        # What was sent is refused in words; this is the door itself.
        return KeyRefused("HTTP 403 without a word")
    if reply.status < 300:
        return AnswerLost(f"HTTP {reply.status}, not an object")
    detail = f"HTTP {reply.status}, not an object: is MUSICAPI_BASE_URL right?"
    return _refusal(reply, reply.status, detail, {})


def _refusal(reply: Reply, status: int, detail: str, body: dict[str, Any]) -> ProviderError:
    if status == 429:
        return busy(reply)
    if status == 401:
        return KeyRefused(detail)
    if status == 402:
        return CreditsSpent(detail)
    # Only with the vendor's own `type` it is surely not a gateway's, behind which the task may have been taken.
    if status == 503 and text(body.get("type")):
        return NotAccepted(detail)
    if status >= 500:
        return AnswerLost(detail)
    return _by_words(detail, body) if status in (200, 403) else Rejected(detail, said_in(body))


def _by_words(detail: str, body: dict[str, Any]) -> ProviderError:
    said = said_in(body)
    words = f"{text(body.get('type'))} {said}".lower().replace("_", " ")
    if _NO_CREDITS.search(words):
        return CreditsSpent(detail, said)
    if _NO_SUBSCRIPTION.search(words):
        return NoSubscription(detail, said)
    return Rejected(detail, said)
