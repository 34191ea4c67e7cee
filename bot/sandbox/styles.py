"""What kinds of music the sandbox's composer knows: their tempo, scales, drums, bass, chords and voices."""

from dataclasses import dataclass

KEYS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
# The steps of each scale, and its progressions: four bars each, as degrees counted from 0.
MODES = {
    "major": ((0, 2, 4, 5, 7, 9, 11), "0453 0534 5304 0234 0354"),
    "dorian": ((0, 2, 3, 5, 7, 9, 10), "0306 0233 0634 5230"),
    "minor": ((0, 2, 3, 5, 7, 8, 10), "0526 0354 5600 0256 0534"),
    "jazz-major": ((0, 2, 4, 5, 7, 9, 11), "1405 0514 2514"),
    "jazz-minor": ((0, 2, 3, 5, 7, 8, 10), "1400 0314 0514"),
}
MOODS = {
    "slower": "slow sad sleepy sleep calm lonely gentle soft melancholy melancholic relaxing",
    "faster": "fast happy energetic upbeat hard angry party metal punk wild running",
    "darker": "sad dark melancholy melancholic lonely angry heartbreak haunted evil minor",
    "brighter": "happy cheerful sunny summer joyful upbeat bright birthday love major",
}
BACKDROPS = {"rain": "rain", "rainy": "rain", "storm": "rain", "sea": "sea", "ocean": "sea", "vinyl": "vinyl"}


@dataclass(frozen=True, slots=True)
class Style:
    """How a kind of music is played, the words that name it and the words that suggest it.

    A pattern has a sign for each sixteenth and repeats to fill the bar. Drums: `x` loud, `o` soft, `?` now and then.
    Chords: `x` until the next sign, `s` short, a digit one voice. Bass: `r`oot, `t`hird, `f`ifth, `o`ctave, `a`pproach.
    """

    names: str
    hints: str
    tempo: tuple[int, int]
    modes: str
    drums: dict[str, str]
    bass: tuple[str, str, str]  # the instrument, then its patterns
    keys: tuple[str, ...]  # an instrument and its pattern
    leads: str
    pad: str = ""
    voices: int = 3
    meter: int = 4
    swing: float = 0.0
    busy: int = 1
    room: float = 1.4
    brightness: int = 14_000
    backdrop: str = ""


# fmt: off
STYLES = (
    Style("lofi lo-fi chillhop", "chill study relax relaxing coffee cozy rain rainy night", (70, 82),
        "dorian minor jazz-major", {"softkick": "x......x..x...?.", "rim": "....x..?", "hat": "x.o."},
        ("round", "r.....r...f.....", "r.......r..f..o."), ("epiano x.......", "epiano x.....s...x....."),
        "vibes flute guitar", voices=5, swing=0.09, brightness=5500, backdrop="vinyl"),
    Style("jazz jazzy swing bebop blues sax", "noir lounge smoky cocktail", (118, 148), "jazz-major jazz-minor",
        {"ride": "x...x.o.", "brush": "....x...", "softkick": "o.......?......."},
        ("upright", "r...t...f...a...", "r...o...t...a..."), ("piano ..s...x.......s.", "guitar s..."),
        "reed vibes piano", voices=5, swing=0.15, brightness=10_000),
    Style("rock metal punk grunge guitar", "angry road storm loud", (116, 148), "minor dorian major",
        {"kick": "x.....x.x.x.....", "snare": "....x...", "hat": "x."}, ("picked", "r.", "r.r.r.o.r.r.f.r."),
        ("fuzz x.......x.....x.", "fuzz s.s.x..."), "fuzz organ saw", brightness=10_000, room=0.9),
    Style("ambient drone meditation", "calm space sleep dream dreamy peaceful ocean sea stars", (60, 70),
        "major dorian", {}, ("round", "r...............", "r.......f......."),
        ("bell 0...2...1...3...", "vibes 0..1..2..3..2..."), "flute bell strings",
        pad="pad", voices=4, busy=0, room=3.2, brightness=9000, backdrop="sea"),
    Style("techno house edm rave trance electronic dnb", "club dance neon city robot", (124, 136), "minor dorian",
        {"kick": "x...", "clap": "....x...", "hat": "o.o.o.oo", "openhat": "..x."},
        ("acid", "..r...r...r..or.", "r.rr.or."), ("saw s..s..s...s..s..", "saw 0.1.2.0.1.2.0.1."),
        "square saw bell", pad="pad", busy=2),
    Style("waltz ballroom", "carousel circus", (138, 168), "major minor",
        {"softkick": "x...........", "brush": "....o...o..."}, ("upright", "r...........", "r.......f..."),
        ("piano ....s...s...", "piano 0...1...2..."), "strings flute reed",
        pad="strings", meter=3, busy=0, brightness=11_000, room=1.8),
    Style("ballad piano", "sad lonely heartbreak tears goodbye melancholy sorrow winter", (62, 74), "minor dorian",
        {"softkick": "x.........?.....", "rim": "........x.......", "shaker": "..o."},
        ("round", "r...............", "r.........f....."), ("piano 0.1.2.3.2.1.2.1.", "guitar 0.2.3.1.2.3.1.2."),
        "strings flute reed", pad="strings", room=2.2, brightness=11_000),
    Style("folk acoustic country celtic shanty", "campfire village forest pirate morning", (92, 112), "major dorian",
        {"softkick": "x.......", "clap": "............?...", "shaker": "x.o.x.oo"},
        ("upright", "r.......f.......", "r.....r.f......."), ("guitar 0.2.1.2.3.2.1.2.", "guitar x...s.s...s.s.s."),
        "flute reed guitar", room=1.1),
    Style("pop disco funk", "happy summer party birthday love sunny upbeat cheerful", (102, 120), "major major dorian",
        {"kick": "x...", "clap": "....x...", "hat": "..x.", "shaker": "o.oo.ooo"},
        ("round", "r..r..r.r..r..o.", "r.....r.r...f..."), ("piano x..x..x...x.x...", "epiano x.....s."),
        "saw square flute", pad="pad"),
    Style("hiphop hip-hop trap rap phonk", "street drill", (76, 92), "minor dorian",
        {"kick": "x.....x..?x.....", "snare": "....x...", "hat": "x.xxx.x.x.xxx.oo"},
        ("sub", "r.....r...r.....", "r.........r..f.."), ("bell 0...2...1..3....", "guitar 0..2..1.0..2..3."),
        "flute bell strings", pad="strings", swing=0.04, room=1.2),
    Style("chiptune 8-bit 8bit arcade", "game pixel retro", (138, 160), "major minor",
        {"kick": "x.....x.x.......", "snare": "....x.......x..?", "hat": "x.o."}, ("square", "r.o.", "r.r.o.r."),
        ("square 0120120120120120", "musicbox 0.2.1.2."), "square saw musicbox", busy=2, room=0.7),
    Style("cinematic orchestral orchestra trailer", "epic film battle hero dragon haunted", (84, 104), "minor dorian",
        {"kick": "x.......", "tom": "x.....x.x...o.?."}, ("sub", "r.......", "r.....r.r.....r."),
        ("strings 0.0.2.0.1.0.2.1.", "strings s."), "brass strings flute", pad="strings", busy=0, room=2.6),
)
# fmt: on
