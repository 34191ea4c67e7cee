"""A cover of a few kilobytes cannot fill the memory, nor keep the bot from its work, however large it says it is."""

import asyncio
import io
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from PIL import Image

from bot.downloads import open_downloads
from bot.media import MediaFiles
from bot.media.colour import LARGEST_SIDE, LARGEST_WHOLE, accent_colour
from tests.file_server import sending_each, serving
from tests.parts import make_task, make_track, short_mp3
from tests.test_downloads import LOOPBACK
from tests.whole.process import PATIENCE, ROOT, clean_environ

MIB = 1024 * 1024
SIDE = int(LARGEST_WHOLE**0.5)
#: Fetch four tracks at once, and print by how many bytes that made the process larger than a first small one did.
FOUR_AT_ONCE = """
import asyncio, resource, sys
from pathlib import Path
from tests.media.test_media_memory import covered, four_tracks, peak
async def grown(folder):
    await four_tracks(folder, covered("WEBP", 64))
    before = peak()
    await four_tracks(folder, Path(sys.argv[1]).read_bytes())
    return peak() - before
print(asyncio.run(grown(Path(sys.argv[1]).parent)))
"""


def covered(form: str, side: int, **how: Any) -> bytes:
    """Return a picture that is not of one colour."""
    file = io.BytesIO()
    Image.radial_gradient("L").resize((side, side)).convert("RGB").save(file, form, **how)
    return file.getvalue()


def peak() -> int:
    """Return the most bytes that this process has held in memory."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024


async def four_tracks(folder: Path, cover: bytes) -> list[int | None]:
    """Fetch four tracks with this cover side by side; return their colours."""
    bodies = {"/audio": short_mp3(), "/cover": cover}
    async with serving(sending_each(bodies)) as server, open_downloads(folder / "downloads", LOOPBACK) as downloads:
        track = replace(make_track(), audio_url=server.at("/audio"), cover_url=server.at("/cover"))
        files, task = MediaFiles(downloads), make_task()
        fetched = await asyncio.gather(*(files.fetch(task, n, track, 8 * MIB) for n in range(1, 5)))
    return [one.colour for one in fetched]


@pytest.mark.parametrize(("form", "side", "least"), [("WEBP", SIDE, 10), ("JPEG", LARGEST_SIDE, 0)])
async def test_four_covers_at_once_take_the_memory_of_one(tmp_path: Path, form: str, side: int, least: int) -> None:
    cover = tmp_path / "cover"
    cover.write_bytes(covered(form, side))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FOUR_AT_ONCE, str(cover), cwd=ROOT, env=clean_environ({}), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(PATIENCE):
        output, _ = await process.communicate()
    assert least * MIB <= int(output) < 75 * MIB  # four would take a hundred


@pytest.mark.parametrize(("form", "how"), [("PNG", {}), ("WEBP", {}), ("JPEG", {"progressive": True})], ids=str)
def test_what_is_held_whole_is_decoded_up_to_so_many_pixels(tmp_path: Path, form: str, how: dict[str, Any]) -> None:
    for side, read in ((SIDE, True), (SIDE + 1, False)):
        (tmp_path / "cover").write_bytes(covered(form, side, **how))
        assert (accent_colour(tmp_path / "cover") is not None) is read


def test_a_plain_jpeg_of_the_largest_side_is_decoded(tmp_path: Path) -> None:
    (tmp_path / "cover").write_bytes(covered("JPEG", LARGEST_SIDE))
    assert accent_colour(tmp_path / "cover") is not None


async def test_no_cover_is_decoded_where_the_bot_does_its_work(tmp_path: Path) -> None:
    here: list[str] = []

    def called(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code in (accent_colour.__code__, Image.Image.convert.__code__):
            here.append(frame.f_code.co_name)

    cover = covered("PNG", 64)
    sys.setprofile(called)  # sees the calls of this thread, and of no other
    try:
        colours = await four_tracks(tmp_path, cover)
    finally:
        sys.setprofile(None)
    assert None not in colours
    assert here == []
