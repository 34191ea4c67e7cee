"""AudioPod's callbacks: signed over time and body, and never more than "ask"."""

import contextlib
import hashlib
import json
from datetime import timedelta

import pytest
from hypothesis import given, settings

from bot.domain.errors import BadCallback, BadSignature
from bot.domain.track import Changed
from bot.providers.audiopod import AudioPod
from tests.parts import API_KEY, MORNING, SECRET
from tests.providers.audiopod_samples import JOB_ID, POD, bodies, called_back, decoded, sample, signed

DONE = sample("callback_completed")
EVENTS = ("callback_completed", "callback_failed", "callback_cancelled")


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_of_our_jobs_says_ask(name: str) -> None:
    update = called_back(sample(name))
    assert update is not None
    assert (update.provider, update.provider_task_id, update.outcome) == ("audiopod", JOB_ID, Changed())
    assert update.key is None


@pytest.mark.parametrize("name", ["callback_test", "callback_other_product"])
def test_a_trial_and_other_products_are_about_no_task(name: str) -> None:
    assert called_back(sample(name)) is None


@pytest.mark.parametrize("minutes", [-600, -6, -5, 0, 5, 6, 60])
def test_one_that_comes_late_or_early_is_still_a_reason_to_ask(minutes: int) -> None:
    update = called_back(DONE, at=MORNING + timedelta(minutes=minutes))
    assert update is not None
    assert update.outcome == Changed()


def test_nothing_is_parsed_before_the_signature_is_right() -> None:
    for body in (b"not JSON", DONE):
        for signature in ("sha256=" + "0" * 64, "", "0" * 64, signed(body, "5"), signed(body, "5", "another secret")):
            with pytest.raises(BadSignature):
                called_back(body, signature=signature or "none")
    with pytest.raises(BadCallback):
        called_back(b"not JSON")


def test_the_forms_of_other_vendors_are_no_signature_here() -> None:
    stamp = str(int(MORNING.timestamp()))
    right = signed(DONE, stamp)
    for headers in (
        [("x-signature", right.removeprefix("sha256=")), ("x-audiopod-timestamp", stamp)],
        [("x-webhook-signature", right), ("x-webhook-timestamp", stamp)],
        [("x-audiopod-signature", right)],
        [("x-audiopod-signature", right), ("x-webhook-timestamp", stamp)],
        [("x-audiopod-signature", right), ("x-audiopod-signature", right), ("x-audiopod-timestamp", stamp)],
    ):
        with pytest.raises(BadSignature):
            POD.read_callback(headers, DONE, None, MORNING)


def test_a_second_secret_is_accepted_and_none_at_all_never() -> None:
    stamp = str(int(MORNING.timestamp()))
    headers = [("x-audiopod-signature", signed(DONE, stamp)), ("x-audiopod-timestamp", stamp)]
    turned = AudioPod(API_KEY, [b"the secret of this year", SECRET.encode()])
    assert turned.read_callback(headers, DONE, None, MORNING) is not None
    with pytest.raises(BadSignature):
        AudioPod(API_KEY, []).read_callback(headers, DONE, None, MORNING)


def test_a_repetition_has_the_same_digest_whatever_else_changed() -> None:
    first = called_back(DONE, [("x-audiopod-event-id", "ev-5c1d")])
    again = called_back(DONE + b" ", [("x-audiopod-event-id", "ev-5c1d")], at=MORNING + timedelta(hours=1))
    other = called_back(sample("callback_failed"))
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.digest == again.digest == hashlib.sha256(f"{JOB_ID}\nev-5c1d".encode()).digest()
    assert other.digest != first.digest


def test_the_same_event_id_about_two_jobs_is_two_pieces_of_news() -> None:
    event = decoded("callback_completed")
    digests = {called_back(json.dumps(event | {"job_id": job}).encode()).digest for job in (5, 6)}  # type: ignore[union-attr]
    assert len(digests) == 2


def test_a_header_that_nobody_signed_makes_no_second_event_of_one() -> None:
    first, forged = called_back(DONE), called_back(DONE, [("x-audiopod-event-id", "ev-forged")])
    assert first is not None
    assert forged is not None
    assert first.digest == forged.digest


def test_without_an_id_in_the_body_the_header_tells_repetitions_and_else_the_bytes() -> None:
    body = json.dumps({name: value for name, value in decoded("callback_completed").items() if name != "event_id"})
    by_header = called_back(body.encode(), [("x-audiopod-event-id", "ev-5c1d")])
    by_body = called_back(body.encode())
    assert by_header is not None
    assert by_body is not None
    assert by_header.digest == hashlib.sha256(f"{JOB_ID}\nev-5c1d".encode()).digest()
    assert by_body.digest == hashlib.sha256(body.encode()).digest()


@pytest.mark.parametrize("found", ["731804", "counts", None, True, 1.0, -1, 2**63, [5], {}])
def test_an_event_of_ours_without_an_integer_id_is_no_callback(found: object) -> None:
    with pytest.raises(BadCallback):
        called_back(json.dumps(decoded("callback_completed") | {"job_id": found}).encode())


@pytest.mark.parametrize("body", [b"[]", b"null", b'"job.completed"', b"5", b"", b"[" * 50_000, b"\xff"])
def test_a_signed_body_that_is_no_object_is_no_callback(body: bytes) -> None:
    with pytest.raises(BadCallback):
        called_back(body)


@pytest.mark.parametrize("kind", [None, 5, "", "Music_Generation", ["music_generation"]])
def test_an_event_of_unknown_kind_is_about_no_task(kind: object) -> None:
    assert called_back(json.dumps(decoded("callback_completed") | {"job_type": kind}).encode()) is None


@pytest.mark.parametrize(("task_id", "number"), [(JOB_ID, JOB_ID), ("minstrel-doctor", "0")])
def test_our_own_callback_is_one_that_our_reader_accepts(task_id: str, number: str) -> None:
    headers, body = POD.own_callback(task_id, "a-key", MORNING)
    given_headers = [(name.lower(), value) for name, value in headers.items()]
    update = POD.read_callback(given_headers, body, None, MORNING)
    assert update is not None
    assert update.provider_task_id == number
    with pytest.raises(BadSignature):
        POD.read_callback(given_headers, body + b" ", None, MORNING)


@settings(max_examples=60, deadline=None)
@given(body=bodies)
def test_any_signed_body_is_read_or_refused_with_a_documented_error(body: bytes) -> None:
    with contextlib.suppress(BadCallback):
        called_back(body)
    with contextlib.suppress(BadCallback):
        called_back(b'{"job_type": "music_generation", "job_id": 5, "event_id": %b}' % body)
