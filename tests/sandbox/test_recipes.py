"""What the sandbox makes of a sound differs from it in the way that was asked for, and in no other."""

import numpy as np
import pytest

from bot.sandbox import waves
from bot.sandbox.music import Fit
from bot.sandbox.recipes import (
    Cover,
    Extension,
    Hummed,
    Infill,
    Recipe,
    Remaster,
    Song,
    Sound,
    Stem,
    Voiced,
    perform,
)
from bot.sandbox.synth import RATE, Piece, Wave

TUNE = Song("rock night drive", fit=Fit(3.0))
REWORKS = (Extension(TUNE, 2, "more"), Infill(TUNE, 1, 2, "new"), Voiced(TUNE, 1, 2, "la"))


def likeness(first: Wave, second: Wave) -> float:
    count = min(len(first), len(second))
    return float(np.corrcoef(first[:count, 0], second[:count, 0])[0, 1])


def brightness(sound: Wave) -> float:
    """The centre of the spectrum, in Hz."""
    level = np.abs(np.fft.rfft(sound.mean(axis=1)))
    return float((level * np.fft.rfftfreq(len(sound), 1 / RATE)).sum() / level.sum())


def notes(piece: Piece, start: float, end: float) -> list[tuple[str, float, int]]:
    return sorted(
        (part.instrument, round(note.start, 3), note.pitch)
        for part in piece.parts
        for note in part.notes
        if start <= note.start < end
    )


@pytest.mark.parametrize("seconds", [0.4, 3.0, 11.3])
def test_a_piece_fits_the_length_tempo_and_key_that_it_goes_with(seconds: float) -> None:
    piece = Song("folk", fit=Fit(seconds, 101, 4)).make()
    assert len(piece.samples) == round(seconds * RATE)
    assert (piece.bpm, piece.key.split()[0]) == (101, "E")
    assert np.abs(piece.samples[-1]).max() < 1e-3


@pytest.mark.parametrize("words", ["rock", "happy waltz"])
def test_a_remaster_is_louder_and_brighter_and_still_the_same(words: str) -> None:
    before = perform(Song(words, fit=Fit(3.0))).samples
    after = perform(Remaster(Song(words, fit=Fit(3.0)))).samples
    assert after.std() > 1.3 * before.std()
    assert brightness(after) > 1.2 * brightness(before)
    assert np.abs(after).max() < 0.9
    assert likeness(before, after) > 0.7


def test_an_extension_goes_on_where_it_is_told_and_is_longer() -> None:
    before, after = perform(TUNE), perform(Extension(TUNE, 2, "more"))
    assert np.array_equal(after.samples[: 2 * RATE], before.samples[: 2 * RATE])
    assert abs(likeness(after.samples[2 * RATE :], before.samples[2 * RATE :])) < 0.5
    assert after.seconds > before.seconds
    assert after.bpm == before.bpm


def test_an_extension_of_the_end_has_all_that_was_there() -> None:
    before, after = perform(TUNE).samples, perform(Extension(TUNE, None, "more")).samples
    assert np.array_equal(after[: len(before)], before)
    assert len(after) == 2 * len(before)


def test_a_cover_has_length_tempo_and_key_and_other_sounds() -> None:
    before, after = perform(TUNE), perform(Cover(TUNE, "waltz"))
    assert (after.seconds, after.bpm, waves.root(after)) == (before.seconds, before.bpm, waves.root(before))
    assert {part.instrument for part in after.parts} != {part.instrument for part in before.parts}
    assert abs(likeness(before.samples, after.samples)) < 0.5


@pytest.mark.parametrize("rework", [Infill(TUNE, 1, 2, "new"), Voiced(TUNE, 1, 2, "la")])
def test_what_is_put_inside_leaves_the_rest_as_it_was(rework: Recipe) -> None:
    before, after = perform(TUNE).samples, perform(rework).samples
    same = np.all(before == after, axis=1)
    assert same[:RATE].all()
    assert same[2 * RATE :].all()
    assert same[RATE : 2 * RATE].mean() < 0.05


def test_a_voice_sings_between_the_two_moments() -> None:
    added = notes(perform(Voiced(TUNE, 1, 2, "la")), 0, 3)
    voice = [(start, pitch) for name, start, pitch in added if name == "voice"]
    assert voice
    assert all(1 <= start <= 2 for start, _ in voice)


@pytest.mark.parametrize("rework", REWORKS)
def test_the_notes_that_are_told_are_those_that_are_heard(rework: Recipe) -> None:
    """Before anything changes they are the old ones; where it does, there are some; none is after the end."""
    before, after = perform(TUNE), perform(rework)
    assert notes(after, 0, 0.99) == notes(before, 0, 0.99)
    assert notes(after, 2, after.seconds)
    assert not notes(after, after.seconds, 1000)


def test_a_stem_is_the_tune_alone() -> None:
    mix, alone = perform(TUNE), perform(Stem(TUNE, 0, 3))
    assert {part.instrument for part in alone.parts} < {part.instrument for part in mix.parts}
    assert 0.02 < likeness(mix.samples, alone.samples) < 0.95


def test_a_part_of_a_stem_is_that_part_of_it() -> None:
    whole, part = perform(Stem(TUNE, 0, 3)).samples, perform(Stem(TUNE, 1, 2)).samples
    assert np.array_equal(part, whole[RATE : 2 * RATE])


def test_the_stem_of_what_has_no_tune_is_silent() -> None:
    assert not perform(Stem(Sound("rain", False, None, ""), 0, 1)).samples.any()


def test_a_song_follows_the_length_and_the_key_of_what_was_hummed() -> None:
    hummed = Song("hum", fit=Fit(3.0))
    song = perform(Hummed(hummed, 0.5, 3))
    assert song.seconds == 2.5
    assert waves.root(song) == waves.root(perform(hummed))


def test_the_note_that_is_hummed_is_heard() -> None:
    clock = np.arange(RATE) / RATE
    hums = [np.stack([np.sin(2 * np.pi * pitch * clock)] * 2, axis=1).astype(np.float32) for pitch in (440, 262)]
    assert [waves.heard_root(hum) for hum in hums] == [9, 0]


def test_a_single_sound_rings_for_a_bar_of_the_tempo_asked_for() -> None:
    assert perform(Sound("bell", False, 120, "Am")).seconds == 2
    assert perform(Sound("bell", False, 60, "Am")).seconds == 4


def test_a_loop_has_the_tempo_asked_for() -> None:
    loop = perform(Sound("drums", True, 96, ""))
    assert loop.bpm == 96
    assert loop.seconds * 96 / 60 == pytest.approx(8, abs=1e-3)


def test_the_same_recipe_gives_the_same_sound_again() -> None:
    assert np.array_equal(Extension(TUNE, 2, "more").make().samples, perform(REWORKS[0]).samples)
