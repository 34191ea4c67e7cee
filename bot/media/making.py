"""What is made in place of audio: the words of lyrics, notes, timed words, a drawn waveform."""

import logging
from collections.abc import Mapping
from pathlib import Path

from bot.domain.task import Kind
from bot.domain.track import Track
from bot.media.colour import cover_colours
from bot.media.timeline import lines, lrc, srt

log = logging.getLogger(__name__)

#: Whole files by their extensions, the one that matters most first.
Made = Mapping[str, bytes]
NOTHING: Made = {}


def make(kind: Kind, track: Track, cover: Path | None) -> Made:
    """Return what can be made of the track; nothing where that is not enough. Bounded, but not quick: for a thread."""
    try:
        return _make(kind, track, cover)
    except Exception:  # what was told may be odd in any way; it is posted raw then
        log.exception("nothing made of what was told")
        return NOTHING


def raw(track: Track) -> Made:
    """Return what the provider told, as it came."""
    return {"json": _encoded(track.extra)} if track.extra else NOTHING


def _make(kind: Kind, track: Track, cover: Path | None) -> Made:
    if kind is Kind.LYRICS:
        return {"txt": _encoded(track.lyrics)} if track.lyrics.strip() else NOTHING
    if kind is Kind.TIMELINE:
        return _timed(track)
    if kind is Kind.MIDI:
        # Here and below: libraries that few bots ever need, so they are not held in memory from the start.
        from bot.media.notes import midi_file

        notes = midi_file(track.extra, track.title)
        return {"mid": notes, **raw(track)} if notes else NOTHING
    from bot.media.waveform import draw_waveform

    picture = draw_waveform(track.extra, cover_colours(cover) if cover else ())
    return {"png": picture} if picture else NOTHING


def _timed(track: Track) -> Made:
    found = lines(track.extra, track.seconds)
    if not found:
        return NOTHING
    return {"lrc": _encoded(lrc(found, track.title, track.seconds)), "srt": _encoded(srt(found))}


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
