"""The calls of the pretend MusicMint whose answer is their result."""

import asyncio
import itertools
from typing import Any

import aiohttp
import pytest

from bot.sandbox.music import Fit
from bot.sandbox.recipes import Song, perform

from .musicmint_desk import DAY, KEY, RATE, Clock, Desk, ShortStudio, alike, decode, desk, seconds

GETS = ("timeline", "waveform", "wav")
POSTS: dict[str, dict[str, Any]] = {"stem": {}, "midi": {}, "persona": {"name": "Ada"}}


async def ask(d: Desk, call: str, clip_id: str, **more: Any) -> tuple[int, dict[str, Any]]:
    """Make one of these calls about a clip."""
    path = f"/api/v1/music/{call}"
    if call in GETS:
        return await d.get(path, clip_id=clip_id)
    return await d.post(path, {"clip_id": clip_id, **POSTS[call], **more})


async def data_of(d: Desk, call: str, clip_id: str, **more: Any) -> Any:
    status, envelope = await ask(d, call, clip_id, **more)
    assert (status, envelope["code"]) == (200, 0), envelope
    return envelope["data"]


async def test_a_stem_is_the_tune_alone_for_as_long_as_was_asked() -> None:
    async with desk(studio=ShortStudio()) as d:
        clip = await d.song()
        whole = await data_of(d, "stem", clip["id"])
        part = await data_of(d, "stem", clip["id"], vocal_start_s=1, vocal_end_s=2.5)
        mix = await d.heard(clip)
        alone, cut = [decode(await d.file(stem["vocal_audio_url"])) for stem in (whole, part)]
    assert whole.keys() == {"id", "source_clip_id", "status", "vocal_audio_url", "vocal_start_s", "vocal_end_s"}
    assert (whole["source_clip_id"], whole["status"]) == (clip["id"], "complete")
    assert (whole["vocal_start_s"], whole["vocal_end_s"]) == (0.0, clip["duration"])
    assert (part["vocal_start_s"], part["vocal_end_s"]) == (1, 2.5)
    assert alone.shape[1] / RATE == pytest.approx(3, abs=0.1)
    assert cut.shape[1] / RATE == pytest.approx(1.5, abs=0.1)
    assert alike(seconds(alone, 1, 2.5), cut) > 0.97
    assert 0.02 < alike(alone, mix) < 0.95


async def test_the_address_of_a_stem_can_be_given_where_vocals_are_added() -> None:
    async with desk(studio=ShortStudio()) as d:
        stem = await data_of(d, "stem", (await d.song())["id"])
        results = await d.made("music/add-vocals", chop_sample_clip_id=stem["vocal_audio_url"])
    assert len(results) == 2


async def test_midi_holds_the_notes_that_were_composed_and_a_stem_s_those_of_its_tune() -> None:
    async with desk(studio=ShortStudio()) as d:
        clip = await d.song()
        stem = await data_of(d, "stem", clip["id"])
        midi = await data_of(d, "midi", clip["id"])
        tune = await data_of(d, "midi", clip["id"], stem_clip_id=stem["id"])
    parts = perform(Song("rock night drive", fit=Fit(3.0))).parts
    assert midi["state"] == "complete"
    assert midi["instruments"].keys() == {part.instrument for part in parts}
    lead = next(part for part in parts if part.sung)
    assert [note["pitch"] for note in tune["instruments"][lead.instrument]] == [note.pitch for note in lead.notes]
    assert tune["instruments"].keys() == {lead.instrument}
    for note in itertools.chain.from_iterable(midi["instruments"].values()):
        assert 0 <= note["start"] < note["end"] < 3.2
        assert 20 <= note["pitch"] <= 110
        assert 1 <= note["velocity"] <= 127


async def test_a_timeline_has_the_words_of_the_lyrics_in_order_inside_the_track() -> None:
    async with desk(studio=ShortStudio()) as d:
        clip = await d.song(prompt="[Verse]\nRain on the roof,\nall night")
        aligned = (await data_of(d, "timeline", clip["id"]))["aligned"]
    assert [entry["word"] for entry in aligned] == ["Rain", "on", "the", "roof,", "all", "night"]
    times = [time for entry in aligned for time in (entry["start"], entry["end"])]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= clip["duration"]


