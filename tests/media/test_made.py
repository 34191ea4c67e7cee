"""Files of each kind: a WAV stays one, vocals are dressed as their track, lyrics are kept whole; all of it bounded."""

import asyncio
import io
import sys
import threading
import time
import tracemalloc
import wave
from pathlib import Path
from types import FrameType

import pytest
from mutagen.id3 import ID3
from mutagen.wave import WAVE

from bot.domain.errors import DownloadGone, DownloadTooLarge
from bot.domain.source import Source
from bot.domain.task import WITHOUT_AUDIO, Kind
from bot.domain.track import MOST_VALUES, Track
from bot.media.making import make
from bot.media.recognise import is_mp3, is_wav, picture_type
from bot.media.told import LARGEST_TOLD
from tests.media.making import MIB, by_extension, made, server_and_files, task_of, told
from tests.parts import make_track, short_mp3, small_jpeg

MILLION = 1_000_000


def short_wav() -> bytes:
    """Return a real WAV of half a second."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(8000))
    return file.getvalue()


async def test_a_wav_stays_as_it_came_and_is_named_so(tmp_path: Path) -> None:
    async with server_and_files(tmp_path, {"/audio": short_wav()}) as (server, files):
        fetched = await files.fetch(task_of(Kind.WAV), 1, Track("c", server.at("/audio")), MIB)
        assert fetched.audio is not None
        assert fetched.audio.suffix == ".wav"
        assert fetched.audio.read_bytes() == short_wav()
        assert WAVE(fetched.audio).tags is None
        with wave.open(str(fetched.audio)) as sound:
            assert sound.getnframes() / sound.getframerate() == 0.5


@pytest.mark.parametrize("body", [short_mp3(), b"", b"RIFF\0\0\0\0WEBP", b"RIFF\0\0\0\0AVI ", b"<!doctype html>"])
async def test_what_does_not_begin_like_a_wav_is_not_posted_as_one(tmp_path: Path, body: bytes) -> None:
    async with server_and_files(tmp_path, {"/audio": body}) as (server, files):
        with pytest.raises(DownloadGone):
            await files.fetch(task_of(Kind.WAV), 1, Track("c", server.at("/audio")), MIB)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_a_wav_over_the_limit_is_said_to_be_so(tmp_path: Path) -> None:
    async with server_and_files(tmp_path, {"/audio": short_wav()}) as (server, files):
        with pytest.raises(DownloadTooLarge):
            await files.fetch(task_of(Kind.WAV), 1, Track("c", server.at("/audio")), 1000)


def test_a_wav_is_nothing_else() -> None:
    assert is_wav(short_wav()[:16])
    assert is_wav(b"RF64\xff\xff\xff\xffWAVEds64")
    assert not is_mp3(short_wav()[:16])
    assert picture_type(short_wav()[:16]) is None
    assert not any(is_wav(head) for head in (b"", b"RIFF", b"RIFF\0\0\0\0WAV", short_mp3()[:16]))


async def test_vocals_are_titled_and_covered_as_the_track_they_are_from(tmp_path: Path) -> None:
    bodies = {"/audio": short_mp3(), "/cover": small_jpeg()}
    async with server_and_files(tmp_path, bodies) as (server, files):
        source = Source("Dächer", 30.0, "k7m2", 1, cover_url=server.at("/cover"))
        track = Track("c", server.at("/audio"))
        fetched = await files.fetch(task_of(Kind.STEMS, source), 1, track, MIB)
        assert fetched.audio is not None
        tags = ID3(fetched.audio)
    assert str(tags["TIT2"]) == "Dächer"
    assert [one.data for one in tags.getall("APIC")] == [small_jpeg()]
    assert fetched.cover is not None
    assert fetched.track == track


async def test_a_rework_has_a_cover_of_its_own_and_notes_ask_for_none(tmp_path: Path) -> None:
    async with server_and_files(tmp_path, {"/audio": short_mp3(), "/cover": small_jpeg()}) as (server, files):
        source = Source("Tin Roof", 30.0, "k7m2", 1, cover_url=server.at("/cover"))
        fetched = await files.fetch(task_of(Kind.EXTEND, source), 1, Track("c", server.at("/audio")), MIB)
        assert fetched.cover is not None
        assert fetched.cover.read_bytes() != small_jpeg()
        await files.fetch(task_of(Kind.MIDI, source), 2, Track("c", "", extra=told(instruments={})), MIB)
        assert server.paths() == ["/audio"]


async def test_lyrics_are_kept_whole(tmp_path: Path) -> None:
    lyrics = "drip\r\ndrop 屋根 \ud800\n" * 300
    async with made(tmp_path, Kind.LYRICS, "", lyrics) as fetched:
        assert by_extension(fetched) == {".txt": lyrics.replace("\ud800", "?").encode()}
        assert fetched.trouble is None


async def test_lyrics_without_words_are_trouble(tmp_path: Path) -> None:
    async with made(tmp_path, Kind.LYRICS, "", " \n") as fetched:
        assert fetched.files == ()
        assert isinstance(fetched.trouble, DownloadGone)


async def test_each_file_over_the_limit_is_left_out_and_the_others_are_not(tmp_path: Path) -> None:
    extra = told(instruments={"piano": [[60, 0, 1]]}, besides="x" * 3000)
    async with made(tmp_path, Kind.MIDI, extra, limit=2000) as fetched:
        assert list(by_extension(fetched)) == [".mid"]
        assert isinstance(fetched.trouble, DownloadTooLarge)


@pytest.mark.parametrize("kind", sorted(WITHOUT_AUDIO))
@pytest.mark.parametrize(
    "extra", ["", "{", "[1]", "[" * 50_000, '{"words": {"a": 1}, "peaks": 1, "instruments": []}'], ids=len
)
async def test_whatever_was_told_is_kept_where_nothing_can_be_made_of_it(
    tmp_path: Path, kind: Kind, extra: str
) -> None:
    async with made(tmp_path, kind, extra) as fetched:
        assert by_extension(fetched) == ({".json": extra.encode()} if extra else {})
        assert isinstance(fetched.trouble, DownloadGone)


@pytest.mark.parametrize(
    ("kind", "extra"),
    [
        (Kind.TIMELINE, '{"words": [' + '{"word":"la","start":1,"end":2},' * MILLION + "0]}"),
        (Kind.MIDI, '{"instruments": {"x": [' + "[60,0,1]," * MILLION + "0]}}"),
        (Kind.WAVEFORM, '{"peaks": [' + "0.5," * MILLION + "0]}"),
        (Kind.MIDI, '{"instruments": "' + "x" * 6 * LARGEST_TOLD + '"}'),
        (Kind.WAVEFORM, '{"peaks": [' + "{}," * MILLION + "0]}"),
        (Kind.TIMELINE, '{"words": [' + "[]," * (MOST_VALUES // 2 - 9) + "0]}"),
    ],
    ids=["words", "notes", "peaks", "letters", "objects", "as many as are read"],
)
def test_a_million_of_anything_costs_neither_memory_nor_minutes(kind: Kind, extra: str) -> None:
    began = time.thread_time()
    tracemalloc.start()
    try:
        make(kind, make_track(extra=extra), None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 45 * MIB
    assert time.thread_time() - began < 8


async def test_nothing_is_made_where_the_bot_does_its_work_and_only_one_at_a_time(tmp_path: Path) -> None:
    here: list[str] = []
    at_once, most = 0, 0
    lock = threading.Lock()

    def called(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal at_once, most
        if frame.f_code is not make.__code__ or event not in ("call", "return"):
            return
        with lock:
            at_once += 1 if event == "call" else -1
            most = max(most, at_once)
        if threading.current_thread() is threading.main_thread():
            here.append(event)

    extra = told(peaks=[0.5])
    async with server_and_files(tmp_path, {}) as (_, files):
        threading.setprofile(called)
        sys.setprofile(called)
        try:
            task = task_of(Kind.WAVEFORM)
            await asyncio.gather(*(files.fetch(task, n, Track("c", "", extra=extra), MIB) for n in range(1, 5)))
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
    assert (here, at_once, most) == ([], 0, 1)


async def test_after_a_cancellation_nothing_is_written(tmp_path: Path) -> None:
    begun, loop = asyncio.Event(), asyncio.get_running_loop()

    def called(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code is make.__code__:
            loop.call_soon_threadsafe(begun.set)

    async with server_and_files(tmp_path, {}) as (_, files):
        task = task_of(Kind.WAVEFORM)
        threading.setprofile(called)
        try:
            fetching = asyncio.create_task(files.fetch(task, 1, Track("c", "", extra=told(peaks=[1])), MIB))
            await begun.wait()
        finally:
            threading.setprofile(None)
        fetching.cancel()
        await asyncio.wait([fetching])
        # The thread is waited for: what it would have written would be there now.
        await loop.shutdown_default_executor()
        assert fetching.cancelled()
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
