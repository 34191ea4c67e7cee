"""A drawn cover is a real picture, the same for the same track, whatever its title is."""

import io
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.id3 import ID3
from PIL import Image

from bot.cover import SIDE, draw_cover
from bot.downloads import open_downloads
from bot.media import MediaFiles
from tests.file_server import sending_each, serving
from tests.parts import make_task, make_track, short_mp3
from tests.test_downloads import LOOPBACK


def picture(title: str, track_id: str = "k7m2-1") -> Image.Image:
    """Draw, and decode what came of it."""
    cover = Image.open(io.BytesIO(draw_cover(title, track_id)))
    cover.load()
    return cover


def bottom(title: str) -> tuple[int, int]:
    """Return the darkest and the brightest shade where the title stands."""
    lowest, highest = picture(title).convert("L").crop((0, SIDE * 3 // 4, SIDE, SIDE)).getextrema()
    return int(lowest), int(highest)  # type: ignore[arg-type]


def test_the_same_track_has_the_same_cover_and_another_one_another() -> None:
    assert draw_cover("Tin Roof", "k7m2-1") == draw_cover("Tin Roof", "k7m2-1")
    assert len({draw_cover(*track) for track in (("Tin Roof", "a-1"), ("Tin Roof", "a-2"), ("Roof", "a-1"))}) == 3


def test_it_is_a_square_jpeg_of_a_size_that_players_like() -> None:
    cover = picture("Tin Roof")
    assert (cover.format, cover.size) == ("JPEG", (SIDE, SIDE))
    assert SIDE >= 512
    assert len(draw_cover("Tin Roof", "k7m2-1")) < 200_000


def test_the_title_stands_on_it_without_its_accents_and_not_at_all_in_a_script_the_font_lacks() -> None:
    assert bottom("Tin Roof")[1] > 240
    assert bottom("Café à Lisboa")[1] > 240
    assert bottom("屋根")[1] < 200
    assert bottom("")[1] < 200


@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(), max_size=300))
def test_no_title_is_too_odd(title: str) -> None:
    assert picture(title).size == (SIDE, SIDE)


async def test_a_track_whose_vendor_sends_no_cover_gets_a_drawn_one_in_its_tags_too(tmp_path: Path) -> None:
    task = make_task(title="Tin Roof")
    bodies = {"/audio": short_mp3()}
    async with serving(sending_each(bodies)) as server, open_downloads(tmp_path, LOOPBACK) as downloads:
        track = replace(make_track(title=""), audio_url=server.at("/audio"), cover_url="")
        fetched = await MediaFiles(downloads).fetch(task, 2, track, 1024 * 1024)
        assert fetched.audio is not None
        assert fetched.cover is not None
        drawn = fetched.cover.read_bytes()
        assert drawn == draw_cover("Tin Roof", f"{task.id}-2")
        assert ID3(fetched.audio).getall("APIC")[0].data == drawn
        assert fetched.colour is not None
