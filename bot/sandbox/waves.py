"""What is done to finished sound: joined, replaced inside, made louder and brighter, measured, written as WAV."""

import io
import wave

import numpy as np

from bot.sandbox.styles import KEYS
from bot.sandbox.synth import CEILING, RATE, Piece, Wave

SEAM = 882  # frames, a fiftieth of a second: one sound gives way to the next without a click
#: How much louder a remaster is, and above which frequency (Hz) it is brighter.
LOUDER, BRIGHT_ABOVE = 1.4, 2500
#: Where a tune lies, in Hz, for the search of its key.
LOW, HIGH = 80, 1100


def frames(seconds: float) -> int:
    """Return how many samples so many seconds have."""
    return round(seconds * RATE)


def replaced(base: Wave, start: int, inside: Wave, kept: float = 0.0) -> Wave:
    """Put one sound into another from that frame on; before and after it nothing changes.

    `kept` is how much of what was there goes on below.
    """
    inside = inside[: max(0, len(base) - start)]
    ramp = np.minimum(np.arange(len(inside)), np.arange(len(inside))[::-1]) / SEAM
    there = np.minimum(ramp, 1).astype(np.float32)[:, np.newaxis]
    result = base.copy()
    part = result[start : start + len(inside)]
    part[:] = part * (1 - there * np.float32(1 - kept)) + inside * there
    return result


def continued(base: Wave, at: int, more: Wave) -> Wave:
    """Go on with another sound at that frame; up to there nothing changes."""
    rest = base[at : at + min(SEAM, len(more))]
    result = np.concatenate([base[:at], more])
    rise = np.linspace(0, 1, len(rest), dtype=np.float32)[:, np.newaxis]
    result[at : at + len(rest)] = rest * (1 - rise) + result[at : at + len(rest)] * rise
    return result


def remastered(sound: Wave) -> Wave:
    """Make a recording brighter and louder; what would not fit is rounded off."""
    length = -(-len(sound) // 2**16) * 2**16  # the FFT is slow at lengths with large prime factors
    above = (np.fft.rfftfreq(length, 1 / RATE) / BRIGHT_ABOVE) ** 2
    spectrum = np.fft.rfft(sound, length, axis=0) * (1 + 1.5 * above / (1 + above))[:, np.newaxis]
    bright = np.fft.irfft(spectrum, length, axis=0)[: len(sound)]
    # Rounding off takes loudness away: more is given until it is enough.
    for drive in np.linspace(1.5, 12, 22):
        loud = np.tanh(bright * drive / max(1e-9, np.abs(bright).max())) * CEILING
        if loud.std() >= LOUDER * sound.std():
            break
    return np.asarray(loud, np.float32)


def heard_root(sound: Wave, rate: int = RATE) -> int:
    """Return the note, counted from C, that most of a sound is in; it is what the sound is said to be in the key of."""
    if not len(sound):
        return 0
    power = np.abs(np.fft.rfft(sound.mean(axis=1))) ** 2
    frequency = np.fft.rfftfreq(len(sound), 1 / rate)
    tune = (frequency > LOW) & (frequency < HIGH)
    if not tune.any():
        return 0
    notes = np.round(12 * np.log2(frequency[tune] / 440) + 69).astype(int) % 12
    return int(np.bincount(notes, power[tune], minlength=12).argmax())


def root(piece: Piece) -> int:
    """Return the first note of a piece's key, counted from C."""
    name = piece.key.split(" ")[0]
    return KEYS.index(name) if name in KEYS else heard_root(piece.samples)


def peaks(sound: Wave, count: int) -> list[float]:
    """Return the loudest moment of each of so many parts, from 0 to 1."""
    level = np.abs(sound).max(axis=1)
    return [round(float(part.max(initial=0)), 4) for part in np.array_split(level, count)]


def encode_wav(sound: Wave) -> bytes:
    """Write a stereo WAV of 16 bits."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(2)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(np.round(sound * 32_767).astype("<i2").tobytes())
    return file.getvalue()
