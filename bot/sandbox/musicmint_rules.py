"""What the pretend MusicMint accepts, and the codes with which it refuses the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.refusal import Refusal
from bot.sandbox.titles import invent_title

# The vendor documents three codes; the others here are invented.
BAD_KEY = 1001
KEY_DISABLED = 1003
KEY_DELETED = 1004
BAD_REQUEST = 2001
NOT_FOUND = 4004
MUSIC_EXPIRED = 4005

MESSAGES = {KEY_DISABLED: "AppKey is disabled", KEY_DELETED: "AppKey was deleted"}

#: The integer by which the list asks for a status; answers carry the word.
STATUS_NUMBERS = {0: "queuing", 1: "processing", 2: "completed", 3: "failed"}
ALL_STATUSES = -1

Types = tuple[type, ...]
TEXT: Types = (str,)
WHOLE: Types = (int,)
NUMBER: Types = (float, int)
YES_NO: Types = (bool,)

CALL = {"callback_url": TEXT, "retention_days": WHOLE}
WORDS = {"prompt": TEXT, "tags": TEXT}


@dataclass(frozen=True, slots=True)
class Rules:
    """The fields of an endpoint, and which of them it cannot do without."""

    fields: Mapping[str, Types]
    required: tuple[str, ...] = ()


#: The endpoints whose answer is a task, by the end of their address.
CREATES = {
    "music/generate": Rules(
        {
            **WORDS,
            "title": TEXT,
            "gpt_description_prompt": TEXT,
            "make_instrumental": YES_NO,
            "persona_id": TEXT,
            "continue_clip_id": TEXT,
            "continue_at": WHOLE,
            **CALL,
        }
    ),
    "music/cover": Rules({"cover_clip_id": TEXT, **WORDS, "title": TEXT, "mv": TEXT, **CALL}, ("cover_clip_id",)),
    "music/remaster": Rules({"clip_id": TEXT, "mv": TEXT, **CALL}, ("clip_id",)),
    "music/soundfx": Rules(
        {"sound_desc": TEXT, "sound_type": TEXT, "sound_bpm": WHOLE, "sound_key": TEXT, "mv": TEXT, **CALL},
        ("sound_desc",),
    ),
    "music/add-vocals": Rules(
        {
            "chop_sample_clip_id": TEXT,
            "chop_sample_start_s": NUMBER,
            "chop_sample_end_s": NUMBER,
            **WORDS,
            "mv": TEXT,
            **CALL,
        },
        ("chop_sample_clip_id",),
    ),
    "music/infill": Rules(
        {"clip_id": TEXT, "infill_start_s": NUMBER, "infill_end_s": NUMBER, **WORDS, "mv": TEXT, **CALL},
        ("clip_id", "infill_start_s", "infill_end_s"),
    ),
    "music/sample": Rules({"clip_id": TEXT, "start_s": NUMBER, "end_s": NUMBER, "mv": TEXT, **CALL}, ("clip_id",)),
    "lyrics/generate": Rules({"prompt": TEXT, "topics": TEXT, "keyword": TEXT, "moods": TEXT, "style": TEXT, **CALL}),
}
#: The endpoints whose answer is the result; the last three are asked by GET.
UPLOAD = Rules({"audio_url": TEXT}, ("audio_url",))
PERSONA = Rules({"name": TEXT, "clip_id": TEXT}, ("name", "clip_id"))
STEM = Rules({"clip_id": TEXT, "vocal_start_s": NUMBER, "vocal_end_s": NUMBER}, ("clip_id",))
MIDI = Rules({"clip_id": TEXT, "stem_clip_id": TEXT}, ("clip_id",))
BY_CLIP = Rules({"clip_id": TEXT}, ("clip_id",))

LIST = Rules({"page": WHOLE, "page_size": WHOLE, "status": WHOLE})

#: The same thing has another name at most endpoints.
COMMON_NAMES = {
    **dict.fromkeys(("continue_clip_id", "cover_clip_id", "chop_sample_clip_id"), "clip_id"),
    **dict.fromkeys(("continue_at", "chop_sample_start_s", "infill_start_s", "start_s"), "start"),
    **dict.fromkeys(("chop_sample_end_s", "infill_end_s", "end_s"), "end"),
}
LOOP, ONE_SHOT = "loop", "one-shot"
#: Invented: what has no tempo a person would play.
SLOWEST, FASTEST = 20, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Hold what a create asked for, with the vendor's defaults."""

    endpoint: str = "music/generate"
    prompt: str = ""
    title: str = ""
    tags: str = ""
    gpt_description_prompt: str = ""
    make_instrumental: bool = False
    persona_id: str = ""
    #: The clip that is worked on, and the times inside it.
    clip_id: str = ""
    start: float | None = None
    end: float | None = None
    mv: str = ""
    sound_desc: str = ""
    sound_type: str = ONE_SHOT
    sound_bpm: int | None = None
    sound_key: str = ""
    topics: str = ""
    keyword: str = ""
    moods: str = ""
    style: str = ""
    callback_url: str = ""
    retention_days: int = 7

    @property
    def text(self) -> str:
        """Give the lyrics or the description, whichever was sent."""
        return self.prompt or self.gpt_description_prompt or self.sound_desc or self.topics or self.keyword

    @property
    def words(self) -> str:
        """Put everything the composer should listen to into one string."""
        return " ".join(filter(None, (self.tags, self.text, "instrumental" if self.make_instrumental else "")))

    @property
    def song_title(self) -> str:
        """Give the title asked for, or a short one made from the words."""
        return self.title.strip() or invent_title(self.text.strip() or self.tags)


