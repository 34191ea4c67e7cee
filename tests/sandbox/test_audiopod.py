"""What the pretend AudioPod takes, what it refuses, and what it costs."""

import asyncio
import contextlib
import signal
import sys
from typing import Any

import aiohttp
import pytest

from .audiopod_desk import KEY, MUSIC, desk

CREATE = f"{MUSIC}/text2music"
ORDER = {"caption": "a slow waltz", "format": "mp3"}


async def test_a_create_is_answered_with_a_pending_job_and_a_message() -> None:
    async with desk() as d:
        answer = await d.ask("POST", CREATE, {**ORDER, "audio_duration": 95, "display_name": "Harbour"})
    job = answer.body["job"]
    assert answer.status == 200
    assert answer.body.keys() == {"job", "message"}
    assert type(job.pop("id")) is int
    assert job == {
        "task": "text2music",
        "status": "PENDING",
        "progress": None,
        "output_url": None,
        "output_urls": None,
        "display_name": "Harbour",
        "audio_duration": 95.0,
        "created_at": "2027-01-15T08:00:00Z",
        "user_id": "user-of-the-sandbox",
        "thumbnail_url": None,
    }


async def test_every_answer_has_an_id_to_quote() -> None:
    async with desk() as d:
        answers = [await d.ask("GET", f"{MUSIC}/jobs"), await d.ask("GET", f"{MUSIC}/jobs/1/status")]
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == 2


