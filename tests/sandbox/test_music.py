"""What the sandbox composes is real music: measured on the decoded MP3, as a listener would get it."""

import io
from functools import cache

import av
import numpy as np
import numpy.typing as npt
import pytest

from bot.sandbox.music import Piece, compose, encode_mp3

RATE = 44_100
FLOOR = 10 ** (-40 / 20)
PROMPTS = ("lofi rain on the window", "happy waltz")

Recording = tuple[Piece, npt.NDArray[np.float32]]


def decode(mp3: bytes) -> npt.NDArray[np.float32]:
    with av.open(io.BytesIO(mp3), mode="r") as file:
        return np.concatenate([frame.to_ndarray() for frame in file.decode(audio=0)], axis=1)


@cache
def composed(words: str, variation: int = 0) -> Piece:
    return compose(words, variation)


@pytest.fixture(scope="module", params=PROMPTS)
def recording(request: pytest.FixtureRequest) -> Recording:
    piece = composed(request.param)
    return piece, decode(encode_mp3(piece))


def likeness(first: Piece, second: Piece) -> float:
    """Correlate two pieces: 1 for the same sound, about 0 for different music."""
    frames = min(len(first.samples), len(second.samples))
    return float(np.corrcoef(first.samples[:frames, 0], second.samples[:frames, 0])[0, 1])


def test_a_recording_lasts_as_long_as_its_piece_says(recording: Recording) -> None:
    piece, heard = recording
    assert 20 <= heard.shape[1] / RATE <= 90
    assert heard.shape[1] / RATE == pytest.approx(piece.seconds, abs=0.2)


def test_no_second_is_silent_before_the_ending(recording: Recording) -> None:
    _, heard = recording
    seconds = heard.shape[1] // RATE
    loudness = [np.sqrt(np.mean(heard[:, n * RATE : (n + 1) * RATE] ** 2)) for n in range(seconds - 2)]
    assert min(loudness) > FLOOR


def test_a_recording_is_loud_and_not_clipped(recording: Recording) -> None:
    piece, heard = recording
    assert np.abs(piece.samples).max() == pytest.approx(10 ** (-1 / 20), abs=0.01)
    assert np.abs(heard).max() < 0.99


def test_a_recording_begins_and_ends_without_a_click(recording: Recording) -> None:
    piece, _ = recording
    assert np.abs(piece.samples[[0, -1]]).max() < 1e-3
    assert np.abs(np.diff(piece.samples, axis=0)).max() < 0.6


def test_a_recording_is_stereo_with_bass_and_treble(recording: Recording) -> None:
    _, heard = recording
    assert np.corrcoef(heard[0], heard[1])[0, 1] < 0.95
    power = np.abs(np.fft.rfft(heard.mean(axis=0))) ** 2
    frequency = np.fft.rfftfreq(heard.shape[1], 1 / RATE)
    low, high = (power[band].sum() / power.sum() for band in (frequency < 250, frequency > 1000))
    assert 0.1 < low < 0.8
    assert high > 0.002


def test_the_same_words_give_the_same_bytes() -> None:
    assert encode_mp3(compose("happy waltz")) == encode_mp3(composed("happy waltz"))


def test_variations_are_in_different_keys_and_sound_different() -> None:
    first, second = composed(PROMPTS[0]), composed(PROMPTS[0], 1)
    assert first.key.split()[0] != second.key.split()[0]
    assert abs(likeness(first, second)) < 0.3


def test_different_words_give_different_music() -> None:
    assert abs(likeness(composed("happy waltz"), composed("sad rock"))) < 0.3


def test_words_set_the_tempo() -> None:
    assert composed("techno").bpm > composed("ambient").bpm + 30


def test_a_tempo_given_in_numbers_is_kept() -> None:
    assert composed("folk song, 97 BPM").bpm == 97
    assert composed("folk song, 97 BPM").seconds < 90


def test_the_beat_is_heard_at_the_tempo_that_is_told() -> None:
    """Look for the tempo of a steady kick in the low frequencies alone."""
    piece = composed("techno")
    hop = 441
    mono = piece.samples.mean(axis=1)
    spectrum = np.fft.rfft(mono)
    spectrum[np.fft.rfftfreq(len(mono), 1 / RATE) > 100] = 0
    low = np.fft.irfft(spectrum, len(mono))
    energy = np.square(low[: len(low) // hop * hop]).reshape(-1, hop).sum(axis=1)
    onsets = np.maximum(0, np.diff(energy))
    rhythm = np.abs(np.fft.rfft(onsets - onsets.mean(), 1 << 16))
    beats_per_minute = np.fft.rfftfreq(1 << 16, hop / RATE) * 60
    near = (beats_per_minute > 80) & (beats_per_minute < 200)
    assert beats_per_minute[near][rhythm[near].argmax()] == pytest.approx(piece.bpm, abs=2)


def test_sad_words_avoid_major_keys_and_happy_words_minor_ones() -> None:
    assert not composed("sad rock").key.endswith("major")
    assert not composed("happy waltz").key.endswith("minor")


@pytest.mark.parametrize("words", ["", "🎵\ud800"], ids=["empty", "emoji and half of one"])
def test_words_that_say_nothing_still_give_music(words: str) -> None:
    piece = composed(words)
    assert 20 <= piece.seconds <= 90
    assert piece.samples.dtype == np.float32
    assert piece.samples.std() > 0.05
