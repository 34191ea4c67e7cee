"""Tracks, and news about the tasks they belong to."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.domain.errors import DownloadError
from bot.domain.task import WITHOUT_AUDIO, Kind

#: A card shows at most so many: an MP3 and a cover each, of Discord's ten attachments.
MOST_TRACKS = 4
#: What was told of a track besides (`Track.extra`) is read only up to so many values: more would fill the memory.
MOST_VALUES = 500_000


@dataclass(frozen=True, slots=True)
class Track:
    """One finished piece of audio of a task, as the provider told it."""

    #: The provider's own name of it (a clip id, a job id).
    clip_id: str
    audio_url: str
    cover_url: str = ""
    title: str = ""
    style: str = ""
    lyrics: str = ""
    #: Length in seconds; None where the provider did not say.
    seconds: float | None = None
    #: When its addresses stop working; None: never, or not said.
    expires_at: datetime | None = None
    #: What else the provider told of it, in its own names: the JSON text of an object; empty where that is nothing.
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """The provider still works on it."""

    #: How much of it is done, in percent; None where the provider does not say.
    progress: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The provider gave up; `error` is its own text, from outside and not to be trusted."""

    error: str = ""


@dataclass(frozen=True, slots=True)
class Completed:
    """The provider is done. `missing` counts results that could not be read or have no audio."""

    tracks: tuple[Track, ...]
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Changed:
    """Something happened to it, and it is to be asked what: the provider did not say, or said it long ago."""

    #: What was said long ago. It counts only where nobody knows what to ask by, so that it would be lost.
    says: "Outcome | None" = None


Outcome = Running | Failed | Completed | Changed


def usable(outcome: Outcome, kind: Kind) -> Outcome:
    """Return what is left of a result: a track without audio is none, but where none is made, and counts as missing."""
    if not isinstance(outcome, Completed) or kind in WITHOUT_AUDIO:
        return outcome
    tracks = tuple(track for track in outcome.tracks if track.audio_url)
    return replace(outcome, tracks=tracks, missing=outcome.missing + len(outcome.tracks) - len(tracks))


@dataclass(frozen=True, slots=True)
class Update:
    """News about one task, called back or asked for."""

    provider: str
    #: None where a callback does not say it; its key does then, which such a callback must be signed for.
    provider_task_id: str | None
    outcome: Outcome
    #: The secret name from the callback's address; None when the bot asked.
    key: str | None = None
    #: SHA-256 of the callback's raw body, and of its key where a body may be the same for two tasks; None when the
    #: bot asked.
    digest: bytes | None = None


@dataclass(frozen=True, slots=True)
class FetchedTrack:
    """A track with its files on disk. Without `audio`, `trouble` says why, and at best a link can be posted."""

    track: Track
    #: Its place on the card, from 1.
    number: int
    audio: Path | None = None
    cover: Path | None = None
    #: The cover's typical colour as 0xRRGGBB.
    colour: int | None = None
    trouble: DownloadError | None = None
    #: What was made of it in place of audio: notes, timed words, a picture.
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that a provider took; `seconds` is its length as told."""

    clip_id: str
    seconds: float | None = None


def most_values(written: str | bytes) -> int:
    """Return how many values a JSON text can hold at most. None stands without one of these signs before it.

    Counting them costs nothing and bounds all: an empty object of two bytes takes more than sixty when it is decoded.
    """
    if isinstance(written, str):
        return sum(map(written.count, ",[{"))
    return sum(map(written.count, (b",", b"[", b"{")))
