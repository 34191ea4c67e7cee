"""Words around working on a track: menus, modals, and why a track, a file or a time will not do."""

from collections.abc import Mapping

from bot.domain.source import BadSource, BadTimes, Unfit, Wrong
from bot.domain.task import Kind
from bot.ui.text import minutes

#: What the menu under a track offers: a label, and a line under it.
ENTRIES: Mapping[Kind, tuple[str, str]] = {
    Kind.EXTEND: ("Extend …", "Goes on from a time you choose"),
    Kind.COVER: ("Cover …", "The same song in another style"),
    Kind.REMASTER: ("Remaster", "The same, louder and clearer"),
    Kind.VOCALS: ("Add vocals …", "Sings your words over it"),
    Kind.INFILL: ("Replace a part …", "Makes a part of it anew"),
    Kind.SAMPLE: ("Song from this …", "Takes a part of it as the melody of a new song"),
    Kind.STEMS: ("Vocals alone", "The singing without the music"),
    Kind.MIDI: ("MIDI", "Its notes, for any music program"),
    Kind.WAV: ("WAV", "Without loss, for editing"),
    Kind.TIMELINE: ("Timed words", "Its words with their times, for players and videos"),
    Kind.WAVEFORM: ("Waveform", "A picture of how loud it is"),
}
#: What stands above the box for what needs words.
TITLES: Mapping[Kind, str] = {
    Kind.EXTEND: "Extend a track",
    Kind.COVER: "Make a cover",
    Kind.VOCALS: "Add vocals",
    Kind.INFILL: "Replace a part",
    Kind.SAMPLE: "Make a song from a melody",
}

GO_ON_AT, START, END = "Go on from", "Start", "End"
PROMPT = "What should happen"
TITLE, STYLE, LYRICS = "Title", "Style", "Words to sing"
NOTHING_TO_CHANGE = "There are no words in this one to be changed. “Again” asks for it once more."


def placeholder(number: int) -> str:
    """What stands on the menu of a track."""
    return f"More with track {number}"


def time_hint(seconds: float | None) -> str:
    """What stands in an empty box for a time."""
    lasts = minutes(seconds)
    return "0:15 or 15" + (f"; the track lasts {lasts}" if lasts else "")


def bad_times(error: BadTimes) -> str:
    """The answer to a time that will not do: what would."""
    lasts = minutes(error.seconds)
    inside = f" The track lasts {lasts}." if lasts else ""
    match error.wrong:
        case Wrong.MISSING:
            return f"Please give both `start` and `end`, such as `0:45` and `1:10`.{inside}"
        case Wrong.ORDER:
            return f"`end` has to come after `start`.{inside}"
        case Wrong.OUTSIDE:
            return f"That time does not lie inside the track.{inside}"
    return "That is no time I can read. Write it as `1:23` or in seconds, such as `83`."


def bad_source(error: BadSource) -> str:
    """The answer to a track or file that cannot be worked on: what would work."""
    match error.unfit:
        case Unfit.ONE_NEEDED:
            return "Please give either a `track`, chosen from the list that opens while you type, or an `audio` file."
        case Unfit.EXPIRED:
            return (
                "Its file is not at the music service any more, and there is none of it on its card. If you have it,"
                " give it to me as `audio`."
            )
        case Unfit.NO_AUDIO:
            return "There is no audio in that one: it is words, notes or a picture. Choose the track it came from."
        case Unfit.TOO_LARGE:
            return f"That file is too large: {(error.limit or 0) // (1024 * 1024)} MB is the most. An MP3 is smaller."
        case Unfit.TOO_LONG:
            return f"That file is too long: {(error.limit or 0) // 60} minutes are the most. Please cut it."
        case Unfit.UNREAD:
            return "I could not look at that file in time. Nothing was asked for; please try again."
    return "That is no audio I can use. Give me an MP3, WAV, FLAC, OGG or M4A file."
