"""Notes become a MIDI file that another reader understands, in whatever layout of the usual ones they were told."""

import io
import json
from pathlib import Path

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import DownloadGone
from bot.domain.task import Kind
from bot.media.notes import MOST_INSTRUMENTS, MOST_NOTES, midi_file
from tests.media.making import by_extension, made, told

NOTE = {"pitch": 60, "start": 0.5, "end": 1.0, "velocity": 100}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["C#4", "60"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from([*NOTE, "time", "duration"]), inner),
    max_leaves=12,
)


def parsed(whole: bytes | None) -> mido.MidiFile:
    assert whole is not None
    return mido.MidiFile(file=io.BytesIO(whole), charset="utf-8")


def notes_of(track: mido.MidiTrack) -> list[tuple[int, float, float, int]]:
    """Return pitch, beginning and end in seconds, and velocity of each note of a track, as a player would hear them."""
    now, sounding, heard = 0.0, {}, []
    for message in track:
        now += mido.tick2second(message.time, 480, 500_000)
        if message.type == "note_on" and message.velocity:
            sounding[message.note] = (now, message.velocity)
        elif message.type == "note_off":
            start, velocity = sounding.pop(message.note)
            heard.append((message.note, round(start, 2), round(now, 2), velocity))
    assert not sounding
    return heard


def notes_told_as(note: object) -> list[tuple[int, float, float, int]]:
    whole = midi_file(told(instruments={"piano": [note, NOTE]}), "Tin Roof")
    return notes_of(parsed(whole).tracks[1])


@pytest.mark.parametrize(
    ("note", "heard"),
    [
        ({"pitch": 61, "start": 2, "end": 3, "velocity": 90}, (61, 2.0, 3.0, 90)),
        ({"note": "C#4", "start_s": 2.0, "end_s": 3.0, "velocity": 0.5}, (61, 2.0, 3.0, 64)),
        ({"midi": "61", "time": "2.0", "duration": 0.25}, (61, 2.0, 2.25, 80)),
        ({"key": "Db4", "onset": 2, "end": 3, "velocity": 1.0}, (61, 2.0, 3.0, 127)),
        ([61, 2.0, 3.0, 90], (61, 2.0, 3.0, 90)),
        (["c♯4", 2.0, 3.0], (61, 2.0, 3.0, 80)),
        ({"pitch": "B-1", "start": 2, "end": 3}, (11, 2.0, 3.0, 80)),
        ({"pitch": 61, "start": 2, "end": 3, "velocity": 900}, (61, 2.0, 3.0, 127)),
    ],
    ids=str,
)
def test_every_usual_layout_of_a_note_is_understood(note: object, heard: tuple[int, float, float, int]) -> None:
    assert notes_told_as(note) == [(60, 0.5, 1.0, 100), heard]


@pytest.mark.parametrize(
    "note",
    [
        None,
        "C4",
        60,
        [],
        [60],
        [60, 1.0],
        {},
        {"pitch": 60, "start": 1},
        {"pitch": 60, "start": 2, "end": 1},
        {"pitch": 128, "start": 1, "end": 2},
        {"pitch": "H4", "start": 1, "end": 2},
        {"pitch": True, "start": 1, "end": 2},
        {"pitch": 60, "start": -1, "end": 2},
        {"pitch": 60, "start": 1, "end": 1e9},
        {"pitch": 60, "start": float("nan"), "end": float("inf")},
        {"pitch": [60], "start": 1, "end": 2},
    ],
    ids=str,
)
def test_what_is_no_note_is_left_out(note: object) -> None:
    assert notes_told_as(note) == [(60, 0.5, 1.0, 100)]


def test_each_instrument_has_a_track_and_a_channel_and_drums_have_the_tenth() -> None:
    names = [f"Synth {n}" for n in range(10)] + ["Drum kit", "屋根", "percussion\u202e"]
    file = parsed(midi_file(told(instruments={name: [NOTE] for name in names}), "Dächer"))
    head, *tracks = file.tracks
    assert (file.type, head.name) == (1, "Dächer")
    assert [message.tempo for message in head if message.type == "set_tempo"] == [500_000]
    assert [track.name for track in tracks] == [*names[:-1], "percussion"]
    channels = [message.channel for track in tracks for message in track if message.type == "note_on"]
    assert channels == [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 9, 11, 9]
    assert file.length == 1.0


def test_a_repeated_note_ends_before_it_begins_again() -> None:
    repeated = [[60, 1.0, 2.0], [60, 0.0, 1.0], [60, 2.0, 2.0001]]
    heard = notes_of(parsed(midi_file(told(instruments={"bass": repeated}), "")).tracks[1])
    assert [(start, end) for _, start, end, _ in heard] == [(0.0, 1.0), (1.0, 2.0), (2.0, 2.0)]


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.text(max_size=8), st.lists(ANYTHING, max_size=6) | ANYTHING, max_size=4))
def test_whatever_was_told_gives_a_file_that_can_be_read_or_none(instruments: dict[str, object]) -> None:
    whole = midi_file(json.dumps({"instruments": instruments}), "x")
    if whole is not None:
        assert sum(message.type == "note_on" for track in parsed(whole).tracks for message in track) > 0


def test_of_very_many_notes_so_many_are_written() -> None:
    each = MOST_NOTES // MOST_INSTRUMENTS + 1
    many = {f"instrument {n}": [[60, 0, 1]] * each for n in range(MOST_INSTRUMENTS)}
    whole = midi_file(json.dumps({"instruments": many}), "")
    assert whole is not None
    assert whole.count(bytes([60, 80])) == MOST_NOTES  # pitch and velocity, which end what begins a note
    few = {f"instrument {n}": [[60, 0, 1]] for n in range(MOST_INSTRUMENTS + 1)}
    assert len(parsed(midi_file(json.dumps({"instruments": few}), "")).tracks) == 1 + MOST_INSTRUMENTS


async def test_the_notes_come_as_a_midi_file_with_what_was_told_beside_it(tmp_path: Path) -> None:
    extra = told(instruments={"piano": [NOTE], "odd": "?"})
    async with made(tmp_path, Kind.MIDI, extra) as fetched:
        files = by_extension(fetched)
        assert list(files) == [".mid", ".json"]
        assert files[".json"].decode() == extra
        assert notes_of(parsed(files[".mid"]).tracks[1]) == [(60, 0.5, 1.0, 100)]
        assert parsed(files[".mid"]).tracks[0].name == "Tin Roof"
        assert fetched.trouble is None


async def test_notes_of_a_layout_nobody_knows_come_as_they_were_told(tmp_path: Path) -> None:
    extra = told(instruments={"piano": [{"hoehe": "c'", "dauer": "halbe"}]})
    async with made(tmp_path, Kind.MIDI, extra) as fetched:
        assert {suffix: whole.decode() for suffix, whole in by_extension(fetched).items()} == {".json": extra}
        assert isinstance(fetched.trouble, DownloadGone)