@dataclass(frozen=True, slots=True)
class Page:
    """Hold which part of the list of tasks is asked for."""

    page: int = 1
    page_size: int = 20
    status: int = ALL_STATUSES


def read_order(endpoint: str, body: object) -> Order:
    """Check the JSON of a create against every documented rule; raise Refusal."""
    given = read(CREATES[endpoint], body)
    order = Order(endpoint=endpoint, **{COMMON_NAMES.get(name, name): value for name, value in given.items()})
    _CHECKS.get(endpoint, _check_nothing)(order)
    require(order.retention_days >= 1, "retention_days must be at least 1")
    return order


def read_page(body: object) -> Page:
    """Check the JSON of a list call; raise Refusal."""
    page = Page(**read(LIST, body))
    require(page.page >= 1, "page must be at least 1")
    require(1 <= page.page_size <= 100, "page_size must be from 1 to 100")
    require(page.status == ALL_STATUSES or page.status in STATUS_NUMBERS, "status must be from -1 to 3")
    return page


def read(rules: Rules, body: object) -> dict[str, Any]:
    """Pick the known fields out of a JSON object, each of exactly its type; raise Refusal."""
    if not isinstance(body, dict):
        raise Refusal("the body must be a JSON object", 400, BAD_REQUEST)
    given = {name: body[name] for name in rules.fields if name in body}
    for name, value in given.items():
        # Exactly: to Python a bool is an int, to the vendor it is not.
        types = rules.fields[name]
        require(type(value) in types, f"{name} must be of type {types[0].__name__}")
    for name in rules.required:
        require(name in given and str(given[name]).strip() != "", f"{name} is required")
    return given


def read_span(seconds: float, start: float | None, end: float | None) -> tuple[float, float]:
    """Give the part of a clip that is meant, all of it by default; raise Refusal. The vendor documents no check."""
    # A length is told rounded, so that its end may lie a moment after the sound's.
    first, last = start or 0.0, min(seconds, seconds if end is None else end)
    require(0 <= first < last, "the start must come before the end, inside the clip")
    require(end is None or end <= seconds + 1, "the end must be inside the clip")
    return first, last


def require(holds: bool, message: str) -> None:
    """Refuse a call for which something does not hold."""
    if not holds:
        raise Refusal(message, 400, BAD_REQUEST)


def _check_song(order: Order) -> None:
    described = bool(order.gpt_description_prompt.strip())
    written = bool(order.prompt.strip() or order.tags.strip())
    require(described or written, "one of prompt, tags, gpt_description_prompt is required")
    require(not (described and written), "gpt_description_prompt cannot be combined with prompt or tags")
    require(1 <= order.retention_days <= 30, "retention_days must be from 1 to 30")
    if order.start is not None:
        require(bool(order.clip_id), "continue_at needs continue_clip_id")
        require(order.start >= 0, "continue_at must not be negative")


def _check_sound(order: Order) -> None:
    require(order.sound_type in (LOOP, ONE_SHOT), f"sound_type must be {LOOP} or {ONE_SHOT}")
    bpm = order.sound_bpm
    require(bpm is None or SLOWEST <= bpm <= FASTEST, f"sound_bpm must be from {SLOWEST} to {FASTEST}")


def _check_lyrics(order: Order) -> None:
    asked = order.prompt.strip() or order.topics.strip() or order.keyword.strip()
    require(bool(asked), "one of prompt, topics, keyword is required")


def _check_nothing(order: Order) -> None:
    """Leave it at the fields' types."""


_CHECKS = {"music/generate": _check_song, "music/soundfx": _check_sound, "lyrics/generate": _check_lyrics}
