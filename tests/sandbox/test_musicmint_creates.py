"""What the pretend MusicMint takes at the creates that make something of a clip, a sound or lyrics."""

from typing import Any

import pytest

from .musicmint_desk import DAY, Clock, Desk, QuickStudio, desk, listening, signed

#: An allowed body of each, around the id of a clip of a minute.
BODIES: dict[str, dict[str, Any]] = {
    "music/generate": {"prompt": "go on", "continue_clip_id": "{clip}", "continue_at": 30},
    "music/cover": {"cover_clip_id": "{clip}"},
    "music/remaster": {"clip_id": "{clip}"},
    "music/add-vocals": {"chop_sample_clip_id": "{clip}"},
    "music/infill": {"clip_id": "{clip}", "infill_start_s": 10, "infill_end_s": 20.5},
    "music/soundfx": {"sound_desc": "a door"},
    "lyrics/generate": {"keyword": "rain"},
}
OF_A_CLIP = [endpoint for endpoint, body in BODIES.items() if "{clip}" in body.values()]


def body_of(endpoint: str, clip: str, **changes: Any) -> dict[str, Any]:
    body = {name: clip if value == "{clip}" else value for name, value in BODIES[endpoint].items()}
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


async def answer(d: Desk, endpoint: str, body: Any) -> tuple[int, dict[str, Any]]:
    return await d.post(f"/api/v1/{endpoint}", body)


@pytest.mark.parametrize("endpoint", BODIES)
async def test_a_create_is_answered_with_a_queuing_task(endpoint: str) -> None:
    async with desk() as d:
        clip = await d.song()
        status, envelope = await answer(d, endpoint, body_of(endpoint, clip["id"], mv="chirp-v3-5"))
        assert status == 200
        assert envelope["data"] == {"task_id": list(d.vendor.tasks)[-1], "status": "queuing"}


@pytest.mark.parametrize(
    ("endpoint", "changes"),
    [
        ("music/generate", {"continue_at": None}),
        ("music/generate", {"continue_at": 0}),
        ("music/cover", {"prompt": "la", "tags": "jazz", "title": "La"}),
        ("music/add-vocals", {"chop_sample_start_s": 0, "chop_sample_end_s": 60.5, "prompt": "la", "tags": "jazz"}),
        ("music/infill", {"prompt": "la", "tags": "jazz", "retention_days": 31}),
        ("music/soundfx", {"sound_type": "loop", "sound_bpm": 90, "sound_key": "Am"}),
        ("music/soundfx", {"sound_type": "one-shot"}),
        ("lyrics/generate", {"prompt": "rain", "topics": "sea", "moods": "calm", "style": "folk"}),
        ("lyrics/generate", {"keyword": None, "topics": "sea"}),
    ],
)
async def test_what_the_documentation_allows_is_accepted(endpoint: str, changes: dict[str, Any]) -> None:
    async with desk() as d:
        clip = await d.song()
        _, envelope = await answer(d, endpoint, body_of(endpoint, clip["id"], **changes))
    assert envelope["code"] == 0


@pytest.mark.parametrize(
    ("endpoint", "changes", "complaint"),
    [
        ("music/generate", {"prompt": None}, "one of prompt, tags, gpt_description_prompt"),
        ("music/generate", {"continue_at": 30.0}, "continue_at must be of type int"),
        ("music/generate", {"continue_at": 90}, "inside the clip"),
        ("music/cover", {"cover_clip_id": None}, "cover_clip_id is required"),
        ("music/cover", {"cover_clip_id": 7}, "cover_clip_id must be of type str"),
        ("music/cover", {"title": 7}, "title must be of type str"),
        ("music/remaster", {"clip_id": " "}, "clip_id is required"),
        ("music/remaster", {"mv": 3}, "mv must be of type str"),
        ("music/remaster", {"retention_days": 0}, "retention_days must be at least 1"),
        ("music/add-vocals", {"chop_sample_clip_id": None}, "chop_sample_clip_id is required"),
        ("music/add-vocals", {"chop_sample_start_s": "1:23"}, "chop_sample_start_s must be of type float"),
        ("music/add-vocals", {"chop_sample_start_s": 20, "chop_sample_end_s": 10}, "start must come before the end"),
        ("music/infill", {"infill_start_s": None}, "infill_start_s is required"),
        ("music/infill", {"infill_end_s": None}, "infill_end_s is required"),
        ("music/infill", {"infill_end_s": True}, "infill_end_s must be of type float"),
        ("music/infill", {"infill_start_s": 20.5}, "start must come before the end"),
        ("music/infill", {"infill_start_s": -1}, "start must come before the end"),
        ("music/infill", {"infill_end_s": 99}, "end must be inside the clip"),
        ("music/soundfx", {"sound_desc": None}, "sound_desc is required"),
        ("music/soundfx", {"sound_type": "song"}, "sound_type must be loop or one-shot"),
        ("music/soundfx", {"sound_bpm": 90.5}, "sound_bpm must be of type int"),
        ("music/soundfx", {"sound_bpm": 0}, "sound_bpm must be from"),
        ("lyrics/generate", {"keyword": None}, "one of prompt, topics, keyword"),
        ("lyrics/generate", {"keyword": None, "moods": "sad"}, "one of prompt, topics, keyword"),
    ],
)
async def test_what_the_documentation_excludes_is_refused(
    endpoint: str, changes: dict[str, Any], complaint: str
) -> None:
    async with desk() as d:
        clip = await d.song()
        status, envelope = await answer(d, endpoint, body_of(endpoint, clip["id"], **changes))
        assert len(d.vendor.tasks) == 1
    assert status == 400
    assert envelope["code"] != 0
    assert complaint in envelope["message"]


