"""Tags may hold frames that are packed: a small file with such ones does not fill the memory."""

import asyncio
import threading
import tracemalloc
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FrameType

import pytest
from mutagen.id3 import ID3

from bot.downloads import open_downloads
from bot.media.probe import HEAD, Probe, kind_of, length
from bot.media.tags import dress
from tests.file_server import sending_each, serving
from tests.parts import make_track, short_mp3
from tests.test_downloads import LOOPBACK
from tests.ui.test_rework import wav

MIB = 1024 * 1024
UNPACKED = 12 * MIB


def syncsafe(number: int) -> bytes:
    """Return a number as tags have it, seven bits to a byte."""
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


@cache
def bomb() -> bytes:
    """Return a tag of four frames, each of which unpacks to many megabytes."""
    body = syncsafe(UNPACKED) + zlib.compress(bytes(UNPACKED), 9)
    frames = (b"PRIV" + syncsafe(len(body)) + b"\x00\x09" + body) * 4
    return b"ID3\x04\x00\x00" + syncsafe(len(frames)) + frames


def wav_with(tag: bytes) -> bytes:
    """Return a WAV of two seconds with that tag in a part of its own, before its samples."""
    whole = wav(2.0)
    part = b"id3 " + len(tag).to_bytes(4, "little") + tag + bytes(len(tag) % 2)
    return b"RIFF" + (len(whole) - 8 + len(part)).to_bytes(4, "little") + whole[8:36] + part + whole[36:]


def most_held(work: Callable[[], object]) -> int:
    """Return the most bytes that were held meanwhile."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("whole", [bomb() + short_mp3(seconds=2.0), wav_with(bomb())], ids=["mp3", "wav"])
def test_a_file_is_measured_without_unpacking_its_tag(whole: bytes) -> None:
    kind = kind_of(whole)
    assert kind is not None
    told: list[float | None] = []
    assert most_held(lambda: told.append(length(kind, {0: whole[:HEAD]}, len(whole)))) < 4 * MIB
    assert told[0] == pytest.approx(2.0, abs=0.1)


def test_a_providers_own_tag_is_replaced_without_unpacking_it(tmp_path: Path) -> None:
    audio = tmp_path / "1.mp3"
    audio.write_bytes(bomb() + short_mp3())
    assert most_held(lambda: dress(audio, None, make_track(title="Tin Roof"))) < 4 * MIB
    tags = ID3(audio)
    assert str(tags["TIT2"]) == "Tin Roof"
    assert tags.getall("PRIV") == []
    assert length("mp3", {0: audio.read_bytes()}, audio.stat().st_size) == pytest.approx(1.0, abs=0.1)


async def test_files_are_measured_one_at_a_time(tmp_path: Path) -> None:
    inside, most, guard = 0, 0, threading.Lock()

    def called(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal inside, most
        if event in ("call", "return") and frame.f_code is length.__code__:
            with guard:
                inside += 1 if event == "call" else -1
                most = max(most, inside)

    whole = wav(40.0)  # a while of writing, in which others could begin
    threading.setprofile(called)
    try:
        async with serving(sending_each({"/file": whole})) as server, open_downloads(tmp_path, LOOPBACK) as downloads:
            probe = Probe(downloads)
            told = await asyncio.gather(*(probe.seconds(server.at("/file"), len(whole)) for _ in range(12)))
    finally:
        threading.setprofile(None)
    assert told == [40.0] * 12
    assert most == 1
