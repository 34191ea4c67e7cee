"""What MusicMint answers at once: files, notes, timed words and peaks, uploads and personas."""

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.domain.errors import AnswerLost
from bot.domain.source import Source
from bot.domain.task import Kind, Task
from bot.domain.track import MOST_VALUES, Completed, Track, Uploaded, most_values
from bot.providers.musicmint_answers import data_in, object_in
from bot.providers.reading import as_text, is_id, seconds, text
from bot.providers.wire import Reply

#: More than any song has: words, notes of all its instruments together, and instruments.
MOST_WORDS, MOST_NOTES, MOST_INSTRUMENTS = 5_000, 50_000, 64
#: More than any picture is wide: neighbouring peaks are put together until there are no more.
MOST_PEAKS = 4_096
#: The longest text among words and notes, in characters, and the longest address.
LONGEST_TEXT, LONGEST_ADDRESS = 200, 4_000
#: How deep a note may be, and how many names and values each layer of it has at most.
_NOTE_DEPTH, _NOTE_VALUES = 3, 64


def read_stem(task: Task, reply: Reply) -> Completed:
    """Return the voice. Its id names a job, no clip: https://docs.musicmint.ai/api-reference/audio/stem"""
    data = object_in(reply)
    start, end = (_number(data.get(name)) or 0 for name in ("vocal_start_s", "vocal_end_s"))
    job = data.get("id")
    extra = as_text({"id": job} if is_id(job) else {})
    length = seconds(end - start) or _source(task).seconds
    return _one(task, audio_url=_address(data.get("vocal_audio_url")), seconds=length, extra=extra)


def read_midi(task: Task, reply: Reply) -> Completed:
    """Return the notes as they are: their layout is nowhere described."""
    found = object_in(reply).get("instruments")
    instruments: dict[str, list[Any]] = {}
    for name, note in _notes(found if isinstance(found, dict) else {}):
        instruments.setdefault(name, []).append(note)
    if not instruments:
        raise AnswerLost("no notes in the answer")
    return _one(task, extra=as_text({"instruments": instruments}))


def read_wav(task: Task, reply: Reply) -> Completed:
    """Return the same clip as a WAV, which is there for as long as the clip is.

    https://docs.musicmint.ai/api-reference/audio/wav
    """
    source, address = _source(task), _address(data_in(reply))
    return _one(task, audio_url=address, seconds=source.seconds, clip_id=source.clip_id, expires_at=source.expires_at)


def read_timeline(task: Task, reply: Reply) -> Completed:
    """Return the words in the order of their times. Music without singing has none, and that is an answer."""
    aligned = object_in(reply).get("aligned")
    if not isinstance(aligned, list):
        raise AnswerLost("no timeline in the answer")
    words = sorted(
        (word for entry in aligned[: 2 * MOST_WORDS] if (word := _word(entry))), key=lambda word: float(word["start"])
    )
    if not words:
        return Completed((), missing=1)
    return _one(task, extra=as_text({"words": words[:MOST_WORDS]}))


def read_waveform(task: Task, reply: Reply) -> Completed:
    """Return the peaks, at most `MOST_PEAKS` of them."""
    data = data_in(reply)
    if not isinstance(data, list):
        raise AnswerLost("no waveform in the answer")
    peaks = [peak for value in data if (peak := _number(value)) is not None and peak <= 1]
    if not peaks:
        raise AnswerLost("no peaks in the answer")
    return _one(task, extra=as_text({"peaks": _together(peaks)}))


def read_upload(reply: Reply) -> Uploaded:
    """Return what was taken; its names are written in another way than all others.

    https://docs.musicmint.ai/api-reference/music/upload
    """
    data = object_in(reply)
    clip_id = data.get("clipId")
    if not is_id(clip_id):
        raise AnswerLost("no clip in the answer")
    return Uploaded(str(clip_id), seconds(data.get("duration")))


def read_persona(reply: Reply) -> str:
    """Return the name of the first one made. https://docs.musicmint.ai/api-reference/persona/create"""
    items = object_in(reply).get("items")
    entries = [entry for entry in items if isinstance(entry, dict)] if isinstance(items, list) else []
    name = next((entry["id"] for entry in entries if is_id(entry.get("id"))), None)
    if name is None:
        raise AnswerLost("no persona in the answer")
    return str(name)


#: The kinds whose answer is their result.
RESULTS: Mapping[Kind, Callable[[Task, Reply], Completed]] = {
    Kind.STEMS: read_stem,
    Kind.MIDI: read_midi,
    Kind.WAV: read_wav,
    Kind.TIMELINE: read_timeline,
    Kind.WAVEFORM: read_waveform,
}


def _one(
    task: Task,
    *,
    clip_id: str = "",
    audio_url: str = "",
    seconds: float | None = None,
    expires_at: datetime | None = None,
    extra: str = "",
) -> Completed:
    """Return one result, which is called as what it was taken out of."""
    source = _source(task)
    track = Track(
        clip_id, audio_url, source.cover_url, source.title, seconds=seconds, expires_at=expires_at, extra=extra
    )
    return Completed((track,))


def _source(task: Task) -> Source:
    return task.request.source or Source()


def _address(value: object) -> str:
    """Return an address. Raises AnswerLost for anything else."""
    address = text(value)
    if not address.startswith(("https://", "http://")) or len(address) > LONGEST_ADDRESS:
        raise AnswerLost("no address in the answer")
    return address


def _word(entry: object) -> dict[str, Any] | None:
    """Read a timed word; an odd one counts as absent."""
    if not isinstance(entry, dict):
        return None
    word, start, end = text(entry.get("word")), _number(entry.get("start")), _number(entry.get("end"))
    if not word.strip() or len(word) > LONGEST_TEXT or start is None or end is None or end < start:
        return None
    return {"word": word, "start": start, "end": end}


def _number(value: object) -> float | None:
    """Return a number from 0 to a day's seconds; None for anything else."""
    return 0.0 if type(value) in (int, float) and value == 0 else seconds(value)


def _together(peaks: list[float]) -> list[float]:
    """Return so few peaks that each stands for the highest of its neighbours."""
    share = math.ceil(len(peaks) / MOST_PEAKS)
    return [round(max(peaks[at : at + share]), 4) for at in range(0, len(peaks), share)]


def _notes(found: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield notes with the names of their instruments: no more than are read again when a file is made of them."""
    notes, values = MOST_NOTES, MOST_VALUES
    for name, told in list(found.items())[:MOST_INSTRUMENTS]:
        if not isinstance(told, list) or len(name) > LONGEST_TEXT:
            continue
        values -= 2 + most_values(name)
        for note in filter(_is_note, told):
            # The brace around it counts for the comma that will stand before it.
            notes, values = notes - 1, values - most_values(as_text({"": note}))
            if notes < 0 or values < 0:
                return
            yield name, note


def _is_note(value: object) -> bool:
    """Say whether this may be a note: some numbers or texts, by name or in order."""
    return isinstance(value, dict | list) and bool(value) and _is_small(value, _NOTE_DEPTH)


def _is_small(value: object, depth: int) -> bool:
    if isinstance(value, dict):
        return _is_small([*value, *value.values()], depth)
    if isinstance(value, list):
        return depth > 0 and len(value) <= _NOTE_VALUES and all(_is_small(each, depth - 1) for each in value)
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT
    return value is None or (isinstance(value, int | float) and abs(value) < 2**63)
