"""The files that a pretend vendor is given by their address: fetched within bounds, measured, recognised.

Without a decoder at run time an MP3 of somebody else cannot be heard, only measured: it stands for a piece of its
length that follows from its bytes. A WAV is heard so far that its key is known. What was composed here is recognised
by its MPEG frames, whatever tags somebody has written around them.
"""

import asyncio
import io
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import aiohttp
import mutagen
import numpy as np

from bot.sandbox.music import Fit
from bot.sandbox.recipes import Recipe, Song
from bot.sandbox.refusal import Refusal
from bot.sandbox.waves import heard_root

# The vendor documents no limits: these are invented.
MOST_BYTES, MOST_SECONDS = 50_000_000, 240
#: Seconds that a fetch may take.
PATIENCE = 20.0
PIECE = 65_536  # bytes read at a time
SUFFIXES = {"MP3": ".mp3", "WAVE": ".wav", "FLAC": ".flac", "OggVorbis": ".ogg", "OggOpus": ".ogg", "MP4": ".m4a"}
ID3_HEADER, ID3_TRAILER = 10, 128


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was given: its bytes, what they are, how long they sound and how that sound is made again."""

    data: bytes
    suffix: str
    seconds: float
    recipe: Recipe


async def fetch(url: str) -> bytes:
    """Fetch a file from a public address; raise Refusal."""
    try:
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session, session.get(url) as answer:
            answer.raise_for_status()
            return await _bounded(answer.content)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        raise Refusal(f"audio_url cannot be fetched: {error!r}") from error


async def _bounded(content: aiohttp.StreamReader) -> bytes:
    data = bytearray()
    async for piece in content.iter_chunked(PIECE):
        data += piece
        if len(data) > MOST_BYTES:
            raise Refusal(f"the file is larger than {MOST_BYTES} bytes")
    return bytes(data)


def measure(data: bytes, known: Mapping[bytes, Recipe]) -> Upload:
    """Look at a file; `known` are the sounds made here, by their mark. Raise Refusal where it is no audio."""
    try:
        read = mutagen.File(io.BytesIO(data))
    except mutagen.MutagenError as error:
        raise Refusal(f"the file is not audio: {error}") from error
    suffix = SUFFIXES.get(type(read).__name__)
    if read is None or suffix is None or not read.info.length:
        raise Refusal("the file is not audio")
    seconds = float(read.info.length)
    if seconds > MOST_SECONDS:
        raise Refusal(f"the file is longer than {MOST_SECONDS} seconds")
    recipe = known.get(mark(data)) or _stand_in(data, suffix, seconds)
    return Upload(data, suffix, seconds, recipe)


def mark(mp3: bytes) -> bytes:
    """Return what a file is known by: a hash of all but the ID3 tags at its beginning and its end."""
    begin, end = 0, len(mp3)
    if mp3[:3] == b"ID3" and end > ID3_HEADER:
        # The size is written seven bits to a byte. https://id3.org/id3v2.3.0#ID3v2_header
        size = 0
        for byte in mp3[6:ID3_HEADER]:
            size = size << 7 | byte & 0x7F
        begin = ID3_HEADER + size
    if mp3[-ID3_TRAILER:][:3] == b"TAG":
        end -= ID3_TRAILER
    return sha256(mp3[begin:end]).digest()


def _stand_in(data: bytes, suffix: str, seconds: float) -> Recipe:
    """Return a piece for a sound that cannot be made again."""
    key = _wav_root(data) if suffix == ".wav" else None
    return Song(mark(data).hex(), fit=Fit(seconds, root=key))


def _wav_root(data: bytes) -> int | None:
    """Return the note that is heard most in a WAV of 16 bits; None in any other."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            if file.getsampwidth() != 2:
                return None
            channels, rate = file.getnchannels(), file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, channels)
    except (wave.Error, EOFError, ValueError):
        return None
    return heard_root(np.divide(samples, 32_768, dtype=np.float32), rate)
