"""What the pretend MusicAPI accepts, and the words with which it refuses the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.refusal import Refusal
from bot.sandbox.titles import invent_title

# The vendor documents which mistakes it refuses, hardly the words; those here are invented, but "task not found".
UNAUTHORIZED = "Authorization header is missing or malformed"
TASK_NOT_FOUND = "task not found"
TASK_ID_MISSING = "task id is required"

OLD_MODELS = ("sonic-v3-5", "sonic-v4")
NEW_MODELS = ("sonic-v4-5", "sonic-v4-5-plus", "sonic-v5")

#: The credits that each kind of create takes.
PRICES = {
    "create_music": 15,
    "extend_music": 15,
    "concat_music": 2,
    "cover_music": 15,
    "persona_music": 15,
    "extend_upload_music": 15,
    "cover_upload_music": 15,
    "remaster": 10,
    "add_vocals": 10,
    "add_instrumental": 10,
}
LYRICS_PRICE = 2
STUDIO_PRICE = 15
EXTENDS = ("extend_music", "extend_upload_music")
CONTINUES = (*EXTENDS, "concat_music", "cover_music", "cover_upload_music")

NUMBER = (int, float)
SONIC_FIELDS: Mapping[str, tuple[type, ...]] = {
    "task_type": (str,),
    "custom_mode": (bool,),
    "mv": (str,),
    "prompt": (str,),
    "gpt_description_prompt": (str,),
    "title": (str,),
    "tags": (str,),
    "negative_tags": (str,),
    "make_instrumental": (bool,),
    "auto_lyrics": (bool,),
    "vocal_gender": (str,),
    "style_weight": NUMBER,
    "weirdness_constraint": NUMBER,
    "audio_weight": NUMBER,
    "continue_clip_id": (str,),
    "continue_at": NUMBER,
    "persona_id": (str,),
    "webhook_url": (str,),
    "webhook_secret": (str,),
}
#: Every text must be shorter than this; where copies of the page differ, the smaller number holds.
SHORTER_THAN = {"gpt_description_prompt": 200, "title": 80, "tags": 200}
LYRICS_DESCRIPTION_SHORTER_THAN = 120
STUDIO_FIELDS: Mapping[str, tuple[type, ...]] = {
    "prompt": (str,),
    "lyrics_type": (str,),
    "lyrics": (str,),
    "generation_quality": NUMBER,
    "config": (dict,),
    "bypass_prompt_optimization": (bool,),
    "seed": (int,),
    "song_section_start": NUMBER,
    "song_section_end": NUMBER,
    "lyrics_placement_start": NUMBER,
    "lyrics_placement_end": NUMBER,
    "prompt_strength": NUMBER,
    "clarity_strength": NUMBER,
    "lyrics_strength": NUMBER,
    "negative_prompt": (str,),
    "model_type": (str,),
}
STUDIO_REQUIRED = ("prompt", "lyrics_type", "generation_quality", "config")
STUDIO_MODELS = ("studio130-v1.5", "studio32-v1.5")
WEIGHTS = ("style_weight", "weirdness_constraint", "audio_weight")


@dataclass(frozen=True, slots=True)
class SonicOrder:
    """Hold what a sonic create asked for."""

    mv: str = ""
    task_type: str = "create_music"
    custom_mode: bool | None = None
    prompt: str = ""
    gpt_description_prompt: str = ""
    title: str = ""
    tags: str = ""
    negative_tags: str = ""
    make_instrumental: bool = False
    auto_lyrics: bool = False
    vocal_gender: str | None = None
    style_weight: float | None = None
    weirdness_constraint: float | None = None
    audio_weight: float | None = None
    continue_clip_id: str = ""
    continue_at: float | None = None
    persona_id: str = ""
    webhook_url: str = ""
    webhook_secret: str = ""

    @property
    def text(self) -> str:
        """Give the lyrics or the description, whichever counts."""
        return self.prompt if self.custom_mode else self.gpt_description_prompt

    @property
    def has_own_lyrics(self) -> bool:
        """Say whether the text is what shall be sung."""
        return bool(self.custom_mode) and not self.auto_lyrics

    @property
    def words(self) -> str:
        """Put everything the composer should listen to into one string."""
        return " ".join(filter(None, (self.tags, self.text, "instrumental" if self.make_instrumental else "")))

    @property
    def song_title(self) -> str:
        """Give the title asked for, or a short one made from the words."""
        return self.title.strip() or invent_title(self.text.strip() or self.tags)


@dataclass(frozen=True, slots=True)
class StudioOrder:
    """Hold what of a studio create makes a difference to the pretend songs."""

    prompt: str
    lyrics_type: str
    lyrics: str

    @property
    def words(self) -> str:
        """Put everything the composer should listen to into one string."""
        instrumental = "instrumental" if self.lyrics_type == "instrumental" else ""
        return " ".join(filter(None, (self.prompt, self.lyrics, instrumental)))

    @property
    def song_title(self) -> str:
        """Give a short title made from the words: a studio create names none."""
        return invent_title(self.lyrics.strip() or self.prompt)


def read_sonic(body: object) -> SonicOrder:
    """Check the JSON of a sonic create against every documented rule; raise Refusal."""
    order = SonicOrder(**typed(body, SONIC_FIELDS))
    require(order.task_type in PRICES, f"task_type {order.task_type} is not supported")
    if order.task_type in CONTINUES:
        require(bool(order.continue_clip_id), f"continue_clip_id is required for {order.task_type}")
    if order.task_type != "concat_music":  # which needs nothing but the clip
        _check_song(order)
    return order


def read_studio(body: object) -> StudioOrder:
    """Check the JSON of a studio create against every documented rule; raise Refusal."""
    given = typed(body, STUDIO_FIELDS)
    for name in STUDIO_REQUIRED:
        require(name in given and given[name] != "", f"{name} is required")
    require(given["lyrics_type"] in ("user", "generate", "instrumental"), "lyrics_type is unknown")
    require(given["lyrics_type"] != "user" or bool(given.get("lyrics", "").strip()), "lyrics is required")
    require(0 <= given["generation_quality"] <= 1, "generation_quality must be between 0 and 1")
    require(given["config"].get("mode") == "regular", "config.mode must be regular")
    require(given.get("model_type", STUDIO_MODELS[0]) in STUDIO_MODELS, "model_type is unknown")
    return StudioOrder(given["prompt"], given["lyrics_type"], given.get("lyrics", ""))


def read_lyrics(body: object) -> str:
    """Check the JSON of a lyrics call and give the description; raise Refusal."""
    description = str(typed(body, {"description": (str,)}).get("description", ""))
    require(bool(description.strip()), "description is required")
    _require_shorter("description", description, LYRICS_DESCRIPTION_SHORTER_THAN)
    return description


def _check_song(order: SonicOrder) -> None:
    require(order.mv in OLD_MODELS + NEW_MODELS, f"mv must be one of {', '.join(OLD_MODELS + NEW_MODELS)}")
    require(order.custom_mode is not None, "custom_mode is required")
    if order.task_type in EXTENDS:
        require(
            order.continue_at is not None and order.continue_at >= 0, f"continue_at is required for {order.task_type}"
        )
    if order.task_type == "persona_music":
        require(bool(order.persona_id), "persona_id is required for persona_music")
    _check_text(order)
    _check_voice(order)


def _check_text(order: SonicOrder) -> None:
    name = "prompt" if order.custom_mode else "gpt_description_prompt"
    require(bool(order.text.strip()), f"{name} is required when custom_mode is {str(order.custom_mode).lower()}")
    require(bool(order.custom_mode) or not order.auto_lyrics, "auto_lyrics requires custom_mode true")
    if order.mv in OLD_MODELS:
        _require_shorter("prompt", order.prompt, 3000)
    require(len(order.prompt) <= 5000, "prompt must be at most 5000 characters")
    for name, length in SHORTER_THAN.items():
        _require_shorter(name, getattr(order, name), length)


def _check_voice(order: SonicOrder) -> None:
    if order.vocal_gender is not None:
        require(order.vocal_gender in ("f", "m"), "vocal_gender must be f or m")
        require(order.mv in NEW_MODELS, f"vocal_gender is not supported by {order.mv}")
    for name in WEIGHTS:
        weight = getattr(order, name)
        require(weight is None or 0 <= weight <= 1, f"{name} must be between 0 and 1")


def typed(body: object, fields: Mapping[str, tuple[type, ...]]) -> dict[str, Any]:
    """Pick the known fields out of a JSON object, each of exactly its type; raise Refusal."""
    if not isinstance(body, dict):
        raise Refusal("the body must be a JSON object")
    given = {name: body[name] for name in fields if name in body}
    for name, value in given.items():
        # Exactly: to Python a bool is an int, to the vendor it is not.
        require(
            type(value) in fields[name],
            f"{name} must be of type {' or '.join(_JSON_NAMES[one] for one in fields[name])}",
        )
    return given


def require(holds: bool, message: str) -> None:
    """Refuse a call for which something does not hold."""
    if not holds:
        raise Refusal(message)


def _require_shorter(name: str, text: str, length: int) -> None:
    require(len(text) < length, f"{name} must be less than {length} characters")


_JSON_NAMES = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object"}