@pytest.mark.parametrize("endpoint", OF_A_CLIP)
async def test_a_clip_of_somebody_else_is_refused(endpoint: str) -> None:
    async with desk() as d:
        status, envelope = await answer(d, endpoint, body_of(endpoint, "clip-of-another-account"))
        assert not d.vendor.tasks
    assert (status, envelope["message"]) == (404, "music not found")


@pytest.mark.parametrize("endpoint", OF_A_CLIP)
async def test_a_clip_whose_time_is_over_has_its_own_code(endpoint: str) -> None:
    clock = Clock()
    async with desk(now=clock) as d:
        clip = await d.song(retention_days=1)
        clock.time += DAY
        _, envelope = await answer(d, endpoint, body_of(endpoint, clip["id"]))
    assert envelope["code"] == 4005


@pytest.mark.parametrize("endpoint", OF_A_CLIP)
async def test_lyrics_are_no_clip_to_work_on(endpoint: str) -> None:
    async with desk() as d:
        [lyrics] = await d.made("lyrics/generate", prompt="rain")
        _, envelope = await answer(d, endpoint, body_of(endpoint, lyrics["id"]))
    assert "no audio" in envelope["message"]


async def test_a_sample_is_made_of_an_upload_only() -> None:
    async with desk() as d:
        clip = await d.song()
        _, envelope = await answer(d, "music/sample", {"clip_id": clip["id"]})
    assert "from an upload" in envelope["message"]


async def test_a_persona_must_be_known_and_is_heard_in_the_words() -> None:
    studio = QuickStudio()
    async with desk(studio=studio) as d:
        clip = await d.song(tags="torch song")
        _, envelope = await d.post("/api/v1/music/persona", {"name": "Ada", "clip_id": clip["id"]})
        [persona] = envelope["data"]["items"]
        assert (await d.post("/api/v1/music/generate", {"prompt": "x", "persona_id": "other"}))[0] == 404
        await d.made("music/generate", prompt="rain", persona_id=persona["id"])
    assert persona["status"] == "complete"
    assert studio.made[-1][0] == "rain torch song"


@pytest.mark.parametrize("endpoint", ["music/soundfx", "lyrics/generate"])
async def test_every_create_calls_back_when_it_is_asked_to(endpoint: str) -> None:
    async with listening() as listener, desk() as d:
        await d.made(endpoint, **body_of(endpoint, "", callback_url=listener.url))
        await d.vendor.settled()
    [body], [signature] = listener.bodies, listener.signatures
    assert b'"status":"completed"' in body
    assert signature == signed(body)


@pytest.mark.parametrize("endpoint", BODIES)
async def test_every_create_can_fail(endpoint: str) -> None:
    async with desk() as d:
        clip = await d.song()
        d.vendor.behaviour.fail_with = "no capacity"
        _, envelope = await answer(d, endpoint, body_of(endpoint, clip["id"]))
        await d.vendor.finish(envelope["data"]["task_id"])
        task = await d.look(envelope["data"]["task_id"])
    assert (task["status"], task["error"]) == ("failed", "no capacity")
