"""The webhooks of the pretend MusicAPI: several to a task, signed, and repeated until they are acknowledged."""

import asyncio
import itertools
import json

import pytest

from bot.sandbox.behaviour import Behaviour
from bot.sandbox.callbacks import Callback, CallbackSender
from bot.sandbox.musicapi_workshop import DEFAULT_SECRET

from .musicapi_desk import desk, signed
from .musicmint_desk import Clock, Listener, listening

SECRET = "a secret of the test"


def events(listener: Listener) -> list[str]:
    return [headers["X-Webhook-Event"] for headers in listener.headers]


async def test_a_webhook_is_signed_over_its_time_and_its_raw_bytes() -> None:
    async with listening() as listener, desk() as d:
        task_id = await d.create(title="雨", webhook_url=listener.url, webhook_secret=SECRET)
        await d.vendor.finish(task_id)
        await d.vendor.settled()
    (headers,), (body,) = listener.headers, listener.bodies
    assert headers["X-Webhook-Timestamp"] == "1800000000"
    assert headers["X-Webhook-Signature"] == signed(headers, body, SECRET)
    assert headers["X-Webhook-Event"] == "song.completed"
    assert headers["X-Webhook-Id"] == headers["Idempotency-Key"] != ""
    assert "雨".encode() in body


async def test_without_a_secret_the_vendor_signs_with_its_own() -> None:
    async with listening() as listener, desk() as d:
        await d.vendor.finish(await d.create(webhook_url=listener.url))
        await d.vendor.settled()
    assert listener.headers[0]["X-Webhook-Signature"] == signed(listener.headers[0], listener.bodies[0], DEFAULT_SECRET)


async def test_a_webhook_can_be_signed_wrongly() -> None:
    async with listening() as listener, desk(bad_signature=True) as d:
        await d.vendor.finish(await d.create(webhook_url=listener.url, webhook_secret=SECRET))
        await d.vendor.settled()
    assert listener.headers[0]["X-Webhook-Signature"] != signed(listener.headers[0], listener.bodies[0], SECRET)


async def test_its_body_is_that_of_a_get_but_for_the_length_as_text() -> None:
    async with listening() as listener, desk() as d:
        task_id = await d.create(webhook_url=listener.url, style_weight=0.5, negative_tags="drums")
        await d.vendor.finish(task_id)
        await d.vendor.settled()
        clips = await d.clips(task_id)
    told = json.loads(listener.bodies[0])
    assert (told["code"], told["message"]) == (200, "success")
    more = {"negative_tags": "drums", "style_weight": 0.5, "weirdness_constraint": None}
    assert told["data"] == [
        {**clips[0], **more, "duration": "60.50"},
        {**clips[1], **more, "duration": "61.50"},
    ]
    assert task_id not in listener.bodies[0].decode()


async def test_streaming_and_the_end_are_told_separately_under_the_same_name() -> None:
    async with listening() as listener, desk() as d:
        task_id = await d.create(webhook_url=listener.url)
        await d.vendor.stream(task_id)
        await d.vendor.settled()
        await d.vendor.finish(task_id)
        await d.vendor.settled()
    assert events(listener) == ["song.completed", "song.completed"]
    assert [json.loads(body)["data"][0]["state"] for body in listener.bodies] == ["streaming", "succeeded"]
    assert len({headers["X-Webhook-Id"] for headers in listener.headers}) == 2


async def test_on_the_clock_a_task_streams_before_it_succeeds() -> None:
    async with listening() as listener, desk(seconds=0.1) as d:
        await d.create(webhook_url=listener.url)
        await d.vendor.settled()
    assert [json.loads(body)["data"][1]["state"] for body in listener.bodies] == ["streaming", "succeeded"]


async def test_a_failed_task_is_told() -> None:
    async with listening() as listener, desk(fail_with="no capacity") as d:
        await d.vendor.finish(await d.create(webhook_url=listener.url))
        await d.vendor.settled()
    assert events(listener) == ["song.failed"]
    assert [clip["state"] for clip in json.loads(listener.bodies[0])["data"]] == ["failed", "failed"]


async def test_clips_that_end_differently_are_told_by_both_events() -> None:
    async with listening() as listener, desk(failing={0: "too quiet"}) as d:
        await d.vendor.finish(await d.create(webhook_url=listener.url))
        await d.vendor.settled()
    assert sorted(events(listener)) == ["song.completed", "song.failed"]


async def test_a_webhook_keeps_its_id_while_it_is_repeated_and_is_signed_anew() -> None:
    clock = Clock()
    async with listening(503, silent=True) as listener, desk(now=clock) as d:
        await d.vendor.finish(await d.create(webhook_url=listener.url, webhook_secret=SECRET))
        await listener.called.wait()
        clock.time += 10
        listener.answering.set()
        await d.vendor.settled()
        assert [sent.status for sent in d.vendor.callbacks_sent] == [503, 204]
    first, second = listener.headers
    assert first["X-Webhook-Id"] == second["X-Webhook-Id"]
    assert (first["X-Webhook-Timestamp"], second["X-Webhook-Timestamp"]) == ("1800000000", "1800000010")
    assert second["X-Webhook-Signature"] == signed(second, listener.bodies[1], SECRET)


async def test_it_is_repeated_on_a_schedule_and_then_given_up() -> None:
    async with listening(*[500] * 9) as listener, desk(time_scale=0.00002) as d:
        await d.vendor.finish(await d.create(webhook_url=listener.url))
        await d.vendor.settled()
    gaps = [(later - earlier) / 0.00002 for earlier, later in itertools.pairwise(listener.times)]
    assert len(gaps) == 5
    assert all(gap >= delay for gap, delay in zip(gaps, (10, 60, 300, 900, 3600), strict=True))


@pytest.mark.parametrize(("callbacks", "expected"), [(0, 0), (3, 3)])
async def test_a_webhook_can_be_silent_or_repeated(callbacks: int, expected: int) -> None:
    async with listening() as listener, desk(callbacks=callbacks) as d:
        await d.vendor.finish(await d.create(webhook_url=listener.url))
        await d.vendor.settled()
    assert len(listener.bodies) == expected


async def test_the_last_webhook_can_be_sent_again_by_hand() -> None:
    async with listening(204, 409) as listener, desk() as d:
        task_id = await d.create(webhook_url=listener.url)
        await d.vendor.finish(task_id)
        await d.vendor.settled()
        assert await d.vendor.resend(task_id) == 409
    assert listener.headers[0]["X-Webhook-Id"] == listener.headers[1]["X-Webhook-Id"]


async def test_an_early_webhook_is_answered_before_the_create_is() -> None:
    async with listening(silent=True) as listener, desk(early=True) as d:
        create = asyncio.create_task(d.create(webhook_url=listener.url))
        await listener.called_before(create)
        assert not create.done()
        listener.answering.set()
        assert {clip["state"] for clip in await d.clips(await create)} == {"succeeded"}


async def test_a_webhook_that_cannot_be_written_holds_up_no_create() -> None:
    def sign(body: bytes) -> dict[str, str]:
        raise ValueError("no secret")

    tried = asyncio.Event()
    async with CallbackSender(Behaviour(), ()) as sender:
        with pytest.raises(ValueError, match="no secret"):
            await sender.deliver(Callback("http://127.0.0.1:1/", b"", sign), tried)
    assert tried.is_set()


async def test_studio_tells_nobody() -> None:
    async with listening() as listener, desk() as d:
        await d.vendor.finish(await d.create_studio(notify_hook=listener.url, webhook_url=listener.url))
        await d.vendor.settled()
        assert d.vendor.callbacks_sent == []
    assert listener.bodies == []
