"""What the sandbox draws is a real cover, whatever the words and whatever the title."""

import io

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from bot.sandbox.artwork import draw_cover

SIDE = 512


def pixels(cover: bytes) -> npt.NDArray[np.float64]:
    return np.asarray(Image.open(io.BytesIO(cover)), np.float64)


def test_a_cover_is_a_square_jpeg() -> None:
    image = Image.open(io.BytesIO(draw_cover("lofi rain", "Rain")))
    assert (image.format, image.mode) == ("JPEG", "RGB")
    assert image.width == image.height >= 512


@pytest.mark.parametrize("words", ["rain", "synthwave", "mountain", "ocean", "space", "jazz"])
def test_every_scene_has_many_colours(words: str) -> None:
    cover = pixels(draw_cover(words, "", size=SIDE))
    assert np.ptp(cover.mean(axis=2)) > 100
    assert len(np.unique(cover.reshape(-1, 3) // 16, axis=0)) > 50


def test_the_same_words_give_the_same_bytes() -> None:
    assert draw_cover("lofi rain", "Rain", size=SIDE) == draw_cover("lofi rain", "Rain", size=SIDE)


@pytest.mark.parametrize(("words", "variation"), [("lofi rain", 1), ("ocean", 0), ("lofi rain at night", 0)], ids=str)
def test_other_words_or_another_variation_give_another_picture(words: str, variation: int) -> None:
    first = pixels(draw_cover("lofi rain", "", size=SIDE))
    second = pixels(draw_cover(words, "", variation, size=SIDE))
    # Grain alone would differ by about five.
    assert np.abs(first - second).mean() > 8


@pytest.mark.parametrize("title", ["Rain", "Élodie – Straße", "W" * 300, "a very long title indeed " * 12, "i"])
def test_a_title_is_written_at_the_foot_and_stays_on_the_cover(title: str) -> None:
    changed = np.abs(pixels(draw_cover("ocean", title, size=SIDE)) - pixels(draw_cover("ocean", "", size=SIDE)))
    rows, columns = np.nonzero(changed.max(axis=2) > 60)
    assert rows.min() > SIDE * 0.55
    assert rows.max() < SIDE * 0.99
    assert columns.min() > SIDE * 0.05
    assert columns.max() < SIDE * 0.97


@pytest.mark.parametrize("title", ["مطر على النافذة", "你好世界", "🎵🔥", "\ud800", "\x00\u202e", "   "], ids=ascii)
def test_a_title_the_font_cannot_write_is_left_out(title: str) -> None:
    assert draw_cover("ocean", title, size=SIDE) == draw_cover("ocean", "", size=SIDE)


def test_only_what_the_font_can_write_is_kept_of_a_mixed_title() -> None:
    assert draw_cover("ocean", "Rain 🎵", size=SIDE) == draw_cover("ocean", "Rain", size=SIDE)


@pytest.mark.parametrize("words", ["", "🎵🔥", "\ud800"], ids=["empty", "emoji", "lone surrogate"])
def test_words_that_say_nothing_still_give_a_cover(words: str) -> None:
    assert np.ptp(pixels(draw_cover(words, "Untitled", size=SIDE))) > 100
