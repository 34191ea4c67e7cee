"""Making fetched files ready to be posted: what they really are, their tags, and the colour of their cover."""

import asyncio
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from mutagen.id3 import APIC, ID3, TCON, TIT2, TLEN, USLT, ID3NoHeaderError
from PIL import Image

from bot.cover import draw_cover
from bot.domain.errors import DownloadError, DownloadGone
from bot.domain.task import Task
from bot.domain.track import FetchedTrack, Track
from bot.downloads import Downloads

log = logging.getLogger(__name__)

LARGEST_COVER = 8 * 1024 * 1024
#: A picture is decoded only when its header says at most this, in pixels a side.
LARGEST_SIDE = 4096
#: The same, in pixels, for what is held whole while it is decoded; a WebP takes 16 bytes for each of them.
LARGEST_WHOLE = 1280 * 1280
#: What a cover is made small to before its colours are counted, and what it need not be smaller than before.
_SMALL, _ENOUGH = (32, 32), (64, 64)


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of file, recognised by its first bytes."""

    extension: str
    mime: str


MP3 = Kind("mp3", "audio/mpeg")
_PICTURES = {
    b"\xff\xd8\xff": Kind("jpg", "image/jpeg"),
    b"\x89PNG\r\n\x1a\n": Kind("png", "image/png"),
}
_WEBP = Kind("webp", "image/webp")


class MediaFiles:
    """The port `Files`: downloads a track's files and dresses them."""

    def __init__(self, downloads: Downloads) -> None:
        self._downloads = downloads
        # One at a time: a file of a few kilobytes may need many megabytes while its colours are counted.
        self._colouring = asyncio.Lock()

    async def fetch(self, task: Task, number: int, track: Track, limit: int) -> FetchedTrack:
        """See `ports.Files`. The audio must come; a cover that does not is left out, and one is drawn where none is."""
        folder = self._downloads.folder_of(task.id)
        audio = folder / f"{number}.mp3"
        where = folder / f"{number}.cover"
        covering = asyncio.create_task(
            self._cover(where, track, limit) if track.cover_url else self._drawn(where, task, number, track)
        )
        try:
            await self._audio(audio, track, limit)
        except BaseException:
            # Nothing may go on writing into a folder that is about to be removed.
            covering.cancel()
            await asyncio.wait([covering])
            raise
        cover, colour = await covering
        # Some vendors echo the description where the words to sing would stand.
        lyrics = "" if track.lyrics.strip() == task.request.prompt else track.lyrics
        title, style = track.title or task.request.title, track.style or task.request.style
        await asyncio.to_thread(_dress, audio, cover, replace(track, title=title, style=style, lyrics=lyrics))
        return FetchedTrack(track, number, audio, cover, colour)

    def clean_up(self, task: Task) -> None:
        """See `ports.Files`."""
        self._downloads.remove(task.id)

    async def _audio(self, target: Path, track: Track, limit: int) -> None:
        await self._downloads.fetch(track.audio_url, target, limit)
        if not is_mp3(_head(target)):
            target.unlink()
            raise DownloadGone("not an MP3")

    async def _cover(self, target: Path, track: Track, limit: int) -> tuple[Path | None, int | None]:
        """Return the cover and its colour, as far as there are any."""
        try:
            await self._downloads.fetch(track.cover_url, target, min(limit, LARGEST_COVER))
        except DownloadError as error:
            log.warning("cover not fetched", extra={"reason": str(error)})
            return None, None
        kind = picture_kind(_head(target))
        if kind is None:
            target.unlink()
            return None, None
        cover = target.rename(target.with_suffix(f".{kind.extension}"))
        async with self._colouring:
            return cover, await asyncio.to_thread(accent_colour, cover)

    async def _drawn(self, target: Path, task: Task, number: int, track: Track) -> tuple[Path | None, int | None]:
        """Return a cover of our own, for a track whose vendor has none, and its colour."""
        async with self._colouring:
            drawn = await asyncio.to_thread(_draw, track.title or task.request.title, f"{task.id}-{number}")
            if drawn is None:
                return None, None
            # Here and not in the thread: that would go on after a cancellation, and write where all is being removed.
            cover = target.with_suffix(".jpg")
            cover.write_bytes(drawn)
            return cover, await asyncio.to_thread(accent_colour, cover)


def _draw(title: str, track_id: str) -> bytes | None:
    """Draw a cover. It is not worth losing a track for."""
    try:
        return draw_cover(title, track_id)
    except Exception:  # a title may be odd in any way, and a Pillow may lack its font
        log.exception("cover not drawn")
        return None


def is_mp3(head: bytes) -> bool:
    """Say whether a file that begins with `head` is an MP3: an ID3 tag or an MPEG layer III frame."""
    return head[:3] == b"ID3" or (
        len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[1] & 0x18 != 0x08
    )


def picture_kind(head: bytes) -> Kind | None:
    """Return the kind of picture that begins with `head`: JPEG, PNG or WebP, which are what embeds show."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _WEBP
    return next((kind for magic, kind in _PICTURES.items() if head.startswith(magic)), None)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def _dress(audio: Path, cover: Path | None, track: Track) -> None:
    """Write the tags into `audio`. They are not worth losing a track for."""
    try:
        _tag(audio, cover, track)
    except Exception:  # a foreign file may be broken in any way; it is posted as it came
        log.exception("tags not written")


def _tag(audio: Path, cover: Path | None, track: Track) -> None:
    try:
        tags = ID3(audio)
    except ID3NoHeaderError:
        tags = ID3()
    tags.setall("TIT2", [TIT2(encoding=3, text=track.title or "Untitled")])
    if track.style:
        tags.setall("TCON", [TCON(encoding=3, text=track.style)])
    if track.seconds:
        tags.setall("TLEN", [TLEN(encoding=3, text=str(round(track.seconds * 1000)))])
    if track.lyrics:
        tags.setall("USLT", [USLT(encoding=3, lang="und", desc="", text=track.lyrics)])
    if cover is not None:
        kind = picture_kind(_head(cover))
        assert kind is not None
        picture = APIC(encoding=3, mime=kind.mime, type=3, desc="Cover", data=cover.read_bytes())
        tags.setall("APIC", [picture])
    tags.update_to_v23()
    tags.save(audio, v2_version=3)


def accent_colour(cover: Path) -> int | None:
    """Return the colour that stands for a cover, as 0xRRGGBB: its most common vivid one. None if it cannot be read."""
    try:
        with Image.open(cover) as picture:
            if max(picture.size) > LARGEST_SIDE or _is_too_large_whole(picture):
                return None
            # A JPEG is decoded at an eighth of its size where that is enough: a fraction of the time and memory.
            picture.draft("RGB", _ENOUGH)
            small = picture.convert("RGB").resize(_SMALL, reducing_gap=2.0).quantize(8).convert("RGB")
    except Exception:  # a foreign picture may be broken in any way
        return None
    counted = cast("list[tuple[int, tuple[int, int, int]]]", small.getcolors(_SMALL[0] * _SMALL[1]) or [])
    red, green, blue = max(counted, key=lambda one: one[0] * _vividness(one[1]))[1]
    return red << 16 | green << 8 | blue


def _is_too_large_whole(picture: Image.Image) -> bool:
    """Say whether decoding would fill the memory: only a plain JPEG is made small on the way, line by line."""
    whole = picture.format != "JPEG" or "progressive" in picture.info
    return whole and picture.width * picture.height > LARGEST_WHOLE


def _vividness(rgb: tuple[int, int, int]) -> float:
    return 0.15 + (max(rgb) - min(rgb)) / 255
