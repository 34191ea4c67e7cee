"""What the pretend MusicMint takes, what it refuses, and how it comes and goes."""

import asyncio
import contextlib
import signal
import sys
from typing import Any

import aiohttp
import pytest

from .musicmint_desk import KEY, PROMPT, SECRET, desk, listening


async def test_a_create_is_answered_in_the_envelope_with_a_queuing_task() -> None:
    async with desk() as d:
        status, envelope = await d.post("/api/v1/music/generate", PROMPT)
    assert status == 200
    assert envelope.keys() == {"code", "message", "request_id", "data"}
    assert (envelope["code"], envelope["message"]) == (0, "ok")
    assert envelope["request_id"].startswith("req-")
    assert envelope["data"] == {"task_id": next(iter(d.vendor.tasks)), "status": "queuing"}


@pytest.mark.parametrize("key", [None, "", "sk-mm-other", KEY + "x", "schlüssel"])
async def test_a_wrong_or_missing_key_is_refused_and_nothing_is_done(key: str | None) -> None:
    async with desk() as d:
        status, envelope = await d.post("/api/v1/music/generate", PROMPT, key)
        assert not d.vendor.tasks
    assert status == 401
    assert envelope["code"] != 0
    assert "data" not in envelope


@pytest.mark.parametrize(("code", "message"), [(1003, "AppKey is disabled"), (1004, "AppKey was deleted")])
async def test_a_disabled_or_deleted_key_has_its_own_code(code: int, message: str) -> None:
    async with desk(code=code) as d:
        status, envelope = await d.post("/api/v1/tasks")
    assert (status, envelope["code"], envelope["message"]) == (403, code, message)


async def test_every_api_request_is_recorded_with_what_was_asked() -> None:
    async with desk(now=lambda: 1234.5) as d:
        await d.post("/api/v1/music/generate", PROMPT, key="wrong")
        await d.post("/api/v1/task/none")
        first, second = d.vendor.requests
    assert (first.method, first.path, first.body) == ("POST", "/api/v1/music/generate", PROMPT)
    assert (first.headers["Authorization"], first.at) == ("Bearer wrong", 1234.5)
    assert (second.path, second.body) == ("/api/v1/task/none", None)


async def test_get_task_is_a_post() -> None:
    async with desk() as d:
        task_id = await d.create()
        headers = {"Authorization": f"Bearer {KEY}"}
        async with d.session.get(f"{d.vendor.base_url}/api/v1/task/{task_id}", headers=headers) as answer:
            assert answer.status == 405
            assert (await answer.json())["code"] == 405


# What a create may ask for.


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": "rain"},
        {"tags": "jazz"},
        {"gpt_description_prompt": "a song about rain"},
        {"gpt_description_prompt": "rain", "make_instrumental": True},
        {"gpt_description_prompt": "rain", "prompt": "", "tags": ""},
        {"prompt": "雨", "tags": "jazz", "title": "Rain", "make_instrumental": False},
        {"prompt": "rain", "retention_days": 1},
        {"prompt": "rain", "retention_days": 30, "not_a_field": 1},
    ],
)
async def test_what_the_documentation_allows_is_accepted(body: dict[str, Any]) -> None:
    async with desk() as d:
        status, envelope = await d.post("/api/v1/music/generate", body)
    assert (status, envelope["code"]) == (200, 0)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (None, "JSON object"),
        (["rain"], "JSON object"),
        ({}, "one of prompt, tags, gpt_description_prompt"),
        ({"title": "Rain"}, "one of prompt, tags, gpt_description_prompt"),
        ({"prompt": "  "}, "one of prompt, tags, gpt_description_prompt"),
        ({"gpt_description_prompt": "rain", "prompt": "rain"}, "cannot be combined"),
        ({"gpt_description_prompt": "rain", "tags": "jazz"}, "cannot be combined"),
        ({"prompt": 7}, "prompt must be of type str"),
        ({"prompt": None, "tags": "jazz"}, "prompt must be of type str"),
        ({"prompt": "rain", "make_instrumental": "yes"}, "make_instrumental must be of type bool"),
        ({"prompt": "rain", "retention_days": True}, "retention_days must be of type int"),
        ({"prompt": "rain", "retention_days": 7.0}, "retention_days must be of type int"),
        ({"prompt": "rain", "retention_days": 0}, "retention_days must be from 1 to 30"),
        ({"prompt": "rain", "retention_days": 31}, "retention_days must be from 1 to 30"),
        ({"prompt": "rain", "continue_at": 30}, "continue_at needs continue_clip_id"),
        ({"prompt": "rain", "continue_clip_id": "c", "continue_at": -1}, "must not be negative"),
    ],
)
async def test_what_the_documentation_excludes_is_refused_with_a_code(body: Any, complaint: str) -> None:
    async with desk() as d:
        status, envelope = await d.post("/api/v1/music/generate", body)
        assert not d.vendor.tasks
    assert status == 400
    assert envelope["code"] != 0
    assert complaint in envelope["message"]
    assert "data" not in envelope


