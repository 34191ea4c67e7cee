"""Sound for the sandbox's composer: instruments, drums, weather, room and the final limiter, all in NumPy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import lameenc
import numpy as np
import numpy.typing as npt

RATE = 44_100
CEILING = 10 ** (-1 / 20)  # room for the overshoot of lossy encoding
LONGEST_FADE = 2.0

Wave = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Note:
    """One sound at one moment; times in seconds, pitch as a MIDI number, pan from -1 (left) to 1."""

    start: float
    seconds: float
    pitch: int
    level: float
    pan: float = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """Everything one instrument plays, and how it sits in the mix; what is `sung` carries the tune."""

    instrument: str
    notes: Sequence[Note]
    gain: float
    room: float = 0.0
    echo: float = 0.0
    ducked: bool = False
    sung: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A finished recording: samples of (frames, 2) within -1..1 at 44.1 kHz, and what is played where it is music."""

    samples: Wave
    bpm: int
    key: str
    parts: Sequence[Part] = ()

    @property
    def seconds(self) -> float:
        """Return how long it sounds."""
        return len(self.samples) / RATE


@dataclass(frozen=True, slots=True)
class Timbre:
    """An instrument made of partials: (ratio, level) pairs, fading at `decay + damping * (ratio - 1)` a second."""

    partials: tuple[tuple[float, float], ...]
    attack: float
    release: float
    decay: float = 0.0
    damping: float = 0.0
    detune: float = 0.0
    vibrato: float = 0.0
    drive: float = 0.0


def _harmonics(count: int, fall: float, step: int = 1) -> tuple[tuple[float, float], ...]:
    return tuple((float(k), k**-fall) for k in range(1, count * step + 1, step))


TIMBRES = {
    "epiano": Timbre(((1, 1), (2, 0.3), (3, 0.1), (4, 0.06), (14, 0.05)), 0.005, 0.25, 1.1, 0.55),
    "piano": Timbre(_harmonics(9, 1.35), 0.004, 0.25, 0.9, 0.5, detune=1.5),
    "guitar": Timbre(_harmonics(11, 1.15), 0.003, 0.15, 1.7, 0.75),
    "fuzz": Timbre(_harmonics(9, 0.9), 0.006, 0.07, 0.4, 0.05, detune=6, drive=3.0),
    "organ": Timbre(((1, 1), (2, 0.6), (3, 0.35), (4, 0.25), (6, 0.12)), 0.012, 0.06, vibrato=5),
    "pad": Timbre(_harmonics(7, 1.6), 0.5, 0.9, detune=8),
    "strings": Timbre(_harmonics(9, 1.3), 0.14, 0.35, detune=6, vibrato=8),
    "brass": Timbre(_harmonics(9, 1.05), 0.05, 0.14, 0.25, 0.06, vibrato=7),
    "reed": Timbre(((1, 1), (2, 0.4), (3, 0.5), (4, 0.2), (5, 0.2), (7, 0.08)), 0.04, 0.1, vibrato=14),
    "flute": Timbre(((1, 1), (2, 0.16), (3, 0.07), (4, 0.02)), 0.06, 0.12, vibrato=13),
    "square": Timbre(_harmonics(8, 1.0, step=2), 0.003, 0.03, 0.8, vibrato=5),
    "saw": Timbre(_harmonics(12, 1.0), 0.004, 0.1, 2.4, 0.3, detune=11),
    "bell": Timbre(((1, 1), (2.76, 0.35), (5.4, 0.14), (8.93, 0.05)), 0.004, 0.9, 1.5, 0.5),
    "musicbox": Timbre(((1, 1), (3.01, 0.22), (6.1, 0.12)), 0.002, 0.6, 2.2, 0.7),
    "vibes": Timbre(((1, 1), (4, 0.22), (10, 0.04)), 0.004, 0.5, 1.3, 0.5),
    "round": Timbre(((1, 1), (2, 0.4), (3, 0.15), (4, 0.05)), 0.008, 0.07, 0.8, 0.5),
    "upright": Timbre(_harmonics(6, 1.0), 0.006, 0.09, 1.9, 0.9),
    "picked": Timbre(_harmonics(8, 1.1), 0.004, 0.05, 1.0, 0.5, drive=1.2),
    "acid": Timbre(_harmonics(14, 1.0), 0.003, 0.04, 3.0, 0.9, drive=1.4),
    "voice": Timbre(((1, 1), (2, 0.8), (3, 0.55), (4, 0.7), (5, 0.3), (6, 0.12), (9, 0.1)), 0.07, 0.12, vibrato=22),
    "sub": Timbre(((1, 1), (2, 0.25), (3, 0.12)), 0.004, 0.2, 0.8, 0.3, drive=1.4),
}


