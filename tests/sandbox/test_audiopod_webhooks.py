"""The account's webhooks at the pretend AudioPod: registering, signing, repeating, logging."""

import itertools
from typing import Any

import pytest

from .audiopod_desk import SECRET, desk, listening, signature

ENDPOINTS = "/api/v1/webhooks/endpoints"


async def test_a_completed_job_is_told_without_any_file_address() -> None:
    async with listening() as listener, desk(webhook_url=listener.url) as d:
        job_id = await d.made()
        await d.vendor.settled()
        (sent,) = d.vendor.callbacks_sent
    (event,), (headers,) = listener.events, listener.headers
    event_id = event.pop("event_id")
    assert event == {
        "event_type": "job.completed",
        "job_id": job_id,
        "job_type": "music_generation",
        "status": "completed",
    }
    assert headers["X-AudioPod-Event-Id"] == event_id
    assert headers["X-AudioPod-Event"] == "job.completed"
    assert headers["X-AudioPod-Timestamp"] == "1800000000"
    assert headers["X-AudioPod-Signature"] == signature(headers, listener.bodies[0])
    assert headers["Content-Type"] == "application/json"
    assert (sent.url, sent.status) == (listener.url, 204)


async def test_a_failed_job_is_told_with_its_reason() -> None:
    async with listening() as listener, desk(webhook_url=listener.url, fail_with="no capacity") as d:
        await d.made()
        await d.vendor.settled()
    (event,) = listener.events
    assert (event["event_type"], event["status"], event["error_message"]) == ("job.failed", "failed", "no capacity")
    assert event["failure_reason"]


async def test_a_cancelled_job_is_told_too() -> None:
    async with listening() as listener, desk(webhook_url=listener.url) as d:
        d.vendor.cancel(await d.create())
        await d.vendor.settled()
    assert [event["event_type"] for event in listener.events] == ["job.cancelled"]


async def test_a_job_deleted_while_it_runs_is_not_told() -> None:
    async with listening() as listener, desk(webhook_url=listener.url, seconds=0.01) as d:
        await d.ask("DELETE", f"/api/v1/music/jobs/{await d.create()}")
        await d.vendor.settled()
    assert listener.bodies == []


async def test_a_wrong_signature_looks_like_one_and_is_not() -> None:
    async with listening() as listener, desk(webhook_url=listener.url, bad_signature=True) as d:
        await d.made()
        await d.vendor.settled()
    (headers,), (body,) = listener.headers, listener.bodies
    assert headers["X-AudioPod-Signature"].startswith("sha256=")
    assert headers["X-AudioPod-Signature"] != signature(headers, body)


async def test_an_event_is_retried_under_its_id_until_it_is_acknowledged() -> None:
    async with listening(503, 404) as listener, desk(webhook_url=listener.url) as d:
        await d.made()
        await d.vendor.settled()
        assert [sent.status for sent in d.vendor.callbacks_sent] == [503, 404, 204]
    assert len({headers["X-AudioPod-Event-Id"] for headers in listener.headers}) == 1
    assert len(set(listener.bodies)) == 1


async def test_an_event_is_given_up_after_five_attempts_at_the_documented_distances() -> None:
    async with listening(*[500] * 9) as listener, desk(webhook_url=listener.url, time_scale=0.0002) as d:
        await d.made()
        await d.vendor.settled()
    gaps = [(later - earlier) / 0.0002 for earlier, later in itertools.pairwise(listener.times)]
    assert len(gaps) == 4
    assert all(gap >= delay for gap, delay in zip(gaps, (60, 120, 240, 480), strict=True))


async def test_an_event_can_be_sent_again_by_hand_or_never_or_early() -> None:
    async with listening(204, 409) as listener, desk(webhook_url=listener.url) as d:
        job_id = await d.made()
        await d.vendor.settled()
        assert await d.vendor.resend(job_id) == 409
        d.vendor.behaviour.callbacks = 0
        await d.made()
        await d.vendor.settled()
        assert len(listener.bodies) == 2
        d.vendor.behaviour.callbacks, d.vendor.behaviour.early = 1, True
        assert listener.events[0] == listener.events[1]
        early = await d.create()
        assert listener.events[2]["job_id"] == early


