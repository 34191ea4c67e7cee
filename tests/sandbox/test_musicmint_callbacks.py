"""The callbacks of the pretend MusicMint, and the answers it holds back or loses."""

import asyncio
import itertools
import json

import aiohttp
import pytest

from .musicmint_desk import desk, listening, signed


async def test_a_callback_is_the_bare_result_signed_over_its_raw_bytes() -> None:
    async with listening() as listener, desk() as d:
        task_id = await d.create(prompt="Straße, 雨", callback_url=listener.url)
        await d.vendor.finish(task_id)
        await d.vendor.settled()
        results = (await d.look(task_id))["results"]
        (sent,) = d.vendor.callbacks_sent
    assert json.loads(listener.bodies[0]) == {"task_id": task_id, "status": "completed", "results": results}
    assert "雨".encode() in listener.bodies[0]
    assert listener.signatures == [signed(listener.bodies[0])]
    assert (sent.url, sent.body, sent.status, sent.error) == (listener.url, listener.bodies[0], 204, None)


async def test_a_failed_task_calls_back_too() -> None:
    async with listening() as listener, desk(fail_with="no capacity") as d:
        task_id = await d.create(callback_url=listener.url)
        await d.vendor.finish(task_id)
        await d.vendor.settled()
    assert json.loads(listener.bodies[0]) == {"task_id": task_id, "status": "failed", "error": "no capacity"}
    assert listener.signatures == [signed(listener.bodies[0])]


async def test_a_key_without_a_secret_does_not_sign() -> None:
    async with listening() as listener, desk(secret=None) as d:
        await d.vendor.finish(await d.create(callback_url=listener.url))
        await d.vendor.settled()
    assert listener.signatures == [None]


async def test_a_wrong_signature_looks_like_one_and_is_not() -> None:
    async with listening() as listener, desk(bad_signature=True) as d:
        await d.vendor.finish(await d.create(callback_url=listener.url))
        await d.vendor.settled()
    (signature,) = listener.signatures
    assert signature is not None
    assert signature != signed(listener.bodies[0])
    assert len(bytes.fromhex(signature)) == 32


async def test_a_callback_is_retried_until_it_is_acknowledged() -> None:
    async with listening(503, 404) as listener, desk() as d:
        await d.vendor.finish(await d.create(callback_url=listener.url))
        await d.vendor.settled()
        assert [sent.status for sent in d.vendor.callbacks_sent] == [503, 404, 204]
    assert len(set(listener.bodies)) == 1


async def test_a_callback_is_given_up_after_six_attempts() -> None:
    async with listening(*[500] * 100) as listener, desk() as d:
        await d.vendor.finish(await d.create(callback_url=listener.url))
        await d.vendor.settled()
    assert len(listener.bodies) == 6


async def test_the_delays_between_attempts_are_the_documented_ones_scaled() -> None:
    async with listening(*[500] * 5) as listener, desk(time_scale=0.0002) as d:
        await d.vendor.finish(await d.create(callback_url=listener.url))
        await d.vendor.settled()
    gaps = [(later - earlier) / 0.0002 for earlier, later in itertools.pairwise(listener.times)]
    assert len(gaps) == 5
    assert all(gap >= delay for gap, delay in zip(gaps, (30, 60, 120, 300, 600), strict=True))
    assert gaps[0] < 300


async def test_a_redirect_is_not_followed_and_not_an_acknowledgement() -> None:
    async with listening(307) as listener, desk() as d:
        await d.vendor.finish(await d.create(callback_url=listener.url))
        await d.vendor.settled()
        assert [sent.status for sent in d.vendor.callbacks_sent] == [307, 204]
    assert len(listener.bodies) == 2


async def test_an_answer_that_takes_too_long_is_no_acknowledgement() -> None:
    async with listening(silent=True) as listener, desk(callback_timeout=0.01) as d:
        await d.vendor.finish(await d.create(callback_url=listener.url))
        await d.vendor.settled()
        assert [sent.status for sent in d.vendor.callbacks_sent] == [None] * 6
        assert "Timeout" in str(d.vendor.callbacks_sent[0].error)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "not an address", "ftp://127.0.0.1/"])
async def test_an_address_that_does_not_answer_is_an_error_on_record(url: str) -> None:
    async with desk() as d:
        await d.vendor.finish(await d.create(callback_url=url))
        await d.vendor.settled()
        assert all(sent.status is None and sent.error for sent in d.vendor.callbacks_sent)
        assert len(d.vendor.callbacks_sent) == 6


async def test_a_silent_vendor_never_calls_back() -> None:
    async with listening() as listener, desk(callbacks=0) as d:
        task_id = await d.create(callback_url=listener.url)
        await d.vendor.finish(task_id)
        await d.vendor.settled()
        assert (await d.look(task_id))["status"] == "completed"
        assert d.vendor.callbacks_sent == []
    assert listener.bodies == []


async def test_a_repeating_vendor_sends_the_same_callback_although_acknowledged() -> None:
    async with listening() as listener, desk(callbacks=4) as d:
        await d.vendor.finish(await d.create(callback_url=listener.url))
        await d.vendor.settled()
        assert [sent.status for sent in d.vendor.callbacks_sent] == [204] * 4
    assert len(set(listener.bodies)) == 1


async def test_a_callback_can_be_sent_again_by_hand() -> None:
    async with listening(204, 409) as listener, desk() as d:
        task_id = await d.create(callback_url=listener.url)
        await d.vendor.finish(task_id)
        await d.vendor.settled()
        assert await d.vendor.resend(task_id) == 409
    assert listener.bodies[0] == listener.bodies[1]


async def test_an_early_callback_is_answered_before_the_create_is() -> None:
    async with listening(silent=True) as listener, desk(early=True) as d:
        create = asyncio.create_task(d.create(callback_url=listener.url))
        await listener.called_before(create)
        task_id = json.loads(listener.bodies[0])["task_id"]
        assert (await d.look(task_id))["status"] == "completed"
        assert not create.done()
        listener.answering.set()
        assert await create == task_id
        assert [sent.status for sent in d.vendor.callbacks_sent] == [204]


async def test_an_early_callback_that_is_refused_is_retried_after_the_create_is_answered() -> None:
    async with listening(503) as listener, desk(early=True) as d:
        await d.create(callback_url=listener.url)
        await d.vendor.settled()
        assert [sent.status for sent in d.vendor.callbacks_sent] == [503, 204]


@pytest.mark.parametrize("fields", [{}, {"callback_url": "http://127.0.0.1:1/"}])
async def test_an_early_vendor_with_nobody_to_call_back_still_answers(fields: dict[str, str]) -> None:
    async with desk(early=True, callbacks=0) as d:
        assert (await d.look(await d.create(**fields)))["status"] == "completed"


# Held and lost answers.


async def test_a_held_create_is_done_but_not_answered_until_released() -> None:
    async with listening() as listener, desk() as d:
        hold = d.vendor.hold_creates()
        create = asyncio.create_task(d.create(callback_url=listener.url))
        task_id = await hold.reached()
        await d.vendor.finish(task_id)
        await d.vendor.settled()
        assert len(listener.bodies) == 1
        assert not create.done()
        hold.release()
        assert await create == task_id
        await d.create()


async def test_the_answer_to_a_create_can_be_lost() -> None:
    async with desk() as d:
        hold = d.vendor.hold_creates()
        create = asyncio.create_task(d.create())
        task_id = await hold.reached()
        hold.drop()
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await create
        assert (await d.look(task_id))["status"] == "queuing"
        await d.create()