def _clock(seconds: float) -> Wave:
    return np.arange(max(1, round(seconds * RATE)), dtype=np.float32) / np.float32(RATE)


def tone(timbre: Timbre, pitch: int, seconds: float) -> Wave:
    """Play one note; the result is longer than `seconds` by the release and begins and ends at nothing."""
    t = _clock(seconds + timbre.release)
    frequency = 440.0 * 2 ** ((pitch - 69) / 12)
    swell = np.minimum(t * 2, 1) * timbre.vibrato / 1731 / 5.2  # cents to a phase deviation at 5.2 Hz
    bend = swell * np.sin(2 * np.pi * 5.2 * t) if timbre.vibrato else np.float32(0)
    sides = (-timbre.detune, timbre.detune) if timbre.detune else (0.0,)
    sound = np.zeros_like(t)
    for number, cents in enumerate(sides):
        phase = (2 * np.pi * frequency * 2 ** (cents / 1200)) * (t + bend)
        for ratio, level in timbre.partials:
            if ratio * frequency < 14_000:
                fading = np.exp(-(timbre.decay + timbre.damping * (ratio - 1)) * t)
                sound += level * fading * np.sin(ratio * phase + number * ratio, dtype=np.float32)
    sound *= 1 / (len(sides) * sum(level**2 for _, level in timbre.partials)) ** 0.5
    if timbre.drive:
        sound = np.tanh(timbre.drive * sound) / np.float32(timbre.drive**0.5)
    rise = np.minimum(t / timbre.attack, 1)
    fall = np.clip((t[-1] - t) / timbre.release, 0, 1)
    return np.asarray(sound * rise * fall**2, np.float32)


def _noise(seconds: float, low: float, high: float, seed: int = 1) -> Wave:
    """Make noise between two frequencies, about -1..1."""
    count = max(2, round(seconds * RATE))
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count, dtype=np.float32))
    frequency = np.fft.rfftfreq(count, 1 / RATE)
    spectrum *= 1 / (1 + (frequency / high) ** 6) * (1 - 1 / (1 + (frequency / low) ** 4))
    noise = np.fft.irfft(spectrum, count)
    return np.asarray(noise / (3 * noise.std()), np.float32)


def _thump(seconds: float, start: float, end: float, sweep: float, fade: float) -> Wave:
    """Drop a sine from one frequency to another: the body of kicks and toms."""
    t = _clock(seconds)
    phase = 2 * np.pi * (end * t + (start - end) / sweep * (1 - np.exp(-sweep * t)))
    return np.asarray(np.sin(phase, dtype=np.float32) * np.exp(-fade * t), np.float32)


def _burst(seconds: float, low: float, high: float, fade: float) -> Wave:
    return np.asarray(_noise(seconds, low, high) * np.exp(-fade * _clock(seconds)), np.float32)


def _clap() -> Wave:
    t = _clock(0.25)
    taps = sum(np.exp(-90 * np.abs(t - at)) * (t >= at) for at in (0.0, 0.011, 0.023))
    return np.asarray(_noise(0.25, 900, 5000) * (0.7 * taps + np.exp(-18 * t)), np.float32)


