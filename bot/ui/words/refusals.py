"""Sentences for wishes that are refused: what would work instead."""

from bot.domain.errors import (
    BadOption,
    CannotMake,
    MissingPermissions,
    NotAllowedHere,
    NotATrack,
    NotYours,
    OutOfCredits,
    OutOfRange,
    Refusal,
    SamePress,
    TooLongTogether,
    TooManyToday,
    WordsRemoved,
)
from bot.domain.ports_personas import BadPersona
from bot.domain.source import BadSource, BadTimes
from bot.domain.task import Kind
from bot.ui.permissions import shown_name
from bot.ui.text import shown
from bot.ui.words import ago, persona
from bot.ui.words.limits import beyond
from bot.ui.words.rework import bad_source, bad_times

_EMPTY = {
    "prompt": "Please say what it should sound like: a description, a style or lyrics. "
    "Without any of them the music service has nothing to go by.",
}


def refusal(error: Refusal) -> str:
    """The ephemeral answer to a wish that is refused."""
    match error:
        case BadOption(option=option, limit=limit, length=length):
            if not length:
                return _EMPTY.get(option, f"Please write something in `{option}`.")
            return f"`{option}` is too long: {length} characters, and {limit} is the most. Please shorten it."
        case OutOfRange() | TooLongTogether():
            return beyond(error)
        case CannotMake():
            return _cannot_make(error)
        case BadTimes():
            return bad_times(error)
        case BadSource():
            return bad_source(error)
        case MissingPermissions(names=names):
            wanted = ", ".join(map(shown_name, names))
            return f"I may not post tracks here. Ask whoever runs this server to give me: {wanted}."
        case TooManyToday(per_day=per_day, free_at=free_at):
            return f"That was your {per_day} for one day. The next one is free {ago(free_at)}."
        case NotAllowedHere():
            return (
                "This bot makes music only in the servers of those who run it. In direct messages, use it there first."
            )
        case OutOfCredits():
            return "This bot's credits at the music service are used up. Please try again later."
        case NotYours():
            return "Only the person who asked for it can do that."
        case SamePress():
            return "I am already on it: that was the same press a moment ago."
        case WordsRemoved():
            return "What was asked for there has been removed: this bot keeps such words for some time only."
        case BadPersona():
            return persona.trouble(error)
        case NotATrack():
            return "That is no track of mine, or it has gone."
    return "That is not possible here."


#: What a provider may not make, as people say it.
_MAKE = {
    Kind.SONG: "make music",
    Kind.SOUND: "make single sounds",
    Kind.LYRICS: "write lyrics",
    Kind.EXTEND: "extend a track",
    Kind.COVER: "make a cover",
    Kind.REMASTER: "remaster a track",
    Kind.VOCALS: "add vocals",
    Kind.INFILL: "replace a part of a track",
    Kind.SAMPLE: "make a song from a melody",
    Kind.STEMS: "take the vocals out of a track",
    Kind.MIDI: "take the notes out of a track",
    Kind.WAV: "make a WAV",
    Kind.TIMELINE: "tell when which word is sung",
    Kind.WAVEFORM: "measure how loud a track is",
}
#: What it may not take; anything else is the name of an option.
_TAKE = {
    "instrumental": "promise music without singing",
    "persona": "sing with a persona",
    "source": "work on that track: it was made elsewhere",
}


def _cannot_make(error: CannotMake) -> str:
    what = _MAKE[error.what] if isinstance(error.what, Kind) else _TAKE.get(error.what, f"take `{error.what}`")
    known = shown(error.provider, 50)
    said = f"{known} does not {what}." if known else f"None of my music services can {what}."
    return f"{said} {' or '.join(error.others)} would: choose it as `provider`." if error.others else said
