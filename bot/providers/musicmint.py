"""Speaks MusicMint's dialect (https://docs.musicmint.ai/)."""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import msgspec

from bot.domain.contract import Ability, Contract, Worth, together
from bot.domain.errors import (
    AnswerLost,
    BadCallback,
    CreditsSpent,
    KeyRefused,
    NotAccepted,
    ProviderError,
    Rejected,
    TaskGone,
)
from bot.domain.task import MAX_LYRICS, MAX_PROMPT, MAX_STYLE, MAX_TITLE, Kind, Request, Task
from bot.domain.track import Completed, Failed, Outcome, Running, Track, Update
from bot.providers.reading import is_id, seconds, text
from bot.providers.signing import sign_hex, verify_hex
from bot.providers.wire import Call, Reply, Search, busy, decode_callback, decode_reply

log = logging.getLogger(__name__)

SIGNATURE_HEADER = "x-signature"

#: Codes of the envelope that mean a key that is no good. https://docs.musicmint.ai/api-reference/appkey
BAD_KEY_CODES = {1003, 1004}

#: https://docs.musicmint.ai/api-reference/tasks/get. An unknown word counts as running, bounded by our own deadline.
FAILED, COMPLETED = "failed", "completed"
RUNNING = ("queuing", "processing")

#: `expire_at` is in milliseconds; a number below this can only be seconds (it would be a moment in 1973).
_SECONDS_BELOW = 100_000_000_000
_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


CONTRACT = Contract(
    name="musicmint",
    label="MusicMint",
    # It documents no limits of its own.
    makes={Kind.SONG: Ability(MAX_PROMPT, MAX_STYLE, MAX_TITLE, MAX_LYRICS, instrumental=True)},
    callbacks=Worth.RESULT,
)


