"""MusicAPI's webhooks: a secret for each request, several for each task, and a time that may be old."""

from datetime import timedelta
from hashlib import sha256

import pytest

from bot.domain.contract import Worth
from bot.domain.errors import BadCallback, BadSignature
from bot.domain.track import Changed, Completed, Failed, Running
from bot.providers.musicapi import MusicApi
from tests.parts import API_KEY, MORNING, SECRET
from tests.providers.musicapi_samples import KEY, SONIC, STUDIO, called_back, sample, secret_of, signed

BODY = sample("callback_succeeded")


def test_a_webhook_is_the_result() -> None:
    assert SONIC.contract.callbacks is Worth.RESULT
    assert SONIC.contract.keyed


def test_a_webhook_with_ended_clips_is_the_result_and_its_key_says_whose() -> None:
    update = called_back(BODY)
    assert isinstance(update.outcome, Completed)
    assert [track.seconds for track in update.outcome.tracks] == [97.31, 101.42]
    assert '"negative_tags":"drums"' in update.outcome.tracks[0].extra
    assert (update.provider, update.provider_task_id, update.key) == ("musicapi", None, KEY)


def test_streaming_is_not_the_end() -> None:
    assert called_back(sample("callback_streaming")).outcome == Running()


def test_clips_that_all_failed_are_the_end() -> None:
    assert called_back(sample("callback_failed")).outcome == Failed("the model is overloaded")


@pytest.mark.parametrize(
    "body",
    [sample("callback_without_clips"), b"{}", b'{"data": []}', b'{"data": "x"}', b'{"data": {"songs": []}}'],
)
def test_a_webhook_without_clips_only_says_that_something_happened(body: bytes) -> None:
    assert called_back(body).outcome == Changed()


def test_a_task_id_in_the_body_is_read_where_there_is_one() -> None:
    assert called_back(b'{"task_id": "t-1"}').provider_task_id == "sonic:t-1"
    for odd in (b'{"task_id": 5}', b'{"task_id": ""}', b'{"task_id": null}'):
        assert called_back(odd).provider_task_id is None


@pytest.mark.parametrize("body", [b"", b"not JSON", b"[]", b'"x"', b"5", b"\xff", b"[" * 50_000])
def test_what_is_no_object_is_no_webhook(body: bytes) -> None:
    with pytest.raises(BadCallback):
        called_back(body)


@pytest.mark.parametrize("age", [timedelta(seconds=301), timedelta(days=1), timedelta(seconds=-301)])
def test_one_whose_time_is_far_off_is_a_reason_to_ask_and_holds_what_it_says(age: timedelta) -> None:
    update = called_back(BODY, MORNING - age)
    assert update.outcome == Changed(called_back(BODY).outcome)
    assert (update.key, update.provider_task_id, update.digest) == (KEY, None, called_back(BODY).digest)
    assert called_back(b"{}", MORNING - age).outcome == Changed()
    with pytest.raises(BadCallback):
        called_back(b"not JSON", MORNING - age)


def test_five_minutes_are_near_enough() -> None:
    for age in (300, -300):
        assert isinstance(called_back(BODY, MORNING - timedelta(seconds=age)).outcome, Completed)


def test_nothing_is_parsed_before_the_signature_is_right() -> None:
    for body in (b"not JSON", BODY):
        for headers in ([], signed(body)[:1], signed(body)[1:], signed(body) * 2, signed(body + b" ")):
            with pytest.raises(BadSignature):
                SONIC.read_callback(headers, body, KEY, MORNING)


def test_the_secret_of_one_task_is_good_for_no_other() -> None:
    for secret in (secret_of("another-key"), secret_of(KEY, "another setting"), SECRET.encode(), b""):
        with pytest.raises(BadSignature):
            SONIC.read_callback(signed(BODY, secret=secret), BODY, KEY, MORNING)


def test_without_a_key_or_a_setting_nothing_is_taken() -> None:
    for wire, key in ((SONIC, None), (SONIC, ""), (MusicApi(API_KEY, b"", studio=False), KEY)):
        for secret in (secret_of(KEY), secret_of(""), secret_of(KEY, "")):
            with pytest.raises(BadSignature):
                wire.read_callback(signed(BODY, secret=secret), BODY, key, MORNING)


def test_a_webhook_that_comes_after_the_setting_was_changed_to_studio_is_still_read() -> None:
    assert isinstance(STUDIO.read_callback(signed(BODY), BODY, KEY, MORNING).outcome, Completed)


def test_the_same_bytes_about_two_tasks_are_two_pieces_of_news() -> None:
    first = called_back(BODY)
    other = SONIC.read_callback(signed(BODY, secret=secret_of("another-key")), BODY, "another-key", MORNING)
    assert first.digest == called_back(BODY).digest
    assert first.digest != other.digest
    assert first.digest == sha256(KEY.encode() + b"\n" + BODY).digest()


def test_our_own_webhook_is_signed_as_the_vendor_would() -> None:
    headers, body = SONIC.own_callback("t", KEY, MORNING)
    assert {"X-Webhook-Id", "X-Webhook-Event", "X-Webhook-Timestamp", "X-Webhook-Signature"} < set(headers)
    lowered = [(name.lower(), value) for name, value in headers.items()]
    update = SONIC.read_callback(lowered, body, KEY, MORNING)
    assert (update.outcome, update.key) == (Failed("a trial by minstrel doctor"), KEY)
    with pytest.raises(BadSignature):
        SONIC.read_callback(lowered, body, "another-key", MORNING)
