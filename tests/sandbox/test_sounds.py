"""The sandbox's sound effects have the length, the tempo and the kind that was asked for."""

import numpy as np
import pytest

from bot.sandbox.sounds import make_sound
from bot.sandbox.synth import RATE


@pytest.mark.parametrize(("bpm", "seconds", "beats"), [(120, None, 8), (97, 8, 13), (60, 0.2, 1), (200, 60, 200)])
def test_a_loop_is_a_whole_number_of_beats(bpm: int, seconds: float | None, beats: int) -> None:
    piece = make_sound("drum loop", loop=True, bpm=bpm, seconds=seconds)
    assert piece.bpm == bpm
    assert len(piece.samples) == round(beats * 60 / bpm * RATE)


def test_no_loop_is_longer_than_two_minutes() -> None:
    assert make_sound("drum loop", loop=True, bpm=60, seconds=600).seconds == 120


def test_the_end_of_a_loop_runs_into_its_beginning() -> None:
    """A bell rings longer than half a second: where it is cut off at the end, it must go on at the beginning."""
    loops = [make_sound(f"bell pattern {n}", loop=True, bpm=110, seconds=0.5).samples[:, 0] for n in range(12)]
    first, last = [loop[0] for loop in loops], [loop[-1] for loop in loops]
    assert np.corrcoef(first, last)[0, 1] > 0.8


@pytest.mark.parametrize("bpm", [77, 90, 126])
def test_a_loop_keeps_to_its_tempo(bpm: int) -> None:
    """Lay the sixteenths of each tempo near by over the loop: those of its own catch the most onsets."""
    power = np.square(make_sound("drum loop", loop=True, bpm=bpm).samples).sum(axis=1)
    frames = np.add.reduceat(power, np.arange(0, len(power), 441))
    rises = np.maximum(0, np.diff(frames, prepend=frames[-1]))
    times = np.arange(len(rises)) * 441 / RATE

    def caught(tempo: int) -> float:
        off = np.abs(times - np.round(times * tempo / 15) * 15 / tempo)
        return float(rises[off <= 0.015].sum() / np.count_nonzero(off <= 0.015))

    best = max(range(round(bpm * 0.8), round(bpm * 1.25)), key=caught)
    assert best == pytest.approx(bpm, abs=1)


@pytest.mark.parametrize("words", ["kick", "rain", "bell", "an old door"])
def test_a_hit_has_the_length_asked_for_and_dies_away(words: str) -> None:
    piece = make_sound(words, loop=False, bpm=100, seconds=1.5)
    assert piece.seconds == 1.5
    assert np.abs(piece.samples[-1]).max() < 0.01
    assert np.abs(piece.samples).max() > 0.5


def test_a_key_moves_the_notes_and_words_that_say_nothing_still_sound() -> None:
    low, high, flat, sharp = (make_sound("\ud800", loop=False, bpm=90, key=key) for key in ("C", "B minor", "Bb", "A#"))
    assert not np.array_equal(low.samples, high.samples)
    assert np.array_equal(flat.samples, sharp.samples)


def test_the_same_words_give_the_same_sound_and_other_words_another() -> None:
    first, again, other = (make_sound(words, loop=True, bpm=90).samples for words in ("a", "a", "b"))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