class Generate(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The body of `POST /api/v1/music/generate`. https://docs.musicmint.ai/api-reference/music/generate

    At least one of `prompt`, `tags` and `gpt_description_prompt` is needed; the last excludes the other two.
    """

    prompt: str = ""
    title: str = ""
    tags: str = ""
    gpt_description_prompt: str = ""
    make_instrumental: bool = False
    persona_id: str = ""
    continue_clip_id: str = ""
    continue_at: int | None = None
    callback_url: str = ""
    retention_days: int = 7


class Envelope(msgspec.Struct):
    """What every answer is wrapped in; `code` 0 is success."""

    code: int
    message: str = ""
    request_id: str = ""
    data: Any = None


class CallbackBody(msgspec.Struct):
    """The body of a callback, which has no envelope. https://docs.musicmint.ai/api-reference/webhooks"""

    task_id: str
    status: str
    results: Any = None
    error: Any = None


class MusicMint:
    """Builds calls and reads replies and callbacks; no socket in it."""

    contract = CONTRACT

    def __init__(self, api_key: str, secrets: Sequence[bytes], retention_days: int) -> None:
        self._api_key, self._secrets, self._retention_days = api_key, tuple(secrets), retention_days
        #: How many callbacks came with the secret that is being given up.
        self._signed_with_old = 0

    @property
    def headers(self) -> Mapping[str, str]:
        """See `wire.Wire`."""
        return {"Authorization": f"Bearer {self._api_key}", "Content-Type": "application/json"}

    def submit(self, task: Task, callback_url: str | None) -> Call:
        """See `wire.Wire`."""
        body = generate_body(task.request)
        body.callback_url = callback_url or ""
        body.retention_days = self._retention_days
        return Call("POST", "/api/v1/music/generate", msgspec.json.encode(body))

    def read_submit(self, reply: Reply) -> str:
        """See `wire.Wire`."""
        data = _data(reply)
        task_id = data.get("task_id") if isinstance(data, dict) else None
        if not is_id(task_id):
            raise AnswerLost("no task id in the answer")
        return str(task_id)

    def look_up(self, provider_task_id: str) -> Call:
        """See `wire.Wire`. It is a POST all the same: https://docs.musicmint.ai/api-reference/tasks/get"""
        return Call("POST", f"/api/v1/task/{quote(provider_task_id, safe='')}", b"{}")

    def read_look_up(self, reply: Reply) -> Outcome:
        """See `wire.Wire`."""
        if reply.status == 404:
            raise _unknown(reply)
        data = _data(reply)
        if not isinstance(data, dict):
            raise AnswerLost("no task in the answer")
        return _outcome(data.get("status"), data.get("results"), data.get("error")) or Running()

    def check_key(self) -> Call:
        """See `wire.Wire`. The newest task only: https://docs.musicmint.ai/api-reference/tasks/list"""
        return Call("POST", "/api/v1/tasks", msgspec.json.encode({"page": 1, "page_size": 1}))

    def read_check_key(self, reply: Reply) -> None:
        """See `wire.Wire`."""
        if not isinstance(_data(reply), dict):
            raise AnswerLost("no list of tasks in the answer")

    def find_lost(self, task: Task) -> Search | None:
        """See `wire.Wire`. Its list holds nothing of what was asked, so a lost create cannot be told from others."""
        return None

    def own_callback(self, task_id: str, key: str, now: datetime) -> tuple[Mapping[str, str], bytes]:
        """See `wire.Wire`."""
        body = msgspec.json.encode({"task_id": task_id, "status": FAILED, "error": "a trial by minstrel doctor"})
        return {"Content-Type": "application/json", SIGNATURE_HEADER: sign_hex(self._secrets[0], body)}, body

    def read_callback(self, headers: Sequence[tuple[str, str]], body: bytes, key: str | None, now: datetime) -> Update:
        """See `wire.Wire`. Nothing is parsed before the signature is right."""
        signatures = [value for name, value in headers if name == SIGNATURE_HEADER]
        if verify_hex(self._secrets, signatures, body) > 0:
            self._signed_with_old += 1
            log.warning("callback signed with the old secret", extra={"count": self._signed_with_old})
        decoded = decode_callback(body)
        try:
            callback = msgspec.convert(decoded, CallbackBody)
        except msgspec.ValidationError as error:
            raise BadCallback(str(error)) from error
        if not is_id(callback.task_id):
            raise BadCallback("task_id is no id")
        outcome = _outcome(callback.status, callback.results, callback.error)
        if outcome is None:
            raise BadCallback("unknown status")
        return Update(CONTRACT.name, callback.task_id, outcome, key, digest=sha256(body).digest())


def generate_body(request: Request) -> Generate:
    """Return what is asked of MusicMint for a member's request.

    A description alone goes into the inspiration field, which excludes style words; with words to sing or with style
    words it goes the other way.
    """
    body = Generate(
        title=request.title,
        make_instrumental=request.instrumental,
        persona_id=request.persona_id,
        continue_clip_id=request.continue_clip_id,
        continue_at=request.continue_at if request.continue_clip_id else None,
    )
    if request.lyrics and not request.instrumental:
        # The description is no lyrics, so it goes among the style words.
        body.prompt, body.tags = request.lyrics, together(request.style, request.prompt)
    elif request.style:
        body.prompt, body.tags = request.prompt, request.style
    else:
        body.gpt_description_prompt = request.about
    return body


def _data(reply: Reply) -> Any:
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


def _envelope(reply: Reply) -> Envelope:
    """Return the envelope. Without one, a redirect or a 4xx is still a refusal; anything else is a lost answer."""
    try:
        return msgspec.convert(decode_reply(reply), Envelope)
    except (msgspec.ValidationError, AnswerLost) as error:
        if 300 <= reply.status < 500:
            raise Rejected(f"HTTP {reply.status} without an envelope: is MUSICMINT_BASE_URL right?") from error
        raise AnswerLost(f"HTTP {reply.status} without an envelope") from error


def _unknown(reply: Reply) -> ProviderError:
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


def _outcome(status: object, results: object, error: object) -> Outcome | None:
    """Return what a status word means; `status` decides, whatever else is there. None for an unknown word."""
    if status == COMPLETED:
        return _completed(results)
    if status == FAILED:
        return Failed(text(error))
    return Running() if status in RUNNING else None


def _completed(results: object) -> Completed:
    """Read results one by one: a broken one counts as missing and does not hurt the others."""
    entries = results if isinstance(results, list) else []
    tracks = [track for entry in entries if (track := _track(entry)) is not None]
    return Completed(tuple(tracks), missing=len(entries) - len(tracks))


def _track(entry: object) -> Track | None:
    if not isinstance(entry, dict) or not text(entry.get("audio_url")):
        return None
    return Track(
        clip_id=text(entry.get("id")),
        audio_url=text(entry["audio_url"]),
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
