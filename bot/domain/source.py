"""What a task is made from, and what may be wrong with that."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.errors import Failure, ProviderError, Refusal

#: The longest file of a member, in seconds.
LONGEST_FILE = 8 * 60


@dataclass(frozen=True, slots=True)
class Source:
    """What a task is made from: a track of ours, or a file that somebody gave."""

    title: str = ""
    #: Length; None where nobody said.
    seconds: float | None = None
    #: The track of ours; empty and 0 for a file.
    task_id: str = ""
    number: int = 0
    #: Who knows it, and by which name; empty until it is uploaded there.
    provider: str = ""
    clip_id: str = ""
    #: A public address of the file, for providers that do not know it.
    audio_url: str = ""
    cover_url: str = ""
    #: When its time at its provider is over; None: never, or not said.
    expires_at: datetime | None = None


class Wrong(StrEnum):
    """What is wrong with a time inside a track."""

    #: A time that is needed was left out.
    MISSING = "missing"
    #: The end is not after the start.
    ORDER = "order"
    #: Not inside the track.
    OUTSIDE = "outside"
    #: Not a time at all.
    UNREADABLE = "unreadable"


class BadTimes(Refusal):
    """A time is missing, unreadable, outside the track, or an end does not come after its start.

    `seconds` is the length of the track, None where it is not known.
    """

    def __init__(self, wrong: Wrong, seconds: float | None = None) -> None:
        super().__init__(f"times: {wrong}")
        self.wrong, self.seconds = wrong, seconds


class TimesOutside(ProviderError):
    """What was uploaded is shorter than the times that were asked for, so nothing was asked to be made of it."""

    failure = Failure.TIMES


class FileTooLong(ProviderError):
    """What was uploaded lasts longer than it said it does, so nothing was asked to be made of it."""

    failure = Failure.TOO_LONG


class Unfit(StrEnum):
    """Why a track or file cannot be worked on."""

    #: Neither a track nor a file was given, or both.
    ONE_NEEDED = "one needed"
    #: Its time at the provider is over, and there is no file of it in Discord (any more).
    EXPIRED = "expired"
    #: A task that has no audio: lyrics, notes, a picture.
    NO_AUDIO = "no audio"
    #: A file that is no audio, or of a kind that is not taken.
    NOT_AUDIO = "not audio"
    TOO_LARGE = "too large"
    TOO_LONG = "too long"
    #: It could not be looked at before a first answer is due.
    UNREAD = "unread"


class BadSource(Refusal):
    """A track or file that cannot be worked on. `limit` is in bytes or seconds, where there is one."""

    def __init__(self, unfit: Unfit, limit: int | None = None) -> None:
        super().__init__(f"source: {unfit}")
        self.unfit, self.limit = unfit, limit
