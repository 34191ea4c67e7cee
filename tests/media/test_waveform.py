"""A waveform is a real picture in the colours of the cover, as high as the track is loud."""

import colorsys
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.domain.errors import DownloadGone
from bot.domain.source import Source
from bot.domain.task import Kind
from bot.domain.track import Track
from bot.media.waveform import SIZE, draw_waveform
from tests.media.making import MIB, by_extension, made, server_and_files, task_of, told
from tests.parts import small_jpeg

RISING = [n / 400 for n in range(400)]


def picture(whole: bytes | None) -> Image.Image:
    """Decode it to its end."""
    assert whole is not None
    drawn = Image.open(io.BytesIO(whole))
    drawn.load()
    assert (drawn.format, drawn.size) == ("PNG", SIZE)
    return drawn.convert("RGB")


def bright(drawn: Image.Image, left: float, right: float) -> int:
    """Count the bright pixels between two shares of the width."""
    part = drawn.crop((int(left * SIZE[0]), 0, int(right * SIZE[0]), SIZE[1]))
    return sum(part.convert("L").histogram()[80:])


def hue_of_the_brightest(drawn: Image.Image) -> float:
    counted = drawn.getcolors(SIZE[0] * SIZE[1])
    assert counted is not None
    _, rgb = max(counted, key=lambda one: max(one[1]) * one[0] if max(one[1]) > 200 else 0)
    return colorsys.rgb_to_hsv(*(part / 255 for part in rgb))[0] * 360


def test_it_is_as_high_as_the_track_is_loud() -> None:
    drawn = picture(draw_waveform(told(peaks=RISING), ()))
    quarters = [bright(drawn, n / 4, (n + 1) / 4) for n in range(4)]
    assert quarters == sorted(quarters)
    assert quarters[3] > 4 * quarters[0] > 0
    silent = picture(draw_waveform(told(peaks=[0, 0.0]), ()))
    assert 0 < bright(silent, 0, 1) < 10_000


def test_its_edges_are_soft_and_its_ends_differ_where_a_cover_has_two_colours() -> None:
    drawn = picture(draw_waveform(told(peaks=[1] * 50), ((230, 40, 40), (40, 60, 230))))
    first, last = drawn.getpixel((3, 150)), drawn.getpixel((SIZE[0] - 4, 150))
    assert isinstance(first, tuple)
    assert isinstance(last, tuple)
    assert first[0] > 2 * first[2]
    assert last[2] > 2 * last[0]
    assert len(drawn.getcolors(SIZE[0] * SIZE[1]) or []) > 300


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (120, 120, 120), (20, 5, 5)])
def test_it_can_be_seen_whatever_the_cover_is(colour: tuple[int, int, int]) -> None:
    lowest, highest = picture(draw_waveform(told(peaks=RISING), (colour,))).convert("L").getextrema()
    assert isinstance(lowest, int)
    assert isinstance(highest, int)
    assert highest - lowest > 40


@settings(max_examples=15, deadline=None)
@given(st.lists(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3), max_size=20))
def test_whatever_was_told_gives_a_picture_or_none(peaks: list[object]) -> None:
    drawn = draw_waveform(json.dumps({"peaks": peaks}), ())
    if drawn is not None:
        picture(drawn)


@pytest.mark.parametrize("extra", ["", "{", "null", "{}", '{"peaks": []}', '{"peaks": ["x"]}', '{"peaks": [NaN]}'])
def test_without_a_peak_there_is_no_picture(extra: str) -> None:
    assert draw_waveform(extra, ()) is None


async def test_it_is_drawn_in_the_colours_of_the_sources_cover(tmp_path: Path) -> None:
    async with server_and_files(tmp_path, {"/cover": small_jpeg((30, 200, 60))}) as (server, files):
        source = Source("Tin Roof", 30.0, "k7m2", 1, cover_url=server.at("/cover"))
        fetched = await files.fetch(task_of(Kind.WAVEFORM, source), 1, Track("c", "", extra=told(peaks=RISING)), MIB)
        drawn = picture(by_extension(fetched)[".png"])
    assert 110 < hue_of_the_brightest(drawn) < 150
    assert (fetched.cover, fetched.trouble) == (None, None)
    assert fetched.colour is not None


async def test_a_cover_that_is_gone_costs_the_colours_only(tmp_path: Path) -> None:
    async with server_and_files(tmp_path, {}) as (server, files):
        source = Source("Tin Roof", 30.0, "k7m2", 1, cover_url=server.at("/gone"))
        fetched = await files.fetch(task_of(Kind.WAVEFORM, source), 1, Track("c", "", extra=told(peaks=RISING)), MIB)
        assert bright(picture(by_extension(fetched)[".png"]), 0, 1) > 10_000
    assert fetched.colour is None


async def test_without_peaks_what_was_told_comes_as_it_is(tmp_path: Path) -> None:
    async with made(tmp_path, Kind.WAVEFORM, '{"peaks": "?"}') as fetched:
        assert by_extension(fetched) == {".json": b'{"peaks": "?"}'}
        assert isinstance(fetched.trouble, DownloadGone)
