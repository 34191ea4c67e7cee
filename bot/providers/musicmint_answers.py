"""What MusicMint's answers have in common: the envelope, refusals, and how a task stands."""

import logging
from datetime import UTC, datetime
from typing import Any

import msgspec

from bot.domain.errors import AnswerLost, CreditsSpent, KeyRefused, NotAccepted, ProviderError, Rejected, TaskGone
from bot.domain.track import Completed, Failed, Outcome, Running, Track
from bot.providers.reading import is_id, seconds, text
from bot.providers.wire import Reply, busy, decode_reply

log = logging.getLogger(__name__)

#: Codes of the envelope that mean a key that is no good. https://docs.musicmint.ai/api-reference/appkey
BAD_KEY_CODES = {1003, 1004}

#: https://docs.musicmint.ai/api-reference/tasks/get. An unknown word counts as running, bounded by our own deadline.
FAILED, COMPLETED = "failed", "completed"
RUNNING = ("queuing", "processing")

#: `expire_at` is in milliseconds; a number below this can only be seconds (it would be a moment in 1973).
_SECONDS_BELOW = 100_000_000_000
_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


class Envelope(msgspec.Struct):
    """What every answer is wrapped in; `code` 0 is success."""

    code: int
    message: str = ""
    request_id: str = ""
    data: Any = None


def data_in(reply: Reply) -> Any:
    """Return what the envelope holds. Raises ProviderError; which one is decided by `code` first, then by HTTP status.

    No status codes are documented, so only the plain HTTP meanings are relied on.
    """
    if reply.status == 429:
        raise busy(reply)
    if reply.status == 402:
        raise CreditsSpent(_said(reply))
    if reply.status in (401, 403):
        raise KeyRefused(_said(reply))
    envelope = _envelope(reply)
    log.info("provider answered", extra={"request_id": envelope.request_id[:100], "code": envelope.code})
    if envelope.code == 0 and reply.status < 300:
        return envelope.data
    detail = f"HTTP {reply.status}, code {envelope.code}: {envelope.message[:200]}"
    if envelope.code in BAD_KEY_CODES:
        raise KeyRefused(detail)
    if reply.status == 503:
        raise NotAccepted(detail)
    if reply.status >= 500:
        raise AnswerLost(detail)
    raise Rejected(detail, envelope.message)


def object_in(reply: Reply) -> dict[str, Any]:
    """Return the object that the envelope holds. Raises ProviderError."""
    data = data_in(reply)
    if not isinstance(data, dict):
        raise AnswerLost("no object in the answer")
    return data


def read_created(reply: Reply) -> str:
    """Return the id of the task that was just made. Raises ProviderError."""
    task_id = object_in(reply).get("task_id")
    if not is_id(task_id):
        raise AnswerLost("no task id in the answer")
    return str(task_id)


def outcome(status: object, results: object, error: object) -> Outcome | None:
    """Return what a status word means; `status` decides, whatever else is there. None for an unknown word."""
    if status == COMPLETED:
        return _completed(results)
    if status == FAILED:
        return Failed(text(error))
    return Running() if status in RUNNING else None


def _envelope(reply: Reply) -> Envelope:
    """Return the envelope. Without one, a redirect or a 4xx is still a refusal; anything else is a lost answer."""
    try:
        return msgspec.convert(decode_reply(reply), Envelope)
    except (msgspec.ValidationError, AnswerLost) as error:
        if 300 <= reply.status < 500:
            raise Rejected(f"HTTP {reply.status} without an envelope: is MUSICMINT_BASE_URL right?") from error
        raise AnswerLost(f"HTTP {reply.status} without an envelope") from error


def unknown(reply: Reply) -> ProviderError:
    """Return what a 404 to a look-up means: only an envelope that refuses shows that it is not a gateway's."""
    try:
        refuses = _envelope(reply).code != 0
    except ProviderError as error:
        return AnswerLost(error.detail)
    return TaskGone(_said(reply)) if refuses else AnswerLost("HTTP 404, code 0")


def _said(reply: Reply) -> str:
    """Return the message of a refusal, as far as it can be read."""
    try:
        envelope = _envelope(reply)
    except ProviderError as error:
        return error.detail
    return f"HTTP {reply.status}, code {envelope.code}: {envelope.message[:200]}"


def _completed(results: object) -> Completed:
    """Read results one by one: a broken one counts as missing and does not hurt the others."""
    entries = results if isinstance(results, list) else []
    tracks = [track for entry in entries if (track := _track(entry)) is not None]
    return Completed(tuple(tracks), missing=len(entries) - len(tracks))


def _track(entry: object) -> Track | None:
    """Read one result. Lyrics have no audio, only their words; whether a song may, is for its kind to say."""
    if not isinstance(entry, dict) or not (text(entry.get("audio_url")) or text(entry.get("prompt")).strip()):
        return None
    return Track(
        clip_id=text(entry.get("id")),
        audio_url=text(entry.get("audio_url")),
        cover_url=text(entry.get("image_url")),
        title=text(entry.get("title")),
        style=text(entry.get("tags")),
        lyrics=text(entry.get("prompt")),
        seconds=seconds(entry.get("duration")),
        expires_at=_expiry(entry.get("expire_at")),
    )


def _expiry(value: object) -> datetime | None:
    """Read `expire_at`: milliseconds; seconds are recognised; 0 is never; anything odd counts as absent."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < _LATEST * 1000:
        return None
    return datetime.fromtimestamp(value if value < _SECONDS_BELOW else value / 1000, UTC)