@pytest.mark.parametrize("headers", [{"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}])
async def test_a_key_may_come_in_either_header(headers: dict[str, str]) -> None:
    async with desk() as d:
        assert (await d.ask("POST", CREATE, ORDER, headers)).status == 200
        assert d.vendor.requests[0].body == ORDER


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": ""}, {"X-API-Key": KEY + "x"}, {"Authorization": KEY}])
async def test_a_wrong_or_missing_key_is_refused_and_nothing_is_done(headers: dict[str, str]) -> None:
    async with desk() as d:
        answer = await d.ask("POST", CREATE, ORDER, headers)
        assert not d.vendor.jobs
    assert (answer.status, answer.body) == (401, {"detail": "Invalid or missing API key"})


# What a create may ask for.


@pytest.mark.parametrize(
    ("task", "body"),
    [
        ("text2music", {"caption": ""}),
        ("text2music", {"prompt": "x" * 2048, "instrumental": True, "genre_preset": "R&B"}),
        ("text2music", {"caption": "rain", "duration": -1, "batch_size": 8, "bpm": 300, "timesignature": "6/8"}),
        ("text2music", {"caption": "rain", "duration": 600, "format": "ogg", "lora_weight": -3, "not_a_field": 1}),
        ("text2music", {"caption": "rain", "lyrics": "[verse]\nla", "vocal_language": "pt", "bpm": None}),
        ("prompt2instrumental", {"prompt": "rain", "audio_duration": 0.5, "infer_method": "sde"}),
        ("text2samples", {"prompt": "rain"}),
        ("text2samples", {"prompt": "rain", "sample_type": "one-shot", "tempo": 200, "audio_duration": 120}),
    ],
)
async def test_what_the_documentation_allows_is_accepted(task: str, body: dict[str, Any]) -> None:
    async with desk() as d:
        answer = await d.ask("POST", f"{MUSIC}/{task}", body)
    assert (answer.status, answer.body["job"]["task"]) == (200, task)


@pytest.mark.parametrize(
    ("task", "body", "complaint"),
    [
        ("text2music", None, "body must be a JSON object"),
        ("text2music", ["rain"], "body must be a JSON object"),
        ("text2music", {}, "caption is required"),
        ("text2music", {"caption": None}, "caption is required"),
        ("text2music", {"caption": "x" * 2049}, "caption must be from 0 to 2048 characters"),
        ("text2music", {"prompt": "x" * 2049}, "prompt must be from 0 to 2048 characters"),
        ("text2music", {"caption": 7}, "caption must be of type str"),
        ("text2music", {"caption": "x", "instrumental": "yes"}, "instrumental must be of type bool"),
        ("text2music", {"caption": "x", "bpm": True}, "bpm must be of type int"),
        ("text2music", {"caption": "x", "bpm": 29}, "bpm must be from 30 to 300"),
        ("text2music", {"caption": "x", "duration": 601}, "duration must be from -1 to 600"),
        ("text2music", {"caption": "x", "audio_duration": 600.5}, "audio_duration must be from -1 to 600"),
        ("text2music", {"caption": "x", "duration": 0}, "duration must be -1 or more than 0"),
        ("text2music", {"caption": "x", "format": "aac"}, "format must be one of wav, mp3, flac, ogg"),
        ("text2music", {"caption": "x", "batch_size": 9}, "batch_size must be from 1 to 8"),
        ("text2music", {"caption": "x", "guidance_scale": 15.1}, "guidance_scale must be from 1 to 15"),
        ("text2music", {"caption": "x", "inference_steps": 101}, "inference_steps must be"),
        ("text2music", {"caption": "x", "shift": 0}, "shift must be from 1 to 5"),
        ("text2music", {"caption": "x", "cfg_interval_end": 2}, "cfg_interval_end must be from 0 to 1"),
        ("text2music", {"caption": "x", "model_version": "v3"}, "model_version must be one of"),
        ("text2music", {"caption": "x", "genre_preset": "Polka"}, "genre_preset must be one of Modern Pop"),
        ("text2music", {"caption": "x", "timesignature": "5/4"}, "timesignature must be one of"),
        ("text2music", {"caption": "x", "vocal_language": "english"}, "vocal_language must be an ISO 639-1 code"),
        ("prompt2instrumental", {"caption": "rain"}, "prompt is required"),
        ("text2samples", {"tempo": 100}, "prompt is required"),
        ("text2samples", {"prompt": "x", "tempo": 59}, "tempo must be from 60 to 200"),
        ("text2samples", {"prompt": "x", "tempo": 201}, "tempo must be from 60 to 200"),
        ("text2samples", {"prompt": "x", "sample_type": "riff"}, "sample_type must be one of loop, one-shot"),
        ("text2samples", {"prompt": "x", "audio_duration": 121}, "audio_duration must be from -1 to 120"),
    ],
)
async def test_what_the_documentation_excludes_is_refused(task: str, body: Any, complaint: str) -> None:
    async with desk() as d:
        answer = await d.ask("POST", f"{MUSIC}/{task}", body)
        assert not d.vendor.jobs
    assert answer.status == 422
    assert answer.body.keys() == {"detail"}
    assert complaint in answer.body["detail"]


async def test_an_unknown_call_is_refused_in_the_same_shape() -> None:
    async with desk() as d:
        answers = [await d.ask("POST", f"{MUSIC}/polka", ORDER), await d.ask("GET", CREATE)]
    assert [(answer.status, answer.body.keys()) for answer in answers] == [(404, {"detail"}), (405, {"detail"})]


# Money.


async def test_a_job_is_paid_from_the_wallet_by_the_minute() -> None:
    async with desk(balance_cents=102) as d:
        await d.create(audio_duration=61)
        assert (await d.ask("GET", "/api/v1/api-wallet/balance")).body == {
            "balance_cents": 97,
            "balance_usd": 0.97,
            "total_spent_cents": 5,
            "total_spent_usd": 0.05,
            "low_balance_warning": True,
        }


async def test_a_used_up_wallet_answers_in_a_shape_of_its_own() -> None:
    async with desk(balance_cents=7) as d:
        await d.create(duration=60)
        answer = await d.ask("POST", CREATE, {**ORDER, "duration": 60})
        assert len(d.vendor.jobs) == 1
    assert answer.status == 402
    assert answer.body.pop("message")
    assert answer.body == {"error": "insufficient_api_balance", "required_cents": 4, "available_cents": 3}


async def test_a_vendor_told_to_want_money_answers_so_too() -> None:
    async with desk(status=402) as d:
        answer = await d.ask("POST", CREATE, ORDER)
    assert (answer.status, answer.body["error"]) == (402, "insufficient_api_balance")


async def test_a_failed_job_gives_its_price_back_and_its_retry_costs_no_more() -> None:
    async with desk(balance_cents=10, fail_with="no capacity") as d:
        job_id = await d.made(duration=60)
        assert d.vendor.wallet.cents == 10
        await d.ask("POST", f"{MUSIC}/jobs/{job_id}/retry")
        d.vendor.behaviour.fail_with = None
        await d.vendor.finish(job_id)
        assert (d.vendor.wallet.cents, d.vendor.wallet.spent) == (6, 4)


async def test_premium_quality_wants_another_plan() -> None:
    async with desk() as d:
        answer = await d.ask("POST", CREATE, {**ORDER, "quality": "premium"})
    assert (answer.status, answer.body["detail"]["code"]) == (402, "PREMIUM_TIER_REQUIRED")


# Rates, and a vendor that is down.


async def test_retries_are_ten_a_minute() -> None:
    async with desk(fail_with="no capacity") as d:
        job_id = await d.made()
        path = f"{MUSIC}/jobs/{job_id}/retry"
        for _ in range(10):
            assert (await d.ask("POST", path)).status == 200
            await d.vendor.finish(job_id)
            d.clock.time += 2
        refused = await d.ask("POST", path)
        assert (refused.status, refused.headers["Retry-After"]) == (429, "40")
        assert refused.body == {"detail": "rate_limit_exceeded"}
        d.clock.time += 40
        assert (await d.ask("POST", path)).status == 200


async def test_the_quota_of_the_plan_can_be_set() -> None:
    async with desk(calls_per_minute=1) as d:
        await d.create()
        refused = await d.ask("POST", CREATE, ORDER)
        assert (refused.status, refused.headers["Retry-After"]) == (429, "60")
        d.clock.time += 60
        await d.create()


async def test_a_vendor_that_is_down_does_nothing_and_says_when_to_come_back() -> None:
    async with desk(status=503, retry_after=7) as d:
        answer = await d.ask("POST", CREATE, ORDER)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "7")
        assert answer.body == {"detail": "HTTP status 503"}
        assert not d.vendor.jobs


async def test_the_answer_to_a_create_can_be_lost_and_its_job_be_found_by_its_name() -> None:
    async with desk() as d:
        hold = d.vendor.hold_creates()
        create = asyncio.create_task(d.create(display_name="Rain [t-51ab]"))
        job_id = await hold.reached()
        hold.drop()
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await create
        assert await d.ids(search="T-51AB") == [int(job_id)]
        assert await d.ids(search="t-51ac") == []


async def test_it_runs_alone_until_it_is_interrupted() -> None:
    command = (sys.executable, "-m", "bot.sandbox.audiopod", "--api-key", KEY, "--port", "0")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        said = [(await process.stdout.readline()).decode() for _ in range(3)]
        assert said[1:] == [f"API key: {KEY}\n", "Webhook: none\n"]
        url = f"{said[0].split()[-1]}{MUSIC}/jobs"
        async with aiohttp.ClientSession() as session, session.get(url, headers={"X-API-Key": KEY}) as answer:
            assert (answer.headers["X-Total-Count"], await answer.json()) == ("0", [])
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await process.wait()
    assert process.returncode == 0