async def test_a_waveform_is_a_bare_array_of_the_peaks_that_are_heard() -> None:
    async with desk(studio=ShortStudio()) as d:
        clip = await d.song()
        peaks = await data_of(d, "waveform", clip["id"])
        heard = await d.heard(clip)
    assert all(isinstance(peak, float) and 0 <= peak <= 1 for peak in peaks)
    thirds = [max(peaks[n * len(peaks) // 3 : (n + 1) * len(peaks) // 3]) for n in range(3)]
    measured = [float(abs(seconds(heard, n, n + 1)).max()) for n in range(3)]
    assert thirds == pytest.approx(measured, abs=0.1)


async def test_a_wav_is_a_bare_address_that_expires_with_its_clip() -> None:
    clock = Clock()
    async with desk(studio=ShortStudio(), now=clock) as d:
        clip = await d.song(retention_days=1)
        url = await data_of(d, "wav", clip["id"])
        assert await data_of(d, "wav", clip["id"]) == url
        wav = await d.file(url)
        assert alike(decode(wav), await d.heard(clip)) > 0.97
        clock.time += DAY
        async with d.session.get(url) as gone:
            assert gone.status == 410
    assert url.endswith(".wav")
    assert (wav[:4], wav[8:12]) == (b"RIFF", b"WAVE")


@pytest.mark.parametrize("name", [*GETS, *POSTS])
async def test_an_unknown_an_expired_and_a_silent_clip_are_refused(name: str) -> None:
    clock = Clock()
    async with desk(now=clock) as d:
        clip, [lyrics] = await d.song(retention_days=1), await d.made("lyrics/generate", prompt="rain")
        assert (await ask(d, name, "clip-of-another-account"))[0] == 404
        assert (await ask(d, name, ""))[0] == 400
        assert "no audio" in (await ask(d, name, lyrics["id"]))[1]["message"]
        clock.time += DAY
        assert (await ask(d, name, clip["id"]))[1]["code"] == 4005


@pytest.mark.parametrize(
    ("call", "fields", "complaint"),
    [
        ("stem", {"vocal_start_s": "1"}, "vocal_start_s must be of type float"),
        ("stem", {"vocal_start_s": 20, "vocal_end_s": 10}, "start must come before the end"),
        ("stem", {"vocal_end_s": 99}, "end must be inside the clip"),
        ("midi", {"stem_clip_id": 7}, "stem_clip_id must be of type str"),
        ("midi", {"stem_clip_id": "stem-unknown"}, "not found"),
        ("persona", {"name": ""}, "name is required"),
    ],
)
async def test_what_the_documentation_excludes_is_refused(call: str, fields: dict[str, Any], complaint: str) -> None:
    async with desk() as d:
        _, envelope = await ask(d, call, (await d.song())["id"], **fields)
    assert envelope["code"] != 0
    assert complaint in envelope["message"]


async def test_these_calls_need_the_key_and_are_recorded_with_what_they_ask() -> None:
    async with desk() as d:
        async with d.session.get(f"{d.vendor.base_url}/api/v1/music/wav?clip_id=clip-1") as answer:
            assert answer.status == 401
        [request] = d.vendor.requests
    assert (request.method, request.path, request.query) == ("GET", "/api/v1/music/wav", {"clip_id": "clip-1"})


# Slow, held and lost answers.


async def test_these_calls_take_as_long_as_they_are_told_and_tasks_do_not() -> None:
    async with desk() as d:
        clip = await d.song()
        d.vendor.behaviour.at_once_seconds = 3600
        await d.create()
        url = f"{d.vendor.base_url}/api/v1/music/persona"
        body, headers = {"clip_id": clip["id"], "name": "Ada"}, {"Authorization": f"Bearer {KEY}"}
        with pytest.raises(TimeoutError):
            await d.session.post(url, json=body, headers=headers, timeout=aiohttp.ClientTimeout(total=0.1))


async def test_an_answer_is_held_by_the_end_of_its_address_after_its_work_is_done() -> None:
    async with desk(studio=ShortStudio()) as d:
        clip = await d.song()
        hold = d.vendor.hold_creates("/stem")
        await d.create()
        asking = asyncio.create_task(data_of(d, "stem", clip["id"]))
        made = await hold.reached()
        assert not asking.done()
        hold.release()
        assert (await asking)["id"] == made


async def test_the_answer_to_a_call_can_be_lost_after_its_work_is_done() -> None:
    async with desk() as d:
        clip = await d.song()
        hold = d.vendor.hold_creates()
        asking = asyncio.create_task(ask(d, "persona", clip["id"]))
        made = await hold.reached()
        hold.drop()
        with pytest.raises(aiohttp.ClientError):
            await asking
        await d.made("music/generate", prompt="rain", persona_id=made)
