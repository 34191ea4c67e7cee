"""Making files ready to be posted: what was fetched, dressed with tags and a cover, and what is made in its place."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

from bot.domain.errors import DownloadError, DownloadGone, DownloadTooLarge
from bot.domain.source import Source
from bot.domain.task import WITHOUT_AUDIO, Kind, Request, Task
from bot.domain.track import FetchedTrack, Track
from bot.downloads import Downloads
from bot.media.colour import accent_colour
from bot.media.making import make, raw
from bot.media.recognise import head_of, is_mp3, is_wav, picture_type
from bot.media.tags import dress

log = logging.getLogger(__name__)

LARGEST_COVER = 8 * 1024 * 1024
#: What is shown with the cover of what it was taken out of.
_IN_ITS_COVER = frozenset({Kind.STEMS, Kind.WAVEFORM})


class MediaFiles:
    """The port `Files`: downloads a track's files and dresses them, or makes what it is in place of audio."""

    def __init__(self, downloads: Downloads) -> None:
        self._downloads = downloads
        # One at a time: a file of a few kilobytes may need many megabytes while its colours are counted.
        self._colouring = asyncio.Lock()

    async def fetch(self, task: Task, number: int, track: Track, limit: int) -> FetchedTrack:
        """See `ports.Files`. The audio must come; what is made in its place is left out where nothing can be made."""
        way = self._dressed
        if task.request.kind in WITHOUT_AUDIO:
            way = self._made
        elif task.request.kind is Kind.WAV:
            way = self._wav
        fetched = await way(task, number, _completed(task.request, track), limit)
        return replace(fetched, track=track)

    def clean_up(self, task: Task) -> None:
        """See `ports.Files`."""
        self._downloads.remove(task.id)

    async def _dressed(self, task: Task, number: int, track: Track, limit: int) -> FetchedTrack:
        """Fetch an MP3 and its cover; one that does not come is left out, and one is drawn where there is none."""
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
        await asyncio.to_thread(dress, audio, cover, replace(track, lyrics=lyrics))
        return FetchedTrack(track, number, audio, cover, colour)

    async def _wav(self, task: Task, number: int, track: Track, limit: int) -> FetchedTrack:
        """Fetch a WAV, which takes no tags that players know, and stays as it came."""
        audio = self._downloads.folder_of(task.id) / f"{number}.wav"
        await self._downloads.fetch(track.audio_url, audio, limit)
        if not is_wav(head_of(audio)):
            audio.unlink()
            raise DownloadGone("not a WAV")
        return FetchedTrack(track, number, audio)

    async def _made(self, task: Task, number: int, track: Track, limit: int) -> FetchedTrack:
        """Make what there is in place of audio. Where nothing can be made of it, what was told is kept raw."""
        folder, kind = self._downloads.folder_of(task.id), task.request.kind
        cover, colour = None, None
        if kind is Kind.WAVEFORM and track.cover_url:
            cover, colour = await self._cover(folder / f"{number}.cover", track, limit)
        async with self._colouring:
            made = await asyncio.to_thread(make, kind, track, cover)
        # Written here and not in the thread: that would go on after a cancellation, where all is being removed.
        files = {folder / f"{number}.{kind}.{extension}": whole for extension, whole in (made or raw(track)).items()}
        kept = {path: whole for path, whole in files.items() if len(whole) <= limit}
        for path, whole in kept.items():
            path.write_bytes(whole)
        trouble: DownloadError | None = None if made else DownloadGone("nothing usable was told")
        if len(kept) < len(files):
            trouble = DownloadTooLarge("over the limit of the channel")
        return FetchedTrack(track, number, colour=colour, trouble=trouble, files=tuple(kept))

    async def _audio(self, target: Path, track: Track, limit: int) -> None:
        await self._downloads.fetch(track.audio_url, target, limit)
        if not is_mp3(head_of(target)):
            target.unlink()
            raise DownloadGone("not an MP3")

    async def _cover(self, target: Path, track: Track, limit: int) -> tuple[Path | None, int | None]:
        """Return the cover and its colour, as far as there are any."""
        try:
            await self._downloads.fetch(track.cover_url, target, min(limit, LARGEST_COVER))
        except DownloadError as error:
            log.warning("cover not fetched", extra={"reason": str(error)})
            return None, None
        kind = picture_type(head_of(target))
        if kind is None:
            target.unlink()
            return None, None
        cover = target.rename(target.with_suffix(f".{kind.extension}"))
        async with self._colouring:
            return cover, await asyncio.to_thread(accent_colour, cover)

    async def _drawn(self, target: Path, task: Task, number: int, track: Track) -> tuple[Path | None, int | None]:
        """Return a cover of our own, for a track whose vendor has none, and its colour."""
        async with self._colouring:
            drawn = await asyncio.to_thread(_draw, track.title, f"{task.id}-{number}")
            if drawn is None:
                return None, None
            # Here and not in the thread: that would go on after a cancellation, and write where all is being removed.
            cover = target.with_suffix(".jpg")
            cover.write_bytes(drawn)
            return cover, await asyncio.to_thread(accent_colour, cover)


def _completed(request: Request, track: Track) -> Track:
    """Return the track with what the provider left out: as the member wished it, or as what it was made from has it."""
    source = request.source or Source()
    return replace(
        track,
        title=track.title or request.title or source.title,
        style=track.style or request.style,
        cover_url=track.cover_url or (source.cover_url if request.kind in _IN_ITS_COVER else ""),
        seconds=track.seconds or (source.seconds if request.kind in WITHOUT_AUDIO else None),
    )


def _draw(title: str, track_id: str) -> bytes | None:
    """Draw a cover. It is not worth losing a track for."""
    try:
        from bot.cover import draw_cover  # what draws is only held in memory where a vendor has no covers

        return draw_cover(title, track_id)
    except Exception:  # a title may be odd in any way, and a Pillow may lack its font
        log.exception("cover not drawn")
        return None
