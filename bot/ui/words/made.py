"""What a card says of what was made: a sentence for each kind, and what it came from."""

from bot.domain.errors import DownloadError, DownloadTooLarge
from bot.domain.source import Source
from bot.domain.task import FROM_WORDS, Kind, Request, Task
from bot.ui.text import plain, shown
from bot.ui.words import UNTITLED, mention
from bot.ui.words.kinds import part

#: What is ready: the word for one, and for several.
_THINGS = {
    Kind.SOUND: ("sound is", "sounds are"),
    Kind.LYRICS: ("lyrics are", "lyrics are"),
    Kind.EXTEND: ("extended track is", "extended tracks are"),
    Kind.COVER: ("cover is", "covers are"),
    Kind.REMASTER: ("remaster is", "remasters are"),
    Kind.VOCALS: ("track with vocals is", "tracks with vocals are"),
    Kind.INFILL: ("track with its new part is", "tracks with their new part are"),
    Kind.STEMS: ("vocals are", "vocals are"),
    Kind.MIDI: ("notes are", "notes are"),
    Kind.WAV: ("WAV is", "WAVs are"),
    Kind.TIMELINE: ("timed words are", "timed words are"),
    Kind.WAVEFORM: ("waveform is", "waveforms are"),
}
_USUAL = ("track is", "tracks are")

#: What something was made from; `{}` is its title.
_FROM = {
    Kind.EXTEND: "Extended from {}",
    Kind.COVER: "A cover of {}",
    Kind.REMASTER: "Remastered from {}",
    Kind.VOCALS: "Vocals added to {}",
    Kind.INFILL: "A new part in {}",
    Kind.SAMPLE: "Made from {}",
    Kind.STEMS: "The vocals of {}, without the music.",
    Kind.MIDI: "The notes of {}: `.mid` opens in any music program, `.json` is what the music service told of them.",
    Kind.WAV: "The WAV of {}, for editing.",
    Kind.TIMELINE: "The words of {}, each line at its time: `.lrc` is for music players, `.srt` for videos.",
    Kind.WAVEFORM: "The loudness of {} from its beginning to its end.",
}
_TITLES = {
    Kind.LYRICS: "Lyrics",
    Kind.STEMS: "Vocals",
    Kind.MIDI: "Notes",
    Kind.WAV: "WAV",
    Kind.TIMELINE: "Timed words",
    Kind.WAVEFORM: "Waveform",
}
#: What is made of a part of its source, and has no full sentence above.
_OF_A_PART = frozenset({Kind.EXTEND, Kind.VOCALS, Kind.INFILL, Kind.SAMPLE})
#: Where nobody knows what it was called.
_SOMETHING = "a track"

LYRICS_GO_ON = "They go on: the whole of them is in the file."
LYRICS_CUT = "They go on, and the rest could not be attached here. Where I may attach files, it can be."
#: On a card whose words the server's rules would not let through.
LYRICS_IN_FILE = "-# This server's rules did not let the words through, so they are in the file."
LYRICS_REFUSED = "-# This server's rules did not let the words through. Ask for them in another place."
NO_LYRICS = "The music service sent no words."
#: Where a channel takes no files: what to do.
NO_FILES = (
    "I may not attach files here, so there is nothing to show for it. Ask whoever runs this server to give me "
    "“Attach Files”, or ask for it again where I may."
)


def ready(task: Task, shown_tracks: int, more: int) -> str:
    """The text above a card."""
    one, several = _THINGS.get(task.request.kind, _USUAL)
    lines = [f"{mention(task)}, your {one if shown_tracks == 1 else several} ready."]
    if more:
        lines.append(f"-# {more} more came with {'it' if shown_tracks == 1 else 'them'}; a card shows {shown_tracks}.")
    if task.missing:
        lacking = "words" if task.request.kind is Kind.LYRICS else "music"
        lines.append(f"-# {task.missing} of the results came without {lacking}.")
    return "\n".join(lines)


def made_from(request: Request, link: str, room: int) -> str:
    """What it was made from, with a link where there is one; nothing for what was made from words alone."""
    if request.kind in FROM_WORDS:
        return ""
    title = shown((request.source or Source()).title, room)
    named = f"**{title}**" if title else _SOMETHING
    said = _FROM[request.kind].format(f"[{named}]({link})" if link else named)
    where = part(request) if request.kind in _OF_A_PART else ""
    return f"{said}, {where}" if where else said


def sound(request: Request) -> str:
    """What was asked of a sound: whether it repeats, how fast, in which key."""
    speed = f"{request.bpm} bpm" if request.bpm is not None else ""
    parts = (shown(request.sound_type, 20), speed, shown(request.musical_key, 20))
    return " · ".join(part for part in parts if part)


def called(kind: Kind) -> str:
    """What the result is, in a word: the title of its card."""
    return _TITLES[kind]


def nothing_attached(trouble: DownloadError | None, *, raw: bool) -> str:
    """What is said where files were to be made. `raw`: what the music service told is attached as it came."""
    if isinstance(trouble, DownloadTooLarge):
        return "Not all of its files fit into this place: they are too large."
    told = "What it sent is in the `.json`, as it came." if raw else "It sent nothing that could be kept."
    return f"Nothing usable could be made of what the music service sent. {told}"


def waveform_alt(title: str) -> str:
    """The drawn waveform's description for people who cannot see it."""
    return f"Waveform of “{plain(title, 200, UNTITLED)}”: how loud it is from its beginning to its end"
