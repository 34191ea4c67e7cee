"""MusicAPI's family sonic: what is asked of it, and what its clips mean."""

from typing import Any

import msgspec

from bot.domain.contract import Ability, together
from bot.domain.errors import Rejected
from bot.domain.task import MAX_LYRICS, MAX_PROMPT, Request
from bot.domain.track import Completed, Failed, Outcome, Running, Track
from bot.providers.reading import as_text, fields_of, rest_of, seconds, text

CREATE, TASK = "/api/v1/sonic/create", "/api/v1/sonic/task/"

#: The best of the models whose songs end at about four minutes: the newer one's may take eight, and such a file is
#: larger than Discord takes. It sings lyrics of up to 5000 characters, the older ones of 3000.
#: https://docs.musicapi.ai/sonic-instructions
MODEL = "sonic-v4-5-plus"

#: The lengths of the list of errors, which are the strictest of the vendor's pages; each is to stay under a round
#: number. https://docs.musicapi.ai/error-handling
LONGEST_DESCRIPTION = 199
LONGEST_TAGS = 199
LONGEST_TITLE = 79

#: A longer description goes where lyrics would, with `auto_lyrics`; beside words to sing and where nothing is sung, it
#: goes among the tags.
ABILITY = Ability(MAX_PROMPT, LONGEST_TAGS, LONGEST_TITLE, MAX_LYRICS, together=LONGEST_TAGS, instrumental=True)

#: https://docs.musicapi.ai/get-sonic-music and https://docs.musicapi.ai/webhook-guide. Any other word is running.
SUCCEEDED, FAILED = "succeeded", "failed"
#: Ours, for a clip that is no object: nothing will come of it.
_BROKEN = "broken"

#: Where a failed clip says why is not documented.
_WORDS = ("error_message", "error", "fail_reason")


class Create(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The body of `POST /api/v1/sonic/create`. https://docs.musicapi.ai/create-music"""

    custom_mode: bool
    mv: str = msgspec.field(default_factory=lambda: MODEL)
    prompt: str = ""
    gpt_description_prompt: str = ""
    title: str = ""
    tags: str = ""
    make_instrumental: bool = False
    auto_lyrics: bool = False
    webhook_url: str = ""
    webhook_secret: str = ""


class Clip(msgspec.Struct, kw_only=True):
    """One song of a task, with every documented field. https://docs.musicapi.ai/get-sonic-music"""

    clip_id: str = ""
    state: str = ""
    title: str = ""
    tags: str = ""
    lyrics: str = ""
    gpt_description_prompt: str = ""
    mv: str = ""
    audio_url: str = ""
    image_url: str = ""
    video_url: str = ""
    #: An integer in the schema, a text in the webhook guide.
    duration: float | None = None
    created_at: str = ""
    negative_tags: str = ""
    style_weight: float | None = None
    weirdness_constraint: float | None = None


#: What a track holds in fields of its own.
_TOLD = {"clip_id", "state", "title", "tags", "lyrics", "audio_url", "image_url", "duration"}


def create_body(request: Request) -> Create:
    """Return what is asked for a member's request.

    A short description alone is the vendor's description mode. Everything else is custom mode: it alone has room for
    words to sing, and for a style or a title beside the description. Raises Rejected where that is too long.
    """
    about, style, title = request.about.strip(), request.style.strip(), request.title.strip()
    lyrics = "" if request.instrumental else request.lyrics.strip()
    body = Create(custom_mode=True, title=title, make_instrumental=request.instrumental)
    if lyrics:
        body.prompt, body.tags = lyrics, _tags(style, request.prompt)
    elif not style and not title and len(about) <= LONGEST_DESCRIPTION:
        body.custom_mode, body.gpt_description_prompt = False, about
    elif request.instrumental:
        # Custom mode always asks for a prompt; without singing it is the tags that are heard.
        body.prompt, body.tags = about, _tags(style, request.prompt)
    else:
        body.prompt, body.tags, body.auto_lyrics = about, style, True
    return body


def _tags(style: str, description: str) -> str:
    """Return style words and description as tags. The contract keeps longer ones away; none is ever cut."""
    tags = together(style, description)
    if len(tags) > LONGEST_TAGS:
        said = f"style and description are at most {LONGEST_TAGS} characters together"
        raise Rejected(f"not sent: {said}", said)
    return tags


def read_clips(entries: list[Any], message: str) -> Outcome:
    """Return how a task stands: it ends when each of its clips has. A broken one counts as missing.

    `message`: the answer's own words, for where no clip says why it failed.
    """
    clips = [fields_of(entry, Clip) if isinstance(entry, dict) else Clip(state=_BROKEN) for entry in entries]
    states = [clip.state.lower() for clip in clips]
    if not clips or any(state not in (SUCCEEDED, FAILED, _BROKEN) for state in states):
        return Running()
    if set(states) == {FAILED}:
        return Failed(_why(entries) or ("" if message.lower() == "success" else message))
    tracks = [_track(clip) for clip in clips if clip.state.lower() == SUCCEEDED and text(clip.audio_url)]
    return Completed(tuple(tracks), missing=len(clips) - len(tracks))


def _why(entries: list[Any]) -> str:
    values = (text(entry.get(name)) for entry in entries if isinstance(entry, dict) for name in _WORDS)
    return next(filter(None, values), "")


def _track(clip: Clip) -> Track:
    return Track(
        clip_id=text(clip.clip_id),
        audio_url=text(clip.audio_url),
        cover_url=text(clip.image_url),
        title=text(clip.title),
        style=text(clip.tags),
        lyrics=text(clip.lyrics),
        seconds=seconds(clip.duration),
        extra=as_text(rest_of(clip, _TOLD)),
    )
