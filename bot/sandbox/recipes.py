"""How each sound of a pretend vendor is made: few words to remember in place of the sound, which is made again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from math import ceil
from random import Random
from typing import Protocol

import numpy as np

from bot.sandbox import waves
from bot.sandbox.music import Fit, compose
from bot.sandbox.sounds import make_sound
from bot.sandbox.synth import Note, Part, Piece, Wave, mix

#: Sounds that are kept a while: several calls about one track come together.
KEPT = 4
#: The most that an extension adds, in seconds.
LONGEST_ADDED = 30.0
STEPS = (0, 3, 5, 7, 10, 12)  # minor pentatonic, which goes with most chords
LOWEST_SUNG = 57  # MIDI number
BPM, BEATS = 120, 4  # of a sound that has no tempo of its own
#: What a part is played in by itself: a mix takes three seconds more, since it fades out at its end.
ROOM, BRIGHTNESS, OVERTIME = 1.0, 14_000, 3.0


class Recipe(Protocol):
    """Tell how a sound is made. Immutable, and compared by what it holds."""

    def make(self) -> Piece:
        """Make the sound, each time the same."""
        ...

    def __hash__(self) -> int: ...


@lru_cache(maxsize=KEPT)
def perform(recipe: Recipe) -> Piece:
    """Make a sound, or give it as it was made a moment ago. It must not be changed."""
    return recipe.make()


@dataclass(frozen=True, slots=True)
class Song:
    """A piece from words."""

    words: str
    variation: int = 0
    fit: Fit | None = None

    def make(self) -> Piece:
        """Compose it."""
        return _composed(self.words, self.variation, self.fit or Fit())


@dataclass(frozen=True, slots=True)
class Cover:
    """A piece with the length, tempo and key of another, from other words."""

    of: Recipe
    words: str
    variation: int = 0

    def make(self) -> Piece:
        """Compose it."""
        base = perform(self.of)
        return _composed(self.words, self.variation, _going_with(base, base.seconds))


@dataclass(frozen=True, slots=True)
class Extension:
    """A sound that goes on in its tempo and key from a moment, None for its end, and is longer than it was."""

    of: Recipe
    at: float | None
    words: str
    variation: int = 0

    def make(self) -> Piece:
        """Compose what follows and join it on."""
        base = perform(self.of)
        at = base.seconds if self.at is None else min(self.at, base.seconds)
        length = base.seconds - at + min(base.seconds, LONGEST_ADDED)
        more = _composed(self.words, self.variation, _going_with(base, length))
        samples = waves.continued(base.samples, waves.frames(at), more.samples)
        return replace(base, samples=samples, parts=(*_cut(base.parts, 0, at), *_cut(more.parts, 0, more.seconds, at)))


@dataclass(frozen=True, slots=True)
class Infill:
    """A sound with another between two moments."""

    of: Recipe
    start: float
    end: float
    words: str
    variation: int = 0

    def make(self) -> Piece:
        """Compose what is to be there and put it in."""
        base, length = perform(self.of), self.end - self.start
        new = _composed(self.words, self.variation, _going_with(base, length))
        samples = waves.replaced(base.samples, waves.frames(self.start), new.samples)
        around = (*_cut(base.parts, 0, self.start), *_cut(base.parts, self.end, base.seconds, self.end))
        return replace(base, samples=samples, parts=(*around, *_cut(new.parts, 0, length, self.start)))


@dataclass(frozen=True, slots=True)
class Voiced:
    """A sound with a voice over it between two moments."""

    of: Recipe
    start: float
    end: float
    words: str
    variation: int = 0

    def make(self) -> Piece:
        """Let somebody sing."""
        base = perform(self.of)
        alone = Part("voice", tuple(self._sung(base)), 1.0, 0.1, sung=True)
        voice = _played([alone], self.end - self.start, base.bpm) * np.float32(0.5)
        samples = waves.replaced(base.samples, waves.frames(self.start), voice, kept=0.5)
        return replace(base, samples=samples, parts=(*base.parts, *_cut([alone], 0, self.end, self.start)))

    def _sung(self, base: Piece) -> Iterator[Note]:
        """Sing a note on each beat, as the words have it; the times count from the start."""
        rng = Random(f"{self.words}/{self.variation}".encode("utf-8", "surrogatepass"))
        beat, lowest = 60 / base.bpm, LOWEST_SUNG + (waves.root(base) - LOWEST_SUNG) % 12
        for number in range(ceil((self.end - self.start) / beat)):
            rest = self.end - self.start - number * beat
            yield Note(number * beat, max(0.05, min(beat, rest)) * 0.9, lowest + rng.choice(STEPS), 1.0)


@dataclass(frozen=True, slots=True)
class Remaster:
    """A sound, louder and brighter."""

    of: Recipe

    def make(self) -> Piece:
        """Work on the sound alone."""
        base = perform(self.of)
        return replace(base, samples=waves.remastered(base.samples))


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound effect; one that is no loop rings for a bar of its tempo where one is asked for."""

    words: str
    loop: bool
    bpm: int | None
    key: str

    def make(self) -> Piece:
        """Make it."""
        seconds = None if self.loop or self.bpm is None else BEATS * 60 / self.bpm
        return make_sound(self.words, loop=self.loop, bpm=self.bpm or BPM, key=self.key, seconds=seconds)


