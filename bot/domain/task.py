"""The life of a task: its states, its moves, and what is known of it."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from bot.domain.source import Source


class State(StrEnum):
    """Where a task stands between the member's command and its tracks."""

    WAITING = "waiting"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    FAILED = "failed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    """What is made."""

    #: Music, sung or not.
    SONG = "song"
    #: A sound effect or a loop.
    SOUND = "sound"
    #: Words to sing, without music.
    LYRICS = "lyrics"

    #: Reworks: a track made from another one, or from a file somebody gave.
    EXTEND = "extend"
    COVER = "cover"
    REMASTER = "remaster"
    VOCALS = "vocals"
    INFILL = "infill"
    SAMPLE = "sample"

    #: What is taken out of a track.
    STEMS = "stems"
    MIDI = "midi"
    WAV = "wav"
    TIMELINE = "timeline"
    WAVEFORM = "waveform"


#: What needs words of the member: a description, words to sing or style words.
FROM_WORDS = frozenset({Kind.SONG, Kind.SOUND, Kind.LYRICS})
#: What is no audio: its results are texts, notes or a picture.
WITHOUT_AUDIO = frozenset({Kind.LYRICS, Kind.MIDI, Kind.TIMELINE, Kind.WAVEFORM})


class Delivery(StrEnum):
    """Where a completed task stands on its way into Discord."""

    NONE = "none"
    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    SET_ASIDE = "set_aside"


#: The whole life of a task. A move that is absent is not an error: it is old news.
CAN_BECOME: Mapping[State, frozenset[State]] = {
    State.WAITING: frozenset({State.SUBMITTING, State.CANCELLED, State.FAILED}),
    # Straight to COMPLETED: a quick vendor calls back before its answer to our submit arrives.
    # Back to WAITING: it was surely not accepted (no connection, 429, a 503 in the vendor's own words).
    State.SUBMITTING: frozenset(
        {State.SUBMITTED, State.COMPLETED, State.FAILED, State.UNKNOWN, State.WAITING, State.CANCELLED}
    ),
    State.SUBMITTED: frozenset({State.COMPLETED, State.FAILED, State.CANCELLED}),
    # Asked, and no answer came: it may have been charged, so nothing ever leads back to WAITING.
    State.UNKNOWN: frozenset({State.SUBMITTED, State.COMPLETED, State.FAILED, State.CANCELLED}),
    # A late success still wins; SUBMITTED is a vendor's own retry.
    State.FAILED: frozenset({State.COMPLETED, State.SUBMITTED}),
    State.COMPLETED: frozenset(),
    State.CANCELLED: frozenset(),
}

#: The life of a delivery, on the same row.
DELIVERY_CAN_BECOME: Mapping[Delivery, frozenset[Delivery]] = {
    Delivery.NONE: frozenset({Delivery.READY}),
    Delivery.READY: frozenset({Delivery.SENDING}),
    Delivery.SENDING: frozenset({Delivery.SENT, Delivery.READY, Delivery.SET_ASIDE}),
    Delivery.SET_ASIDE: frozenset({Delivery.READY}),
    Delivery.SENT: frozenset(),
}

#: The provider has it, or may have it: these count as "at once" and are asked for.
OPEN = frozenset({State.SUBMITTING, State.SUBMITTED, State.UNKNOWN})

#: An `unknown` task fails when nothing was heard of it for this long.
UNKNOWN_FOR = timedelta(minutes=30)
#: A `submitted` task fails when nothing was heard of it for this long.
SUBMITTED_FOR = timedelta(hours=2)

#: The longest texts a member may send, in characters. Vendors that document none of their own get these.
MAX_PROMPT = 2000
MAX_STYLE = 200
MAX_TITLE = 80
MAX_LYRICS = 4000
MAX_MUSICAL_KEY = 20

#: No vowels and no look-alikes, so that an id is never a word and survives being read aloud.
_ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
_ID_LENGTH = 12


#: A set-aside card may be posted again at once; after that, these waits follow each refusal, every one twice the last.
FIRST_RESEND_WAIT, LONGEST_RESEND_WAIT = timedelta(minutes=1), timedelta(hours=1)


@cache
def predecessors(state: State) -> frozenset[State]:
    """Every state from which `state` may be reached in one step."""
    return frozenset(before for before, after in CAN_BECOME.items() if state in after)


def new_task_id() -> str:
    """Return a fresh public name of a task: 12 characters, about 57 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))


def new_key() -> str:
    """Return a fresh secret name of a task (192 bits), safe inside a URL path."""
    return secrets.token_urlsafe(24)


