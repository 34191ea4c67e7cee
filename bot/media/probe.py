"""Looking at a file that a member gave, without fetching all of it: whether it is audio, and how long it lasts."""

import asyncio
import logging
import math
import re
import struct
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO

from bot.downloads import Downloads
from bot.media.recognise import is_mp3, is_wav

log = logging.getLogger(__name__)

#: So many bytes are fetched of the beginning, and so many of where else a length may stand.
HEAD, FURTHER = 256 * 1024, 64 * 1024
#: Behind a tag an MP3 needs some frames to be measured by, an M4A some of its list of contents.
_ENOUGH = 4096
#: What is told of audio that does not say how long it lasts.
UNKNOWN = 0.0
_OGGS = {b"OpusHead": "opus", b"\x01vorbis": "vorbis"}
#: Samples a second, whatever it was made from; how many to skip stands behind the mark, a version and the channels:
#: https://www.rfc-editor.org/rfc/rfc7845#section-5.1
_OPUS_RATE, _OPUS_SKIP = 48_000, struct.Struct("<8sBBH")
#: A FLAC's first block, behind its mark and the block's own head: https://www.rfc-editor.org/rfc/rfc9639#section-8.2
_FLAC_INFO = slice(8, 42)
#: A box of an M4A begins with its size and its name; where the size is 1, the true one follows.
_BOX = struct.Struct(">I4sQ")
#: What follows the name `mvhd`: times of creation and change, ticks of a second, and how many of them it lasts.
_MOVIE, _LONG_MOVIE = struct.Struct(">IIIII"), struct.Struct(">IQQIQ")
#: What a track of it holds stands behind the name `hdlr`, a version of zeros and four bytes of whoever wrote it.
_HANDLER = re.compile(rb"hdlr\0{4}.{4}(vide|soun)", re.DOTALL)
#: In a list of contents that is followed by fragments, each with a part of the audio.
_FRAGMENTS = b"mvex"


class Probe:
    """Measures files by their addresses."""

    def __init__(self, downloads: Downloads) -> None:
        self._downloads = downloads
        # One at a time, also where nobody waits for it any more: a strange file may need much memory.
        self._measuring = ThreadPoolExecutor(1, "probe")

    async def seconds(self, address: str, size: int) -> float | None:
        """Return how long the audio of `size` bytes at `address` lasts; None where it is none. Raises DownloadError.

        UNKNOWN is told of audio that does not say it: a recording in fragments, as browsers make them. MP3, WAV, FLAC,
        Ogg (Vorbis and Opus) and M4A are known, by their first bytes.
        """
        head = await self._downloads.part(address, 0, HEAD)
        kind = kind_of(head)
        if kind is None:
            return None
        pieces = {0: head}
        start = where_else(kind, head, size)
        if start is not None:
            pieces[start] = await self._downloads.part(address, start, FURTHER)
        return await asyncio.get_running_loop().run_in_executor(self._measuring, length, kind, pieces, size)


def kind_of(head: bytes) -> str | None:
    """Return what a file that begins with `head` is; None for anything that is no audio known here."""
    if head[:4] == b"fLaC":
        return "flac"
    if head[:4] == b"OggS":
        return next((name for mark, name in _OGGS.items() if mark in head[:128]), None)
    if head[4:8] == b"ftyp":
        return "m4a"
    if is_wav(head):
        return "wav"
    return "mp3" if is_mp3(head) else None


def where_else(kind: str, head: bytes, size: int) -> int | None:
    """Return where in a file of `size` bytes its length stands, if not in its beginning."""
    if size <= len(head):
        return None
    if kind in ("opus", "vorbis"):  # the last page counts the samples
        return max(size - FURTHER, 0)
    start = _after_tag(head) if kind == "mp3" else _contents(head) if kind == "m4a" else 0
    return start if len(head) - _ENOUGH < start < size else None


def length(kind: str, pieces: Mapping[int, bytes], size: int) -> float | None:
    """Return how long a file lasts of which these pieces are known, by where they begin; None if that cannot be told.

    What is not known reads as zeros, in a file that takes no room on the disk for them. No tags are read: what is
    packed in them may unpack to any size.
    """
    try:
        seconds = _seconds(kind, pieces, size)
    except Exception as error:  # a file of a stranger may break a reader in any way
        log.info("file cannot be measured", extra={"type": kind, "reason": type(error).__name__})
        return None
    known = seconds is not None and math.isfinite(seconds) and (seconds > 0 or kind == "m4a")
    return seconds if known else None


def _seconds(kind: str, pieces: Mapping[int, bytes], size: int) -> float | None:
    # Not at the start: these and the ones below hold memory in a bot that may never be given a file.
    from mutagen.flac import StreamInfo
    from mutagen.mp3 import MPEGInfo
    from mutagen.wave import WaveStreamInfo

    if kind == "flac":
        return float(StreamInfo(pieces[0][_FLAC_INFO]).length)
    if kind == "m4a":
        return _movie_seconds(pieces[max(pieces)])
    with tempfile.TemporaryFile() as file:
        for start, piece in pieces.items():
            file.seek(start)
            file.write(piece)
        file.truncate(max(size, file.seek(0, 2)))
        file.seek(0)
        if kind in ("opus", "vorbis"):
            return _ogg_seconds(kind, file, pieces[0])
        return float((MPEGInfo(file) if kind == "mp3" else WaveStreamInfo(file)).length)


def _ogg_seconds(kind: str, file: IO[bytes], head: bytes) -> float:
    """Return how long an Ogg lasts by its last page, which counts the samples."""
    from mutagen.ogg import OggPage
    from mutagen.oggopus import OggOpusInfo
    from mutagen.oggvorbis import OggVorbisInfo

    rate, skipped = _OPUS_RATE, 0
    if kind == "opus":
        serial = OggOpusInfo(file).serial
        *_, skipped = _OPUS_SKIP.unpack_from(head, head.index(b"OpusHead"))
    else:
        info = OggVorbisInfo(file)
        serial, rate = info.serial, info.sample_rate
    last = OggPage.find_last(file, serial, finishing=True)
    return float((last.position - skipped) / rate)


def _after_tag(head: bytes) -> int:
    """Return where an MP3's tag ends. Its size is written seven bits to a byte: https://id3.org/id3v2.3.0"""
    if head[:3] != b"ID3":
        return 0
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def _contents(head: bytes) -> int:
    """Return where an M4A's list of contents begins: where it is named, or behind the last box that begins here."""
    start = 0
    while start + _BOX.size <= len(head):
        size, name, true_size = _BOX.unpack_from(head, start)
        if name == b"moov":
            break
        step = true_size if size == 1 else size
        if step < 8:
            break
        start += step
    return start


def _movie_seconds(piece: bytes) -> float | None:
    """Return how long an M4A lasts by its list of contents; None for one that has pictures, or no sound."""
    start = piece.find(b"mvhd") + 4
    if start < 4 or set(_HANDLER.findall(piece)) != {b"soun"}:
        return None
    movie = _LONG_MOVIE if piece[start] == 1 else _MOVIE
    *_, ticks, duration = movie.unpack_from(piece, start)
    if duration == 0:
        return UNKNOWN if _FRAGMENTS in piece else None
    return float(duration / ticks)
