"""Short sounds from words: a loop of a whole number of beats, whose end runs into its beginning, or one hit."""

import re
from collections.abc import Iterable
from random import Random

import numpy as np

from bot.sandbox.synth import CEILING, DRUMS, RATE, TIMBRES, Piece, Wave, tone, weather

#: A loop that no length is asked for has two bars of four beats; one hit rings for two seconds.
LOOP_BEATS, HIT_SECONDS = 8, 2.0
LONGEST = 120.0  # seconds
FADE = 2205  # frames, a twentieth of a second

# A sign for each sixteenth of one bar: `x` loud, `o` soft.
KITS = (
    {"kick": "x.......x.x.....", "snare": "....x.......x...", "hat": "x.o.x.o.x.o.x.oo"},
    {"kick": "x...x...x...x...", "clap": "....x.......x...", "openhat": "..x...x...x...x."},
    {"softkick": "x.....x...x.....", "rim": "....x.......x...", "shaker": "x.o.x.oox.o.x.oo"},
)
RIFFS = ("x..x..x.x...x...", "x.....x...x.x...", "x...x.x...x...x.")
#: A minor pentatonic goes with most keys.
STEPS = (0, 3, 5, 7, 10, 12)
NOTES = ("c", "c#", "d", "d#", "e", "f", "f#", "g", "g#", "a", "a#", "b")
FLATS = {"db": "c#", "eb": "d#", "gb": "f#", "ab": "g#", "bb": "a#"}
WEATHER = {"rain": "rain", "storm": "rain", "water": "sea", "sea": "sea", "ocean": "sea", "wind": "sea"}


def make_sound(words: str, *, loop: bool, bpm: int, key: str = "", seconds: float | None = None) -> Piece:
    """Make the sound these words ask for; the same words give the same samples.

    A loop keeps to `bpm` and is the whole number of beats nearest to `seconds`.
    """
    rng, root = _random(words), _root(key, words)
    track = _loop(words, bpm, root, seconds, rng) if loop else _hit(words, root, seconds or HIT_SECONDS, rng)
    return Piece(np.ascontiguousarray(_levelled(track).T), bpm, key)


def _random(words: str) -> Random:
    return Random(words.encode("utf-8", "surrogatepass"))


def _root(key: str, words: str) -> int:
    """Find the MIDI number of a key's first note; any, where none is given."""
    given = re.match(r"[a-g][#b]?", key.strip().lower())
    if given is None or (name := FLATS.get(given[0], given[0])) not in NOTES:
        return 36 + _random(words + "/key").randrange(12)
    return 36 + NOTES.index(name)


def _named(words: str, names: Iterable[str]) -> str | None:
    """Find the first of the instruments that the words name."""
    return next((word for word in re.findall(r"[a-z]+", words.lower()) if word in names), None)


def _loop(words: str, bpm: int, root: int, seconds: float | None, rng: Random) -> Wave:
    """Play drums and a riff round and round."""
    beats = LOOP_BEATS if seconds is None else max(1, round(seconds * bpm / 60))
    beats = min(beats, int(LONGEST * bpm / 60))
    track = np.zeros((2, round(beats * 60 / bpm * RATE)), np.float32)
    kit, riff = rng.choice(KITS), rng.choice(RIFFS)
    voice = TIMBRES[_named(words, TIMBRES) or rng.choice(("round", "acid", "epiano"))]
    notes = [tone(voice, root + rng.choice(STEPS), 0.22) * np.float32(0.35) for _ in range(4)]
    drums = {name: _drum(name) for name in kit}
    for step in range(beats * 4):
        begin = round(step * 15 / bpm * RATE)
        for name, pattern in kit.items():
            if (sign := pattern[step % 16]) != ".":
                _add(track, drums[name] * np.float32(1.0 if sign == "x" else 0.5), begin)
        if riff[step % 16] == "x":
            _add(track, notes[step // 3 % 4], begin)
    return track


def _hit(words: str, root: int, seconds: float, rng: Random) -> Wave:
    """Play one thing once: a drum, the weather, or a chord of the instrument that is named."""
    track = np.zeros((2, round(min(seconds, LONGEST) * RATE)), np.float32)
    if (drum := _named(words, DRUMS)) is not None:
        sounds = [_drum(drum)]
    elif (named := _named(words, WEATHER)) is not None:
        track += weather(WEATHER[named], track.shape[1])
        track[:, :FADE] *= np.linspace(0, 1, track[:, :FADE].shape[1], dtype=np.float32)
        sounds = []
    else:
        voice = TIMBRES[_named(words, TIMBRES) or rng.choice(("bell", "vibes", "brass"))]
        sounds = [tone(voice, root + 24 + step, seconds) for step in (0, 7, 12)]
    for sound in sounds:
        track += np.resize(np.pad(sound, (0, max(0, track.shape[1] - sound.size))), track.shape[1])
    track[:, -FADE:] *= np.linspace(1, 0, track[:, -FADE:].shape[1], dtype=np.float32)
    return track


def _drum(name: str) -> Wave:
    make, level, _ = DRUMS[name]
    sound = make() * np.float32(level)
    sound[-220:] *= np.linspace(1, 0, 220, dtype=np.float32)  # a long cymbal would end in a click
    return np.asarray(sound, np.float32)


def _levelled(track: Wave) -> Wave:
    """Bring the peak to the ceiling; a hit is mostly silence, so there is no loudness to hold it to."""
    return np.asarray(track * (CEILING / np.abs(track).max()), np.float32)


def _add(track: Wave, sound: Wave, begin: int) -> None:
    """Play a sound in a circle: what does not fit before the end goes on at the beginning."""
    frames = track.shape[1]
    while sound.size:
        begin %= frames
        part, sound = sound[: frames - begin], sound[frames - begin :]
        track[:, begin : begin + part.size] += part
        begin += part.size