async def test_events_of_other_products_come_to_the_same_address() -> None:
    async with listening() as listener, desk(webhook_url=listener.url) as d:
        d.vendor.announce(77, "text_to_speech")
        d.vendor.announce(78, event_type="job.failed")
        await d.vendor.settled()
    told = sorted((event["job_id"], event["job_type"], event["status"]) for event in listener.events)
    assert told == [(77, "text_to_speech", "completed"), (78, "stem_extraction", "failed")]


# Endpoints.


async def test_an_endpoint_shows_its_secret_once() -> None:
    async with listening() as listener, desk() as d:
        wanted = {"url": listener.url, "events": ["job.completed"], "description": "tests"}
        made = (await d.ask("POST", ENDPOINTS, wanted)).body
        secret, shown = made.pop("secret"), (await d.ask("GET", f"{ENDPOINTS}/{made['id']}")).body
        assert shown == made == (await d.ask("GET", ENDPOINTS)).body[0]
        assert made.keys() == {"id", "url", "events", "active", "description", "created_at"}
        assert secret.startswith("whsec_")
        await d.made()
        await d.vendor.settled()
    assert listener.headers[0]["X-AudioPod-Signature"] == signature(listener.headers[0], listener.bodies[0], secret)


@pytest.mark.parametrize("change", [{"active": False}, {"events": ["job.failed"]}, {"url": "https://elsewhere.test/"}])
async def test_a_changed_endpoint_is_not_told_what_it_does_not_want(change: dict[str, Any]) -> None:
    async with listening() as listener, desk(webhook_url=listener.url, callbacks=0) as d:
        (endpoint,) = (await d.ask("GET", ENDPOINTS)).body
        answer = await d.ask("PATCH", f"{ENDPOINTS}/{endpoint['id']}", change)
        assert answer.body == {**endpoint, **change}
        await d.made()
        urls = [one.callback.url for one in d.vendor.webhooks.deliveries.values()]
    assert listener.url not in urls


async def test_a_deleted_endpoint_is_gone() -> None:
    async with listening() as listener, desk(webhook_url=listener.url) as d:
        (endpoint,) = (await d.ask("GET", ENDPOINTS)).body
        path = f"{ENDPOINTS}/{endpoint['id']}"
        assert (await d.ask("DELETE", path)).status == 200
        assert [(await d.ask(method, path)).status for method in ("GET", "DELETE")] == [404, 404]
        assert (await d.ask("POST", "/api/v1/webhooks/deliveries/none/redeliver")).status == 404
        await d.made()
        await d.vendor.settled()
    assert listener.bodies == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (None, 422),
        ({"url": "https://a.test/"}, 422),
        ({"url": 7, "events": []}, 422),
        ({"url": "https://a.test/", "events": ["job.begun"]}, 422),
        ({"url": "http://a.test/", "events": []}, 400),
        ({"url": "https://10.0.0.1/", "events": []}, 400),
        ({"url": "https://[fe80::1/", "events": []}, 400),
        ({"url": "nowhere", "events": []}, 400),
    ],
)
async def test_an_endpoint_must_be_public_and_its_events_known(body: Any, status: int) -> None:
    async with desk() as d:
        answer = await d.ask("POST", ENDPOINTS, body)
        assert (answer.status, answer.body.keys()) == (status, {"detail"})
        assert not d.vendor.webhooks.endpoints


async def test_a_test_event_goes_out_and_the_log_says_how_it_went() -> None:
    async with listening(*[500] * 5) as listener, desk(webhook_url=listener.url) as d:
        (endpoint,) = (await d.ask("GET", ENDPOINTS)).body
        path = f"{ENDPOINTS}/{endpoint['id']}"
        await d.ask("POST", f"{path}/test")
        await d.vendor.settled()
        (logged,) = (await d.ask("GET", f"{path}/deliveries")).body
        assert listener.events[0] == {"event_type": "webhook.test", "event_id": logged["event_id"]}
        assert listener.headers[0]["X-AudioPod-Signature"] == signature(listener.headers[0], listener.bodies[0], SECRET)
        assert (logged["status"], logged["attempts"], logged["response_code"]) == ("dead_letter", 5, 500)
        await d.ask("POST", f"/api/v1/webhooks/deliveries/{logged['id']}/redeliver")
        await d.vendor.settled()
        (logged,) = (await d.ask("GET", f"{path}/deliveries")).body
        assert (logged["status"], logged["attempts"], logged["response_code"]) == ("delivered", 6, 204)
