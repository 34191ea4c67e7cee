"""What the kinds of things are called: by themselves, in lists, and when somebody asks for one."""

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.task import Kind, Request
from bot.ui.text import minutes, shown

#: One, and several.
_NAMES: Mapping[Kind, tuple[str, str]] = {
    Kind.SONG: ("song", "songs"),
    Kind.SOUND: ("sound", "sounds"),
    Kind.LYRICS: ("lyrics", "lyrics"),
    Kind.EXTEND: ("extension", "extensions"),
    Kind.COVER: ("cover", "covers"),
    Kind.REMASTER: ("remaster", "remasters"),
    Kind.VOCALS: ("track with added vocals", "tracks with added vocals"),
    Kind.INFILL: ("track with a new part", "tracks with a new part"),
    Kind.SAMPLE: ("song from a melody", "songs from a melody"),
    Kind.STEMS: ("vocal stem", "vocal stems"),
    Kind.MIDI: ("MIDI file", "MIDI files"),
    Kind.WAV: ("WAV file", "WAV files"),
    Kind.TIMELINE: ("timed words", "timed words"),
    Kind.WAVEFORM: ("waveform", "waveforms"),
}
#: What somebody asked for, who asked for it; `{}` is what it is made from.
ASKED: Mapping[Kind, str] = {
    Kind.EXTEND: "asked to extend {}",
    Kind.COVER: "asked for a cover of {}",
    Kind.REMASTER: "asked for a remaster of {}",
    Kind.VOCALS: "asked for vocals on {}",
    Kind.INFILL: "asked for a new part in {}",
    Kind.SAMPLE: "asked for a song from {}",
    Kind.STEMS: "asked for the vocals of {}",
    Kind.MIDI: "asked for the notes of {}",
    Kind.WAV: "asked for a WAV of {}",
    Kind.TIMELINE: "asked for the timed words of {}",
    Kind.WAVEFORM: "asked for the waveform of {}",
}
_SOMETHING = "a track"
#: How much of a text is shown where it is only a reminder, and of a title.
_REMINDER, _TITLE = 300, 100


def one(kind: Kind) -> str:
    """A kind, of which there is one."""
    return _NAMES[kind][0]


def several(kind: Kind) -> str:
    """A kind, of which there are several."""
    return _NAMES[kind][1]


def asked(request: Request) -> str:
    """What somebody asked for, to stand behind their name."""
    if request.source is None or request.kind not in ASKED:
        return f"asked for: “{shown(request.about, _REMINDER)}”"
    own = shown(replace(request, source=None).about, _REMINDER)
    return ASKED[request.kind].format(source(request)) + (f": “{own}”" if own else "")


def source(request: Request) -> str:
    """What something is made from, by its title."""
    title = shown(request.source.title, _TITLE) if request.source else ""
    return f"“{title}”" if title else _SOMETHING


def part(request: Request) -> str:
    """Which part of its source is meant; nothing where that was left open."""
    start, end = minutes(request.start), minutes(request.end)
    if not start and not end:
        return ""
    return f"from {start or '0:00'} on" if not end else f"{start or '0:00'} to {end}"
