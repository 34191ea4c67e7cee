"""The life of a task at the pretend MusicMint, the list, single results and files."""

import asyncio
import io
from typing import Any

import aiohttp
import av
import pytest
from PIL import Image

from bot.sandbox.studio import HomeStudio

from .musicmint_desk import DAY, BrokenStudio, Clock, PatientStudio, QuickStudio, desk, listening


async def test_a_task_goes_from_queuing_through_processing_to_completed() -> None:
    async with desk(now=lambda: 1_800_000_000.25) as d:
        task_id = await d.create()
        base = {"id": task_id, "created_at": 1_800_000_000_250}
        assert await d.look(task_id) == {**base, "status": "queuing"}
        d.vendor.process(task_id)
        assert await d.look(task_id) == {**base, "status": "processing"}
        await d.vendor.finish(task_id)
        completed = await d.look(task_id)
    assert completed.keys() == {"id", "created_at", "status", "results"}
    assert completed["status"] == "completed"


async def test_a_task_on_the_clock_ends_by_itself() -> None:
    async with desk(seconds=0.01) as d:
        task_id = await d.create()
        await d.vendor.settled()
        assert (await d.look(task_id))["status"] == "completed"


async def test_a_task_has_two_results_with_every_documented_field() -> None:
    async with desk(now=lambda: 1_800_000_000.0) as d:
        task_id = await d.create(prompt="night drive", tags="synthwave", title="Harbour", retention_days=2)
        await d.vendor.finish(task_id)
        first, second = (await d.look(task_id))["results"]
    assert first.pop("id") != second.pop("id")
    assert first.pop("audio_url").endswith(".mp3")
    assert first.pop("image_url").endswith(".jpg")
    assert first == {
        "title": "Harbour",
        "duration": 60.5,
        "tags": "synthwave",
        "prompt": "night drive",
        "expire_at": (1_800_000_000 + 2 * DAY) * 1000,
    }
    assert second["duration"] == 61.5


async def test_the_composer_hears_tags_prompt_and_that_no_one_sings() -> None:
    studio = QuickStudio()
    async with desk(studio=studio) as d:
        await d.vendor.finish(await d.create(prompt="rain", tags="jazz", title="T", make_instrumental=True))
    assert sorted(studio.made) == [("jazz rain instrumental", "T", 0), ("jazz rain instrumental", "T", 1)]


def test_the_studio_of_the_house_makes_an_mp3_and_a_jpeg() -> None:
    recording = HomeStudio().record("a slow waltz", "Waltz", 0)
    with av.open(io.BytesIO(recording.audio), mode="r") as audio:
        assert audio.format.name == "mp3"
        played = sum(frame.samples / frame.sample_rate for frame in audio.decode(audio=0))
    assert played == pytest.approx(recording.seconds, abs=0.1)
    with Image.open(io.BytesIO(recording.cover)) as cover:
        assert cover.format == "JPEG"


async def test_the_same_words_are_composed_once() -> None:
    studio = QuickStudio()
    async with desk(studio=studio) as d:
        tasks = [await d.create() for _ in range(3)]
        await asyncio.gather(*(d.vendor.finish(task_id) for task_id in tasks))
        results = [(await d.look(task_id))["results"] for task_id in tasks]
    assert len(studio.made) == 2
    assert len({result["id"] for pair in results for result in pair}) == 6


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (
            {"prompt": "please make a song about the old harbour lights in winter rain"},
            "Old Harbour Lights Winter",
        ),
        ({"prompt": "[Verse 1]\n\nI don't know why\nthe river"}, "I Don't Know Why"),
        ({"tags": "synthwave"}, "Synthwave"),
        ({"gpt_description_prompt": "the"}, "The"),
        ({"prompt": "夜の港の歌"}, "夜の港の歌"),
        ({"prompt": "x" * 500}, "X" + "x" * 39),
        ({"prompt": "?!"}, "Untitled"),
    ],
)
async def test_a_task_without_a_title_gets_a_short_one_from_its_words(body: dict[str, str], title: str) -> None:
    async with desk() as d:
        _, envelope = await d.post("/api/v1/music/generate", body)
        await d.vendor.finish(envelope["data"]["task_id"])
        data = await d.look(envelope["data"]["task_id"])
    assert data["results"][0]["title"] == title


async def test_the_vendor_answers_while_music_is_composed() -> None:
    studio = PatientStudio()
    async with desk(studio=studio) as d:
        task_id = await d.create()
        finishing = asyncio.create_task(d.vendor.finish(task_id))
        assert (await d.look(task_id))["status"] == "queuing"
        assert not finishing.done()
        studio.enough.set()
        await finishing
        assert (await d.look(task_id))["status"] == "completed"


async def test_a_failed_task_is_not_an_envelope_error() -> None:
    async with desk(fail_with="all platforms unavailable") as d:
        task_id = await d.create()
        await d.vendor.finish(task_id)
        data = await d.look(task_id)
    del data["created_at"]
    assert data == {"id": task_id, "status": "failed", "error": "all platforms unavailable"}


async def test_a_studio_that_breaks_fails_the_task() -> None:
    async with desk(studio=BrokenStudio(), seconds=0.01) as d:
        task_id = await d.create()
        await d.vendor.settled()
        assert "the piano fell down" in (await d.look(task_id))["error"]