@dataclass(frozen=True, slots=True)
class Hummed:
    """A song as long as what was hummed between two moments, and in its key."""

    of: Recipe
    start: float
    end: float
    variation: int = 0

    def make(self) -> Piece:
        """Listen, and compose; what was hummed is also what the composer goes by."""
        base = perform(self.of)
        hummed = base.samples[waves.frames(self.start) : waves.frames(self.end)]
        fit = Fit(self.end - self.start, root=waves.root(base))
        return _composed(sha256(hummed.tobytes()).hexdigest(), self.variation, fit)


@dataclass(frozen=True, slots=True)
class Stem:
    """What is sung, or plays the tune, in a sound between two moments, alone; silence where nothing is."""

    of: Recipe
    start: float
    end: float

    def make(self) -> Piece:
        """Play the tune again without the others."""
        base = perform(self.of)
        sung = [part for part in base.parts if part.sung]
        whole = _played(sung, base.seconds, base.bpm)
        samples = whole[waves.frames(self.start) : waves.frames(self.end)]
        return replace(base, samples=samples, parts=_cut(sung, self.start, self.end))


def _composed(words: str, variation: int, fit: Fit) -> Piece:
    """Compose a piece; of one that was cut to a length, the notes are those that are heard."""
    piece = compose(words, variation, fit)
    return replace(piece, parts=_cut(piece.parts, 0, piece.seconds))


def _going_with(base: Piece, seconds: float) -> Fit:
    return Fit(seconds, base.bpm, waves.root(base))


def _cut(parts: Sequence[Part], start: float, end: float, to: float = 0.0) -> tuple[Part, ...]:
    """Keep the notes that begin between two moments, shortened to the second, and move them to begin at `to`."""
    return tuple(replace(part, notes=tuple(_moved(part.notes, start, end, to - start))) for part in parts)


def _moved(notes: Sequence[Note], start: float, end: float, by: float) -> Iterator[Note]:
    for note in notes:
        if start <= note.start < end:
            yield replace(note, start=note.start + by, seconds=min(note.seconds, end - note.start))


def _played(parts: Sequence[Part], seconds: float, bpm: int) -> Wave:
    """Play some parts by themselves."""
    if not any(part.notes for part in parts):
        return np.zeros((waves.frames(seconds), 2), np.float32)
    return mix(parts, seconds + OVERTIME, ROOM, BRIGHTNESS, 45 / bpm, "")[: waves.frames(seconds)]
