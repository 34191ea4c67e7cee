"""What MusicMint is asked, endpoint by endpoint (https://docs.musicmint.ai/)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import quote, urlencode

import msgspec

from bot.domain.contract import together
from bot.domain.errors import Rejected
from bot.domain.task import Kind, Request
from bot.providers.wire import Call

#: What is answered with its result may block for five minutes; and half a minute for the way.
#: https://docs.musicmint.ai/api-reference/audio/stem
AT_ONCE_LIMIT = 330.0
#: Notes, timed words and peaks of a whole track are far more than any other answer.
LARGEST_RESULT = 8 * 1024 * 1024

#: What an extension is asked for with where the member wrote nothing: one of three texts has to be there.
CARRY_ON = "carry on in the same style"


class Later(msgspec.Struct, omit_defaults=True, kw_only=True):
    """What the bodies share whose answer is a task id. `retention_days`: at most 30."""

    callback_url: str = ""
    retention_days: int = 7


class Generate(Later, omit_defaults=True, kw_only=True):
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


class Cover(Later, omit_defaults=True, kw_only=True):
    """The body of `POST /api/v1/music/cover`. https://docs.musicmint.ai/api-reference/music/cover"""

    cover_clip_id: str
    prompt: str = ""
    tags: str = ""
    title: str = ""


class Remaster(Later, omit_defaults=True, kw_only=True):
    """The body of `POST /api/v1/music/remaster`. https://docs.musicmint.ai/api-reference/music/remaster"""

    clip_id: str


class SoundFx(Later, omit_defaults=True, kw_only=True):
    """The body of `POST /api/v1/music/soundfx`. https://docs.musicmint.ai/api-reference/music/soundfx"""

    sound_desc: str
    sound_type: str = ""
    sound_bpm: int | None = None
    sound_key: str = ""


class AddVocals(Later, omit_defaults=True, kw_only=True):
    """The body of `POST /api/v1/music/add-vocals`. https://docs.musicmint.ai/api-reference/music/add-vocals"""

    chop_sample_clip_id: str
    chop_sample_start_s: float | None = None
    chop_sample_end_s: float | None = None
    prompt: str = ""
    tags: str = ""


class Infill(Later, omit_defaults=True, kw_only=True):
    """The body of `POST /api/v1/music/infill`. https://docs.musicmint.ai/api-reference/music/infill"""

    clip_id: str
    infill_start_s: float
    infill_end_s: float
    prompt: str = ""
    tags: str = ""


class Sample(Later, omit_defaults=True, kw_only=True):
    """The body of a hummed song, whose `end_s` 0 is its end. https://docs.musicmint.ai/api-reference/music/sample"""

    clip_id: str
    start_s: float = 0
    end_s: float = 0


class Lyrics(Later, omit_defaults=True, kw_only=True):
    """The body of `POST /api/v1/lyrics/generate`. https://docs.musicmint.ai/api-reference/lyrics/generate"""

    prompt: str
    style: str = ""