async def test_an_ended_task_cannot_end_again() -> None:
    async with listening() as listener, desk() as d:
        task_id = await d.create(callback_url=listener.url)
        await d.vendor.finish(task_id)
        before = await d.look(task_id)
        d.vendor.behaviour.fail_with = "too late"
        await d.vendor.finish(task_id)
        await d.vendor.settled()
        assert await d.look(task_id) == before
    assert len(listener.bodies) == 1


async def test_an_unknown_task_is_refused() -> None:
    async with desk() as d:
        status, envelope = await d.post("/api/v1/task/nothing")
    assert status == 404
    assert envelope["code"] != 0


# The list, and single results.


async def test_the_list_is_paged_newest_first_and_without_results() -> None:
    async with desk() as d:
        tasks = [await d.create() for _ in range(5)]
        await d.vendor.finish(tasks[4])
        _, first = await d.post("/api/v1/tasks", {"page_size": 2})
        _, last = await d.post("/api/v1/tasks", {"page": 3, "page_size": 2})
        _, beyond = await d.post("/api/v1/tasks", {"page": 4, "page_size": 2})
    assert [item["id"] for item in first["data"]["items"]] == [tasks[4], tasks[3]]
    assert first["data"]["items"][0].keys() == {"id", "status", "created_at"}
    assert [item["id"] for item in last["data"]["items"]] == [tasks[0]]
    assert (last["data"]["total"], last["data"]["page"]) == (5, 3)
    assert beyond["data"]["items"] == []


async def test_the_list_is_filtered_by_the_number_of_a_status() -> None:
    async with desk() as d:
        queuing, processing, completed, failed = [await d.create() for _ in range(4)]
        d.vendor.process(processing)
        await d.vendor.finish(completed)
        d.vendor.behaviour.fail_with = "no capacity"
        await d.vendor.finish(failed)
        lists = [(await d.post("/api/v1/tasks", {"status": n}))[1]["data"]["items"] for n in range(-1, 4)]
    assert [[item["id"] for item in items] for items in lists] == [
        [failed, completed, processing, queuing],
        [queuing],
        [processing],
        [completed],
        [failed],
    ]
    assert lists[-1][0]["error"] == "no capacity"


@pytest.mark.parametrize("body", [{"page": 0}, {"page_size": 0}, {"page_size": 101}, {"status": 4}, {"page": "1"}])
async def test_a_page_that_cannot_be_is_refused(body: dict[str, Any]) -> None:
    async with desk() as d:
        status, envelope = await d.post("/api/v1/tasks", body)
    assert status == 400
    assert envelope["code"] != 0


async def test_a_single_result_can_be_asked_for_until_it_expires() -> None:
    clock = Clock()
    async with desk(now=clock) as d:
        task_id = await d.create(retention_days=1)
        await d.vendor.finish(task_id)
        result = (await d.look(task_id))["results"][1]
        path = f"/api/v1/music/{result['id']}"
        assert (await d.post(path))[1]["data"] == result
        clock.time += DAY
        _, envelope = await d.post(path)
        assert envelope["code"] == 4005
        assert "data" not in envelope
        assert (await d.post("/api/v1/music/clip-unknown"))[0] == 404


# Files.


async def test_files_are_served_with_type_and_length_until_they_expire() -> None:
    clock = Clock()
    async with desk(now=clock) as d:
        task_id = await d.create(prompt="rain", retention_days=1)
        await d.vendor.finish(task_id)
        result = (await d.look(task_id))["results"][1]
        async with d.session.get(result["audio_url"]) as audio, d.session.get(result["image_url"]) as cover:
            assert (audio.content_type, await audio.read()) == ("audio/mpeg", b"audio of rain 1")
            assert (cover.content_type, await cover.read()) == ("image/jpeg", b"cover of rain 1")
            assert audio.content_length == len(b"audio of rain 1")
        async with d.session.get(result["audio_url"].replace("clip-", "other-")) as unknown:
            assert unknown.status == 404
        clock.time += DAY
        async with d.session.get(result["audio_url"]) as expired:
            assert expired.status == 410
        assert len(d.vendor.file_requests) == 4
        assert not any(request.path.startswith("/files") for request in d.vendor.requests)


async def test_one_kind_of_file_can_be_missing() -> None:
    async with desk(file_status={".jpg": 404}) as d:
        task_id = await d.create()
        await d.vendor.finish(task_id)
        result = (await d.look(task_id))["results"][0]
        async with d.session.get(result["image_url"]) as cover, d.session.get(result["audio_url"]) as audio:
            assert (cover.status, audio.status) == (404, 200)


async def test_a_download_can_be_slow_and_whole() -> None:
    async with desk(file_seconds=0.02) as d:
        task_id = await d.create(prompt="rain")
        await d.vendor.finish(task_id)
        async with d.session.get((await d.look(task_id))["results"][0]["audio_url"]) as audio:
            assert await audio.read() == b"audio of rain 0"


async def test_a_download_can_break_off() -> None:
    async with desk(cut_files=True) as d:
        task_id = await d.create(prompt="rain")
        await d.vendor.finish(task_id)
        async with d.session.get((await d.look(task_id))["results"][0]["audio_url"]) as audio:
            assert audio.content_length == len(b"audio of rain 0")
            with pytest.raises(aiohttp.ClientPayloadError):
                await audio.read()