def nonce_for(task_id: str, kind: str, attempt: int) -> str:
    """Return the nonce of one message: the same 25 characters on any day and after any crash.

    Discord takes at most 25: https://docs.discord.com/developers/resources/message#create-message
    """
    return hashlib.sha256(f"{task_id}:{kind}:{attempt}".encode()).hexdigest()[:25]


@dataclass(frozen=True, slots=True)
class Request:
    """What a member asked for, in the bot's own terms."""

    #: What it should sound like. May be empty where there are words to sing, or style words.
    prompt: str
    style: str = ""
    title: str = ""
    instrumental: bool = False
    #: Shown to the member alone.
    private: bool = False
    #: The words to sing; without them the provider writes its own.
    lyrics: str = ""
    #: A provider's own name of a voice to sing with.
    persona_id: str = ""
    kind: Kind = Kind.SONG
    #: What it is made from; None for what is made from words alone.
    source: Source | None = None
    #: Which part of the source, in seconds: where to go on from, or what to replace. None leaves it to the provider.
    start: float | None = None
    end: float | None = None
    #: Of a sound: "loop" or "one-shot", beats per minute, and key; empty and None leave it to the provider.
    sound_type: str = ""
    bpm: int | None = None
    musical_key: str = ""

    @property
    def about(self) -> str:
        """What a person would call it by: its description, title, first words to sing, style, or its source's title."""
        own = self.prompt or self.title or self.lyrics.strip().partition("\n")[0] or self.style
        return own or (self.source.title if self.source else "")

    @property
    def without_words(self) -> "Request":
        """The same without a word of a person, for what is kept longer than words are."""
        # An address holds the name of the file.
        source = self.source and replace(self.source, title="", audio_url="")
        return replace(self, prompt="", style="", title="", lyrics="", source=source)


@dataclass(frozen=True, slots=True)
class Origin:
    """Who asked, and where: Discord ids. `guild_id` is None in direct messages."""

    member_id: int
    channel_id: int
    guild_id: int | None


@dataclass(frozen=True, slots=True)
class Task:
    """One thing asked of a provider: one row, one card."""

    id: str
    key: str
    provider: str
    request: Request
    origin: Origin
    state: State
    attempt: int
    created_at: datetime
    #: The message id of the queued line, once it is out; None for a private task or after a crash.
    notice_id: int | None = None
    provider_task_id: str | None = None
    #: When the provider was first asked.
    asked_at: datetime | None = None
    #: Why it failed, for a person: a code of `Failure`; `detail` holds the provider's own words.
    failure: str = ""
    detail: str = ""
    delivery: Delivery = Delivery.NONE
    #: When the first try to post began; None before.
    first_try_at: datetime | None = None
    #: The task it was asked for from, by "again" or "remix".
    parent_id: str | None = None
    #: When it was completed, failed or cancelled.
    finished_at: datetime | None = None
    #: How often the provider was asked for it.
    submit_tries: int = 0
    #: How often posting was tried.
    tries: int = 0
    #: How many results the provider promised and did not give.
    missing: int = 0
    #: Where posting was refused so far and why, for the log; once set aside, why. Empty again once it is posted.
    set_aside_reason: str = ""
    #: Where its card is, once posted. `message_id` is None for one that nobody can find again.
    sent_channel_id: int | None = None
    message_id: int | None = None
    #: How much of it the provider says is done, in percent; None where it does not say.
    progress: int | None = None
    sent_at: datetime | None = None
    #: How many asks in a row the provider has not answered; for a failed task, those since a hint.
    failed_asks: int = 0
    #: When it was last set aside, and how often.
    set_aside_at: datetime | None = None
    set_asides: int = 0
    #: When its queued line is to be rewritten; None where that says how it stands.
    tell_at: datetime | None = None

    @property
    def stands_since(self) -> datetime:
        """When it last came to stand as it does: from then on there is something new to tell."""
        times = (self.created_at, self.asked_at, self.finished_at, self.sent_at, self.set_aside_at)
        return max(time for time in times if time is not None)

    def resend_at(self, now: datetime) -> datetime:
        """Return from when on a card that is set aside may be posted again: every refusal counts against the bot."""
        if self.set_aside_at is None or self.set_asides < 2 or self.set_aside_at > now:
            return now
        wait = FIRST_RESEND_WAIT * 2.0 ** min(self.set_asides - 2, 16)
        return max(now, self.set_aside_at + min(wait, LONGEST_RESEND_WAIT))