class Stem(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The body of `POST /api/v1/music/stem`. https://docs.musicmint.ai/api-reference/audio/stem"""

    clip_id: str
    vocal_start_s: float | None = None
    vocal_end_s: float | None = None


class Midi(msgspec.Struct, kw_only=True):
    """The body of `POST /api/v1/music/midi`. https://docs.musicmint.ai/api-reference/audio/midi"""

    clip_id: str


def create(request: Request, callback_url: str, retention_days: int) -> Call:
    """Return the call that asks for what a member wants. Raises Rejected where something is missing for it."""
    kind = request.kind
    if kind in _GETS:
        path = f"{_GETS[kind]}?{urlencode({'clip_id': _clip(request)}, quote_via=quote, safe='')}"
        return Call("GET", path, limit=AT_ONCE_LIMIT, largest=LARGEST_RESULT)
    if kind in _AT_ONCE:
        path, build = _AT_ONCE[kind]
        return at_once(path, build(request))
    path, build_later = _LATER[kind]
    body = build_later(request)
    body.callback_url, body.retention_days = callback_url, retention_days
    return Call("POST", path, msgspec.json.encode(body))


def at_once(path: str, body: object) -> Call:
    """Return a call that the vendor answers with its result."""
    return Call("POST", path, msgspec.json.encode(body), limit=AT_ONCE_LIMIT, largest=LARGEST_RESULT)


def generate_body(request: Request) -> Generate:
    """Return what is asked of MusicMint for a member's request.

    A description alone goes into the inspiration field, which excludes style words; with words to sing or with style
    words it goes the other way.
    """
    body = Generate(
        title=request.title,
        make_instrumental=request.instrumental,
        persona_id=request.persona_id,
    )
    if request.lyrics and not request.instrumental:
        # The description is no lyrics, so it goes among the style words.
        body.prompt, body.tags = request.lyrics, together(request.style, request.prompt)
    elif request.style:
        body.prompt, body.tags = request.prompt, request.style
    else:
        body.gpt_description_prompt = request.about
    return body


def _extend(request: Request) -> Generate:
    """Return the body of an extension, which has no endpoint of its own: what a song needs is needed here as well."""
    own = replace(request, source=None)
    body = generate_body(own if own.about.strip() else replace(own, prompt=CARRY_ON))
    body.continue_clip_id = _clip(request)
    # Whole seconds; nothing goes on from before the first of them.
    body.continue_at = None if request.start is None else max(1, int(request.start))
    return body


def _cover(request: Request) -> Cover:
    return Cover(cover_clip_id=_clip(request), prompt=request.lyrics, tags=request.style, title=request.title)


def _remaster(request: Request) -> Remaster:
    return Remaster(clip_id=_clip(request))


def _sound(request: Request) -> SoundFx:
    return SoundFx(
        sound_desc=request.about,
        sound_type=request.sound_type,
        sound_bpm=request.bpm,
        sound_key=request.musical_key,
    )


def _vocals(request: Request) -> AddVocals:
    return AddVocals(
        chop_sample_clip_id=_clip(request),
        chop_sample_start_s=request.start,
        chop_sample_end_s=request.end,
        prompt=request.lyrics,
        tags=request.style,
    )


def _infill(request: Request) -> Infill:
    if request.start is None or request.end is None:
        raise Rejected("not sent: a start and an end are needed")
    return Infill(
        clip_id=_clip(request),
        infill_start_s=request.start,
        infill_end_s=request.end,
        prompt=request.lyrics,
        tags=request.style,
    )


def _sample(request: Request) -> Sample:
    return Sample(clip_id=_clip(request), start_s=request.start or 0, end_s=request.end or 0)


def _lyrics(request: Request) -> Lyrics:
    return Lyrics(prompt=request.about, style=request.style)


def _stem(request: Request) -> Stem:
    return Stem(clip_id=_clip(request), vocal_start_s=request.start, vocal_end_s=request.end)


def _midi(request: Request) -> Midi:
    return Midi(clip_id=_clip(request))


def _clip(request: Request) -> str:
    """Return the vendor's own name of what it is made from."""
    if request.source is None or not request.source.clip_id:
        raise Rejected(f"not sent: nothing that the vendor knows to make {request.kind} from")
    return request.source.clip_id


_LATER: Mapping[Kind, tuple[str, Callable[[Request], Later]]] = {
    Kind.SONG: ("/api/v1/music/generate", generate_body),
    Kind.EXTEND: ("/api/v1/music/generate", _extend),
    Kind.COVER: ("/api/v1/music/cover", _cover),
    Kind.REMASTER: ("/api/v1/music/remaster", _remaster),
    Kind.SOUND: ("/api/v1/music/soundfx", _sound),
    Kind.VOCALS: ("/api/v1/music/add-vocals", _vocals),
    Kind.INFILL: ("/api/v1/music/infill", _infill),
    # Its page shows no path; this is the page's own address.
    Kind.SAMPLE: ("/api/v1/music/sample", _sample),
    Kind.LYRICS: ("/api/v1/lyrics/generate", _lyrics),
}
_AT_ONCE: Mapping[Kind, tuple[str, Callable[[Request], msgspec.Struct]]] = {
    Kind.STEMS: ("/api/v1/music/stem", _stem),
    Kind.MIDI: ("/api/v1/music/midi", _midi),
}
#: The page of each is its address under https://docs.musicmint.ai/api-reference/audio/
_GETS: Mapping[Kind, str] = {
    Kind.WAV: "/api/v1/music/wav",
    Kind.TIMELINE: "/api/v1/music/timeline",
    Kind.WAVEFORM: "/api/v1/music/waveform",
}
