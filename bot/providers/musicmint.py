"""Speaks MusicMint's dialect (https://docs.musicmint.ai/)."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import msgspec

from bot.domain.contract import Ability, Answer, Contract, Times, Worth
from bot.domain.errors import BadCallback
from bot.domain.task import MAX_LYRICS, MAX_MUSICAL_KEY, MAX_PROMPT, MAX_STYLE, MAX_TITLE, Kind, Task
from bot.domain.track import Completed, Outcome, Running, Update, Uploaded
from bot.providers.musicmint_answers import FAILED, object_in, outcome, read_created, unknown
from bot.providers.musicmint_bodies import at_once, create
from bot.providers.musicmint_results import RESULTS, read_persona, read_upload
from bot.providers.reading import is_id
from bot.providers.signing import sign_hex, verify_hex
from bot.providers.wire import Call, Question, Reply, decode_callback

log = logging.getLogger(__name__)

SIGNATURE_HEADER = "x-signature"

SOUND_TYPES, TEMPO = frozenset({"loop", "one-shot"}), range(20, 401)

#: It documents no limits of its own. What is said to a rework are style words and words to sing.
MAKES = {
    Kind.SONG: Ability(MAX_PROMPT, MAX_STYLE, MAX_TITLE, MAX_LYRICS, instrumental=True, persona=True),
    Kind.SOUND: Ability(MAX_PROMPT, sound_types=SOUND_TYPES, bpm=TEMPO, musical_key=MAX_MUSICAL_KEY),
    # It takes an address to call back to, and does not stand in the list of what is called back, as samples do not:
    # https://docs.musicmint.ai/api-reference/webhooks
    Kind.LYRICS: Ability(MAX_PROMPT, MAX_STYLE, callback_promised=False),
    Kind.EXTEND: Ability(
        MAX_PROMPT,
        MAX_STYLE,
        MAX_TITLE,
        MAX_LYRICS,
        instrumental=True,
        persona=True,
        source=True,
        times=Times.START,
    ),
    Kind.COVER: Ability(style=MAX_STYLE, title=MAX_TITLE, lyrics=MAX_LYRICS, source=True),
    Kind.REMASTER: Ability(source=True),
    Kind.VOCALS: Ability(style=MAX_STYLE, lyrics=MAX_LYRICS, source=True, times=Times.SPAN),
    Kind.INFILL: Ability(style=MAX_STYLE, lyrics=MAX_LYRICS, source=True, times=Times.WHOLE_SPAN),
    # Its clip has to come from an upload: https://docs.musicmint.ai/api-reference/music/sample
    Kind.SAMPLE: Ability(source=True, uploaded=True, times=Times.SPAN, callback_promised=False),
    # Whether these two are charged is not documented.
    Kind.STEMS: Ability(source=True, times=Times.SPAN, answer=Answer.RESULT),
    Kind.MIDI: Ability(source=True, answer=Answer.RESULT),
    Kind.WAV: Ability(source=True, answer=Answer.FREE_RESULT),
    Kind.TIMELINE: Ability(source=True, answer=Answer.FREE_RESULT),
    Kind.WAVEFORM: Ability(source=True, answer=Answer.FREE_RESULT),
}

CONTRACT = Contract(
    name="musicmint",
    label="MusicMint",
    makes=MAKES,
    callbacks=Worth.RESULT,
    uploads=True,
    # Of uploads it says nothing; that is how long it keeps what nobody gives it another time for.
    keeps_uploads=timedelta(days=7),
    personas=True,
)


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
        return create(task.request, callback_url or "", self._retention_days)

    def read_submit(self, task: Task, reply: Reply) -> str | Completed:
        """See `wire.Wire`."""
        read = RESULTS.get(task.request.kind)
        return read_created(reply) if read is None else read(task, reply)

    def upload(self, audio_url: str) -> Question[Uploaded] | None:
        """See `wire.Wire`. https://docs.musicmint.ai/api-reference/music/upload"""
        return Question(at_once("/api/v1/music/upload", {"audio_url": audio_url}), read_upload)

    def persona(self, name: str, clip_id: str) -> Question[str] | None:
        """See `wire.Wire`. https://docs.musicmint.ai/api-reference/persona/create"""
        return Question(at_once("/api/v1/music/persona", {"name": name, "clip_id": clip_id}), read_persona)

    def look_up(self, provider_task_id: str) -> Call:
        """See `wire.Wire`. It is a POST all the same: https://docs.musicmint.ai/api-reference/tasks/get"""
        return Call("POST", f"/api/v1/task/{quote(provider_task_id, safe='')}", b"{}")

    def read_look_up(self, reply: Reply) -> Outcome:
        """See `wire.Wire`."""
        if reply.status == 404:
            raise unknown(reply)
        data = object_in(reply)
        return outcome(data.get("status"), data.get("results"), data.get("error")) or Running()

    def check_key(self) -> Call:
        """See `wire.Wire`. The newest task only: https://docs.musicmint.ai/api-reference/tasks/list"""
        return Call("POST", "/api/v1/tasks", msgspec.json.encode({"page": 1, "page_size": 1}))

    def read_check_key(self, reply: Reply) -> None:
        """See `wire.Wire`."""
        object_in(reply)

    def find_lost(self, task: Task) -> Question[str | None] | None:
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
        news = outcome(callback.status, callback.results, callback.error)
        if news is None:
            raise BadCallback("unknown status")
        return Update(CONTRACT.name, callback.task_id, news, key, digest=sha256(body).digest())
