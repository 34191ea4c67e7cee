"""Read the files that the bot has posted, with libraries that know nothing of it."""

import io
import re
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import av
import mido
import numpy as np
import numpy.typing as npt
import srt
from PIL import Image

#: In hertz.
LOWEST_SUNG = 150
#: `[01:23.45]words`; tags about the whole file have a name in place of minutes.
_LRC_LINE = re.compile(r"\[(\d\d):(\d\d\.\d\d)\](.+)")
_LRC_TAG = re.compile(r"\[[a-z]+:[^\]]*\]")


def mp3_seconds(data: bytes) -> float:
    """Return the length of an MP3 by decoding all of it."""
    with av.open(io.BytesIO(data), format="mp3") as file:
        frames = list(file.decode(audio=0))
        return sum(frame.samples for frame in frames) / frames[0].sample_rate


def loudness(data: bytes) -> float:
    """Return how loud an MP3 is: the root of its mean square."""
    return float(np.sqrt(np.mean(np.square(_left(data)[0]))))


def bass(data: bytes) -> float:
    """Return how much of an MP3's power lies below what a voice sings."""
    samples, rate = _left(data)
    power = np.square(np.abs(np.fft.rfft(samples)))
    return float(power[np.fft.rfftfreq(len(samples), 1 / rate) < LOWEST_SUNG].sum() / power.sum())


def likeness(one: bytes, other: bytes, start: float, end: float) -> float:
    """Return how alike two MP3s are between two moments: 1 is the same, about 0 something else."""
    parts = []
    for data in (one, other):
        samples, rate = _left(data)
        parts.append(samples[int(start * rate) : int(end * rate)])
    return float(np.corrcoef(parts)[0, 1])


def _left(data: bytes) -> tuple[npt.NDArray[np.float64], int]:
    """Return the samples of an MP3's left side, and how many there are of them in a second."""
    with av.open(io.BytesIO(data), format="mp3") as file:
        frames = list(file.decode(audio=0))
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float64), frames[0].sample_rate


def wav_seconds(data: bytes) -> float:
    """Return the length of a WAV."""
    with wave.open(io.BytesIO(data)) as file:
        return file.getnframes() / file.getframerate()


@dataclass(frozen=True)
class Notes:
    """What a MIDI file holds: how many notes begin and end, its instruments, and its length."""

    begun: int
    ended: int
    instruments: Sequence[str]
    seconds: float


def midi(data: bytes) -> Notes:
    """Parse a MIDI file from its first byte to its last."""
    assert data[:4] == b"MThd"
    file = mido.MidiFile(file=io.BytesIO(data))
    messages = [message for track in file.tracks for message in track]
    begun = sum(one.type == "note_on" and one.velocity > 0 for one in messages)
    ended = sum(one.type == "note_off" or (one.type == "note_on" and one.velocity == 0) for one in messages)
    return Notes(begun, ended, [track.name for track in file.tracks[1:]], file.length)


def lrc(data: bytes) -> list[tuple[float, str]]:
    """Return the lines of an .lrc with their seconds; what is neither a line nor a tag is not let through."""
    timed = []
    for line in data.decode().splitlines():
        if found := _LRC_LINE.fullmatch(line):
            timed.append((int(found[1]) * 60 + float(found[2]), found[3]))
        else:
            assert _LRC_TAG.fullmatch(line), line
    return timed


def subtitles(data: bytes) -> list[srt.Subtitle]:
    """Parse an .srt, strictly."""
    return list(srt.parse(data.decode(), ignore_errors=False))


def in_order(cues: Sequence[srt.Subtitle], seconds: float) -> bool:
    """Say whether subtitles are numbered from 1, one after the other, and all inside a track of that length."""
    numbers = [cue.index for cue in cues] == list(range(1, len(cues) + 1))
    moments = [moment for cue in cues for moment in (cue.start, cue.end)]
    return numbers and moments == sorted(moments) and moments[-1] <= timedelta(seconds=seconds)


def picture(data: bytes) -> tuple[tuple[int, int], int]:
    """Return a PNG's size, and how many colours it has; 256 and more are 257."""
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
        colours = image.convert("RGB").getcolors(256)
        return image.size, len(colours) if colours is not None else 257
