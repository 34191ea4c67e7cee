"""What the pretend MusicAPI takes, what it refuses and in which words, and what that costs."""

import asyncio
import contextlib
import signal
import sys
from typing import Any

import aiohttp
import pytest

from .musicapi_desk import KEY, OWN_LYRICS, SONG, STUDIO_SONG, desk

EXTEND = {**OWN_LYRICS, "task_type": "extend_music", "continue_clip_id": "clip-1"}
OLD = {**OWN_LYRICS, "mv": "sonic-v4"}


async def test_a_create_is_answered_with_the_id_of_a_pending_task() -> None:
    async with desk() as d:
        assert await d.post("/sonic/create", SONG) == (
            200,
            {"message": "success", "task_id": next(iter(d.vendor.tasks))},
        )


@pytest.mark.parametrize("key", [None, "", "other", KEY + "x", "schlüssel"])
async def test_a_wrong_or_missing_key_is_refused_and_nothing_is_done(key: str | None) -> None:
    async with desk() as d:
        status, answer = await d.call("POST", "/api/v1/sonic/create", SONG, key)
        assert not d.vendor.tasks
    assert (status, answer["type"]) == (401, "unauthorized")
    assert "Authorization" in answer["message"]


async def test_every_api_request_is_recorded_with_what_was_asked() -> None:
    async with desk(now=lambda: 1234.5) as d:
        await d.post("/sonic/create", SONG)
        await d.get("/get-credits")
        first, second = d.vendor.requests
    assert (first.method, first.path, first.body, first.at) == ("POST", "/api/v1/sonic/create", SONG, 1234.5)
    assert first.headers["Authorization"] == f"Bearer {KEY}"
    assert (second.method, second.path, second.body) == ("GET", "/api/v1/get-credits", None)


