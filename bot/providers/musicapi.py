"""Speaks MusicAPI's dialect (https://docs.musicapi.ai/), in one of its families: sonic or studio."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote

import msgspec

from bot.domain.contract import Ability, Answer, Contract, Worth
from bot.domain.errors import AnswerLost, TaskGone
from bot.domain.task import Kind, Task
from bot.domain.track import Changed, Completed, Failed, Outcome, Running, Update, Uploaded
from bot.providers import musicapi_sonic as sonic
from bot.providers import musicapi_studio as studio
from bot.providers.musicapi_account import (
    LONGEST_LYRICS_DESCRIPTION,
    Credits,
    credits_call,
    lyrics_call,
    read_credits,
    read_lyrics,
)
from bot.providers.musicapi_answers import answer, is_gone, not_ready, said_in, why_failed
from bot.providers.musicapi_webhook import is_fresh, read_body, request_secret, trial
from bot.providers.reading import is_id
from bot.providers.wire import Call, Question, Reply

NAME, LABEL = "musicapi", "MusicAPI"

#: Lyrics are answered at once, and charged. https://docs.musicapi.ai/lyrics-generation
LYRICS = Ability(LONGEST_LYRICS_DESCRIPTION, answer=Answer.RESULT)

SONIC = Contract(name=NAME, label=LABEL, makes={Kind.SONG: sonic.ABILITY, Kind.LYRICS: LYRICS}, callbacks=Worth.RESULT)
#: No webhook is documented for it. https://docs.musicapi.ai/webhook-guide
STUDIO = Contract(
    name=NAME, label=LABEL, makes={Kind.SONG: studio.ABILITY, Kind.LYRICS: LYRICS}, callbacks=Worth.NOTHING
)

#: What our name of a task begins with, so that it is asked for in its family whatever the setting is by then.
_SONIC, _STUDIO = "sonic:", "studio:"


class MusicApi:
    """Builds calls and reads replies and callbacks; no socket in it."""

    def __init__(self, api_key: str, webhook_secret: bytes, *, studio: bool) -> None:
        self._api_key, self._webhook_secret, self._studio = api_key, webhook_secret, studio

    @property
    def contract(self) -> Contract:
        """See `wire.Wire`."""
        return STUDIO if self._studio else SONIC

    @property
    def headers(self) -> Mapping[str, str]:
        """See `wire.Wire`."""
        return {"Authorization": f"Bearer {self._api_key}", "Content-Type": "application/json"}

    def submit(self, task: Task, callback_url: str | None) -> Call:
        """See `wire.Wire`."""
        if task.request.kind is Kind.LYRICS:
            return lyrics_call(task.request.about)
        if self._studio:
            return Call("POST", studio.CREATE, msgspec.json.encode(studio.create_body(task.request)))
        body = sonic.create_body(task.request)
        if callback_url:
            body.webhook_url, body.webhook_secret = callback_url, request_secret(self._webhook_secret, task.key)
        return Call("POST", sonic.CREATE, msgspec.json.encode(body))

    def read_submit(self, task: Task, reply: Reply) -> str | Completed:
        """See `wire.Wire`."""
        if task.request.kind is Kind.LYRICS:
            return read_lyrics(reply)
        task_id = answer(reply).get("data" if self._studio else "task_id")
        if not is_id(task_id):
            raise AnswerLost("no task id in the answer")
        return f"{_STUDIO if self._studio else _SONIC}{task_id}"

    def upload(self, audio_url: str) -> Question[Uploaded] | None:
        """See `wire.Wire`. Nothing that is offered of it is made from a file."""
        return None

    def persona(self, name: str, clip_id: str) -> Question[str] | None:
        """See `wire.Wire`. Its pages contradict each other about the fields: https://docs.musicapi.ai/create-persona"""
        return None

    def look_up(self, provider_task_id: str) -> Call:
        """See `wire.Wire`."""
        in_studio = provider_task_id.startswith(_STUDIO)
        task_id = provider_task_id.removeprefix(_STUDIO if in_studio else _SONIC)
        return Call("GET", (studio.TASK if in_studio else sonic.TASK) + quote(task_id, safe=""))

    def read_look_up(self, reply: Reply) -> Outcome:
        """See `wire.Wire`. The families' answers differ in what they hold: a list of clips, or a task."""
        if is_gone(reply):
            raise TaskGone(f"HTTP {reply.status}: no such task")
        if reply.status == 404:
            raise AnswerLost("HTTP 404, not about a task: is MUSICAPI_BASE_URL right?")
        if not_ready(reply):
            return Running()
        if (words := why_failed(reply)) is not None:
            return Failed(words)
        body = answer(reply)
        held = body.get("data")
        if isinstance(held, list):
            return sonic.read_clips(held, said_in(body))
        if isinstance(held, dict):
            return studio.read_task(held)
        raise AnswerLost("no task in the answer")

    def check_key(self) -> Call:
        """See `wire.Wire`."""
        return credits_call()

    def read_check_key(self, reply: Reply) -> None:
        """See `wire.Wire`."""
        read_credits(reply)

    def credits(self) -> Call:
        """Build the call that asks what is left to pay with."""
        return credits_call()

    def read_credits(self, reply: Reply) -> Credits:
        """Return what is left to pay with. Raises ProviderError."""
        return read_credits(reply)

    def find_lost(self, task: Task) -> Question[str | None] | None:
        """See `wire.Wire`. No list of tasks is documented."""
        return None

    def own_callback(self, task_id: str, key: str, now: datetime) -> tuple[Mapping[str, str], bytes]:
        """See `wire.Wire`. Its body names no task: the key does."""
        return trial(self._webhook_secret, key, now)

    def read_callback(self, headers: Sequence[tuple[str, str]], body: bytes, key: str | None, now: datetime) -> Update:
        """See `wire.Wire`. Nothing is parsed before the signature is right.

        After a pause of ours, one whose time is far off may be all that ever comes: what it says is kept.
        """
        fresh = is_fresh(self._webhook_secret, headers, body, key, now)
        task_id, outcome = read_body(body)
        if not fresh and not isinstance(outcome, Changed):
            outcome = Changed(outcome)
        named = f"{_SONIC}{task_id}" if is_id(task_id) else None
        # Two failed tasks may be told of in the very same bytes.
        digest = sha256(f"{key}\n".encode() + body).digest()
        return Update(NAME, named, outcome, key, digest)
