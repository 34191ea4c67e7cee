"""What the pretend AudioPod accepts, and how it refuses the rest."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.refusal import Refusal

GENRES = (
    "Modern Pop", "Rock", "Hip Hop", "Jazz", "Classical", "Electronic", "Country",
    "Folk", "Blues", "Reggae", "Latin", "R&B", "Metal", "Custom",
)  # fmt: skip
STATUSES = ("PENDING", "PROCESSING", "COMPLETED", "FAILED")
SONG_TYPES = ("rap", "song", "vocals", "instrumental", "samples")
SORTS = ("created_at", "display_name", "audio_duration", "status")

LONGEST, LONGEST_SAMPLE = 600, 120  # seconds


@dataclass(frozen=True, slots=True)
class Rule:
    """Say what a field may be: its type, and its range, length or values where they are documented."""

    kind: type
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()

    def broken_by(self, value: object) -> str | None:
        """Say what is wrong with a value; null is what every field has while it is not sent."""
        # Exactly: to Python a bool is an int, to the vendor it is not.
        if type(value) is not self.kind and not (self.kind is float and type(value) is int):
            return f"must be of type {self.kind.__name__}"
        if self.values and value not in self.values:
            return f"must be one of {', '.join(self.values)}"
        size: Any = len(value) if isinstance(value, str) else value
        # Asked so that NaN, which Python takes for JSON, is outside of every range.
        if self.low is not None and self.high is not None and not self.low <= size <= self.high:
            return f"must be from {self.low} to {self.high}" + (" characters" if isinstance(value, str) else "")
        return None


SHARE = Rule(float, 0, 1)
TEXT, FLAG, NUMBER = Rule(str), Rule(bool), Rule(int)

#: The parameters of every create. The tables say `duration`, the samples send `audio_duration`.
BASE = {
    "duration": Rule(float, -1, LONGEST),
    "audio_duration": Rule(float, -1, LONGEST),
    "format": Rule(str, values=("wav", "mp3", "flac", "ogg")),
    "model_version": Rule(str, values=("audiomusic-v2", "audiomusic-v1.5")),
    "batch_size": Rule(int, 1, 8),
    "seed": NUMBER,
    # From 32 in the table, but the tips below it suggest 8.
    "inference_steps": Rule(int, 8, 100),
    "guidance_scale": Rule(float, 1, 15),
    "shift": Rule(float, 1, 5),
    "infer_method": Rule(str, values=("ode", "sde")),
    "cfg_interval_start": SHARE,
    "cfg_interval_end": SHARE,
    "lm_temperature": Rule(float, 0, 2),
    "lm_cfg_scale": Rule(float, 0, 10),
    "lm_top_k": Rule(int, 0, 100),
    "lm_top_p": SHARE,
    "lm_negative_prompt": TEXT,
    **dict.fromkeys(("use_adg", "thinking", "generate_lrc", "calculate_quality"), FLAG),
    **dict.fromkeys(("use_cot_metas", "use_cot_caption", "use_cot_language", "use_cot_lyrics"), FLAG),
    "use_constrained_decoding": FLAG,
    "bpm": Rule(int, 30, 300),
    "keyscale": TEXT,
    "timesignature": Rule(str, values=("2/4", "3/4", "4/4", "6/8")),
    "vocal_language": TEXT,
    "thumbnail_url": TEXT,
    "lora_name_or_path": TEXT,
    "lora_weight": Rule(float, -3, 3),
    "quality": TEXT,
    "display_name": TEXT,
}
CAPTION = Rule(str, 0, 2048)
GENRE = Rule(str, values=GENRES)
#: What each create takes, and the names of the text that it needs.
CREATES: dict[str, tuple[Mapping[str, Rule], tuple[str, ...]]] = {
    "text2music": (
        {**BASE, "caption": CAPTION, "prompt": CAPTION, "lyrics": TEXT, "instrumental": FLAG, "genre_preset": GENRE},
        ("caption", "prompt"),
    ),
    "prompt2instrumental": ({**BASE, "prompt": TEXT, "genre_preset": GENRE}, ("prompt",)),
    "text2samples": (
        {
            **BASE,
            "prompt": TEXT,
            "duration": Rule(float, -1, LONGEST_SAMPLE),
            "audio_duration": Rule(float, -1, LONGEST_SAMPLE),
            "sample_type": Rule(str, values=("loop", "one-shot")),
            "tempo": Rule(int, 60, 200),
        },
        ("prompt",),
    ),
}
PATCH = {"display_name": TEXT, "thumbnail_url": TEXT}


@dataclass(frozen=True, slots=True)
class Order:
    """Hold what a create asked for: the fields that were sent, and what follows from them."""

    task: str
    text: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def get(self, name: str, default: Any = None) -> Any:
        """Give a field, or the vendor's default."""
        return self.fields.get(name, default)

    @property
    def seconds(self) -> float | None:
        """Give the length asked for; None is automatic."""
        asked = self.get("duration", self.get("audio_duration", -1))
        return None if asked == -1 else float(asked)

    @property
    def instrumental(self) -> bool:
        """Say whether nobody sings."""
        return self.task == "prompt2instrumental" or bool(self.get("instrumental", False))

    @property
    def lyrics(self) -> str:
        """Give the words to sing, which `instrumental` ignores."""
        return "" if self.instrumental else str(self.get("lyrics", ""))

    @property
    def song_type(self) -> str:
        """Give the word by which the list filters."""
        if self.task == "text2samples":
            return "samples"
        return "instrumental" if self.instrumental else "song"

    @property
    def display_name(self) -> str:
        """Give the name asked for, or the beginning of the text."""
        return str(self.get("display_name", "")) or self.text[:60].strip() or "Untitled"

    @property
    def words(self) -> str:
        """Put everything the composer should listen to into one string."""
        bpm = self.get("bpm")
        told = (self.get("genre_preset", ""), self.text, self.lyrics, f"{bpm} bpm" if bpm else "")
        return " ".join(filter(None, (*told, "instrumental" if self.instrumental else "")))

    @property
    def loop(self) -> bool:
        """Say whether a sample goes round; where it is not said, the words decide."""
        kind = self.get("sample_type")
        return kind == "loop" or (kind is None and re.search(r"loop|beat|groove", self.text, re.IGNORECASE) is not None)

    @property
    def tempo(self) -> int:
        """Give the beats per minute of a sample."""
        said = re.search(r"([0-9]{2,3}) ?bpm", self.text, re.IGNORECASE)
        return int(self.get("tempo") or self.get("bpm") or (said and min(200, max(60, int(said[1])))) or 120)