@pytest.mark.parametrize(
    "body",
    [
        {**SONG, "make_instrumental": True, "title": "t" * 79, "tags": "t" * 199, "negative_tags": "drums"},
        {**SONG, "gpt_description_prompt": "d" * 199, "task_type": "create_music"},
        {**OLD, "prompt": "p" * 2999},
        {**OWN_LYRICS, "mv": "sonic-v5", "prompt": "p" * 5000, "vocal_gender": "f"},
        {**OWN_LYRICS, "mv": "sonic-v4-5-plus", "auto_lyrics": True, "vocal_gender": "m"},
        {**SONG, "style_weight": 0, "weirdness_constraint": 1, "audio_weight": 0.5, "not_a_field": 1},
        {**EXTEND, "continue_at": 30},
        {**EXTEND, "task_type": "extend_upload_music", "continue_at": 0.1},
        {**OLD, "task_type": "cover_music", "continue_clip_id": "clip-1"},
        {**OLD, "task_type": "persona_music", "persona_id": "persona-1"},
        {"task_type": "concat_music", "continue_clip_id": "clip-1"},
        {**OLD, "task_type": "remaster"},
    ],
)
async def test_what_the_documentation_allows_is_accepted(body: dict[str, Any]) -> None:
    async with desk() as d:
        status, answer = await d.post("/sonic/create", body)
    assert (status, answer["message"]) == (200, "success")


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (None, "JSON object"),
        ([SONG], "JSON object"),
        ({**SONG, "mv": "sonic-v9"}, "mv must be one of sonic-v3-5, sonic-v4"),
        ({"custom_mode": False, "gpt_description_prompt": "d"}, "mv must be one of"),
        ({"mv": "sonic-v4", "prompt": "p"}, "custom_mode is required"),
        ({**SONG, "custom_mode": "true"}, "custom_mode must be of type boolean"),
        ({**SONG, "make_instrumental": 1}, "make_instrumental must be of type boolean"),
        ({**SONG, "style_weight": True}, "style_weight must be of type integer or number"),
        ({**SONG, "title": 7}, "title must be of type string"),
        ({**SONG, "custom_mode": True}, "prompt is required when custom_mode is true"),
        ({**OLD, "custom_mode": False}, "gpt_description_prompt is required when custom_mode is false"),
        ({**SONG, "gpt_description_prompt": "d" * 200}, "gpt_description_prompt must be less than 200"),
        ({**OLD, "prompt": "p" * 3000}, "prompt must be less than 3000"),
        ({**OLD, "mv": "sonic-v3-5", "prompt": "p" * 3000}, "prompt must be less than 3000"),
        ({**OWN_LYRICS, "prompt": "p" * 5001}, "prompt must be at most 5000"),
        ({**SONG, "title": "t" * 80}, "title must be less than 80"),
        ({**SONG, "tags": "t" * 200}, "tags must be less than 200"),
        ({**SONG, "auto_lyrics": True}, "auto_lyrics requires custom_mode true"),
        ({**SONG, "vocal_gender": "x"}, "vocal_gender must be f or m"),
        ({**OLD, "vocal_gender": "f"}, "vocal_gender is not supported by sonic-v4"),
        ({**SONG, "weirdness_constraint": 1.01}, "weirdness_constraint must be between 0 and 1"),
        ({**SONG, "audio_weight": -0.1}, "audio_weight must be between 0 and 1"),
        ({**SONG, "task_type": "whistle"}, "task_type whistle is not supported"),
        ({**OLD, "task_type": "persona_music"}, "persona_id is required"),
        ({**OLD, "task_type": "cover_music"}, "continue_clip_id is required for cover_music"),
        ({"task_type": "concat_music"}, "continue_clip_id is required for concat_music"),
        (EXTEND, "continue_at is required for extend_music"),
    ],
)
async def test_what_the_documentation_excludes_is_refused_and_costs_nothing(body: Any, complaint: str) -> None:
    async with desk() as d:
        status, answer = await d.post("/sonic/create", body)
        assert not d.vendor.tasks
        assert await d.credits() == (1000, 0)
    assert (status, answer["type"]) == (400, "bad_request")
    assert complaint in answer["message"]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (None, "JSON object"),
        ({**STUDIO_SONG, "prompt": ""}, "prompt is required"),
        ({**STUDIO_SONG, "lyrics_type": "hummed"}, "lyrics_type"),
        ({**STUDIO_SONG, "lyrics_type": "user"}, "lyrics is required"),
        ({**STUDIO_SONG, "generation_quality": 1.5}, "generation_quality must be between 0 and 1"),
        ({**STUDIO_SONG, "config": {}}, "config.mode"),
        ({**STUDIO_SONG, "model_type": "studio9"}, "model_type"),
        ({**STUDIO_SONG, "seed": 1.5}, "seed must be of type integer"),
        *(({k: v for k, v in STUDIO_SONG.items() if k != name}, f"{name} is required") for name in STUDIO_SONG),
    ],
)
async def test_studio_has_its_own_rules(body: Any, complaint: str) -> None:
    async with desk() as d:
        status, answer = await d.post("/studio/create", body)
        assert not d.vendor.tasks
    assert status == 400
    assert complaint in answer["message"]


@pytest.mark.parametrize("family", ["sonic", "studio"])
async def test_an_unknown_task_is_a_bad_request_in_the_vendors_own_words(family: str) -> None:
    async with desk() as d:
        other = await d.create_studio() if family == "sonic" else await d.create()
        for unknown in ("none", other):
            status, answer = await d.get(f"/{family}/task/{unknown}")
            assert (status, answer["message"]) == (400, "task not found")
        assert (await d.get(f"/{family}/task/"))[1]["message"] == "task id is required"


async def test_an_address_that_does_not_exist_is_not_found() -> None:
    async with desk() as d:
        status, answer = await d.get("/sonic/nothing")
    assert (status, answer["type"]) == (404, "not_found")


# 403 is the account's trouble or the text's: only the words tell.


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({**OWN_LYRICS, "prompt": "a Rude word"}, "the lyrics are inappropriate"),
        ({**OWN_LYRICS, "prompt": "rude", "auto_lyrics": True}, "the description needs moderation"),
        ({**SONG, "gpt_description_prompt": "something rude"}, "the description needs moderation"),
        ({**SONG, "tags": "RUDE rock"}, "the description needs moderation"),
    ],
)
async def test_moderated_words_are_forbidden(body: Any, complaint: str) -> None:
    async with desk(moderated=["rude"]) as d:
        status, answer = await d.post("/sonic/create", body)
        assert (status, answer) == (403, {"type": "forbidden", "message": complaint})
        assert await d.credits() == (1000, 0)
        await d.create()