# How each drum is made, its level, and its place from left to right.
DRUMS: dict[str, tuple[Callable[[], Wave], float, float]] = {
    "kick": (lambda: _thump(0.4, 150, 48, 32, 9) + 0.15 * _burst(0.4, 1500, 6000, 160), 0.75, 0),
    "softkick": (lambda: _thump(0.35, 105, 46, 26, 10), 0.75, 0),
    "snare": (lambda: 0.5 * _thump(0.3, 240, 180, 30, 22) + 0.9 * _burst(0.3, 1200, 9000, 17), 0.5, 0.05),
    "brush": (lambda: _burst(0.22, 2200, 9000, 16) * np.minimum(_clock(0.22) / 0.02, 1), 0.3, -0.1),
    "rim": (lambda: 0.7 * _thump(0.08, 1700, 800, 90, 70) + 0.3 * _burst(0.08, 2000, 8000, 90), 0.4, 0.15),
    "clap": (_clap, 0.4, -0.05),
    "hat": (lambda: _burst(0.09, 7500, 15_000, 55), 0.24, 0.35),
    "openhat": (lambda: _burst(0.4, 7000, 14_000, 11), 0.2, 0.3),
    "shaker": (lambda: _burst(0.11, 5000, 11_000, 34) * np.minimum(_clock(0.11) / 0.025, 1), 0.28, -0.4),
    "ride": (lambda: 0.7 * _burst(0.8, 6000, 13_000, 6) + 0.05 * _thump(0.8, 3200, 3100, 5, 9), 0.2, 0.4),
    "tom": (lambda: _thump(0.6, 130, 72, 14, 6.5) + 0.12 * _burst(0.6, 300, 2500, 40), 0.6, -0.2),
}


@cache
def _drum(name: str) -> Wave:
    make, level, _ = DRUMS[name]
    sound = (level * make()).astype(np.float32)
    # The last 5 ms are faded, or a long cymbal would end in a click.
    sound[-220:] *= np.linspace(1, 0, 220, dtype=np.float32)
    return sound


def _perform(part: Part, frames: int) -> Wave:
    """Play a part into a stereo track of (2, frames)."""
    track = np.zeros((2, frames), np.float32)
    drummed = part.instrument in DRUMS
    place = DRUMS[part.instrument][2] if drummed else 0.0
    # Melodies and chords come back, so most notes need to be made only once.
    play = cache(partial(tone, TIMBRES["sub" if drummed else part.instrument]))
    for note in part.notes:
        sound = _drum(part.instrument) if drummed else play(note.pitch, round(note.seconds, 2))
        begin = round(note.start * RATE)
        sound = sound[: max(0, frames - begin)]
        angle = (place + note.pan + 1) * np.pi / 4
        for channel, share in enumerate((np.cos(angle), np.sin(angle))):
            track[channel, begin : begin + sound.size] += sound * np.float32(note.level * part.gain * share)
    return track


def _repeat(track: Wave, delay: float, level: float) -> None:
    """Add three echoes in place, each on the other side of the one before."""
    dry = track.copy()
    for count in (1, 2, 3):
        shift = round(count * delay * RATE)
        heard = dry[::-1] if count % 2 else dry
        track[:, shift:] += np.float32(level**count) * heard[:, :-shift]


def _duck(frames: int, beats: Sequence[float], depth: float = 0.55) -> Wave:
    """Make the gain that steps back on every kick and swells after it."""
    gain = np.ones(frames, np.float32)
    t = _clock(0.4)
    dip = 1 - depth * np.minimum(t / 0.004, 1) * np.exp(-t / 0.11)
    for beat in beats:
        begin = round(beat * RATE)
        part = gain[begin : begin + dip.size]
        np.minimum(part, dip[: part.size], out=part)
    return gain


