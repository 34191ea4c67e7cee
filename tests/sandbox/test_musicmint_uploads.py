"""Files that are given to the pretend MusicMint by their address."""

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from aiohttp import web
from mutagen.id3 import ID3, TIT2

from bot.sandbox import uploads
from bot.sandbox.music import Fit
from bot.sandbox.recipes import Song, perform
from bot.sandbox.refusal import Refusal
from bot.sandbox.synth import encode_mp3
from bot.sandbox.uploads import mark, measure

from .musicmint_desk import KEY, RATE, Clock, Desk, ShortStudio, alike, desk, seconds

TUNE = Song("hum", fit=Fit(2.0))


@asynccontextmanager
async def hosting(data: bytes, status: int = 200) -> AsyncIterator[str]:
    """Put a file online; yield its address."""

    async def serve(_: web.Request) -> web.Response:
        return web.Response(status=status, body=data)

    app = web.Application()
    app.router.add_get("/hum.mp3", serve)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hum.mp3"
    finally:
        await runner.cleanup()


async def upload(d: Desk, url: str) -> tuple[int, dict[str, Any]]:
    return await d.post("/api/v1/music/upload", {"audio_url": url})


def wav(pitch: float, length: float = 2.0, rate: int = 16_000) -> bytes:
    """Hum one note into a file of one channel."""
    tone = np.sin(2 * np.pi * pitch * np.arange(round(length * rate)) / rate)
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes((tone * 20_000).astype("<i2").tobytes())
    return file.getvalue()


def tagged(mp3: bytes) -> bytes:
    """Write tags around a file, as the bot does before it posts it."""
    file = io.BytesIO(mp3)
    tags = ID3()
    tags.add(TIT2(encoding=3, text=["A title of somebody"]))
    tags.save(file, v2_version=3, v1=2)
    return file.getvalue()


async def test_a_file_is_fetched_measured_and_put_online() -> None:
    data = wav(440, 2.6)
    async with desk() as d, hosting(data) as url:
        _, envelope = await upload(d, url)
        told = envelope["data"]
        shown = (await d.post(f"/api/v1/music/{told['clipId']}"))[1]["data"]
        assert await d.file(told["audioUrl"]) == data
    assert told.keys() == {"clipId", "audioUrl", "duration", "status"}
    assert (told["duration"], told["status"]) == (3, 1)
    assert (shown["id"], shown["audio_url"], shown["duration"]) == (told["clipId"], told["audioUrl"], 2.6)


@pytest.mark.parametrize(
    ("data", "status", "complaint"),
    [(b"not a song", 200, "not audio"), (b"", 200, "not audio"), (wav(440), 404, "cannot be fetched")],
)
async def test_what_is_no_audio_or_is_not_there_is_refused(data: bytes, status: int, complaint: str) -> None:
    async with desk() as d, hosting(data, status) as url:
        code, envelope = await upload(d, url)
    assert code == 400
    assert envelope["code"] != 0
    assert complaint in envelope["message"]


@pytest.mark.parametrize("url", ["", "no address", "http://127.0.0.1:1/nobody.mp3"])
async def test_an_address_that_leads_nowhere_is_refused(url: str) -> None:
    async with desk() as d:
        assert (await upload(d, url))[0] == 400


async def test_a_file_that_is_too_large_is_given_up_half_way() -> None:
    async with desk() as d, hosting(bytes(uploads.MOST_BYTES + 1)) as url:
        _, envelope = await upload(d, url)
    assert "larger than" in envelope["message"]


def test_a_file_that_is_too_long_is_refused() -> None:
    with pytest.raises(Refusal, match="longer than"):
        measure(wav(440, uploads.MOST_SECONDS + 1, 1000), {})


async def test_a_track_of_the_house_is_recognised_behind_other_tags() -> None:
    async with desk(studio=ShortStudio()) as d:
        song = await d.song()
        async with hosting(tagged(await d.file(song["audio_url"]))) as url:
            clip_id = (await upload(d, url))[1]["data"]["clipId"]
        first, _ = await d.made("music/generate", prompt="go on", continue_clip_id=clip_id, continue_at=2)
        before, after = await d.heard(song), await d.heard(first)
    assert alike(seconds(before, 0, 2), seconds(after, 0, 2)) > 0.97


def test_tags_at_both_ends_make_no_difference_and_every_frame_does() -> None:
    mp3 = encode_mp3(perform(TUNE))
    assert tagged(mp3) != mp3
    assert mark(tagged(mp3)) == mark(mp3)
    assert mark(tagged(mp3[:-200])) != mark(mp3)


def test_an_mp3_of_somebody_else_stands_for_a_piece_of_its_length() -> None:
    data = encode_mp3(perform(TUNE))
    here, there = measure(data, {}), measure(data, {mark(data): TUNE})
    assert there.recipe == TUNE
    assert here.recipe != TUNE
    assert perform(here.recipe).seconds == pytest.approx(here.seconds, abs=1e-3)
    assert (here.suffix, here.recipe) == (".mp3", measure(data, {}).recipe)


async def test_a_song_from_a_hum_has_its_length_and_is_in_its_key() -> None:
    async with desk() as d, hosting(wav(440)) as url:
        clip_id = (await upload(d, url))[1]["data"]["clipId"]
        song, other = await d.made("music/sample", clip_id=clip_id, start_s=0.5, end_s=0)
        midi = (await d.post("/api/v1/music/midi", {"clip_id": song["id"]}))[1]["data"]
        heard = await d.heard(song)
    assert (song["duration"], other["duration"]) == (1.5, 1.5)
    assert heard.shape[1] / RATE == pytest.approx(1.5, abs=0.1)
    pitches = {note["pitch"] % 12 for notes in midi["instruments"].values() for note in notes}
    assert 9 in pitches  # A


def test_a_hum_stands_for_a_piece_in_the_key_of_its_note() -> None:
    recipes = [measure(wav(pitch, 0.5), {}).recipe for pitch in (440, 261.6, 329.6)]
    assert [perform(recipe).key.split()[0] for recipe in recipes] == ["A", "C", "E"]


async def test_an_upload_is_kept_for_a_week() -> None:
    clock = Clock()
    async with desk(now=clock) as d, hosting(wav(440)) as url:
        clip_id = (await upload(d, url))[1]["data"]["clipId"]
        clock.time += 7 * 86_400
        _, envelope = await d.post("/api/v1/music/sample", {"clip_id": clip_id})
    assert envelope["code"] == 4005


async def test_the_vendor_answers_others_while_a_file_comes() -> None:
    """The file is served by a listener that waits until somebody else has been answered."""
    answered = asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        await answered.wait()
        return web.Response(body=wav(440))

    app = web.Application()
    app.router.add_get("/hum.wav", slow)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with desk() as d:
        uploading = asyncio.create_task(upload(d, f"http://127.0.0.1:{runner.addresses[0][1]}/hum.wav"))
        assert (await d.post("/api/v1/tasks", key=KEY))[0] == 200
        answered.set()
        assert (await uploading)[0] == 200
    await runner.cleanup()