def read_order(task: str, body: object) -> Order:
    """Check the JSON of a create against every documented rule; raise Refusal."""
    rules, texts = CREATES[task]
    fields = checked(body, rules)
    text = next((fields[name] for name in texts if name in fields), None)
    if text is None:
        raise invalid(texts[0], "is required")
    order = Order(task, text, fields)
    if order.seconds is not None and order.seconds <= 0:
        raise invalid("duration", "must be -1 or more than 0")
    if not re.fullmatch("unknown|[a-z]{2}", order.get("vocal_language", "unknown")):
        raise invalid("vocal_language", "must be an ISO 639-1 code")
    if order.get("quality") == "premium":
        raise Refusal("premium needs the Pro plan or above", 402, "PREMIUM_TIER_REQUIRED")
    return order


def checked(body: object, rules: Mapping[str, Rule]) -> dict[str, Any]:
    """Pick the known fields out of a JSON object, each as its rule says; null is as good as not sent."""
    if not isinstance(body, dict):
        raise invalid("body", "must be a JSON object")
    given = {name: body[name] for name in rules if body.get(name) is not None}
    for name, value in given.items():
        if (problem := rules[name].broken_by(value)) is not None:
            raise invalid(name, problem)
    return given


def invalid(name: str, problem: str) -> Refusal:
    """Make the refusal of one field."""
    return Refusal(f"{name} {problem}", 422)
