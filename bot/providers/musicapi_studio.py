"""MusicAPI's family studio: what is asked of it, and what its songs mean."""

from typing import Any

import msgspec

from bot.domain.contract import Ability, together
from bot.domain.task import MAX_LYRICS, MAX_PROMPT, MAX_STYLE, Request
from bot.domain.track import Completed, Failed, Outcome, Running, Track
from bot.providers.reading import as_text, fields_of, rest_of, seconds, text

CREATE, TASK = "/api/v1/studio/create", "/api/v1/studio/task/"

#: Songs of 130 s; the other model's end at 32. https://docs.musicapi.ai/studio-instructions
MODEL = "studio130-v1.5"

#: It documents no limits of its own, and takes no title.
ABILITY = Ability(MAX_PROMPT, MAX_STYLE, 0, MAX_LYRICS, instrumental=True)

#: The only status word that its page shows.
SUCCESS = "SUCCESS"


class Create(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The body of `POST /api/v1/studio/create`. https://docs.musicapi.ai/custom-mode"""

    prompt: str
    lyrics_type: str
    lyrics: str = ""
    #: From 0 to 1.
    generation_quality: float
    config: dict[str, str]
    model_type: str


class StudioTask(msgspec.Struct, kw_only=True):
    """A task, with every field that is documented of `GET /api/v1/studio/task/{task_id}`."""

    task_id: str = ""
    notify_hook: str = ""
    action: str = ""
    status: str = ""
    fail_reason: str = ""
    #: Unix seconds.
    submit_time: int | None = None
    start_time: int | None = None
    finish_time: int | None = None
    progress: Any = None
    data: Any = None


class Song(msgspec.Struct, kw_only=True):
    """One song of a task, with every documented field."""

    id: str = ""
    title: str = ""
    artist: str = ""
    lyrics: str = ""
    prompt: str = ""
    tags: list[Any] = msgspec.field(default_factory=list)
    user_tags: list[Any] = msgspec.field(default_factory=list)
    duration: float | None = None
    song_path: str = ""
    image_path: str = ""
    video_path: str | None = None
    finished: bool = True
    error_id: Any = None
    error_code: Any = None
    error_type: Any = None
    error_detail: Any = None
    generation_id: str = ""
    created_at: str = ""
    published_at: str | None = None
    publishable: bool | None = None
    liked: bool | None = None
    disliked: bool | None = None
    likes: int | None = None
    plays: int | None = None
    user_id: str | int | None = None
    artist_image: str | None = None
    replaced_tags: dict[str, Any] = msgspec.field(default_factory=dict)
    original_song_path: str | None = None
    audio_conditioning_type: str | None = None
    attribution: Any = None
    description: str | None = None

    @property
    def usable(self) -> bool:
        """Whether there is something to hear."""
        broken = any((self.error_id, self.error_code, self.error_type, self.error_detail))
        return self.finished and not broken and bool(text(self.song_path))


#: What a track holds in fields of its own, or what is said by its being there; and the ids of the operator's account,
#: which are nobody's to see.
_TOLD = {"id", "title", "lyrics", "tags", "duration", "song_path", "image_path", "finished", "user_id", "generation_id"}
#: What the outcome says, and the address to call back, which is nobody's to see.
_TOLD_OF_TASK = {"status", "fail_reason", "progress", "data", "notify_hook"}


def create_body(request: Request) -> Create:
    """Return what is asked for a member's request: its prompt is a style, the words to sing stand apart."""
    lyrics = "" if request.instrumental else request.lyrics.strip()
    return Create(
        prompt=together(request.style, request.prompt) or request.about.strip(),
        lyrics_type="user" if lyrics else "instrumental" if request.instrumental else "generate",
        lyrics=lyrics,
        generation_quality=1,
        config={"mode": "regular"},
        model_type=MODEL,
    )


def read_task(entry: dict[str, Any]) -> Outcome:
    """Return how a task stands. Status words are read with care, since only one is documented."""
    task = fields_of(entry, StudioTask)
    status, reason = task.status.upper(), text(task.fail_reason).strip()
    if status == SUCCESS:
        return _completed(task)
    if reason or "FAIL" in status or "ERROR" in status:
        return Failed(reason)
    return Running(percent(task.progress))


def percent(value: object) -> int | None:
    """Read a progress like "42%"; None for anything else."""
    number = text(value).strip().removesuffix("%")
    return int(number) if number.isascii() and number.isdigit() and len(number) <= 3 and int(number) <= 100 else None


def _completed(task: StudioTask) -> Completed:
    entries = task.data.get("songs") if isinstance(task.data, dict) else None
    entries = entries if isinstance(entries, list) else []
    songs = [fields_of(entry, Song) for entry in entries if isinstance(entry, dict)]
    tracks = tuple(_track(song, task) for song in songs if song.usable)
    return Completed(tracks, missing=len(entries) - len(tracks))


def _track(song: Song, task: StudioTask) -> Track:
    return Track(
        clip_id=text(song.id),
        # As it is: its percent signs are meant to be encoded twice.
        audio_url=text(song.song_path),
        cover_url=text(song.image_path),
        title=text(song.title),
        style=", ".join(filter(None, map(text, song.tags))),
        lyrics=text(song.lyrics),
        seconds=seconds(song.duration),
        extra=as_text(rest_of(song, _TOLD) | rest_of(task, _TOLD_OF_TASK)),
    )