def weather(name: str, frames: int) -> Wave:
    """Make a quiet background of (2, frames): `rain`, `sea` or the crackle of `vinyl`."""
    rng = np.random.default_rng(7)
    bed = np.stack([np.resize(_noise(9.7 + side, 500, 5000, seed=side + 2), frames) for side in (0, 1)])
    if name == "sea":
        t = np.arange(frames, dtype=np.float32) / RATE
        return (bed * (0.02 + 0.06 * np.sin(np.pi * t / 6.5) ** 2)).astype(np.float32)
    bed *= 0.05 if name == "rain" else 0.006
    drops = rng.integers(0, frames - 800, size=(frames // (700 if name == "rain" else 4200), 2))
    tick = _burst(0.018, 1200, 7000, 260)
    for (left, right), level in zip(drops, rng.random(len(drops)) ** 3, strict=True):
        bed[0, left : left + tick.size] += tick * np.float32(0.3 * level)
        bed[1, right : right + tick.size] += tick * np.float32(0.3 * level)
    return bed


def _finish(dry: Wave, wet: Wave, room: float, brightness: float) -> Wave:
    """Add a reverberation of `room` seconds; take away what is below 30 Hz and above `brightness` Hz."""
    frames = dry.shape[1]
    # The FFT is slow at lengths with large prime factors.
    length = -(-(frames + round(room * RATE)) // 2**17) * 2**17
    frequency = np.fft.rfftfreq(length, 1 / RATE).astype(np.float32)
    tilt = 1 / (1 + (frequency / brightness) ** 4) * (1 - 1 / (1 + (frequency / 30) ** 4))
    t = _clock(room)
    sent = np.fft.rfft(wet, length)
    result = np.empty_like(dry)
    for channel in (0, 1):
        walls = _noise(room, 180, 5200, seed=40 + channel) * np.exp(-6 * t / room) * np.minimum(t / 0.012, 1)
        walls /= np.sqrt(np.sum(walls**2))
        heard = np.fft.rfft(dry[channel], length) + sent * np.fft.rfft(walls, length)
        result[channel] = np.fft.irfft(heard * tilt, length)[:frames]
    return result


def limit(track: Wave) -> Wave:
    """Hold back the loudest moments smoothly, then bring the peak to the ceiling."""
    block = 256
    padded = np.pad(track, ((0, 0), (0, -track.shape[1] % block)))
    peaks = np.abs(padded).reshape(2, -1, block).max(axis=(0, 2))
    held = np.lib.stride_tricks.sliding_window_view(np.pad(peaks, 6, mode="edge"), 13).max(axis=1)
    loud = np.percentile(held, 60)
    gain = np.minimum(1, loud / np.maximum(held, 1e-6)) ** 0.6
    gain = np.convolve(np.pad(gain, 4, mode="edge"), np.full(9, 1 / 9), mode="valid")
    centres = (np.arange(gain.size) + 0.5) * block
    track = track * np.interp(np.arange(track.shape[1]), centres, gain).astype(np.float32)
    track = np.tanh(track * (1.15 / np.abs(track).max()))
    return np.asarray(track * (CEILING / np.abs(track).max()), np.float32)


def mix(parts: Sequence[Part], seconds: float, room: float, brightness: float, delay: float, backdrop: str) -> Wave:
    """Play all parts in a room of `room` seconds, with echoes `delay` seconds apart, and master them.

    Returns (frames, 2) within -1..1, faded out at the end.
    """
    frames = round(seconds * RATE)
    kicks = [note.start for part in parts if part.instrument == "kick" for note in part.notes]
    duck = _duck(frames, kicks)
    dry = weather(backdrop, frames) if backdrop else np.zeros((2, frames), np.float32)
    wet = np.zeros(frames, np.float32)
    for part in parts:
        track = _perform(part, frames)
        if part.echo:
            _repeat(track, delay, part.echo)
        if part.ducked:
            track *= duck
        dry += track
        wet += np.float32(part.room) * (track[0] + track[1])
    done = limit(_finish(dry, wet, room, brightness))
    fade = round(LONGEST_FADE * RATE)
    done[:, -fade:] *= np.linspace(1, 0, fade, dtype=np.float32) ** 1.5
    done[:, :220] *= np.linspace(0, 1, 220, dtype=np.float32)
    return np.ascontiguousarray(done.T)


def encode_mp3(piece: Piece, bit_rate: int = 128) -> bytes:
    """Encode a piece as a stereo MP3 of constant bit rate (kbit/s)."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(2)
    encoder.set_bit_rate(bit_rate)
    encoder.set_quality(5)
    pcm = np.round(piece.samples * 32_767).astype("<i2")
    return bytes(encoder.encode(pcm.tobytes()) + encoder.flush())
