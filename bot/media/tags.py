"""The tags of an MP3: title, style, length, words and cover, as players show them."""

import logging
from pathlib import Path

from mutagen.id3 import APIC, ID3, TCON, TIT2, TLEN, USLT

from bot.domain.track import Track
from bot.media.recognise import head_of, picture_type

log = logging.getLogger(__name__)


def dress(audio: Path, cover: Path | None, track: Track) -> None:
    """Write the tags into `audio`. They are not worth losing a track for."""
    try:
        _tag(audio, cover, track)
    except Exception:  # a foreign file may be broken in any way; it is posted as it came
        log.exception("tags not written")


def _tag(audio: Path, cover: Path | None, track: Track) -> None:
    # In the place of what it came with, which is not read: what is packed in there may unpack to any size.
    tags = ID3()
    tags.setall("TIT2", [TIT2(encoding=3, text=track.title or "Untitled")])
    if track.style:
        tags.setall("TCON", [TCON(encoding=3, text=track.style)])
    if track.seconds:
        tags.setall("TLEN", [TLEN(encoding=3, text=str(round(track.seconds * 1000)))])
    if track.lyrics:
        tags.setall("USLT", [USLT(encoding=3, lang="und", desc="", text=track.lyrics)])
    if cover is not None:
        type_ = picture_type(head_of(cover))
        assert type_ is not None
        picture = APIC(encoding=3, mime=type_.mime, type=3, desc="Cover", data=cover.read_bytes())
        tags.setall("APIC", [picture])
    tags.update_to_v23()
    tags.save(audio, v2_version=3)
