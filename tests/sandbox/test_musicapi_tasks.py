"""The life of a sonic and of a studio task at the pretend MusicAPI, as a get shows it."""

from .musicapi_desk import OWN_LYRICS, desk
from .musicmint_desk import BrokenStudio, Clock

NOT_READY = (202, {"type": "not_ready", "message": "the task is not ready"})


async def test_a_sonic_task_is_not_ready_until_it_can_be_heard() -> None:
    async with desk() as d:
        task_id = await d.create()
        assert await d.get(f"/sonic/task/{task_id}") == NOT_READY
        d.vendor.process(task_id)
        assert await d.get(f"/sonic/task/{task_id}") == NOT_READY
        await d.vendor.stream(task_id)
        assert [clip["state"] for clip in await d.clips(task_id)] == ["streaming", "streaming"]
        await d.vendor.finish(task_id)
        assert [clip["state"] for clip in await d.clips(task_id)] == ["succeeded", "succeeded"]


async def test_in_the_older_way_a_task_shows_its_states_from_the_start() -> None:
    async with desk(not_ready=False) as d:
        task_id = await d.create()
        for expected in ("pending", "running"):
            clips = await d.clips(task_id)
            assert [(clip["state"], clip["audio_url"], clip["duration"]) for clip in clips] == [(expected, "", 0)] * 2
            d.vendor.process(task_id)


async def test_a_finished_clip_has_every_documented_field() -> None:
    async with desk() as d:
        task_id = await d.create(title="Harbour", tags="waltz")
        await d.vendor.finish(task_id)
        first, second = await d.clips(task_id)
        assert await d.download(first["audio_url"]) == (200, "audio/mpeg", b"audio of waltz a slow waltz 0")
        assert await d.download(second["image_url"]) == (200, "image/jpeg", b"cover of waltz a slow waltz 1")
    assert (
        first.items()
        >= {
            "state": "succeeded",
            "title": "Harbour",
            "tags": "waltz",
            "gpt_description_prompt": "a slow waltz",
            "mv": "sonic-v4-5",
            "video_url": "",
            "duration": 60,
            "created_at": "2027-01-15T08:00:00Z",
        }.items()
    )
    assert first["clip_id"] != second["clip_id"]
    assert first["lyrics"].startswith("[Verse]")
    assert len(first) == 12


async def test_lyrics_of_the_members_own_are_sung_as_they_are_and_an_instrumental_has_none() -> None:
    async with desk() as d:
        sung = await d.create(**OWN_LYRICS)
        described = await d.create(**{**OWN_LYRICS, "prompt": "about rain", "auto_lyrics": True})
        instrumental = await d.create(make_instrumental=True)
        lyrics = []
        for task_id in (sung, described, instrumental):
            await d.vendor.finish(task_id)
            lyrics.append((await d.clips(task_id))[0]["lyrics"])
    assert lyrics[0] == "la la"
    assert lyrics[1].startswith("[Verse]\n")
    assert lyrics[2] == ""


async def test_two_clips_can_end_differently() -> None:
    async with desk(failing={0: "too quiet"}) as d:
        task_id = await d.create()
        await d.vendor.stream(task_id)
        await d.vendor.finish(task_id)
        failed, succeeded = await d.clips(task_id)
    assert (failed["state"], failed["audio_url"], failed["duration"]) == ("failed", "", 0)
    assert (succeeded["state"], succeeded["duration"]) == ("succeeded", 62)


async def test_a_task_fails_with_all_its_clips_when_told_or_when_the_studio_breaks() -> None:
    for knobs in ({"fail_with": "no capacity"}, {"studio": BrokenStudio()}):
        async with desk(**knobs) as d:
            task_id = await d.create()
            await d.vendor.stream(task_id)
            assert await d.get(f"/sonic/task/{task_id}") == NOT_READY
            await d.vendor.finish(task_id)
            assert [clip["state"] for clip in await d.clips(task_id)] == ["failed", "failed"]


async def test_a_task_on_the_clock_ends_by_itself() -> None:
    async with desk(seconds=0.02) as d:
        sonic, studio = await d.create(), await d.create_studio()
        await d.vendor.settled()
        assert {clip["state"] for clip in await d.clips(sonic)} == {"succeeded"}
        assert (await d.studio_task(studio))["status"] == "SUCCESS"