async def test_without_a_subscription_nothing_is_made() -> None:
    async with desk(subscribed=False) as d:
        for path, body in (
            ("/sonic/create", SONG),
            ("/studio/create", STUDIO_SONG),
            ("/sonic/lyrics", {"description": "d"}),
        ):
            status, answer = await d.post(path, body)
            assert (status, answer["message"]) == (403, "no active subscription")


async def test_credits_count_down_the_extra_ones_first_until_there_are_not_enough() -> None:
    async with desk(credits=20, extra_credits=17) as d:
        await d.create()
        assert await d.credits() == (20, 2)
        await d.create_studio()
        assert await d.credits() == (7, 0)
        await d.post("/sonic/create", {"task_type": "concat_music", "continue_clip_id": "c"})
        assert await d.credits() == (5, 0)
        assert await d.post("/sonic/create", SONG) == (403, {"type": "forbidden", "message": "not enough credits"})
        assert await d.credits() == (5, 0)


async def test_a_failed_task_is_refunded_where_it_was_taken() -> None:
    async with desk(credits=20, extra_credits=10, fail_with="no capacity") as d:
        task_id = await d.create()
        assert await d.credits() == (15, 0)
        await d.vendor.finish(task_id)
        await d.vendor.finish(task_id)
        assert await d.credits() == (20, 10)


async def test_a_task_that_half_fails_is_not_refunded() -> None:
    async with desk(failing={1: "too quiet"}) as d:
        await d.vendor.finish(await d.create())
        assert await d.credits() == (985, 0)


# Lyrics.


async def test_lyrics_are_written_at_once_around_the_description() -> None:
    async with desk() as d:
        status, answer = await d.post("/sonic/lyrics", {"description": "an old {harbour} at night"})
        assert (status, answer["code"], answer["message"]) == (200, 200, "success")
        assert await d.credits() == (998, 0)
    first, second = answer["results"]
    assert first["lyrics"] != second["lyrics"]
    for result in (first, second):
        assert result["title"] == "Old Harbour Night"
        assert result["lyrics"].startswith("[Verse]\n")
        assert "old harbour night" in result["lyrics"]


@pytest.mark.parametrize("body", [None, {}, {"description": " "}, {"description": 7}, {"description": "d" * 120}])
async def test_lyrics_need_a_description_shorter_than_120(body: Any) -> None:
    async with desk() as d:
        status, answer = await d.post("/sonic/lyrics", body)
        assert (status, answer["type"]) == (400, "bad_request")
        assert (await d.post("/sonic/lyrics", {"description": "d" * 119}))[0] == 200


# A vendor that is down, and one that runs alone.


async def test_a_vendor_that_is_down_does_nothing_and_says_when_to_come_back() -> None:
    async with desk(status=503, retry_after=7) as d:
        async with d.session.post(f"{d.vendor.base_url}/api/v1/sonic/create", json=SONG) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "7")
        assert not d.vendor.tasks
        d.vendor.behaviour.status = None
        await d.create()


async def test_a_vendor_can_answer_nonsense() -> None:
    async with (
        desk(body=b'{"code": 200, "da') as d,
        d.session.get(d.vendor.base_url + "/api/v1/get-credits") as answer,
    ):
        assert (answer.status, await answer.read()) == (200, b'{"code": 200, "da')


async def test_the_answer_to_a_create_can_be_lost() -> None:
    async with desk() as d:
        hold = d.vendor.hold_creates()
        create = asyncio.create_task(d.create())
        task_id = await hold.reached()
        hold.drop()
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await create
        assert (await d.get(f"/sonic/task/{task_id}"))[0] == 202
        await d.create()


async def test_it_runs_alone_until_it_is_interrupted() -> None:
    command = (sys.executable, "-m", "bot.sandbox.musicapi", "--api-key", KEY, "--credits", "7")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        said = [(await process.stdout.readline()).decode() for _ in range(2)]
        assert said[1] == f"API key: {KEY}\n"
        url = said[0].split()[-1] + "/api/v1/get-credits"
        headers = {"Authorization": f"Bearer {KEY}"}
        async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
            assert await answer.json() == {"credits": 7, "extra_credits": 0}
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await process.wait()
    assert process.returncode == 0
