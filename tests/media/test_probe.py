"""Looking at files that members give: what they are by their first bytes, and how long they last."""

import io
import ipaddress
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from mutagen.id3 import APIC, ID3

from bot.domain.errors import DownloadFailed, DownloadGone
from bot.downloads import Downloads, open_downloads
from bot.media.probe import FURTHER, HEAD, UNKNOWN, Probe, kind_of, length, where_else
from tests.file_server import FileServer, sending, serving
from tests.parts import short_mp3

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
FORMATS = {
    "mp3": ("mp3", "libmp3lame", 12.0),
    "wav": ("wav", "pcm_s16le", 10.0),
    "flac": ("flac", "flac", 10.0),
    "opus": ("ogg", "libopus", 12.0),
    "vorbis": ("ogg", "libvorbis", 24.0),
    "m4a": ("ipod", "aac", 24.0),
}


@cache
def encoded(name: str) -> bytes:
    """Return noise in a format, longer than what is fetched of its beginning."""
    container, codec, seconds = FORMATS[name]
    file, rate = io.BytesIO(), 48_000
    noise = np.random.default_rng(1).standard_normal((1, int(seconds * rate))).astype(np.float32) * 0.2
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = 240_000
        for start in range(0, noise.shape[1], 4800):
            frame = av.AudioFrame.from_ndarray(noise[:, start : start + 4800], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = rate, start
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


@pytest.fixture
async def downloads(tmp_path: Path) -> AsyncIterator[Downloads]:
    async with open_downloads(tmp_path / "downloads", LOOPBACK) as opened:
        yield opened


async def in_parts(request: web.BaseRequest) -> web.StreamResponse:
    """Answer as Discord does: the part that is asked for."""
    first, last = map(int, request.headers["Range"].removeprefix("bytes=").split("-"))
    return web.Response(status=206, body=FILES[request.path][first : last + 1])


FILES: dict[str, bytes] = {}


async def seconds(downloads: Downloads, data: bytes) -> tuple[float | None, FileServer]:
    FILES["/file"] = data
    async with serving(in_parts) as server:
        return await Probe(downloads).seconds(server.at("/file"), len(data)), server


@pytest.mark.parametrize("name", FORMATS)
async def test_a_file_is_known_and_measured_from_a_little_of_it(downloads: Downloads, name: str) -> None:
    data = encoded(name)
    assert len(data) > HEAD
    told, server = await seconds(downloads, data)
    assert kind_of(data) == name
    assert told == pytest.approx(FORMATS[name][2], abs=0.2)
    assert len(server.asked) <= 2


async def test_an_mp3_behind_a_cover_larger_than_its_beginning_is_measured(downloads: Downloads) -> None:
    tags, file = ID3(), io.BytesIO(short_mp3(seconds=5.0))
    tags.add(APIC(mime="image/jpeg", data=bytes(2 * HEAD)))
    tags.save(file)
    told, server = await seconds(downloads, file.getvalue())
    assert told == pytest.approx(5.0, abs=0.2)
    assert len(server.asked) == 2


async def test_what_is_small_is_fetched_once(downloads: Downloads) -> None:
    told, server = await seconds(downloads, short_mp3(seconds=2.0))
    assert told == pytest.approx(2.0, abs=0.1)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "data", [b"", b"MZ\x90" + bytes(500), b"RIFF\x00\x00\x00\x00WEBP", b"<html>", b"OggS" + bytes(200)]
)
async def test_what_is_no_audio_is_none(downloads: Downloads, data: bytes) -> None:
    told, server = await seconds(downloads, data)
    assert told is None
    assert len(server.asked) == 1


def m4a(comment: str = "", *, fragmented: bool = False) -> bytes:
    """Return an M4A of two seconds."""
    file = io.BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov"} if fragmented else {}
    with av.open(file, "w", format="mp4" if fragmented else "ipod", options=options) as out:
        out.metadata.update({"comment": comment})
        stream = out.add_stream("aac", rate=48_000, layout="mono")
        assert isinstance(stream, av.AudioStream)
        for start in range(0, 96_000, 4800):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 48_000, start
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def test_a_song_about_a_video_is_no_film() -> None:
    whole = m4a("from the video intro, https://videos.example")
    assert length("m4a", {0: whole}, len(whole)) == pytest.approx(2.0, abs=0.1)


def test_a_recording_in_fragments_is_audio_of_a_length_that_is_not_told() -> None:
    whole = m4a(fragmented=True)
    assert length("m4a", {0: whole}, len(whole)) == UNKNOWN


@pytest.mark.parametrize("name", ["opus", "vorbis"])
def test_an_ogg_with_a_cover_larger_than_its_beginning_is_measured(name: str) -> None:
    whole = encoded(name)
    # What lies between its first page and its last one is not fetched.
    pieces = {0: whole[:200], len(whole) - FURTHER: whole[-FURTHER:]}
    assert length(name, pieces, len(whole)) == pytest.approx(FORMATS[name][2], abs=0.1)


def test_a_film_is_no_audio() -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("mpeg4", rate=5)
        assert isinstance(stream, av.VideoStream)
        stream.width = stream.height = 64
        for _ in range(5):
            out.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        out.mux(stream.encode(None))
    assert kind_of(file.getvalue()) == "m4a"
    assert length("m4a", {0: file.getvalue()}, len(file.getvalue())) is None


async def test_whoever_knows_no_ranges_is_read_from_its_beginning_only(downloads: Downloads) -> None:
    async with serving(sending(bytes(range(100)))) as server:
        assert await downloads.part(server.at("/1"), 0, 10) == bytes(range(10))
        with pytest.raises(DownloadFailed):
            await downloads.part(server.at("/1"), 50, 10)
    async with serving(sending(b"", status=404)) as server:
        with pytest.raises(DownloadGone):
            await downloads.part(server.at("/1"), 0, 10)


@given(st.sampled_from(sorted(FORMATS)), st.data())
def test_a_damaged_file_is_measured_or_not_but_never_trips(name: str, data: st.DataObject) -> None:
    damaged = bytearray(encoded(name)[: data.draw(st.integers(0, 5000))])
    for place in data.draw(st.lists(st.integers(0, max(len(damaged) - 1, 0)), max_size=8)) if damaged else ():
        damaged[place] = data.draw(st.integers(0, 255))
    size = data.draw(st.integers(len(damaged), 10**6))
    kind = kind_of(bytes(damaged))
    if kind is not None:
        start = where_else(kind, bytes(damaged), size)
        pieces = {0: bytes(damaged)} | ({} if start is None else {start: bytes(min(FURTHER, 100))})
        told = length(kind, pieces, size)
        assert told is None or told >= 0
