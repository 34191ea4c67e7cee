"""What the pretend MusicMint remembers of its clips, and what it makes of them for each kind of create."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.artwork import draw_cover
from bot.sandbox.musicmint_rules import LOOP, MUSIC_EXPIRED, NOT_FOUND, Order, read_span, require
from bot.sandbox.recipes import Cover, Extension, Hummed, Infill, Recipe, Remaster, Sound, Stem, Voiced
from bot.sandbox.refusal import Refusal
from bot.sandbox.studio import Recording, recorded

#: How many results each create has; the vendor only says that there may be several.
RESULTS = {"music/remaster": 1, "music/soundfx": 1, "lyrics/generate": 1}
SONG_RESULTS = 2


@dataclass(slots=True)
class Clip:
    """A result as it is shown, and how its sound is made again; None where it has none."""

    result: dict[str, Any]
    recipe: Recipe | None
    expires: float
    cover: bytes = b""
    uploaded: bool = False
    #: Where its WAV stands, once somebody has asked for it.
    wav_url: str = ""

    @property
    def id(self) -> str:
        """Give its id."""
        return str(self.result["id"])

    @property
    def seconds(self) -> float:
        """Give its length as it is told."""
        return float(self.result["duration"])

    @property
    def sound(self) -> Recipe:
        """Give how its sound is made, where it has one."""
        assert self.recipe is not None
        return self.recipe


class Clips:
    """All clips by their id, and the stems, which may be given where a clip is asked for, by their address."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._clips: dict[str, Clip] = {}

    def add(self, clip: Clip, *names: str) -> Clip:
        """Remember a clip by its id, or by other names."""
        self._clips.update((name, clip) for name in names or (clip.id,))
        return clip

    def find(self, clip_id: str) -> Clip:
        """Return a clip; raise Refusal where there is none or its time is over."""
        if (clip := self._clips.get(clip_id)) is None:
            raise Refusal("music not found", 404, NOT_FOUND)
        if clip.expires <= self._now():
            raise Refusal("music has expired", 200, MUSIC_EXPIRED)
        return clip

    def sounding(self, clip_id: str) -> Clip:
        """Return a clip that has a sound; raise Refusal."""
        clip = self.find(clip_id)
        require(clip.recipe is not None, "the clip has no audio")
        return clip


def check(order: Order, clip: Clip) -> None:
    """Refuse an order that does not go with the clip it names."""
    if order.endpoint == "music/generate":
        require((order.start or 0) <= clip.seconds + 1, "continue_at must be inside the clip")
        return
    read_span(clip.seconds, order.start, _end(order))
    if order.endpoint == "music/sample":
        require(clip.uploaded, "clip_id must come from an upload")


def rework(order: Order, clip: Clip | None, variation: int) -> Recording:
    """Make one result of an order that is not a song from nothing; blocking."""
    cover = draw_cover(order.words, order.song_title, variation) if clip is None or not clip.cover else clip.cover
    return recorded(recipe(order, clip, variation), cover)


def recipe(order: Order, clip: Clip | None, variation: int) -> Recipe:
    """Tell how one result of an order is made."""
    if clip is None:
        return Sound(order.sound_desc, order.sound_type == LOOP, order.sound_bpm, order.sound_key)
    start, end = read_span(clip.seconds, 0.0 if order.endpoint == "music/generate" else order.start, _end(order))
    sound, words = clip.sound, described(order, clip)
    made: dict[str, Recipe] = {
        "music/generate": Extension(sound, order.start, f"{words} continued", variation),
        # A word more, or a cover in the old style on the old lyrics would be the old song.
        "music/cover": Cover(sound, f"{words} covered", variation),
        "music/remaster": Remaster(sound),
        "music/add-vocals": Voiced(sound, start, end, words, variation),
        "music/infill": Infill(sound, start, end, f"{words} infilled", variation),
        "music/sample": Hummed(sound, start, end, variation),
    }
    return made[order.endpoint]


def described(order: Order, clip: Clip) -> str:
    """Put the style and the words of an order together; what it leaves out stays as it was in the clip."""
    return f"{order.tags or clip.result['tags']} {order.text or clip.result['prompt']}"


def stem(clip: Clip, start: float, end: float) -> Stem:
    """Tell how the voice of a clip is taken out."""
    return Stem(clip.sound, start, end)


def _end(order: Order) -> float | None:
    """Give the end asked for; at samples, 0 is the end of the clip."""
    return (order.end or None) if order.endpoint == "music/sample" else order.end