async def test_refusals_can_come_with_status_200_because_the_vendor_leaves_it_open() -> None:
    async with desk(error_status=200) as d:
        status, envelope = await d.post("/api/v1/music/generate", {})
    assert status == 200
    assert envelope["code"] != 0


# A vendor that is down.


async def test_a_vendor_that_is_down_does_nothing_and_says_when_to_come_back() -> None:
    async with desk(status=503, retry_after=7) as d:
        headers = {"Authorization": f"Bearer {KEY}"}
        url = f"{d.vendor.base_url}/api/v1/music/generate"
        async with d.session.post(url, json=PROMPT, headers=headers) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "7")
            assert (await answer.json())["code"] != 0
        assert not d.vendor.tasks
        assert len(d.vendor.requests) == 1
        d.vendor.behaviour.status = None
        await d.create()


async def test_a_vendor_can_be_too_slow_to_answer() -> None:
    async with desk(answer_after=3600) as d:
        timeout = aiohttp.ClientTimeout(total=0.05)
        with pytest.raises(TimeoutError):
            await d.session.post(f"{d.vendor.base_url}/api/v1/tasks", timeout=timeout)
        assert len(d.vendor.requests) == 1


async def test_a_vendor_can_answer_nonsense() -> None:
    async with (
        desk(body=b'{"code": 0, "da') as d,
        d.session.post(d.vendor.base_url + "/api/v1/tasks") as answer,
    ):
        assert (answer.status, await answer.read()) == (200, b'{"code": 0, "da')


# Coming and going.


async def test_closing_ends_what_is_in_flight_at_once() -> None:
    loop = asyncio.get_running_loop()
    before = asyncio.all_tasks()
    async with listening(silent=True) as listener, desk(seconds=3600) as d:
        await d.vendor.finish(await d.create(callback_url=listener.url))
        await listener.called.wait()
        hold = d.vendor.hold_creates()
        create = asyncio.create_task(d.create())
        await hold.reached()
        started = loop.time()
    assert loop.time() - started < 1
    with pytest.raises(aiohttp.ClientError):
        await create
    assert asyncio.all_tasks() == before


async def test_it_runs_alone_until_it_is_interrupted() -> None:
    command = (sys.executable, "-m", "bot.sandbox.musicmint", "--api-key", KEY, "--secret", SECRET)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        said = [(await process.stdout.readline()).decode() for _ in range(3)]
        assert said[1:] == [f"AppKey: {KEY}\n", f"Signing secret: {SECRET}\n"]
        url = said[0].split()[-1] + "/api/v1/tasks"
        headers = {"Authorization": f"Bearer {KEY}"}
        async with aiohttp.ClientSession() as session, session.post(url, headers=headers) as answer:
            assert (await answer.json())["data"] == {"items": [], "total": 0, "page": 1}
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await process.wait()
    assert process.returncode == 0
