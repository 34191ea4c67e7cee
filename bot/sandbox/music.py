"""Compose real music from words, the same for the same words: chords, bass, drums, melody, form."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from random import Random
from typing import NamedTuple

import numpy as np

from bot.sandbox.styles import BACKDROPS, KEYS, MODES, MOODS, STYLES, Style
from bot.sandbox.synth import RATE, Note, Part, Piece, encode_mp3, mix

__all__ = ["Fit", "Piece", "compose", "encode_mp3"]

# Where the notes of one bar of melody begin, in beats, from calm to busy.
RHYTHMS: tuple[tuple[tuple[float, ...], ...], ...] = (
    ((0, 2), (0, 1.5), (0, 1, 2), (1, 2)),
    ((0, 1, 1.5, 2), (0, 1.5, 2, 3), (0.5, 1, 1.5, 2.5), (0, 0.5, 1, 2.5), (0, 1, 2, 3)),
    ((0, 0.5, 1, 1.5, 2, 3), (0, 0.75, 1.5, 2, 2.5, 3), (0, 0.5, 1.5, 2, 2.5, 3.5), (0.5, 1, 1.5, 2, 3)),
)
CUT = 882  # frames, a fiftieth of a second: what is cut off ends without a click


@dataclass(frozen=True, slots=True)
class Fit:
    """What a piece has to go with: a length, a tempo, the first note of its key (0 is C); None leaves it free."""

    seconds: float | None = None
    bpm: int | None = None
    root: int | None = None


class Bar(NamedTuple):
    """One bar of the form: its first beat, its chord (pitch classes, root first), the next root, and who plays."""

    beat: float
    chord: tuple[int, ...]
    following: int
    layers: frozenset[str]
    fill: bool


def compose(words: str, variation: int = 0, fit: Fit | None = None) -> Piece:
    """Compose and perform the piece these words ask for; the same words, variation and fit give the same samples."""
    fit = fit or Fit()
    seed = words.encode("utf-8", "surrogatepass")
    said = re.findall(r"[a-z0-9-]+", words.lower())
    style, rng = _style(said, Random(seed)), Random(seed + b"/%d" % variation)
    moods = {mood for mood, meaning in MOODS.items() if not set(meaning.split()).isdisjoint(said)}
    bpm, mode = _tempo(words, moods, style, rng), _mode(moods, style, rng)
    bpm = fit.bpm or bpm
    # The circle of fifths does not come back within eleven steps: each variation has a key of its own.
    key = (Random(seed).randrange(12) + 7 * variation) % 12 if fit.root is None else fit.root
    scale = frozenset((key + step) % 12 for step in MODES[mode][0])
    band = Band(style, rng, bpm, scale, _form(style, mode, key, bpm, rng, fit.seconds))
    backdrop = next((BACKDROPS[word] for word in said if word in BACKDROPS), style.backdrop)
    parts = band.play()
    samples = mix(parts, band.seconds, style.room, style.brightness, 45 / bpm, backdrop)
    if fit.seconds is not None:
        samples = samples[: round(fit.seconds * RATE)]
        samples[-CUT:] *= np.linspace(1, 0, len(samples[-CUT:]), dtype=np.float32)[:, np.newaxis]
    return Piece(samples, bpm, f"{KEYS[key]} {mode.removeprefix('jazz-')}", tuple(parts))


def _style(said: Sequence[str], rng: Random) -> Style:
    """Choose the style named first, else the one suggested first, else any."""
    named = [style for word in said for style in STYLES if word in style.names.split()]
    hinted = [style for word in said for style in STYLES if word in style.hints.split()]
    return next(iter(named + hinted), rng.choice(STYLES))


def _tempo(words: str, moods: set[str], style: Style, rng: Random) -> int:
    if asked := re.search(r"([0-9]{2,3}) ?bpm", words, re.IGNORECASE):
        return min(190, max(50, int(asked[1])))
    return round(rng.randint(*style.tempo) * (1 - 0.1 * ("slower" in moods) + 0.1 * ("faster" in moods)))


def _mode(moods: set[str], style: Style, rng: Random) -> str:
    unwanted = tuple({"darker": "major", "brighter": "minor"}.get(mood, "neither") for mood in moods)
    return rng.choice([mode for mode in style.modes.split() if not mode.endswith(unwanted)] or ["dorian"])


def _chord(mode: str, degree: int, key: int, voices: int) -> tuple[int, ...]:
    """Stack thirds on a degree; the result is pitch classes, the root first."""
    tones = [MODES[mode][0][(degree + 2 * voice) % 7] for voice in range(voices)]
    if voices == 5 and (tones[4] - tones[0]) % 12 == 1:
        tones.pop()  # a ninth that close to the root is harsh
    if mode.endswith("minor") and degree == 4:
        tones[1] = 11  # the dominant of a minor key is major
    return tuple((key + tone) % 12 for tone in tones)


def _form(style: Style, mode: str, key: int, bpm: int, rng: Random, seconds: float | None) -> list[Bar]:
    """Lay out intro, body, perhaps a bridge and more body, and a last chord: about half a minute.

    A length that is asked for is filled with body alone, and may be passed.
    """
    wanted = round(bpm / 2 / style.meter)
    intro = frozenset(rng.choice((("keys", "pad"), ("keys", "bass", "pad"), ("keys", "drums"))))
    bridge = frozenset(rng.choice((("keys", "bass", "pad"), ("keys", "pad"), ("drums", "bass", "pad", "keys"))))
    body = frozenset(("drums", "bass", "keys", "pad", "lead"))
    sections = [(intro, 4 if wanted >= 16 else 2), (body, 8)]
    while (rest := wanted - sum(bars for _, bars in sections)) >= 4:
        sections += [(bridge, 4), (body, 8 if rest >= 8 else 4)]
    if seconds is not None:
        sections = [(body, max(1, ceil(((seconds - 0.5) * bpm / 60 - _ending(bpm)) / style.meter)))]
    loop, other = (rng.choice(MODES[mode][1].split()) for _ in range(2))
    loops = {intro: loop, body: loop, bridge: other}
    plan = [(int(loops[who][n % 4]), who, n == bars - 1) for who, bars in sections for n in range(bars)]
    plan.append((0, frozenset(("keys", "bass", "pad", "end")), False))
    chords = [_chord(mode, degree, key, style.voices) for degree, _, _ in plan]
    following = [chord[0] for chord in [*chords[1:], chords[0]]]
    return [Bar(n * style.meter, chords[n], following[n], who, fill) for n, (_, who, fill) in enumerate(plan)]


def _ending(bpm: int) -> float:
    """Return how many beats the last chord rings: just under three seconds."""
    return max(1, round(bpm / 22))


def _signs(pattern: str, meter: int) -> Iterator[tuple[float, str, float]]:
    """Read one bar of a pattern: where each sign stands and how far it is to the next, in beats."""
    pattern = (pattern * 16)[: 4 * meter]
    places = [place for place, sign in enumerate(pattern) if sign != "."]
    for place, after in zip(places, [*places[1:], len(pattern)], strict=True):
        yield place / 4, pattern[place], (after - place) / 4


def _above(lowest: int, pitch_class: int) -> int:
    """Find a pitch class in the octave above a MIDI number."""
    return lowest + (pitch_class - lowest) % 12


class Band:
    """Plays the bars of one piece, each instrument in the manner of its style."""

    def __init__(self, style: Style, rng: Random, bpm: int, scale: frozenset[int], bars: Sequence[Bar]) -> None:
        self.style, self.rng, self.bpm, self.scale, self.bars = style, rng, bpm, scale, bars
        self.ending = _ending(bpm)
        self.seconds = (bars[-1].beat + self.ending) * 60 / bpm + 0.5

    def play(self) -> list[Part]:
        """Return every instrument's part."""
        style, ducked = self.style, self.style.pad == "pad"
        bass, lead = self.rng.choice(style.bass[1:]), self.rng.choice(style.leads.split())
        keys, pattern = self.rng.choice(style.keys).split()
        parts = [Part(name, list(self._drum(name, signs)), 1.0, 0.06) for name, signs in style.drums.items()]
        parts.append(Part(style.bass[0], list(self._bass(bass)), 0.36, ducked=ducked))
        parts.append(Part(keys, list(self._chords("keys", keys, pattern)), 0.15, 0.3, ducked=ducked))
        if style.pad:
            parts.append(
                Part(style.pad, list(self._chords("pad", style.pad, "x" + "." * 15)), 0.07, 0.5, ducked=ducked)
            )
        return [*parts, Part(lead, list(self._melody()), 0.22, 0.35, echo=0.3, sung=True)]

    def _note(self, beat: float, beats: float, pitch: int, level: float, pan: float = 0.0) -> Note:
        """Play a note as a person would, a little off, and with swing: what is off the beat comes later."""
        late = min(beat % 1, 1 - beat % 1) * 2 * self.style.swing
        start = (beat + late) * 60 / self.bpm + self.rng.uniform(0, 0.008)
        return Note(start, beats * 60 / self.bpm, pitch, level * self.rng.uniform(0.88, 1.0), pan)

    def _cues(self, layer: str, pattern: str) -> Iterator[tuple[Bar, float, str, float]]:
        """Find beat, sign and length wherever a layer plays its pattern; the last bar is one long `x`."""
        for bar in self.bars:
            if layer in bar.layers:
                held = "end" in bar.layers
                for beat, sign, beats in [(0, "x", self.ending)] if held else _signs(pattern, self.style.meter):
                    yield bar, bar.beat + beat, sign, beats

    def _drum(self, name: str, pattern: str) -> Iterator[Note]:
        """Play one drum; the second drum of each kit leads into the next section with a roll."""
        for _, beat, sign, _ in self._cues("drums", pattern):
            if sign != "?" or self.rng.random() < 0.4:
                yield self._note(beat, 0, 0, 1.0 if sign == "x" else 0.5)
        for bar in self.bars:
            if bar.fill and "drums" in bar.layers and name == list(self.style.drums)[1]:
                yield from (self._note(bar.beat + self.style.meter - n / 4, 0, 0, 1 - 0.2 * n) for n in (1, 2, 3))

    def _bass(self, pattern: str) -> Iterator[Note]:
        for bar, beat, sign, beats in self._cues("bass", pattern):
            root = _above(33, bar.chord[0])
            third, fifth = (root + (tone - root) % 12 for tone in bar.chord[1:3])
            pitches = {"t": third, "f": fifth, "o": root + 12, "a": _above(33, bar.following) - 1}
            yield self._note(beat, beats * 0.9, pitches.get(sign, root), 1.0 if beat == bar.beat else 0.85)

    def _chords(self, layer: str, instrument: str, pattern: str) -> Iterator[Note]:
        """Play chords close together, so that voices move little; a ninth leaves its root to the bass."""
        for bar, beat, sign, beats in self._cues(layer, pattern):
            tones = bar.chord[1:] if len(bar.chord) > 4 else bar.chord
            voices = sorted(_above(56, tone) for tone in tones)
            if instrument == "fuzz":
                voices = [_above(40, bar.chord[0]) + interval for interval in (0, 7, 12)]
            yield from self._strike(beat, sign, beats, voices)

    def _strike(self, beat: float, sign: str, beats: float, voices: list[int]) -> Iterator[Note]:
        if sign.isdigit():
            octave, voice = divmod(int(sign), len(voices))
            yield self._note(beat, beats + 0.5, voices[voice] + 12 * octave, 1.3, 0.25 * int(sign) - 0.35)
            return
        beats, level = 0.22 if sign == "s" else beats * 0.95, 1.0 if beat % 1 == 0 else 0.85
        for number, pitch in enumerate(voices):
            yield self._note(beat, beats, pitch, level, 1.2 * number / (len(voices) - 1) - 0.6)

    def _motif(self) -> list[tuple[float, float, int]]:
        """Invent two bars of melody, the second calmer: where notes begin and end, and their heights in steps."""
        calm = RHYTHMS[max(0, self.style.busy - 1)]
        starts = [beat for beat in self.rng.choice(RHYTHMS[self.style.busy]) if beat < self.style.meter]
        starts += [self.style.meter + beat for beat in self.rng.choice(calm) if beat < self.style.meter - 0.5]
        heights = [self.rng.choice((0, 2, 4))]
        for _ in starts[1:]:
            step = self.rng.choice((-2, -1, -1, 1, 1, 2, 3))
            heights.append(heights[-1] + (step if abs(heights[-1] + step) < 6 else -step))
        return list(zip(starts, [*starts[1:], 2 * self.style.meter - 0.5], heights, strict=True))

    def _melody(self) -> Iterator[Note]:
        """Sing two motifs as A A B A wherever the lead plays, bent to fit each chord."""
        motifs, sung = {"A": self._motif(), "B": self._motif()}, 0
        for number, bar in enumerate(self.bars):
            sung = sung + 1 if "lead" in bar.layers else 0
            if sung % 2:
                letter = "AABA"[sung // 2 % 4]
                for start, end, height in motifs[letter]:
                    chord = self.bars[number + int(start // self.style.meter)].chord
                    strong = start % 1 == 0 or end - start >= 1
                    pitch = self._fit(height + 2 * (letter == "B"), chord, strong)
                    yield self._note(bar.beat + start, min(end - start, 2.5) * 0.92, pitch, 1.0 if strong else 0.8)

    def _fit(self, height: int, chord: tuple[int, ...], strong: bool) -> int:
        """Find the pitch at a height: on strong beats a chord tone, else what does not rub against the chord."""
        smooth = {tone for tone in self.scale if (tone + 1) % 12 not in chord} | set(chord)
        scale = [pitch for pitch in range(55, 96) if pitch % 12 in smooth]
        middle = min(range(len(scale)), key=lambda place: abs(scale[place] - 71))
        pitch = scale[middle + height]
        return min((p for p in scale if p % 12 in chord or not strong), key=lambda p: abs(p - pitch))
