"""The first bytes decide what a file is; a good track is never lost to its cover or its tags."""

import io
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.id3 import ID3, TDRC, TIT2
from PIL import Image

from bot.domain.errors import DownloadGone, DownloadTooLarge
from bot.domain.task import Task
from bot.domain.track import FetchedTrack, Track
from bot.downloads import open_downloads
from bot.media import LARGEST_COVER, MediaFiles
from bot.media.colour import LARGEST_SIDE, accent_colour
from bot.media.recognise import is_mp3, picture_type
from tests.file_server import sending_each, serving
from tests.parts import make_task, make_track, short_mp3, small_jpeg
from tests.test_downloads import LOOPBACK

MIB = 1024 * 1024
RED = (200, 60, 40)
HTML = b"<!doctype html><title>Sign in</title>"
JSON = b'{"code": 404, "message": "expired"}'


def picture(form: str, size: tuple[int, int] = (64, 64), colour: tuple[int, int, int] = RED) -> bytes:
    """Return a real picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, form)
    return file.getvalue()


def png_bomb() -> bytes:
    """Return a small PNG whose header says 30,000 × 30,000."""
    header = struct.pack(">4sIIBBBBB", b"IHDR", 30_000, 30_000, 8, 2, 0, 0, 0)
    whole = picture("PNG")
    return whole[:12] + header + struct.pack(">I", zlib.crc32(header)) + whole[33:]


def jpeg_bomb() -> bytes:
    """Return a small JPEG whose header says 30,000 × 30,000."""
    whole = small_jpeg()
    sizes = whole.index(b"\xff\xc0") + 5
    return whole[:sizes] + struct.pack(">HH", 30_000, 30_000) + whole[sizes + 4 :]


def with_tags(audio: bytes) -> bytes:
    """Return an MP3 that has the tags of a vendor already."""
    file = io.BytesIO(audio)
    tags = ID3()
    tags.add(TIT2(encoding=3, text="the vendor's"))
    tags.add(TDRC(encoding=3, text="2026-11-21"))
    tags.save(file, v2_version=4)
    return file.getvalue()


def decoded_samples(audio: Path | io.BytesIO) -> int:
    """Decode an MP3 to its end; return how many samples came out."""
    with av.open(str(audio) if isinstance(audio, Path) else audio) as container:
        return sum(frame.samples for frame in container.decode(audio=0))


@asynccontextmanager
async def fetching(
    folder: Path,
    audio: bytes,
    cover: bytes | None,
    track: Track | None = None,
    task: Task | None = None,
    limit: int = MIB,
) -> AsyncIterator[FetchedTrack]:
    """Serve the files of one track, and fetch it."""
    bodies = {"/audio": audio} | ({} if cover is None else {"/cover": cover})
    async with serving(sending_each(bodies)) as server, open_downloads(folder / "downloads", LOOPBACK) as downloads:
        track = replace(track or make_track(), audio_url=server.at("/audio"), cover_url=server.at("/cover"))
        yield await MediaFiles(downloads).fetch(task or make_task(), 1, track, limit)


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "audio", [HTML, JSON, b"", b"I", small_jpeg(), b"RIFF\0\0\0\0WAVEfmt ", b"OggS", b"\xff\xfe<\0h\0"]
)
async def test_what_does_not_begin_like_an_mp3_is_not_posted_as_one(tmp_path: Path, audio: bytes) -> None:
    with pytest.raises(DownloadGone):
        async with fetching(tmp_path, audio, small_jpeg()):
            pass
    assert files_in(tmp_path) == []


async def test_audio_over_the_limit_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(DownloadTooLarge):
        async with fetching(tmp_path, short_mp3(), None, limit=100):
            pass


@pytest.mark.parametrize("audio", [short_mp3(), with_tags(short_mp3())], ids=["bare", "tagged"])
async def test_a_track_is_tagged_and_still_decodes_to_the_same(tmp_path: Path, audio: bytes) -> None:
    track = make_track(title="Dächer 屋根", style="lofi, rain", lyrics="drip\ndrop", seconds=61.5)
    async with fetching(tmp_path, audio, small_jpeg(), track) as fetched:
        assert fetched.audio is not None
        tags = ID3(fetched.audio)
        assert decoded_samples(fetched.audio) == decoded_samples(io.BytesIO(audio)) > 40_000
    assert [str(tags[name]) for name in ("TIT2", "TCON", "TLEN")] == ["Dächer 屋根", "lofi, rain", "61500"]
    assert tags.getall("USLT")[0].text == "drip\ndrop"
    assert [(one.mime, one.data) for one in tags.getall("APIC")] == [("image/jpeg", small_jpeg())]


async def test_the_tags_are_of_the_version_that_players_know(tmp_path: Path) -> None:
    async with fetching(tmp_path, with_tags(short_mp3()), None) as fetched:
        assert fetched.audio is not None
        tags = ID3(fetched.audio, translate=False)
    assert tags.version == (2, 3, 0)
    assert str(tags["TIT2"]) == "Tin Roof"
    assert "TDRC" not in tags, "what it came with is not read, and so not kept"


async def test_what_the_provider_does_not_name_is_named_as_the_member_wished(tmp_path: Path) -> None:
    task = make_task(title="Harbour Lights", style="shanty")
    async with fetching(tmp_path, short_mp3(), None, make_track(title="", style=""), task) as fetched:
        assert fetched.audio is not None
        tags = ID3(fetched.audio)
    assert [str(tags["TIT2"]), str(tags["TCON"])] == ["Harbour Lights", "shanty"]


async def test_a_prompt_that_comes_back_as_lyrics_is_not_written(tmp_path: Path) -> None:
    track = make_track(lyrics="rain on a tin roof\n")
    async with fetching(tmp_path, short_mp3(), None, track, make_task("rain on a tin roof")) as fetched:
        assert fetched.audio is not None
        assert ID3(fetched.audio).getall("USLT") == []


@pytest.mark.parametrize(
    "broken",
    [
        b"ID3\x04\0\0\0\0\x01\0" + b"TIT2\xff\xff\xff\xff".ljust(128, b"\xff"),
        b"ID3\x05\0\0\0\0\x01\0" + bytes(128),
        b"ID3\x04\0\0\x7f\x7f\x7f\x7f",
        b"ID3\x03\0\xff\xff\xff\xff\xff",
    ],
    ids=["frames", "version", "size", "flags"],
)
async def test_broken_tags_do_not_cost_the_audio(tmp_path: Path, broken: bytes) -> None:
    async with fetching(tmp_path, broken + short_mp3(), None) as fetched:
        assert fetched.audio is not None
        assert fetched.audio.read_bytes().endswith(short_mp3())


@pytest.mark.parametrize(
    ("form", "name", "mime"),
    [("JPEG", "1.jpg", "image/jpeg"), ("PNG", "1.png", "image/png"), ("WEBP", "1.webp", "image/webp")],
)
async def test_a_cover_is_named_and_tagged_as_what_it_is(tmp_path: Path, form: str, name: str, mime: str) -> None:
    async with fetching(tmp_path, short_mp3(), picture(form)) as fetched:
        assert fetched.audio is not None
        assert fetched.cover is not None
        assert fetched.cover.name == name
        assert fetched.cover.read_bytes() == picture(form)
        assert [one.mime for one in ID3(fetched.audio).getall("APIC")] == [mime]
        assert fetched.colour is not None


@pytest.mark.parametrize(
    "cover", [None, b"", HTML, JSON, b"GIF89a", b"<svg/>", b"RIFF\0\0\0\0WAVE", small_jpeg() + bytes(LARGEST_COVER)]
)
async def test_a_track_whose_cover_is_none_comes_without(tmp_path: Path, cover: bytes | None) -> None:
    async with fetching(tmp_path, short_mp3(), cover, limit=20 * MIB) as fetched:
        assert fetched.audio is not None
        assert (fetched.cover, fetched.colour) == (None, None)
        assert ID3(fetched.audio).getall("APIC") == []
        assert files_in(tmp_path) == ["1.mp3"]


async def test_a_cover_over_the_limit_of_the_channel_is_left_out(tmp_path: Path) -> None:
    limit = len(short_mp3()) + 100
    async with fetching(tmp_path, short_mp3(), small_jpeg() + bytes(limit), limit=limit) as fetched:
        assert fetched.audio is not None
        assert fetched.cover is None


@pytest.mark.parametrize(
    "cover", [small_jpeg()[:40], picture("PNG")[:20], picture("WEBP")[:16], png_bomb(), jpeg_bomb()]
)
async def test_a_cover_that_cannot_be_read_only_costs_the_colour(tmp_path: Path, cover: bytes) -> None:
    async with fetching(tmp_path, short_mp3(), cover) as fetched:
        assert fetched.audio is not None
        assert fetched.colour is None
        assert decoded_samples(fetched.audio) > 40_000


async def test_a_task_takes_its_files_with_it(tmp_path: Path) -> None:
    task = make_task()
    async with open_downloads(tmp_path / "downloads", ()) as downloads:
        (downloads.folder_of(task.id) / "1.mp3").write_bytes(b"x")
        MediaFiles(downloads).clean_up(task)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("head", ["fffb90", "fffa90", "fff344", "ffe318", "49443303"])
def test_frames_of_layer_three_and_id3_are_mp3(head: str) -> None:
    assert is_mp3(bytes.fromhex(head))


@pytest.mark.parametrize(
    "head", ["", "ff", "4944", "fff1", "fffd", "ffff", "ffeb", "fffe", "feff", "ffd8ffe0", "00000020667479704d3441"]
)
def test_aac_layer_two_and_marks_of_unicode_are_not_mp3(head: str) -> None:
    assert not is_mp3(bytes.fromhex(head))


@given(st.binary(max_size=16))
def test_no_first_bytes_are_two_things(head: bytes) -> None:
    assert not (is_mp3(head) and picture_type(head))


@given(st.text(st.characters(max_codepoint=127), max_size=16).filter(lambda text: not text.startswith("ID3")))
def test_no_plain_text_is_an_mp3_or_a_picture(text: str) -> None:
    head = text.encode()
    assert not is_mp3(head)
    assert picture_type(head) is None or head[8:12] == b"WEBP"


@settings(max_examples=30, deadline=None)
@given(magic=st.sampled_from(["JPEG", "PNG", "WEBP"]), cut=st.integers(8, 300), rest=st.binary(max_size=50))
def test_no_broken_picture_is_more_than_colourless(
    tmp_path_factory: pytest.TempPathFactory, magic: str, cut: int, rest: bytes
) -> None:
    file = tmp_path_factory.mktemp("broken") / "cover"
    file.write_bytes(picture(magic)[:cut] + rest)
    colour = accent_colour(file)
    assert colour is None or 0 <= colour <= 0xFFFFFF


@pytest.mark.parametrize(("side", "read"), [(LARGEST_SIDE, True), (LARGEST_SIDE + 1, False)])
@pytest.mark.parametrize("upright", [False, True])
def test_a_picture_is_decoded_up_to_the_largest_side(tmp_path: Path, side: int, read: bool, upright: bool) -> None:
    file = tmp_path / "cover.png"
    file.write_bytes(picture("PNG", (1, side) if upright else (side, 1)))
    assert (accent_colour(file) is not None) is read


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "CMYK", "1"])
def test_every_mode_of_picture_has_a_colour(tmp_path: Path, mode: str) -> None:
    file = tmp_path / "cover"
    Image.new("RGB", (8, 8), (255, 255, 255)).convert(mode).save(file, "JPEG" if mode == "CMYK" else "PNG")
    assert accent_colour(file) == 0xFFFFFF


def test_the_vivid_colour_of_a_grey_cover_stands_for_it(tmp_path: Path) -> None:
    cover = Image.new("RGB", (100, 100), (120, 120, 120))
    cover.paste((20, 90, 220), (0, 0, 100, 30))
    cover.save(tmp_path / "cover.png")
    colour = accent_colour(tmp_path / "cover.png")
    assert colour is not None
    assert colour & 0xFF > 2 * (colour >> 16)