async def test_a_task_never_goes_back() -> None:
    async with desk() as d:
        task_id = await d.create()
        await d.vendor.stream(task_id)
        d.vendor.process(task_id)
        assert {clip["state"] for clip in await d.clips(task_id)} == {"streaming"}
        await d.vendor.finish(task_id)
        before = await d.clips(task_id)
        await d.vendor.stream(task_id)
        await d.vendor.finish(task_id)
        assert await d.clips(task_id) == before


async def test_every_download_is_recorded() -> None:
    async with desk() as d:
        task_id = await d.create()
        await d.vendor.finish(task_id)
        clip, _ = await d.clips(task_id)
        for name in ("audio_url", "image_url"):
            await d.download(clip[name])
        asked = [d.vendor.base_url + request.path for request in d.vendor.file_requests]
    assert asked == [clip["audio_url"], clip["image_url"]]


# Studio.


async def test_a_studio_task_waits_works_and_succeeds_in_its_own_words() -> None:
    clock = Clock()
    async with desk(now=clock) as d:
        task_id = await d.create_studio()
        waiting = await d.studio_task(task_id)
        assert (waiting["status"], waiting["progress"], waiting["data"]) == ("NOT_START", "0%", {"songs": []})
        clock.time += 10.7
        d.vendor.process(task_id)
        running = await d.studio_task(task_id)
        assert (running["status"], running["progress"], running["finish_time"]) == ("IN_PROGRESS", "45%", 0)
        clock.time += 60
        await d.vendor.finish(task_id)
        done = await d.studio_task(task_id)
    songs = done.pop("data")["songs"]
    assert done == {
        "task_id": task_id,
        "notify_hook": "",
        "action": "studio-generate",
        "status": "SUCCESS",
        "fail_reason": "",
        "submit_time": 1_800_000_000,
        "start_time": 1_800_000_010,
        "finish_time": 1_800_000_070,
        "progress": "100%",
    }
    assert len(songs) == 2


async def test_a_studio_song_has_every_documented_field() -> None:
    async with desk() as d:
        task_id = await d.create_studio(lyrics_type="user", lyrics="Rain on the tin roof")
        await d.vendor.finish(task_id)
        song, _ = (await d.studio_task(task_id))["data"]["songs"]
    assert len(song) == 31
    assert (song["title"], song["lyrics"]) == ("Rain Tin Roof", "Rain on the tin roof")
    assert (song["duration"], song["finished"], song["generation_id"]) == (60.5, True, task_id)
    assert song["video_path"] is None
    assert song["created_at"] == "2027-01-15T08:00:00+00:00"
    assert [song[name] for name in ("error_id", "error_code", "error_type", "error_detail")] == [None] * 4


async def test_a_studio_address_works_only_exactly_as_it_is() -> None:
    async with desk() as d:
        task_id = await d.create_studio()
        await d.vendor.finish(task_id)
        song, _ = (await d.studio_task(task_id))["data"]["songs"]
        path = song["song_path"]
        assert "%252F" in path
        assert await d.download(path) == (200, "audio/mpeg", b"audio of slow waltz instrumental 0")
        assert (await d.download(path.replace("%25", "%")))[0] == 404


async def test_a_studio_song_can_fail_by_itself() -> None:
    async with desk(failing={1: "too quiet"}) as d:
        task_id = await d.create_studio()
        await d.vendor.finish(task_id)
        task = await d.studio_task(task_id)
    good, bad = task["data"]["songs"]
    assert (task["status"], good["finished"], good["error_detail"]) == ("SUCCESS", True, None)
    assert (bad["finished"], bad["error_detail"], bad["song_path"]) == (False, "too quiet", "")
    assert all(bad[name] for name in ("error_id", "error_code", "error_type"))


async def test_a_studio_task_that_fails_says_why() -> None:
    async with desk(fail_with="no capacity") as d:
        task_id = await d.create_studio()
        await d.vendor.finish(task_id)
        task = await d.studio_task(task_id)
    assert (task["status"], task["fail_reason"], task["progress"]) == ("FAILURE", "no capacity", "100%")
