"""A MIDI file from a provider's notes, whose layout is not documented: the usual ones are understood."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from mido import Message, MetaMessage, MidiFile, MidiTrack, bpm2tempo

from bot.media.told import first, members, named, number, read, second, tidy

#: More than any piece of music has; so many of each are taken at most.
MOST_INSTRUMENTS, MOST_NOTES = 64, 20_000
#: The file has a tempo of its own, so that seconds can be told in ticks.
BEATS_PER_MINUTE, TICKS_PER_BEAT = 120, 480
_TICKS_PER_SECOND = TICKS_PER_BEAT * BEATS_PER_MINUTE / 60
#: Counted from 0 in the file, from 1 by musicians: drums have the tenth to themselves.
_DRUMS = 9
_DRUM_NAMES = re.compile("drum|percussion|cymbal|snare", re.IGNORECASE)
_NAME = re.compile(r"([A-G])([#♯b♭]?)(-?\d)", re.IGNORECASE)
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHIFTS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
_USUAL_VELOCITY = 80

_PITCH, _START, _END = ("pitch", "note", "midi", "key"), ("start", "start_s", "time", "onset"), ("end", "end_s")


@dataclass(frozen=True, slots=True)
class Note:
    """One note: from and to in ticks."""

    pitch: int
    start: int
    end: int
    velocity: int


def midi_file(extra: str, title: str) -> bytes | None:
    """Return a MIDI file with a track for each instrument; None where no note can be understood."""
    instruments = list(_instruments(extra))
    if not instruments:
        return None
    file = MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT, charset="utf-8")
    head = MetaMessage("set_tempo", tempo=bpm2tempo(BEATS_PER_MINUTE))
    file.tracks.append(MidiTrack([MetaMessage("track_name", name=tidy(title)), head]))
    channels = cycle(channel for channel in range(16) if channel != _DRUMS)
    for name, notes in instruments:
        file.tracks.append(_track(name, notes, _DRUMS if _DRUM_NAMES.search(name) else next(channels)))
    written = io.BytesIO()
    file.save(file=written)
    return written.getvalue()


def _instruments(extra: str) -> Iterator[tuple[str, list[Note]]]:
    """Yield each instrument that has a note, as far as there is room."""
    room = MOST_NOTES
    for count, (name, raw) in enumerate(named(read(extra, "instruments"))):
        if count == MOST_INSTRUMENTS:
            return
        # Of what is no note only so much is looked at, too.
        notes = [note for one in members(raw)[: 2 * MOST_NOTES] if (note := _note(one))][:room]
        room -= len(notes)
        if notes:
            yield tidy(name), notes


def _track(name: str, notes: list[Note], channel: int) -> MidiTrack:
    """Return the notes as messages, each with its distance from the one before."""
    track = MidiTrack([MetaMessage("track_name", name=name)])
    events = [(note.start, 1, note.pitch, note.velocity) for note in notes]
    events += [(note.end, 0, note.pitch, 0) for note in notes]
    now = 0
    # At the same tick a note ends before the next begins: else a repeated one would be cut off.
    for tick, begins, pitch, velocity in sorted(events):
        kind = "note_on" if begins else "note_off"
        track.append(Message(kind, note=pitch, velocity=velocity, channel=channel, time=tick - now))
        now = tick
    return track


def _note(raw: object) -> Note | None:
    """Read a note of any layout that is known; None for what is none."""
    if isinstance(raw, list):
        pitch, start, end, velocity = [*raw[:4], None, None, None, None][:4]
    else:
        pitch, start, end = first(raw, _PITCH), first(raw, _START), first(raw, _END)
        velocity = first(raw, ("velocity",))
    begin, stop = second(start), second(end)
    if begin is not None and stop is None and (lasts := second(first(raw, ("duration",)))):
        stop = begin + lasts
    read_pitch = _pitch(pitch)
    if read_pitch is None or begin is None or stop is None or stop <= begin:
        return None
    tick = round(begin * _TICKS_PER_SECOND)
    return Note(read_pitch, tick, max(tick + 1, round(stop * _TICKS_PER_SECOND)), _velocity(velocity))


def _pitch(raw: object) -> int | None:
    """Read a number, or a name like C#4; the C in the middle of a piano is 60, or C4."""
    told = number(raw)
    if told is None and isinstance(raw, str) and (name := _NAME.fullmatch(raw.strip())):
        letter, shift, octave = name.groups()
        told = _STEPS[letter.upper()] + _SHIFTS[shift.lower()] + 12 * (int(octave) + 1)
    return round(told) if told is not None and 0 <= told <= 127 else None


def _velocity(raw: object) -> int:
    """Read a loudness out of 127, or out of 1; the usual one where there is none."""
    told = number(raw)
    if told is None:
        return _USUAL_VELOCITY
    # One of 127 could not be heard: up to 1 it is a share.
    return min(127, max(1, round(told * 127 if told <= 1 else told)))
